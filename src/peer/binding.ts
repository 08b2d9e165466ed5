/**
 * Binding: one document of a membership as the log tells it, kept in step with the holding, and with its cache. Made when it is first
 * opened; stays until the membership closes. Owns its cached document.
 *
 *   D1  The cache saves work and decides nothing: it is taken up only when it was made from exactly what the log says now
 *       (protocol/documents/library.ts I3); on any difference it is cleared, and the document is put together from the log.
 *   D2  Long documents are put together a slice at a time, so that no frame is held up.
 *   D3  When the ground changes (a fork, somebody's standing), another replay takes the place of this one, and all who watch are told.
 */
import type { DocumentName, Library, Replay } from "../../protocol/index.ts";
import { createDoc, subjectOf } from "../../protocol/index.ts";
import { MAX_MANIFEST_BYTES, type CachedDocument, type DocumentCache } from "../storage/document-cache.ts";
import type { Timers } from "./timers.ts";

export interface Binding {
  /** Null while the document is being put together (D2). */
  readonly replay: () => Replay | null;
  /** The log has grown, or its ground changed. */
  readonly refresh: () => void;
  /** After every change of the replay or of what is in it. */
  readonly subscribe: (changed: () => void) => () => void;
}

export interface BindingDeps {
  readonly name: DocumentName;
  /** Where it lies in the cache: unlike any other's. */
  readonly cacheName: string;
  readonly library: () => Library;
  readonly cache: DocumentCache | null;
  readonly timers: Timers;
}

/** Edits at a time: some 10 ms of work. */
const SLICE = 200;
/** After the last change, so that a burst is marked once. */
const MARK_MS = 400;

export function createBinding({ name, cacheName, library, cache, timers }: BindingDeps): Binding {
  const listeners = new Set<() => void>();
  let cached: CachedDocument | null = null;
  let replay: Replay | null = null;
  let followed: Replay | null = null;
  let isReady = false;
  let isOpening = true;
  let cancelMark = (): void => undefined;
  let cancelNext = (): void => undefined;

  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };
  const subject = subjectOf(name);
  if (subject === null) throw new Error("a document's name is parsed before it is opened");
  const { kind } = subject;

  async function open(): Promise<void> {
    if (cache !== null) {
      const doc = createDoc(kind, 0);
      cached = await cache.open(cacheName, doc, timers.closed).catch(() => null); // without one, it is put together
      const manifest = cached?.manifest ?? null;
      if (timers.closed.aborted) return void cached?.close();
      if (manifest !== null && library().resume(name, doc, manifest)) {
        doc.clientID = 0;
        replay = library().replay(name);
        followed = replay; // the cache follows what it gave
      }
    }
    isOpening = false;
    refresh();
  }

  function refresh(): void {
    if (isOpening || timers.closed.aborted) return;
    const now = library().replay(name);
    if (now !== replay) {
      replay = now; // D3
      isReady = false;
    }
    const before = now.decided().length;
    const hasMore = now.advance(SLICE);
    cancelNext();
    if (hasMore) cancelNext = timers.soon(0, refresh); // D2
    const isNews = !isReady || now.decided().length !== before;
    if (!hasMore) isReady = true;
    if (isNews && isReady) {
      cancelMark();
      cancelMark = timers.soon(MARK_MS, () => void mark().catch(() => undefined));
    }
    if (isReady) tell();
  }

  /** What is on the screen needs no cache: whatever goes wrong here costs the next start some time. */
  async function mark(): Promise<void> {
    const on = replay;
    if (cached === null || on === null || !isReady) return;
    if (followed !== on) {
      followed = on;
      await cached.follow(on.doc);
    }
    const manifest = replay === on ? library().manifest(name) : null;
    if (manifest !== null && manifest.length <= MAX_MANIFEST_BYTES) await cached.mark(manifest);
  }

  void open();
  timers.closed.addEventListener("abort", () => void cached?.close().catch(() => undefined), { once: true });
  return {
    replay: () => (isReady ? replay : null),
    refresh,
    subscribe: (changed) => {
      const own = (): void => changed();
      listeners.add(own);
      return () => void listeners.delete(own);
    },
  };
}
