/**
 * Value: the data that bodies and messages are made of, with one byte string each.
 *
 *   V1  The encoding is RFC 8949 core deterministic CBOR (4.2.1) of: safe integers, text, byte
 *       strings, booleans, null, arrays, and maps with text keys. No floats, tags, undefined or
 *       indefinite lengths.
 *   V2  `decodeValue` accepts exactly what `encodeValue` produces: it decodes, encodes again, compares.
 *   V3  Work is bounded before anything is allocated: size, depth and number of items are
 *       counted by a scan of the heads.
 *   V4  Maps are `Map`s: no key, `__proto__` among them, can touch an object's prototype.
 *
 * The CBOR itself is cborg's. Vectors: test/vectors/codec.json.
 */
import { decode, encode } from "cborg";
import { err, ok, type Result } from "../lang/result.ts";
import { equalBytes } from "./bytes.ts";

export type Value = number | string | boolean | null | Uint8Array | readonly Value[] | ValueMap;
export type ValueMap = ReadonlyMap<string, Value>;

export type ValueError =
  | { readonly kind: "too-large"; readonly bytes: number }
  /** `at` is the offset of the offending head. */
  | { readonly kind: "not-canonical"; readonly at: number }
  | { readonly kind: "too-deep"; readonly at: number }
  | { readonly kind: "too-many-items"; readonly at: number }
  | { readonly kind: "cut-short"; readonly at: number };

export const MAX_VALUE_BYTES = 65_536;
export const MAX_VALUE_DEPTH = 12;
export const MAX_VALUE_ITEMS = 16_384;

/** Throws on a value outside V1: only our own mistake can bring one here. */
export function encodeValue(value: Value): Uint8Array {
  // A plain copy: on Node cborg gives a Buffer from a shared pool, whose `slice` is a view.
  return new Uint8Array(encode(value, ENCODE_OPTIONS));
}

/** Total. `maxBytes` bounds the whole input, which must be one value with nothing behind it. */
export function decodeValue(bytes: Uint8Array, maxBytes = MAX_VALUE_BYTES): Result<Value, ValueError> {
  if (bytes.length > maxBytes) return err({ kind: "too-large", bytes: bytes.length }); // V3
  const scanned = scan(bytes); // V3
  if (!scanned.ok) return scanned;
  let value: Value;
  try {
    value = decode(bytes, DECODE_OPTIONS) as Value;
  } catch {
    // cborg throws on what V1 excludes (floats, tags, big integers, duplicate keys).
    return err({ kind: "not-canonical", at: 0 });
  }
  return isPlain(value) && equalBytes(encodeValue(value), bytes) ? ok(value) : err({ kind: "not-canonical", at: 0 }); // V2
}

const ENCODE_OPTIONS = {
  typeEncoders: {
    undefined: () => {
      throw new Error("V1: undefined has no encoding");
    },
  },
};
const DECODE_OPTIONS = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
  useMaps: true,
};

/** Integers only, and text keys only: cborg would also read floats such as 1.5. */
function isPlain(value: unknown): value is Value {
  if (typeof value === "number") return Number.isSafeInteger(value);
  if (Array.isArray(value)) return value.every(isPlain);
  if (value instanceof Map) {
    for (const [key, item] of value) if (typeof key !== "string" || !isPlain(item)) return false;
  }
  return true;
}

/** Walks the heads of exactly one item, without allocating for what they announce. */
function scan(bytes: Uint8Array): Result<void, ValueError> {
  const open: number[] = []; // items still to come, per nesting level
  let at = 0;
  let items = 0;
  for (;;) {
    const head = bytes[at];
    if (head === undefined) return err({ kind: "cut-short", at });
    items += 1;
    if (items > MAX_VALUE_ITEMS) return err({ kind: "too-many-items", at });
    const major = head >> 5;
    const low = head & 31;
    const width = low < 24 ? 0 : low <= 27 ? 2 ** (low - 24) : -1;
    if (width < 0 || major === 6) return err({ kind: "not-canonical", at }); // V1: indefinite, reserved, tags
    if (bytes.length - at - 1 < width) return err({ kind: "cut-short", at });
    let argument = low;
    if (width > 0) {
      argument = 0;
      for (let i = 1; i <= width; i += 1) argument = argument * 256 + (bytes[at + i] ?? 0);
    }
    const here = at;
    at += 1 + width;
    if (major === 2 || major === 3) {
      if (argument > bytes.length - at) return err({ kind: "cut-short", at: here });
      at += argument;
    }
    if (major === 4 || major === 5) {
      const inside = major === 5 ? argument * 2 : argument;
      if (inside > bytes.length - at) return err({ kind: "cut-short", at: here }); // an item is at least one byte
      if (inside > 0) {
        if (open.length === MAX_VALUE_DEPTH) return err({ kind: "too-deep", at: here });
        open.push(inside);
        continue;
      }
    }
    while (open.length > 0) {
      const last = open.length - 1;
      const rest = (open[last] ?? 0) - 1;
      open[last] = rest;
      if (rest > 0) break;
      open.pop();
    }
    if (open.length === 0) return at === bytes.length ? ok(undefined) : err({ kind: "not-canonical", at });
  }
}
