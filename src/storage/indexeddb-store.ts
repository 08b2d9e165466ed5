/**
 * The IndexedDB database under the shelf: opening, transactions, and what the browser does to both.
 *
 * It owns the connection and closes it. After a quota error it opens a new one (SECURITY 2.12). When
 * another tab deletes or upgrades the database, or the browser takes it away, it lets go at once, so
 * that nobody waits for it, and says so to every later call. It does not open again by itself then:
 * an emptied store must meet an app that starts anew, not one that believes it still has a past.
 */
import { unwrap, wrap, type DBSchema, type IDBPDatabase, type IDBPTransaction } from "idb";
import { err, ok, type EnvelopeId, type FeedId, type Result } from "../../protocol/index.ts";
import type { Pen, WriteError } from "./shelf.ts";

export type StoredBytes = Uint8Array<ArrayBuffer>;

interface Stores extends DBSchema {
  /** [tag, feed, from, count]: the count is in the key so that the end of a feed is read without its bytes. */
  segments: {
    key: [string, string, number, number];
    value: { feed: FeedId; from: number; count: number; head: EnvelopeId; bytes: StoredBytes };
  };
  /** [tag, feed] */
  pens: { key: [string, string]; value: Pen };
  /** [tag, feed] */
  proofs: { key: [string, string]; value: StoredBytes };
  kept: { key: string; value: StoredBytes };
  ballast: { key: string; value: StoredBytes };
}
export type StoreName = "segments" | "pens" | "proofs" | "kept" | "ballast";
export type Reading = IDBPTransaction<Stores, StoreName[], "readonly" | "readwrite">;
export type Writing = IDBPTransaction<Stores, StoreName[], "readwrite">;

export interface IndexedDbStore {
  /** `work` waits for nothing but the transaction, or it closes under it. Rejects as `Shelf` says. */
  readonly read: <T>(names: StoreName[], signal: AbortSignal, work: (tx: Reading) => Promise<T>) => Promise<T>;
  /** Resolves when the transaction is committed. Where `work` answers with an error it has written nothing. */
  readonly write: <T, E>(
    names: StoreName[],
    durability: "strict" | "relaxed",
    signal: AbortSignal,
    work: (tx: Writing) => Promise<Result<T, E>>,
  ) => Promise<Result<T, E | WriteError>>;
  /** Closing twice is harmless. Transactions under way are finished. */
  readonly close: () => Promise<void>;
}

/** 1: the first. An upgrade to 2 is never blocked by a tab of version 1, which lets go when asked. */
const VERSION = 1;

type Phase =
  | { readonly kind: "open"; readonly db: IDBPDatabase<Stores> }
  | { readonly kind: "opening"; readonly done: Promise<void> }
  | { readonly kind: "gone"; readonly reason: string };

/** Abort leaves no connection behind. Waits, without end but the signal's, for a deletion that another tab holds up. */
export async function openIndexedDbStore(
  deps: { readonly name: string; readonly indexedDB: IDBFactory },
  signal: AbortSignal,
): Promise<Result<IndexedDbStore, WriteError | { readonly kind: "newer-store" }>> {
  signal.throwIfAborted();
  const first = await connect(deps.indexedDB, deps.name, signal);
  if (!first.ok) return first;

  const life = new AbortController();
  let phase: Phase = { kind: "gone", reason: "closed" };
  use(first.value);

  function use(db: IDBPDatabase<Stores>): void {
    phase = { kind: "open", db };
    const letGo = (reason: string) => () => {
      db.close();
      phase = { kind: "gone", reason };
    };
    db.addEventListener("versionchange", letGo("another tab deleted or upgraded the store"));
    db.addEventListener("close", letGo("the browser took the store away"));
  }

  /** Every caller that met the full disk with the old connection comes here; one of them opens. */
  async function reopen(full: IDBPDatabase<Stores>): Promise<void> {
    if (phase.kind !== "open" || phase.db !== full) return;
    full.close();
    const done = connect(deps.indexedDB, deps.name, life.signal).then(
      (again) => {
        if (again.ok) use(again.value);
        else phase = { kind: "gone", reason: `could not open again: ${JSON.stringify(again.error)}` };
      },
      // Only close() aborts `life`, and it has set the phase.
      () => undefined,
    );
    phase = { kind: "opening", done };
    await done;
  }

  async function connection(): Promise<IDBPDatabase<Stores> | string> {
    while (phase.kind === "opening") await phase.done;
    return phase.kind === "gone" ? phase.reason : phase.db;
  }

  return ok({
    read: async (names, signal, work) => {
      const db = await connection();
      signal.throwIfAborted();
      if (typeof db === "string") throw new Error(`storage-failed: ${db}`);
      const tx = begin(db, names, "readonly", {});
      if (!tx.ok) throw new Error(`storage-failed: ${tx.error.reason}`);
      const run = await runOn(tx.value, signal, work);
      if (run.end === "committed") return run.value;
      signal.throwIfAborted();
      if (run.cause instanceof DOMException) throw new Error(`storage-failed: ${run.cause.name}`, { cause: run.cause });
      throw run.cause;
    },

    write: async (names, durability, signal, work) => {
      const db = await connection();
      signal.throwIfAborted();
      if (typeof db === "string") return err({ kind: "storage-failed", reason: db });
      const tx = begin(db, names, "readwrite", { durability });
      if (!tx.ok) return tx;
      const run = await runOn(tx.value, signal, work);
      if (run.end === "committed") return run.value;
      signal.throwIfAborted();
      if (!(run.cause instanceof DOMException)) throw run.cause; // a bug in `work`
      if (run.cause.name !== "QuotaExceededError") {
        return err({ kind: "storage-failed", reason: `${run.cause.name}: ${run.cause.message}` });
      }
      await reopen(db);
      return err({ kind: "disk-full" });
    },

    close: async () => {
      const before = phase;
      phase = { kind: "gone", reason: "closed" };
      life.abort(new Error("closed"));
      if (before.kind === "open") before.db.close();
    },
  });
}

