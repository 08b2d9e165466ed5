import { expect, test } from "vitest";
import { MAX_NAME_UNITS, epochKeyFrom, memberRootFrom } from "../../protocol/index.ts";
import * as deeds from "../../src/peer/deeds.ts";
import { readLink } from "../../src/peer/house.ts";
import { foundHome, inviteFrom, NOON, worldBy, valueOf, type Home } from "./home.ts";

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

test("the link of an invitation is told as a change once it is kept, though nothing else happens", async () => {
  const seen: number[] = [];
  let home: Home | null = null;
  home = await foundHome({ seed: 3, changed: () => seen.push(home?.membership.record().invites.length ?? 0) });
  await inviteFrom(home);
  expect(seen.at(-1)).toBe(1);
});
