/**
 * Cursor: walks the bytes of an update once. The first thing that is wrong is kept, and from then on every answer is a harmless one,
 * so that whoever reads need ask only now and then.
 *
 *   R1  Nothing is read past the end (`cut-short`).
 *   R2  Numbers are LEB128, minimal and at most 2^53 − 1 (`long-number`), in the order lib0 writes them.
 *   R3  Text is valid UTF-8 of at least one letter (`bad-text`).
 *   R4  A value is words, a whole number within 31 bits, yes or no (`bad-value`); all else that lib0 can write is refused.
 */
import { decodeUtf8, utf8Units } from "../codec/utf8.ts";
import type { ScanRule } from "./rules.ts";

export interface Cursor {
  readonly byte: () => number;
  readonly number: () => number;
  /** Length-prefixed UTF-8. */
  readonly text: () => string;
  /** Passes over a text and answers its length in UTF-16 units. */
  readonly skipText: () => number;
  readonly value: () => string | number | boolean;
  readonly position: () => number;
  readonly left: () => number;
  readonly problem: () => ScanRule | null;
  readonly fail: (rule: ScanRule) => void;
}

const MAX_VALUE = 2 ** 31 - 1;

export function createCursor(bytes: Uint8Array): Cursor {
  let at = 0;
  let problem: ScanRule | null = null;
  const fail = (rule: ScanRule): void => {
    problem ??= rule;
    at = bytes.length;
  };
  const byte = (): number => {
    const value = bytes[at];
    if (value === undefined) {
      fail("cut-short"); // R1
      return 0;
    }
    at += 1;
    return value;
  };
  const number = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const next = byte();
      value += (next & 127) * shift;
      if (next < 128) {
        if ((next === 0 && shift > 1) || !Number.isSafeInteger(value)) fail("long-number"); // R2
        return problem === null ? value : 0;
      }
    }
  };
  /** lib0's signed numbers: six bits, the sign and a mark in the first byte, seven bits in the others. */
  const signed = (): number => {
    const first = byte();
    let value = first & 63;
    let last = first;
    for (let shift = 64; last >= 128 && problem === null; shift *= 128) {
      last = byte();
      value += (last & 127) * shift;
      if (value > MAX_VALUE || (last === 0 && shift >= 64)) fail("bad-value"); // R4
    }
    if (value === 0 && (first & 64) !== 0) fail("bad-value"); // minus zero
    return (first & 64) === 0 ? value : -value;
  };
  const slice = (): { readonly from: number; readonly to: number; readonly units: number } => {
    const length = number();
    if (length > bytes.length - at) fail("cut-short"); // R1
    if (problem !== null) return { from: 0, to: 0, units: 0 };
    const from = at;
    at += length;
    const units = utf8Units(bytes, from, at);
    if (units === null) fail("bad-text"); // R3
    return { from, to: from + length, units: units ?? 0 };
  };
  const decoded = (): string => {
    const { from, to } = slice();
    return problem === null ? decodeUtf8(bytes, from, to) : "";
  };
  return {
    byte,
    number,
    text: () => {
      const text = decoded();
      if (text.length === 0) fail("bad-text");
      return text;
    },
    skipText: () => {
      const { units } = slice();
      if (units === 0) fail("bad-text");
      return units;
    },
    value: () => {
      switch (byte()) {
        case 119:
          return decoded();
        case 120:
          return true;
        case 121:
          return false;
        case 125:
          return signed();
        default:
          fail("bad-value"); // R4
          return false;
      }
    },
    position: () => at,
    left: () => bytes.length - at,
    problem: () => problem,
    fail,
  };
}
