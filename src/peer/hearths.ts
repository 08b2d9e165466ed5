/**
 * Hearths: which ones this device may go to for each community, and which it remembers.
 *
 *   M1  A community is never told of at a hearth of another: what was met in one is known, and trusted, for that one alone.
 *       Only the hearth that serves the app and those added by hand are for all.
 *   M2  Remembered is a hearth that we chose and that has shown to know the community, by the addresses we had for it and
 *       those it signed itself. Nothing that anybody else says of it counts.
 *   M3  Bounded: MAX_MET in a community, MAX_ADDRESSES of one hearth; whom we have not met for longest goes first.
 */
import type { Millis, Tag } from "../../protocol/index.ts";
import type { PeerName } from "../net/wires.ts";
import { byHearth } from "./network.ts";
import { MAX_ADDED_HEARTHS, MAX_MET_HEARTHS, type KnownHearths, type MetHearth, type Registry } from "./registry.ts";

export interface HearthsDeps {
  readonly registry: Pick<Registry, "hearths" | "keepHearths">;
  readonly now: () => Millis;
  /** The communities we are in, and the addresses in the link of each. */
  readonly communities: () => readonly { readonly tag: Tag; readonly invited: readonly string[] }[];
  /** Where to go may be otherwise now. */
  readonly changed: () => void;
  readonly signal: AbortSignal;
}

export interface Hearths {
  /** Of one community, the surest first; for its links too. */
  readonly addressesOf: (tag: Tag) => readonly string[];
  /** M1. */
  readonly trusts: (tag: Tag, peer: PeerName) => boolean;
  /** For each community its hearths, each the addresses of one; those for all also while there is no community. */
  readonly byCommunity: () => readonly (readonly (readonly string[])[])[];
  readonly servedBy: (addresses: readonly string[]) => void;
  /** Rejects when `signal` fires; what is remembered stays. */
  readonly add: (address: string, signal: AbortSignal) => Promise<void>;
  /** M2: it was chosen for this community and has shown to know it. `stated` is what it signed. */
  readonly met: (tag: Tag, peer: PeerName, stated: readonly string[]) => Promise<void>;
}

export const MAX_MET = 8;
const MAX_ADDRESSES = 8;
const MAX_ADDRESS_UNITS = 200;
/** A meeting is written down once in this while. */
const FRESH_MS = 24 * 3_600_000;

export function createHearths({ registry, now, communities, changed, signal }: HearthsDeps): Hearths {
  let served: readonly string[] = [];
  let known: KnownHearths = { added: [], met: [] };
  const loaded = registry
    .hearths(signal)
    .then((kept) => {
      known = kept;
      changed();
    })
    .catch(() => undefined); // the shelf was closed under us

  const forAll = (): readonly string[] => [...served, ...known.added.flat()];
  const metIn = (tag: Tag): readonly MetHearth[] =>
    known.met.filter((hearth) => hearth.tag === tag).sort((left, right) => right.at - left.at);
  const addressesOf = (tag: Tag): readonly string[] => {
    const invited = communities().find((community) => community.tag === tag)?.invited ?? [];
    const met = metIn(tag).flatMap(({ addresses }) => addresses);
    return [...new Set([...served, ...invited, ...known.added.flat(), ...met])]; // M1
  };
  const namesPeer = (peer: PeerName) => (address: string) => address.endsWith(`/p2p/${peer}`);

  return {
    addressesOf,
    trusts: (tag, peer) => addressesOf(tag).some(namesPeer(peer)),
    byCommunity: () => {
      const own = communities().map(({ tag }) => byHearth(addressesOf(tag)));
      return own.length === 0 ? [byHearth(forAll())] : own;
    },
    servedBy: (addresses) => {
      served = addresses;
      changed();
    },
    add: async (address, abort) => {
      await loaded;
      known = { ...known, added: [...known.added, [address]].slice(-MAX_ADDED_HEARTHS) };
      await registry.keepHearths(known, abort);
      changed();
    },
    met: async (tag, peer, stated) => {
      await loaded;
      const had = addressesOf(tag).filter(namesPeer(peer));
      if (had.length === 0) return; // M2: not one that we chose
      const said = stated.filter(namesPeer(peer)).filter(({ length }) => length <= MAX_ADDRESS_UNITS);
      // What it says now goes before what was true once.
      const addresses = [...new Set([...said, ...had])].slice(0, MAX_ADDRESSES);
      const isIt = (hearth: MetHearth): boolean => hearth.tag === tag && hearth.addresses.some(namesPeer(peer));
      const before = known.met.find(isIt);
      if (before !== undefined && now() - before.at < FRESH_MS && before.addresses.join() === addresses.join()) return;
      known = { ...known, met: bounded([...known.met.filter((hearth) => !isIt(hearth)), { tag, addresses, at: now() }]) };
      await registry.keepHearths(known, signal);
      changed();
    },
  };
}

/** M3. */
function bounded(met: readonly MetHearth[]): readonly MetHearth[] {
  const latest = [...met].sort((left, right) => right.at - left.at);
  const isKept = (hearth: MetHearth): boolean => latest.filter(({ tag }) => tag === hearth.tag).indexOf(hearth) < MAX_MET;
  return latest.filter(isKept).slice(0, MAX_MET_HEARTHS);
}
