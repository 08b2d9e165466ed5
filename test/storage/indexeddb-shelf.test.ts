/** The browser's shelf keeps the contract, and answers whatever a browser does to its database. */
import { IDBKeyRange } from "fake-indexeddb";
import { expect, onTestFinished, test } from "vitest";
import { openIndexedDbShelf } from "../../src/storage/indexeddb-shelf.ts";
import { RESERVE_BYTES } from "../../src/storage/shelf.ts";
import { shelfContract } from "../contracts/shelf.contract.ts";
import { allOf, ANA, BO, calm, heavy, segmentOf, TAG, valueOf, type OpenShelf } from "../contracts/shelf.fixtures.ts";
import { shelfModelContract } from "../contracts/shelf.model.contract.ts";
import { createFakeBrowser, type FakeBrowser } from "./fake-browser.ts";

const MIB = 1024 * 1024;

async function openIn({ indexedDB, estimate }: FakeBrowser, signal: AbortSignal = calm) {
  const shelf = valueOf(await openIndexedDbShelf({ name: "kith", indexedDB, estimate }, signal));
  onTestFinished(() => shelf.close());
  return shelf;
}

/** A connection as other code has it, with what the test wants done. */
function rawly<T>({ indexedDB }: FakeBrowser, work: (db: IDBDatabase) => IDBRequest<T>, version?: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("kith", version);
    opening.onerror = () => reject(new Error(opening.error?.name));
    opening.onsuccess = () => {
      const request = work(opening.result);
      request.onsuccess = () => {
        opening.result.close();
        resolve(request.result);
      };
    };
  });
}

const open: OpenShelf = async ({ capacityBytes } = {}) => {
  const browser = createFakeBrowser(capacityBytes);
  const tabs = [await openIn(browser)];
  const twin = async () => {
    const tab = await openIn(browser);
    tabs.push(tab);
    return tab;
  };
  return {
    shelf: tabs[0]!, // one line up
    twin,
    reopen: async () => {
      await Promise.all(tabs.map((tab) => tab.close()));
      return twin();
    },
  };
};

shelfContract("IndexedDB shelf", open);
shelfModelContract("IndexedDB shelf", open, 30);

test("own acts, keys and proofs are strict; others' envelopes and merges relaxed (S2)", async () => {
  const browser = createFakeBrowser();
  const shelf = await openIn(browser);
  const pen = valueOf(await shelf.takePen(TAG, ANA, "t1", calm));
  valueOf(await shelf.append(TAG, pen, segmentOf(ANA, 0, 1), calm));
  valueOf(await shelf.keep("identity", Uint8Array.of(1), calm));
  valueOf(await shelf.putProof(TAG, ANA, Uint8Array.of(1), calm));
  valueOf(await shelf.putForeign(TAG, [segmentOf(BO, 0, 1)], calm));
  valueOf(await shelf.merge(TAG, segmentOf(BO, 0, 1), calm));
  expect(browser.begun).toEqual([
    "readwrite relaxed ballast",
    "readwrite strict pens segments",
    "readwrite strict pens segments",
    "readwrite strict kept",
    "readwrite strict proofs",
    "readwrite relaxed ballast pens segments",
    "readwrite relaxed segments",
  ]);
});

test("without an estimate a full disk is found by writing, the connection renewed, and the ballast spent on own acts", async () => {
  const browser = createFakeBrowser(8 * MIB);
  const shelf = await openIn({ ...browser, estimate: async () => null });
  let pen = valueOf(await shelf.takePen(TAG, ANA, "t1", calm));
  for (let seq = 0; seq < 3; seq++) valueOf(await shelf.putForeign(TAG, [heavy(BO, seq, MIB - 64)], calm));
  expect(await shelf.usage(calm)).toBeNull();
  expect(browser.opened()).toBe(1);
  expect(await shelf.putForeign(TAG, [heavy(BO, 3, MIB)], calm)).toEqual({ ok: false, error: { kind: "disk-full" } });
  expect(browser.opened()).toBe(2);
  for (let seq = 0; seq < 5; seq++) pen = valueOf(await shelf.append(TAG, pen, heavy(ANA, seq, MIB - 64), calm));
  const refused = await shelf.append(TAG, pen, heavy(ANA, 5, MIB), calm);
  expect(refused, "now it is really full").toEqual({ ok: false, error: { kind: "disk-full" } });
  expect(await allOf(shelf, TAG)).toHaveLength(8);
});

