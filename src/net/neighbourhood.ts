/**
 * Keeps up to 12 direct connections to others in our topics: asks hearths who is there, and dials who is missing.
 * Owns one timer while a hearth is near and none otherwise; `close` ends it and hangs up on nobody.
 *
 *   N1  A newcomer dials those who were there before. Of two others, the one whose name sorts first dials, and the other
 *       waits WAIT_MS before it dials too. (Two ways to one peer would do no harm, only cost.)
 *   N2  A name that could not be reached is left alone for a while that doubles, 20 s to 10 min.
 *   N3  Nothing that a neighbour answers makes us dial anything but a named peer through a hearth that we are connected to.
 *   N4  In a round at most MAX_ASKED are asked, each about one topic after the other: a peer answers few streams at once, and
 *       always the same communities would be left over.
 */
import type { Millis } from "../../protocol/index.ts";
import { laterByTimer } from "./keep-near.ts";
import { askPeers, servePeers, SETTLED_MS, type PeerExchangeDeps, type ToldPeer } from "./peer-exchange.ts";
import { someOf } from "./some-of.ts";
import type { NetWires } from "./create-wires.ts";
import type { Connection, PeerName } from "./wires.ts";

export interface NeighbourhoodDeps {
  readonly wires: Pick<NetWires, "self" | "serve" | "open" | "connections" | "subscribe" | "neighboursIn" | "dial">;
  readonly now: () => Millis;
  readonly chance: () => number;
  readonly mayAsk: PeerExchangeDeps["mayAsk"];
  readonly later?: (ms: number, run: () => void) => () => void;
}

export interface Neighbourhood {
  /** Replaces the topics that neighbours are sought for, and asks at once. */
  readonly seek: (topics: readonly string[]) => void;
  /** Ask now: somebody joined, the person opened the network page, the network came back. */
  readonly refresh: () => void;
  /** Closing twice is harmless. */
  readonly close: () => void;
}

/** Up to 13 people are a full mesh; beyond that gossip needs no more. */
export const DIRECT_WANTED = 12;
/** After a hearth came near: 1, 2, 4 … s, since those who arrive together do not find each other at first; then this. */
const ROUND_MS = 30_000;
const FIRST_ROUND_MS = 1_000;
const WAIT_MS = 1_500;
const FIRST_REST_MS = 20_000;
const LONGEST_REST_MS = 600_000;
/** Names that are remembered as unreachable. */
const MAX_RESTING = 512;
/** Who may be asked in one round. */
const MAX_ASKED = 4;

interface Rest {
  readonly until: Millis;
  readonly ms: number;
}

