/**
 * 1. Two replicas hold parts of one village, each perhaps another branch of Cy's forked feed.
 * 2. They meet, once or more often; messages and own work interleave at random.
 * 3. When a meeting changes nothing any more, both hold the union and have one digest and one fingerprint.
 * And a hostile peer, whatever it says, is met with S2, S3 and S4 and never with a throw.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chunkOf, encodeChunk, parseChunk } from "../../../protocol/feed/chunk.ts";
import { createForkProof, encodeForkProof, parseForkProof, proofChecks } from "../../../protocol/feed/fork.ts";
import type { FeedId } from "../../../protocol/crypto/hash.ts";
import type { Millis } from "../../../protocol/lang/brand.ts";
import { chunkFrom, createReplica, type Replica } from "../../../protocol/space/replica.ts";
import { encodeSyncMessage, parseSyncMessage } from "../../../protocol/sync/message.ts";
import {
  WINDOW,
  startSession,
  step,
  type Input,
  type Outcome,
  type Output,
  type Session,
} from "../../../protocol/sync/session.ts";
import { ingest } from "../../people.ts";
import { runs } from "../../runs.ts";
import { verifyWithNode } from "../../verify-with-node.ts";
import { buildVillage, chunksOf, type Village } from "../space/village.ts";
import { messages } from "./messages.ts";

const village = buildVillage(11);
const { group } = village;

interface Peer {
  readonly replica: Replica;
  readonly shelf: Map<FeedId, Uint8Array[]>;
}

function take({ replica, shelf }: Peer, bytes: Uint8Array): Outcome {
  const judged = ingest(replica, bytes, [group.epoch], verifyWithNode);
  if (judged === null) return { kind: "refused" };
  const weighed = replica.weigh(judged);
  const { feed } = judged.chunk;
  switch (weighed.kind) {
    case "grows":
      shelf.set(feed, [...(shelf.get(feed) ?? []), encodeChunk(weighed.segment)]);
      replica.admit(judged);
      return { kind: "grown", length: weighed.length };
    case "known":
    case "closed":
      return { kind: "settled" };
    case "gap":
    case "fork-below":
      return { kind: "ask-earlier", from: weighed.kind === "gap" ? weighed.missingFrom : weighed.askFrom };
    case "fork": {
      const ours = load({ replica, shelf }, feed, weighed.seq);
      const { deviceKey, random } = replica.feed(feed)!.birth;
      const parsed = ours && parseChunk(ours);
      const proof = parsed?.ok ? createForkProof(group.tag, deviceKey, random, parsed.value, weighed.theirs) : null;
      if (proof?.ok) replica.takeProof(proof.value);
      return { kind: "settled" };
    }
  }
}
function takeProof({ replica }: Peer, bytes: Uint8Array): Outcome {
  const proof = parseForkProof(group.tag, bytes);
  if (!proof.ok || !proofChecks(group.tag, proof.value).every(verifyWithNode)) return { kind: "refused" };
  replica.takeProof(proof.value);
  return { kind: "settled" };
}
function load({ shelf }: Pick<Peer, "replica" | "shelf">, feed: FeedId, from: number): Uint8Array | null {
  const segments = (shelf.get(feed) ?? []).filter((bytes) => {
    const chunk = parseChunk(bytes);
    return chunk.ok && chunk.value.from + chunk.value.entries.length > from;
  });
  const chunk = chunkFrom(group.tag, segments, from);
  return chunk && encodeChunk(chunk);
}

/** Answers an output that asks for work; null when it asks for none. */
function work(peer: Peer, output: Output): Input | null {
  switch (output.kind) {
    case "load":
      return { kind: "loaded", what: "chunk", feed: output.feed, bytes: load(peer, output.feed, output.from) };
    case "load-proof": {
      const proof = peer.replica.proof(output.feed);
      return { kind: "loaded", what: "proof", feed: output.feed, bytes: proof && encodeForkProof(proof) };
    }
    case "deliver":
      return { kind: "delivered", outcome: take(peer, output.bytes) };
    case "deliver-proof":
      return { kind: "delivered", outcome: takeProof(peer, output.bytes) };
    case "send":
    case "wake":
    case "close":
      return null;
  }
}

