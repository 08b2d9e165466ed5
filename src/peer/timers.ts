/**
 * Timers of one owner: whatever runs later, by the world's clock, and all of it ended by `close`.
 * Nothing is left behind by work that ended in time.
 */
import type { World } from "../platform/world.ts";

export interface Timers {
  /** Aborts when the owner closes. */
  readonly closed: AbortSignal;
  /** Runs something once, unless the owner closes or the returned function is called first. */
  readonly soon: (ms: number, run: () => void) => () => void;
  /** Does a job under a signal that aborts after `ms`, or when the owner closes. */
  readonly within: <T>(ms: number, job: (signal: AbortSignal) => Promise<T>) => Promise<T>;
  /** Closing twice is harmless. */
  readonly close: () => void;
}

export function createTimers(world: Pick<World, "later">): Timers {
  const closing = new AbortController();
  const cancels = new Set<() => void>();

  function soon(ms: number, run: () => void): () => void {
    const cancel = world.later(ms, () => {
      cancels.delete(cancel);
      if (!closing.signal.aborted) run();
    });
    cancels.add(cancel);
    return () => {
      cancels.delete(cancel);
      cancel();
    };
  }

  return {
    closed: closing.signal,
    soon,
    within: async (ms, job) => {
      const late = new AbortController();
      const cancel = soon(ms, () => late.abort());
      try {
        return await job(AbortSignal.any([closing.signal, late.signal]));
      } finally {
        cancel();
      }
    },
    close: () => {
      closing.abort();
      for (const cancel of cancels) cancel();
      cancels.clear();
    },
  };
}

/** An end like that of a stream, once the signal aborts. */
export const ended = (signal: AbortSignal): Promise<{ readonly done: true; readonly value: undefined }> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve({ done: true, value: undefined });
    signal.addEventListener("abort", () => resolve({ done: true, value: undefined }), { once: true });
  });
