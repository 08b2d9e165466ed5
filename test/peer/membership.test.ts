/**
 * Two homes, joined by handing chunks:
 *   1  Ana founds, and makes a link.            3  Bo's membership finds its key box and joins by itself.
 *   2  Bo opens the link: the porch.            4  Ana takes Bo's join: both are members.
 */
import { expect, test } from "vitest";
import * as deeds from "../../src/peer/deeds.ts";
import type { Holding } from "../../src/peer/holding.ts";
import { readLink } from "../../src/peer/house.ts";
import { PLAIN, ask, carry, deedsOf, feedOf, foundHome, inviteFrom, joinHome, never, valueOf, type Home } from "./home.ts";

const members = ({ holding }: Pick<Home, "holding">): readonly string[] =>
  [...holding.replica.community.authority().members.values()].map(({ name }) => name).sort();
const titles = (holding: Holding): readonly string[] => holding.replica.community.posts().map(({ post }) => post.act.title);
const lengthOf = (home: Home): number => home.holding.replica.feed(feedOf(home))?.ids.length ?? 0;

test("from the porch to the key to the join, without anybody's help", async () => {
  const ana = await foundHome({ seed: 1 });
  const bo = await joinHome(await inviteFrom(ana), "Bo", { seed: 2 });
  expect(bo.membership.standing()).toBe("porch");
  expect(bo.membership.helloSelf()).toEqual({ role: "member", epoch: null, feed: null, deviceSeed: null });

  await bo.membership.advance(never); // nothing has come yet
  expect(bo.membership.standing()).toBe("porch");
  await carry(ana.holding, bo.holding);
  expect(members(bo)).toEqual([]); // blind: all is sealed
  await bo.membership.advance(never);
  expect(bo.membership.standing()).toBe("member");
  expect(members(bo)).toEqual(["Ana", "Bo"]);

  await carry(bo.holding, ana.holding);
  expect(members(ana)).toEqual(["Ana", "Bo"]);
  expect(ana.holding.replica.fingerprint()).toBe(bo.holding.replica.fingerprint());
});

test("one join, however often it is looked at", async () => {
  const ana = await foundHome({ seed: 1 });
  const bo = await joinHome(await inviteFrom(ana), "Bo", { seed: 2 });
  await carry(ana.holding, bo.holding);
  await Promise.all([bo.membership.advance(never), bo.membership.advance(never)]);
  await bo.membership.advance(never);
  expect(lengthOf(bo)).toBe(1);
});

test("a person who waits on the porch waits there after a new start, as the same device", async () => {
  const ana = await foundHome({ seed: 1 });
  const bo = await joinHome(await inviteFrom(ana), "Bo", { seed: 2 });
  const reborn = await bo.again(bo.shelf.crash());
  await carry(ana.holding, reborn.holding);
  await reborn.advance(never);
  expect(reborn.standing()).toBe("member");
  expect(reborn.certificate()).toEqual(bo.membership.certificate());
});

test("a key that the disk did not keep is not used", async () => {
  const ana = await foundHome({ seed: 1 });
  const bo = await joinHome(await inviteFrom(ana), "Bo", { seed: 2 });
  await carry(ana.holding, bo.holding);
  bo.shelf.failNextWrite({ kind: "disk-full" });
  await bo.membership.advance(never);
  expect(bo.membership.standing()).toBe("porch");
  await bo.membership.advance(never);
  expect(bo.membership.standing()).toBe("member");
});

test("a link whose door was shut brings the key box's content, and no membership", async () => {
  const ana = await foundHome({ seed: 1 });
  const link = await inviteFrom(ana);
  const { invite } = valueOf(readLink(link)).invitation;
  valueOf(await deeds.closeInvite(ana.membership, invite, never));
  const bo = await joinHome(link, "Bo", { seed: 2 });
  await carry(ana.holding, bo.holding);
  await bo.membership.advance(never);
  await carry(bo.holding, ana.holding);
  expect(members(ana)).toEqual(["Ana"]);
  expect(bo.membership.standing()).toBe("too-late");
});

