/**
 * Dialling: at most MAX_IN_FLIGHT at once, each try bounded, tried again with jitter where a try can fail by bad luck.
 * Owns nothing once its promises have settled.
 */
import { err, ok, type Result } from "../../protocol/index.ts";
import { multiaddr, type Multiaddr } from "@multiformats/multiaddr";
import type { Connection, Libp2p } from "@libp2p/interface";
import { addressPath, isDialable, rankOf } from "./connection-path.ts";
import { pause } from "./race-abort.ts";
import type { PeerName, WireError } from "./wires.ts";

export type DialError = WireError | { readonly kind: "unreadable-address" };

/** In js-libp2p a WebRTC dial hangs in one case of four when several run at once; three tries have not failed yet. */
const TRIES = 3;
const TRY_MS = 7_000;
const MAX_IN_FLIGHT = 3;
/** An invitation carries a few; a neighbour may send many. */
const MAX_ADDRESSES = 16;

/** Addresses of one peer, best way first. Null when none of them is an address, or they name different peers. */
export function readAddresses(addresses: readonly string[]): readonly Multiaddr[] | null {
  const read = addresses.slice(0, MAX_ADDRESSES).flatMap((text) => {
    const address = readAddress(text);
    return address === null ? [] : [address];
  });
  const peers = new Set(read.map(peerOf));
  if (read.length === 0 || peers.size > 1) return null;
  return read.sort((a, b) => rankOf(addressPath(a)) - rankOf(addressPath(b)));
}

/** One dialable address, or null. Bounded: an address is at most 512 letters. */
export function readAddress(text: string): Multiaddr | null {
  if (text.length > 512) return null;
  try {
    const address = multiaddr(text);
    return isDialable(address) ? address : null;
  } catch {
    // Not a multiaddr; the library says so by throwing.
    return null;
  }
}

/** The peer at the end of the address: the last `/p2p/…` that no `/p2p-circuit` follows. */
export function peerOf(address: Multiaddr): PeerName | null {
  const last = address.getComponents().findLast(({ name }) => name === "p2p" || name === "p2p-circuit");
  return last?.name === "p2p" ? (last.value ?? null) : null;
}

export interface Dialer {
  readonly dial: (addresses: readonly string[], signal: AbortSignal) => Promise<Result<PeerName, DialError>>;
}

export interface DialerDeps {
  readonly dial: Libp2p["dial"];
  readonly chance: () => number;
  /** Our own name: dialling it is refused. */
  readonly self: PeerName;
  readonly isRefused: (peer: PeerName) => boolean;
}

export function createDialer({ dial, chance, self, isRefused }: DialerDeps): Dialer {
  const turns = createTurns(MAX_IN_FLIGHT);

  const dialOnce = async (addresses: readonly Multiaddr[], signal: AbortSignal): Promise<Result<PeerName, WireError>> => {
    // One dead address before a good one must not eat the whole try: the library gives each 5 s (`libp2p-shared.ts`).
    const bound = AbortSignal.timeout(TRY_MS * Math.min(2, addresses.length));
    try {
      const connection: Connection = await dial([...addresses], { signal: AbortSignal.any([signal, bound]) });
      return ok(connection.remotePeer.toString());
    } catch (error) {
      signal.throwIfAborted();
      return err(bound.aborted || isTimeout(error) ? { kind: "timed-out" } : { kind: "unreachable" });
    }
  };

  return {
    dial: async (addresses, signal) => {
      signal.throwIfAborted();
      const read = readAddresses(addresses);
      const [first] = read ?? [];
      if (read === null || first === undefined) return err({ kind: "unreadable-address" });
      const peer = peerOf(first);
      if (peer === self || (peer !== null && isRefused(peer))) return err({ kind: "refused" });
      for (let tried = 1; ; tried += 1) {
        const release = await turns.take(signal);
        const result = await dialOnce(read, signal).finally(release);
        // Only WebRTC fails by bad luck; a socket that refuses will refuse again, and its caller has its own rhythm (`keep-near.ts`).
        const byLuck = read.some(
          (address) => addressPath(address) === "browser-direct" || addressPath(address) === "hearth-webrtc",
        );
        if (result.ok || tried === TRIES || !byLuck) return result;
        // The turn is free meanwhile. Jitter, so that two who dial each other do not meet again.
        if (!(await pause(100 * tried + chance() * 400 * tried, signal))) signal.throwIfAborted();
      }
    },
  };
}

/** The library names a timeout in several places, and the WebSocket's own error hides it in `cause` or a list. */
function isTimeout(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === "TimeoutError" || error.name === "AbortError" || isTimeout(error.cause);
}

interface Turns {
  /** Resolves with the function that gives the turn back; rejects with the signal's reason. */
  readonly take: (signal: AbortSignal) => Promise<() => void>;
}

function createTurns(count: number): Turns {
  let free = count;
  const waiting: (() => void)[] = [];
  const release = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  const once = () => {
    let given = false;
    return () => {
      if (given) return;
      given = true;
      release();
    };
  };
  return {
    take: async (signal) => {
      signal.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return once();
      }
      await new Promise<void>((resolve, reject) => {
        const onAbort = () => {
          waiting.splice(waiting.indexOf(onTurn), 1);
          reject(signal.reason as Error);
        };
        const onTurn = () => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        };
        waiting.push(onTurn);
        signal.addEventListener("abort", onAbort, { once: true });
      });
      return once();
    },
  };
}
