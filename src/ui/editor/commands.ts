/**
 * Commands: everything a person can do to blocks, as functions over a `Y.Doc`. No screen, no clock; each runs inside one
 * transaction of its caller (`OpenDocument.edit`), so that it is one edit.
 *
 *   insertText, deleteRange     in one block's text
 *   replaceText                 a block's text becomes what its field says: the least change by characters, around the caret
 *   splitBlock                  Enter: what is behind the caret becomes a block of its own
 *   mergeWithPrevious, -Next    Backspace at the start, Delete at the end: two blocks become one
 *   setKind, insertBlock, removeBlock, moveBlock
 *   setFact                     one of the facts of a profile
 *   Pasting many lines, and kinds by typing "# ", are in paste.ts.
 *
 *   C1  Every command is total: a block that is gone, or a place outside the text, changes nothing or is moved into the text.
 *   C2  No text ever holds half a character; no formats, embeds or nested types are made but {kind, text}.
 *   C3  No command puts in more than `MAX_UNITS` at once: of two parts the shorter one moves; where both are longer, it does not run.
 *   C4  The answer is where the caret belongs, or null when nothing was done.
 */
import { Map as YMap, Text as YText, type Doc } from "yjs";
import { MAX_FACT_UNITS, type BlockKind, type ProfileFact } from "../../../protocol/index.ts";
import { blocksIn, kindOf, nameOf, rowOf, rowsOf, textOf, textRowOf, type Caret, type Row } from "./blocks.ts";
import { changeBetween, onBoundary, rebased, wellFormed } from "./text-change.ts";

/** Of new text in one edit: well inside what one envelope holds, in any script. */
export const MAX_UNITS = 16_000;

export function insertText(doc: Doc, block: string, at: number, words: string): Caret | null {
  const row = textRowOf(doc, block);
  const text = wellFormed(words);
  if (row === null || text.length > MAX_UNITS) return null; // C1, C3
  const from = onBoundary(textOf(row), at);
  if (text !== "") row.text.insert(from, text);
  return { block, at: from + text.length };
}

export function deleteRange(doc: Doc, block: string, from: number, to: number): Caret | null {
  const row = textRowOf(doc, block);
  if (row === null) return null;
  const words = textOf(row);
  const start = onBoundary(words, Math.min(from, to));
  const end = onBoundary(words, Math.max(from, to));
  if (end > start) row.text.delete(start, end - start);
  return { block, at: start };
}

/**
 * `next` is what the field says, `caret` where it stands in it, `shown` what the field said before the person changed it: where
 * others have changed the text since, theirs stays. Without `shown`, the text becomes exactly `next`.
 */
export function replaceText(doc: Doc, block: string, next: string, caret: number, shown?: string): Caret | null {
  const row = textRowOf(doc, block);
  if (row === null) return null;
  const now = textOf(row);
  const before = shown ?? now;
  const typed = changeBetween(before, next, caret);
  const change = rebased(typed, before, now);
  const inserted = wellFormed(change.inserted);
  if (inserted.length > MAX_UNITS) return null; // C3: a paste in disguise
  if (change.removed > 0) row.text.delete(change.at, change.removed);
  if (inserted !== "") row.text.insert(change.at, inserted);
  return { block, at: onBoundary(textOf(row), caret + change.at - typed.at) };
}

/** In an empty block of a list or a quote: it becomes a paragraph instead, which is how one leaves a list. */
export function splitBlock(doc: Doc, block: string, at: number): Caret | null {
  const row = textRowOf(doc, block);
  if (row === null) return null;
  const words = textOf(row);
  const kind = kindOf(row);
  if (words === "" && goesOn(kind)) return setKind(doc, block, "paragraph");

  const cut = onBoundary(words, at);
  const behind = words.length - cut;
  if (Math.min(cut, behind) > MAX_UNITS) return null; // C3
  const following = goesOn(kind) ? kind : "paragraph";
  if (cut < behind) {
    if (cut > 0) row.text.delete(0, cut);
    place(doc, row.index, kind, words.slice(0, cut));
    if (cut > 0) row.map.set("kind", following);
    return { block, at: 0 };
  }
  if (behind > 0) row.text.delete(cut, behind);
  return { block: place(doc, row.index + 1, following, words.slice(cut)), at: 0 };
}

/** A heading, a list or a quote first becomes a paragraph; a paragraph joins the block before. */
export function mergeWithPrevious(doc: Doc, block: string): Caret | null {
  const row = rowOf(doc, block);
  if (row === null) return null;
  if (kindOf(row) !== "paragraph") return setKind(doc, block, "paragraph");
  const upper = neighbour(doc, row, -1);
  return upper === null ? null : join(doc, upper, row);
}

