import fc from "fast-check";
import { expect, test } from "vitest";
import { Doc, Map as YMap, applyUpdate, encodeStateAsUpdate, encodeStateVector } from "yjs";
import { BLOCK_KINDS, CHARTER, MAX_FACT_UNITS, profileOf, type BlockKind, type MemberId } from "../../protocol/index.ts";
import { blocksIn, factsOf, listBlocks } from "../../src/ui/editor/blocks.ts";
import {
  deleteRange,
  insertBlock,
  insertText,
  MAX_UNITS,
  mergeWithNext,
  mergeWithPrevious,
  moveBlock,
  removeBlock,
  replaceText,
  setFact,
  setKind,
  splitBlock,
} from "../../src/ui/editor/commands.ts";
import { MAX_BLOCKS, pasteText, typedMark } from "../../src/ui/editor/paste.ts";
import { docWith } from "./fixture-document.ts";
import { lone, someWords as words } from "./some-words.ts";

type Told = readonly [BlockKind, string];
const doc = (...blocks: Told[]) => docWith({ blocks }, CHARTER);
const told = (of: Doc): Told[] => listBlocks(of).map(({ kind, text }) => [kind, text]);
const idAt = (of: Doc, index: number) => listBlocks(of)[index]?.id ?? "none";

test("Enter in the middle makes two; a list goes on, a heading does not", () => {
  const list = doc(["bullet", "milk bread"]);
  splitBlock(list, idAt(list, 0), 5);
  expect(told(list)).toEqual([
    ["bullet", "milk "],
    ["bullet", "bread"],
  ]);
  const title = doc(["heading", "Mill Street"]);
  expect(splitBlock(title, idAt(title, 0), 11)).toEqual({ block: idAt(title, 1), at: 0 });
  expect(told(title)).toEqual([
    ["heading", "Mill Street"],
    ["paragraph", ""],
  ]);
});

test("Enter near the start moves the shorter part, so that who writes in the longer one stays in it", () => {
  const long = doc(["paragraph", "ab and much more"]);
  const id = idAt(long, 0);
  expect(splitBlock(long, id, 2)).toEqual({ block: id, at: 0 });
  expect(told(long)).toEqual([
    ["paragraph", "ab"],
    ["paragraph", " and much more"],
  ]);
});

test("Enter in an empty list item leaves the list", () => {
  const list = doc(["bullet", "a"], ["bullet", ""]);
  splitBlock(list, idAt(list, 1), 0);
  expect(told(list)).toEqual([
    ["bullet", "a"],
    ["paragraph", ""],
  ]);
});

test("Backspace at the start first makes a paragraph, then joins the block before", () => {
  const both = doc(["paragraph", "one "], ["heading", "two"]);
  mergeWithPrevious(both, idAt(both, 1));
  expect(told(both)[1]).toEqual(["paragraph", "two"]);
  expect(mergeWithPrevious(both, idAt(both, 1))).toEqual({ block: idAt(both, 0), at: 4 });
  expect(told(both)).toEqual([["paragraph", "one two"]]);
  expect(mergeWithPrevious(both, idAt(both, 0))).toBeNull();
});

test("Delete at the end joins the block behind; an empty block gives way", () => {
  const both = doc(["heading", "a"], ["paragraph", "longer"]);
  expect(mergeWithNext(both, idAt(both, 0))).toEqual({ block: idAt(both, 0), at: 1 });
  expect(told(both)).toEqual([["heading", "alonger"]]);
  const empty = doc(["heading", ""], ["quote", "q"]);
  mergeWithNext(empty, idAt(empty, 0));
  expect(told(empty)).toEqual([["quote", "q"]]);
});

