/**
 * Gossip on one node: topics with a validator each, publishing, and what is thought of each neighbour.
 * Owns the topics it joined; `close` leaves them. The node itself belongs to `create-wires.ts`.
 *
 *   G1  A message of a topic that was not joined, or over MAX_GOSSIP_BYTES, is kept nowhere and passed on to nobody.
 *   G2  A validator that throws, or is too far behind, counts as "ignore": no score, nothing passed on.
 *   G3  Topic names from others are compared only after the prefix: the library files its scores under the bare name,
 *       and a name such as "__proto__" would reach Object.prototype.
 */
import {
  gossipsub,
  TopicValidatorResult,
  type GossipSub,
  type GossipSubComponents,
  type GossipsubOpts,
} from "@chainsafe/libp2p-gossipsub";
import type { Connection } from "@libp2p/interface";
import { err, ok, type Result } from "../../protocol/index.ts";
import { gossipSettings, MAX_TOPICS, topicScore } from "./gossip-settings.ts";
import { MAX_GOSSIP_BYTES, type PeerName, type Verdict, type WireError } from "./wires.ts";

export type Validate = (bytes: Uint8Array, from: PeerName) => Promise<Verdict>;

export interface Gossip {
  readonly listen: (topic: string, validate: Validate) => () => void;
  readonly publish: (topic: string, bytes: Uint8Array) => Promise<Result<{ readonly reached: number }, WireError>>;
  readonly regard: (peer: PeerName, score: number) => void;
  /** One of several connections to a neighbour has ended: go on over this one. The library would wait until all have ended. */
  readonly goOnOver: (connection: Connection) => void;
  /** Connected neighbours that said they are in this topic. */
  readonly neighboursIn: (topic: string) => readonly PeerName[];
  /** Gossip's own sum for a neighbour: for the network page and tests. */
  readonly scoreOf: (peer: PeerName) => number;
  readonly close: () => void;
}

/** Between choosing the settings and having the node: the service for libp2p, and then the gossip over it. */
export interface GossipPlan {
  readonly service: (components: GossipSubComponents) => GossipSub;
  readonly over: (pubsub: GossipSub) => Gossip;
}

const PREFIX = "/kith/gossip/1/";
const MAX_TOPIC_LETTERS = 96;
/** Messages of one neighbour, and of all, that may wait for their validator. */
const MAX_WAITING_PER_PEER = 256;
const MAX_WAITING = 2_048;
/** Peers are named afresh at every start, so what was thought of the oldest can be forgotten. */
const MAX_REGARDED = 4_096;

export function planGossip(): GossipPlan {
  const regardByPeer = new Map<PeerName, number>();
  const joined = new Set<string>();
  const settings: Partial<GossipsubOpts> = {
    ...gossipSettings,
    allowedTopics: [],
    scoreParams: { ...gossipSettings.scoreParams, appSpecificScore: (peer) => regardByPeer.get(peer) ?? 0 },
    dataTransform: {
      // Throwing is the library's way to refuse before anything is stored (G1); for a joined topic it counts against the sender.
      inboundTransform: (topic, bytes) => {
        if (!joined.has(topic)) throw new Error("a topic we are not in");
        if (bytes.length > MAX_GOSSIP_BYTES) throw new Error("a message over the limit");
        return bytes;
      },
      outboundTransform: (_topic, bytes) => bytes,
    },
  };
  return {
    service: gossipsub(settings),
    over: (pubsub) => {
      // The option is copied once and is matched against subscriptions too: neighbours announce theirs only once, often
      // before we join. So names of ours are remembered (64 a neighbour at most) and messages are refused by the transform.
      replaceField(pubsub, "allowedTopics", { has: (name: unknown) => typeof name === "string" && isOurName(name) });
      return gossipOver(pubsub, joined, regardByPeer);
    },
  };
}

