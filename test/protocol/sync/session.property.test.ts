/**
 * 1. Two replicas hold parts of one village, each perhaps another branch of Cy's forked feed.
 * 2. They meet, once or more often; messages and own work interleave at random.
 * 3. When a meeting changes nothing any more, both hold the union and have one digest and one fingerprint.
 * And a hostile peer, whatever it says, is met with S2, S3 and S4 and never with a throw.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chunkOf, encodeChunk } from "../../../protocol/feed/chunk.ts";
import type { Millis } from "../../../protocol/lang/brand.ts";
import { treeOf } from "../../../protocol/feed/frontier-tree.ts";
import { createReplica, type Replica } from "../../../protocol/space/replica.ts";
import { WINDOW } from "../../../protocol/sync/fetching.ts";
import { startSession, step, type Session } from "../../../protocol/sync/session.ts";
import type { Input, Outcome } from "../../../protocol/sync/turn.ts";
import { runs } from "../../runs.ts";
import { buildVillage, chunksOf, type Village } from "../space/village.ts";
import { meet, take, type Peer } from "./meeting.ts";
import { messages } from "./messages.ts";

const village = buildVillage(11);
const { group } = village;

function peerWith(
  lengths: readonly number[],
  cuts: readonly number[],
  other: boolean,
  proof: boolean,
  { feeds, otherStory }: Village,
): Peer {
  const peer: Peer = { group, replica: createReplica(group.tag), shelf: new Map() };
  feeds.forEach((all, i) => {
    const feed = other && i === 2 ? [...all.slice(0, 2), ...otherStory] : all;
    const held = feed.slice(0, lengths[i]! % (feed.length + 1));
    if (held.length > 0) for (const bytes of chunksOf(held, cuts)) take(peer, bytes);
  });
  if (proof && peer.replica.feed(village.proof.feed) !== null) peer.replica.takeProof(village.proof); // as src/peer does
  return peer;
}
const peer = fc
  .tuple(fc.array(fc.nat(30), { minLength: 4, maxLength: 4 }), fc.array(fc.nat(20), { maxLength: 3 }), fc.boolean(), fc.boolean())
  .map(
    ([lengths, cuts, other, proof]) =>
      () =>
        peerWith(lengths, cuts, other, proof, village),
  );

describe("among friends", () => {
  test("however messages interleave, a meeting completes and in the end both hold the union", () => {
    fc.assert(
      fc.property(peer, peer, fc.infiniteStream(fc.nat(11)), (left, right, coins) => {
        const peers = [left(), right()] as const;
        const lengths = (replica: Replica) => new Map(replica.frontier().map((e) => [e.feed, e.length]));
        const before = peers.map(({ replica }) => lengths(replica));
        for (let meetings = 0; peers[0].replica.digest() !== peers[1].replica.digest(); meetings += 1) {
          expect(meetings).toBeLessThan(5);
          const { ends } = meet(peers, () => coins.next().value);
          expect(ends).toEqual(Array(2).fill({ phase: "closed", reason: "complete" }));
        }
        expect(meet(peers, () => 0).ends).toEqual(Array(2).fill({ phase: "closed", reason: "equal" }));
        expect(peers[0].replica.fingerprint()).toBe(peers[1].replica.fingerprint());
        const after = lengths(peers[0].replica);
        for (const feed of new Set(before.flatMap((map) => [...map.keys()]))) {
          const fork = peers[0].replica.forks().get(feed) ?? Infinity;
          const union = Math.min(fork, Math.max(...before.map((map) => map.get(feed) ?? 0)));
          // A fork found on the way only shortens what counts.
          expect(after.get(feed)).toBe(union);
        }
      }),
      { numRuns: runs(40, 120) },
    );
  });
  test("a forked feed is found out by two who hold a branch each, and both keep a proof", () => {
    const peers = [
      peerWith([30, 30, 5, 1], [], false, false, village),
      peerWith([30, 30, 4, 1], [], true, false, village),
    ] as const;
    for (let meetings = 0; meetings < 2; meetings += 1) meet(peers, () => 1);
    for (const { replica } of peers) expect([...replica.forks()]).toEqual([[village.feeds[2]![0]!.feed, 2]]);
  });
});

const feedId = fc.constantFrom(...village.feeds.map(([first]) => first!.feed));
const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({ kind: fc.constant("grown" as const), length: fc.nat(12) }),
  fc.record({ kind: fc.constant("ask-earlier" as const), from: fc.nat(12) }),
  fc.constant<Outcome>({ kind: "settled" }),
  fc.constant<Outcome>({ kind: "refused" }),
);
const hostile: fc.Arbitrary<Input> = fc.oneof(
  { weight: 6, arbitrary: messages.map((message): Input => ({ kind: "message", message })) },
  { weight: 2, arbitrary: feedId.map((feed): Input => ({ kind: "message", message: { kind: "want", feed, from: 0 } })) },
  { weight: 1, arbitrary: outcome.map((each): Input => ({ kind: "delivered", outcome: each })) },
  { weight: 1, arbitrary: feedId.map((feed): Input => ({ kind: "loaded", what: "chunk", feed, bytes: null })) },
  { weight: 1, arbitrary: fc.constantFrom<Input>({ kind: "start" }, { kind: "tick" }) },
);
/** Begins as the protocol wants, so that hostility is met in every phase. */
const digest = (feeds: number): Input => ({
  kind: "message",
  message: { kind: "digest", digest: "00".repeat(32), feeds, nonce: "01".repeat(8) },
});
const theirs: Input = {
  kind: "message",
  message: {
    kind: "frontier",
    more: false,
    entries: village.feeds
      .map(([first]) => ({ feed: first!.feed, length: 9, forkedAt: null, mark: "02".repeat(8) }))
      .sort((a, b) => (a.feed < b.feed ? -1 : 1)),
  },
};
const buckets = (count: number): Input => ({ kind: "message", message: { kind: "buckets", shorts: new Uint8Array(2 * count) } });
const outline = (rows: number): Input => ({
  kind: "message",
  message: { kind: "outline", rows: Array<Uint8Array>(rows).fill(new Uint8Array(4)) },
});
const start: Input = { kind: "start" };
const openings: fc.Arbitrary<readonly Input[]> = fc.constantFrom<readonly Input[]>(
  [],
  [start],
  [start, digest(4)],
  [start, digest(4), theirs],
  [start, digest(9_000)],
  [start, digest(9_000), buckets(256)],
  [start, digest(9_000), buckets(256), outline(256), theirs],
  [start, digest(90_000), buckets(256)],
  [start, digest(90_000), buckets(256), buckets(4_096), outline(4_096)],
);

