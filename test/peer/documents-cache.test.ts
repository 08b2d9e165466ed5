/** The cache of documents decides nothing: whatever it says, what is read is what the log says. */
import { beforeEach, describe, expect, test } from "vitest";
import { CHARTER } from "../../protocol/index.ts";
import type { Membership } from "../../src/peer/membership.ts";
import type { OpenDocument } from "../../src/peer/open-document.ts";
import type { DocumentCache } from "../../src/storage/document-cache.ts";
import { createMemoryDocumentCache } from "../../src/storage/memory-document-cache.ts";
import { addBlock, deskOf, later, meetAll, neighbours, openSheet, read, type Desk } from "./desk.ts";
import { carry, never, valueOf, type Home } from "./home.ts";

let ana: Home;
let bo: Home;
beforeEach(async () => {
  [ana, bo] = await neighbours();
});
const meet = (...desks: readonly Desk[]): Promise<void> => meetAll(ana, bo, desks);

describe("D1: the cache decides nothing", () => {
  const marked = async (desk: Desk): Promise<void> => {
    desk.clock.pass(1_000);
    for (let turn = 0; turn < 5; turn += 1) await later();
  };
  const write = async (desk: Desk, text: string): Promise<OpenDocument> => {
    const sheet = await openSheet(desk, CHARTER);
    addBlock(sheet, text);
    valueOf(await sheet.settle(never));
    await marked(desk);
    return sheet;
  };
  test("it is taken up when it fits the log", async () => {
    const bytes = new Map<string, Uint8Array>();
    await write(deskOf(ana.membership, createMemoryDocumentCache(bytes)), "one");
    const cache = createMemoryDocumentCache(bytes);
    let taken = false;
    const spied: DocumentCache = {
      ...cache,
      open: async (...args) => {
        const opened = await cache.open(...args);
        taken = opened.manifest !== null;
        return opened;
      },
    };
    const again = await openSheet(deskOf(await ana.again(ana.shelf), spied), CHARTER);
    expect(taken).toBe(true);
    expect(read(again)).toEqual(["one"]);
    addBlock(again, "two");
    valueOf(await again.settle(never));
    expect(again.state().refused).toEqual([]);
    await carry(ana.holding, bo.holding);
  });
  const goesOn = async (reborn: Membership, cache: DocumentCache, before: readonly string[]): Promise<void> => {
    const again = await openSheet(deskOf(reborn, cache), CHARTER);
    expect(read(again)).toEqual(before);
    addBlock(again, "three");
    valueOf(await again.settle(never));
    expect(again.state().refused).toEqual([]);
    const there = deskOf(bo.membership);
    const theirs = await openSheet(there, CHARTER);
    await carry(reborn.holding, bo.holding);
    there.documents.refresh();
    expect(read(theirs).filter((text) => text !== "from Bo")).toEqual([...before, "three"]);
    expect(theirs.state().refused).toEqual([]);
  };
  test("log ahead of cache: it is put together anew, and the next edit counts elsewhere", async () => {
    const bytes = new Map<string, Uint8Array>();
    const first = deskOf(ana.membership, createMemoryDocumentCache(bytes));
    await write(first, "one");
    const then = new Map(bytes);
    await write(first, "two");
    await goesOn(await ana.again(ana.shelf), createMemoryDocumentCache(then), ["one", "two"]);
  });
  test("cache ahead of log: it is put together anew, and the next edit counts elsewhere", async () => {
    const bytes = new Map<string, Uint8Array>();
    const [here, there] = [deskOf(ana.membership, createMemoryDocumentCache(bytes)), deskOf(bo.membership)];
    const mine = await write(here, "one");
    await meet(here, there);
    ana.shelf.settle();
    addBlock(await openSheet(there, CHARTER), "from Bo");
    await there.documents.settle(never);
    await meet(here, there);
    expect(read(mine)).toEqual(["one", "from Bo"]);
    await marked(here);
    // What others said was not on the disk yet when the power went; the cache was.
    await goesOn(await ana.again(ana.shelf.crash()), createMemoryDocumentCache(bytes), ["one"]);
  });
});
