/** A world whose time passes when it is told to, for tests of what runs later. */
import type { Millis } from "../../protocol/index.ts";
import type { World } from "../../src/platform/world.ts";
import { createChance } from "../people.ts";
import { NOON } from "./home.ts";

export interface Clock {
  readonly world: World;
  /** Runs all that falls due, in order. */
  readonly pass: (ms: number) => void;
}

export function createClock(): Clock {
  const chance = createChance(7);
  let now = NOON;
  const due: { readonly at: number; readonly run: () => void }[] = [];
  return {
    world: {
      now: () => now as Millis,
      bytes: chance,
      jitter: chance.next,
      later: (ms, run) => {
        const one = { at: now + ms, run };
        due.push(one);
        return () => {
          const index = due.indexOf(one);
          if (index >= 0) due.splice(index, 1);
        };
      },
    },
    pass: (ms) => {
      const end = now + ms;
      for (;;) {
        const next = due.filter(({ at }) => at <= end).sort((left, right) => left.at - right.at)[0];
        if (next === undefined) break;
        due.splice(due.indexOf(next), 1);
        now = Math.max(now, next.at);
        next.run();
      }
      now = end;
    },
  };
}