test("a disk that was full is not tried again with others' envelopes for five seconds; the ballast comes back first", async () => {
  const browser = createFakeBrowser(6 * MIB);
  let now = 0;
  const shelf = valueOf(await openIndexedDbShelf({ name: "kith", indexedDB: browser.indexedDB, now: () => now }, calm));
  const pen = valueOf(await shelf.takePen(TAG, ANA, "t1", calm));
  valueOf(await shelf.append(TAG, pen, heavy(ANA, 0, 2 * MIB), calm)); // spends the ballast
  const put = () => shelf.putForeign(TAG, [segmentOf(BO, 0, 1)], calm);
  const full = { ok: false, error: { kind: "disk-full" } };
  expect(await put(), "no room for the ballast").toEqual(full);
  browser.setCapacity(20 * MIB);
  now = 4_999;
  expect(await put()).toEqual(full);
  now = 5_000;
  valueOf(await put());
  const ballast = await rawly(browser, (db) => db.transaction("ballast").objectStore("ballast").get("reserve"));
  expect(ballast.length).toBe(RESERVE_BYTES);
  await shelf.close();
});

test("a write that fails for another reason says so, writes nothing, and the next one goes through", async () => {
  const browser = createFakeBrowser();
  const shelf = await openIn(browser);
  browser.failNextPut();
  const failed = await shelf.keep("identity", Uint8Array.of(1), calm);
  expect(failed).toMatchObject({ ok: false, error: { kind: "storage-failed", reason: expect.stringContaining("UnknownError") } });
  expect(await shelf.recall("identity", calm)).toBeNull();
  valueOf(await shelf.keep("identity", Uint8Array.of(1), calm));
});

test("after a quota error callers who come meanwhile wait for the new connection", async () => {
  const browser = createFakeBrowser(100);
  const shelf = await openIn(browser);
  const large = new Uint8Array(200);
  const answers = await Promise.all([
    ...Array.from({ length: 12 }, () => shelf.putProof(TAG, ANA, large, calm)),
    ...Array.from({ length: 20 }, async (_, turns) => {
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      return shelf.keep(`note/${turns}`, Uint8Array.of(1), calm);
    }),
  ]);
  expect(answers.slice(0, 12)).toEqual(Array(12).fill({ ok: false, error: { kind: "disk-full" } }));
  expect(answers.slice(12)).toEqual(Array(20).fill({ ok: true, value: undefined }));
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  expect([browser.opened(), browser.stillOpen()], "one of the twelve opened again, and closed the old one").toEqual([2, 1]);
});

test("writes that fail one after the other on the old connection open no further one", async () => {
  const browser = createFakeBrowser();
  const shelf = await openIn(browser);
  const feeds = Array.from({ length: 8 }, (_, at) => at.toString(16).padStart(64, "0") as typeof ANA); // of nobody
  valueOf(
    await shelf.putForeign(
      TAG,
      feeds.map((feed) => segmentOf(feed, 0, 1)),
      calm,
    ),
  );
  browser.setCapacity(RESERVE_BYTES + 100);
  const answers = await Promise.all(feeds.map((feed) => shelf.merge(TAG, heavy(feed, 0, 200), calm)));
  expect(answers).toEqual(Array(8).fill({ ok: false, error: { kind: "disk-full" } }));
  expect(browser.opened()).toBe(2);
});

test("closed at any moment, also while it opens again, it leaves no connection", async () => {
  for (let turns = 0; turns < 20; turns++) {
    const browser = createFakeBrowser(100);
    const shelf = await openIn(browser);
    const writing = shelf.putProof(TAG, ANA, new Uint8Array(200), calm);
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
    await shelf.close();
    expect(await writing).toMatchObject({ ok: false });
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(browser.stillOpen(), `closed after ${turns} turns`).toBe(0);
  }
});

test("a write that waits behind another tab's transaction ends with its signal, and was not written", async () => {
  const browser = createFakeBrowser();
  const shelf = await openIn(browser);
  const holder = await rawOpen(browser, 1, { keep: true });
  let held = true;
  const rows = holder.transaction("kept", "readwrite").objectStore("kept");
  const hold = () => {
    if (held) rows.count().onsuccess = hold;
  };
  hold();
  const person = new AbortController();
  const waiting = shelf.keep("identity", Uint8Array.of(1), person.signal);
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  person.abort("enough");
  await expect(waiting).rejects.toBe("enough");
  held = false;
  holder.close();
  expect(await shelf.recall("identity", calm)).toBeNull();
});