function connect(
  factory: IDBFactory,
  name: string,
  signal: AbortSignal,
): Promise<Result<IDBPDatabase<Stores>, WriteError | { readonly kind: "newer-store" }>> {
  return new Promise((resolve, reject) => {
    const request = factory.open(name, VERSION);
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
    request.onupgradeneeded = () => {
      for (const store of ["segments", "pens", "proofs", "kept", "ballast"]) request.result.createObjectStore(store);
    };
    request.onsuccess = () => {
      signal.removeEventListener("abort", abort);
      if (signal.aborted) request.result.close();
      // The stores are those of `onupgradeneeded`; the browser knows only that it is a database.
      else resolve(ok(wrap(request.result) as unknown as IDBPDatabase<Stores>));
    };
    request.onerror = () => {
      signal.removeEventListener("abort", abort);
      const cause = request.error;
      if (cause?.name === "VersionError") resolve(err({ kind: "newer-store" }));
      else resolve(err({ kind: "storage-failed", reason: `${cause?.name}: ${cause?.message}` }));
    };
  });
}

/** A connection that the browser is closing begins no transaction, and its event may come later. */
function begin<M extends "readonly" | "readwrite">(
  db: IDBPDatabase<Stores>,
  names: StoreName[],
  mode: M,
  options: IDBTransactionOptions,
): Result<IDBPTransaction<Stores, StoreName[], M>, { readonly kind: "storage-failed"; readonly reason: string }> {
  try {
    return ok(db.transaction(names, mode, options));
  } catch (cause) {
    if (!(cause instanceof DOMException)) throw cause;
    return err({ kind: "storage-failed", reason: `${cause.name}: ${cause.message}` });
  }
}

type Run<T> = { readonly end: "committed"; readonly value: T } | { readonly end: "aborted"; readonly cause: unknown };

/** Runs `work` to the end of its transaction, which alone knows whether and why it was aborted. */
async function runOn<T, M extends "readonly" | "readwrite">(
  tx: IDBPTransaction<Stores, StoreName[], M>,
  signal: AbortSignal,
  work: (tx: IDBPTransaction<Stores, StoreName[], M>) => Promise<T>,
): Promise<Run<T>> {
  // idb's own promise cannot tell a full disk from an abort (it settles at the first failed request); ours can.
  tx.done.catch(() => undefined);
  const raw = unwrap(tx);
  const ended = new Promise<{ committed: boolean }>((resolve) => {
    raw.addEventListener("complete", () => resolve({ committed: true }));
    raw.addEventListener("abort", () => resolve({ committed: false }));
  });
  const abort = () => {
    try {
      tx.abort();
    } catch {
      // Finished already: what it did stands, and `ended` says which.
    }
  };
  signal.addEventListener("abort", abort);
  try {
    const value = await work(tx);
    return (await ended).committed ? { end: "committed", value } : { end: "aborted", cause: raw.error };
  } catch (thrown) {
    abort();
    await ended;
    return { end: "aborted", cause: raw.error ?? thrown };
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
