/**
 * Paste: text of many lines becomes blocks, a line each; light marks at a line's start say which kind. Typing such a mark at the
 * start of a paragraph does the same.
 *
 *   P1  No step puts in more than `MAX_UNITS` of text or `MAX_BLOCKS` blocks; each is to be one edit of its own, at once and in order.
 *   P2  What was behind the caret ends up behind what was pasted.
 */
import type { Doc } from "yjs";
import type { BlockKind } from "../../../protocol/index.ts";
import { kindOf, rowOf, rowsOf, textOf, textRowOf, type Caret } from "./blocks.ts";
import { deleteRange, insertBlock, insertText, MAX_UNITS, mergeWithNext, setKind, splitBlock } from "./commands.ts";
import { inPieces, wellFormed } from "./text-change.ts";

export const MAX_BLOCKS = 200;

/** `caret` says, once all steps have run, where it belongs. */
export interface Paste {
  readonly steps: readonly ((doc: Doc) => void)[];
  readonly caret: () => Caret | null;
}

interface Line {
  readonly kind: BlockKind;
  readonly words: string;
}

/** A piece of work that fits into one step: words at the caret, or with a kind a block after it. */
interface Piece {
  readonly kind: BlockKind | null;
  readonly words: string;
}

/** In place of what is between `from` and `to` in a block. */
export function pasteText(block: string, from: number, to: number, pasted: string): Paste {
  const [first, ...others] = linesOf(pasted);
  if (first === undefined) return { steps: [], caret: () => null };
  let caret: Caret | null = null;
  let hasTail = false;

  const open = (doc: Doc) => {
    caret = deleteRange(doc, block, from, to);
    const row = rowOf(doc, block);
    if (row === null || caret === null) return;
    hasTail = others.length > 0 && caret.at < textOf(row).length;
    if (hasTail) caret = upperOf(doc, splitBlock(doc, block, caret.at));
    const upper = caret === null ? null : rowOf(doc, caret.block);
    if (upper !== null && textOf(upper) === "" && first.kind !== "paragraph") setKind(doc, upper.id, first.kind);
  };
  const add = (doc: Doc, piece: Piece) => {
    if (caret === null) return;
    const { kind, words } = piece;
    caret = kind === null ? insertText(doc, caret.block, caret.at, words) : insertBlock(doc, caret.block, kind, words);
  };
  const close = (doc: Doc) => {
    if (hasTail && caret !== null) caret = mergeWithNext(doc, caret.block) ?? caret; // P2
  };

  const pieces = [
    ...inPieces(first.words, MAX_UNITS).map((words) => ({ kind: null, words })),
    ...others.flatMap(({ kind, words }) => {
      const [start = "", ...rest] = inPieces(words, MAX_UNITS);
      return [{ kind, words: start }, ...rest.map((more) => ({ kind: null, words: more }))];
    }),
  ];
  const batches = batchesOf(pieces).map((batch) => (doc: Doc) => batch.forEach((piece) => add(doc, piece)));
  return { steps: [open, ...batches, ...(others.length > 0 ? [close] : [])], caret: () => caret };
}

/** After "# " and its like were typed at the start of a paragraph: the mark goes, the kind comes. Null when there is no mark. */
export function typedMark(doc: Doc, block: string, at: number): Caret | null {
  const row = textRowOf(doc, block);
  if (row === null || kindOf(row) !== "paragraph") return null;
  const mark = textOf(row).slice(0, at);
  const known = /^(?:#{1,3}|[-*]|1[.)]|>) $/.test(mark) ? lineOf(`${mark}.`) : null;
  if (known === null || known.kind === "paragraph") return null;
  setKind(doc, block, known.kind);
  return deleteRange(doc, block, 0, at);
}

/** Empty lines part what stands between them, as people write; they are no blocks themselves. */
function linesOf(pasted: string): readonly Line[] {
  const lines = wellFormed(pasted).split(/\r\n|[\n\r\u2028\u2029]/);
  // One line is words in a sentence: as it is, spaces and all.
  if (lines.length === 1) return pasted === "" ? [] : [lineOf(lines[0] ?? "", "as it is")];
  return lines.filter((line) => line.trim() !== "").map((line) => lineOf(line.trim()));
}

const MARKS: readonly (readonly [RegExp, BlockKind])[] = [
  [/^# +/, "heading"],
  [/^#{2,6} +/, "subheading"],
  [/^[-*•] +/, "bullet"],
  [/^\d{1,3}[.)] +/, "number"],
  [/^> ?/, "quote"],
];

function lineOf(line: string, spaces: "trimmed" | "as it is" = "trimmed"): Line {
  const found = MARKS.find(([mark]) => mark.test(line));
  if (found === undefined) return { kind: "paragraph", words: line };
  const words = line.replace(found[0], "");
  return { kind: found[1], words: spaces === "trimmed" ? words.trim() : words };
}

/** P1 */
function batchesOf(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const batches: Piece[][] = [];
  let units = Infinity;
  for (const piece of pieces) {
    if (units + piece.words.length > MAX_UNITS || (batches.at(-1)?.length ?? 0) >= MAX_BLOCKS) {
      batches.push([]);
      units = 0;
    }
    batches.at(-1)?.push(piece);
    units += piece.words.length;
  }
  return batches;
}

/** After a split: the end of the part above. */
function upperOf(doc: Doc, below: Caret | null): Caret | null {
  const rows = rowsOf(doc);
  const upper = below === null ? undefined : rows[rows.findIndex(({ id }) => id === below.block) - 1];
  return upper === undefined ? null : { block: upper.id, at: textOf(upper).length };
}
