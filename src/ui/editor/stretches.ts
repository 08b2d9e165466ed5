/** Changed blocks with what stays between them: one block of it on either side stays in sight, the rest is folded. */
import type { ChangedBlock } from "../../peer/open-document.ts";

export interface Stretch {
  readonly folded: boolean;
  readonly blocks: readonly ChangedBlock[];
}

const FEWEST_FOLDED = 2;

export function stretchesOf(blocks: readonly ChangedBlock[]): readonly Stretch[] {
  const isNear = (index: number) => [index - 1, index, index + 1].some((at) => (blocks[at]?.kind ?? "kept") !== "kept");
  const stretches: { folded: boolean; blocks: ChangedBlock[] }[] = [];
  blocks.forEach((block, index) => {
    const folded = !isNear(index);
    const last = stretches.at(-1);
    if (last?.folded === folded) last.blocks.push(block);
    else stretches.push({ folded, blocks: [block] });
  });
  return stretches.map((stretch) => ({ ...stretch, folded: stretch.folded && stretch.blocks.length >= FEWEST_FOLDED }));
}
