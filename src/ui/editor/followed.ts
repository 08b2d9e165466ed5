/**
 * Where things went when blocks changed: the caret after an undo, and the words of a block that somebody else moved, joined to
 * another or took away while one wrote in it. A moved block is a new one with the words its mover saw (commands.ts): what they had
 * not seen is only in the old one, and goes over from here.
 */
import type { Block, Caret } from "./blocks.ts";
import { changeBetween, rebased, type TextChange } from "./text-change.ts";

/** What a block is to say that goes on for one that is gone, and how far the old words are moved in it. */
export interface Heir {
  readonly block: Block;
  readonly next: string;
  readonly shift: number;
}

/** `base`: what `gone` said before one wrote in it. Null: its words went nowhere. */
export function heirOf(gone: Block, base: string, before: readonly Block[], now: readonly Block[]): Heir | null {
  const old = new Map(before.map((block) => [block.id, block]));
  const saw = (said: string) => said !== "" && isWithin(base, said) && isWithin(said, gone.text);
  const moved = now
    .filter(({ id, text, hasText }) => hasText && !old.has(id) && saw(text))
    .sort((left, right) => right.text.length - left.text.length)[0];
  if (moved !== undefined) return { block: moved, next: gone.text, shift: 0 };
  if (base === "") return null;
  for (const block of now) {
    const was = old.get(block.id);
    if (was === undefined || was.text === block.text) continue;
    const { at, inserted } = changeBetween(was.text, block.text, block.text.length);
    const found = inserted.indexOf(base);
    if (found < 0) continue;
    const from = at + found;
    return { block, next: block.text.slice(0, from) + gone.text + block.text.slice(from + base.length), shift: from };
  }
  return null;
}

/** `base` with what somebody else has just changed in the block, so that only one's own words differ from it. */
export function baseAfter(base: string, before: string, now: string): string {
  return applied(base, rebased(changeBetween(before, now, now.length), before, base));
}

/** Where an undo or redo changed something; null where it did not. */
export function whereChanged(before: readonly Block[], after: readonly Block[]): Caret | null {
  const old = new Map(before.map((block) => [block.id, block]));
  const here = new Set(after.map(({ id }) => id));
  const firstGone = before.findIndex(({ id }) => !here.has(id));
  const last = after.findLast((block) => {
    const was = old.get(block.id);
    return was?.kind !== block.kind || was.text !== block.text;
  });
  if (last !== undefined) {
    const change = changeBetween(old.get(last.id)?.text ?? "", last.text, last.text.length);
    // Where a block was joined to this one, the seam; else the end of what came back.
    return { block: last.id, at: change.at + (firstGone < 0 ? change.inserted.length : 0) };
  }
  if (firstGone < 0) return null;
  return beside(after, firstGone);
}

/** The end of the block above a place, or the start of what is now first. */
export function beside(blocks: readonly Block[], index: number): Caret | null {
  const above = blocks[Math.min(index, blocks.length) - 1];
  const first = blocks[0];
  if (above !== undefined) return { block: above.id, at: above.text.length };
  return first === undefined ? null : { block: first.id, at: 0 };
}

const applied = (text: string, { at, removed, inserted }: TextChange): string =>
  text.slice(0, at) + inserted + text.slice(at + removed);

/** Whether the letters of `part` are in `whole`, in order. */
function isWithin(part: string, whole: string): boolean {
  let at = 0;
  for (const letter of part) {
    at = whole.indexOf(letter, at);
    if (at < 0) return false;
    at += letter.length;
  }
  return true;
}
