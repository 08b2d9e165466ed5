/** Blocks as they are read: neighbours of one list kind make one list, and numbers count within theirs. */
import type { Block } from "./blocks.ts";

export type Passage =
  { readonly list: null; readonly block: Block } | { readonly list: "bullet" | "number"; readonly items: readonly Block[] };

/** Blocks without words are left out: they are there to be written in. */
export function passagesOf(blocks: readonly Block[]): readonly Passage[] {
  const passages: ({ list: null; block: Block } | { list: "bullet" | "number"; items: Block[] })[] = [];
  for (const block of blocks) {
    if (block.text.trim() === "") continue;
    const last = passages.at(-1);
    if (block.kind !== "bullet" && block.kind !== "number") passages.push({ list: null, block });
    else if (last?.list === block.kind) last.items.push(block);
    else passages.push({ list: block.kind, items: [block] });
  }
  return passages;
}

/** For each block, its number in the run of numbered blocks it is in; 0 for the others. */
export function numbersOf(blocks: readonly Block[]): readonly number[] {
  let count = 0;
  return blocks.map(({ kind }) => (count = kind === "number" ? count + 1 : 0));
}
