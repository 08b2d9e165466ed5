/** Documents over real memberships, holdings and shelves: typed here, settled, carried, read there. */
import { beforeEach, describe, expect, test } from "vitest";
import { CHARTER, profileOf } from "../../protocol/index.ts";
import type { OpenDocument } from "../../src/peer/open-document.ts";
import { addBlock, blocks, deskOf, later, meetAll, neighbours, openSheet, read, textOf, type Desk } from "./desk.ts";
import { never, valueOf, type Home } from "./home.ts";

let ana: Home;
let bo: Home;
beforeEach(async () => {
  [ana, bo] = await neighbours();
});
const meet = (...desks: readonly Desk[]): Promise<void> => meetAll(ana, bo, desks);

describe("two people, one charter", () => {
  test("what one types the other reads, and both have one fingerprint", async () => {
    const [here, there] = [deskOf(ana.membership), deskOf(bo.membership)];
    const [mine, theirs] = [await openSheet(here, CHARTER), await openSheet(there, CHARTER)];
    expect(addBlock(mine, "We help each other.")).toBe(true);
    expect(mine.state().saving).toBe("unsettled");
    valueOf(await mine.settle(never));
    expect(mine.state().saving).toBe("settled");
    await meet(here, there);
    expect(read(theirs)).toEqual(["We help each other."]);
    theirs.edit(() => textOf(theirs, 0).insert(3, "gladly "));
    mine.edit(() => textOf(mine, 0).insert(0, "Here: "));
    valueOf(await theirs.settle(never));
    valueOf(await mine.settle(never));
    await meet(here, there);
    expect(read(mine)).toEqual(["Here: We gladly help each other."]);
    expect(read(theirs)).toEqual(read(mine));
    expect(mine.state().fingerprint).toBe(theirs.state().fingerprint);
    expect(mine.state().fingerprint).toMatch(/^([0-9A-F]{4} ?){16}$/);
  });

  test("somebody's first edit, while one types, hands nothing back", async () => {
    const [here, there] = [deskOf(ana.membership), deskOf(bo.membership)];
    const [mine, theirs] = [await openSheet(here, CHARTER), await openSheet(there, CHARTER)];
    addBlock(mine, "mine");
    valueOf(await mine.settle(never));
    const live = mine.live();
    mine.edit(() => textOf(mine, 0).insert(0, "still "));
    addBlock(theirs, "theirs");
    valueOf(await theirs.settle(never));
    await meet(here, there);
    expect(mine.live()).toBe(live);
    expect(mine.state().returned).toEqual([]);
    expect(read(mine)).toContain("still mine");
  });

  test("typing while others type: what came meanwhile is taken in at once, and everything counts", async () => {
    const [here, there] = [deskOf(ana.membership), deskOf(bo.membership)];
    const [mine, theirs] = [await openSheet(here, CHARTER), await openSheet(there, CHARTER)];
    addBlock(mine, "x");
    valueOf(await mine.settle(never));
    await meet(here, there);
    for (let round = 0; round < 20; round += 1) {
      mine.edit(() => textOf(mine, 0).insert(round % 3, "a"));
      theirs.edit(() => textOf(theirs, 0).insert(0, "b"));
      if (round % 2 === 0) valueOf(await theirs.settle(never));
      await meet(here, there); // mine is unsettled while theirs comes
      mine.edit(() => textOf(mine, 0).delete(0, 1));
      if (round % 5 === 0) valueOf(await mine.settle(never));
    }
    valueOf(await mine.settle(never));
    valueOf(await theirs.settle(never));
    await meet(here, there);
    expect(mine.state().refused).toEqual([]);
    expect(theirs.state().refused).toEqual([]);
    expect(read(theirs)).toEqual(read(mine));
    expect(mine.state().fingerprint).toBe(theirs.state().fingerprint);
  });

  test("an undo is published like any other change", async () => {
    const [here, there] = [deskOf(ana.membership), deskOf(bo.membership)];
    const [mine, theirs] = [await openSheet(here, CHARTER), await openSheet(there, CHARTER)];
    addBlock(mine, "keep");
    valueOf(await mine.settle(never));
    mine.undo().stopCapturing();
    mine.edit((doc) => blocks(doc).delete(0, 1));
    valueOf(await mine.settle(never));
    await meet(here, there);
    expect(read(theirs)).toEqual([]);
    mine.undo().undo();
    expect(mine.state().saving).toBe("unsettled");
    valueOf(await mine.settle(never));
    await meet(here, there);
    expect(read(theirs)).toEqual(["keep"]);
  });
});

