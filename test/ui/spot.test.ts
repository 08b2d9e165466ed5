import fc from "fast-check";
import { expect, test } from "vitest";
import { Doc, applyUpdate, encodeStateAsUpdate } from "yjs";
import { CHARTER } from "../../protocol/index.ts";
import type { ItemId } from "../../src/peer/open-document.ts";
import { blocksIn, listBlocks, rowOf } from "../../src/ui/editor/blocks.ts";
import { deleteRange, insertText, removeBlock } from "../../src/ui/editor/commands.ts";
import { caretOf, spotOf } from "../../src/ui/editor/spot.ts";
import { onBoundary } from "../../src/ui/editor/text-change.ts";
import { docWith } from "./fixture-document.ts";
import { someWords as words } from "./some-words.ts";

const withText = (text: string) => {
  const doc = docWith({ blocks: [["paragraph", text]] }, CHARTER);
  return { doc, block: listBlocks(doc)[0]?.id ?? "none" };
};

test("a caret comes back from its spot, in this document and in another with the same history", () => {
  fc.assert(
    fc.property(words, words, fc.nat(20), fc.nat(20), (first, second, cut, at) => {
      const { doc, block } = withText(first);
      insertText(doc, block, cut, second);
      deleteRange(doc, block, cut, cut + 2);
      const spot = spotOf(doc, { block, at });
      const copy = new Doc({ gc: false });
      blocksIn(copy);
      applyUpdate(copy, encodeStateAsUpdate(doc));
      const caret = { block, at: onBoundary(listBlocks(doc)[0]?.text ?? "", at) };
      expect([spot && caretOf(doc, spot), spot && caretOf(copy, spot)]).toEqual([caret, caret]);
    }),
  );
});

test("a spot keeps to the character before it, and to where that was when it is gone", () => {
  const { doc, block } = withText("hello");
  const spot = spotOf(doc, { block, at: 3 });
  if (spot === null) throw new Error("the block is there");
  insertText(doc, block, 3, "XX");
  expect(caretOf(doc, spot)).toEqual({ block, at: 3 });
  insertText(doc, block, 0, "ab");
  expect(caretOf(doc, spot)).toEqual({ block, at: 5 });
  deleteRange(doc, block, 1, 6);
  expect(caretOf(doc, spot)).toEqual({ block, at: 1 });
  removeBlock(doc, block);
  expect([caretOf(doc, spot), spotOf(doc, { block, at: 0 })]).toEqual([null, null]);
});

test("a spot of nowhere is null, and never a surprise", () => {
  const { doc, block } = withText("a 😀 story");
  const known = [doc.clientID, 0, 1, 7];
  const part = fc.oneof(fc.constantFrom(...known), fc.integer(), fc.double());
  const id: fc.Arbitrary<ItemId | null> = fc.oneof(
    fc.constant(null),
    fc.record({ client: part, clock: fc.oneof(fc.nat(14), part) }),
  );
  fc.assert(
    fc.property(fc.record({ text: id, area: fc.constantFrom("blocks", "title", ""), after: id }), (spot) => {
      const caret = caretOf(doc, spot);
      if (caret === null) return;
      expect(caret.block).toBe(block);
      expect(caret.at).toBeLessThanOrEqual(10);
      expect(spot.text).toEqual(rowOf(doc, block)?.text?._item?.id);
    }),
    { numRuns: 1_000 },
  );
});
