/** fake-indexeddb for the document cache: a full disk, another tab that holds on, and what y-indexeddb leaves unhandled. */
import "fake-indexeddb/auto";
import { forceCloseDatabase, IDBFactory, IDBObjectStore, type IDBDatabase } from "fake-indexeddb";
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from "vitest";
import { createIndexedDbDocumentCache } from "../../src/storage/indexeddb-document-cache.ts";
import { type CacheHarness, NAME, type Stored } from "../contracts/document-cache.fixtures.ts";

export const DATABASE = `kith-document/${NAME}`;

const unhandled: unknown[] = [];
const note = (cause: unknown) => unhandled.push(cause);
let connections: globalThis.IDBDatabase[] = [];

/** A new disk for every test of a file, trims that wait for `stored`, and no promise that is left alone. */
export function useFakeDisk(): void {
  beforeAll(() => void process.on("unhandledRejection", note));
  afterAll(() => void process.off("unhandledRejection", note));
  beforeEach(() => {
    // y-indexeddb trims after a bare timeout.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const factory = new IDBFactory();
    const open = factory.open.bind(factory);
    factory.open = (name, version) => {
      const request = open(name, version);
      request.addEventListener("success", () => connections.push(request.result));
      return request;
    };
    vi.stubGlobal("indexedDB", factory);
  });
  afterEach(async () => {
    await turns(20);
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
    vi.useRealTimers();
    connections = [];
    expect(unhandled.splice(0), "unhandled rejections").toEqual([]);
  });
}

export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}

export const stillOpen = () => connections.filter((each) => !(each as unknown as { _closed: boolean })._closed).length;

/** Runs what waits longer than this test wants to. */
function createClock() {
  const waiting = new Set<{ ms: number; run: () => void }>();
  const later = (ms: number, run: () => void) => {
    const timer = { ms, run };
    waiting.add(timer);
    return () => void waiting.delete(timer);
  };
  const pass = () => waiting.forEach((timer) => (waiting.delete(timer), timer.run()));
  return { later, pass, waiting };
}

export function openConnection(name: string, version?: number, setUp: (db: globalThis.IDBDatabase) => void = () => {}) {
  return new Promise<globalThis.IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onupgradeneeded = () => setUp(request.result);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Error(request.error?.name));
  });
}

export const STORES = ["updates", "custom"];

/** A look at the disk from outside, behind all that was begun. */
async function rawly<T>(name: string, work: (tx: IDBTransaction) => () => T): Promise<T> {
  const db = await openConnection(`kith-document/${name}`, undefined, (fresh) => {
    fresh.createObjectStore("updates", { autoIncrement: true });
    fresh.createObjectStore("custom");
  });
  const tx = db.transaction(STORES, "readwrite");
  const answer = work(tx);
  await new Promise((resolve) => (tx.oncomplete = resolve));
  db.close();
  return answer();
}

export const stored = async (name: string): Promise<Stored> => {
  vi.advanceTimersByTime(1_000); // trims
  return rawly(name, (tx) => {
    const record = tx.objectStore("custom").get("record");
    const rows = tx.objectStore("updates").getAll();
    return () => ({ record: record.result ?? null, rows: rows.result });
  });
};

export function harness(clock = createClock()): CacheHarness & { clock: ReturnType<typeof createClock> } {
  return {
    clock,
    cache: createIndexedDbDocumentCache(clock),
    twin: () => createIndexedDbDocumentCache(clock),
    stored,
    tamper: async (name, change) => {
      const { record, rows } = change(await stored(name));
      await rawly(name, (tx) => {
        tx.objectStore("updates").clear();
        rows.forEach((row) => tx.objectStore("updates").add(row));
        if (record === null) tx.objectStore("custom").delete("record");
        else tx.objectStore("custom").put(record, "record");
        return () => undefined;
      });
    },
  };
}

/** A disk that fails from now on: at the request, or only when the transaction commits. */
export function failWrites(when: "request" | "commit", only: (value: unknown) => boolean = () => true): void {
  for (const method of ["add", "put"] as const) {
    const real = IDBObjectStore.prototype[method];
    vi.spyOn(IDBObjectStore.prototype, method).mockImplementation(function (
      this: globalThis.IDBObjectStore,
      value: unknown,
      key?: IDBValidKey,
    ) {
      const request = real.call(this, value, key);
      const abort = () => (this.transaction as unknown as { _abort: (why: string) => void })._abort("QuotaExceededError");
      if (only(value)) when === "request" ? queueMicrotask(abort) : request.addEventListener("success", abort);
      return request;
    });
  }
}

/** A connection that holds the stores until it is let go. */
export async function holdStores(names: string[]): Promise<() => void> {
  const db = await openConnection(DATABASE);
  let held = true;
  const rows = db.transaction(names, "readwrite").objectStore("updates");
  const hold = () => {
    if (held) rows.count().onsuccess = hold;
  };
  hold();
  return () => {
    held = false;
    db.close();
  };
}

/** The browser closes every connection, as when site data are cleared. */
export function takeAway(): void {
  // Its types ask for the class where the code takes a connection.
  for (const connection of connections) forceCloseDatabase(connection as unknown as typeof IDBDatabase);
}

export const openedSoFar = () => connections.length;
