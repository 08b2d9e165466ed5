/**
 * Encode: updates as bytes, from structs that were read. The other half of update.ts, and canonical as it demands.
 */
import { concatBytes } from "../codec/bytes.ts";
import type { DeleteRange, ItemId, Update } from "./update.ts";

/** LEB128. `value` is an integer in [0, 2^53). */
export function numberToBytes(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}

export const idToBytes = ({ client, clock }: ItemId): readonly number[] => [...numberToBytes(client), ...numberToBytes(clock)];

/** A block of structs that are bytes already; empty without any. */
export const blockToBytes = (count: number, first: ItemId, structs: readonly Uint8Array[]): Uint8Array =>
  count === 0 ? new Uint8Array([0]) : concatBytes(new Uint8Array([1, ...numberToBytes(count), ...idToBytes(first)]), ...structs);

/** Ranges of any order, overlapping or not: in the one order, joined where they touch. */
export function sortRanges(ranges: readonly DeleteRange[]): readonly DeleteRange[] {
  const sorted = [...ranges].sort((left, right) => right.client - left.client || left.clock - right.clock);
  const joined: DeleteRange[] = [];
  for (const range of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && last.client === range.client && range.clock <= last.clock + last.length) {
      const end = Math.max(last.clock + last.length, range.clock + range.length);
      joined[joined.length - 1] = { ...last, length: end - last.clock };
    } else joined.push(range);
  }
  return joined;
}

/** `ranges` as `sortRanges` gives them. */
export function deletesToBytes(ranges: readonly DeleteRange[]): Uint8Array {
  const byClient = new Map<number, DeleteRange[]>();
  for (const range of ranges) {
    const known = byClient.get(range.client);
    if (known === undefined) byClient.set(range.client, [range]);
    else known.push(range);
  }
  const bytes: number[] = [...numberToBytes(byClient.size)];
  for (const [client, list] of byClient) {
    bytes.push(...numberToBytes(client), ...numberToBytes(list.length));
    for (const { clock, length } of list) bytes.push(...numberToBytes(clock), ...numberToBytes(length));
  }
  return new Uint8Array(bytes);
}

/** As many clocks as an update took, standing nowhere (replay.ts R5). Null when it took none. */
export function goneUpdate({ client, clock, length }: Update): Uint8Array | null {
  if (client === null) return null;
  return concatBytes(blockToBytes(1, { client, clock }, [new Uint8Array([0, ...numberToBytes(length)])]), new Uint8Array([0]));
}
