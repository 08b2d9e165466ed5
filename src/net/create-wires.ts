/**
 * A running libp2p node as `Wires`: the one place where its connections, streams and errors become ours.
 * Owns the node and everything opened through it; `close` ends all of it.
 */
import type { Connection as LibConnection, Libp2p, Stream } from "@libp2p/interface";
import { err, ok, type Millis, type Result } from "../../protocol/index.ts";
import { bestOf, isDialable, pathOf } from "./connection-path.ts";
import { createDialer } from "./dial.ts";
import { framedWire, type FramedWire } from "./framed-wire.ts";
import type { Gossip } from "./gossip.ts";
import type { InPerson } from "./in-person-lines.ts";
import type { KithServices, Refusals, WiresOptions } from "./libp2p-shared.ts";
import { raceAbort } from "./race-abort.ts";
import type { Connection, PeerName, Wire, WireError, Wires } from "./wires.ts";

export interface StartFailed {
  readonly kind: "start-failed";
  /** For the person who runs it: an address that is taken, a certificate that is not one. */
  readonly reason: string;
}

/** What the rest of this room and the network page may know beyond `Wires`. */
export interface NetWires extends Wires {
  /** Connected neighbours that said they are in this topic. */
  readonly neighboursIn: (topic: string) => readonly PeerName[];
  /** What a peer has signed about where it can be reached (libp2p's signed peer record, by identify); none when it has not. */
  readonly statedBy: (peer: PeerName) => Promise<readonly string[]>;
  /** Gossip's own sum for a neighbour: below −10 it is told less, below −80 it is not heard. */
  readonly scoreOf: (peer: PeerName) => number;
  /** Connecting without any server; null where there is no screen to show a line on. */
  readonly inPerson: InPerson | null;
}

/** A node that was composed and not yet started. */
export interface ComposedNode {
  readonly libp2p: Libp2p<KithServices>;
  readonly gossip: Gossip;
  readonly refusals: Refusals;
  readonly inPerson?: InPerson;
}

/** Of one protocol, from one peer, at once. */
const MAX_INBOUND_STREAMS_PER_PEER = 4;
const OPEN_MS = 10_000;
const CLOSE_MS = 5_000;
/** Streams of a connection that ended are gone a little after it. */
const AFTER_END_MS = 200;
/** A relayed connection beside a direct one is let go after this: the other side may still be signalling on it. */
const RELAYED_SPARE_MS = 5_000;

export async function startWires(
  options: WiresOptions,
  signal: AbortSignal,
  compose: () => Promise<ComposedNode>,
): Promise<Result<NetWires, StartFailed>> {
  signal.throwIfAborted();
  let libp2p: Libp2p | undefined;
  try {
    const node = await compose();
    libp2p = node.libp2p;
    const wires = wiresOver(node, options);
    await libp2p.start();
    signal.throwIfAborted();
    return ok(wires);
  } catch (error) {
    await libp2p?.stop();
    signal.throwIfAborted();
    return err({ kind: "start-failed", reason: error instanceof Error ? error.message : String(error) });
  }
}

