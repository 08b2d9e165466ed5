/**
 * What every document cache keeps to (src/storage/document-cache.ts): one suite, called once per implementation.
 * Here what is found again; what is damaged, and letting go, in the file beside it.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import { MAX_MANIFEST_BYTES } from "../../src/storage/document-cache.ts";
import { rowOf } from "../../src/storage/document-record.ts";
import { documentCacheFailingContract } from "./document-cache.failing.contract.ts";
import {
  erase,
  expectCached,
  expectNoCache,
  FIRST,
  keep,
  NAME,
  newDoc,
  observersOf,
  type OpenCaches,
  openNew,
  pictureOf,
  SECOND,
  write,
  written,
} from "./document-cache.fixtures.ts";
import { runs } from "../runs.ts";

export function documentCacheContract(name: string, open: OpenCaches): void {
  describe(`${name}: what is marked is found again (C1, C2)`, () => {
    test("of a name that was never kept there is nothing", async () => {
      const { cache } = open();
      const { handle, doc } = await openNew(cache);
      expect(handle.manifest).toBeNull();
      expect(doc.store.clients.size).toBe(0);
    });

    test("a document that was built before it is followed, and what was written after", async () => {
      const { cache } = open();
      const doc = written("soup");
      const handle = await keep(cache, doc);
      write(doc, "hot ");
      erase(doc, 2);
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(written("Bo was here", 2)));
      expect(await handle.mark(SECOND)).toBe(true);
      await handle.close();
      await expectCached(cache, doc, SECOND);
    });

    test("what was found is followed as well", async () => {
      const { cache } = open();
      await (await keep(cache, written("soup"))).close();
      const { handle, doc } = await openNew(cache);
      write(doc, "hot ");
      expect(await handle.mark(SECOND)).toBe(true);
      await handle.close();
      await expectCached(cache, doc, SECOND);
    });

    test("a mark belongs to the moment at which it was made", async () => {
      const { cache } = open();
      const doc = written("soup");
      const handle = await keep(cache, doc);
      write(doc, "hot ");
      const marking = handle.mark(SECOND);
      expect(await marking).toBe(true);
      await handle.close();
      await expectCached(cache, doc, SECOND);
    });

    test("a mark made before `follow` resolved comes behind it", async () => {
      const { cache } = open();
      const { handle } = await openNew(cache);
      const doc = written("soup");
      const following = handle.follow(doc);
      expect(await handle.mark(FIRST)).toBe(true);
      await following;
      await handle.close();
      await expectCached(cache, doc, FIRST);
    });

    test("of two documents followed one after the other the second is kept", async () => {
      const { cache } = open();
      const first = written("stew");
      const handle = await keep(cache, first);
      const second = written("soup", 2);
      await handle.follow(second);
      expect(observersOf(first), "let go of").toEqual(observersOf(newDoc()));
      write(first, "cold ");
      expect(await handle.mark(SECOND)).toBe(true);
      await handle.close();
      await expectCached(cache, second, SECOND);
    });

    test("an empty document, an empty manifest and the largest one", async () => {
      const { cache } = open();
      const handle = await keep(cache, newDoc());
      expect(await handle.mark(new Uint8Array(0))).toBe(true);
      await expectCached(cache, newDoc(), new Uint8Array(0));
      const again = await keep(cache, written("soup"));
      const large = new Uint8Array(MAX_MANIFEST_BYTES).fill(7);
      expect(await again.mark(large)).toBe(true);
      await expectCached(cache, written("soup"), large);
      await expect(again.mark(new Uint8Array(MAX_MANIFEST_BYTES + 1))).rejects.toThrow("C2");
    });

    test("a manifest is copied, in and out", async () => {
      const { cache } = open();
      const manifest = FIRST.slice();
      const handle = await keep(cache, written("soup"));
      const marking = handle.mark(manifest);
      manifest.fill(9);
      await marking;
      const { handle: again } = await openNew(cache);
      again.manifest?.fill(9);
      await again.close();
      await expectCached(cache, written("soup"), FIRST);
    });

    test("1,200 updates are trimmed, and found again; so is what comes after", async () => {
      const { cache, stored } = open();
      const doc = newDoc();
      const handle = await keep(cache, doc);
      for (let at = 0; at < 1_200; at++) {
        write(doc, "a");
        if (at % 7 === 0) erase(doc, at % 5, 1);
      }
      await handle.mark(SECOND);
      expect((await stored(NAME)).rows.length).toBeLessThan(500);
      await handle.close();
      await expectCached(cache, doc, SECOND);
      const { handle: again, doc: loaded } = await openNew(cache);
      write(loaded, "more ");
      await again.mark(FIRST);
      await expectCached(cache, loaded, FIRST);
    });

    test("names do not know each other, also where one begins another", async () => {
      const { cache } = open();
      const docs = ["a", "a/b", "a/b/record", "A"].map((each) => ({ each, doc: written(`of ${each}`) }));
      for (const { each, doc } of docs) await keep(cache, doc, each);
      for (const { each, doc } of docs) await expectCached(cache, doc, FIRST, each);
      const { handle } = await openNew(cache, "a");
      await handle.clear();
      for (const { each, doc } of docs.slice(1)) await expectCached(cache, doc, FIRST, each);
    });
  });

  describe(`${name}: what was not marked is no cache (C1)`, () => {
    test("updates after the last mark", async () => {
      const caches = open();
      const doc = written("soup");
      const handle = await keep(caches.cache, doc);
      write(doc, "hot ");
      await handle.close();
      await expectNoCache(caches);
    });

    test("a deletion after the last mark, which no state vector shows", async () => {
      const caches = open();
      const doc = written("soup");
      erase(doc, 1);
      const handle = await keep(caches.cache, doc);
      const before = Y.encodeStateVector(doc);
      erase(doc, 1); // beside the other, so that it is still one range
      expect(Y.encodeStateVector(doc)).toEqual(before);
      await handle.close();
      await expectNoCache(caches);
    });

    test("a deletion that was marked and is missing", async () => {
      const caches = open();
      const doc = written("soup");
      erase(doc, 1);
      const handle = await keep(caches.cache, doc);
      erase(doc, 1);
      await handle.mark(SECOND);
      await handle.close();
      await caches.tamper(NAME, ({ record, rows }) => ({ record, rows: rows.slice(0, -1) }));
      await expectNoCache(caches);
    });

    test("a document that was followed and never marked", async () => {
      const caches = open();
      const { handle } = await openNew(caches.cache);
      await handle.follow(written("soup"));
      await handle.close();
      await expectNoCache(caches);
    });

    test("an update that waits for one that never came", async () => {
      const caches = open();
      await (await keep(caches.cache, written("soup"))).close();
      const bo = written("first", 2);
      const behind = Y.encodeStateVector(bo);
      write(bo, "second");
      const waiting = rowOf(NAME, Y.encodeStateAsUpdate(bo, behind));
      await caches.tamper(NAME, ({ record, rows }) => ({ record, rows: [...rows, waiting] }));
      await expectNoCache(caches);
    });

    test("cleared", async () => {
      const caches = open();
      const handle = await keep(caches.cache, written("soup"));
      await handle.clear();
      expect(await handle.mark(SECOND), "nothing is followed").toBe(false);
      await expectNoCache(caches);
    });
  });

  documentCacheFailingContract(name, open);

  describe(`${name}: the law`, () => {
    type Move = { readonly kind: "write" | "erase" | "bo" | "mark" | "tidy" | "restart" | "rebuild"; readonly at: number };
    const moves = fc.array(
      fc.record<Move>({
        kind: fc.constantFrom("write", "write", "erase", "bo", "mark", "mark", "tidy", "restart", "rebuild"),
        at: fc.nat(20),
      }),
      { maxLength: 25 },
    );

    test("whatever is written, marked and left unmarked, a start finds the last mark exactly or nothing", async () => {
      await fc.assert(
        fc.asyncProperty(moves, async (list) => {
          const { cache, stored } = open();
          let { handle, doc } = await openNew(cache);
          await handle.follow(doc);
          let marked: { manifest: Uint8Array; picture: object } | null = null;
          for (const [turn, { kind, at }] of list.entries()) {
            const length = doc.getText("title").length;
            if (kind === "write") doc.getText("title").insert(Math.min(at, length), `w${at}`);
            if (kind === "erase" && length > 0) erase(doc, at % length, 1);
            if (kind === "bo") Y.applyUpdate(doc, Y.encodeStateAsUpdate(written(`bo${at}`, 100 + turn)));
            if (kind === "tidy") await stored(NAME);
            if (kind === "mark") {
              marked = { manifest: Uint8Array.of(turn), picture: pictureOf(doc) };
              expect(await handle.mark(marked.manifest)).toBe(true);
            }
            if (kind === "restart") {
              await handle.close();
              const fit: boolean = marked !== null && JSON.stringify(marked.picture) === JSON.stringify(pictureOf(doc));
              ({ handle, doc } = await openNew(cache));
              expect(handle.manifest).toEqual(fit ? marked?.manifest : null);
              if (fit) expect(pictureOf(doc)).toEqual(marked?.picture);
            }
            if (kind === "rebuild" || handle.manifest === null) {
              if (kind !== "rebuild" && kind !== "restart") continue;
              doc = written(`built ${turn}`);
              await handle.follow(doc);
              marked = null;
            }
          }
          await handle.close();
        }),
        { numRuns: runs(25, 60) },
      );
    });
  });
}
