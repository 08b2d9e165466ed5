/** The cache in memory keeps the contract, and a crash after any of its writes. */
import { expect, test } from "vitest";
import { createMemoryDocumentCache } from "../../src/storage/memory-document-cache.ts";
import { documentCacheContract } from "../contracts/document-cache.contract.ts";
import { erase, FIRST, newDoc, openNew, pictureOf, SECOND, write, written } from "../contracts/document-cache.fixtures.ts";

documentCacheContract("document cache in memory", () => {
  const bytes = new Map<string, Uint8Array>();
  const rowKeys = (name: string) => [...bytes.keys()].filter((key) => key.startsWith(`${name}\nrow/`)).sort();
  return {
    cache: createMemoryDocumentCache(bytes),
    twin: () => createMemoryDocumentCache(bytes),
    stored: async (name) => ({ record: bytes.get(`${name}\nrecord`) ?? null, rows: rowKeys(name).map((key) => bytes.get(key)!) }),
    tamper: async (name, change) => {
      const keys = rowKeys(name);
      const { record, rows } = change({
        record: bytes.get(`${name}\nrecord`) ?? null,
        rows: keys.map((key) => bytes.get(key)!),
      });
      for (const key of keys) bytes.delete(key);
      rows.forEach((row, at) => bytes.set(`${name}\nrow/${at.toString().padStart(12, "0")}`, row));
      if (record === null) bytes.delete(`${name}\nrecord`);
      else bytes.set(`${name}\nrecord`, record);
    },
  };
});

test("after a crash behind any of its writes, trims and rebuilds among them, a start finds a mark exactly or nothing", async () => {
  const bytes = new Map<string, Uint8Array>();
  const disks: Map<string, Uint8Array>[] = [];
  const watched = new Map<string, Uint8Array>();
  watched.set = (key, value) => {
    bytes.set(key, value);
    disks.push(new Map(bytes));
    return Map.prototype.set.call(watched, key, value) as typeof watched;
  };
  watched.delete = (key) => {
    bytes.delete(key);
    disks.push(new Map(bytes));
    return Map.prototype.delete.call(watched, key);
  };
  const marks = new Map<string, object>();
  const { handle } = await openNew(createMemoryDocumentCache(watched));
  const doc = newDoc();
  const mark = async (manifest: Uint8Array, of = doc) => {
    marks.set(manifest.join(), pictureOf(of));
    await handle.mark(manifest);
  };
  await handle.follow(doc);
  for (let at = 0; at < 497; at++) write(doc, "a");
  await mark(FIRST);
  for (let at = 0; at < 5; at++) (write(doc, "b"), erase(doc, 2));
  await mark(SECOND);
  const built = written("built anew", 2);
  await handle.follow(built);
  await mark(Uint8Array.of(3), built);

  const found = new Set<string>();
  // Every one around the trim and at the end, and some of the many deletions between.
  const looked = disks.filter((_, at) => at % 29 === 0 || (at > 495 && at < 515) || at > disks.length - 15);
  for (const disk of looked) {
    const again = await openNew(createMemoryDocumentCache(disk));
    if (again.handle.manifest === null) continue;
    found.add(again.handle.manifest.join());
    expect(pictureOf(again.doc)).toEqual(marks.get(again.handle.manifest.join()));
  }
  expect([...found]).toEqual([...marks.keys()]);
});
