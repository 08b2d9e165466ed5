/** The browser's cache keeps the contract, in order with other tabs and with y-indexeddb's trims. */
import { IDBDatabase, IDBFactory } from "fake-indexeddb";
import { expect, test, vi } from "vitest";
import * as Y from "yjs";
import { rowOf } from "../../src/storage/document-record.ts";
import { documentCacheContract } from "../contracts/document-cache.contract.ts";
import {
  calm,
  erase,
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
import { DATABASE, failWrites, harness, holdStores, stored, takeAway, turns, useFakeDisk } from "./document-cache-disk.ts";

useFakeDisk();

documentCacheContract("document cache in IndexedDB", () => {
  // The law opens many caches in one test; each has a disk of its own.
  vi.stubGlobal("indexedDB", new IDBFactory());
  return harness();
});

test("a trim that fails is silent", async () => {
  const caches = harness();
  const doc = newDoc();
  const handle = await keep(caches.cache, doc);
  for (let at = 0; at < 600; at++) write(doc, "a");
  expect(await handle.mark(SECOND)).toBe(true);
  failWrites("request");
  await stored(NAME);
  write(doc, "on ");
  expect(await handle.mark(FIRST)).toBe(false);
  vi.restoreAllMocks();
  await expectNoCache(caches);
});

test("a row that another tab slips in does not reach a document that is followed, also not by a trim", async () => {
  const caches = harness();
  const doc = written("soup");
  await keep(caches.cache, doc);
  const foreign = rowOf(NAME, Y.encodeStateAsUpdate(written("Bo's", 2)));
  await caches.tamper(NAME, ({ record, rows }) => ({ record, rows: [...rows, foreign] }));
  for (let at = 0; at < 600; at++) write(doc, "a");
  expect((await stored(NAME)).rows.length, "it was trimmed").toBeLessThan(10);
  await turns(5);
  expect(doc.store.clients.has(2)).toBe(false);
});

test("a record is written behind the updates before it, also while those have to wait", async () => {
  const { cache } = harness();
  const doc = written("soup");
  const handle = await keep(cache, doc);
  const letGo = await holdStores(["updates"]);
  await turns(5);
  write(doc, "hot ");
  let marked = false;
  const marking = handle.mark(SECOND).then(() => (marked = true));
  await turns(30);
  expect(marked).toBe(false);
  letGo();
  await marking;
  await handle.close();
  const again = await openNew(cache);
  expect(again.handle.manifest).toEqual(SECOND);
  expect(pictureOf(again.doc)).toEqual(pictureOf(doc));
});

test("of a reader that looks at any moment, none sees a record before its updates", async () => {
  const caches = harness();
  const doc = written("soup");
  const handle = await keep(caches.cache, doc);
  const before = (await stored(NAME)).rows.length;
  write(doc, "hot ");
  const marking = handle.mark(new Uint8Array(100));
  for (let seen = false; !seen;) {
    const { record, rows } = await stored(NAME);
    seen = record!.length > 100;
    if (seen) expect(rows.length).toBe(before + 1);
  }
  await marking;
});

test("cache writes ask for no strict durability", async () => {
  const begun = vi.spyOn(IDBDatabase.prototype, "transaction");
  await keep(harness().cache, written("soup"));
  const ours = begun.mock.calls.map(([, ...how]) => how).filter(([mode]) => mode !== "versionchange");
  expect(ours.length).toBeGreaterThan(2);
  expect(ours).toEqual(ours.map(() => ["readwrite", { durability: "relaxed" }]));
});

test("an abort after opening does nothing", async () => {
  const { cache } = harness();
  await (await keep(cache, written("soup"))).close();
  const person = new AbortController();
  const doc = newDoc(9);
  const handle = await cache.open(NAME, doc, person.signal);
  person.abort("enough");
  write(doc, "hot ");
  expect(await handle.mark(SECOND)).toBe(true);
});

test("a database that another tab deletes does not throw into the transaction of whoever writes", async () => {
  const caches = harness();
  const doc = written("soup");
  const handle = await keep(caches.cache, doc);
  await new Promise((resolve) => (indexedDB.deleteDatabase(DATABASE).onsuccess = resolve));
  write(doc, "hot ");
  erase(doc);
  expect(doc.getText("title").toString()).toBe("ot soup");
  expect(await handle.mark(SECOND)).toBe(false);
  await expectNoCache(caches);
});

test("whoever lost the database to another tab does not take theirs away", async () => {
  const { cache, twin } = harness();
  const doc = written("soup");
  await keep(cache, doc);
  expect(await twin().forgetAll("", calm)).toBe(true);
  const theirs = written("stew");
  const late = await keep(twin(), theirs);
  write(doc, "hot ");
  await turns(20);
  expect(await late.mark(SECOND)).toBe(true);
  await late.close();
  expect((await openNew(cache)).handle.manifest).toEqual(SECOND);
});

test("a database that the browser takes away is silent too, and follows no more", async () => {
  const { cache } = harness();
  const doc = written("soup");
  const handle = await keep(cache, doc);
  write(doc, "hot ");
  takeAway();
  write(doc, "very ");
  expect(await handle.mark(SECOND)).toBe(false);
});

test("what y-indexeddb's trim throws away was in the document: a trim under a mark, and one between mark and update", async () => {
  const { cache } = harness();
  const doc = newDoc();
  const handle = await keep(cache, doc);
  for (let at = 0; at < 501; at++) write(doc, "a");
  await handle.mark(SECOND);
  await stored(NAME);
  await handle.close();
  const again = await openNew(cache);
  expect(again.handle.manifest).toEqual(SECOND);
  for (let at = 0; at < 501; at++) write(again.doc, "b");
  await stored(NAME);
  await again.handle.close();
  expect((await openNew(cache)).handle.manifest).toBeNull();
});
