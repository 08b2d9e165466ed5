import { expect, test } from "vitest";
import { amountIn, unitOf } from "../../src/ui/read-model/amount.ts";

test.each([
  ["", null],
  ["  ", null],
  ["2", 2],
  [" 12 ", 12],
  ["1000000", 1_000_000],
  ["٣", 3],
  ["१२", 12],
  ["４", 4],
  ["𝟗𝟏", 91],
  ["0", undefined],
  ["1000001", undefined],
  ["99999999", undefined],
  ["-1", undefined],
  ["1.5", undefined],
  ["1e3", undefined],
  ["two", undefined],
  ["2 hours", undefined],
] as const)("“%s” is read as %s", (typed, amount) => {
  expect(amountIn(typed)).toBe(amount);
});

test("a correction may be none at all", () => {
  expect(amountIn("0", 0)).toBe(0);
});

test("time and presence are counted in hours, things in pieces, what was not said in nothing", () => {
  expect([unitOf("hours"), unitOf("presence"), unitOf("goods"), unitOf("loan"), unitOf(null)]).toEqual([
    "hours",
    "hours",
    "pieces",
    "pieces",
    "count",
  ]);
});
