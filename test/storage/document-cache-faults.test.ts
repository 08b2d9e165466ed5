/** The browser's cache stays silent, and in time, whatever the disk, the browser and y-indexeddb do. */
import { IDBObjectStore } from "fake-indexeddb";
import { expect, test, vi } from "vitest";
import { OPEN_MS } from "../../src/storage/document-cache.ts";
import {
  type CacheHarness,
  calm,
  expectNoCache,
  FIRST,
  keep,
  NAME,
  newDoc,
  openNew,
  pictureOf,
  SECOND,
  write,
  written,
} from "../contracts/document-cache.fixtures.ts";
import {
  DATABASE,
  failWrites,
  harness,
  holdStores,
  openConnection,
  openedSoFar,
  stillOpen,
  stored,
  STORES,
  turns,
  useFakeDisk,
} from "./document-cache-disk.ts";

useFakeDisk();

test.each(["request", "commit"] as const)("on a disk that is full at the %s the document goes on, silently", async (when) => {
  const caches = harness();
  const doc = written("soup");
  const handle = await keep(caches.cache, doc);
  failWrites(when);
  write(doc, "hot ");
  write(doc, "very ");
  expect(await handle.mark(SECOND)).toBe(false);
  write(doc, "not ");
  expect(await handle.mark(SECOND)).toBe(false);
  expect(doc.getText("title").toString()).toBe("not very hot soup");
  vi.restoreAllMocks();
  expect(await stored(NAME), "made room").toEqual({ record: null, rows: [] });
  await turns(5);
  expect(stillOpen()).toBe(0);
  await expectNoCache(caches);
});

test.each(["request", "commit"] as const)("a disk that is full from the start, at the %s, is no cache", async (when) => {
  const caches = harness();
  await (await keep(caches.cache, written("soup"))).close();
  failWrites(when);
  const { handle } = await openNew(caches.cache);
  expect(handle.manifest).toBeNull();
  const doc = written("built anew");
  await handle.follow(doc);
  write(doc, "and on ");
  expect(await handle.mark(SECOND)).toBe(false);
  vi.restoreAllMocks();
  await expectNoCache(caches);
});

test("only the record does not fit: the mark says so, and there is no cache", async () => {
  const caches = harness();
  const doc = written("soup");
  const handle = await keep(caches.cache, doc);
  failWrites("request", (value) => value instanceof Uint8Array && value.length > 50_000);
  expect(await handle.mark(new Uint8Array(60_000))).toBe(false);
  vi.restoreAllMocks();
  await expectNoCache(caches);
});

test.each([
  [
    "says no",
    () => {
      const request = new EventTarget() as IDBOpenDBRequest;
      queueMicrotask(() => {
        Object.assign(request, { error: new DOMException("no", "UnknownError") });
        request.onerror?.({ target: request } as unknown as Event);
      });
      return request;
    },
  ],
  [
    "throws",
    () => {
      throw new DOMException("not in a private window", "SecurityError");
    },
  ],
])("a browser whose IndexedDB %s has no cache, and a document nonetheless", async (_, open) => {
  const { cache } = harness();
  indexedDB.open = open;
  await expectWithout(cache);
});

test("a browser without IndexedDB has no cache, and a document nonetheless", async () => {
  const { cache } = harness();
  vi.stubGlobal("indexedDB", undefined);
  await expectWithout(cache);
  expect(await cache.forgetAll("", calm)).toBe(false);
});

test("where databases cannot be listed, forgetting all says that something may be left", async () => {
  const { cache } = harness();
  await keep(cache, written("soup"));
  Object.assign(indexedDB, { databases: undefined });
  expect(await cache.forgetAll("", calm)).toBe(false);
});

async function expectWithout(cache: CacheHarness["cache"]): Promise<void> {
  const { handle } = await openNew(cache);
  expect(handle.manifest).toBeNull();
  const doc = written("soup");
  await handle.follow(doc);
  write(doc, "hot ");
  expect(await handle.mark(FIRST)).toBe(false);
  await handle.clear();
  doc.destroy();
  await handle.close();
}

test("a database that does not open in time is no cache; when it opens after all it is closed, and nothing is loaded", async () => {
  const { cache, clock } = harness();
  await (await keep(cache, written("soup"))).close();
  const opened = openedSoFar();
  const open = indexedDB.open.bind(indexedDB);
  const late: (() => void)[] = [];
  indexedDB.open = (name) => {
    const request = {} as IDBOpenDBRequest;
    late.push(() => (open(name).onsuccess = (event) => request.onsuccess?.(event)));
    return request;
  };
  const doc = newDoc();
  const opening = cache.open(NAME, doc, calm);
  await turns(5);
  expect([...clock.waiting].map(({ ms }) => ms)).toEqual([OPEN_MS]);
  clock.pass();
  const handle = await opening;
  expect(handle.manifest).toBeNull();
  late.forEach((open) => open());
  await turns(20);
  expect(openedSoFar()).toBe(opened + 1);
  expect(stillOpen()).toBe(0);
  expect(doc.store.clients.size).toBe(0);
  expect(clock.waiting.size).toBe(0);
});