test.each([
  ["another tab deletes the store", (browser: FakeBrowser) => rawDelete(browser)],
  [
    "another tab upgrades the store",
    (browser: FakeBrowser) => rawly(browser, (db) => db.transaction("kept").objectStore("kept").count(), 2),
  ],
])("when %s it lets go at once, and says so to whoever asks", async (_, disturb) => {
  const browser = createFakeBrowser();
  const shelf = await openIn(browser);
  const pen = valueOf(await shelf.takePen(TAG, ANA, "t1", calm));
  await disturb(browser);
  const reason = "another tab deleted or upgraded the store";
  const failed = { ok: false, error: { kind: "storage-failed", reason } };
  expect(await shelf.append(TAG, pen, segmentOf(ANA, 0, 1), calm)).toEqual(failed);
  expect(await shelf.keep("identity", Uint8Array.of(1), calm)).toEqual(failed);
  await expect(shelf.tags(calm)).rejects.toThrow(`storage-failed: ${reason}`);
});

test("when the browser takes the database away, writes say so and reads reject", async () => {
  const browser = createFakeBrowser();
  const shelf = await openIn(browser);
  browser.takeAway();
  const early = await shelf.keep("identity", Uint8Array.of(1), calm);
  expect(early, "before its event").toMatchObject({ ok: false, error: { kind: "storage-failed" } });
  await new Promise(setImmediate);
  const reason = "the browser took the store away";
  expect(await shelf.keep("identity", Uint8Array.of(1), calm)).toEqual({ ok: false, error: { kind: "storage-failed", reason } });
  await expect(shelf.tags(calm)).rejects.toThrow(reason);
});

test("a store of a newer Kith is left alone", async () => {
  const browser = createFakeBrowser();
  await rawOpen(browser, 7);
  expect(await openIndexedDbShelf({ name: "kith", indexedDB: browser.indexedDB }, calm)).toEqual({
    ok: false,
    error: { kind: "newer-store" },
  });
});

test("a database that is not Kith's is an answer, not an exception", async () => {
  const browser = createFakeBrowser();
  await rawOpen(browser, 1);
  const shelf = await openIn(browser);
  expect(await shelf.keep("identity", Uint8Array.of(1), calm)).toMatchObject({ ok: false, error: { kind: "storage-failed" } });
  await expect(shelf.tags(calm)).rejects.toThrow("storage-failed");
});

test("opening that waits for a deletion held up elsewhere ends with its signal, and leaves nothing open", async () => {
  const browser = createFakeBrowser();
  const holder = await rawOpen(browser, 1, { keep: true });
  const deletion = browser.indexedDB.deleteDatabase("kith");
  const person = new AbortController();
  const opening = openIndexedDbShelf({ name: "kith", indexedDB: browser.indexedDB }, person.signal);
  await new Promise(setImmediate);
  person.abort("enough");
  await expect(opening).rejects.toBe("enough");
  holder.close();
  await new Promise((resolve) => (deletion.onsuccess = resolve));
  await rawDelete(browser); // hangs if the aborted opening kept its connection and did not let go
  await expect(openIndexedDbShelf({ name: "kith", indexedDB: browser.indexedDB }, AbortSignal.abort("no"))).rejects.toBe("no");
});

test("a pen that does not stand at the end of its feed is reported and not written over", async () => {
  const browser = createFakeBrowser();
  const shelf = await openIn(browser);
  const pen = valueOf(await shelf.takePen(TAG, ANA, "t1", calm));
  const held = valueOf(await shelf.append(TAG, pen, segmentOf(ANA, 0, 2), calm));
  await rawly(browser, (db) => {
    const rows = db.transaction("segments", "readwrite").objectStore("segments");
    return rows.delete(IDBKeyRange.bound([TAG], [TAG, []]));
  });
  expect(await shelf.takePen(TAG, ANA, "t2", calm)).toMatchObject({
    ok: false,
    error: { kind: "storage-failed", reason: expect.stringContaining("stands at 2") },
  });
  const stored = await rawly(browser, (db) => db.transaction("pens").objectStore("pens").get([TAG, ANA]));
  expect(stored).toEqual(held);
});

function rawOpen({ indexedDB }: FakeBrowser, version: number, { keep = false } = {}): Promise<IDBDatabase> {
  return new Promise((resolve) => {
    const opening = indexedDB.open("kith", version);
    opening.onsuccess = () => {
      if (!keep) opening.result.close();
      resolve(opening.result);
    };
  });
}

function rawDelete({ indexedDB }: FakeBrowser): Promise<unknown> {
  return new Promise((resolve) => (indexedDB.deleteDatabase("kith").onsuccess = resolve));
}
