/**
 * One meeting of two peers that hold almost the same: what it costs in bytes and in turns, without a wire in between.
 * Real envelopes, real frames; every frame takes half a round trip, and work takes no time. The feeds are by one device, which
 * makes them cheap to write and changes no byte of what is counted.
 */
import {
  createReplica,
  createBirth,
  chunkOf,
  encodeChunk,
  encodeSyncMessage,
  joinChunks,
  linksOf,
  openLinks,
  parseChunk,
  parseSyncMessage,
  startSession,
  step,
  writeAct,
  type Envelope,
  type Input,
  type Millis,
  type Session,
} from "../protocol/index.ts";
import { createChance, found, type Group } from "../test/people.ts";
import { work, type Peer } from "../test/protocol/sync/meeting.ts";
import type { Figures, Progress } from "./core.ts";
import { clock } from "./work.ts";

export interface SyncSize {
  readonly feeds: number;
  readonly differ: number;
}

/** A frame's word in a libp2p stream (src/net/framed-codec.ts), and the tag that comes first. */
const WORD_BYTES = 4;
const OPENING_BYTES = WORD_BYTES + 32;

export async function benchSync(progress: Progress, { feeds, differ }: SyncSize): Promise<Figures> {
  if (!Number.isInteger(feeds) || !Number.isInteger(differ) || differ < 0 || differ > feeds)
    throw new Error("--feeds and --differ are whole numbers, and no more can differ than there are");
  const chance = createChance(11);
  const { group, founder } = found("Ana", chance);
  progress(`writing ${feeds} feeds of one or two envelopes`);
  const { deviceSeed, birth: own } = founder.writer;
  const peers = [emptyPeer(group), emptyPeer(group)] as const;
  for (let n = 0; n < feeds; n += 1) {
    const { feed, birth } = createBirth(group.tag, group.epoch, own.deviceKey, chance(32));
    const writer = { ...founder.writer, feed, birth, deviceSeed, length: 0, head: null };
    const offer = { kind: "offer", title: `Mending, the ${n}. time` } as const;
    const first = writeAct(writer, group.epoch, chance(24), 10 as Millis, [], offer);
    if (n >= differ) {
      for (const peer of peers) hold(peer, [first.envelope]);
      continue;
    }
    const second = writeAct(first.writer, group.epoch, chance(24), 11 as Millis, [], offer);
    // In turn: longer here, longer there, only here, only there.
    const [more, less] = n % 2 === 0 ? peers : [peers[1], peers[0]];
    hold(more, [first.envelope, second.envelope]);
    if (n % 4 < 2) hold(less, [first.envelope]);
  }

  const cold = clock();
  peers[0].replica.digest();
  const digestCold = cold();
  peers[1].replica.digest();
  progress("meeting");
  const meeting = meet(peers, chance);
  if (peers[0].replica.digest() !== peers[1].replica.digest())
    throw new Error("one meeting was not enough: chance, once in some 100");
  const late = createBirth(group.tag, group.epoch, own.deviceKey, chance(32));
  const { envelope } = writeAct(
    { ...founder.writer, feed: late.feed, birth: late.birth, length: 0, head: null },
    group.epoch,
    chance(24),
    12 as Millis,
    [],
    { kind: "offer", title: "One more" },
  );
  for (const peer of peers) hold(peer, [envelope]);
  const warm = clock();
  peers[0].replica.digest();
  const digestAfterChange = warm();
  const equal = meet(peers, chance);
  return {
    feeds,
    differ,
    bytes: meeting.bytes,
    chunkBytes: meeting.chunkBytes,
    frames: meeting.frames,
    roundTrips: meeting.closedAt / 2,
    roundTripsToLastEnvelope: meeting.lastChunkAt / 2,
    millis: millis(meeting.seconds),
    equalBytes: equal.bytes,
    equalRoundTrips: equal.closedAt / 2,
    equalMillis: millis(equal.seconds),
    digestColdMillis: millis(digestCold),
    digestAfterChangeMillis: millis(digestAfterChange),
  };
}

const emptyPeer = (group: Group): Peer => ({ group, replica: createReplica(group.tag), shelf: new Map() });

/** What one wrote oneself needs no judge. */
function hold({ group, replica, shelf }: Peer, envelopes: readonly Envelope[]): void {
  const bytes = encodeChunk(joinChunks(envelopes.map(chunkOf)));
  const chunk = parseChunk(bytes);
  if (!chunk.ok) throw new Error("a chunk of our own parses");
  const links = linksOf(group.tag, chunk.value);
  replica.admit({ chunk: chunk.value, links, opened: openLinks(group.tag, chunk.value.feed, links, [group.epoch]) });
  shelf.set(chunk.value.feed, [bytes]);
}

interface Meeting {
  /** Both ways, without those of chunks. */
  readonly bytes: number;
  readonly chunkBytes: number;
  readonly frames: number;
  /** In half round trips from the start. */
  readonly closedAt: number;
  readonly lastChunkAt: number;
  readonly seconds: number;
}

function meet(peers: readonly [Peer, Peer], chance: (length: number) => Uint8Array): Meeting {
  const took = clock();
  const sessions: Session[] = peers.map(({ replica }) => startSession(replica.frontierTree(), chance(8)));
  const tally = { bytes: OPENING_BYTES, chunkBytes: 0, frames: 1, lastChunkAt: 0 };
  /** Frames that arrive at the next half round trip, for each side. */
  let wires: readonly [Uint8Array[], Uint8Array[]] = [[], []];
  let at = 0;
  const feed = (me: 0 | 1, first: Input): void => {
    const peer = peers[me];
    const inputs = [first];
    for (let input = inputs.shift(); input !== undefined; input = inputs.shift()) {
      const session = sessions[me];
      if (session === undefined) throw new Error("a session for each");
      const next = step(session, input, 0 as Millis);
      sessions[me] = next.session;
      for (const output of next.outputs) {
        if (output.kind === "send") wires[me === 0 ? 1 : 0].push(encodeSyncMessage(output.message));
        const answer = work(peer, output);
        if (answer !== null) inputs.push(answer);
      }
    }
  };
  feed(0, { kind: "start" });
  feed(1, { kind: "start" });
  while (wires.some(({ length }) => length > 0)) {
    at += 1;
    const arriving = wires;
    wires = [[], []];
    for (const me of [0, 1] as const)
      for (const frame of arriving[me]) {
        const message = parseSyncMessage(frame);
        if (!message.ok) throw new Error("an honest message parses");
        const isChunk = message.value.kind === "chunk";
        tally[isChunk ? "chunkBytes" : "bytes"] += WORD_BYTES + frame.length;
        tally.frames += 1;
        if (isChunk) tally.lastChunkAt = at;
        feed(me, { kind: "message", message: message.value });
      }
  }
  return { ...tally, closedAt: at, seconds: took() };
}

const millis = (seconds: number): number => Math.round(seconds * 10_000) / 10;
