import fc from "fast-check";
import { expect, test } from "vitest";
import type { Tag } from "../../../protocol/crypto/hash.ts";
import { createBundleReader, encodeBundle, parseBundle, type BundleItem } from "../../../protocol/sync/bundle.ts";

const tag = "ab".repeat(32) as Tag;
const item: fc.Arbitrary<BundleItem> = fc.record({
  kind: fc.constantFrom("chunk", "proof"),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }),
});
const items = fc.array(item, { maxLength: 12 });

/** The bytes in pieces, cut at these places. */
function cut(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((left, right) => left - right);
  return [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length));
}

test("however a file is cut into pieces, the same items come out", () => {
  fc.assert(
    fc.property(items, fc.array(fc.nat(5_000), { maxLength: 30 }), (put, places) => {
      const reader = createBundleReader();
      const got = cut(encodeBundle({ tag, items: put }), places).flatMap((piece) => reader.push(piece).items);
      expect(got).toEqual(put);
      expect([reader.tag(), reader.finish()]).toEqual([tag, null]);
    }),
  );
});

test("B4: whatever is accepted comes back byte for byte, and whatever is not is named", () => {
  fc.assert(
    fc.property(items, fc.nat(5_000), fc.nat(255), (put, at, byte) => {
      const bytes = encodeBundle({ tag, items: put });
      bytes[at % bytes.length] = byte;
      const parsed = parseBundle(bytes);
      if (parsed.ok) expect(encodeBundle(parsed.value)).toEqual(bytes);
      else expect(parsed.error.kind).toMatch(/^(not-a|newer|malformed)-bundle$|^cut-short$/);
    }),
  );
});

test("B3: no file that lost or changed a byte reads as whole", () => {
  fc.assert(
    fc.property(items, fc.nat(5_000), fc.integer({ min: 1, max: 255 }), fc.boolean(), (put, place, change, drops) => {
      const bytes = [...encodeBundle({ tag, items: put })];
      const at = place % bytes.length;
      bytes.splice(at, 1, ...(drops ? [] : [(bytes[at] ?? 0) ^ change]));
      const parsed = parseBundle(new Uint8Array(bytes));
      expect(parsed.ok).toBe(false);
    }),
  );
});
