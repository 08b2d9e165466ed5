/** Laws of the codec, against a second encoder written from the RFC alone. */
import { decode, encode } from "cborg";
import fc from "fast-check";
import { expect, test } from "vitest";
import { concatBytes } from "../../../protocol/codec/bytes.ts";
import { decodeValue, encodeValue, type Value } from "../../../protocol/codec/value.ts";
import { encodeByHand } from "../../vectors/second-path.ts";
import { values } from "./values.ts";

test("V1: every value has the bytes that RFC 8949 4.2.1 gives it", () => {
  fc.assert(
    fc.property(values, (value) => void expect(Buffer.from(encodeValue(value))).toEqual(Buffer.from(encodeByHand(value)))),
  );
});

test("V2: decoding gives the value back", () => {
  fc.assert(fc.property(values, (value) => void expect(decodeValue(encodeValue(value))).toEqual({ ok: true, value })));
});

test("V2: whatever is accepted encodes to the very same bytes", () => {
  const mutants = fc.tuple(values, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
    const bytes = encodeValue(value);
    bytes[at % bytes.length] = byte;
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(mutants, fc.uint8Array({ maxLength: 40 })), (bytes) => {
      const result = decodeValue(bytes);
      if (result.ok) expect(Buffer.from(encodeValue(result.value))).toEqual(Buffer.from(bytes));
    }),
    { numRuns: 2_000 },
  );
});

test("nothing may stand behind a value, and none may be cut", () => {
  fc.assert(
    fc.property(values, fc.uint8Array({ minLength: 1, maxLength: 3 }), fc.nat(), (value, tail, cut) => {
      const bytes = encodeValue(value);
      expect(decodeValue(concatBytes(bytes, tail)).ok).toBe(false);
      expect(decodeValue(bytes.subarray(0, cut % bytes.length)).ok).toBe(false);
    }),
  );
});

/** The rule as the specification says it: decode, encode again, compare (README 2.1). */
function acceptsByWritingAgain(bytes: Uint8Array): boolean {
  const options = {
    strict: true,
    allowIndefinite: false,
    allowUndefined: false,
    allowBigInt: false,
    rejectDuplicateMapKeys: true,
    useMaps: true,
  };
  try {
    const value = decode(bytes, options) as Value;
    return isPlain(value) && Buffer.compare(encode(value), bytes) === 0;
  } catch {
    return false;
  }
}
const isPlain = (value: unknown): boolean =>
  typeof value === "number"
    ? Number.isSafeInteger(value)
    : Array.isArray(value)
      ? value.every(isPlain)
      : !(value instanceof Map) || [...value].every(([key, item]) => typeof key === "string" && isPlain(item));

test("V2: looking at each head accepts what decoding, writing again and comparing accepts, and nothing else", () => {
  const whole = values.map((value) => encodeValue(value));
  const mutants = fc.tuple(whole, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 })).map(([bytes, changes]) => {
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
    return bytes;
  });
  // Heads of every major type and width, with small arguments: where shortest forms and orders go wrong.
  const heads = fc
    .array(
      fc.oneof(
        fc.constantFrom(...[0x18, 0x19, 0x1a, 0x1b, 0x38, 0x58, 0x78, 0x98, 0xb8, 0xf4, 0xf6, 0xf7, 0xf8, 0xf9, 0xc0]),
        fc.constantFrom(...[0xa1, 0xa2, 0x81, 0x82, 0x61, 0x62, 0x41, 0x60, 0x80, 0xa0]),
        fc.constantFrom(...[0, 1, 23, 24, 97, 98, 255]),
      ),
      { maxLength: 14 },
    )
    .map((bytes) => new Uint8Array(bytes));
  fc.assert(
    fc.property(fc.oneof(mutants, heads, fc.uint8Array({ maxLength: 40 })), (bytes) => {
      expect(decodeValue(bytes).ok).toBe(acceptsByWritingAgain(bytes));
    }),
    { numRuns: 5_000 },
  );
});
