import { describe, expect, test } from "vitest";
import { hexToBytes } from "../../../protocol/codec/bytes.ts";
import {
  MAX_VALUE_BYTES,
  MAX_VALUE_DEPTH,
  MAX_VALUE_ITEMS,
  decodeValue,
  encodeValue,
  type Value,
} from "../../../protocol/codec/value.ts";

const refused = (hex: string) => {
  const result = decodeValue(hexToBytes(hex));
  return result.ok ? "accepted" : result.error.kind;
};

describe("V1: what has an encoding", () => {
  test("RFC 8949 gives these values these bytes", () => {
    const examples: readonly (readonly [Value, string])[] = [
      [0, "00"],
      [23, "17"],
      [24, "1818"],
      [1_000, "1903e8"],
      [1_000_000, "1a000f4240"],
      [-1, "20"],
      [-1_000, "3903e7"],
      [9_007_199_254_740_991, "1b001fffffffffffff"],
      [false, "f4"],
      [true, "f5"],
      [null, "f6"],
      ["", "60"],
      ["ü", "62c3bc"],
      [new Uint8Array([1, 2, 3, 4]), "4401020304"],
      [[], "80"],
      [[1, [2, 3]], "8201820203"],
      [
        new Map<string, Value>([
          ["a", 1],
          ["b", [2]],
        ]),
        "a261610161628102",
      ],
    ];
    for (const [value, hex] of examples) {
      expect(encodeValue(value)).toEqual(hexToBytes(hex));
      expect(decodeValue(hexToBytes(hex))).toEqual({ ok: true, value });
    }
  });
  test.each([
    ["a float", "f93e00"],
    ["an integer written as a float", "f93c00"],
    ["minus zero", "f98000"],
    ["NaN", "f97e00"],
    ["infinity", "f97c00"],
    ["a tag", "c100"],
    ["undefined", "f7"],
    ["a simple value", "f0"],
    ["an integer past 2^53", "1b0020000000000000"],
    ["an indefinite list", "9f01ff"],
    ["an indefinite text", "7f6161ff"],
    ["a reserved head", "1c"],
    ["a map with a number as key", "a10101"],
    ["a map with bytes as key", "a1416101"],
    ["text that is not UTF-8", "61ff"],
    ["a lone surrogate", "63eda080"],
  ])("%s has none", (_, hex) => expect(refused(hex)).toBe("not-canonical"));
  test("undefined, a mistake of our own, throws with the number of the rule", () => {
    expect(() => encodeValue(new Map([["a", undefined as unknown as Value]]))).toThrow("V1");
  });
});

describe("V2: one value, one byte string", () => {
  test.each([
    ["a longer head than needed", "1801"],
    ["a longer text head", "780161"],
    ["keys out of order", "a2616201616101"],
    ["a shorter key behind a longer one", "a262616101616201"],
    ["a key twice", "a2616101616102"],
    ["a byte behind the value", "0000"],
  ])("%s is refused", (_, hex) => expect(refused(hex)).toBe("not-canonical"));
  test("keys are ordered by their bytes, not by UTF-16 units", () => {
    // U+FF61 sorts before U+1F600 in UTF-8 and behind it in UTF-16.
    const map = new Map<string, Value>([
      ["\u{1f600}", 1],
      ["\uff61x", 2],
    ]);
    const result = decodeValue(encodeValue(map));
    expect(result.ok && result.value instanceof Map && [...result.value.keys()]).toEqual(["\uff61x", "\u{1f600}"]);
  });
});

describe("V3: work is bounded by what was sent", () => {
  test("a text longer than the limit is refused by size alone", () => {
    expect(decodeValue(new Uint8Array(MAX_VALUE_BYTES + 1))).toEqual({
      ok: false,
      error: { kind: "too-large", bytes: MAX_VALUE_BYTES + 1 },
    });
    expect(decodeValue(new Uint8Array(9), 8)).toMatchObject({ error: { kind: "too-large" } });
  });
  test.each([
    ["a list of 2^32 items", "9affffffff"],
    ["a map of 2^64 pairs", "bbffffffffffffffff"],
    ["a text of 2^32 bytes", "7affffffff61"],
    ["bytes of 2^63", "5b800000000000000061"],
    ["nothing", ""],
    ["a head without its argument", "19ff"],
  ])("%s is cut short", (_, hex) => expect(refused(hex)).toBe("cut-short"));
  test("lists inside lists end at the greatest depth", () => {
    const nested = (depth: number): Uint8Array => new Uint8Array([...Array<number>(depth).fill(0x81), 0]);
    expect(decodeValue(nested(MAX_VALUE_DEPTH)).ok).toBe(true);
    expect(decodeValue(nested(MAX_VALUE_DEPTH + 1))).toMatchObject({ error: { kind: "too-deep" } });
  });
  test("items are counted wherever they stand", () => {
    const many = (items: number): Uint8Array => encodeValue(Array<Value>(items - 1).fill(0));
    expect(decodeValue(many(MAX_VALUE_ITEMS)).ok).toBe(true);
    expect(decodeValue(many(MAX_VALUE_ITEMS + 1))).toMatchObject({ error: { kind: "too-many-items" } });
  });
});

test("V4: a key named __proto__ is a key like any other", () => {
  const result = decodeValue(encodeValue(new Map<string, Value>([["__proto__", new Map([["isAdmin", true]])]])));
  expect(result.ok && result.value).toBeInstanceOf(Map);
  expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  expect(result.ok && Object.getPrototypeOf(result.value)).toBe(Map.prototype);
});

test("what is encoded and decoded is a plain array of its own, on Node too", () => {
  const bytes = encodeValue([new Uint8Array(100), "x".repeat(100)]);
  const result = decodeValue(Buffer.from(bytes));
  const [inside] = (result.ok ? result.value : []) as readonly Uint8Array[];
  for (const each of [bytes, inside]) expect([each!.constructor, each!.buffer.byteLength]).toEqual([Uint8Array, each!.length]);
});
