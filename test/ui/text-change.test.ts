import fc from "fast-check";
import { expect, test } from "vitest";
import {
  changeBetween,
  inPieces,
  movedBy,
  onBoundary,
  rebased,
  wellFormed,
  type TextChange,
} from "../../src/ui/editor/text-change.ts";
import { lone, someWords as words } from "./some-words.ts";

const applied = (text: string, { at, removed, inserted }: TextChange) => text.slice(0, at) + inserted + text.slice(at + removed);

test("applied, the change gives exactly the new text, and cuts no character", () => {
  fc.assert(
    fc.property(words, words, fc.nat(30), (before, after, caret) => {
      const change = changeBetween(before, after, caret);
      expect(applied(before, change)).toBe(after);
      const taken = before.slice(change.at, change.at + change.removed);
      expect([taken, change.inserted, before.slice(0, change.at)].some((each) => lone.test(each))).toBe(false);
    }),
  );
});

test.each([
  ["a letter typed after two like it", "aa|aa", "aaa|aa", { at: 2, removed: 0, inserted: "a" }],
  ["a letter taken away before the caret", "aa|aa", "a|aa", { at: 1, removed: 1, inserted: "" }],
  ["a letter taken away behind the caret", "aa|aa", "aa|a", { at: 2, removed: 1, inserted: "" }],
  ["a word corrected far before the caret", "teh end|", "the end|", { at: 1, removed: 2, inserted: "he" }],
  ["a face for another with the same first half", "x😀|", "x😁|", { at: 1, removed: 2, inserted: "😁" }],
])("%s lands where it was meant", (_name, before, after, change) => {
  expect(changeBetween(before.replace("|", ""), after.replace("|", ""), after.indexOf("|"))).toEqual(change);
});

test("what two people changed in different parts of a text is both there", () => {
  const before = "one two three";
  const mine = changeBetween(before, "one 2 three", 5);
  expect(applied("one two three four", rebased(mine, before, "one two three four"))).toBe("one 2 three four");
  expect(applied("zero one two three", rebased(mine, before, "zero one two three"))).toBe("zero one 2 three");
});

test("a change fits into whatever the text has become, and what was typed is in it", () => {
  fc.assert(
    fc.property(words, words, words, fc.nat(14), (before, after, now, caret) => {
      const change = rebased(changeBetween(before, after, caret), before, now);
      const result = applied(now, change);
      expect(change.at + change.removed).toBeLessThanOrEqual(now.length);
      expect(result).toContain(change.inserted);
      expect(lone.test(result)).toBe(false);
    }),
  );
});

test("a place moves with the text behind it", () => {
  const change = { at: 2, removed: 3, inserted: "xy" };
  expect([0, 2, 3, 5, 9].map((at) => movedBy(change, at))).toEqual([0, 2, 2, 4, 8]);
});

test("pieces joined are the text, none too long and none with half a character", () => {
  fc.assert(
    fc.property(words, fc.integer({ min: 2, max: 9 }), (text, most) => {
      const pieces = inPieces(text, most);
      expect(pieces.join("")).toBe(text);
      expect(pieces.every((piece) => piece.length <= most && piece !== "" && !lone.test(piece))).toBe(true);
    }),
  );
});

test("a place is moved into the text, and out of a character", () => {
  expect([-3, 0, 1, 2, 9, Number.NaN].map((at) => onBoundary("😀a", at))).toEqual([0, 0, 0, 2, 3, 0]);
  expect(wellFormed("a\ud83db\ude00c😀")).toBe("a\ufffdb\ufffdc😀");
});