function gossipOver(pubsub: GossipSub, joined: Set<string>, regardByPeer: Map<PeerName, number>): Gossip {
  const waitingByPeer = new Map<PeerName, number>();
  let waiting = 0;

  const judge = async (validate: Validate, bytes: Uint8Array, from: PeerName): Promise<TopicValidatorResult> => {
    const theirs = waitingByPeer.get(from) ?? 0;
    if (theirs >= MAX_WAITING_PER_PEER || waiting >= MAX_WAITING) return TopicValidatorResult.Ignore; // G2
    waitingByPeer.set(from, theirs + 1);
    waiting += 1;
    try {
      return verdictToResult(await validate(bytes, from));
    } catch {
      // G2: our own fault, whatever it was; the sender is not blamed for it.
      return TopicValidatorResult.Ignore;
    } finally {
      waiting -= 1;
      const left = (waitingByPeer.get(from) ?? 1) - 1;
      if (left === 0) waitingByPeer.delete(from);
      else waitingByPeer.set(from, left);
    }
  };

  const leave = (name: string) => {
    joined.delete(name);
    pubsub.topicValidators.delete(name);
    if (pubsub.getTopics().includes(name)) pubsub.unsubscribe(name);
  };

  return {
    listen: (topic, validate) => {
      const name = nameOf(topic);
      if (joined.has(name)) throw new Error(`this node is already in the topic ${topic}`);
      if (joined.size >= MAX_TOPICS) throw new Error(`a node is in at most ${MAX_TOPICS} topics`);
      joined.add(name);
      scoreTopic(pubsub, name);
      pubsub.topicValidators.set(name, (from, message) => judge(validate, message.data, from.toString()));
      pubsub.subscribe(name);
      let left = false;
      return () => {
        if (left) return;
        left = true;
        leave(name);
      };
    },

    publish: async (topic, bytes) => {
      if (bytes.length === 0 || bytes.length > MAX_GOSSIP_BYTES) return err({ kind: "frame-too-large" });
      try {
        const { recipients } = await pubsub.publish(nameOf(topic), bytes);
        return ok({ reached: recipients.length });
      } catch {
        // With these settings it throws only when the node is not running (duplicates and empty topics are no errors).
        return err({ kind: "closed" });
      }
    },

    regard: (peer, score) => {
      regardByPeer.delete(peer); // so that the map stays in order of the last word
      regardByPeer.set(peer, score);
      const oldest = regardByPeer.keys().next().value;
      if (regardByPeer.size > MAX_REGARDED && oldest !== undefined) regardByPeer.delete(oldest);
    },

    // Its handler for a new connection does what is wanted: nothing when gossip's stream is still open, else a new one.
    goOnOver: (connection) => void invoke(pubsub, "onPeerConnected", [connection.remotePeer, connection]),

    neighboursIn: (topic) => pubsub.getSubscribers(nameOf(topic)).map(String),
    scoreOf: (peer) => Number(invoke(pubsub, "getScore", [peer])),
    close: () => [...joined].forEach(leave),
  };
}

const nameOf = (topic: string): string => {
  if (topic.length === 0 || topic.length > MAX_TOPIC_LETTERS) throw new Error("a topic has 1 to 96 letters");
  return PREFIX + topic;
};

const isOurName = (name: string): boolean =>
  name.startsWith(PREFIX) && name.length > PREFIX.length && name.length <= PREFIX.length + MAX_TOPIC_LETTERS;

function verdictToResult(verdict: Verdict): TopicValidatorResult {
  switch (verdict) {
    case "accept":
      return TopicValidatorResult.Accept;
    case "ignore":
      return TopicValidatorResult.Ignore;
    case "reject":
      return TopicValidatorResult.Reject;
    default:
      verdict satisfies never;
      return TopicValidatorResult.Ignore;
  }
}

/** The library scores a topic only when it has its parameters, which it takes at the start; never taken out again, since it keeps counters. */
function scoreTopic(pubsub: GossipSub, name: string): void {
  const score: unknown = Reflect.get(pubsub, "score");
  const params: unknown = isObject(score) ? Reflect.get(score, "params") : undefined;
  const topics: unknown = isObject(params) ? Reflect.get(params, "topics") : undefined;
  if (!isObject(topics)) throw new Error("gossipsub keeps its score parameters elsewhere now");
  Reflect.set(topics, name, topicScore);
}

/** For what the library has but does not declare; a version without it must fail here and not later. */
function replaceField(pubsub: GossipSub, field: string, value: unknown): void {
  if (!Reflect.has(pubsub, field)) throw new Error(`gossipsub has no ${field} any more`);
  Reflect.set(pubsub, field, value);
}

function invoke(pubsub: GossipSub, method: string, args: readonly unknown[]): unknown {
  const found: unknown = Reflect.get(pubsub, method);
  if (typeof found !== "function") throw new Error(`gossipsub has no ${method} any more`);
  return Reflect.apply(found, pubsub, args);
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
