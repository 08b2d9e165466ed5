import { expect, test } from "vitest";
import type { Tag } from "../../../protocol/crypto/hash.ts";
import {
  addToBundle,
  createBundleReader,
  encodeBundle,
  endBundle,
  parseBundle,
  startBundle,
  type BundleItem,
} from "../../../protocol/sync/bundle.ts";

const tag = "ab".repeat(32) as Tag;
const items: readonly BundleItem[] = [
  { kind: "chunk", bytes: new Uint8Array([1, 2, 3]) },
  { kind: "chunk", bytes: new Uint8Array(70_000).fill(7) },
  { kind: "proof", bytes: new Uint8Array([9]) },
];
const whole = encodeBundle({ tag, items });
const flipped = (at: number): Uint8Array => {
  const bytes = whole.slice();
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
};
const errorOf = (bytes: Uint8Array): unknown => {
  const parsed = parseBundle(bytes);
  return parsed.ok ? null : parsed.error;
};

test("what was put in comes out", () => {
  expect(parseBundle(whole)).toEqual({ ok: true, value: { tag, items } });
  expect(parseBundle(encodeBundle({ tag, items: [] }))).toEqual({ ok: true, value: { tag, items: [] } });
});

test("the pieces of a writer are the whole", () => {
  let { bytes, writer } = startBundle(tag);
  const parts = [bytes];
  for (const item of items) {
    ({ bytes, writer } = addToBundle(writer, item));
    parts.push(bytes);
  }
  expect(Buffer.concat([...parts, endBundle(writer)]).equals(whole)).toBe(true);
});

test("B2: what is complete comes before what is wrong behind it", () => {
  const reader = createBundleReader();
  const broken = new Uint8Array([...whole.subarray(0, 37 + 5 + 3), 77]);
  expect(reader.push(broken)).toEqual({ items: [items[0]], problem: { kind: "malformed-bundle", at: "item" } });
  expect(reader.push(whole)).toEqual({ items: [], problem: { kind: "malformed-bundle", at: "item" } });
  expect(reader.finish()).toEqual({ kind: "malformed-bundle", at: "item" });
});

test("B1: an item too large for its kind is refused by its length alone", () => {
  const head = [...startBundle(tag).bytes];
  const announced = (kind: number, length: number) =>
    new Uint8Array([...head, kind, 0, length >>> 16, (length >>> 8) & 255, length & 255]);
  expect(errorOf(announced(1, 1_048_577))).toEqual({ kind: "malformed-bundle", at: "item" });
  expect(errorOf(announced(1, 1_048_576))).toEqual({ kind: "cut-short" });
  expect(errorOf(announced(2, 32_769))).toEqual({ kind: "malformed-bundle", at: "item" });
  expect(errorOf(announced(1, 0))).toEqual({ kind: "malformed-bundle", at: "item" });
});

test("a file that is none, of a newer Kith, or cut anywhere says so", () => {
  expect(errorOf(flipped(0))).toEqual({ kind: "not-a-bundle" });
  expect(errorOf(flipped(4))).toEqual({ kind: "newer-bundle", version: 0 });
  for (const length of [0, 3, 36, 37, 38, 44, 200, whole.length - 37, whole.length - 36, whole.length - 1])
    expect(errorOf(whole.subarray(0, length)), String(length)).toEqual({ kind: "cut-short" });
  expect(errorOf(new Uint8Array([...whole, 0]))).toEqual({ kind: "malformed-bundle", at: "trailing" });
});

test("B3: a damaged byte, an item too few or twice, and another tag are seen at the end", () => {
  const damaged = { kind: "malformed-bundle", at: "end" };
  for (const at of [20, 42, 5_000, whole.length - 34, whole.length - 1])
    expect(errorOf(flipped(at)), String(at)).toEqual(damaged);
  const item = whole.subarray(37, 45);
  expect(errorOf(Buffer.concat([whole.subarray(0, 37), whole.subarray(45)]))).toEqual(damaged);
  expect(errorOf(Buffer.concat([whole.subarray(0, 45), item, whole.subarray(45)]))).toEqual(damaged);
});
