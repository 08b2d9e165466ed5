/**
 * Keeps a connection to each hearth that was marked: dials at the start, and again whenever one is lost.
 * Owns one timer per hearth that is away and none for those that are near; `close` ends them and hangs up on nobody.
 *
 *   K1  Between two tries there is at least 1 s and at most 30 s (doubling, with jitter), except right after `nudge`.
 *   K2  At most one try per hearth at a time.
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
  /** Replaces the marked hearths; each is the addresses of one peer. Unreadable ones are left out. */
  readonly mark: (hearths: readonly (readonly string[])[]) => void;
  /** The network seems to be back (the browser's `online`, a woken laptop): try now. */
  readonly nudge: () => void;
  /** Closing twice is harmless. */
  readonly close: () => void;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

interface Hearth {
  readonly key: string;
  readonly addresses: readonly string[];
  /** Null until the first success when the addresses do not name it. */
  peer: PeerName | null;
  failures: number;
  isTrying: boolean;
  cancel: (() => void) | null;
}

export function keepNear({ wires, chance, later = laterByTimer }: KeepNearDeps): KeepNear {
  let hearths: readonly Hearth[] = [];
  const closing = new AbortController();

  const isNear = ({ peer }: Hearth) =>
    peer !== null && wires.connections().some((connection) => connection.peer === peer && connection.path !== "through-relay");

  /** 1, 2, 4 … 30 s; the jitter takes up to half off and never goes under 1 s (K1). */
  const pauseFor = ({ failures }: Hearth) =>
    Math.max(FIRST_PAUSE_MS, Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures) * (1 - chance() / 2));

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
    look(hearth);
  };

  /** Sees that a hearth that is away has its timer, and one that is near has none. */
  const look = (hearth: Hearth) => {
    if (isNear(hearth)) {
      hearth.cancel?.();
      hearth.cancel = null;
    } else if (!hearth.isTrying && hearth.cancel === null) {
      hearth.cancel = later(pauseFor(hearth), () => {
        hearth.cancel = null;
        void attempt(hearth);
      });
    }
  };

  const unsubscribe = wires.subscribe(() => hearths.forEach(look));

  return {
    mark: (marked) => {
      if (closing.signal.aborted) return;
      const before = hearths;
      hearths = marked.flatMap((addresses) => {
        const [first] = readAddresses(addresses) ?? [];
        if (first === undefined) return [];
        const key = [...addresses].sort().join(" ");
        const known = before.find((hearth) => hearth.key === key);
        return [known ?? { key, addresses, peer: peerOf(first), failures: 0, isTrying: false, cancel: null }];
      });
      for (const gone of before) if (!hearths.includes(gone)) gone.cancel?.();
      for (const hearth of hearths) if (!before.includes(hearth)) void attempt(hearth);
    },
    nudge: () => {
      for (const hearth of hearths) {
        hearth.failures = 0;
        void attempt(hearth);
      }
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
