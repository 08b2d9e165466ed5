/** Documents for the tests of the caches. Ana (client 1) and Bo (client 2) write; a cache never knows who. */
import { expect } from "vitest";
import * as Y from "yjs";
import type { CachedDocument, DocumentCache } from "../../src/storage/document-cache.ts";
import { stateHashOf } from "../../src/storage/document-record.ts";

export interface Stored {
  readonly record: Uint8Array | null;
  readonly rows: readonly Uint8Array[];
}

export interface CacheHarness {
  readonly cache: DocumentCache;
  /** Another tab's. */
  readonly twin: () => DocumentCache;
  /** What lies on the disk, once all writes and trims have come there. */
  readonly stored: (name: string) => Promise<Stored>;
  readonly tamper: (name: string, change: (stored: Stored) => Stored) => Promise<void>;
}

export type OpenCaches = () => CacheHarness;

export const calm = new AbortController().signal;
export const NAME = "c0ffee/notes/1";
export const FIRST = Uint8Array.of(1, 1);
export const SECOND = Uint8Array.of(2);

export function newDoc(client = 1): Y.Doc {
  const doc = new Y.Doc({ gc: false });
  doc.clientID = client;
  return doc;
}

export function written(text: string, client = 1): Y.Doc {
  const doc = newDoc(client);
  write(doc, text);
  return doc;
}

export const write = (doc: Y.Doc, text: string): void => doc.getText("title").insert(0, text);
export const erase = (doc: Y.Doc, at = 0, length = 1): void => doc.getText("title").delete(at, length);

/** All that can be told of a document, and by it two are the same. */
export const pictureOf = (doc: Y.Doc) => ({ title: doc.getText("title").toString(), state: stateHashOf(doc).join(" ") });

/** A document listens to itself as well. */
export const observersOf = (doc: Y.Doc) => [...doc._observers].map(([event, listeners]) => `${event} ${listeners.size}`);

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** Into a document of its own. */
export async function openNew(cache: DocumentCache, name = NAME): Promise<{ handle: CachedDocument; doc: Y.Doc }> {
  const doc = new Y.Doc({ gc: false });
  const handle = await cache.open(name, doc, calm);
  doc.clientID = 1;
  return { handle, doc };
}

/** A handle that follows `doc` from the beginning, marked with FIRST. */
export async function keep(cache: DocumentCache, doc: Y.Doc, name = NAME): Promise<CachedDocument> {
  const { handle } = await openNew(cache, name);
  await handle.follow(doc);
  expect(await handle.mark(FIRST)).toBe(true);
  return handle;
}

/** What a start finds. */
export async function expectCached(cache: DocumentCache, doc: Y.Doc, manifest: Uint8Array, name = NAME): Promise<void> {
  const again = await openNew(cache, name);
  expect(again.handle.manifest === null ? null : hexOf(again.handle.manifest)).toBe(hexOf(manifest));
  expect(pictureOf(again.doc)).toEqual(pictureOf(doc));
  await again.handle.close();
}

/** No manifest, nothing of it left on the disk, and the next document is kept again. */
export async function expectNoCache({ cache, stored }: CacheHarness, name = NAME): Promise<void> {
  const { handle } = await openNew(cache, name);
  expect(handle.manifest).toBeNull();
  expect((await stored(name)).record).toBeNull();
  const { doc } = await openNew(cache, name);
  expect(doc.store.clients.size, "not even the rows").toBe(0);
  const built = written("built anew");
  await keep(cache, built, name);
  await expectCached(cache, built, FIRST, name);
}