test("an invitation for one, used by two who do not hear of each other, lets in the one whom its maker heard of first", async () => {
  const ana = await foundHome({ seed: 1 });
  const link = await inviteFrom(ana, "single");
  const { invite } = valueOf(readLink(link)).invitation;
  const [bo, cy] = [await joinHome(link, "Bo", { seed: 2 }), await joinHome(link, "Cy", { seed: 3 })];
  for (const home of [bo, cy]) {
    await carry(ana.holding, home.holding);
    await home.membership.advance(never);
    expect(home.membership.standing()).toBe("waiting");
  }
  expect(await deeds.acceptJoin(ana.membership, invite, ana.world.now(), never)).toBeNull(); // nobody was heard of yet
  await carry(cy.holding, ana.holding);
  expect(members(ana)).toEqual(["Ana"]);
  expect((await deeds.acceptJoin(ana.membership, invite, ana.world.now(), never))?.ok).toBe(true);
  await carry(bo.holding, ana.holding);
  expect(await deeds.acceptJoin(ana.membership, invite, ana.world.now(), never)).toBeNull();
  expect(members(ana)).toEqual(["Ana", "Cy"]);
  for (const home of [bo, cy]) await carry(ana.holding, home.holding);
  expect([bo, cy].map(({ membership }) => membership.standing())).toEqual(["too-late", "member"]);
});

test("an invitation for one that has ended lets nobody in any more", async () => {
  const ana = await foundHome({ seed: 1 });
  const link = await inviteFrom(ana, "single");
  const { invite } = valueOf(readLink(link)).invitation;
  const bo = await joinHome(link, "Bo", { seed: 2 });
  await carry(ana.holding, bo.holding);
  await bo.membership.advance(never);
  await carry(bo.holding, ana.holding);
  ana.world.wait(8 * 24 * 3_600_000);
  expect(await deeds.acceptJoin(ana.membership, invite, ana.world.now(), never)).toBeNull();
  valueOf(await deeds.closeInvite(ana.membership, invite, never));
  await carry(ana.holding, bo.holding);
  expect(bo.membership.standing()).toBe("too-late");
});

test("a door through which more came than one closing names is shut by several", async () => {
  const ana = await foundHome({ seed: 1 });
  const link = await inviteFrom(ana);
  const { invitation } = valueOf(readLink(link));
  const bo = await joinHome(link, "Bo", { seed: 2 });
  await carry(ana.holding, bo.holding);
  await bo.membership.advance(never);
  await carry(bo.holding, ana.holding);
  const { invites } = ana.holding.replica.community.authority();
  const found = invites.get(invitation.invite)!;
  const made = Array.from({ length: 1_600 }, (_, at) => at.toString(16).padStart(64, "0") as (typeof found.joined)[number]);
  Object.assign(found, { joined: [...made, ...found.joined].sort() }); // as if somebody had made them all up
  valueOf(await deeds.closeInvite(ana.membership, invitation.invite, never));
  const { members: after, invites: doors } = ana.holding.replica.community.authority();
  expect(doors.get(invitation.invite)!.closed).toBe(true);
  expect([...after.values()].map(({ name }) => name).sort()).toEqual(["Ana", "Bo"]);
});

test("a step of more than a chunk is stored in several, and all of it is there after a new start (W2)", async () => {
  const ana = await foundHome({ seed: 1 });
  const link = await inviteFrom(ana);
  const before = ana.holding.replica.feed(feedOf(ana))!.ids.length;
  const edit = () => ({ seen: [], update: ana.world.bytes(48_000) });
  const lines = Array.from({ length: 24 }, () => ({ kind: "edit", doc: "charter", edit: edit() }) as never);
  valueOf(await ana.membership.speak(lines, never));
  const again = await ana.again(ana.shelf);
  expect(again.holding.replica.feed(feedOf(ana))!.ids).toHaveLength(before + 24);
  const bo = await joinHome(link, "Bo", { seed: 2 });
  await carry(again.holding, bo.holding);
  expect(bo.holding.replica.feed(feedOf(ana))!.ids).toHaveLength(before + 24);
});

