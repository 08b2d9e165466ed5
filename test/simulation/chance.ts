/** Chance by seed: draws, and bytes. */
import { createChance } from "../people.ts";

export type Chance = ReturnType<typeof createChance>;
export { createChance };

export const drawn = <T>(chance: Chance, items: readonly T[]): T => {
  const item = items[Math.floor(chance.next() * items.length)];
  if (item === undefined) throw new Error("nothing to draw from");
  return item;
};

/** Whole, `from` to `to`, both inside. */
export const between = (chance: Chance, from: number, to: number): number => from + Math.floor(chance.next() * (to - from + 1));

/** Another stream of chance, so that one part's draws do not shift another's. */
export const branch = (chance: Chance): Chance => createChance(between(chance, 1, 2 ** 48));