describe("L1: when what is typed goes into the feed", () => {
  test("after a second of rest", async () => {
    const here = deskOf(ana.membership);
    const mine = await openSheet(here, CHARTER);
    addBlock(mine, "x");
    here.clock.pass(999);
    await later();
    expect(mine.state().saving).toBe("unsettled");
    here.clock.pass(1);
    await later();
    await later();
    expect(mine.state().saving).toBe("settled");
  });
  test("after five seconds without a rest", async () => {
    const here = deskOf(ana.membership);
    const mine = await openSheet(here, CHARTER);
    addBlock(mine, "x");
    const before = ana.holding.replica.tally().envelopes;
    for (let ms = 0; ms < 5_000; ms += 500) {
      mine.edit(() => textOf(mine, 0).insert(textOf(mine, 0).length, "y"));
      here.clock.pass(500);
    }
    for (let turn = 0; turn < 5; turn += 1) await later();
    expect(ana.holding.replica.tally().envelopes).toBe(before + 1);
  });
});

describe("T2: own origins only", () => {
  test("a change that is not the editor's is not published", async () => {
    const here = deskOf(ana.membership);
    const mine = await openSheet(here, CHARTER);
    const before = ana.holding.replica.tally().envelopes;
    mine.live().transact(() => mine.live().getText("elsewhere").insert(0, "x"), "a library of somebody else");
    here.clock.pass(0);
    expect(mine.state().saving).toBe("settled");
    valueOf(await mine.settle(never));
    here.clock.pass(10);
    await later();
    expect(ana.holding.replica.tally().envelopes).toBe(before);
    addBlock(mine, "mine");
    valueOf(await mine.settle(never));
    expect(ana.holding.replica.tally().envelopes).toBe(before + 1);
    expect(mine.state().refused).toEqual([]);
  });
  test("who only reads publishes nothing", async () => {
    const [here, there] = [deskOf(ana.membership), deskOf(bo.membership)];
    const [mine, theirs] = [await openSheet(here, CHARTER), await openSheet(there, CHARTER)];
    const before = bo.holding.replica.feed(bo.membership.helloSelf().feed!)!.ids.length;
    for (let round = 0; round < 30; round += 1) {
      addBlock(mine, `line ${round}`);
      if (round % 3 === 2) mine.edit((doc) => blocks(doc).delete(0, 1));
      valueOf(await mine.settle(never));
      await meet(here, there);
    }
    valueOf(await theirs.settle(never));
    expect(bo.holding.replica.feed(bo.membership.helloSelf().feed!)!.ids.length).toBe(before);
    expect(read(theirs)).toEqual(read(mine));
  });
});

describe("L4: when the ground changes", () => {
  /** Ana, the steward, closes the door that Bo came by and does not name him: he has never been a member. */
  const letBoFall = async (desk: Desk): Promise<void> => {
    const [invite] = ana.holding.replica.community.authority().invites.keys();
    const act = { kind: "close-invite", invite: invite!, joins: [] } as const;
    valueOf(await ana.membership.speak([{ kind: "act", make: () => ({ act, needs: [invite!] }) }], never));
    desk.documents.refresh();
  };
  const writtenByBoth = async (): Promise<readonly [Desk, OpenDocument]> => {
    const [here, there] = [deskOf(ana.membership), deskOf(bo.membership)];
    const [mine, theirs] = [await openSheet(here, CHARTER), await openSheet(there, CHARTER)];
    addBlock(mine, "by Ana");
    valueOf(await mine.settle(never));
    await meet(here, there);
    addBlock(theirs, "by Bo");
    valueOf(await theirs.settle(never));
    await meet(here, there);
    expect(read(mine)).toEqual(["by Ana", "by Bo"]);
    return [here, mine];
  };
  test("what was typed and not settled goes on over the new one", async () => {
    const [here, mine] = await writtenByBoth();
    mine.edit(() => textOf(mine, 0).insert(6, " and me"));
    mine.edit(() => textOf(mine, 0).delete(0, 3));
    await letBoFall(here);
    expect(read(mine)).toEqual(["Ana and me"]);
    expect(mine.state()).toMatchObject({ saving: "unsettled", returned: [] });
    valueOf(await mine.settle(never));
    expect(mine.state()).toMatchObject({ saving: "settled", refused: [], returned: [] });
    const again = await openSheet(deskOf(ana.membership), CHARTER);
    expect(read(again)).toEqual(["Ana and me"]);
  });
  test("what has no place there is handed back as text", async () => {
    const [here, mine] = await writtenByBoth();
    mine.edit(() => textOf(mine, 1).insert(5, ", and Ana too"));
    await letBoFall(here);
    expect(read(mine)).toEqual(["by Ana"]);
    expect(mine.state().returned).toEqual([", and Ana too"]);
    expect(mine.state().saving).toBe("settled");
    mine.dismissReturned();
    expect(mine.state().returned).toEqual([]);
    addBlock(mine, "more");
    valueOf(await mine.settle(never));
    expect(mine.state().refused).toEqual([]);
  });
});

