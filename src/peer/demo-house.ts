/**
 * Demo house: a village opened as one of its people (demo-keys.ts). Its keys are public, so it is kept apart from everything real:
 *
 *   O1  It has no network, and there is nobody to be told: a house alone.
 *   O2  Its doors are shut: nobody founds, joins or invites from here. So no link into a village ever exists, and nothing real is
 *       begun in a store that is thrown away. The app itself has no other way in than a link.
 *   O3  It rests on a shelf of its own; the story is brought there once, through the judge, before its visitor's name is.
 */
import { epochKeyFrom, err, ok, type Result } from "../../protocol/index.ts";
import type { World } from "../platform/world.ts";
import type { Shelf, WriteError } from "../storage/shelf.ts";
import { importBundle, type ImportProblem } from "./bundle.ts";
import type { DemoKeys } from "./demo-keys.ts";
import { createHolding } from "./holding.ts";
import { openHouse, type HouseError } from "./house.ts";
import type { Judge } from "./judge.ts";
import type { Kith, SayError } from "./kith.ts";
import { createRegistry, type CommunityRecord } from "./registry.ts";

export interface DemoDeps {
  readonly keys: DemoKeys;
  /** Asked once, when the shelf is empty; null when there is none. */
  readonly bundle: () => Promise<Uint8Array | null>;
  readonly shelf: Shelf;
  readonly judge: Judge;
  /** Its clock goes on where the story ends. */
  readonly world: World;
  readonly appAddress: string;
}

export type DemoError = HouseError | ImportProblem | { readonly kind: "no-village" | "broken-village" };

export async function openDemoHouse(deps: DemoDeps, signal: AbortSignal): Promise<Result<Kith, DemoError>> {
  const { shelf, judge, world, appAddress } = deps;
  const moved = await moveIn(deps, signal);
  if (!moved.ok) return moved;
  const alone = { startNetwork: null, servedBy: async () => [], persist: async () => null, cache: null }; // O1
  const house = await openHouse({ shelf, judge, world, appAddress, ...alone }, signal);
  return house.ok ? ok(withShutDoors(house.value)) : house;
}

/** O3. What broke off is begun again at the next start: what had come is known then. */
async function moveIn({ keys, bundle, shelf, judge }: DemoDeps, signal: AbortSignal): Promise<Result<void, DemoError>> {
  const registry = createRegistry(shelf);
  const { records } = await registry.communities(signal);
  if (records.some(({ tag }) => tag === keys.tag)) return ok(undefined);
  const visitor = keys.people[keys.visitor];
  const file = await bundle();
  if (visitor === undefined || file === null) return err({ kind: "no-village" });

  const epoch = epochKeyFrom(keys.epoch);
  const holding = createHolding({
    tag: keys.tag,
    shelf,
    judge,
    keys: () => [epoch],
    relayKeys: () => [epoch.relayPublic],
    ownFeed: () => null, // the visitor's own feed comes with the others; from here on it is written here
    changed: () => undefined,
  });
  const { brought, problem } = await importBundle(holding, file, signal);
  if (problem !== null) return err(problem);
  if (brought.refused > 0) return err({ kind: "broken-village" });

  const kept: Result<void, WriteError> = await registry.keepIdentity({ entropy: visitor.entropy }, signal);
  return kept.ok ? registry.keepCommunity(recordOf(keys, visitor), signal) : kept;
}

const recordOf = ({ tag, epoch }: DemoKeys, { name, deviceSeed, exchangeSecret, feedRandom }: DemoKeys["people"][number]) =>
  ({ tag, name, deviceSeed, exchangeSecret, feedRandom, keys: [epoch], invites: [] }) satisfies CommunityRecord;

/** O2. */
function withShutDoors(kith: Kith): Kith {
  const shut = async (): Promise<Result<never, SayError>> => err({ kind: "demo" });
  return { ...kith, found: shut, join: shut, invite: shut };
}
