/**
 * Narrowing: which feeds two large frontiers disagree on, found by comparing hashes of ever smaller parts.
 *
 *   Both sides say the short hash of each of the 256 buckets of their frontier (feed/frontier-tree.ts); with very many feeds
 *   then of the 16 in each that differed; then an outline of each bucket that still differs: a short hash for each entry.
 *   What is not in the other's outline is told in full. Both compare the same two lists, so neither says a bucket's number.
 *
 *   R1  All short hashes of a session are under a salt that both sides' chance goes into. So nobody can prepare names or heads
 *       that collide, and two that do collide by chance do so in that one session: the next finds them.
 *   R2  A bucket that anybody filled on purpose costs its own two bytes a feed, and nothing else.
 *   R3  With k feeds that differ, of n, both say 512 bytes, 32 k for each depth more, and some 130 k for the outlines.
 */
import { bytesToHex, hexToBytes, u32ToBytes } from "../codec/bytes.ts";
import { DOMAINS } from "../crypto/domains.ts";
import { hashOf, nameToBytes } from "../crypto/hash.ts";
import { entryToBytes, type FrontierEntry } from "../feed/frontier.ts";
import {
  BRANCHES,
  LEAVES,
  digestOf,
  entriesOfBucket,
  hashOfBucket,
  type Depth,
  type FrontierTree,
} from "../feed/frontier-tree.ts";

/** What each side says first. */
export interface Greeting {
  /** Frontier digest, in hex. */
  readonly digest: string;
  /** How many feeds it is over. */
  readonly feeds: number;
  /** SALT_BYTES by chance, in hex (R1). */
  readonly nonce: string;
}

/** An entry as it is told: the head only by a mark, enough to see whether it is ours. */
export interface ToldEntry extends Pick<FrontierEntry, "feed" | "length" | "forkedAt"> {
  /** First 8 bytes of H(sync-head, salt ‖ head), in hex; zeros when the length is 0. */
  readonly mark: string;
}

export const SESSION_NONCE_BYTES = 8;
export const MARK_BYTES = 8;
/** Two bytes: each saves a session more in 65,536 than it costs. */
export const SHORT_BYTES = 2;
/** Frontiers of up to this many feeds are told whole. */
const WHOLE_FEEDS = 512;
/** Up to here, buckets of depth 1 hold some 64 feeds at the most. */
const SHALLOW_FEEDS = 16_384;
const NO_MARK = "00".repeat(MARK_BYTES);

/** R1. Hex, 32 bytes; the same on both sides. */
export function saltOf(left: Greeting, right: Greeting): Uint8Array {
  const [lower, higher] = [left, right].map(greetingToHex).sort();
  return hashOf(DOMAINS.syncSalt, hexToBytes(lower ?? ""), hexToBytes(higher ?? ""));
}

/** At which depths buckets are compared: none when there are few feeds, or nothing on one side to compare with. */
export function depthsFor(ours: number, theirs: number): readonly Depth[] {
  const most = Math.max(ours, theirs);
  if (most <= WHOLE_FEEDS || Math.min(ours, theirs) === 0) return [];
  return most <= SHALLOW_FEEDS ? [1] : [1, 2];
}

export const ALL_BUCKETS: readonly number[] = Array.from({ length: BRANCHES }, (_, bucket) => bucket);

/** The buckets of depth 2 in those of depth 1. */
export const bucketsIn = (buckets: readonly number[]): readonly number[] =>
  buckets.flatMap((bucket) => Array.from({ length: LEAVES }, (_, leaf) => bucket * LEAVES + leaf));

export const shortsOf = (tree: FrontierTree, salt: Uint8Array, depth: Depth, buckets: readonly number[]): Uint8Array =>
  rowOf(buckets.map((bucket) => hashOf(DOMAINS.syncBucket, salt, hashOfBucket(tree, depth, bucket))));

/** Of `buckets`, those whose shorts differ. Both rows are as long as `buckets`. */
export const differing = (ours: Uint8Array, theirs: Uint8Array, buckets: readonly number[]): readonly number[] =>
  buckets.filter((_, index) => shortAt(ours, index) !== shortAt(theirs, index));

/** One row of shorts for each bucket, in the order of the entries. */
export const outlineOf = (
  tree: FrontierTree,
  salt: Uint8Array,
  depth: Depth,
  buckets: readonly number[],
): readonly Uint8Array[] =>
  buckets.map((bucket) => rowOf(entriesOfBucket(tree, depth, bucket).map((entry) => hashOfEntry(entry, salt))));

/** Our entries in `buckets` whose shorts, `ours`, are not among theirs; ascending by feed. */
export function notIn(
  theirs: readonly Uint8Array[],
  ours: readonly Uint8Array[],
  tree: FrontierTree,
  depth: Depth,
  buckets: readonly number[],
): readonly FrontierEntry[] {
  return buckets.flatMap((bucket, index) => {
    const [known, own] = [new Set(shortsIn(theirs[index])), shortsIn(ours[index])];
    return entriesOfBucket(tree, depth, bucket).filter((_, at) => !known.has(own[at] ?? -1));
  });
}

const shortsIn = (row: Uint8Array = new Uint8Array(0)): readonly number[] =>
  Array.from({ length: row.length / SHORT_BYTES }, (_, at) => shortAt(row, at));

export const tell = (entry: FrontierEntry, salt: Uint8Array): ToldEntry => ({
  feed: entry.feed,
  length: entry.length,
  forkedAt: entry.forkedAt,
  mark:
    entry.head === null ? NO_MARK : bytesToHex(hashOf(DOMAINS.syncHead, salt, nameToBytes(entry.head)).subarray(0, MARK_BYTES)),
});

const hashOfEntry = (entry: FrontierEntry, salt: Uint8Array): Uint8Array =>
  hashOf(DOMAINS.syncEntry, salt, ...entryToBytes(entry));

/** The first bytes of each. */
function rowOf(hashes: readonly Uint8Array[]): Uint8Array {
  const row = new Uint8Array(SHORT_BYTES * hashes.length);
  hashes.forEach((hash, index) => row.set(hash.subarray(0, SHORT_BYTES), SHORT_BYTES * index));
  return row;
}

const shortAt = (shorts: Uint8Array, index: number): number =>
  (shorts[SHORT_BYTES * index] ?? 0) * 256 + (shorts[SHORT_BYTES * index + 1] ?? 0);

const greetingToHex = ({ digest, feeds, nonce }: Greeting): string => digest + bytesToHex(u32ToBytes(feeds)) + nonce;

export const greetingOf = (tree: FrontierTree, nonce: Uint8Array): Greeting => ({
  digest: digestOf(tree),
  feeds: tree.feeds,
  nonce: bytesToHex(nonce),
});
