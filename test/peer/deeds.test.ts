import { expect, test } from "vitest";
import { MAX_NAME_UNITS, MAX_TITLE_UNITS, epochKeyFrom, memberRootFrom, type EnvelopeId } from "../../protocol/index.ts";
import * as deeds from "../../src/peer/deeds.ts";
import { readLink } from "../../src/peer/house.ts";
import type { PostDraft } from "../../src/peer/kith.ts";
import { ask, carry, foundHome, inviteFrom, joinHome, never, NOON, valueOf, worldBy, type Home } from "./home.ts";

const draft = (change: Partial<PostDraft>): PostDraft => ({
  kind: "offer",
  title: "Soup",
  details: "",
  needs: [],
  form: null,
  when: "",
  where: "",
  ...change,
});
const invalid = (field: string, problem: "empty" | "too-long" | "unreadable") => ({
  ok: false,
  error: { kind: "invalid", field, problem },
});
const LONE = "\ud800";

test("a name is trimmed and composed, so that what looks the same is the same", () => {
  expect(deeds.readName("  Zoe\u0308 \n")).toEqual({ ok: true, value: "Zo\u00eb" });
});

test.each([
  ["nothing", "", "empty"],
  ["only blanks", " \t\n ", "empty"],
  ["half a letter", `A${LONE}`, "unreadable"],
  ["one unit too many", "a".repeat(MAX_NAME_UNITS + 1), "too-long"],
] as const)("a name of %s is refused, and says why", (_what, raw, problem) => {
  expect(deeds.readName(raw)).toEqual(invalid("myName", problem));
});

test("blanks around a text do not count against its length", () => {
  expect(deeds.readName(` ${"a".repeat(MAX_NAME_UNITS)} `).ok).toBe(true);
});

test("founding names the first field that is wrong", () => {
  const world = worldBy(1);
  const root = memberRootFrom(world.bytes(16));
  const found = (form: { community: string; purpose: string; myName: string }) =>
    deeds.foundCommunity(form, root, world, epochKeyFrom);
  expect(found({ community: " ", purpose: "", myName: "" })).toEqual(invalid("community", "empty"));
  expect(found({ community: "Rose Lane", purpose: "p".repeat(501), myName: "" })).toEqual(invalid("purpose", "too-long"));
  expect(found({ community: "Rose Lane", purpose: "", myName: "Ana" }).ok).toBe(true);
});

test("a post with a text that cannot stand is not written", async () => {
  const { membership, holding } = await foundHome({ seed: 1 });
  const before = holding.replica.digest();
  expect(await deeds.post(membership, draft({ title: "" }), never)).toEqual(invalid("title", "empty"));
  expect(await deeds.post(membership, draft({ title: "t".repeat(MAX_TITLE_UNITS + 1) }), never)).toEqual(
    invalid("title", "too-long"),
  );
  expect(await deeds.post(membership, draft({ where: LONE }), never)).toEqual(invalid("where", "unreadable"));
  expect(holding.replica.digest()).toBe(before);
});

test("what was left empty is not said at all", async () => {
  const { membership, holding } = await foundHome({ seed: 1 });
  const id = valueOf(await deeds.post(membership, draft({ title: " Soup ", details: "  " }), never));
  expect(holding.replica.community.post(id)?.post.act).toEqual({ kind: "offer", title: "Soup" });
});

test("the link of an invitation is good for a week, and remembered on the device that made it", async () => {
  const home = await foundHome({ seed: 1 });
  const link = await inviteFrom(home);
  const { invitation } = valueOf(readLink(link));
  expect(invitation.card).toMatchObject({ community: "Rose Lane", inviter: "Ana", members: 1, expires: NOON + 7 * 86_400_000 });
  const reborn = await home.again(home.shelf.crash());
  expect(reborn.record().invites.map((made) => made.link)).toEqual([link]);
});

test.each([
  ["what is no link at all", () => "https://kith.example/#/join/not a payload", "unreadable-link"],
  [
    "a card that was changed",
    (link: string) => link.replace(/.{4}$/, (end) => (end === "AAAA" ? "BBBB" : "AAAA")),
    "forged-card",
  ],
] as const)("%s is refused", async (_what, spoil, kind) => {
  expect(readLink(spoil(await inviteFrom(await foundHome({ seed: 1 }))))).toEqual({ ok: false, error: { kind } });
});

test("nobody promises to themselves, answers what is not there, or speaks before they are in", async () => {
  const ana = await foundHome({ seed: 1 });
  const bo = await joinHome(await inviteFrom(ana), "Bo", { seed: 2 });
  const mine = await ask(ana.membership, "Soup");
  expect(await deeds.promise(ana.membership, mine, "", never)).toEqual({ ok: false, error: { kind: "out-of-turn" } });
  const nowhere = "0".repeat(64) as EnvelopeId;
  expect(await deeds.promise(ana.membership, nowhere, "", never)).toEqual({ ok: false, error: { kind: "not-found" } });
  expect(await deeds.step(ana.membership, nowhere, "accept", "", never)).toEqual({ ok: false, error: { kind: "not-found" } });
  expect(await deeds.post(bo.membership, draft({}), never)).toEqual({ ok: false, error: { kind: "not-a-member" } });
});

test("a promise goes its way in turn, and each step out of turn is refused and not written", async () => {
  const ana = await foundHome({ seed: 1 });
  const bo = await joinHome(await inviteFrom(ana), "Bo", { seed: 2 });
  await carry(ana.holding, bo.holding);
  await bo.membership.advance(never);
  await carry(bo.holding, ana.holding);
  const asked = await ask(ana.membership, "Soup");
  await carry(ana.holding, bo.holding);

  const commit = valueOf(await deeds.promise(bo.membership, asked, "On Thursday", never));
  await carry(bo.holding, ana.holding);
  const outOfTurn = { ok: false, error: { kind: "out-of-turn" } };
  const before = ana.holding.replica.digest();
  expect(await deeds.step(bo.membership, commit, "accept", "", never)).toEqual(outOfTurn); // not one's own to accept
  expect(await deeds.step(ana.membership, commit, "acknowledge", "", never)).toEqual(outOfTurn);
  expect(ana.holding.replica.digest()).toBe(before);

  valueOf(await deeds.step(ana.membership, commit, "accept", "", never));
  expect(await deeds.step(ana.membership, commit, "accept", "", never)).toEqual(outOfTurn);
  await carry(ana.holding, bo.holding);
  valueOf(await deeds.step(bo.membership, commit, "fulfil", "", never));
  await carry(bo.holding, ana.holding);
  valueOf(await deeds.step(ana.membership, commit, "acknowledge", "Thank you", never));
  await carry(ana.holding, bo.holding);
  for (const { holding } of [ana, bo]) {
    const found = holding.replica.community.promise(commit);
    expect(found?.life.state).toBe("kept");
    expect(found?.answers.map(({ act }) => act.kind)).toEqual(["accept", "fulfil", "acknowledge"]);
  }
});

test("the link of an invitation is told as a change once it is kept, though nothing else happens", async () => {
  const seen: number[] = [];
  let home: Home | null = null;
  home = await foundHome({ seed: 3, changed: () => seen.push(home?.membership.record().invites.length ?? 0) });
  await inviteFrom(home);
  expect(seen.at(-1)).toBe(1);
});
