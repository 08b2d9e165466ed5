/** What one node of the fake net is, and the weather it lives in. */
import type { Millis } from "../../protocol/index.ts";
import type { PeerName, Verdict, Wire } from "../../src/net/wires.ts";
import type { Stream } from "./stream.ts";

/** Chances are in [0, 1]; times in ms. */
export interface Weather {
  latencyMs: number;
  gossipLoss: number;
  gossipTwice: number;
  /** Some gossip takes up to this much longer, so that it is overtaken. */
  gossipLateMs: number;
  /** Of a stream, for each frame. */
  streamBreak: number;
  /** How long an end may take to see that a link is gone. */
  blindMs: number;
}
export const CALM: Weather = { latencyMs: 20, gossipLoss: 0, gossipTwice: 0, gossipLateMs: 0, streamBreak: 0, blindMs: 0 };

export interface NodeOptions {
  readonly name: PeerName;
  readonly isHearth: boolean;
  readonly isLiar: boolean;
  /** Neighbours it looks for by itself. */
  readonly wanted: number;
  readonly now: () => Millis;
}

/** What one node did to another, for the checks. */
export interface Blame {
  readonly by: PeerName;
  readonly of: PeerName;
  readonly how: "hung-up" | "gossip-rejected" | "coldly";
}

export interface Link {
  readonly ends: readonly [Node, Node];
  readonly since: number;
  readonly streams: Set<Stream>;
  isUp: boolean;
}
export interface Node extends NodeOptions {
  /** As this end sees it. */
  readonly links: Map<PeerName, Link>;
  readonly handlers: Map<string, (wire: Wire) => Promise<void>>;
  readonly topics: Map<string, (bytes: Uint8Array, from: PeerName) => Promise<Verdict>>;
  readonly seen: Set<string>;
  readonly listeners: Set<() => void>;
  readonly refused: Map<PeerName, number>;
  readonly regards: Map<PeerName, number>;
  readonly inbound: Map<string, number>;
  readonly marked: Set<string>;
  sought: readonly string[];
  isAlive: boolean;
  isTelling: boolean;
}

/** Below this gossip hears a neighbour no more. */
export const GREY = -80;

export type NetCounts = Record<"streams" | "gossip" | "lost" | "twice" | "late" | "streamBreaks" | "linkBreaks", number>;