test("a block moves past its neighbour, and no further than the ends", () => {
  const three = doc(["heading", "a"], ["bullet", "b"], ["quote", "c"]);
  const moved = moveBlock(three, idAt(three, 2), -1);
  expect(told(three)).toEqual([
    ["heading", "a"],
    ["quote", "c"],
    ["bullet", "b"],
  ]);
  expect(moved?.block).toBe(idAt(three, 1));
  moveBlock(three, idAt(three, 0), 1);
  expect(told(three).map(([, text]) => text)).toEqual(["c", "a", "b"]);
  expect(moveBlock(three, idAt(three, 0), -1)).toBeNull();
});

test("a kind that is unknown reads as a paragraph, a text that is missing as empty", () => {
  const odd = doc();
  const map = new YMap<unknown>();
  map.set("kind", "banner");
  odd.transact(() => blocksIn(odd).insert(0, [map]));
  expect(listBlocks(odd)).toEqual([{ id: idAt(odd, 0), kind: "paragraph", text: "", hasText: false }]);
  const id = idAt(odd, 0);
  expect([insertText(odd, id, 0, "x"), splitBlock(odd, id, 0), replaceText(odd, id, "x", 1)]).toEqual([null, null, null]);
  removeBlock(odd, id);
  expect(told(odd)).toEqual([]);
});

test("a field's new text is exactly what the block says, as the least change", () => {
  fc.assert(
    fc.property(words, words, fc.nat(20), (before, after, caret) => {
      const one = doc(["paragraph", before]);
      replaceText(one, idAt(one, 0), after, caret);
      expect(told(one)).toEqual([["paragraph", after]]);
    }),
  );
});

test("what others wrote while a word was composed stays", () => {
  const one = doc(["paragraph", "one two"]);
  const id = idAt(one, 0);
  insertText(one, id, 0, "zero ");
  expect(replaceText(one, id, "one 二", 5, "one two")).toEqual({ block: id, at: 10 });
  expect(told(one)).toEqual([["paragraph", "zero one 二"]]);
});

test.each([
  ["# ", "heading"],
  ["## ", "subheading"],
  ["- ", "bullet"],
  ["1. ", "number"],
  ["> ", "quote"],
] as const)("%j at the start of a paragraph makes it a %s", (mark, kind) => {
  const one = doc(["paragraph", `${mark}rest`]);
  expect(typedMark(one, idAt(one, 0), mark.length)).toEqual({ block: idAt(one, 0), at: 0 });
  expect(told(one)).toEqual([[kind, "rest"]]);
});

const paste = (into: Doc, index: number, from: number, to: number, text: string) => {
  const { steps, caret } = pasteText(idAt(into, index), from, to, text);
  steps.forEach((step) => into.transact(() => step(into)));
  return caret();
};

test("pasted lines become blocks, with their kinds, between what was before and behind the caret", () => {
  const one = doc(["paragraph", "ab"]);
  const caret = paste(one, 0, 1, 1, "x\n\n# Title\r\n- item\n2) second\n> said\nlast");
  expect(told(one)).toEqual([
    ["paragraph", "ax"],
    ["heading", "Title"],
    ["bullet", "item"],
    ["number", "second"],
    ["quote", "said"],
    ["paragraph", "lastb"],
  ]);
  expect(caret).toEqual({ block: idAt(one, 5), at: 4 });
});

test("one pasted line goes into the sentence, in place of what was selected", () => {
  const one = doc(["heading", "a big house"]);
  expect(paste(one, 0, 2, 5, " small")).toEqual({ block: idAt(one, 0), at: 8 });
  expect(told(one)).toEqual([["heading", "a  small house"]]);
});

