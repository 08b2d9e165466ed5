/** Names and titles of others cannot turn our sentences around, hide, or pile up. */
import { expect, test } from "vitest";
import { plainText, skeleton } from "../../src/peer/plain-text.ts";

test.each([
  ["an override at the end", "Ana\u202E", "Ana"],
  ["a pop of our own fence", "Ana\u2069\u2066 helps Bo", "Ana helps Bo"],
  ["letters that show nothing", "\u200BA\u3164na\u00AD", "Ana"],
  ["line breaks of other kinds", "Ana\u2028Bo\r", "AnaBo"],
  ["piled marks", `A${"\u0301".repeat(59)}na`, `A${"\u0301".repeat(4)}na`],
])("%s is taken out", (_what, raw, plain) => {
  expect(plainText(raw)).toBe(plain);
});

test.each(["Zoë", "نه\u200Cخیر", "👩\u200D🌾", "Nguyễn Thị", "ไทย", "two\nlines"])("%s stays as it is", (text) => {
  expect(plainText(text)).toBe(text);
});

test("names that look alike have one skeleton, others have not", () => {
  expect(skeleton("A na.")).toBe(skeleton("ána"));
  expect(skeleton("Ana")).not.toBe(skeleton("Anna"));
});