describe("a hostile peer", () => {
  test("never makes a step throw, and S2, S3 and S4 hold throughout", () => {
    fc.assert(
      fc.property(openings, fc.array(fc.tuple(hostile, fc.nat(9_000)), { maxLength: 60 }), (opening, rest) => {
        const held = { feed: village.feeds[0]![0]!.feed, length: 3, head: village.feeds[0]![2]!.id, forkedAt: null };
        let session: Session = startSession(treeOf([held]), new Uint8Array(8));
        let now = 0;
        let asked = 0;
        let taken = 0;
        let answered = 0;
        let loads = 0;
        let wasClosed = false;
        for (const [input, later] of [...opening.map((each) => [each, 0] as const), ...rest]) {
          now += later;
          const { session: next, outputs } = step(session, input, now as Millis);
          if (wasClosed) expect(outputs).toEqual([]); // S2
          for (const output of outputs) {
            if (output.kind === "send" && (output.message.kind === "want" || output.message.kind === "want-proof")) asked += 1;
            if (output.kind === "deliver" || output.kind === "deliver-proof") taken += 1;
            if (output.kind === "load" || output.kind === "load-proof") loads += 1;
          }
          if (input.kind === "loaded") answered += 1;
          expect(taken).toBeLessThanOrEqual(asked); // S4
          expect(loads - answered).toBeLessThanOrEqual(WINDOW);
          if (next.phase === "fetching") expect(next.flying.length + next.landing.length).toBeLessThanOrEqual(WINDOW);
          wasClosed = next.phase === "closed";
          if (next.phase !== "closed" && next.phase !== "idle")
            expect(outputs.at(-1)).toEqual({ kind: "wake", at: next.deadline }); // S3
          session = next;
        }
        // S3: left alone, it ends.
        for (let i = 0; i < 3 && session.phase !== "closed" && session.phase !== "idle"; i += 1) {
          now = Math.max(now, session.deadline);
          const busy: boolean = session.phase === "fetching" && session.serving + session.landing.length > 0;
          if (busy) break; // own work in hand: ours to end
          session = step(session, { kind: "tick" }, now as Millis).session;
        }
        expect(["closed", "idle", "fetching"]).toContain(session.phase);
      }),
      { numRuns: runs(200, 400) },
    );
  });
  test("a chunk for another feed than was asked is still only a chunk: it is weighed, not believed", () => {
    const me = peerWith([2, 0, 0, 0], [], false, false, village);
    expect(take(me, encodeChunk(chunkOf(village.feeds[1]![0]!))).kind).toBe("grown");
    expect(take(me, new Uint8Array([1, 2, 3])).kind).toBe("refused");
  });
});
