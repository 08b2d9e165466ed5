/** The contract of document caches where bytes are damaged and handles let go: part of document-cache.contract.ts. */
import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import { rowOf } from "../../src/storage/document-record.ts";
import {
  calm,
  expectCached,
  expectNoCache,
  FIRST,
  keep,
  NAME,
  newDoc,
  observersOf,
  type OpenCaches,
  openNew,
  SECOND,
  type Stored,
  write,
  written,
} from "./document-cache.fixtures.ts";

export function documentCacheFailingContract(name: string, open: OpenCaches): void {
  describe(`${name}: what is damaged is no cache (C1, C3)`, () => {
    const flip = (bytes: Uint8Array, at: number) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));

    test.each([0, 0.3, 0.6, 0.99])("a row with one bit turned, %f of the way", async (part) => {
      const caches = open();
      const doc = written("a title that is long enough to be hit in its letters");
      await (await keep(caches.cache, doc)).close();
      await caches.tamper(NAME, ({ record, rows }) => ({
        record,
        rows: rows.map((row) => flip(row, Math.floor(row.length * part))),
      }));
      await expectNoCache(caches);
    });

    test.each([0, 33, 40])("a record with a bit turned at %i", async (at) => {
      const caches = open();
      await (await keep(caches.cache, written("soup"))).close();
      await caches.tamper(NAME, ({ record, rows }) => ({ record: flip(record!, at), rows }));
      await expectNoCache(caches);
    });

    test.each([
      ["a record cut short", ({ record, rows }: Stored) => ({ record: record!.slice(0, 20), rows })],
      ["an empty record", ({ rows }: Stored) => ({ record: new Uint8Array(0), rows })],
      ["no record", ({ rows }: Stored) => ({ record: null, rows })],
      ["a row cut short", ({ record, rows }: Stored) => ({ record, rows: rows.map((row) => row.slice(0, -1)) })],
      ["an empty row", ({ record, rows }: Stored) => ({ record, rows: [...rows, new Uint8Array(0)] })],
      ["no rows", ({ record }: Stored) => ({ record, rows: [] })],
      ["a row where the record should be", ({ rows }: Stored) => ({ record: rows.at(-1)!, rows })],
      ["a record among the rows", ({ record, rows }: Stored) => ({ record, rows: [...rows, record!] })],
    ])("%s", async (_, change) => {
      const caches = open();
      await (await keep(caches.cache, written("soup"))).close();
      await caches.tamper(NAME, change);
      await expectNoCache(caches);
    });

    test("rows and record of another name", async () => {
      const caches = open();
      await (await keep(caches.cache, written("soup"))).close();
      await (await keep(caches.cache, written("stew"), "other")).close();
      const other = await caches.stored("other");
      await caches.tamper(NAME, () => other);
      await expectNoCache(caches);
    });

    test("rows that bear our seal and that Yjs cannot read", async () => {
      for (const garbage of [Uint8Array.of(255, 255, 255), Uint8Array.of(1), new Uint8Array(0), FIRST]) {
        const caches = open();
        await (await keep(caches.cache, written("soup"))).close();
        await caches.tamper(NAME, ({ record, rows }) => ({ record, rows: [...rows, rowOf(NAME, garbage)] }));
        await expectNoCache(caches);
      }
    });
  });

  describe(`${name}: letting go (C4, C5)`, () => {
    test("closing twice is harmless, and after it nothing is kept, thrown or forgotten", async () => {
      const { cache } = open();
      const doc = written("soup");
      const handle = await keep(cache, doc);
      await handle.close();
      await handle.close();
      expect(observersOf(doc), "let go of").toEqual(observersOf(newDoc()));
      write(doc, "cold ");
      expect(await handle.mark(SECOND)).toBe(false);
      await handle.follow(written("stew"));
      await handle.clear();
      await expectCached(cache, written("soup"), FIRST);
    });

    test("closed while it begins to follow", async () => {
      const caches = open();
      const { handle } = await openNew(caches.cache);
      const following = handle.follow(written("soup"));
      await handle.close();
      await following;
      expect(await handle.mark(FIRST)).toBe(false);
      await expectNoCache(caches);
    });

    test("a document that is destroyed is not followed any more", async () => {
      const { cache } = open();
      const doc = written("soup");
      const handle = await keep(cache, doc);
      doc.destroy();
      write(doc, "cold ");
      expect(await handle.mark(SECOND)).toBe(false);
      await expectCached(cache, written("soup"), FIRST);
    });

    test.each(["the same tab", "another tab"])("whoever opens it last has it: %s", async (where) => {
      const { cache, twin } = open();
      const doc = written("soup");
      const early = await keep(cache, doc);
      const { handle: late, doc: found } = await openNew(where === "another tab" ? twin() : cache);
      expect(late.manifest).toEqual(FIRST);
      write(doc, "cold ");
      write(doc, "very ");
      expect(await early.mark(SECOND), "the early one has lost it").toBe(false);
      write(found, "hot ");
      expect(await late.mark(SECOND)).toBe(true);
      await late.close();
      await expectCached(cache, found, SECOND);
    });

    test("whoever opens it and finds nothing that fits has it as well", async () => {
      const { cache, twin } = open();
      const doc = written("soup");
      const early = await keep(cache, doc);
      write(doc, "hot ");
      const { handle: late } = await openNew(twin());
      expect(late.manifest).toBeNull();
      expect(await early.mark(SECOND)).toBe(false);
    });

    test("what another tab wrote never comes into a document that is followed, and the last to follow is kept", async () => {
      const { cache, twin, stored } = open();
      const ana = written("Ana's");
      await keep(cache, ana);
      const bo = written("Bo's", 2);
      await keep(twin(), bo);
      for (let at = 0; at < 600; at++) (write(ana, "a"), write(bo, "b"));
      await stored(NAME);
      expect(ana.store.clients.has(2)).toBe(false);
      expect(bo.store.clients.has(1)).toBe(false);
    });

    test("an abort before rejects with its reason and leaves the cache alone", async () => {
      const { cache } = open();
      const doc = written("soup");
      await (await keep(cache, doc)).close();
      await expect(cache.open(NAME, newDoc(), AbortSignal.abort("no need"))).rejects.toBe("no need");
      await expectCached(cache, doc, FIRST);
    });

    test("all names with a prefix are forgotten, also those that are open", async () => {
      const { cache } = open();
      const handle = await keep(cache, written("soup"), "c0/a");
      await (await keep(cache, written("stew"), "c0/b")).close();
      await (await keep(cache, written("bread"), "c1/a")).close();
      expect(await cache.forgetAll("c0/", calm)).toBe(true);
      expect(await handle.mark(SECOND)).toBe(false);
      expect((await openNew(cache, "c0/a")).handle.manifest).toBeNull();
      expect((await openNew(cache, "c0/b")).handle.manifest).toBeNull();
      await expectCached(cache, written("bread"), FIRST, "c1/a");
      await expect(cache.forgetAll("", AbortSignal.abort("no need"))).rejects.toBe("no need");
    });

    test("our own mistakes throw: a document that forgets, one that is not empty, a name that is none", async () => {
      const { cache } = open();
      await expect(cache.open(NAME, new Y.Doc(), calm)).rejects.toThrow("gc: false");
      await expect(cache.open(NAME, written("soup"), calm)).rejects.toThrow("empty document");
      await expect(cache.open("a name", newDoc(), calm)).rejects.toThrow("not a name");
      const { handle } = await openNew(cache);
      await expect(handle.follow(new Y.Doc())).rejects.toThrow("gc: false");
    });
  });
}
