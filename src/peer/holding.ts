/**
 * Holding: one community's replica and the shelf it rests on. Everything that is taken in goes through one queue.
 *
 *   H1  What counts was stored before: shelf first, replica second, publishing last.
 *   H2  One thing at a time: a chunk is weighed against what the one before it left.
 *   H3  A shelf that is full or broken is an answer; what is held stays held, and can be given on.
 *   H4  A second story becomes a proof, which is stored and told.
 *   H5  What others hold of our own feed beyond what we hold shows that it is written elsewhere: it is taken in like any
 *       other, and no more is written here.
 *   H6  What came to a porch, where any feed is welcome, is weighed again once the key is here: feeds that it does not admit
 *       are left out, and nothing is put behind what lies there of them: it may be another story. Once the key is known to be
 *       the community's, they are dropped, and the true story can come.
 *   H7  Feeds are bounded by number: each costs memory, and a frontier that is too long would end every session.
 */
import {
  MAX_CHUNK_ENVELOPES,
  chunkFrom,
  chunkOf,
  createForkProof,
  createReplica,
  cutChunk,
  encodeChunk,
  encodeForkProof,
  equalBytes,
  err,
  feedIdFromBytes,
  joinChunks,
  linksOf,
  ok,
  openLinks,
  parseForkProof,
  proofChecks,
  reopen,
  type Chunk,
  type Envelope,
  type EnvelopeId,
  type FeedId,
  type ForkProof,
  type Judged,
  type Replica,
  type Result,
  type SpaceKey,
  type Tag,
} from "../../protocol/index.ts";

import type { AppendError, Pen, Segment, Shelf, WriteError } from "../storage/shelf.ts";
import { withActsVerified, type Judge, type JudgeError } from "./judge.ts";

export type Reception =
  | { readonly kind: "grown"; readonly length: number }
  /** Nothing new up to `end`; our feed is `behind` longer than that. */
  | { readonly kind: "known"; readonly end: number; readonly behind: number }
  | { readonly kind: "gap"; readonly missingFrom: number }
  | { readonly kind: "ask-earlier"; readonly from: number }
  /** A fork was proved; the proof is for the others. */
  | { readonly kind: "forked"; readonly proof: Uint8Array }
  | { readonly kind: "closed" }
  | { readonly kind: "refused"; readonly error: JudgeError }
  | { readonly kind: "not-stored"; readonly error: WriteError };

export interface HoldingDeps {
  readonly tag: Tag;
  readonly shelf: Shelf;
  readonly judge: Judge;
  /** All keys held, of the community and of circles; empty on a hearth and a porch. */
  readonly keys: () => readonly SpaceKey[];
  /** Relay keys under which feeds are admitted; null: any (a porch). */
  readonly relayKeys: () => readonly Uint8Array[] | null;
  /** The feed this device writes here, if any. */
  readonly ownFeed: () => FeedId | null;
  /** H7. */
  readonly maxFeeds?: number;
  /** After every change of the replica, and of `trouble`. */
  readonly changed: () => void;
}

export interface Holding {
  readonly tag: Tag;
  /** Another one after each `load`. */
  readonly replica: Replica;
  /** Rises with every change, also over a `load`. */
  readonly version: () => number;
  /** Once true, nothing more may be written into the own feed: it would fork. */
  readonly isOwnElsewhere: () => boolean;
  /** Why the last write failed; null when it did not. */
  readonly trouble: () => WriteError | null;
  /** Reads the shelf. Again after a key came: what was sealed opens. Answers the bytes that are no chunk (a broken disk). */
  readonly load: (signal: AbortSignal) => Promise<number>;
  /** Reads what is stored of these feeds again, from a seq each: a circle's key came, and what was sealed opens. */
  readonly reread: (from: ReadonlyMap<FeedId, number>, signal: AbortSignal) => Promise<void>;
  /** H6. Aborting rejects. */
  readonly dropLeftOut: (signal: AbortSignal) => Promise<void>;
  readonly keysHeld: () => readonly SpaceKey[];
  readonly take: (bytes: Uint8Array, signal: AbortSignal) => Promise<Reception>;
  readonly takeProof: (
    bytes: Uint8Array,
    signal: AbortSignal,
  ) => Promise<"new" | "known" | "unknown-feed" | "refused" | "not-stored">;
  /** Stores own envelopes, in a row, and takes them in; the pen as it is then. */
  readonly append: (pen: Pen, envelopes: readonly Envelope[], signal: AbortSignal) => Promise<Result<Pen, AppendError>>;
  /** For whoever asks: a chunk of a feed from `from` on, or null. */
  readonly give: (feed: FeedId, from: number, signal: AbortSignal) => Promise<Uint8Array | null>;
  /** The chunk from one statement to the nearest signed one, for evidence and proofs; null when it is not held. */
  readonly chunkAt: (feed: FeedId, seq: number, signal: AbortSignal) => Promise<Chunk | null>;
  readonly giveProof: (feed: FeedId) => Uint8Array | null;
}

