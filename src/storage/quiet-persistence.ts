/**
 * y-indexeddb over a database that never fails aloud: it follows one document into one IndexedDB database.
 *
 * y-indexeddb 9.0.12 keeps none of its promises: when the database does not open, a disk is full, a row is torn or a
 * connection was closed, some rejection of its own is left unhandled, `whenSynced` waits for ever, or `_storeUpdate` throws
 * into the very transaction of the person who types. None of these can be caught from outside. So it runs as it is, but its
 * door to the database is ours: its constructor assigns `this._db`, and a setter on the prototype of what is constructed
 * puts a quiet database there. A quiet database
 *
 *   Q1  answers successes only. After a failure it answers nothing, so no promise built on it rejects; the failure ends this
 *       persistence, and what it stored is cleared if it can be.
 *   Q2  runs every transaction over both stores, so that IndexedDB keeps them in the order in which they were begun (two of
 *       different stores would overtake each other): a record is written behind the updates before it.
 *   Q3  lets y-indexeddb read once. Its trimming reads again and would apply rows of another tab to the living document.
 *   Q4  takes a number when it first reads, one higher than the last owner's, and writes only while that is still the last.
 *   Q5  shows `intake` every row before Yjs sees it, seals what is written, and catches what Yjs throws at a row.
 *
 * `clearData` of y-indexeddb is not used: it deletes the database without waiting for it (or catching it), which other tabs
 * can hold up. Nor is `set`, which begins its transaction a while after the call. Its trimming waits with a bare `setTimeout`.
 * Writes are relaxed: a cache may lose its last ones.
 *
 * It owns the connection; both it and y-indexeddb end with `close`, with `doc.destroy()` (y-indexeddb listens), or at the
 * first failure.
 */
import { IndexeddbPersistence } from "y-indexeddb";
import type { Doc } from "yjs";
import type { World } from "../platform/world.ts";
import { OPEN_MS } from "./document-cache.ts";
import type { StoredBytes } from "./indexeddb-store.ts";

export interface QuietPersistence {
  /** True once the document holds what was taken in and is followed; false when that failed. Never rejects. */
  readonly opened: Promise<boolean>;
  /** Stores the record that vouches for all updates so far, behind them; false when it was not stored. Never rejects. */
  readonly vouch: (record: StoredBytes) => Promise<boolean>;
  /** Forgets the rows and the record. As `vouch`. */
  readonly forget: () => Promise<boolean>;
  readonly close: () => void;
}

export interface Rows {
  /** What of the stored record and rows goes to the document. Null: nothing, and all of it is forgotten. Does not throw. */
  readonly intake: (record: unknown, rows: readonly unknown[]) => readonly Uint8Array[] | null;
  readonly seal: (update: Uint8Array) => StoredBytes;
}

/** The stores are y-indexeddb's; it leaves `custom` to us. */
const UPDATES = "updates";
const CUSTOM = "custom";
const RECORD = "record";
const OWNER = "owner";

/** What y-indexeddb hangs its handlers on. `onerror` is never called (Q1). */
interface Asked {
  onsuccess: ((event: { readonly target: { readonly result: unknown } }) => unknown) | null;
  onerror: unknown;
}

