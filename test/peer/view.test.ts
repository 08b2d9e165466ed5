import { expect, test } from "vitest";
import type { Millis } from "../../protocol/index.ts";
import type { Fellow } from "../../src/peer/company.ts";
import * as deeds from "../../src/peer/deeds.ts";
import type { CommunityView, PromiseDraft } from "../../src/peer/kith.ts";
import { communityView, groupedFingerprint, shortFingerprint } from "../../src/peer/view.ts";
import { ask, carry, deedsOf, foundHome, inviteFrom, joinHome, never, NOON, valueOf, type Home } from "./home.ts";

const viewOf = ({ membership }: Pick<Home, "membership">, fellows: readonly Fellow[] = [], now = NOON): CommunityView =>
  communityView({ membership, fellows, now: now as Millis });
const titles = (view: CommunityView): readonly string[] => view.posts.map(({ title }) => title);
const fellowAt = (version: number | null): Fellow => ({
  peer: `peer ${version}`,
  role: "member",
  proved: true,
  isOurHearth: false,
  feed: null,
  equal: version === null ? null : { version, at: NOON as Millis },
});

async function pair() {
  const ana = await foundHome({ seed: 1 });
  const bo = await joinHome(await inviteFrom(ana), "Bo", { seed: 2 });
  await carry(ana.holding, bo.holding);
  await bo.membership.advance(never);
  await carry(bo.holding, ana.holding);
  return { ana, bo };
}

test("posts are shown newest first", async () => {
  const ana = await foundHome({ seed: 1 });
  for (const title of ["First", "Second", "Third"]) {
    ana.world.wait(1_000);
    await ask(ana.membership, title);
  }
  expect(titles(viewOf(ana, [], NOON + 5_000))).toEqual(["Third", "Second", "First"]);
});

test("a claim more than ten minutes ahead of our clock comes last, until the time has come", async () => {
  const { ana, bo } = await pair();
  bo.world.wait(600_001);
  await ask(bo.membership, "Ahead");
  await carry(bo.holding, ana.holding);
  await ask(ana.membership, "Now");
  expect(titles(viewOf(ana))).toEqual(["Now", "Ahead"]);
  expect(titles(viewOf(ana, [], NOON + 1))).toEqual(["Ahead", "Now"]);
});

test("a neighbour is said to have one's act only when both were equal after it was said", async () => {
  const ana = await foundHome({ seed: 1 });
  const before = ana.holding.version();
  await ask(ana.membership, "Soup");
  const after = ana.holding.version();
  const fellows = [fellowAt(null), fellowAt(before), fellowAt(after), fellowAt(after + 3)];
  const view = viewOf(ana, fellows);
  expect(view.posts[0]?.copies).toEqual({ savedHere: true, neighbours: 2, hearths: 0 });
  expect(view.copies).toEqual({ savedHere: true, neighbours: 2, hearths: 0 });
});

test("equality on the porch says nothing about what was said after it", async () => {
  const ana = await foundHome({ seed: 1 });
  const bo = await joinHome(await inviteFrom(ana), "Bo", { seed: 2 });
  await carry(ana.holding, bo.holding);
  const onThePorch = fellowAt(bo.holding.version());
  await bo.membership.advance(never); // the shelf is read again, with the key
  expect(viewOf(bo, [onThePorch]).copies.neighbours).toBe(0);
});

test("on the porch the card speaks, and the members' own words do from then on", async () => {
  const ana = await foundHome({ seed: 1 });
  const bo = await joinHome(await inviteFrom(ana), "Bo", { seed: 2 });
  expect(viewOf(bo)).toMatchObject({
    standing: "porch",
    id: null,
    name: "Rose Lane",
    purpose: "Neighbours.",
    me: null,
    members: [],
  });
  await carry(ana.holding, bo.holding);
  await bo.membership.advance(never);
  const view = viewOf(bo);
  expect(view).toMatchObject({ standing: "member", name: "Rose Lane", me: { name: "Bo", isMe: true } });
  expect(view.members.map(({ name, isMe }) => [name, isMe])).toEqual([
    ["Ana", false],
    ["Bo", true],
  ]);
});

