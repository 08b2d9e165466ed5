/**
 * Frontier tree: a frontier in buckets by the first letters of the feeds' names, each with a hash, so that two can be
 * compared part by part (sync/narrowing.ts), and one that changed in one place is hashed anew in that place alone.
 *
 *   hash of a bucket of depth 2 = H(bucket, 2 ‖ its entries of 72 bytes, ascending by feed)       first 12 bits of the feed
 *   hash of a bucket of depth 1 = H(bucket, 1 ‖ for each of its 16 that is not empty: number u8 ‖ hash)       first 8 bits
 *   digest                      = H(frontier, for each of the 256 that is not empty: number u8 ‖ hash)
 *
 *   B1  A tree is never changed: `withEntry` makes another, which shares all that stayed as it was.
 *   B2  Hashes are computed when they are asked for, and once for each part.
 */
import { bytesToHex, concatBytes } from "../codec/bytes.ts";
import { DOMAINS } from "../crypto/domains.ts";
import { hashAll, type FeedId } from "../crypto/hash.ts";
import { entryToBytes, type FrontierEntry } from "./frontier.ts";

/** 1: 256 buckets, numbered by the feed's first 8 bits. 2: 4,096, by its first 12. */
export type Depth = 1 | 2;
export const BRANCHES = 256;
export const LEAVES = 16;

interface Leaf {
  readonly entries: readonly FrontierEntry[];
  memo: Uint8Array | null;
}
interface Branch {
  readonly leaves: readonly (Leaf | null)[];
  memo: Uint8Array | null;
}
export interface FrontierTree {
  readonly feeds: number;
  /** Sum of all lengths. */
  readonly envelopes: number;
  readonly branches: readonly (Branch | null)[];
  memo: { entries: readonly FrontierEntry[] | null; digest: string | null };
}

const NO_LEAVES: readonly null[] = Array<null>(LEAVES).fill(null);
const EMPTY_HASH = new Uint8Array(32);

export const EMPTY_TREE: FrontierTree = {
  feeds: 0,
  envelopes: 0,
  branches: Array<null>(BRANCHES).fill(null),
  memo: { entries: null, digest: null },
};

/** Whatever order they come in. */
export const treeOf = (entries: Iterable<FrontierEntry>): FrontierTree => [...entries].reduce(withEntry, EMPTY_TREE);

/** B1. In the place of what was held of that feed. */
export function withEntry(tree: FrontierTree, entry: FrontierEntry): FrontierTree {
  const { branch: at, leaf: leafAt } = placeOf(entry.feed);
  const branch = tree.branches[at];
  const before = branch?.leaves[leafAt]?.entries ?? [];
  const index = indexIn(before, entry.feed);
  const known = before[index]?.feed === entry.feed ? before[index] : null;
  const entries = [...before.slice(0, index), entry, ...before.slice(known === null ? index : index + 1)];
  const leaves = (branch?.leaves ?? NO_LEAVES).with(leafAt, { entries, memo: null });
  return {
    feeds: tree.feeds + (known === null ? 1 : 0),
    envelopes: tree.envelopes + entry.length - (known?.length ?? 0),
    branches: tree.branches.with(at, { leaves, memo: null }),
    memo: { entries: null, digest: null },
  };
}

export function entryIn(tree: FrontierTree, feed: FeedId): FrontierEntry | null {
  const { branch, leaf } = placeOf(feed);
  const entries = tree.branches[branch]?.leaves[leaf]?.entries ?? [];
  const found = entries[indexIn(entries, feed)];
  return found?.feed === feed ? found : null;
}

/** All, ascending by feed. */
export function entriesOf(tree: FrontierTree): readonly FrontierEntry[] {
  tree.memo.entries ??= tree.branches.flatMap((branch) => (branch === null ? [] : entriesUnder(branch)));
  return tree.memo.entries;
}

/** Of one bucket, ascending by feed. */
export function entriesOfBucket(tree: FrontierTree, depth: Depth, bucket: number): readonly FrontierEntry[] {
  if (depth === 2) return leafOf(tree, bucket)?.entries ?? [];
  const branch = tree.branches[bucket] ?? null;
  return branch === null ? [] : entriesUnder(branch);
}

/** 32 zero bytes for an empty one. */
export function hashOfBucket(tree: FrontierTree, depth: Depth, bucket: number): Uint8Array {
  if (depth === 2) return hashOfLeaf(leafOf(tree, bucket));
  return hashOfBranch(tree.branches[bucket] ?? null);
}

/** T1. 32 bytes in hex. */
export function digestOf(tree: FrontierTree): string {
  tree.memo.digest ??= bytesToHex(hashAll(DOMAINS.frontier, numbered(tree.branches, hashOfBranch)));
  return tree.memo.digest;
}

export const frontierDigest = (entries: Iterable<FrontierEntry>): string => digestOf(treeOf(entries));

function hashOfBranch(branch: Branch | null): Uint8Array {
  if (branch === null) return EMPTY_HASH;
  branch.memo ??= hashAll(DOMAINS.bucket, [new Uint8Array([1]), ...numbered(branch.leaves, hashOfLeaf)]); // B2
  return branch.memo;
}

function hashOfLeaf(leaf: Leaf | null): Uint8Array {
  if (leaf === null) return EMPTY_HASH;
  leaf.memo ??= hashAll(DOMAINS.bucket, [new Uint8Array([2]), ...leaf.entries.flatMap(entryToBytes)]); // B2
  return leaf.memo;
}

const numbered = <T>(parts: readonly (T | null)[], hashOf: (part: T) => Uint8Array): readonly Uint8Array[] =>
  parts.flatMap((part, number) => (part === null ? [] : [concatBytes(new Uint8Array([number]), hashOf(part))]));

const leafOf = (tree: FrontierTree, bucket: number): Leaf | null =>
  tree.branches[Math.floor(bucket / LEAVES)]?.leaves[bucket % LEAVES] ?? null;

const entriesUnder = ({ leaves }: Branch): readonly FrontierEntry[] => leaves.flatMap((leaf) => leaf?.entries ?? []);

/** A feed's name is 64 letters of hex. */
const placeOf = (feed: FeedId): { readonly branch: number; readonly leaf: number } => ({
  branch: Number.parseInt(feed.slice(0, 2), 16),
  leaf: Number.parseInt(feed.slice(2, 3), 16),
});

/** Where it stands or would stand. By halves: names can be made to fall into one bucket. */
function indexIn(entries: readonly FrontierEntry[], feed: FeedId): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.feed ?? "") < feed) low = middle + 1;
    else high = middle;
  }
  return low;
}
