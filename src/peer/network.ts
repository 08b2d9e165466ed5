/**
 * The network as the house uses it: wires, hearths kept near, neighbours sought. Made by `start-network.ts` in a
 * browser, which is loaded after the first paint; by hand in tests and the simulator.
 */
import type { Result } from "../../protocol/index.ts";
import type { InPerson } from "../net/in-person-lines.ts";
import type { PeerName, Wires } from "../net/wires.ts";

export interface Network {
  readonly wires: Wires;
  /** Keeps connections to some hearths of each community; each hearth is the addresses of one. */
  readonly mark: (hearthsByCommunity: readonly (readonly (readonly string[])[])[]) => void;
  /** Addresses of a connected peer that it signed itself; none while it has stated none. */
  readonly statedBy: (peer: PeerName) => Promise<readonly string[]>;
  /** Looks for others in these topics. */
  readonly seek: (topics: readonly string[]) => void;
  /** Somebody new may be near: ask now. */
  readonly refresh: () => void;
  /** Absent where there is no screen to show a line on. */
  readonly inPerson?: InPerson | null;
  /** Closing twice is harmless. */
  readonly close: () => Promise<void>;
}

export interface NetworkAsk {
  /** Whether a peer may learn who is in a topic. */
  readonly mayAsk: (peer: PeerName, topic: string) => boolean;
}

export type StartNetwork = (
  ask: NetworkAsk,
  signal: AbortSignal,
) => Promise<Result<Network, { readonly kind: "start-failed"; readonly reason: string }>>;

/** The peer that an address ends in; null when it names none. */
export const nameIn = (address: string): PeerName | null => PEER.exec(address)?.[1] ?? null;

const PEER = /\/p2p\/([1-9A-HJ-NP-Za-km-z]{20,80})$/;

/** Addresses of several hearths, as the addresses of each. Those that name no peer stay alone. */
export function byHearth(addresses: readonly string[]): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>();
  for (const address of new Set(addresses)) {
    const name = nameIn(address) ?? address;
    groups.set(name, [...(groups.get(name) ?? []), address]);
  }
  return [...groups.values()];
}
