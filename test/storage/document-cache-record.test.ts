/** The bytes of a cached document: the hash of its state, and seals. */
import { expect, test } from "vitest";
import * as Y from "yjs";
import { readCache, recordOf, rowOf, stateHashOf } from "../../src/storage/document-record.ts";
import { erase, FIRST, newDoc, written } from "../contracts/document-cache.fixtures.ts";

const ana = written("Ana's words");
const bo = written("Bo's", 2 ** 52);
const merged = (...docs: readonly Y.Doc[]) => {
  const doc = newDoc(3);
  for (const each of docs) Y.applyUpdate(doc, Y.encodeStateAsUpdate(each));
  return doc;
};

test("the order in which clients came makes no difference to the hash", () => {
  expect([...merged(bo, ana).store.clients.keys()]).not.toEqual([...merged(ana, bo).store.clients.keys()]);
  expect(stateHashOf(merged(bo, ana))).toEqual(stateHashOf(merged(ana, bo)));
});

test("how items were split and deletions put together makes no difference to the hash", () => {
  const whole = merged(ana);
  const parts = merged(ana);
  erase(whole, 2, 3);
  (erase(parts, 3, 1), erase(parts, 2, 1), erase(parts, 2, 1));
  expect(stateHashOf(parts)).toEqual(stateHashOf(whole));
});

test("who wrote, how much, and what is deleted makes a difference to the hash", () => {
  const erased = [0, 1].map((at) => {
    const doc = merged(ana, bo);
    erase(doc, at);
    return doc;
  });
  const all = [newDoc(), ana, bo, merged(ana, bo), written("Ana's word"), written("Ana's words", 4), ...erased];
  expect(new Set(all.map((doc) => stateHashOf(doc).join())).size).toBe(all.length);
});

test("a row is no record and a record is no row", () => {
  const record = recordOf("soup", ana, FIRST);
  const row = rowOf("soup", Y.encodeStateAsUpdate(ana));
  expect(readCache("soup", record, [row])).toEqual({
    stateHash: stateHashOf(ana),
    manifest: FIRST,
    updates: [Y.encodeStateAsUpdate(ana)],
  });
  expect(readCache("soup", row, [row])).toBeNull();
  expect(readCache("soup", record, [row, record])).toBeNull();
});

test.each([[null], [undefined], ["text"], [{}], [new Uint8Array(0)], [new Uint8Array(40)]])("%o is neither", (stored) => {
  expect(readCache("soup", stored, [])).toBeNull();
  expect(readCache("soup", recordOf("soup", ana, FIRST), [stored])).toBeNull();
});
