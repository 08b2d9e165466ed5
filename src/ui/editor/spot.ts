/**
 * Spots: a caret in the words of Yjs, which lasts while others write, and back to a place in a block.
 *
 *   S1  Total: what a spot names may be gone, of another type, or never have been; the answer is then null.
 *   S2  A spot holds on to the character before it: what is put in right there comes after it.
 */
import {
  ContentType,
  createAbsolutePositionFromRelativePosition,
  createRelativePositionFromTypeIndex,
  getItem,
  getState,
  Item,
  Map as YMap,
  RelativePosition,
  Text as YText,
  type Doc,
} from "yjs";
import type { ItemId, Spot } from "../../peer/open-document.ts";
import { nameOf, textOf, textRowOf, type Caret } from "./blocks.ts";
import { onBoundary } from "./text-change.ts";

const BEFORE = -1; // Yjs: bound to the character before

export function spotOf(doc: Doc, caret: Caret): Spot | null {
  const row = textRowOf(doc, caret.block);
  if (row === null || row.text._item === null) return null;
  const after = createRelativePositionFromTypeIndex(row.text, onBoundary(textOf(row), caret.at), BEFORE).item;
  return { text: idOf(row.text._item.id), area: "blocks", after: after === null ? null : idOf(after) };
}

/** Null too for a spot that is not in a block. */
export function caretOf(doc: Doc, spot: Spot): Caret | null {
  const text = spot.text === null ? null : textAt(doc, spot.text);
  const map = text?._item?.parent;
  if (text === null || !(map instanceof YMap) || map._item === null || map._item.deleted || spot.area !== "blocks") return null;
  const block = nameOf(map._item.id);
  if (map.get("text") !== text) return null; // another text has taken its place
  if (spot.after === null) return { block, at: 0 };
  if (!isHere(doc, spot.after)) return null;
  const relative = new RelativePosition(null, null, spot.after, BEFORE);
  const found = createAbsolutePositionFromRelativePosition(relative, doc, false);
  return found?.type === text ? { block, at: found.index } : null;
}

function textAt(doc: Doc, id: ItemId): YText | null {
  if (!isHere(doc, id)) return null;
  const item: unknown = getItem(doc.store, id);
  if (!(item instanceof Item) || !(item.content instanceof ContentType)) return null;
  const type: unknown = item.content.type;
  return type instanceof YText && item.id.clock === id.clock ? type : null;
}

const isHere = (doc: Doc, { client, clock }: ItemId): boolean =>
  Number.isSafeInteger(clock) && clock >= 0 && clock < getState(doc.store, client);

const idOf = ({ client, clock }: ItemId): ItemId => ({ client, clock });
