/**
 * Keeps connections to hearths of each community: dials at the start, and again whenever one is lost.
 * Owns one timer per hearth that is wanted and away, and none for others; `close` ends them and hangs up on nobody.
 *
 *   K1  Between two tries there is at least 1 s and at most 30 s (doubling, with jitter), except right after `nudge`. While
 *       every community of a hearth that is away has another one near, it is at most 10 min.
 *   K2  At most one try per hearth at a time.
 *   K3  Of a community's hearths, WANTED are kept near: those that failed least, else in the order they were marked. A hearth
 *       that fails gives its turn to the next.
 */
import { peerOf, readAddresses } from "./dial.ts";
import type { PeerName, Wires } from "./wires.ts";

export interface KeepNearDeps {
  readonly wires: Pick<Wires, "dial" | "connections" | "subscribe">;
  readonly chance: () => number;
  /** Runs something once, after a while; returns its cancellation. `setTimeout` outside tests. */
  readonly later?: (ms: number, run: () => void) => () => void;
}

export interface KeepNear {
  /** Replaces the marked hearths: for each community its own, best first, each the addresses of one peer. Unreadable ones are left out. */
  readonly mark: (hearthsByCommunity: readonly (readonly (readonly string[])[])[]) => void;
  /** The network seems to be back (the browser's `online`, a woken laptop): try now. */
  readonly nudge: () => void;
  /** Closing twice is harmless. */
  readonly close: () => void;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
const LONGEST_SPARE_PAUSE_MS = 600_000;
/** Two may die at once. */
export const WANTED = 3;

interface Hearth {
  readonly key: string;
  readonly addresses: readonly string[];
  /** Null until the first success when the addresses do not name it. */
  peer: PeerName | null;
  failures: number;
  isTrying: boolean;
  cancel: (() => void) | null;
  /** How long `cancel` was to wait. */
  pause: number;
}

export function keepNear({ wires, chance, later = laterByTimer }: KeepNearDeps): KeepNear {
  let hearths: readonly Hearth[] = [];
  let communities: readonly (readonly Hearth[])[] = [];
  const closing = new AbortController();

  const isNear = ({ peer }: Hearth) =>
    peer !== null && wires.connections().some((connection) => connection.peer === peer && connection.path !== "through-relay");

  /** K3. Those that are near count first. */
  const isWanted = (hearth: Hearth) =>
    communities.some((own) => {
      if (!own.includes(hearth)) return false;
      const free = WANTED - own.filter(isNear).length;
      const away = own.filter((each) => !isNear(each)).sort((left, right) => left.failures - right.failures); // stable
      return away.indexOf(hearth) < free;
    });
  const isSpare = (hearth: Hearth) => communities.every((own) => !own.includes(hearth) || own.some(isNear));

  /** 1, 2, 4 … 30 s; the jitter takes up to half off and never goes under 1 s (K1). */
  const pauseFor = (hearth: Hearth) => {
    const longest = isSpare(hearth) ? LONGEST_SPARE_PAUSE_MS : LONGEST_PAUSE_MS;
    return Math.max(FIRST_PAUSE_MS, Math.min(longest, FIRST_PAUSE_MS * 2 ** hearth.failures) * (1 - chance() / 2));
  };

  const attempt = async (hearth: Hearth): Promise<void> => {
    if (hearth.isTrying || closing.signal.aborted || isNear(hearth)) return;
    hearth.isTrying = true;
    hearth.cancel?.();
    hearth.cancel = null;
    // Aborted only by `close`; then nothing is left to do.
    const dialled = await wires.dial(hearth.addresses, closing.signal).catch(() => null);
    hearth.isTrying = false;
    if (closing.signal.aborted || !hearths.includes(hearth)) return;
    if (dialled?.ok === true) {
      hearth.peer = dialled.value;
      hearth.failures = 0;
    } else {
      hearth.failures = Math.min(hearth.failures + 1, 10);
    }
    hearths.forEach(look);
  };

  /** Sees that a hearth that is wanted and away has its timer, and every other has none. */
  const look = (hearth: Hearth) => {
    if (isNear(hearth) || !isWanted(hearth)) {
      hearth.cancel?.();
      hearth.cancel = null;
    } else if (!hearth.isTrying && hearth.cancel === null) {
      hearth.pause = pauseFor(hearth);
      hearth.cancel = later(hearth.pause, () => {
        hearth.cancel = null;
        void attempt(hearth);
      });
    }
  };

  /** A community that has lost all its hearths waits for none as long as for a spare one. */
  const onChange = () => {
    for (const hearth of hearths) {
      if (isSpare(hearth) || hearth.cancel === null || hearth.pause <= LONGEST_PAUSE_MS) continue;
      hearth.cancel();
      hearth.cancel = null;
    }
    hearths.forEach(look);
  };
  const unsubscribe = wires.subscribe(onChange);

  return {
    mark: (marked) => {
      if (closing.signal.aborted) return;
      const before = hearths;
      const byKey = new Map<string, Hearth>();
      communities = marked.map((own) =>
        own.flatMap((addresses) => {
          const [first] = readAddresses(addresses) ?? [];
          if (first === undefined) return [];
          const key = [...addresses].sort().join(" ");
          const peer = peerOf(first);
          // One that is known by more addresses now is no other hearth.
          const known = before.find((hearth) => hearth.key === key || (peer !== null && hearth.peer === peer));
          const failures = known?.failures ?? 0;
          const fresh: Hearth = { key, addresses, peer, failures, isTrying: false, cancel: null, pause: 0 };
          const hearth = byKey.get(key) ?? (known?.key === key ? known : fresh);
          byKey.set(key, hearth);
          return [hearth];
        }),
      );
      hearths = [...new Set(communities.flat())];
      for (const gone of before) if (!hearths.includes(gone)) gone.cancel?.();
      for (const hearth of hearths) if (!before.includes(hearth) && isWanted(hearth)) void attempt(hearth);
      hearths.forEach(look);
    },
    nudge: () => {
      for (const hearth of hearths) hearth.failures = 0;
      for (const hearth of hearths) if (isWanted(hearth)) void attempt(hearth);
    },
    close: () => {
      if (closing.signal.aborted) return;
      closing.abort();
      unsubscribe();
      for (const { cancel } of hearths) cancel?.();
      hearths = [];
    },
  };
}

export function laterByTimer(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
