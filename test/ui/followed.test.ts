import { expect, test } from "vitest";
import type { Block } from "../../src/ui/editor/blocks.ts";
import { baseAfter, beside, heirOf, whereChanged } from "../../src/ui/editor/followed.ts";

const block = (id: string, text: string, kind: Block["kind"] = "paragraph"): Block => ({ id, kind, text, hasText: true });

const above = block("a", "above");
const gone = block("b", "we share what we have");

test("words typed while the block was moved go over to where it is now, whatever part of them the mover had seen", () => {
  for (const seen of ["we share", "we share what"]) {
    const moved = block("c", seen);
    expect(heirOf(gone, "we share", [above, gone], [moved, above])).toEqual({ block: moved, next: gone.text, shift: 0 });
  }
});

test("a block with other words is no heir, nor is one that was there before", () => {
  expect(heirOf(gone, "we share", [above, gone], [above, block("c", "quite another thing")])).toBeNull();
  expect(heirOf(gone, "we share", [block("c", "we share"), gone], [block("c", "we share")])).toBeNull();
  expect(heirOf(block("b", "typed"), "", [above, block("b", "typed")], [above, block("c", "")])).toBeNull();
});

test("words typed while the block was joined to another are put where its own are now", () => {
  const joined = block("a", "abovewe share");
  expect(heirOf(gone, "we share", [above, gone], [joined])).toEqual({
    block: joined,
    next: "abovewe share what we have",
    shift: 5,
  });
});

test("what others change in a block is no word of one's own", () => {
  expect(baseAfter("we share", "we share what", "Yes, we share what")).toBe("Yes, we share");
});

test("an undo leads to what it brought back, and to the seam of what it joined", () => {
  expect(whereChanged([above], [block("a", "above all")])).toEqual({ block: "a", at: 9 });
  expect(whereChanged([above], [above, gone])).toEqual({ block: "b", at: 21 });
  expect(whereChanged([block("a", "one "), block("b", "two")], [block("a", "one two")])).toEqual({ block: "a", at: 4 });
  expect(whereChanged([above, gone], [above])).toEqual({ block: "a", at: 5 });
  expect(whereChanged([above], [above])).toBeNull();
});

test("beside what is gone is the end of the block above, else the start of the first", () => {
  expect([beside([above], 1), beside([above], 0), beside([], 0)]).toEqual([{ block: "a", at: 5 }, { block: "a", at: 0 }, null]);
});