test("a database that is held by another tab is waited for only so long, and what is in it stays", async () => {
  const { cache, clock } = harness();
  const kept = written("soup");
  const early = await keep(cache, kept);
  const letGo = await holdStores(STORES);
  const doc = newDoc();
  const opening = cache.open(NAME, doc, calm);
  await turns(10);
  clock.pass();
  expect((await opening).manifest).toBeNull();
  letGo();
  await turns(20);
  expect(doc.store.clients.size, "not loaded behind our back").toBe(0);
  expect(stillOpen(), "only the early one's").toBe(1);
  expect(await early.mark(SECOND), "nobody has taken it over").toBe(true);
  const again = await openNew(cache);
  expect(again.handle.manifest).toEqual(SECOND);
});

test("a commit that does not come is waited for only so long", async () => {
  const { cache, clock } = harness();
  await (await keep(cache, written("soup"))).close();
  let held = true;
  const count = IDBObjectStore.prototype.count;
  vi.spyOn(IDBObjectStore.prototype, "count").mockImplementation(function (this: globalThis.IDBObjectStore, ...range) {
    const hold = () => {
      if (held) count.apply(this).onsuccess = hold;
    };
    hold();
    return count.apply(this, range);
  });
  const opening = cache.open(NAME, newDoc(), calm);
  await turns(30);
  expect(clock.waiting.size).toBe(1);
  clock.pass();
  expect((await opening).manifest).toBeNull();
  held = false;
});

test("the time that Yjs takes does not count, and nothing happens when it is up after all", async () => {
  const { cache, clock } = harness();
  await (await keep(cache, written("soup"))).close();
  const slow = newDoc(9);
  slow.on("beforeTransaction", () => clock.pass());
  const handle = await cache.open(NAME, slow, calm);
  expect(handle.manifest).toEqual(FIRST);
  clock.pass();
  write(slow, "hot ");
  expect(await handle.mark(SECOND)).toBe(true);
});

test("aborted at any moment of opening it rejects with the reason, and leaves no connection, no timer and the cache as it was", async () => {
  const { cache, clock } = harness();
  const kept = written("soup");
  await (await keep(cache, kept)).close();
  let early = 0;
  for (let count = 0; count < 25; count++) {
    const person = new AbortController();
    const opening = cache.open(NAME, newDoc(), person.signal).then(
      (handle) => handle.close(),
      (reason) => {
        early++;
        expect(reason).toBe("enough");
      },
    );
    await turns(count);
    person.abort("enough");
    await opening;
    await turns(20);
    expect([stillOpen(), clock.waiting.size]).toEqual([0, 0]);
  }
  expect(early).toBeGreaterThan(3);
  expect(early, "some were done before").toBeLessThan(25);
  const again = await openNew(cache);
  expect(again.handle.manifest).toEqual(FIRST);
  expect(pictureOf(again.doc)).toEqual(pictureOf(kept));
});

test("closed, or its document destroyed, at any moment of following: no connection and no timer is left", async () => {
  const { cache, clock } = harness();
  for (let count = 0; count < 25; count++) {
    const { handle } = await openNew(cache);
    const doc = written("soup");
    const following = handle.follow(doc);
    await turns(count);
    if (count % 2 === 0) await handle.close();
    else doc.destroy();
    await following;
    await turns(20);
    expect([stillOpen(), clock.waiting.size]).toEqual([0, 0]);
  }
});

test("a document destroyed while its cache opens is no cache, and nobody waits for ever", async () => {
  const { cache } = harness();
  await (await keep(cache, written("soup"))).close();
  for (let count = 0; count < 12; count++) {
    const doc = newDoc();
    const opening = cache.open(NAME, doc, calm);
    await turns(count);
    doc.destroy();
    await (await opening).close();
    await turns(10);
    expect(stillOpen()).toBe(0);
  }
});

test("rows that cannot be read are cleared", async () => {
  const caches = harness();
  await (await keep(caches.cache, written("soup"))).close();
  const getAll = IDBObjectStore.prototype.getAll;
  vi.spyOn(IDBObjectStore.prototype, "getAll").mockImplementation(function (this: globalThis.IDBObjectStore, ...range) {
    const request = getAll.apply(this, range);
    queueMicrotask(() => (this.transaction as unknown as { _abort: (why: string) => void })._abort("UnknownError"));
    return request;
  });
  const { handle } = await openNew(caches.cache);
  expect(handle.manifest).toBeNull();
  vi.restoreAllMocks();
  expect(await stored(NAME)).toEqual({ record: null, rows: [] });
  await expectNoCache(caches);
});

test("a database of that name without its stores is removed, and the next start has a cache", async () => {
  const caches = harness();
  (await openConnection(DATABASE)).close();
  const { handle } = await openNew(caches.cache);
  expect(handle.manifest).toBeNull();
  await expectNoCache(caches);
});

test("forgetting all is bounded by its signal and by time, where another tab holds on", async () => {
  const { cache, clock } = harness();
  await (await keep(cache, written("soup"))).close();
  const other = await openConnection(DATABASE); // lets nothing go
  const person = new AbortController();
  const aborted = cache.forgetAll("", person.signal);
  await turns(5);
  person.abort("enough");
  await expect(aborted).rejects.toBe("enough");
  const bounded = cache.forgetAll("", calm);
  await turns(5);
  clock.pass();
  expect(await bounded).toBe(false);
  expect(clock.waiting.size).toBe(0);
  other.close();
});
