/** Villages for tests and benchmarks: made once in a process for each size, and read as a stranger's app reads them. */
import { createVillage, type Village } from "../village/create-village.ts";
import type { VillageSize } from "../village/plan.ts";
import { readVillage, type ReadVillage } from "../village/read-village.ts";

export const SMALL: VillageSize = { members: 6, weeks: 3, seed: 3 };
/** The one that everything is shown on. */
export const WHOLE: VillageSize = { members: 24, weeks: 12, seed: 7 };

const made = new Map<string, Village>();
export function villageOf(size: VillageSize): Village {
  const name = JSON.stringify([size.members, size.weeks, size.seed]);
  const village = made.get(name) ?? createVillage(size);
  made.set(name, village);
  return village;
}

export async function readVillageOf(size: VillageSize): Promise<ReadVillage> {
  const { bundle, keys } = villageOf(size);
  return readVillage(bundle, keys);
}
