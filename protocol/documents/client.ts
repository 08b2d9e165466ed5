/**
 * Client: the number under which a feed writes in Yjs. 53 bits of the feed's name, which is a hash, so nobody chooses it.
 */
import { nameToBytes, type FeedId } from "../crypto/hash.ts";

/** From 0 to 2^53 − 1: the first 53 bits, big-endian. */
export function clientOf(feed: FeedId): number {
  const bytes = nameToBytes(feed);
  let value = 0;
  for (let index = 0; index < 6; index += 1) value = value * 256 + (bytes[index] ?? 0);
  return value * 32 + ((bytes[6] ?? 0) >> 3);
}
