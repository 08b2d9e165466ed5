/**
 * UTF-8 (RFC 3629): shortest form only, no surrogates. One reading, whatever platform reads.
 *
 *   T1  `utf8Units` says whether bytes are UTF-8 at all; `decodeUtf8` is for bytes that it has found to be.
 */

/** How many UTF-16 units these bytes are; null when they are no UTF-8. */
export function utf8Units(bytes: Uint8Array, from: number, to: number): number | null {
  let units = 0;
  for (let at = from; at < to;) {
    const first = bytes[at] ?? 0;
    if (first < 0x80) {
      at += 1;
      units += 1;
      continue;
    }
    const length = lengthOf(first);
    if (length === 0 || at + length > to) return null;
    const second = bytes[at + 1] ?? 0;
    if (second < lowestSecond(first) || second > highestSecond(first)) return null;
    for (let index = 2; index < length; index += 1) if (((bytes[at + index] ?? 0) & 0xc0) !== 0x80) return null;
    at += length;
    units += length === 4 ? 2 : 1;
  }
  return units;
}

const lengthOf = (first: number): number =>
  first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
const lowestSecond = (first: number): number => (first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80);
const highestSecond = (first: number): number => (first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf);

/** Code units made into text at once: letter by letter would leave a rope of a piece each. */
const BLOCK = 4_096;

/** T1. */
export function decodeUtf8(bytes: Uint8Array, from: number, to: number): string {
  let text = "";
  let units: number[] = [];
  for (let at = from; at < to;) {
    const first = bytes[at] ?? 0;
    const length = first < 0x80 ? 1 : lengthOf(first);
    let point = length === 1 ? first : first & (0x7f >> length);
    for (let index = 1; index < length; index += 1) point = (point << 6) | ((bytes[at + index] ?? 0) & 63);
    if (point < 0x10000) units.push(point);
    else units.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff));
    at += length;
    if (units.length >= BLOCK) {
      text += String.fromCharCode(...units);
      units = [];
    }
  }
  return text + String.fromCharCode(...units);
}