/** One meeting. Wire and own work are two queues for each side; `coin` says which moves next. */
function meet(peers: readonly [Peer, Peer], coin: () => number): readonly Session[] {
  const sides = peers.map((peer) => ({
    peer,
    session: startSession(peer.replica.frontier()),
    wire: [] as Uint8Array[],
    own: [{ kind: "start" }] as Input[],
  }));
  const advance = (me: number, queue: "wire" | "own"): void => {
    const mine = sides[me]!;
    const frame = queue === "wire" ? parseSyncMessage(mine.wire.shift()!) : null;
    if (frame?.ok === false) throw new Error("an honest message parses");
    const input = frame === null ? mine.own.shift()! : ({ kind: "message", message: frame.value } as const);
    const { session, outputs } = step(mine.session, input, 0 as Millis);
    mine.session = session;
    for (const output of outputs) {
      if (output.kind === "send") sides[1 - me]!.wire.push(encodeSyncMessage(output.message));
      const answer = work(mine.peer, output);
      if (answer !== null) mine.own.push(answer);
    }
  };
  (advance(0, "own"), advance(1, "own")); // a driver always starts before it listens
  for (;;) {
    const ready = [0, 1].flatMap((me) =>
      (["wire", "own"] as const).flatMap((queue) => (sides[me]![queue].length > 0 ? [[me, queue] as const] : [])),
    );
    if (ready.length === 0) return sides.map(({ session }) => session);
    advance(...ready[coin() % ready.length]!);
  }
}

function peerWith(
  lengths: readonly number[],
  cuts: readonly number[],
  other: boolean,
  proof: boolean,
  { feeds, otherStory }: Village,
): Peer {
  const peer: Peer = { replica: createReplica(group.tag), shelf: new Map() };
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
          const ends = meet(peers, () => coins.next().value);
          expect(ends).toEqual(Array(2).fill({ phase: "closed", reason: "complete" }));
        }
        expect(meet(peers, () => 0)).toEqual(Array(2).fill({ phase: "closed", reason: "equal" }));
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
const openings: fc.Arbitrary<readonly Input[]> = fc.constantFrom<readonly Input[]>(
  [],
  [{ kind: "start" }],
  [{ kind: "start" }, { kind: "message", message: { kind: "digest", digest: "00".repeat(32) } }],
  [
    { kind: "start" },
    { kind: "message", message: { kind: "digest", digest: "00".repeat(32) } },
    {
      kind: "message",
      message: {
        kind: "frontier",
        more: false,
        entries: village.feeds
          .map(([first]) => ({ feed: first!.feed, length: 9, head: first!.id, forkedAt: null }))
          .sort((a, b) => (a.feed < b.feed ? -1 : 1)),
      },
    },
  ],
);

describe("a hostile peer", () => {
  test("never makes a step throw, and S2, S3 and S4 hold throughout", () => {
    fc.assert(
      fc.property(openings, fc.array(fc.tuple(hostile, fc.nat(9_000)), { maxLength: 60 }), (opening, rest) => {
        let session: Session = startSession([
          { feed: village.feeds[0]![0]!.feed, length: 3, head: village.feeds[0]![2]!.id, forkedAt: null },
        ]);
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
          if (next.phase === "exchanging") expect(next.flying.length + next.landing.length).toBeLessThanOrEqual(WINDOW);
          wasClosed = next.phase === "closed";
          if (next.phase !== "closed" && next.phase !== "idle")
            expect(outputs.at(-1)).toEqual({ kind: "wake", at: next.deadline }); // S3
          session = next;
        }
        // S3: left alone, it ends.
        for (let i = 0; i < 3 && session.phase !== "closed" && session.phase !== "idle"; i += 1) {
          now = Math.max(now, session.deadline);
          const busy: boolean = session.phase === "exchanging" && session.serving + session.landing.length > 0;
          if (busy) break; // own work in hand: ours to end
          session = step(session, { kind: "tick" }, now as Millis).session;
        }
        expect(["closed", "idle", "exchanging"]).toContain(session.phase);
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