export function persistQuietly(later: World["later"], database: string, doc: Doc, { intake, seal }: Rows): QuietPersistence {
  const opened = Promise.withResolvers<boolean>();
  let over = false;
  let db: IDBDatabase | null = null;
  /** Null until the first read is committed (Q4): until then nobody is asked. */
  let own: number | null = null;
  let spoiled = false;
  let stopWaiting = () => {};

  const quiet = {
    transaction: () => {
      const tx = begin();
      return { objectStore: () => quietStore(tx) };
    },
    close: end,
  };

  const persistence = construct(database, doc, (opening) => {
    return new Promise((resolve) => {
      const use = (connection: IDBDatabase) => {
        if (over) return connection.close();
        db = connection;
        // y-indexeddb asks it for what is in `quiet` and `quietStore`, and nothing else.
        resolve(quiet as unknown as IDBDatabase);
      };
      opening.then(use, end);
    });
  });
  persistence.on("synced", wait); // the commit is still to come
  wait();

  return {
    opened: opened.promise,
    vouch: (record) => write((_, custom) => custom.put(record, RECORD)),
    forget: () => write(forgetIn),
    close: end,
  };

  function wait(): void {
    stopWaiting();
    stopWaiting = over ? () => {} : later(OPEN_MS, end);
  }

  function end(): void {
    if (over) return;
    over = true;
    stopWaiting();
    void persistence.destroy(); // settles when the database opened, and never rejects (Q1)
    db?.close(); // what was begun is finished
    opened.resolve(false);
  }

  /** The disk is full, the connection is closed, another tab has taken over. */
  function fail(): void {
    if (over) return;
    if (db !== null) salvage(db);
    end();
  }

  /** Makes room on a full disk, and takes away what can no longer be read. */
  function salvage(connection: IDBDatabase): void {
    try {
      const tx = connection.transaction([UPDATES, CUSTOM], "readwrite");
      ifOwner(tx, () => forgetIn(tx.objectStore(UPDATES), tx.objectStore(CUSTOM)));
    } catch (cause) {
      // Closed already: somebody deleted it, and it may be another tab's by now. Without our stores it is nobody's.
      if (cause instanceof DOMException && cause.name === "NotFoundError") indexedDB.deleteDatabase(database);
    }
  }

  function begin(): IDBTransaction | null {
    if (over || db === null) return null;
    try {
      const tx = db.transaction([UPDATES, CUSTOM], "readwrite", { durability: "relaxed" }); // Q2
      tx.addEventListener("abort", fail);
      return tx;
    } catch {
      fail(); // why makes no difference: there is nothing left to write to
      return null;
    }
  }

  /** Q4. */
  function ifOwner(tx: IDBTransaction, work: () => void): void {
    on(tx.objectStore(CUSTOM).get(OWNER), (owner) => (own === null || owner === own ? work() : tx.abort()));
  }

  async function write(work: (updates: IDBObjectStore, custom: IDBObjectStore) => void): Promise<boolean> {
    if (!(await opened.promise)) return false;
    const tx = begin();
    if (tx === null) return false;
    return new Promise((resolve) => {
      tx.addEventListener("complete", () => resolve(true));
      tx.addEventListener("abort", () => resolve(false));
      ifOwner(tx, () => work(tx.objectStore(UPDATES), tx.objectStore(CUSTOM)));
    });
  }

  /** The five things y-indexeddb asks of its updates. */
  function quietStore(tx: IDBTransaction | null) {
    const ask = (place: (tx: IDBTransaction, updates: IDBObjectStore, answer: (result: unknown) => void) => void): Asked => {
      const asked: Asked = { onsuccess: null, onerror: null };
      if (tx === null) return asked;
      try {
        place(tx, tx.objectStore(UPDATES), (result) => asked.onsuccess?.({ target: { result } }));
      } catch {
        fail(); // the transaction was aborted under it
      }
      return asked;
    };
    return {
      getAll: () =>
        ask((tx, updates, answer) => {
          if (own === null) load(tx, updates, answer);
          else on(updates.count(), () => answer([])); // Q3
        }),
      add: (update: Uint8Array) => ask((tx, updates, answer) => ifOwner(tx, () => on(updates.add(seal(update)), answer))),
      delete: (range: IDBKeyRange) => ask((_, updates, answer) => on(updates.delete(range), answer)),
      count: () => ask((_, updates, answer) => on(updates.count(), answer)),
      openKeyCursor: (range: IDBKeyRange | null, direction: IDBCursorDirection) =>
        ask((_, updates, answer) => on(updates.openKeyCursor(range, direction), answer)),
    };
  }

  function load(tx: IDBTransaction, updates: IDBObjectStore, answer: (result: unknown) => void): void {
    const custom = tx.objectStore(CUSTOM);
    const owner: IDBRequest<unknown> = custom.get(OWNER);
    const record: IDBRequest<unknown> = custom.get(RECORD);
    on(updates.getAll(), (rows) => {
      if (over) return tx.abort(); // nobody waits any more, so it changes hands for nobody
      stopWaiting(); // what comes now is Yjs's time
      const number = typeof owner.result === "number" ? owner.result + 1 : 1;
      custom.put(number, OWNER);
      tx.addEventListener("complete", () => (own = number)); // before any later transaction begins
      const taken = intake(record.result, rows);
      if (taken === null) forgetIn(updates, custom);
      answer({ forEach: (apply: (update: Uint8Array) => void) => (spoiled = !triedEach(taken ?? [], apply)) });
    });
    tx.addEventListener("complete", () => {
      stopWaiting();
      if (spoiled) fail();
      else opened.resolve(true);
    });
  }
}

/** Puts a quiet database in the place where y-indexeddb keeps the promise of its own. */
function construct(
  database: string,
  doc: Doc,
  quieten: (opening: Promise<IDBDatabase>) => Promise<IDBDatabase>,
): IndexeddbPersistence {
  const prototype = Object.create(IndexeddbPersistence.prototype, {
    _db: {
      set(opening: Promise<IDBDatabase>) {
        Object.defineProperty(this, "_db", { value: quieten(opening) });
      },
    },
  }) as IndexeddbPersistence; // as its prototype says
  const target = Object.assign(function () {}, { prototype });
  // What `Reflect.construct` makes is what its first argument makes, with the prototype of its last.
  return Reflect.construct(IndexeddbPersistence, [database, doc], target) as IndexeddbPersistence;
}

function forgetIn(updates: IDBObjectStore, custom: IDBObjectStore): void {
  updates.clear();
  custom.delete(RECORD); // the owner's number stays: it only ever rises
}

function on<T>(request: IDBRequest<T>, answer: (result: T) => void): void {
  request.onsuccess = () => answer(request.result);
}

function triedEach(updates: readonly Uint8Array[], apply: (update: Uint8Array) => void): boolean {
  try {
    updates.forEach((update) => apply(update));
    return true;
  } catch {
    return false; // sealed by us, and yet nothing that this Yjs can read: no cache
  }
}
