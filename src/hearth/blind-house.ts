/**
 * The communities that a hearth carries without being able to read them.
 *
 *   B1  A community is carried once somebody who knows it has entrusted it: its tag and public relay key.
 *   B2  Feeds are taken in only under a relay key that was entrusted for their community.
 *   B3  What it costs is bounded: communities, relay keys and, on the shelf, bytes.
 *   B4  A neighbouring hearth learns of a community only when it carries it too: a hello shows a tag to nobody else (hello.ts W0).
 */
import { bytesToHex, concatBytes, isAdmissibleKey, parseTag, topicOf, type HelloSelf, type Tag } from "../../protocol/index.ts";
import type { PeerName, Wires } from "../net/wires.ts";
import { createCompany, type Company } from "../peer/company.ts";
import { createHolding, type Holding } from "../peer/holding.ts";
import type { Judge } from "../peer/judge.ts";
import type { World } from "../platform/world.ts";
import type { Shelf } from "../storage/shelf.ts";

export interface BlindHouse {
  readonly company: Company;
  readonly mayAsk: (peer: string, topic: string) => boolean;
  readonly tally: () => { readonly communities: number; readonly feeds: number; readonly envelopes: number };
  readonly close: () => void;
}

export interface BlindHouseDeps {
  readonly shelf: Shelf;
  readonly judge: Judge;
  readonly world: World;
  readonly wires: Wires;
  /** Hearths we were told of: we greet them, so that those who share a community with us carry it between our members and theirs. */
  readonly neighbours?: readonly PeerName[];
  /** For the operator: words that name nobody. */
  readonly log: (line: string) => void;
}

const MAX_COMMUNITIES = 64;
/** One for each epoch whose feeds are still to be told, and some for strangers' attempts. */
const MAX_RELAY_KEYS = 16;
const PREFIX = "carried/";
const SELF: Omit<HelloSelf, "nonce" | "trustsHearth"> = { role: "hearth", epoch: null, feed: null, deviceSeed: null };

interface Carried {
  readonly holding: Holding;
  relayKeys: readonly Uint8Array[];
}

/** Loads what was carried before. Aborting rejects. */
export async function openBlindHouse(deps: BlindHouseDeps, signal: AbortSignal): Promise<BlindHouse> {
  const { shelf, judge, world, wires, log, neighbours = [] } = deps;
  const closing = new AbortController();
  const carried = new Map<Tag, Carried>();

  function carry(tag: Tag, relayKeys: readonly Uint8Array[]): Carried {
    const one: Carried = {
      relayKeys,
      holding: createHolding({
        tag,
        shelf,
        judge,
        keys: () => [],
        relayKeys: () => one.relayKeys, // B2
        ownFeed: () => null,
        changed: () => undefined,
      }),
    };
    carried.set(tag, one);
    return one;
  }

  const keep = (tag: Tag, one: Carried): void => {
    const bytes = concatBytes(...one.relayKeys);
    void shelf
      .keep(PREFIX + tag, bytes, closing.signal)
      .then((kept) => !kept.ok && log(`a community could not be written down: ${kept.error.kind}`))
      .catch(() => undefined); // closing
  };

  /** A community in which nobody has said anything yet gives way: tags by chance cost a stranger nothing. */
  function letAnEmptyOneGo(): boolean {
    for (const [tag, { holding }] of carried) {
      if (holding.replica.tally().feeds > 0) continue;
      carried.delete(tag);
      void shelf.keep(PREFIX + tag, new Uint8Array(0), closing.signal).catch(() => undefined); // closing
      return true;
    }
    return false;
  }

  function onEntrusted(tag: Tag, relayKey: Uint8Array): boolean {
    const known = carried.get(tag);
    if (known?.relayKeys.some((key) => bytesToHex(key) === bytesToHex(relayKey)) === true) return true;
    if (!isAdmissibleKey(relayKey)) return false; // B2: signatures under it must mean one thing everywhere
    if (known === undefined && carried.size >= MAX_COMMUNITIES && !letAnEmptyOneGo()) return false; // B3
    if (known !== undefined && known.relayKeys.length >= MAX_RELAY_KEYS) return false; // B3
    const one = known ?? carry(tag, []);
    one.relayKeys = [...one.relayKeys, relayKey];
    keep(tag, one);
    if (known === undefined) {
      company.refresh();
      log(`carrying ${carried.size} ${carried.size === 1 ? "community" : "communities"} now`);
    }
    return true;
  }

  for (const { name, bytes } of await shelf.kept(PREFIX, signal)) {
    const tag = parseTag(name.slice(PREFIX.length));
    if (tag === null || bytes.length === 0) continue; // let go
    const relayKeys = Array.from({ length: Math.floor(bytes.length / 32) }, (_, index) =>
      bytes.slice(index * 32, index * 32 + 32),
    );
    const broken = await carry(tag, relayKeys).holding.load(signal);
    if (broken > 0) log(`${broken} stored pieces of a community cannot be read and are left out`);
  }

  const company: Company = createCompany({
    wires,
    world,
    verify: judge.verify,
    holdings: () => [...carried.values()].map(({ holding }) => holding),
    selfFor: () => SELF,
    onEntrusted,
    trusts: () => false,
    greets: (peer) => neighbours.includes(peer),
    changed: () => undefined,
    met: () => undefined,
  });

  return {
    company,
    mayAsk: (peer, topic) => [...carried.keys()].some((tag) => topicOf(tag) === topic && company.isFellow(peer, tag)),
    tally: () => {
      const tallies = [...carried.values()].map(({ holding }) => holding.replica.tally());
      return {
        communities: tallies.length,
        feeds: tallies.reduce((sum, { feeds }) => sum + feeds, 0),
        envelopes: tallies.reduce((sum, { envelopes }) => sum + envelopes, 0),
      };
    },
    close: () => {
      closing.abort();
      company.close();
    },
  };
}