test("where an own envelope lies that cannot be read, nothing is written behind it", async () => {
  const ana = await foundHome({ seed: 1 });
  const [tag, feed] = [ana.membership.tag, feedOf(ana)];
  const pen = valueOf(await ana.shelf.takePen(tag, feed, "torn", never));
  const torn = { feed, from: pen.length, count: 1, head: pen.head!, bytes: new Uint8Array(40) };
  valueOf(await ana.shelf.append(tag, pen, torn, never));
  const again = await ana.again(ana.shelf.twin());
  const said = await again.speak([{ kind: "act", make: () => ({ act: { kind: "offer", title: "Soup" }, needs: [] }) }], never);
  expect(said).toMatchObject({ ok: false, error: { kind: "storage-failed" } });
});

test("what does not fit its act is not signed (W1)", async () => {
  const ana = await foundHome({ seed: 1 });
  const before = ana.holding.replica.feed(feedOf(ana))!.ids.length;
  const act = { kind: "offer", title: "x".repeat(1_000) } as const;
  expect(await ana.membership.speak([{ kind: "act", make: () => ({ act, needs: [] }) }], never)).toEqual({
    ok: false,
    error: { kind: "too-large", at: "act.title" },
  });
  expect(ana.holding.replica.feed(feedOf(ana))!.ids).toHaveLength(before);
});

test("acts are written one at a time (S1): many at once make one unbroken feed", async () => {
  const ana = await foundHome({ seed: 1 });
  const before = lengthOf(ana);
  await Promise.all(Array.from({ length: 10 }, (_, at) => ask(ana.membership, `Ask ${at}`)));
  expect(lengthOf(ana)).toBe(before + 10);
  const reborn = await ana.again(ana.shelf.crash());
  expect(reborn.holding.replica.digest()).toBe(ana.holding.replica.digest());
});

test("an act that the disk refuses was not said, and the next one stands in its place", async () => {
  const ana = await foundHome({ seed: 1 });
  const before = lengthOf(ana);
  ana.shelf.failNextWrite({ kind: "disk-full" });
  expect(await deedsOf(ana.membership).post(ana.membership.tag, { ...PLAIN, title: "Lost" }, never)).toEqual({
    ok: false,
    error: { kind: "disk-full" },
  });
  expect(lengthOf(ana)).toBe(before);
  await ask(ana.membership, "Soup");
  expect(lengthOf(ana)).toBe(before + 1);
});

test("a pen that another tab took is noticed at the next act, which is not written (S3)", async () => {
  const ana = await foundHome({ seed: 1 });
  const tab = await ana.again(ana.shelf.twin());
  await ask(tab, "Said in the other tab");
  expect(await deedsOf(ana.membership).post(ana.membership.tag, { ...PLAIN, title: "Late" }, never)).toEqual({
    ok: false,
    error: { kind: "stale-writer" },
  });
  const reborn = await ana.again(ana.shelf.crash());
  expect(titles(reborn.holding)).toEqual(["Said in the other tab"]);
});

test("a tab that takes the pen behind another's acts reads them first, and claims no earlier time", async () => {
  const ana = await foundHome({ seed: 1 });
  const bo = await joinHome(await inviteFrom(ana), "Bo", { seed: 2 });
  const tab = await ana.again(ana.shelf.twin()); // it has read the shelf, and not written
  ana.world.wait(60_000);
  await ask(ana.membership, "First");
  ana.world.wait(-120_000);
  await ask(tab, "Second");
  const posts = tab.holding.replica.community.posts();
  expect(posts.map(({ post }) => post.act.title).sort()).toEqual(["First", "Second"]);
  const at = Object.fromEntries(posts.map(({ post }) => [post.act.title, post.at]));
  expect(at["Second"]).toBeGreaterThanOrEqual(at["First"] ?? Infinity);
  // What a neighbour then brings of this feed is known, and no sign of a clone.
  await carry(tab.holding, bo.holding);
  await carry(bo.holding, tab.holding);
  expect(tab.holding.isOwnElsewhere()).toBe(false);
});

test("an aborted act was not said, and keeps no other from being said", async () => {
  const ana = await foundHome({ seed: 1 });
  await expect(
    deedsOf(ana.membership).post(ana.membership.tag, { ...PLAIN, title: "Never" }, AbortSignal.abort(new Error("left"))),
  ).rejects.toThrow("left");
  await ask(ana.membership, "Soup");
  expect(titles(ana.holding)).toEqual(["Soup"]);
});