test("a long paste comes in steps, none with more than an edit holds", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 0, max: 700 }),
      (lengths, more) => {
        const lines = [
          ...lengths.map((length) => "😀".repeat(length / 2)),
          ...Array.from({ length: more }, (_, at) => `line ${at}`),
        ];
        const one = doc(["paragraph", "behind"]);
        const { steps } = pasteText(idAt(one, 0), 0, 0, lines.join("\n"));
        for (const step of steps) {
          const before = told(one);
          one.transact(() => step(one));
          const units = (all: Told[]) => all.reduce((sum, [, text]) => sum + text.length, 0);
          expect(units(told(one)) - units(before)).toBeLessThanOrEqual(MAX_UNITS);
          expect(told(one).length - before.length).toBeLessThanOrEqual(MAX_BLOCKS);
        }
        const expected = lines.filter((line) => line.trim() !== "");
        expect(
          told(one)
            .map(([, text]) => text)
            .join(""),
        ).toBe(`${expected.join("")}behind`);
      },
    ),
    { numRuns: 25 },
  );
});

test("a fact is kept trimmed and whole, and taken away by nothing", () => {
  const profile = docWith({}, profileOf("a".repeat(64) as MemberId));
  setFact(profile, "languages", `  ${"x".repeat(MAX_FACT_UNITS - 1)}😀`);
  expect(factsOf(profile).languages).toBe("x".repeat(MAX_FACT_UNITS - 1));
  setFact(profile, "languages", " ");
  expect([factsOf(profile).languages, profile.getMap("facts").size]).toEqual(["", 0]);
});

type Command = (of: Doc, id: string) => unknown;
const place = fc.nat(20);
const commands: fc.Arbitrary<Command> = fc.oneof(
  fc.tuple(place, words).map(
    ([at, text]): Command =>
      (of, id) =>
        insertText(of, id, at, text),
  ),
  fc.tuple(place, place).map(
    ([from, to]): Command =>
      (of, id) =>
        deleteRange(of, id, from, to),
  ),
  fc.tuple(words, place).map(
    ([text, at]): Command =>
      (of, id) =>
        replaceText(of, id, text, at),
  ),
  place.map(
    (at): Command =>
      (of, id) =>
        splitBlock(of, id, at),
  ),
  fc.constantFrom<Command>(mergeWithPrevious, mergeWithNext, removeBlock),
  fc.constantFrom(...BLOCK_KINDS).map(
    (kind): Command =>
      (of, id) =>
        setKind(of, id, kind),
  ),
  fc.tuple(fc.constantFrom(...BLOCK_KINDS), words).map(
    ([kind, text]): Command =>
      (of, id) =>
        insertBlock(of, id, kind, text),
  ),
  fc.constantFrom(-1 as const, 1 as const).map(
    (by): Command =>
      (of, id) =>
        moveBlock(of, id, by),
  ),
  fc.tuple(place, place, words).map(
    ([from, to, text]): Command =>
      (of, id) =>
        pasteText(id, Math.min(from, to), Math.max(from, to), `${text}\n# ${text}`).steps.forEach((step) => step(of)),
  ),
  place.map(
    (at): Command =>
      (of, id) =>
        typedMark(of, id, at),
  ),
);

test("whatever two people do, they end with the same blocks, and none holds half a character", () => {
  const turn = fc.record({ who: fc.nat(1), block: fc.nat(6), command: commands, meet: fc.boolean() });
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 20 }), (turns) => {
      const ana = doc(["heading", "a😀b"], ["paragraph", "one two"], ["bullet", ""]);
      const ben = new Doc({ gc: false });
      blocksIn(ben);
      meet(ana, ben);
      for (const { who, block, command, meet: now } of turns) {
        const mine = who === 0 ? ana : ben;
        mine.transact(() => command(mine, idAt(mine, block)));
        expect(told(mine).some(([, text]) => lone.test(text))).toBe(false);
        if (now) meet(ana, ben);
      }
      meet(ana, ben);
      expect(listBlocks(ana)).toEqual(listBlocks(ben));
      expect(told(ana).some(([, text]) => lone.test(text))).toBe(false);
    }),
    { numRuns: 300 },
  );
});

function meet(left: Doc, right: Doc): void {
  applyUpdate(right, encodeStateAsUpdate(left, encodeStateVector(right)));
  applyUpdate(left, encodeStateAsUpdate(right, encodeStateVector(left)));
}
