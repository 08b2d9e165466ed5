/**
 * The wires as the rest of the house sees them: neighbours, framed streams, gossip.
 * libp2p is behind this file's types and nowhere else (created by `create-wires.ts`).
 *
 *   W1  Nothing that arrives throws across this border: a bad frame ends its stream, a bad
 *       gossip message is refused and costs its sender score.
 *   W2  Every wait takes a signal and a bound; closing the wires ends every stream.
 *   W3  Sending waits while the other side is slow (back-pressure, by credit: `framed-codec.ts`), and hands the library one
 *       frame at a time.
 *   W4  A signal that fires is no `WireError`: the promise rejects with the signal's reason, and what was sent stays sent.
 */
import type { Millis, Result } from "../../protocol/index.ts";

/** libp2p's PeerId as text. Fresh at every start for people. */
export type PeerName = string;

export type WireError = { readonly kind: "unreachable" | "refused" | "timed-out" | "closed" | "frame-too-large" };

/** A stream of whole frames (u32 big-endian length, then bytes), 1 to MAX_FRAME_BYTES each. */
export interface Wire {
  readonly peer: PeerName;
  readonly send: (frame: Uint8Array, signal: AbortSignal) => Promise<Result<void, WireError>>;
  /** Ends with the stream, also when the other side breaks the framing. Leaving a loop early keeps the rest for the next. */
  readonly frames: AsyncIterable<Uint8Array>;
  /** No more frames from us; theirs still arrive until they close, or are silent for 10 s. Closing twice is harmless. */
  readonly close: () => Promise<void>;
}

/** One chunk is at most 1 MiB of bodies; its frame a little more. */
export const MAX_FRAME_BYTES = 1_200_000;

export type ConnectionPath = "browser-direct" | "in-person" | "hearth-websocket" | "hearth-webrtc" | "through-relay" | "other";

export interface Connection {
  readonly peer: PeerName;
  /** The best of the open ways to that peer; `through-relay` only when there is no other. */
  readonly path: ConnectionPath;
  readonly since: Millis;
  /** Who dialled. */
  readonly direction: "inbound" | "outbound";
}

/** What to do with a gossip message: pass it on, drop it silently, or drop it and lower the sender's score. */
export type Verdict = "accept" | "ignore" | "reject";

export interface Wires {
  readonly self: PeerName;
  /** Addresses others can reach this node by now. */
  readonly addresses: () => readonly string[];
  readonly connections: () => readonly Connection[];
  /** Calls back when `connections()` or `addresses()` changed. */
  readonly subscribe: (changed: () => void) => () => void;

  /** Dials any of the addresses of one peer (a direct way preferred), retrying with jitter (the WebRTC dial race). At most 3 dials in flight; the rest wait. */
  readonly dial: (
    addresses: readonly string[],
    signal: AbortSignal,
  ) => Promise<Result<PeerName, WireError | { readonly kind: "unreadable-address" }>>;
  /** Ends all connections to a peer and refuses it for a while (`forMillis`, 0 = just hang up). */
  readonly hangUp: (peer: PeerName, forMillis: number) => Promise<void>;

  /** Serves a protocol such as "/kith/sync/1". At most 4 inbound streams a peer. The wire is closed when the handler resolves, reset when it rejects. */
  readonly serve: (protocol: string, handler: (wire: Wire) => Promise<void>) => Promise<void>;
  readonly open: (peer: PeerName, protocol: string, signal: AbortSignal) => Promise<Result<Wire, WireError>>;

  /** Joins a topic; `validate` runs before a message is passed on or delivered, and is the only consumer. A node is in at most 64 topics, and in each once. */
  readonly listen: (topic: string, validate: (bytes: Uint8Array, from: PeerName) => Promise<Verdict>) => () => void;
  /** Publishes; `reached` is how many neighbours it was handed to (0 is not an error). */
  readonly publish: (topic: string, bytes: Uint8Array) => Promise<Result<{ readonly reached: number }, WireError>>;
  /** Raises or lowers what gossip thinks of a peer (P5): a proven member +20, a hearth +60, no proof in 30 s −100. */
  readonly regard: (peer: PeerName, score: number) => void;

  /** Closing twice is harmless. */
  readonly close: () => Promise<void>;
}

/** Gossip above this vanishes or is refused; one envelope is at most 64 KiB. */
export const MAX_GOSSIP_BYTES = 65_536 + 128;
