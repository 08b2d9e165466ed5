/** Opens a village in a browser tab, on a store of its own; what open-kith.ts is for everything real. Nothing in here dials. */
import { err, ok, type Millis, type Result } from "../../protocol/index.ts";
import { realWorld, type World } from "../platform/world.ts";
import { openIndexedDbShelf } from "../storage/indexeddb-shelf.ts";
import { openDemoHouse } from "./demo-house.ts";
import { parseDemoKeys, type DemoKeys } from "./demo-keys.ts";
import { createWorkerJudge } from "./judge-client.ts";
import type { Kith } from "./kith.ts";
import { takeSeat } from "./seat.ts";

export interface OpenDemoDeps {
  readonly keys: DemoKeys;
  readonly appAddress: string;
  readonly now: () => Millis;
}

const STORE = "kith-demo-";
/** Villages of one tag are one; another seed is another store. */
const storeOf = ({ tag }: DemoKeys): string => `${STORE}${tag.slice(0, 16)}`;

/** Beside the page; null where nobody serves a village. */
export async function loadDemoKeys(): Promise<DemoKeys | null> {
  const file = await load("./demo.keys.json");
  const keys = file === null ? null : parseDemoKeys(new TextDecoder().decode(file));
  return keys?.ok === true ? keys.value : null;
}

export async function openDemo({ keys, appAddress, now }: OpenDemoDeps): Promise<Result<Kith, { readonly kind: string }>> {
  const closing = new AbortController();
  const name = storeOf(keys);
  await forgetOthers(name);
  // Missing on plain-http origins, whatever the types say.
  const locks = navigator.locks as LockManager | undefined;
  const world: World = { ...realWorld, now };
  const kith = await takeSeat({
    name,
    locks: locks ?? null,
    channel: () => new BroadcastChannel(name),
    world,
    openPen: async () => {
      const shelf = await openIndexedDbShelf({ name }, closing.signal);
      if (!shelf.ok) return shelf;
      const judge = createWorkerJudge(() => new Worker(new URL("./judge-worker.ts", import.meta.url), { type: "module" }));
      const bundle = (): Promise<Uint8Array | null> => load("./demo.kith");
      const house = await openDemoHouse({ keys, bundle, shelf: shelf.value, judge, world, appAddress }, closing.signal);
      if (!house.ok) {
        judge.close();
        await shelf.value.close();
      }
      return house;
    },
  });
  if (!kith.ok) return err(kith.error);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") void kith.value.settle(closing.signal).catch(() => undefined);
  });
  return ok(kith.value);
}

/** The village as it was told, at the next start. Other tabs let go of the store by themselves. */
export const forgetDemo = (keys: DemoKeys): Promise<void> => deleteStore(storeOf(keys));

/** Villages that were shown at this address before: nobody could open them again. */
async function forgetOthers(name: string): Promise<void> {
  // Missing in older browsers, whatever the types say: then they stay.
  const list = indexedDB.databases as (() => Promise<readonly IDBDatabaseInfo[]>) | undefined;
  const all = (await list?.call(indexedDB).catch(() => [])) ?? [];
  const others = all.flatMap((each) => (each.name?.startsWith(STORE) === true && each.name !== name ? [each.name] : []));
  await Promise.all(others.map(deleteStore));
}

const deleteStore = (name: string): Promise<void> =>
  new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(name);
    for (const end of ["success", "error", "blocked"]) request.addEventListener(end, () => resolve(), { once: true });
  });

async function load(file: string): Promise<Uint8Array | null> {
  try {
    const answer = await fetch(file);
    return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : null;
  } catch {
    return null; // nobody serves it, or it is gone
  }
}