export function createHolding({
  tag,
  shelf,
  judge,
  keys,
  relayKeys,
  ownFeed,
  maxFeeds = MAX_FEEDS,
  changed,
}: HoldingDeps): Holding {
  let replica = createReplica(tag);
  let versionBefore = 0;
  let queue: Promise<unknown> = Promise.resolve();
  let trouble: WriteError | null = null;
  let ownElsewhere = false;
  /** H6. */
  const leftOut = new Set<FeedId>();

  /** H2. A step that fails by our own mistake does not stop those behind it. */
  const inTurn = <T>(job: () => Promise<T>): Promise<T> => {
    const run = queue.then(job, job);
    queue = run.catch(() => undefined);
    return run;
  };
  const note = (error: WriteError | null): void => {
    trouble = error;
    changed();
  };

  async function load(signal: AbortSignal): Promise<number> {
    let broken = 0;
    const fresh = createReplica(tag);
    leftOut.clear();
    for await (const batch of shelf.segments(tag, signal)) {
      for (const { bytes } of batch) {
        const judged = reopen(tag, bytes, keys());
        if (judged !== null && !isWelcome(judged.chunk)) leftOut.add(judged.chunk.feed);
        if (judged === null) broken += 1;
        else if (!leftOut.has(judged.chunk.feed)) {
          const opened = await withActsVerified(tag, judged.chunk.feed, judged.opened, judge.verify);
          const whole: Judged = { ...judged, opened };
          const { kind } = fresh.weigh(whole);
          if (kind === "grows" || kind === "known") fresh.admit(whole);
        }
      }
    }
    for (const { proof } of await shelf.proofs(tag, signal)) {
      const parsed = parseForkProof(tag, proof);
      if (parsed.ok) fresh.takeProof(parsed.value);
      else broken += 1;
    }
    versionBefore += replica.version() + 1;
    replica = fresh;
    changed();
    return broken;
  }

  /** Only what is private changes by it, so nothing needs to be verified again. */
  async function reread(places: ReadonlyMap<FeedId, number>, signal: AbortSignal): Promise<void> {
    for (const [feed, from] of places) {
      const length = replica.feed(feed)?.ids.length ?? 0;
      for (const { bytes } of await shelf.range(tag, feed, from, length, signal)) {
        const judged = reopen(tag, bytes, keys());
        const opened = judged?.opened.filter(({ content }) => content.kind === "private") ?? [];
        if (judged !== null && opened.length > 0 && replica.weigh(judged).kind === "known") replica.admit({ ...judged, opened });
      }
    }
    if (places.size > 0) changed();
  }

  /** H6. The chunks behind a birth that is left out continue nothing, and are left out too. */
  function isWelcome({ birth }: Chunk): boolean {
    const known = relayKeys();
    return birth === null || known === null || known.some((key) => equalBytes(key, birth.relayKey));
  }

  async function take(bytes: Uint8Array, signal: AbortSignal): Promise<Reception> {
    const context = contextFor(bytes);
    const first = await judge.judge(context, bytes);
    if (!first.ok)
      return first.error.kind === "unknown-feed" ? { kind: "gap", missingFrom: 0 } : { kind: "refused", error: first.error };
    // A key that came while the judge was at work: what it saw sealed, and as welcome, is judged again (H6).
    const isSame = (now: readonly SpaceKey[]): boolean =>
      now.length === context.keys.length && now.every((key, at) => key === context.keys[at]);
    const settled = await inTurn(async () => (isSame(keys()) ? settle(first.value, signal) : null));
    return settled ?? take(bytes, signal);
  }

  /** The feed's name stands at a fixed place of a chunk; a wrong guess only makes the judge refuse. */
  function contextFor(bytes: Uint8Array) {
    const feed = feedNamedIn(bytes);
    const deviceKey = feed === null ? null : (replica.feed(feed)?.birth.deviceKey ?? null);
    return { tag, deviceKey, relayKeys: relayKeys(), keys: keys() };
  }

  async function settle(judged: Judged, signal: AbortSignal): Promise<Reception> {
    const weighed = replica.weigh(judged);
    switch (weighed.kind) {
      case "grows": {
        if (judged.chunk.from === 0 && replica.tally().feeds >= maxFeeds) return { kind: "closed" }; // H7
        if (leftOut.has(judged.chunk.feed)) return { kind: "closed" }; // H6
        if (judged.chunk.feed === ownFeed()) ownElsewhere = true; // H5
        const isWhole = weighed.segment === judged.chunk;
        const segment = segmentOf(weighed.segment, weighed.head, weighed.length, isWhole ? judged.bytes : undefined);
        const stored = await store(judged, segment, signal);
        if (!stored.ok) {
          note(stored.error); // H3
          return { kind: "not-stored", error: stored.error };
        }
        await tidy(judged.chunk.feed, weighed.length, signal).catch(() => undefined); // it is stored all the same
        replica.admit(judged); // H1
        note(null);
        return { kind: "grown", length: weighed.length };
      }
      case "known": {
        const end = judged.chunk.from + judged.links.length;
        return { kind: "known", end, behind: (replica.feed(judged.chunk.feed)?.ids.length ?? end) - end };
      }
      case "gap":
        return { kind: "gap", missingFrom: weighed.missingFrom };
      case "fork-below":
        return { kind: "ask-earlier", from: weighed.askFrom };
      case "closed":
        return { kind: "closed" };
      case "fork":
        return prove(judged.chunk.feed, weighed.seq, weighed.theirs, signal);
      default:
        return weighed satisfies never;
    }
  }

  /** A shelf that already holds a part of it (another tab wrote) takes the rest; one that has a hole takes nothing (H1). */
  async function store(judged: Judged, segment: Segment, signal: AbortSignal): Promise<Result<void, WriteError>> {
    const put = await shelf.putForeign(tag, [segment], signal);
    if (put.ok) return put;
    if (put.error.kind !== "not-contiguous") return err(put.error);
    const { from } = put.error;
    if (from <= segment.from || from >= segment.from + segment.count)
      return err({ kind: "storage-failed", reason: `the shelf of a feed ends at ${from}, not at ${segment.from}` });
    return store(
      judged,
      segmentOf(cutChunk(judged.chunk, judged.links, from), segment.head, segment.from + segment.count),
      signal,
    );
  }

  /** Every 256 envelopes of a feed become one segment: a row for each would cost 20 times the time to read (BENCH.md). */
  async function tidy(feed: FeedId, length: number, signal: AbortSignal): Promise<void> {
    if (length % MAX_CHUNK_ENVELOPES !== 0) return;
    const from = length - MAX_CHUNK_ENVELOPES;
    const chunk = await chunkOver(feed, from, length, signal);
    const head = chunk === null ? undefined : linksOf(tag, chunk).at(-1)?.id;
    if (chunk?.entries.length !== MAX_CHUNK_ENVELOPES || head === undefined) return; // segments that do not meet here
    // A merge that fails leaves the small segments, which say the same.
    await shelf.merge(tag, segmentOf(chunk, head, length), signal);
  }

  /** H4. */
  async function prove(feed: FeedId, seq: number, theirs: Chunk, signal: AbortSignal): Promise<Reception> {
    const birth = replica.feed(feed)?.birth;
    const ours = await chunkAt(feed, seq, signal);
    if (birth === undefined || ours === null) return { kind: "closed" };
    const proof = createForkProof(tag, birth.deviceKey, birth.random, ours, theirs);
    if (!proof.ok) return { kind: "closed" };
    const kept = await keepProof(proof.value, signal);
    return kept === "not-stored"
      ? { kind: "not-stored", error: trouble ?? UNKNOWN }
      : { kind: "forked", proof: encodeForkProof(proof.value) };
  }

  async function keepProof(proof: ForkProof, signal: AbortSignal): Promise<"new" | "known" | "not-stored"> {
    const known = replica.proof(proof.feed);
    if (known !== null && known.seq <= proof.seq) return "known";
    const stored = await shelf.putProof(tag, proof.feed, encodeForkProof(proof), signal);
    if (!stored.ok) {
      note(stored.error);
      return "not-stored";
    }
    replica.takeProof(proof);
    note(null);
    return "new";
  }

  async function chunkOver(feed: FeedId, seq: number, to: number, signal: AbortSignal): Promise<Chunk | null> {
    const segments = await shelf.range(tag, feed, seq, to, signal);
    return chunkFrom(
      tag,
      segments.map(({ bytes }) => bytes),
      seq,
    );
  }

  const chunkAt = (feed: FeedId, seq: number, signal: AbortSignal) => chunkOver(feed, seq, seq + 1, signal);

  return {
    tag,
    get replica() {
      return replica;
    },
    version: () => versionBefore + replica.version(),
    isOwnElsewhere: () => {
      const own = ownFeed();
      return ownElsewhere || (own !== null && replica.proof(own) !== null); // behind a fork nothing counts
    },
    trouble: () => trouble,
    load: (signal) => inTurn(() => load(signal)),
    reread: (from, signal) => inTurn(() => reread(from, signal)),
    dropLeftOut: (signal) =>
      inTurn(async () => {
        for (const feed of [...leftOut]) if ((await shelf.drop(tag, feed, signal)).ok) leftOut.delete(feed);
      }),
    keysHeld: keys,
    take,
    takeProof: async (bytes, signal) => {
      const parsed = parseForkProof(tag, bytes);
      // Made by a newer Kith: nothing to hold against whoever passes it on.
      const isNewer = !parsed.ok && (parsed.error.kind === "newer-proof" || parsed.error.kind === "newer-version");
      if (!parsed.ok) return isNewer ? "known" : "refused";
      const birth = replica.feed(parsed.value.feed)?.birth;
      if (birth === undefined) return "unknown-feed"; // its device is not admitted here: the feed comes first
      const answers = await judge.verify(proofChecks(tag, parsed.value));
      if (!answers.every((holds) => holds)) return "refused";
      return inTurn(() => keepProof(parsed.value, signal));
    },
    append: (pen, envelopes, signal) =>
      inTurn(async () => {
        const chunk = joinChunks(envelopes.map(chunkOf));
        const links = linksOf(tag, chunk);
        const head = links.at(-1)?.id;
        if (head === undefined) return ok(pen);
        const appended = await shelf.append(tag, pen, segmentOf(chunk, head, chunk.from + links.length), signal);
        if (!appended.ok) {
          note(appended.error.kind === "stale-writer" ? null : appended.error);
          return appended;
        }
        replica.admit({ chunk, links, opened: openLinks(tag, chunk.feed, links, keys()) }); // H1
        await tidy(chunk.feed, chunk.from + links.length, signal).catch(() => undefined); // it is written all the same
        note(null);
        return appended;
      }),
    give: async (feed, from, signal) => {
      if (replica.feed(feed) === null) return null; // H6
      const fork = replica.proof(feed)?.seq ?? Infinity;
      if (from >= fork && from > 0) return null; // a birth is given all the same: it says whose the fork is
      const segments = await shelf.range(tag, feed, from, from + MAX_CHUNK_ENVELOPES, signal);
      const [only] = segments;
      if (segments.length === 1 && only?.from === from) return only.bytes; // a chunk as it stands: nothing to cut or join
      const bytes = segments.map((segment) => segment.bytes);
      const chunk = chunkFrom(tag, bytes, from);
      return chunk === null ? null : encodeChunk(chunk);
    },
    chunkAt,
    giveProof: (feed) => {
      const proof = replica.proof(feed);
      return proof === null ? null : encodeForkProof(proof);
    },
  };
}

/** Sixteen for each of a thousand members; an eighth of what a session compares (MAX_FRONTIER_FEEDS), so that no peer's number ends one. */
const MAX_FEEDS = 16_384;
const UNKNOWN: WriteError = { kind: "storage-failed", reason: "unknown" };

/** `length`: of the feed, then. `bytes`: of the chunk, if they are at hand. */
const segmentOf = (chunk: Chunk, head: EnvelopeId, length: number, bytes = encodeChunk(chunk)): Segment => ({
  feed: chunk.feed,
  from: chunk.from,
  count: length - chunk.from,
  head,
  bytes,
});

/** The feed that a chunk says it is of; null when it is too short to say. */
export function feedNamedIn(chunk: Uint8Array): FeedId | null {
  return chunk.length < 33 ? null : feedIdFromBytes(chunk.slice(1, 33));
}
