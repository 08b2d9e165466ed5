/**
 * One person writing in blocks: what their keys and taps do, and where the caret is. The fields register themselves with `hold`;
 * a change that moves the caret to another block gives that field the focus once it is drawn.
 */
import { tick } from "svelte";
import type { Doc } from "yjs";
import type { BlockKind } from "../../../protocol/index.ts";
import type { Spot } from "../../peer/open-document.ts";
import { listBlocks, type Caret } from "./blocks.ts";
import {
  deleteRange,
  insertBlock,
  MAX_UNITS,
  mergeWithNext,
  mergeWithPrevious,
  moveBlock,
  removeBlock,
  replaceText,
  setKind,
  splitBlock,
} from "./commands.ts";
import type { DocumentModel } from "./document-model.svelte.ts";
import { pasteText, typedMark } from "./paste.ts";
import { caretOf, spotOf } from "./spot.ts";
import { changeBetween } from "./text-change.ts";

/** Where the caret comes in: at a place, or on the first or last line below or above where it was. */
export type Entry = number | { readonly line: "first" | "last"; readonly x: number };

export interface Field {
  readonly focus: (entry: Entry) => void;
}

/** What is selected in the field that has the focus, in words that last while others write. */
interface Selection {
  readonly block: string;
  readonly index: number;
  readonly from: number;
  readonly to: number;
  readonly start: Spot | null;
  readonly end: Spot | null;
}

export class Writing {
  readonly #model: DocumentModel;
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- asked by keys only; nothing drawn depends on it
  readonly #fields = new Map<string, Field>();
  #selection: Selection | null = null;
  #toolsOf = $state<string | null>(null);

  constructor(model: DocumentModel) {
    this.#model = model;
  }

  /** The block whose tools are unfolded. */
  get toolsOf(): string | null {
    return this.#toolsOf;
  }

  unfold(block: string | null): void {
    this.#toolsOf = block;
  }

  /** Returns how to let go: then, if the caret was in it, it goes to the block that has taken its place. */
  hold(block: string, field: Field): () => void {
    this.#fields.set(block, field);
    return () => {
      this.#fields.delete(block);
      if (this.#selection?.block === block) this.#rescue(this.#selection.index);
    };
  }

  /** The caret or the selection is here now. */
  at(block: string, start: number, end: number): void {
    const doc = this.#model.open.live();
    const index = listBlocks(doc).findIndex(({ id }) => id === block);
    const spot = (at: number) => spotOf(doc, { block, at });
    this.#selection = { block, index, from: start, to: end, start: spot(start), end: spot(end) };
    this.#model.open.point(this.#selection.end);
  }

  away(): void {
    this.#selection = null;
    this.#model.open.point(null);
  }

  /**
   * Where a selection is after others have written; null when it is not the one we know: in another block, or moved since, which the
   * browser tells only a moment later.
   */
  selected(block: string, from: number, to: number): readonly [number, number] | null {
    const known = this.#selection;
    if (known === null || known.block !== block || known.from !== from || known.to !== to) return null;
    const [start, end] = [known.start, known.end].map((spot) => spot && caretOf(this.#model.open.live(), spot));
    return start && end ? [start.at, end.at] : null;
  }

  textIn = (block: string): string => this.#model.blocks.find(({ id }) => id === block)?.text ?? "";

  /** `shown` is what the field said before. Answers where the caret stays, or null when another field takes it. */
  typed(block: string, text: string, caret: number, shown: string): Caret | null {
    const change = changeBetween(shown, text, caret);
    if (change.inserted.length > MAX_UNITS) {
      this.paste(block, change.at, change.at + change.removed, change.inserted);
      return null;
    }
    const after = this.#run((doc) => replaceText(doc, block, text, caret, shown));
    if (after === null || !change.inserted.endsWith(" ")) return after;
    return this.#run((doc) => typedMark(doc, block, after.at)) ?? after;
  }

  paste(block: string, from: number, to: number, text: string): void {
    const { steps, caret } = pasteText(block, from, to, text);
    const undo = this.#model.open.undo();
    undo.stopCapturing();
    if (steps.every((step) => this.#model.edit(step))) this.#focus(caret());
    undo.stopCapturing();
  }

  split(block: string, from: number, to: number): void {
    this.#do((doc) => {
      const caret = deleteRange(doc, block, from, to);
      return caret === null ? null : splitBlock(doc, block, caret.at);
    });
  }

  /** False where there is nothing to merge with. */
  mergeUp = (block: string): boolean => this.#do((doc) => mergeWithPrevious(doc, block));
  mergeDown = (block: string): boolean => this.#do((doc) => mergeWithNext(doc, block));
  add = (after: string | null, kind: BlockKind = "paragraph"): boolean => this.#do((doc) => insertBlock(doc, after, kind));
  remove = (block: string): boolean => this.#do((doc) => removeBlock(doc, block));
  setKind = (block: string, kind: BlockKind): void => void this.#apart((doc) => setKind(doc, block, kind));

  /** The caret goes along to `at`; null leaves the focus to the caller, who gets the id of the block that now has the words. */
  move(block: string, by: -1 | 1, at: number | null): string | null {
    const moved = this.#apart((doc) => moveBlock(doc, block, by));
    if (moved === null) return null;
    if (this.#toolsOf === block) this.#toolsOf = moved.block;
    if (at !== null) this.#focus({ block: moved.block, at });
    return moved.block;
  }

  /** To the block above or below; false at the ends. */
  cross(block: string, by: -1 | 1, entry: Entry): boolean {
    const blocks = this.#model.blocks;
    const next = blocks[blocks.findIndex(({ id }) => id === block) + by];
    const field = next === undefined ? undefined : this.#fields.get(next.id);
    field?.focus(entry);
    return field !== undefined;
  }

  undo(): void {
    this.#model.undo();
  }

  redo(): void {
    this.#model.redo();
  }

  /** What changes more than the words of one block is undone by itself. */
  #apart(change: (doc: Doc) => Caret | null): Caret | null {
    const undo = this.#model.open.undo();
    undo.stopCapturing();
    const caret = this.#run(change);
    undo.stopCapturing();
    return caret;
  }

  #run(change: (doc: Doc) => Caret | null): Caret | null {
    const outcome: { caret: Caret | null } = { caret: null };
    this.#model.edit((doc) => (outcome.caret = change(doc)));
    return outcome.caret;
  }

  #do(change: (doc: Doc) => Caret | null): boolean {
    const caret = this.#apart(change);
    this.#focus(caret);
    return caret !== null;
  }

  #focus(caret: Caret | null): void {
    if (caret === null) return;
    this.#selection = null; // the field that goes must not call for help
    void tick().then(() => this.#fields.get(caret.block)?.focus(caret.at));
  }

  #rescue(index: number): void {
    this.#selection = null;
    void tick().then(() => {
      const blocks = this.#model.blocks;
      const near = blocks[Math.min(index, blocks.length - 1)];
      if (near !== undefined && document.activeElement === document.body) this.#fields.get(near.id)?.focus(near.text.length);
    });
  }
}
