/**
 * fake-indexeddb with the faults of a browser: a quota, an estimate of it, taking the database away,
 * and a record of the transactions begun. A full disk aborts the transaction with QuotaExceededError,
 * as Chromium does; its requests say only AbortError.
 */
import "fake-indexeddb/auto";
import { forceCloseDatabase, IDBDatabase, IDBFactory, IDBObjectStore } from "fake-indexeddb";

interface RawDatabase {
  readonly name: string;
  readonly rawObjectStores: Map<string, { readonly records: { readonly values: () => Iterable<{ readonly value: unknown }> } }>;
}
/** What fake-indexeddb keeps inside; the faults have no public door. */
interface Inside {
  readonly _rawDatabase: RawDatabase;
  readonly _closed: boolean;
}

interface Abortable {
  readonly _abort: (why: string) => void;
}

export interface FakeBrowser {
  readonly indexedDB: globalThis.IDBFactory;
  readonly estimate: () => Promise<{ usage: number; quota: number } | null>;
  readonly setCapacity: (bytes: number) => void;
  /** Every transaction begun, such as `readwrite strict pens segments`. */
  readonly begun: string[];
  /** How often it was opened, and how many of those connections were not closed. */
  readonly opened: () => number;
  readonly stillOpen: () => number;
  /** The browser throws the connections away, as when site data are cleared. */
  readonly takeAway: () => void;
  /** The next `put` fails for a reason that is not the quota. */
  readonly failNextPut: () => void;
}

const browsers = new Map<RawDatabase, { capacityBytes: number; failNextPut: boolean; begun: string[] }>();

export function createFakeBrowser(capacityBytes = Infinity): FakeBrowser {
  const state = { capacityBytes, failNextPut: false, begun: [] as string[] };
  const factory = new IDBFactory();
  const connections: globalThis.IDBDatabase[] = [];
  const open = factory.open.bind(factory);
  factory.open = (name, version) => {
    const request = open(name, version);
    request.addEventListener("success", () => {
      connections.push(request.result);
      browsers.set(inside(request.result)._rawDatabase, state);
    });
    return request;
  };
  return {
    indexedDB: factory,
    estimate: async () => {
      const raws = [...browsers].filter(([, owner]) => owner === state).map(([raw]) => raw);
      return state.capacityBytes === Infinity
        ? null
        : { usage: raws.reduce((sum, raw) => sum + bytesIn(raw), 0), quota: state.capacityBytes };
    },
    setCapacity: (bytes) => {
      state.capacityBytes = bytes;
    },
    begun: state.begun,
    opened: () => connections.length,
    stillOpen: () => connections.filter((connection) => !inside(connection)._closed).length,
    takeAway: () => {
      // Its types ask for the class where the code takes a connection.
      for (const connection of connections) forceCloseDatabase(connection as unknown as typeof IDBDatabase);
    },
    failNextPut: () => {
      state.failNextPut = true;
    },
  };
}

const inside = (connection: globalThis.IDBDatabase) => connection as unknown as Inside;

const sizeOf = (value: unknown): number =>
  value instanceof Uint8Array ? value.length : sizeOf((value as { bytes?: unknown }).bytes ?? new Uint8Array(0));

const bytesIn = (raw: RawDatabase): number =>
  [...raw.rawObjectStores.values()].reduce(
    (sum, store) => sum + [...store.records.values()].reduce((inStore, { value }) => inStore + sizeOf(value), 0),
    0,
  );

const put = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function (this: globalThis.IDBObjectStore, value: unknown, key?: IDBValidKey) {
  const raw = inside(this.transaction.db)._rawDatabase;
  const browser = browsers.get(raw);
  const request = put.call(this, value, key);
  // A browser aborts a while after the call, never inside it.
  const abort = (why: string) =>
    queueMicrotask(() => this.transaction.error ?? (this.transaction as unknown as Abortable)._abort(why));
  if (browser?.failNextPut) {
    browser.failNextPut = false;
    abort("UnknownError");
  } else if (browser && bytesIn(raw) + sizeOf(value) > browser.capacityBytes) abort("QuotaExceededError");
  return request;
};

const transaction = IDBDatabase.prototype.transaction;
IDBDatabase.prototype.transaction = function (this: globalThis.IDBDatabase, names, mode, options) {
  browsers
    .get(inside(this)._rawDatabase)
    ?.begun.push(`${mode} ${options?.durability ?? "default"} ${[names].flat().toSorted().join(" ")}`);
  return transaction.call(this, names, mode, options);
};
