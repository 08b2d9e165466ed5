/**
 * Hearing: what is told in the topics of our communities. Takes it in, says whether it may go on to others, and hands
 * whispers to those who show them. Owns its subscriptions; `close` ends them.
 *
 *   E1  Blame only for what the neighbour could have seen itself: a broken layout, a signature that does not hold. A hearth
 *       passes on what it cannot read, so nothing that is inside a seal is held against it.
 *   E2  A whisper counts of a feed that we hold, that has told one story, and, where we can read, speaks for another member.
 *   E3  Its pace (protocol/documents/whisper.ts Q4, Q5) is looked at before its signature is verified, and taken from after.
 *   E4  A whisper goes on, and to the screen; never to a shelf.
 *   E5  Paces are remembered for so many feeds; those heard of longest ago are forgotten.
 */
import {
  NEW_PACE,
  NONCE_BYTES,
  hasRest,
  readWhisper,
  takeWhisper,
  topicOf,
  whisperCheck,
  type EpochKey,
  type FeedId,
  type SealedWhisper,
  type Tag,
  type Whisper,
  type WhisperPace,
} from "../../protocol/index.ts";
import type { PeerName, Verdict, Wires } from "../net/wires.ts";
import type { World } from "../platform/world.ts";
import { gossipOfProof, readGossip } from "./gossip-message.ts";
import type { Holding, Reception } from "./holding.ts";
import { verdictOf } from "./reception.ts";
import type { Verify } from "./verify.ts";

export type OnWhisper = (tag: Tag, feed: FeedId, whisper: Whisper) => void;

export interface HearingDeps {
  readonly wires: Pick<Wires, "listen" | "publish">;
  readonly world: Pick<World, "now" | "bytes">;
  readonly verify: Verify;
  readonly holdingOf: (tag: Tag) => Holding | undefined;
  /** Null on a hearth and a porch. */
  readonly epochOf: (tag: Tag) => EpochKey | null;
  readonly ownFeed: (tag: Tag) => FeedId | null;
  /** Something is missing that this neighbour has told of. */
  readonly askAgain: (peer: PeerName, tag: Tag) => void;
  readonly heard: () => void;
  readonly onWhisper: OnWhisper;
  /** E5. */
  readonly maxPaces?: number;
  readonly closed: AbortSignal;
}

export interface Hearing {
  readonly listenTo: (holding: Holding) => void;
  /** Takes in a chunk, from a session too; of a fork that it proves, all are told. */
  readonly receive: (holding: Holding, bytes: Uint8Array, signal: AbortSignal) => Promise<Reception>;
  readonly close: () => void;
}

/** E5: all devices of a thousand members, and those of strangers at a hearth that carries many communities. */
const MAX_PACES = 8_192;

export function createHearing(deps: HearingDeps): Hearing {
  const { wires, world, holdingOf, closed, maxPaces = MAX_PACES } = deps;
  const listening = new Map<Tag, () => void>();
  const paces = new Map<FeedId, WhisperPace>();

  async function hear(tag: Tag, bytes: Uint8Array, from: PeerName): Promise<Verdict> {
    const holding = holdingOf(tag); // looked up each time: who joins anew has a new one under the same tag
    if (holding === undefined) return "ignore";
    deps.heard();
    const told = readGossip(bytes, tag);
    switch (told.kind) {
      case "whisper":
        return hearWhisper(holding, told.whisper);
      case "proof": {
        const taken = await holding.takeProof(told.bytes, closed);
        return taken === "new" ? "accept" : taken === "refused" ? "reject" : "ignore";
      }
      case "chunk": {
        const reception = await receive(holding, told.bytes, closed);
        if (reception.kind === "gap" || reception.kind === "ask-earlier") deps.askAgain(from, tag);
        return verdictOf(reception);
      }
      case "newer":
        return "ignore";
      case "malformed":
        return "reject";
      default:
        return told satisfies never;
    }
  }

  async function receive(holding: Holding, bytes: Uint8Array, signal: AbortSignal): Promise<Reception> {
    const reception = await holding.take(bytes, signal);
    if (reception.kind === "forked") {
      const gossip = gossipOfProof(holding.tag, reception.proof, world.bytes(NONCE_BYTES));
      void wires.publish(topicOf(holding.tag), gossip).catch(() => undefined); // nobody waits for it
    }
    return reception;
  }

  async function hearWhisper({ tag, replica }: Holding, sealed: SealedWhisper): Promise<Verdict> {
    const { feed } = sealed;
    const epoch = deps.epochOf(tag);
    const deviceKey = replica.feed(feed)?.birth.deviceKey;
    if (deviceKey === undefined || replica.proof(feed) !== null) return "ignore"; // E2: it is said behind all its envelopes
    const isOthers = feed !== deps.ownFeed(tag) && replica.community.authority().memberByFeed.has(feed);
    if (epoch !== null && !isOthers) return "ignore"; // E2
    if (!hasRest(paceOf(feed), world.now())) return "ignore"; // E3
    const [holds] = await deps.verify([whisperCheck(tag, sealed, deviceKey)]);
    if (holds !== true) return "reject"; // E1
    const whisper = epoch === null ? null : readWhisper(tag, sealed, epoch);
    if (!isTaken(feed, whisper?.ok === true ? whisper.value.n : null)) return "ignore";
    if (whisper === null) return "accept"; // a hearth, a porch
    if (!whisper.ok) return "ignore"; // E1
    deps.onWhisper(tag, feed, whisper.value); // E4
    return "accept";
  }

  const paceOf = (feed: FeedId): WhisperPace => paces.get(feed) ?? NEW_PACE;

  /** E3, asked anew: others were taken while this one was verified. */
  function isTaken(feed: FeedId, n: number | null): boolean {
    const taken = takeWhisper(paceOf(feed), n, world.now());
    if (!taken.ok) return false;
    paces.delete(feed); // so that the map stays in order of the last word
    paces.set(feed, taken.value);
    const oldest = paces.keys().next().value;
    if (paces.size > maxPaces && oldest !== undefined) paces.delete(oldest); // E5
    return true;
  }

  return {
    listenTo: ({ tag }) => {
      if (listening.has(tag)) return;
      listening.set(
        tag,
        wires.listen(topicOf(tag), (bytes, from) => hear(tag, bytes, from)),
      );
    },
    receive,
    close: () => {
      for (const stop of listening.values()) stop();
    },
  };
}
