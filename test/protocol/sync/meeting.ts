/** Two peers that hold replicas and meet over a wire of frames, without a driver: what travels, and who moves when, is ours to say. */
import { encodeChunk, parseChunk } from "../../../protocol/feed/chunk.ts";
import { createForkProof, encodeForkProof, parseForkProof, proofChecks } from "../../../protocol/feed/fork.ts";
import type { FeedId } from "../../../protocol/crypto/hash.ts";
import type { Millis } from "../../../protocol/lang/brand.ts";
import { chunkFrom, type Replica } from "../../../protocol/space/replica.ts";
import { encodeSyncMessage, parseSyncMessage } from "../../../protocol/sync/message.ts";
import { startSession, step, type Session } from "../../../protocol/sync/session.ts";
import type { Input, Outcome, Output } from "../../../protocol/sync/turn.ts";
import { ingest, type Group } from "../../people.ts";
import { verifyWithNode } from "../../verify-with-node.ts";

export interface Peer {
  readonly group: Group;
  readonly replica: Replica;
  readonly shelf: Map<FeedId, Uint8Array[]>;
}

export function take(peer: Peer, bytes: Uint8Array): Outcome {
  const { group, replica, shelf } = peer;
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
      const ours = load(peer, feed, weighed.seq);
      const { deviceKey, random } = replica.feed(feed)!.birth;
      const parsed = ours && parseChunk(ours);
      const proof = parsed?.ok ? createForkProof(group.tag, deviceKey, random, parsed.value, weighed.theirs) : null;
      if (proof?.ok) replica.takeProof(proof.value);
      return { kind: "settled" };
    }
  }
}
function takeProof({ group, replica }: Peer, bytes: Uint8Array): Outcome {
  const proof = parseForkProof(group.tag, bytes);
  if (!proof.ok || !proofChecks(group.tag, proof.value).every(verifyWithNode)) return { kind: "refused" };
  replica.takeProof(proof.value);
  return { kind: "settled" };
}
function load({ group, shelf }: Peer, feed: FeedId, from: number): Uint8Array | null {
  const segments = (shelf.get(feed) ?? []).filter((bytes) => {
    const chunk = parseChunk(bytes);
    return chunk.ok && chunk.value.from + chunk.value.entries.length > from;
  });
  const chunk = chunkFrom(group.tag, segments, from);
  return chunk && encodeChunk(chunk);
}

/** Answers an output that asks for work; null when it asks for none. */
export function work(peer: Peer, output: Output): Input | null {
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

export interface Meeting {
  readonly ends: readonly Session[];
  /** Every frame that was sent, in order. */
  readonly frames: readonly Uint8Array[];
  /** Frames that are chunks and arrived. */
  readonly arrived: readonly Uint8Array[];
}

let nonces = 0;
/** One meeting. Wire and own work are two queues for each side; `coin` says which moves next; after `cut` frames nothing arrives any more. */
export function meet(peers: readonly [Peer, Peer], coin: () => number, cut = Infinity): Meeting {
  const sent: Uint8Array[] = [];
  const arrived: Uint8Array[] = [];
  let delivered = 0;
  const sides = peers.map((peer) => ({
    peer,
    session: startSession(peer.replica.frontierTree(), new Uint8Array(8).fill((nonces += 1))),
    wire: [] as Uint8Array[],
    own: [{ kind: "start" }] as Input[],
  }));
  const advance = (me: number, queue: "wire" | "own"): void => {
    const mine = sides[me]!;
    const bytes = queue === "wire" ? mine.wire.shift()! : null;
    if (bytes !== null && ++delivered > cut) return;
    const frame = bytes === null ? null : parseSyncMessage(bytes);
    if (frame?.ok === false) throw new Error("an honest message parses");
    if (bytes !== null && frame?.value.kind === "chunk") arrived.push(bytes);
    const input = frame === null ? mine.own.shift()! : ({ kind: "message", message: frame.value } as const);
    const { session, outputs } = step(mine.session, input, 0 as Millis);
    mine.session = session;
    for (const output of outputs) {
      if (output.kind === "send") {
        const encoded = encodeSyncMessage(output.message);
        sent.push(encoded);
        sides[1 - me]!.wire.push(encoded);
      }
      const answer = work(mine.peer, output);
      if (answer !== null) mine.own.push(answer);
    }
  };
  (advance(0, "own"), advance(1, "own")); // a driver always starts before it listens
  for (;;) {
    const ready = [0, 1].flatMap((me) =>
      (["wire", "own"] as const).flatMap((queue) => (sides[me]![queue].length > 0 ? [[me, queue] as const] : [])),
    );
    if (ready.length === 0) return { ends: sides.map(({ session }) => session), frames: sent, arrived };
    advance(...ready[coin() % ready.length]!);
  }
}
