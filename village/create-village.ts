/** Creates a village from its size and seed: a bundle, the keys to it, and what its writers hold to be so. The same in every run. */
import { encodeBundle } from "../protocol/index.ts";
import type { DemoKeys } from "../src/peer/demo-keys.ts";
import { createChance } from "./chance.ts";
import type { Log } from "./log.ts";
import { perform } from "./perform.ts";
import { planVillage, type VillageSize } from "./plan.ts";

export interface Village {
  readonly bundle: Uint8Array;
  readonly keys: DemoKeys;
  /** As those hold it who wrote it. */
  readonly fingerprint: string | null;
}

export function createVillage(size: VillageSize): Village {
  const plan = planVillage(size);
  // Keys draw from a place of their own, so that a longer story has the same people.
  const log = perform(plan, createChance(KEYS_APART + size.seed));
  return {
    bundle: encodeBundle({ tag: log.tag, items: log.items() }),
    fingerprint: log.replica.fingerprint(),
    keys: {
      tag: log.tag,
      epoch: log.epoch.secret,
      ends: plan.ends,
      visitor: plan.visitor,
      circles: log.circles(),
      people: plan.people.map(({ name }, index) => ({ name, ...secretsOf(log, index) })),
    },
  };
}

const KEYS_APART = 2 ** 52;

const secretsOf = (log: Log, number: number) => log.villager(number).secrets;