function wiresOver({ libp2p, gossip, refusals, inPerson }: ComposedNode, { now, chance }: WiresOptions): NetWires {
  const self = libp2p.peerId.toString();
  const sinceByConnection = new WeakMap<LibConnection, Millis>();
  const listeners = new Set<() => void>();
  const wires = new Set<FramedWire>();
  const inboundByKey = new Map<string, number>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const closing = new AbortController();
  let closed: Promise<void> | null = null;
  let isTelling = false;

  /** Many events in one turn make one call. */
  const tell = () => {
    if (isTelling || closed !== null) return;
    isTelling = true;
    queueMicrotask(() => {
      isTelling = false;
      for (const listener of [...listeners]) listener();
    });
  };

  const connectionsTo = (peer: PeerName) => libp2p.getConnections().filter(({ remotePeer }) => remotePeer.toString() === peer);

  /** Once there is a direct way, the relay's slot and bytes go to others. */
  const letRelayedGo = (peer: PeerName) => {
    const all = connectionsTo(peer);
    if (all.every(({ limits }) => limits !== undefined)) return;
    for (const spare of all.filter(({ limits }) => limits !== undefined)) {
      spare.close({ signal: AbortSignal.timeout(1_000) }).catch((error: Error) => spare.abort(error));
    }
  };

  const soon = (ms: number, run: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, ms);
    timers.add(timer);
  };

  libp2p.addEventListener("connection:open", ({ detail }) => {
    sinceByConnection.set(detail, now());
    const peer = detail.remotePeer.toString();
    if (new Set(connectionsTo(peer).map(({ limits }) => limits === undefined)).size === 2)
      soon(RELAYED_SPARE_MS, () => letRelayedGo(peer));
    tell();
  });
  libp2p.addEventListener("connection:close", ({ detail }) => {
    const peer = detail.remotePeer.toString();
    if (detail.limits === undefined && connectionsTo(peer).length > 0) {
      soon(AFTER_END_MS, () => {
        const left = bestOf(connectionsTo(peer));
        if (left !== null && left.limits === undefined) gossip.goOnOver(left);
      });
    }
    tell();
  });
  libp2p.addEventListener("self:peer:update", tell);

  const connections = (): readonly Connection[] => {
    const waysByPeer = new Map<PeerName, LibConnection[]>();
    for (const way of libp2p.getConnections()) {
      const peer = way.remotePeer.toString();
      waysByPeer.set(peer, [...(waysByPeer.get(peer) ?? []), way]);
    }
    return [...waysByPeer].flatMap(([peer, ways]) => {
      const best = bestOf(ways);
      if (best === null) return [];
      return [{ peer, path: pathOf(best), since: sinceByConnection.get(best) ?? now(), direction: best.direction }];
    });
  };

  /** From here on the stream is ours to end; `release` runs once it has. */
  const adopt = (stream: Stream, peer: PeerName, release: () => void): FramedWire => {
    const wire = framedWire(stream, peer);
    wires.add(wire);
    void wire.over.then(() => {
      wires.delete(wire);
      release();
    });
    return wire;
  };

  const accept = async (protocol: string, handler: (wire: Wire) => Promise<void>, stream: Stream, connection: LibConnection) => {
    const peer = connection.remotePeer.toString();
    const key = `${protocol} ${peer}`;
    const streams = inboundByKey.get(key) ?? 0;
    if (streams >= MAX_INBOUND_STREAMS_PER_PEER || closing.signal.aborted || connection.limits !== undefined) {
      stream.abort(new Error("no more streams"));
      return;
    }
    inboundByKey.set(key, streams + 1);
    const wire = adopt(stream, peer, () => {
      const left = (inboundByKey.get(key) ?? 1) - 1;
      if (left === 0) inboundByKey.delete(key);
      else inboundByKey.set(key, left);
    });
    try {
      await handler(wire);
      await wire.close();
    } catch {
      // W1: whatever went wrong in serving one stream ends that stream and nothing else.
      wire.breakOff("the handler failed");
    }
  };

  const dialer = createDialer({ dial: (to, options) => libp2p.dial(to, options), chance, self, isRefused: refusals.isRefused });

  return {
    self,
    addresses: () => libp2p.getMultiaddrs().map(String),
    connections,
    subscribe: (changed) => {
      // Wrapped, so that the same function may listen twice and each end is its own.
      const listener = () => changed();
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },

    dial: async (addresses, signal) => {
      if (closed !== null) return err({ kind: "closed" });
      const result = await dialer.dial(addresses, AbortSignal.any([signal, closing.signal])).catch((error: unknown) => {
        signal.throwIfAborted();
        if (closing.signal.aborted) return err({ kind: "closed" });
        throw error;
      });
      return result;
    },

    hangUp: async (peer, forMillis) => {
      if (forMillis > 0) refusals.refuse(peer, (now() + forMillis) as Millis); // a time from our own clock
      for (const wire of wires) if (wire.peer === peer) wire.breakOff("hung up");
      for (const connection of connectionsTo(peer)) {
        await connection.close({ signal: AbortSignal.timeout(1_000) }).catch((error: Error) => connection.abort(error));
      }
    },

    serve: (protocol, handler) =>
      libp2p.handle(protocol, (stream, connection) => accept(protocol, handler, stream, connection), {
        maxInboundStreams: MAX_INBOUND_STREAMS_PER_PEER,
        maxOutboundStreams: 32,
      }),

    open: async (peer, protocol, signal) => {
      signal.throwIfAborted();
      if (closed !== null) return err({ kind: "closed" });
      const way = bestOf(connectionsTo(peer));
      if (way === null || way.limits !== undefined) return err({ kind: "unreachable" });
      const bound = AbortSignal.timeout(OPEN_MS);
      try {
        const stream = await way.newStream(protocol, {
          signal: AbortSignal.any([signal, bound, closing.signal]),
          maxOutboundStreams: 32,
        });
        return ok(adopt(stream, peer, () => undefined));
      } catch (error) {
        signal.throwIfAborted();
        return err(openError(error, bound.aborted, way));
      }
    },

    listen: (topic, validate) => gossip.listen(topic, validate),
    publish: (topic, bytes) => (closed === null ? gossip.publish(topic, bytes) : Promise.resolve(err({ kind: "closed" }))),
    regard: gossip.regard,
    neighboursIn: gossip.neighboursIn,
    scoreOf: gossip.scoreOf,
    inPerson: inPerson ?? null,
    statedBy: async (peer) => {
      const way = bestOf(connectionsTo(peer));
      if (way === null) return [];
      // Not there yet, when identify has not run.
      const known = await libp2p.peerStore.get(way.remotePeer).catch(() => null);
      const stated = (known?.addresses ?? []).filter(({ isCertified, multiaddr }) => isCertified && isDialable(multiaddr));
      return stated
        .map(({ multiaddr }) => String(multiaddr))
        .map((text) => (text.includes("/p2p/") ? text : `${text}/p2p/${peer}`));
    },

    close: () => {
      closed ??= (async () => {
        closing.abort(new Error("the wires are closed"));
        listeners.clear();
        timers.forEach(clearTimeout);
        gossip.close();
        inPerson?.close();
        for (const wire of [...wires]) wire.breakOff("the wires are closed");
        // The library's own stop waits for every transport; one that hangs must not keep a page open.
        await raceAbort(Promise.resolve(libp2p.stop()), AbortSignal.timeout(CLOSE_MS));
      })();
      return closed;
    },
  };
}

function openError(error: unknown, timedOut: boolean, way: LibConnection): WireError {
  if (timedOut) return { kind: "timed-out" };
  const name = error instanceof Error ? error.name : "";
  if (name === "UnsupportedProtocolError" || name.startsWith("TooMany") || name === "StreamResetError")
    return { kind: "refused" };
  return way.status === "open" ? { kind: "unreachable" } : { kind: "closed" };
}
