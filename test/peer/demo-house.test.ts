import { expect, test } from "vitest";
import { encodeBundle, parseBundle, type Millis } from "../../protocol/index.ts";
import { openDemoHouse, type DemoDeps } from "../../src/peer/demo-house.ts";
import type { Kith, PostDraft } from "../../src/peer/kith.ts";
import { createRegistry } from "../../src/peer/registry.ts";
import { groupedFingerprint } from "../../src/peer/view.ts";
import { openMemoryShelf, type MemoryShelf } from "../../src/storage/memory-shelf.ts";
import { SMALL, villageOf } from "../villages.ts";
import { PLAIN, never, testJudge, valueOf, worldBy } from "./home.ts";

const { bundle, keys, fingerprint } = villageOf(SMALL);
const PLAIN_STEP = { words: "", readers: "all", quantity: null, due: null, isPart: false } as const;
const wish: PostDraft = { ...PLAIN, title: "A kite" };

function demoOn(shelf: MemoryShelf, more: Partial<DemoDeps> = {}): DemoDeps {
  const world = { ...worldBy(4), now: () => (keys.ends + 1_000) as Millis };
  const deps = { keys, shelf, judge: testJudge(), world, appAddress: "http://127.0.0.1/demo.html" };
  return { ...deps, bundle: async () => bundle, ...more };
}
const open = async (shelf: MemoryShelf, more?: Partial<DemoDeps>): Promise<Kith> =>
  valueOf(await openDemoHouse(demoOn(shelf, more), never));
const villageIn = (kith: Kith) => {
  const [community, ...others] = kith.view().communities;
  if (community === undefined || others.length > 0) throw new Error("one village, and nothing else");
  return community;
};

test("O1: a village opens whole, as one of its people, and with nobody to be told", async () => {
  const kith = await open(openMemoryShelf());
  const village = villageIn(kith);
  expect(village).toMatchObject({ tag: keys.tag, standing: "member", waiting: 0, me: { name: keys.people[keys.visitor]?.name } });
  expect(village.members).toHaveLength(SMALL.members);
  expect(village.fingerprint).toBe(groupedFingerprint(fingerprint ?? ""));
  expect(kith.view().network).toMatchObject({ state: "off", neighbours: [] });
});

test("the visitor acts in it, and finds it again: the story is brought once", async () => {
  const shelf = openMemoryShelf();
  const kith = await open(shelf);
  const before = villageIn(kith).posts.length;
  valueOf(await kith.post(keys.tag, wish, never));
  const waiting = villageIn(kith)
    .posts.flatMap(({ promises }) => promises)
    .find(({ next }) => next[0] === "accept");
  if (waiting === undefined) throw new Error("somebody has promised the visitor something");
  valueOf(await kith.step(keys.tag, waiting.id, "accept", PLAIN_STEP, never));

  const again = await open(shelf.twin(), { bundle: () => Promise.reject(new Error("it is here already")) });
  expect(villageIn(again).posts).toHaveLength(before + 1);
  expect(villageIn(again).fingerprint).toBe(villageIn(kith).fingerprint);
  valueOf(await again.post(keys.tag, { ...wish, title: "A string for it" }, never));
});

test("O2: its doors are shut, and nothing is written by knocking at them", async () => {
  const shelf = openMemoryShelf();
  const kith = await open(shelf);
  const before = villageIn(kith).held;
  const shut = { ok: false, error: { kind: "demo" } };
  expect(await kith.found({ community: "Real", purpose: "", myName: "Ana" }, never)).toEqual(shut);
  expect(await kith.join("https://kith.example/#/join/x", "Ana", never)).toEqual(shut);
  expect(await kith.invite(keys.tag, "open", never)).toEqual(shut);
  expect(await kith.connect("/ip4/127.0.0.1/tcp/1/ws", never)).toMatchObject({ ok: false });
  expect(villageIn(kith).held).toBe(before);
  expect((await createRegistry(shelf).communities(never)).records).toHaveLength(1);
});

test("O3: what is not whole is not opened, and the next try brings the rest", async () => {
  const shelf = openMemoryShelf();
  const none = await openDemoHouse(demoOn(shelf, { bundle: async () => null }), never);
  expect(none).toEqual({ ok: false, error: { kind: "no-village" } });
  const half = await openDemoHouse(demoOn(shelf, { bundle: async () => bundle.subarray(0, bundle.length - 50) }), never);
  expect(half).toEqual({ ok: false, error: { kind: "cut-short" } });
  const other = villageOf({ ...SMALL, seed: 5 });
  const foreign = await openDemoHouse(demoOn(shelf, { bundle: async () => other.bundle }), never);
  expect(foreign).toMatchObject({ ok: false, error: { kind: "foreign-community" } });
  const { items } = valueOf(parseBundle(bundle));
  const bent = encodeBundle({ tag: keys.tag, items: [...items, { kind: "chunk", bytes: new Uint8Array([1]) }] });
  const broken = await openDemoHouse(demoOn(shelf, { bundle: async () => bent }), never);
  expect(broken).toEqual({ ok: false, error: { kind: "broken-village" } });
  expect((await createRegistry(shelf).communities(never)).records).toEqual([]);
  expect(villageIn(await open(shelf)).fingerprint).toBe(groupedFingerprint(fingerprint ?? ""));
});
