/** A clock that stands still until a test moves it to the next thing that waits. */
import type { Millis } from "../../protocol/index.ts";

export function fakeTime() {
  let now = 0;
  const queue = new Set<{ readonly at: number; readonly run: () => void }>();
  return {
    now: () => now as Millis,
    later: (ms: number, run: () => void) => {
      const entry = { at: now + ms, run };
      queue.add(entry);
      return () => void queue.delete(entry);
    },
    waiting: () => queue.size,
    /** Runs the earliest thing that waits, and what follows from it. */
    toNext: async () => {
      const [next] = [...queue].sort((a, b) => a.at - b.at);
      if (next === undefined) throw new Error("nothing waits");
      queue.delete(next);
      now = next.at;
      next.run();
      await settled();
    },
  };
}

/** Until every promise that can go on has gone on. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));