/** Starts answering others as well; resolves once it does. */
export async function createNeighbourhood(deps: NeighbourhoodDeps): Promise<Neighbourhood> {
  const { wires, now, chance, later = laterByTimer } = deps;
  const closing = new AbortController();
  const restByPeer = new Map<PeerName, Rest>();
  const inHand = new Set<PeerName>();
  let topics: readonly string[] = [];
  let cancelRound: (() => void) | null = null;
  let round: Promise<void> | null = null;
  let isWanted = false;
  let hearthsBefore = "";
  let rounds = 0;

  const hearths = () => wires.connections().filter(isHearth);
  const isDirect = (peer: PeerName) =>
    wires.connections().some((connection) => connection.peer === peer && connection.path !== "through-relay");
  const directCount = () => wires.connections().filter(({ path }) => path === "browser-direct").length;

  const isNewcomer = () => hearths().every(({ since }) => now() - since < SETTLED_MS);

  const reach = async ({ name: peer, isSettled }: ToldPeer): Promise<void> => {
    inHand.add(peer);
    const dialsAtOnce = wires.self < peer || (isSettled && isNewcomer()); // N1
    if (!dialsAtOnce) await waited(WAIT_MS * (1 + chance() / 3), closing.signal, later);
    const addresses = hearths().map((hearth) => `/p2p/${hearth.peer}/p2p-circuit/webrtc/p2p/${peer}`);
    const isStillWanted = !closing.signal.aborted && !isDirect(peer) && directCount() < DIRECT_WANTED && addresses.length > 0;
    // Aborted only by `close`.
    const dialled = isStillWanted ? await wires.dial(addresses, closing.signal).catch(() => null) : null;
    inHand.delete(peer);
    if (isDirect(peer) || dialled === null) restByPeer.delete(peer);
    else rest(peer);
  };

  const rest = (peer: PeerName) => {
    const ms = Math.min(LONGEST_REST_MS, (restByPeer.get(peer)?.ms ?? FIRST_REST_MS / 2) * 2);
    restByPeer.delete(peer);
    // A time from our own clock.
    restByPeer.set(peer, { until: (now() + ms) as Millis, ms });
    const oldest = restByPeer.keys().next().value;
    if (restByPeer.size > MAX_RESTING && oldest !== undefined) restByPeer.delete(oldest);
  };

  /** N4. */
  const askAll = async (peer: PeerName): Promise<readonly ToldPeer[]> => {
    const told: ToldPeer[] = [];
    for (const topic of topics) {
      const answer = await askPeers(wires, peer, topic, closing.signal);
      if (answer.ok) told.push(...answer.value);
    }
    return told;
  };

  const ask = async (): Promise<void> => {
    const friends = wires.connections().filter(({ path }) => path === "browser-direct");
    const asked = [...someOf(hearths(), MAX_ASKED - 1, chance), ...someOf(friends, 1, chance)];
    const told = (await Promise.all(asked.map(({ peer }) => askAll(peer)))).flat();
    const room = DIRECT_WANTED - directCount() - inHand.size;
    const byName = new Map(told.map((peer) => [peer.name, peer]));
    const missing = [...byName.values()].filter(({ name }) => {
      const resting = restByPeer.get(name);
      return name !== wires.self && !isDirect(name) && !inHand.has(name) && (resting === undefined || resting.until <= now());
    });
    for (const peer of someOf(missing, Math.max(0, room), chance)) void reach(peer);
  };

  const refresh = () => {
    if (closing.signal.aborted || topics.length === 0) return;
    cancelRound?.();
    cancelRound = null;
    if (round !== null) {
      isWanted = true;
      return;
    }
    if (hearths().length === 0) return; // nobody to be reached through: `look` starts again
    isWanted = false;
    // `ask` rejects only when `close` aborts it.
    round = ask()
      .catch(() => undefined)
      .then(() => {
        round = null;
        if (isWanted) refresh();
        else plan();
      });
  };

  const plan = () => {
    if (closing.signal.aborted || hearths().length === 0 || topics.length === 0) return;
    cancelRound?.();
    cancelRound = later(Math.min(ROUND_MS, FIRST_ROUND_MS * 2 ** rounds) * (0.75 + chance() / 2), refresh);
    rounds = Math.min(rounds + 1, 10);
  };

  /** A hearth came or went. */
  const look = () => {
    const near = hearths()
      .map(({ peer }) => peer)
      .sort()
      .join(" ");
    if (near === hearthsBefore) return;
    hearthsBefore = near;
    rounds = 0;
    if (near === "") cancelRound?.();
    else refresh();
  };

  await servePeers(deps);
  const unsubscribe = wires.subscribe(look);
  look();

  return {
    seek: (sought) => {
      topics = [...new Set(sought)];
      refresh();
    },
    refresh,
    close: () => {
      if (closing.signal.aborted) return;
      closing.abort();
      unsubscribe();
      cancelRound?.();
    },
  };
}

const isHearth = ({ path, direction }: Connection) =>
  direction === "outbound" && (path === "hearth-websocket" || path === "hearth-webrtc");

function waited(ms: number, signal: AbortSignal, later: NonNullable<NeighbourhoodDeps["later"]>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = later(ms, resolve);
    signal.addEventListener("abort", () => (cancel(), resolve()), { once: true });
  });
}
