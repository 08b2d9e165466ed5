import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bytesToHex, encodeBundle, memberRootFrom, nextSteps, parseBundle, turnOf } from "../../protocol/index.ts";
import { parseDemoKeys } from "../../src/peer/demo-keys.ts";
import { readArguments } from "../../village/arguments.ts";
import { createVillage } from "../../village/create-village.ts";
import { readVillage } from "../../village/read-village.ts";
import { runs } from "../runs.ts";
import { SMALL, WHOLE, readVillageOf, villageOf } from "../villages.ts";

test("the same seed is the same bytes, another is another", () => {
  const village = villageOf(SMALL);
  expect(bytesToHex(createVillage(SMALL).bundle)).toBe(bytesToHex(village.bundle));
  expect(createVillage(SMALL).keys).toEqual(village.keys);
  const other = createVillage({ ...SMALL, seed: SMALL.seed + 1 });
  expect(other.keys.tag).not.toBe(village.keys.tag);
  expect(other.keys.people.map(({ name }) => name)).not.toEqual(village.keys.people.map(({ name }) => name));
});

test.each([SMALL, WHOLE, { members: 3, weeks: 2, seed: 1 }, { members: runs(30, 60), weeks: 4, seed: 11 }])(
  "read back by the judge, everything counts: $members people, $weeks weeks, seed $seed",
  async (size) => {
    const { summary, faults, brought } = await readVillageOf(size);
    expect(faults).toEqual([]);
    expect(summary.fingerprint).toBe(villageOf(size).fingerprint);
    expect(summary.fingerprint).not.toBeNull();
    expect(brought).toMatchObject({ envelopes: summary.envelopes, feeds: size.members, refused: 0 });
    expect(summary.members).toBe(size.members);
    expect(summary.envelopes).toBeGreaterThan(size.members * 2);
  },
);

test("24 people in 12 weeks are the village that everything is shown on", async () => {
  const { summary, holding } = await readVillageOf(WHOLE);
  const { promises } = summary;
  expect(summary).toMatchObject({ members: 24, offers: 90, requests: 120, notMaterial: 36 });
  expect(promises).toEqual({ kept: 58, done: 7, agreed: 3, underway: 1, proposed: 4, declined: 4, withdrawn: 3 });
  const { community } = holding.replica;
  const lives = community.posts().flatMap((post) => post.promises.map((promise) => ({ post, promise })));
  const among = (fits: (one: (typeof lives)[number]) => boolean): boolean => lives.some(fits) && !lives.every(fits);
  // Everything that can happen on the way happens to somebody, and not to everybody.
  const happens = {
    amended: among(({ promise }) => promise.life.counted.some(({ place }) => place === "amendment")),
    corrected: among(({ promise }) => promise.life.counted.some(({ place }) => place === "corrected")),
    inParts: among(({ promise }) => promise.life.parts.length > 1),
    disputed: among(({ promise }) => promise.life.disputes.length > 0),
    settled: among(({ promise }) => promise.life.counted.some(({ place }) => place === "settled")),
    confided: among(({ promise }) => promise.commit.act.aside !== undefined),
    severalHelp: among(({ post }) => post.promises.length > 1),
    pinned: among(({ post, promise }) => promise.commit.act.on !== post.post.id),
    revised: among(({ post }) => post.changes.some(({ act }) => act.kind === "revise")),
    closed: among(({ post }) => post.versions.closed !== null),
  };
  expect(Object.entries(happens).filter(([, does]) => !does)).toEqual([]);
  expect(summary.circles).toBeGreaterThan(20);
  expect(summary.betweenTwo).toBeGreaterThan(60);
  const names = [...community.authority().members.values()].map(({ name }) => name);
  expect(new Set(names).size).toBe(24);
  expect(names.some((name) => /\p{Script=Arabic}/u.test(name))).toBe(true);
  const titles = community.posts().map(({ post }) => post.act.title);
  for (const script of [/\p{Script=Arabic}/u, /[ñ¿]/, /[äöüß]/])
    expect(
      titles.some((title) => script.test(title)),
      String(script),
    ).toBe(true);
  expect(titles.join() + JSON.stringify(community.posts().map(({ post }) => post.act.when ?? ""))).not.toMatch(/[{}]\w/);
  expect(community.documents.entries().map(({ kind }) => kind)).toContain("charter");
});

test("things wait for whoever shows it: to agree, to do, to acknowledge", async () => {
  const { keys } = villageOf(WHOLE);
  const { holding } = await readVillageOf(WHOLE);
  const me = memberRootFrom(keys.people[keys.visitor]?.entropy ?? new Uint8Array(16)).id;
  const mine = holding.replica.community
    .posts()
    .flatMap(({ promises }) => promises)
    .filter(({ life, parties }) => turnOf(life, parties) === me)
    .flatMap(({ commit, parties, life }) => nextSteps(commit.id, parties, life, me).map(({ kind }) => kind));
  expect(mine).toEqual(expect.arrayContaining(["accept", "fulfil", "acknowledge"]));
});

test("everybody is asleep at night, and all is said between the first day and the last", async () => {
  const { keys } = villageOf(WHOLE);
  const { holding } = await readVillageOf(WHOLE);
  const times = holding.replica.community.posts().map(({ post }) => post.at);
  expect(Math.max(...times)).toBeLessThan(keys.ends);
  expect(times.filter((at) => new Date(at).getUTCHours() < 5 || new Date(at).getUTCHours() >= 20)).toEqual([]);
});

test("a village that lost something says so", async () => {
  const { bundle, keys } = villageOf(SMALL);
  const parsed = parseBundle(bundle);
  const items = parsed.ok ? parsed.value.items : [];
  const without = encodeBundle({ tag: keys.tag, items: items.slice(1) });
  expect((await readVillage(without, keys)).faults.join()).toMatch(/waiting/);
  const foreign = { ...keys, epoch: new Uint8Array(32) };
  expect((await readVillage(bundle, foreign)).faults).toContain(`${items.length} items were refused`);
  expect((await readVillage(bundle.subarray(0, bundle.length - 1), keys)).faults).toContain("the file is not whole: cut-short");
});

test("npm run village writes both files and says what is in them", () => {
  const folder = mkdtempSync(join(tmpdir(), "kith-village-"));
  const out = join(folder, "lane.kith");
  const run = (...more: readonly string[]) =>
    spawnSync(process.execPath, ["--import", "tsx", "village/main.ts", "--out", out, ...more], { encoding: "utf8" });
  try {
    const { status, stdout } = run("--members", "6", "--weeks", "3", "--seed", "3", "--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ members: 6, fingerprint: villageOf(SMALL).fingerprint });
    expect(bytesToHex(readFileSync(out))).toBe(bytesToHex(villageOf(SMALL).bundle));
    const keys = parseDemoKeys(readFileSync(join(folder, "lane.keys.json"), "utf8"));
    expect(keys).toEqual({ ok: true, value: villageOf(SMALL).keys });
    expect(run("--members", "2").status).toBe(2);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.each(["--members 2", "--members 5001", "--weeks 1", "--seed -1", "--seed x", "--seed 1.5", "--seed=", "--colour red"])(
  "what it is told has to make sense: %s",
  (line) => {
    expect(readArguments(line.split(" "))).toMatchObject({ ok: false, error: { kind: "usage" } });
  },
);

test("told nothing, it tells of 24 people in 12 weeks", () => {
  expect(readArguments([])).toEqual({ ok: true, value: { members: 24, weeks: 12, seed: 7, out: "village.kith", json: false } });
});
