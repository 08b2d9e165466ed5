/** Laws of the codec, against a second encoder written from the RFC alone. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { concatBytes } from "../../../protocol/codec/bytes.ts";
import { decodeValue, encodeValue } from "../../../protocol/codec/value.ts";
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
