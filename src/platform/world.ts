/** Time and chance as parameters: the only place outside composition roots that reads a clock or draws bytes. */
import type { Millis } from "../../protocol/index.ts";

export interface World {
  readonly now: () => Millis;
  /** Unpredictable bytes: keys, nonces. */
  readonly bytes: (length: number) => Uint8Array;
  /** In [0, 1), for jitter only. */
  readonly jitter: () => number;
  /** Runs something once, after a while; returns its cancellation. */
  readonly later: (ms: number, run: () => void) => () => void;
}

/** The real one, in a page, a worker or Node. */
export const realWorld: World = {
  // `Millis` is minted where the clock is read.
  now: () => Date.now() as Millis,
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  jitter: () => Math.random(),
  later: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
