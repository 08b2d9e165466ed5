/**
 * M1 and L1: whatever order chunks and proofs arrive in, however feeds are cut, whatever is repeated or overlaps, the
 * same set gives the same community, fingerprint and digest; and what was stored rebuilds it.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { createReplica, reopen, type Replica } from "../../../protocol/space/replica.ts";
import { actChecks, withVerdict } from "../../../protocol/space/ingest.ts";
import { encodeChunk, stripChunk } from "../../../protocol/feed/chunk.ts";
import { bytesOf, chunkOfAll, createChance, ingest, isAdmissible, type Group } from "../../people.ts";
import { runs } from "../../runs.ts";
import { verifyWithNode } from "../../verify-with-node.ts";
import { buildVillage, chunksOf, type Village } from "./village.ts";

const village = buildVillage(1);

type Item =
  { readonly kind: "chunk"; readonly bytes: Uint8Array } | { readonly kind: "proof"; readonly which: "proof" | "laterProof" };

/** Feeds everything in until nothing changes any more, as repeated syncing would; returns what went on the shelf. */
function carry(replica: Replica, { group, ...stories }: Village, items: readonly Item[]): readonly Uint8Array[] {
  const shelf: Uint8Array[] = [];
  let waiting = items;
  for (let before = -1; before !== waiting.length;) {
    before = waiting.length;
    waiting = waiting.filter((item) => {
      if (item.kind === "proof") {
        replica.takeProof(stories[item.which]);
        return false;
      }
      const judged = ingest(replica, item.bytes, [group.epoch], verifyWithNode);
      if (judged === null) return true; // an unknown feed: its birth is still to come
      const weighed = replica.weigh(judged);
      if (weighed.kind === "grows") shelf.push(encodeChunk(weighed.segment));
      if (weighed.kind === "grows" || weighed.kind === "known") replica.admit(judged);
      return weighed.kind === "gap" || weighed.kind === "fork-below";
    });
  }
  return shelf;
}

export function picture(replica: Replica) {
  const authority = replica.community.authority();
  return {
    members: [...authority.members.values()].map(({ name, feeds }) => [name, feeds]).sort(),
    heads: authority.heads,
    posts: replica.community.posts(),
    counted: [...replica.community.countedIds()].sort(),
    fingerprint: replica.fingerprint(),
    frontier: replica.frontier(),
    digest: replica.digest(),
  };
}

const shuffle = <T>(items: readonly T[], seed: number): readonly T[] => {
  const { next } = createChance(seed);
  return items
    .map((item) => ({ item, key: next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
};
const whole: readonly Item[] = [
  ...village.feeds.flat().map((envelope): Item => ({ kind: "chunk", bytes: bytesOf(envelope) })),
  { kind: "proof", which: "proof" },
];
const reference = createReplica(village.group.tag);
carry(reference, village, whole);

test("the village is as its scenario says", () => {
  const { members, posts } = picture(reference);
  expect(members.map(([name]) => name)).toEqual(["Ana", "Bo", "Cy"]);
  expect(posts.map(({ post, promises }) => [post.act.title, promises.map(({ life }) => life.state)])).toEqual([
    ["Chairs for Sunday", ["kept", "agreed"]],
    ["Pears", ["withdrawn"]],
  ]);
  expect(reference.community.tally()).toMatchObject({ sealed: 3, opaque: 1, absent: 0 });
  const [{ versions, promises }] = posts.slice(0, 1) as [(typeof posts)[number]];
  expect([versions.terms.act.title, versions.closed?.act.why, versions.standing.length]).toEqual([
    "Chairs for Sunday at ten",
    "met",
    2,
  ]);
  expect(promises[0]!.life).toMatchObject({ terms: { due: 99 }, parts: [{ quantity: 5 }] });
  expect(reference.fingerprint()).toMatch(/^[0-9a-f]{64}$/);
});

test("arrival order, batching, repetition and the branch of a fork change nothing", () => {
  const cuts = fc.array(fc.nat(20), { maxLength: 4 });
  fc.assert(
    fc.property(
      fc.nat(),
      fc.array(cuts, { minLength: 8, maxLength: 8 }),
      fc.boolean(),
      fc.boolean(),
      (seed, allCuts, other, branchFirst) => {
        const otherFeed = [...village.feeds[2]!.slice(0, 2), ...village.otherStory];
        const feeds = other
          ? [...village.feeds.slice(0, 2), branchFirst ? otherFeed : village.feeds[2]!, village.feeds[3]!]
          : village.feeds;
        const chunks = [...feeds, ...feeds, ...(other ? [otherFeed] : [])].flatMap((feed, i) => chunksOf(feed, allCuts[i % 8]!));
        const items: readonly Item[] = [
          ...chunks.map((bytes): Item => ({ kind: "chunk", bytes })),
          { kind: "proof", which: "laterProof" },
          { kind: "proof", which: "proof" },
          { kind: "proof", which: "laterProof" },
        ];
        const replica = createReplica(village.group.tag);
        carry(replica, village, shuffle(items, seed));
        expect(picture(replica)).toEqual(picture(reference));
      },
    ),
    { numRuns: runs(25, 60) },
  );
});

test("L1: what was stored rebuilds the same, act checks included", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const first = createReplica(village.group.tag);
      const shelf = carry(first, village, shuffle(whole, seed));
      const second = createReplica(village.group.tag);
      for (const bytes of shelf) second.admit(verified(village.group, reopen(village.group.tag, bytes, [village.group.epoch])!));
      second.takeProof(village.proof);
      expect(picture(second)).toEqual(picture(reference));
    }),
    { numRuns: 15 },
  );
});
function verified({ tag }: Group, judged: NonNullable<ReturnType<typeof reopen>>) {
  const opened = judged.opened.map((entry) => {
    const needed = actChecks(tag, judged.chunk.feed, entry);
    return needed === null
      ? entry
      : withVerdict(entry, needed.checks.every(verifyWithNode) && needed.newKeys.every(isAdmissible));
  });
  return { ...judged, opened };
}

test("a key that comes late opens what was sealed, as if it had been there from the start", () => {
  const replica = createReplica(village.group.tag);
  const blind = village.feeds.map((feed) => ingest(replica, chunksOf(feed, [])[0]!, [], verifyWithNode)!);
  for (const judged of blind) replica.admit(judged);
  expect([replica.community.authority().members.size, replica.fingerprint()]).toEqual([0, null]);
  expect(replica.community.tally().sealed).toBeGreaterThan(10);
  replica.takeProof(village.proof);
  for (const feed of village.feeds)
    replica.admit(ingest(replica, chunksOf(feed, [])[0]!, [village.group.epoch], verifyWithNode)!);
  expect(picture(replica)).toEqual(picture(reference));
});

test("bodies that come late heal what was absent, and a stripped repetition takes nothing away", () => {
  // No stranger can bring this about (I5); a shelf that was cleared of bodies can.
  const { group, feeds } = village;
  const stripped = feeds.map((feed) => encodeChunk(stripChunk(chunkOfAll(feed), false)));
  const bodies = feeds.map((feed) => chunksOf(feed, [])[0]!);
  for (const order of [
    [...stripped, ...bodies],
    [...bodies, ...stripped],
  ]) {
    const replica = createReplica(group.tag);
    for (const bytes of order) replica.admit(verified(group, reopen(group.tag, bytes, [group.epoch])!));
    replica.takeProof(village.proof);
    expect(picture(replica)).toEqual(picture(reference));
    expect(replica.community.tally().absent).toBe(0);
  }
});
