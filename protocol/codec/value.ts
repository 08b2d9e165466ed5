/**
 * Value: the data that bodies and messages are made of, with one byte string each.
 *
 *   V1  The encoding is RFC 8949 core deterministic CBOR (4.2.1) of: safe integers, text, byte
 *       strings, booleans, null, arrays, and maps with text keys. No floats, tags, undefined or
 *       indefinite lengths.
 *   V2  `decodeValue` accepts exactly what `encodeValue` produces, and looks at each head as it reads: the shortest, and keys
 *       ascending. That is the same as to decode, encode again and compare (property test), and costs a fifth.
 *   V3  Work is bounded before anything is allocated: size, depth and number of items are
 *       counted by a scan of the heads.
 *   V4  Maps are `Map`s: no key, `__proto__` among them, can touch an object's prototype.
 *
 * What is written is written by cborg. Vectors: test/vectors/codec.json.
 */
import { encode } from "cborg";
import { err, ok, type Result } from "../lang/result.ts";
import { compareBytes } from "./bytes.ts";
import { decodeUtf8, utf8Units } from "./utf8.ts";

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
  const value = readValue({ bytes, at: 0 });
  return value === undefined ? err({ kind: "not-canonical", at: 0 }) : ok(value); // V2
}

const ENCODE_OPTIONS = {
  typeEncoders: {
    undefined: () => {
      throw new Error("V1: undefined has no encoding");
    },
  },
};

interface Place {
  readonly bytes: Uint8Array;
  at: number;
}

/** The item at a place, which `scan` has found to lie within the bytes; undefined when it is not canonical (V1, V2). */
function readValue(place: Place): Value | undefined {
  const head = place.bytes[place.at] ?? 0;
  const major = head >> 5;
  if (major === 7) {
    place.at += 1;
    return head === 0xf4 ? false : head === 0xf5 ? true : head === 0xf6 ? null : undefined;
  }
  const argument = readArgument(place);
  if (argument === undefined) return undefined;
  switch (major) {
    case 0:
      return Number.isSafeInteger(argument) ? argument : undefined;
    case 1:
      return Number.isSafeInteger(-1 - argument) ? -1 - argument : undefined;
    case 2:
      place.at += argument;
      // A plain copy: `slice` of a Node Buffer would be a view.
      return new Uint8Array(place.bytes.subarray(place.at - argument, place.at));
    case 3:
      return readText(place, argument);
    case 4:
      return readList(place, argument);
    case 5:
      return readMap(place, argument);
    default:
      return undefined; // tags
  }
}

/** V2: in the fewest bytes that hold it. Exact up to 2^53, which is more than anything here may be. */
function readArgument(place: Place): number | undefined {
  const { bytes } = place;
  const low = (bytes[place.at] ?? 0) & 31;
  place.at += 1;
  if (low < 24) return low;
  const width = 2 ** (low - 24);
  let argument = 0;
  for (let i = 0; i < width; i += 1) argument = argument * 256 + (bytes[place.at + i] ?? 0);
  place.at += width;
  return argument < (SMALLEST[low - 24] ?? Infinity) ? undefined : argument;
}
/** What needs 1, 2, 4, 8 bytes behind the head. */
const SMALLEST = [24, 0x100, 0x1_0000, 0x1_0000_0000] as const;

function readText(place: Place, length: number): string | undefined {
  const from = place.at;
  place.at += length;
  return utf8Units(place.bytes, from, place.at) === null ? undefined : decodeUtf8(place.bytes, from, place.at);
}

function readList(place: Place, count: number): readonly Value[] | undefined {
  const items: Value[] = [];
  for (let i = 0; i < count; i += 1) {
    const item = readValue(place);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

/** Text keys only, ascending as encoded (RFC 8949 4.2.1), so none twice. */
function readMap(place: Place, count: number): ValueMap | undefined {
  const map = new Map<string, Value>();
  let before: Uint8Array | null = null;
  for (let i = 0; i < count; i += 1) {
    const from = place.at;
    if ((place.bytes[from] ?? 0) >> 5 !== 3) return undefined;
    const length = readArgument(place);
    const key = length === undefined ? undefined : readText(place, length);
    if (key === undefined) return undefined;
    const encoded = place.bytes.subarray(from, place.at);
    if (before !== null && compareBytes(before, encoded) >= 0) return undefined;
    before = encoded;
    const value = readValue(place);
    if (value === undefined) return undefined;
    map.set(key, value);
  }
  return map;
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