describe("who may write", () => {
  test("a profile is its owner's; a charter everybody's", async () => {
    const there = deskOf(bo.membership);
    const charter = await openSheet(there, CHARTER);
    const profile = await openSheet(there, profileOf(ana.membership.root.id));
    expect(charter.state().mayWrite).toEqual(["blocks"]);
    expect(profile.state().mayWrite).toEqual([]);
    expect(addBlock(profile, "Ana is silly")).toBe(false);
    expect(read(profile)).toEqual([]);
  });
});

describe("P1: one sheet a document", () => {
  test("opened again before what was typed has settled, it goes on; nothing is written twice", async () => {
    const here = deskOf(ana.membership);
    const first = await openSheet(here, CHARTER);
    addBlock(first, "one");
    first.close();
    const second = await openSheet(here, CHARTER);
    addBlock(second, "two");
    expect(read(second)).toEqual(["one", "two"]);
    valueOf(await second.settle(never));
    expect(second.state()).toMatchObject({ saving: "settled", refused: [] });
    const fresh = await openSheet(deskOf(ana.membership), CHARTER);
    expect(read(fresh)).toEqual(["one", "two"]);
  });
  test("closed by one, it stays open for the other; by all, it settles and says gone", async () => {
    const here = deskOf(ana.membership);
    const [first, second] = [await openSheet(here, CHARTER), await openSheet(here, CHARTER)];
    expect(second.live()).toBe(first.live());
    first.close();
    first.close();
    expect(addBlock(second, "still")).toBe(true);
    second.close();
    for (let turn = 0; turn < 10; turn += 1) await later();
    here.clock.pass(1_000);
    expect(here.said.at(-1)?.kind).toBe("gone");
    expect(read(await openSheet(deskOf(ana.membership), CHARTER))).toEqual(["still"]);
  });
});

describe("T1: the client of our feed", () => {
  test("stays ours when our own edits come back from the log", async () => {
    const here = deskOf(ana.membership);
    const mine = await openSheet(here, CHARTER);
    addBlock(mine, "one");
    valueOf(await mine.settle(never));
    const client = mine.live().clientID;
    mine.close();
    const again = await openSheet(deskOf(ana.membership), CHARTER);
    expect(again.live().clientID).toBe(client);
    expect(read(again)).toEqual(["one"]);
    addBlock(again, "two");
    valueOf(await again.settle(never));
    expect(again.live().clientID).toBe(client);
    expect(again.state().refused).toEqual([]);
  });
});

test("versions: who, how much, and what is otherwise now", async () => {
  const [here, there] = [deskOf(ana.membership), deskOf(bo.membership)];
  const [mine, theirs] = [await openSheet(here, CHARTER), await openSheet(there, CHARTER)];
  addBlock(mine, "We help.");
  valueOf(await mine.settle(never));
  await meet(here, there);
  theirs.edit(() => {
    textOf(theirs, 0).delete(3, 4);
    textOf(theirs, 0).insert(3, "care");
  });
  valueOf(await theirs.settle(never));
  await meet(here, there);
  const [latest, first] = mine.versions();
  expect([latest?.by.name, first?.by.name]).toEqual(["Bo", "Ana"]);
  expect(mine.changesSince(first!.upTo)).toEqual([
    {
      kind: "changed",
      block: "paragraph",
      runs: [
        { kind: "kept", text: "We ", by: null },
        { kind: "removed", text: "help", by: null },
        { kind: "added", text: "care", by: expect.objectContaining({ name: "Bo" }) },
        { kind: "kept", text: ".", by: null },
      ],
    },
  ]);
  expect(theirs.versions().map(({ upTo }) => upTo)).toEqual(mine.versions().map(({ upTo }) => upTo));
});
