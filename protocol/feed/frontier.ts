/**
 * Frontier: how much of every feed is held, and where each ends.
 *
 *   T1  Two replicas with one digest hold the same envelopes of every feed, up to the fork points
 *       they both know.
 *   T2  A forked feed counts up to its fork point only, whatever lies on the shelf behind it: so all agree.
 *
 * How it is kept and hashed, a part at a time: frontier-tree.ts.
 */
import { u32ToBytes } from "../codec/bytes.ts";
import { nameToBytes, type EnvelopeId, type FeedId } from "../crypto/hash.ts";

export interface FrontierEntry {
  readonly feed: FeedId;
  /** Number of envelopes held, up to the fork point. */
  readonly length: number;
  /** Id of the last of them; null when length is 0 (forked at birth). */
  readonly head: EnvelopeId | null;
  /** Lowest seq with two stories, null when none is known. */
  readonly forkedAt: number | null;
}

/** What one session compares: sixteen feeds for each of eight thousand members. */
export const MAX_FRONTIER_FEEDS = 131_072;
export const NOT_FORKED = 0xffff_ffff;
const NO_HEAD = new Uint8Array(32);

export const entryToBytes = (entry: FrontierEntry): readonly Uint8Array[] => [
  nameToBytes(entry.feed),
  u32ToBytes(entry.length),
  entry.head === null ? NO_HEAD : nameToBytes(entry.head),
  u32ToBytes(entry.forkedAt ?? NOT_FORKED),
];