export function mergeWithNext(doc: Doc, block: string): Caret | null {
  const row = rowOf(doc, block);
  const lower = row === null ? null : neighbour(doc, row, 1);
  return row === null || lower === null ? null : join(doc, row, lower);
}

export function setKind(doc: Doc, block: string, kind: BlockKind): Caret | null {
  const row = rowOf(doc, block);
  if (row === null) return null;
  if (row.map.get("kind") !== kind) row.map.set("kind", kind);
  return { block, at: 0 };
}

/** After a block, or as the first one. */
export function insertBlock(doc: Doc, after: string | null, kind: BlockKind, words = ""): Caret | null {
  const row = after === null ? null : rowOf(doc, after);
  const text = wellFormed(words);
  if ((after !== null && row === null) || text.length > MAX_UNITS) return null;
  return { block: place(doc, row === null ? 0 : row.index + 1, kind, text), at: text.length };
}

/** The caret goes to the end of the block before, or to the start of what is now first. */
export function removeBlock(doc: Doc, block: string): Caret | null {
  const row = rowOf(doc, block);
  if (row === null) return null;
  const upper = neighbour(doc, row, -1);
  const next = upper ?? neighbour(doc, row, 1);
  blocksIn(doc).delete(row.index);
  return next === null ? null : { block: next.id, at: upper === null ? 0 : textOf(upper).length };
}

/** A moved block is a new one with the same words: what somebody types into the old one meanwhile goes with it. */
export function moveBlock(doc: Doc, block: string, by: -1 | 1): Caret | null {
  const row = rowOf(doc, block);
  const other = row === null ? null : neighbour(doc, row, by);
  if (row === null || other === null) return null;
  // C3: two neighbours that change places look the same whichever moves.
  const [moved, to] = textOf(row).length <= MAX_UNITS ? [row, other.index] : [other, row.index];
  const words = textOf(moved);
  if (words.length > MAX_UNITS) return null;
  const kind = kindOf(moved); // of a deleted map nothing can be read
  blocksIn(doc).delete(moved.index);
  const fresh = place(doc, to, kind, moved.text === null ? null : words);
  return { block: moved === row ? fresh : block, at: 0 };
}

/** Empty words take the fact away; too many are cut off. */
export function setFact(doc: Doc, fact: ProfileFact, words: string): void {
  const facts = doc.getMap<unknown>("facts");
  const text = wellFormed(words.trim());
  const fitting = text.slice(0, onBoundary(text, MAX_FACT_UNITS));
  if (fitting === "") {
    if (facts.has(fact)) facts.delete(fact);
  } else if (facts.get(fact) !== fitting) facts.set(fact, fitting);
}

/** A list and a quote go on after Enter; a heading does not. */
const goesOn = (kind: BlockKind): boolean => kind === "bullet" || kind === "number" || kind === "quote";

function neighbour(doc: Doc, row: Row, by: -1 | 1): Row | null {
  const rows = rowsOf(doc);
  return rows[rows.findIndex(({ id }) => id === row.id) + by] ?? null;
}

/** An empty block gives way to the other; else the shorter text moves over, and the kind is that of the upper one. */
function join(doc: Doc, upper: Row, lower: Row): Caret | null {
  const [above, below] = [textOf(upper), textOf(lower)];
  if (upper.text === null || (above === "" && below !== "")) {
    blocksIn(doc).delete(upper.index);
    return { block: lower.id, at: 0 };
  }
  if (lower.text !== null && below.length > above.length) {
    if (above.length > MAX_UNITS) return null; // C3
    lower.text.insert(0, above);
    lower.map.set("kind", kindOf(upper));
    blocksIn(doc).delete(upper.index);
    return { block: lower.id, at: above.length };
  }
  if (below.length > MAX_UNITS) return null;
  if (below !== "") upper.text.insert(above.length, below);
  blocksIn(doc).delete(lower.index);
  return { block: upper.id, at: above.length };
}

/** Puts a new block in; its id is known once it lies in the document. */
function place(doc: Doc, index: number, kind: BlockKind, words: string | null): string {
  const map = new YMap<unknown>();
  map.set("kind", kind);
  if (words !== null) map.set("text", new YText(words));
  blocksIn(doc).insert(index, [map]);
  if (map._item === null) throw new Error("a map that was inserted has an item");
  return nameOf(map._item.id);
}
