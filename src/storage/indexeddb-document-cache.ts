/**
 * The document cache in a browser: one database a document, `kith-document/<name>`, kept by y-indexeddb.
 *
 * y-indexeddb finds `indexedDB` by itself, so it is no parameter here. Each handle owns its persistence (quiet-persistence.ts)
 * and closes it. What fails and how it stays silent is told there.
 */
import { Doc } from "yjs";
import type { World } from "../platform/world.ts";
import { assertName } from "./continuity.ts";
import {
  assertFollowable,
  assertFresh,
  assertManifest,
  OPEN_MS,
  type CachedDocument,
  type DocumentCache,
} from "./document-cache.ts";
import { fits, readCache, recordOf, rowOf, type Vouched } from "./document-record.ts";
import { persistQuietly, type QuietPersistence, type Rows } from "./quiet-persistence.ts";

const PREFIX = "kith-document/";

export function createIndexedDbDocumentCache(deps: Pick<World, "later">): DocumentCache {
  const persist = (name: string, doc: Doc, intake: Rows["intake"]): QuietPersistence =>
    persistQuietly(deps.later, PREFIX + name, doc, { intake, seal: (update) => rowOf(name, update) });

  return {
    open: async (name, doc, signal) => {
      assertName(name);
      assertFresh(doc);
      signal.throwIfAborted();
      // In an object, since the compiler does not follow what a callback assigns.
      const read: { vouched: Vouched | null } = { vouched: null };
      const first = persist(name, doc, (record, rows) => {
        read.vouched = readCache(name, record, rows);
        return read.vouched?.updates ?? null;
      });
      signal.addEventListener("abort", first.close);
      const opened = await first.opened;
      signal.removeEventListener("abort", first.close);
      signal.throwIfAborted();
      if (opened && read.vouched !== null && fits(doc, read.vouched.stateHash)) {
        return handle(name, read.vouched.manifest, { doc, persistence: first });
      }
      if (opened) await first.forget();
      first.close();
      return handle(name, null, null);
    },

    forgetAll: async (prefix, signal) => {
      signal.throwIfAborted();
      const names = await databaseNames();
      signal.throwIfAborted();
      if (names === null) return false;
      const gone = names.filter((name) => name.startsWith(PREFIX + prefix)).map((name) => remove(name, signal));
      return (await Promise.all(gone)).every((each) => each);
    },
  };

  function handle(
    name: string,
    manifest: Uint8Array | null,
    followed: { readonly doc: Doc; readonly persistence: QuietPersistence } | null,
  ): CachedDocument {
    let closed = false;
    let current = followed;

    const follow = async (doc: Doc): Promise<void> => {
      assertFollowable(doc);
      if (closed) return;
      current?.persistence.close();
      const persistence = persist(name, doc, () => null);
      current = { doc, persistence };
      await persistence.opened;
    };
    const stop = () => {
      current?.persistence.close();
      current = null;
    };

    return {
      manifest,
      follow,
      mark: async (next) => {
        assertManifest(next);
        // The record is made before anything is awaited: it speaks of this moment, and of no later one.
        return current === null ? false : current.persistence.vouch(recordOf(name, current.doc, next));
      },
      clear: async () => {
        const nothing = new Doc({ gc: false });
        await follow(nothing);
        if (current?.doc === nothing) stop();
      },
      close: async () => {
        closed = true;
        stop();
      },
    };
  }

  /** Asks every tab to let go of it, which y-indexeddb does. */
  function remove(database: string, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const settle = (done: () => void) => () => {
        stopWaiting();
        signal.removeEventListener("abort", abort);
        done();
      };
      const abort = settle(() => reject(signal.reason));
      const stopWaiting = deps.later(
        OPEN_MS,
        settle(() => resolve(false)),
      );
      signal.addEventListener("abort", abort);
      const request = indexedDB.deleteDatabase(database);
      request.onsuccess = settle(() => resolve(true));
      request.onerror = settle(() => resolve(false));
    });
  }
}

/** Null where the platform cannot list them. */
async function databaseNames(): Promise<readonly string[] | null> {
  try {
    return (await indexedDB.databases()).flatMap(({ name }) => name ?? []);
  } catch {
    return null; // no such function, no IndexedDB at all, or not allowed: all the same to whoever asks
  }
}