test("two who hold the same read the same fingerprint, in sixteen groups of four", async () => {
  const { ana, bo } = await pair();
  const [left, right] = [viewOf(ana), viewOf(bo)];
  expect(left.fingerprint).toMatch(/^([0-9A-F]{4} ){15}[0-9A-F]{4}$/);
  expect(left.fingerprint).toBe(right.fingerprint);
  await ask(bo.membership, "Soup");
  expect(viewOf(bo).fingerprint).not.toBe(left.fingerprint);
});

const promiseOf = (words: string): PromiseDraft => ({ words, readers: "all", quantity: null, due: null });

test("whose turn it is: one is asked, the other waits, and nobody promises twice", async () => {
  const { ana, bo } = await pair();
  const asked = await ask(ana.membership, "Soup");
  await carry(ana.holding, bo.holding);
  expect([viewOf(ana), viewOf(bo)].map(({ posts }) => posts[0]?.canPromise)).toEqual([false, true]);
  valueOf(await deedsOf(bo.membership).promise(bo.membership.tag, asked, promiseOf("On Thursday"), never));
  await carry(bo.holding, ana.holding);
  const [mine, theirs] = [viewOf(ana).posts[0], viewOf(bo).posts[0]];
  expect(theirs?.canPromise).toBe(false);
  expect(mine?.promises[0]).toMatchObject({ giver: { name: "Bo" }, receiver: { name: "Ana" }, waitingFor: null });
  expect(mine?.promises[0]?.next[0]).toBe("accept");
  expect(theirs?.promises[0]?.waitingFor?.name).toBe("Ana");
  expect(theirs?.promises[0]?.steps.map(({ kind, words }) => [kind, words])).toEqual([["commit", "On Thursday"]]);
});

test("an invitation reads open, then expired, and closed once it is closed; its link only where it was made", async () => {
  const { ana, bo } = await pair();
  const stateAt = (now: number) => viewOf(ana, [], now).invites.map(({ state }) => state);
  const [made] = viewOf(ana).invites;
  expect(made).toMatchObject({ by: { name: "Ana" }, joined: 1, state: "open" });
  expect(made?.link).not.toBeNull();
  expect(viewOf(bo).invites.map(({ link }) => link)).toEqual([null]);
  expect(stateAt((made?.expires ?? 0) - 1)).toEqual(["open"]);
  expect(stateAt(made?.expires ?? 0)).toEqual(["expired"]);
  if (made !== undefined) valueOf(await deeds.closeInvite(ana.membership, made.id, never));
  expect(stateAt(NOON)).toEqual(["closed"]);
});

test("a person's fingerprint is eighty bits, in groups to read aloud", () => {
  const id = "7f3a91c20b4d55e1a9c0ff".padEnd(64, "0") as Parameters<typeof shortFingerprint>[0];
  expect(shortFingerprint(id)).toBe("7F3A 91C2 0B4D 55E1 A9C0");
  expect(groupedFingerprint("abcd1234")).toBe("ABCD 1234");
});

test("copies are counted of those who hold the key and of hearths of our choice, not of whoever says equal", async () => {
  const ana = await foundHome({ seed: 1 });
  const post = await ask(ana.membership, "A ladder");
  const at = ana.holding.version();
  const fellows: readonly Fellow[] = [
    { ...fellowAt(at), peer: "stranger", proved: false },
    { ...fellowAt(at), peer: "their hearth", role: "hearth", proved: false },
    { ...fellowAt(at), peer: "our hearth", role: "hearth", proved: false, isOurHearth: true },
    { ...fellowAt(at), peer: "bo" },
  ];
  expect(post).toBeDefined();
  expect(viewOf(ana, fellows).copies).toEqual({ savedHere: true, neighbours: 1, hearths: 1 });
});
