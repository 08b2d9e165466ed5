import fc from "fast-check";
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { EnvelopeId, FeedId } from "../../../protocol/crypto/hash.ts";
import type { FrontierEntry } from "../../../protocol/feed/frontier.ts";
import {
  EMPTY_TREE,
  digestOf,
  entriesOf,
  entriesOfBucket,
  entryIn,
  hashOfBucket,
  treeOf,
  withEntry,
  type FrontierTree,
} from "../../../protocol/feed/frontier-tree.ts";

/** Few first letters, so that buckets are shared, and few names, so that feeds come again. */
const feed = fc
  .tuple(fc.constantFrom("000", "001", "010", "fff"), fc.nat(6))
  .map(([bucket, n]) => (bucket + n.toString(16).padStart(61, "0")) as FeedId);
const entry: fc.Arbitrary<FrontierEntry> = fc.record({
  feed,
  length: fc.integer({ min: 1, max: 9 }),
  head: fc.nat(9).map((n) => n.toString(16).padStart(64, "0") as EnvelopeId),
  forkedAt: fc.constantFrom(null, 9),
});
const entries = fc.array(entry, { maxLength: 40 });

/** The same by another way: a map, and Node's own hash. */
const lastOfEach = (all: readonly FrontierEntry[]) =>
  [...new Map(all.map((each) => [each.feed, each])).values()].sort((a, b) => (a.feed < b.feed ? -1 : 1));
const sha = (word: string, ...parts: readonly (Buffer | number[])[]) =>
  createHash("sha256")
    .update(Buffer.concat([Buffer.from(`kith/1/${word}\0`), ...parts.map((part) => Buffer.from(part))]))
    .digest();
const raw = ({ feed: name, length, head, forkedAt }: FrontierEntry) => {
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32BE(length, 0);
  numbers.writeUInt32BE(forkedAt ?? 0xffff_ffff, 4);
  return Buffer.concat([Buffer.from(name, "hex"), numbers.subarray(0, 4), Buffer.from(head ?? "", "hex"), numbers.subarray(4)]);
};
function digestByHand(all: readonly FrontierEntry[]): string {
  const under = (prefix: string) => all.some(({ feed: name }) => name.startsWith(prefix));
  const hash = (prefix: string): Buffer =>
    prefix.length === 3
      ? sha("bucket", [2], ...all.filter(({ feed: name }) => name.startsWith(prefix)).map(raw))
      : sha("bucket", [1], ...letters.flatMap((l, n) => (under(prefix + l) ? [[n], hash(prefix + l)] : [])));
  const letters = [..."0123456789abcdef"];
  const all256 = letters.flatMap((left) => letters.map((right) => left + right));
  return sha("frontier", ...all256.flatMap((prefix, n) => (under(prefix) ? [[n], hash(prefix)] : []))).toString("hex");
}

describe("B1, B2: a tree grown entry by entry", () => {
  test("holds the last of each feed, in order, and has the digest of the specification", () => {
    fc.assert(
      fc.property(entries, (all) => {
        const expected = lastOfEach(all);
        const tree = treeOf(all);
        expect(entriesOf(tree)).toEqual(expected);
        expect([tree.feeds, tree.envelopes]).toEqual([expected.length, expected.reduce((sum, { length }) => sum + length, 0)]);
        expect(digestOf(tree)).toBe(digestByHand(expected));
        for (const each of expected) expect(entryIn(tree, each.feed)).toBe(each);
        expect(entryIn(tree, "e".repeat(64) as FeedId)).toBeNull();
      }),
    );
  });
  test("has the same hashes whether they were asked for on the way or only at the end", () => {
    fc.assert(
      fc.property(entries, (all) => {
        let tree: FrontierTree = EMPTY_TREE;
        for (const each of all) {
          tree = withEntry(tree, each);
          digestOf(tree);
        }
        expect(digestOf(tree)).toBe(digestOf(treeOf(all)));
      }),
    );
  });
  test("leaves the tree it was made from as it was", () => {
    fc.assert(
      fc.property(entries, entry, (all, more) => {
        const before = treeOf(all);
        const picture = [digestOf(before), entriesOf(before), before.feeds, before.envelopes];
        withEntry(before, more);
        expect([digestOf(treeOf(entriesOf(before))), entriesOf(before), before.feeds, before.envelopes]).toEqual(picture);
      }),
    );
  });
});

test("a bucket holds what its number says, in both depths; an empty one hashes to zeros", () => {
  const at = (prefix: string): FrontierEntry => ({
    feed: prefix.padEnd(64, "7") as FeedId,
    length: 1,
    head: "1".repeat(64) as EnvelopeId,
    forkedAt: null,
  });
  const tree = treeOf([at("abc"), at("abd"), at("ac0")]);
  const prefixes = (depth: 1 | 2, bucket: number) =>
    entriesOfBucket(tree, depth, bucket).map(({ feed: name }) => name.slice(0, 3));
  expect([prefixes(1, 0xab), prefixes(1, 0xac), prefixes(1, 0)]).toEqual([["abc", "abd"], ["ac0"], []]);
  expect([prefixes(2, 0xabc), prefixes(2, 0xac0), prefixes(2, 0xabe)]).toEqual([["abc"], ["ac0"], []]);
  expect([hashOfBucket(tree, 1, 0), hashOfBucket(tree, 2, 0xabe)]).toEqual(Array(2).fill(new Uint8Array(32)));
  expect(hashOfBucket(tree, 2, 0xabc)).not.toEqual(hashOfBucket(tree, 2, 0xabd));
});

test("B2: after one change of very many, what is hashed anew is one bucket in each depth", () => {
  const named = (n: number) => createHash("sha256").update(String(n)).digest("hex") as FeedId;
  const many = treeOf(
    Array.from({ length: 4_000 }, (_, n) => ({
      feed: named(n),
      length: 1,
      head: named(-n) as string as EnvelopeId,
      forkedAt: null,
    })),
  );
  digestOf(many);
  const next = withEntry(many, { feed: named(7), length: 2, head: named(9) as string as EnvelopeId, forkedAt: null });
  const unhashed = next.branches.filter((branch) => branch !== null && branch.memo === null);
  expect(unhashed).toHaveLength(1);
  expect(unhashed[0]!.leaves.filter((leaf) => leaf !== null && leaf.memo === null)).toHaveLength(1);
  expect(digestOf(next)).not.toBe(digestOf(many));
});
