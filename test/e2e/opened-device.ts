/** A device seen from inside: its shelf, copied out of the browser and opened here by the app's own code, with every key it holds. */
import "fake-indexeddb/auto"; // the shelf wraps what is there by its global names
import { IDBFactory } from "fake-indexeddb";
import type { Page } from "playwright-core";
import { createJudge } from "../../src/peer/judge.ts";
import { openHouse } from "../../src/peer/house.ts";
import type { KithView } from "../../src/peer/kith.ts";
import { realWorld } from "../../src/platform/world.ts";
import { openIndexedDbShelf } from "../../src/storage/indexeddb-shelf.ts";
import { verifyWithNode } from "../verify-with-node.ts";

const NAME = "kith";

interface Row {
  readonly key: string | number | (string | number)[];
  readonly value: unknown;
}
interface Copied {
  readonly version: number;
  readonly stores: readonly { readonly name: string; readonly rows: readonly Row[] }[];
}

/** What the device shows of all communities, put together anew from what it holds. Ready once `isWhole`. */
export async function openDevice(page: Page, isWhole: (view: KithView) => boolean): Promise<KithView> {
  const factory = await restored(await copyOf(page));
  const signal = AbortSignal.timeout(60_000);
  const shelf = await openIndexedDbShelf({ name: NAME, indexedDB: factory }, signal);
  if (!shelf.ok) throw new Error(`the copy cannot be opened: ${shelf.error.kind}`);
  const house = await openHouse(
    {
      shelf: shelf.value,
      cache: null,
      judge: createJudge(async (checks) => checks.map(verifyWithNode)),
      world: realWorld,
      appAddress: "http://copy.invalid/",
      startNetwork: null,
      servedBy: async () => [],
      persist: async () => null,
    },
    signal,
  );
  if (!house.ok) throw new Error(`the copy cannot be opened: ${house.error.kind}`);
  try {
    while (!isWhole(house.value.view())) {
      signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return house.value.view();
  } finally {
    await house.value.close();
  }
}

/** Bytes cross as lists of numbers, marked. */
async function copyOf(page: Page): Promise<Copied> {
  const text = await page.evaluate(async (name) => {
    const answer = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error("refused"));
      });
    const db = await answer(indexedDB.open(name));
    const stores = [];
    for (const store of [...db.objectStoreNames].filter((each) => each !== "ballast")) {
      const tx = db.transaction(store, "readonly").objectStore(store);
      const [keys, values] = await Promise.all([answer(tx.getAllKeys()), answer(tx.getAll())]);
      stores.push({ name: store, rows: keys.map((key, index) => ({ key, value: values[index] as unknown })) });
    }
    const copied = { version: db.version, stores };
    db.close();
    return JSON.stringify(copied, (_key, value: unknown) => {
      if (value instanceof ArrayBuffer) return { buffer: [...new Uint8Array(value)] };
      return value instanceof Uint8Array ? { bytes: [...value] } : value;
    });
  }, NAME);
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== "object" || value === null) return value;
    if ("bytes" in value && Array.isArray(value.bytes)) return Uint8Array.from(value.bytes as number[]);
    return "buffer" in value && Array.isArray(value.buffer) ? Uint8Array.from(value.buffer as number[]).buffer : value;
  }) as Copied; // as it was written in the page
}

function restored({ version, stores }: Copied): Promise<IDBFactory> {
  const factory = new IDBFactory();
  return new Promise((resolve, reject) => {
    const request = factory.open(NAME, version);
    request.onerror = () => reject(request.error ?? new Error("refused"));
    request.onupgradeneeded = () => {
      request.result.createObjectStore("ballast");
      for (const { name, rows } of stores) {
        const store = request.result.createObjectStore(name);
        for (const { key, value } of rows) store.put(value, key);
      }
    };
    request.onsuccess = () => {
      request.result.close();
      resolve(factory);
    };
  });
}
