/**
 * The document cache in memory, for tests, the simulator and the hearth (which replays at its start).
 *
 * It keeps its bytes in a map that is handed in, so that a simulator can carry them over a crash, roll them back or tear them.
 * Keys are `<name>`, a newline, and `owner`, `record` or `row/<number>`. After any number of its writes, and no more, `open`
 * finds a document that was marked, or none. It owns nothing but its listeners.
 */
import { applyUpdate, encodeStateAsUpdate, transact, type Doc } from "yjs";
import { utf8ToBytes } from "../../protocol/index.ts";
import { assertName } from "./continuity.ts";
import {
  assertFollowable,
  assertFresh,
  assertManifest,
  TRIM_AT,
  type CachedDocument,
  type DocumentCache,
} from "./document-cache.ts";
import { fits, readCache, recordOf, rowOf } from "./document-record.ts";

export function createMemoryDocumentCache(bytes: Map<string, Uint8Array>): DocumentCache {
  return {
    open: async (name, doc, signal) => {
      assertName(name);
      assertFresh(doc);
      signal.throwIfAborted();
      const keys = rowKeys(bytes, name);
      const rows = keys.map((key) => bytes.get(key));
      const vouched = readCache(name, bytes.get(`${name}\nrecord`), rows);
      if (vouched !== null && applied(doc, vouched.updates) && fits(doc, vouched.stateHash)) {
        return handle(bytes, name, vouched.manifest, followIn(bytes, name, doc, keys));
      }
      forget(bytes, name);
      takeOver(bytes, name);
      return handle(bytes, name, null, null);
    },

    forgetAll: async (prefix, signal) => {
      signal.throwIfAborted();
      for (const key of [...bytes.keys()]) if (key.startsWith(prefix)) bytes.delete(key);
      return true;
    },
  };
}

interface Following {
  readonly mark: (manifest: Uint8Array) => boolean;
  readonly stop: () => void;
}

function handle(
  bytes: Map<string, Uint8Array>,
  name: string,
  manifest: Uint8Array | null,
  followed: Following | null,
): CachedDocument {
  let closed = false;
  let current = followed;
  const stop = () => {
    current?.stop();
    current = null;
  };
  return {
    manifest,
    follow: async (doc) => {
      assertFollowable(doc);
      if (closed) return;
      stop();
      forget(bytes, name);
      current = followIn(bytes, name, doc, []);
    },
    mark: async (next) => {
      assertManifest(next);
      return current?.mark(next) ?? false;
    },
    clear: async () => {
      if (closed) return;
      stop();
      forget(bytes, name);
      takeOver(bytes, name);
    },
    close: async () => {
      closed = true;
      stop();
    },
  };
}

function followIn(bytes: Map<string, Uint8Array>, name: string, doc: Doc, stored: readonly string[]): Following {
  const isOwner = takeOver(bytes, name);
  let keys = [...stored];
  let next = Number(keys.at(-1)?.slice(`${name}\nrow/`.length) ?? -1) + 1;

  const add = (update: Uint8Array) => {
    const key = `${name}\nrow/${next.toString().padStart(12, "0")}`;
    next++;
    bytes.set(key, rowOf(name, update));
    keys.push(key);
  };
  const onUpdate = (update: Uint8Array) => {
    if (!isOwner()) return stop();
    add(update);
    if (keys.length < TRIM_AT) return;
    const merged = keys;
    keys = [];
    add(encodeStateAsUpdate(doc));
    for (const key of merged) bytes.delete(key);
  };
  const stop = () => {
    doc.off("update", onUpdate);
    doc.off("destroy", stop);
    stopped = true;
  };
  let stopped = false;

  if (doc.store.clients.size > 0 && keys.length === 0) add(encodeStateAsUpdate(doc));
  doc.on("update", onUpdate);
  doc.on("destroy", stop);
  return {
    mark: (manifest) => {
      if (stopped || !isOwner()) return false;
      bytes.set(`${name}\nrecord`, recordOf(name, doc, manifest));
      return true;
    },
    stop,
  };
}

/** Puts a higher number in than was there; answers how to ask whether it still is. */
function takeOver(bytes: Map<string, Uint8Array>, name: string): () => boolean {
  const key = `${name}\nowner`;
  const before = Number.parseInt(new TextDecoder().decode(bytes.get(key)), 10);
  const mine = utf8ToBytes(String(Number.isSafeInteger(before) ? before + 1 : 1));
  bytes.set(key, mine);
  return () => bytes.get(key) === mine;
}

/** The owner's number stays: it only ever rises. */
function forget(bytes: Map<string, Uint8Array>, name: string): void {
  bytes.delete(`${name}\nrecord`);
  for (const key of rowKeys(bytes, name)) bytes.delete(key);
}

const rowKeys = (bytes: ReadonlyMap<string, Uint8Array>, name: string): string[] =>
  [...bytes.keys()].filter((key) => key.startsWith(`${name}\nrow/`)).sort();

function applied(doc: Doc, updates: readonly Uint8Array[]): boolean {
  try {
    transact(doc, () => updates.forEach((update) => applyUpdate(doc, update)), undefined, false);
    return true;
  } catch {
    return false; // sealed by us, and yet nothing that this Yjs can read: no cache
  }
}
