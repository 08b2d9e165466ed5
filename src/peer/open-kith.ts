/**
 * Opens Kith in a browser tab: the shelf, the judge's worker, the seat (pen or window), the house.
 * The half of the composition root that is loaded behind the first paint.
 */
import { err, ok, type Result } from "../../protocol/index.ts";
import { realWorld } from "../platform/world.ts";
import { createIndexedDbDocumentCache } from "../storage/indexeddb-document-cache.ts";
import { openIndexedDbShelf } from "../storage/indexeddb-shelf.ts";
import { openHouse } from "./house.ts";
import { createWorkerJudge } from "./judge-client.ts";
import type { Kith } from "./kith.ts";
import { takeSeat } from "./seat.ts";

export interface OpenKithDeps {
  readonly appAddress: string;
}

const STORE = "kith";
const SERVED_BY_MS = 4_000;

/** Never rejects for what a browser can do to us; the kinds are those of the shelf and the registry. */
export async function openKith({ appAddress }: OpenKithDeps): Promise<Result<Kith, { readonly kind: string }>> {
  const closing = new AbortController();
  // Missing on plain-http origins, whatever the types say.
  const locks = navigator.locks as LockManager | undefined;
  const kith = await takeSeat({
    name: STORE,
    locks: locks ?? null,
    channel: () => new BroadcastChannel(STORE),
    world: realWorld,
    openPen: async () => {
      const shelf = await openIndexedDbShelf({ name: STORE }, closing.signal);
      if (!shelf.ok) return shelf;
      const judge = createWorkerJudge(() => new Worker(new URL("./judge-worker.ts", import.meta.url), { type: "module" }));
      const house = await openHouse(
        {
          shelf: shelf.value,
          cache: createIndexedDbDocumentCache({ later: realWorld.later }),
          judge,
          world: realWorld,
          appAddress,
          startNetwork: async (ask, signal) => (await import("./start-network.ts")).startBrowserNetwork(ask, signal),
          servedBy,
          persist,
        },
        closing.signal,
      );
      if (!house.ok) {
        judge.close();
        await shelf.value.close();
      }
      return house;
    },
  });
  if (!kith.ok) return err(kith.error);
  // Whoever puts the page aside may never come back to it: what is typed goes into the feed now.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") void kith.value.settle(closing.signal).catch(() => undefined);
  });
  return ok(kith.value);
}

/** The hearth that serves this page says where its node is; another host has no such file. */
async function servedBy(signal: AbortSignal): Promise<readonly string[]> {
  if (!location.protocol.startsWith("http")) return [];
  try {
    const answer = await fetch("./hearth.json", { signal: AbortSignal.any([signal, AbortSignal.timeout(SERVED_BY_MS)]) });
    const read: unknown = answer.ok ? await answer.json() : null;
    const addresses: unknown = typeof read === "object" && read !== null && "addresses" in read ? read.addresses : null;
    if (!Array.isArray(addresses)) return [];
    const isAddress = (address: unknown): address is string => typeof address === "string" && address.length <= 200;
    return addresses.filter(isAddress).slice(0, 8);
  } catch {
    return []; // not served by a hearth, or offline
  }
}

async function persist(): Promise<boolean | null> {
  // Missing on plain-http origins, whatever the types say.
  const storage = navigator.storage as StorageManager | undefined;
  return storage === undefined ? null : storage.persist();
}
