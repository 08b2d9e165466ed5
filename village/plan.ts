/** A village planned whole, before a word of it is written: who comes, what happens, and who shows it to a visitor. */
import { DAY_MS, STARTS, plus } from "./calendar.ts";
import { createChance } from "./chance.ts";
import { planArrivals } from "./arrivals.ts";
import { planExchanges } from "./exchanges.ts";
import { planPages } from "./pages.ts";
import type { Plan } from "./story.ts";

export interface VillageSize {
  readonly members: number;
  readonly weeks: number;
  readonly seed: number;
}

export function planVillage({ members, weeks, seed }: VillageSize): Plan {
  const chance = createChance(seed);
  const ends = plus(STARTS, weeks * 7 * DAY_MS);
  const { people, stories } = planArrivals(chance, members, weeks, ends);
  // Somebody who has been there for a while and did not begin it.
  const visitor = Math.min(members - 1, chance.between(1, Math.max(1, Math.floor(members / 4))));
  return {
    starts: STARTS,
    ends,
    people: people.map(({ name, joins }) => ({ name, joins })),
    visitor,
    stories: [...stories, ...planExchanges(chance, people, weeks, ends, visitor), ...planPages(chance, people, weeks, ends)],
  };
}
