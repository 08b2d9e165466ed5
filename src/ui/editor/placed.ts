/** The others' carets, where they are now in the blocks. */
import type { Doc } from "yjs";
import type { OtherCaret } from "../../peer/open-document.ts";
import { caretOf } from "./spot.ts";

export interface PlacedCaret {
  readonly at: number;
  readonly other: OtherCaret;
}

/** By block. Who looks and is nowhere in particular, or in a block that is not here yet, is left out. */
export function placedIn(doc: Doc, others: readonly OtherCaret[]): ReadonlyMap<string, readonly PlacedCaret[]> {
  const placed = new Map<string, PlacedCaret[]>();
  for (const other of others) {
    const caret = other.spot === null ? null : caretOf(doc, other.spot);
    if (caret !== null) placed.set(caret.block, [...(placed.get(caret.block) ?? []), { at: caret.at, other }]);
  }
  return placed;
}
