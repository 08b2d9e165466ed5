/** Which hearths are gone to for which community, and what is remembered of them. */
import { expect, test } from "vitest";
import type { Tag } from "../../protocol/index.ts";
import { MAX_MET, createHearths } from "../../src/peer/hearths.ts";
import { createRegistry } from "../../src/peer/registry.ts";
import { openMemoryShelf, type MemoryShelf } from "../../src/storage/memory-shelf.ts";
import { never, worldBy, type TestWorld } from "./home.ts";

const [LANE, CHOIR] = ["a".repeat(64) as Tag, "b".repeat(64) as Tag];
const nameOf = (n: number) => `12D3KooW${String(n).padStart(2, "1").replaceAll("0", "z")}${"x".repeat(42)}`;
const at = (n: number, port = 1) => `/ip4/10.0.0.${n}/tcp/${port}/ws/p2p/${nameOf(n)}`;

async function open(shelf: MemoryShelf, world: TestWorld, invited: Readonly<Record<Tag, readonly string[]>> = {}) {
  const hearths = createHearths({
    registry: createRegistry(shelf),
    now: world.now,
    communities: () => [LANE, CHOIR].map((tag) => ({ tag, invited: invited[tag] ?? [] })),
    changed: () => undefined,
    signal: never,
  });
  await new Promise((resolve) => setImmediate(resolve));
  return hearths;
}

test("a hearth that served the app is found again when nobody serves it", async () => {
  const shelf = openMemoryShelf();
  const hearths = await open(shelf, worldBy(1));
  hearths.servedBy([at(1)]);
  await hearths.met(LANE, nameOf(1), []);
  const after = await open(shelf.crash(), worldBy(1));
  expect(after.addressesOf(LANE)).toEqual([at(1)]);
  expect(after.trusts(LANE, nameOf(1))).toBe(true);
});

test("M1: what was met in one community is neither known nor trusted in another", async () => {
  const shelf = openMemoryShelf();
  const hearths = await open(shelf, worldBy(1), { [LANE]: [at(1)], [CHOIR]: [at(2)] });
  await hearths.met(LANE, nameOf(1), [at(1, 9)]);
  await hearths.met(CHOIR, nameOf(1), [at(1, 9)]); // nobody of the choir chose it
  for (const each of [hearths, await open(shelf.crash(), worldBy(1))]) {
    expect(each.addressesOf(CHOIR).filter((address) => address.includes(nameOf(1)))).toEqual([]);
    expect([each.trusts(CHOIR, nameOf(1)), each.trusts(LANE, nameOf(1)), each.trusts(LANE, nameOf(2))]).toEqual([
      false,
      true,
      false,
    ]);
  }
});

test("M2: what a hearth signs about itself is remembered; what names another, or is too long, is not", async () => {
  const shelf = openMemoryShelf();
  const hearths = await open(shelf, worldBy(1), { [LANE]: [at(1)] });
  const long = `/dns4/${"y".repeat(200)}/tcp/1/ws/p2p/${nameOf(1)}`;
  await hearths.met(LANE, nameOf(1), [at(1, 7), at(2), long]);
  expect((await open(shelf.crash(), worldBy(1))).addressesOf(LANE)).toEqual([at(1, 7), at(1)]);
});

test("M3: of many, those not met for longest are forgotten, and a hearth met again stays", async () => {
  const shelf = openMemoryShelf();
  const world = worldBy(1);
  const all = Array.from({ length: MAX_MET + 2 }, (_, n) => at(n + 1));
  const hearths = await open(shelf, world, { [LANE]: all, [CHOIR]: [at(30)] });
  await hearths.met(CHOIR, nameOf(30), []);
  for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 1, 9, 10]) {
    world.wait(25 * 3_600_000);
    await hearths.met(LANE, nameOf(n), []);
  }
  const after = await open(shelf.crash(), world);
  expect(after.addressesOf(LANE)).toEqual([10, 9, 1, 8, 7, 6, 5, 4].map((n) => at(n)));
  expect(after.addressesOf(CHOIR)).toEqual([at(30)]);
});

test("a meeting is written down once a day, and at once when the addresses are others", async () => {
  const shelf = openMemoryShelf();
  const world = worldBy(1);
  const hearths = await open(shelf, world, { [LANE]: [at(1)] });
  const kept = async () => (await createRegistry(shelf).hearths(never)).met.map((met) => met.at);
  await hearths.met(LANE, nameOf(1), []);
  const first = world.now();
  world.wait(3_600_000);
  await hearths.met(LANE, nameOf(1), []);
  expect(await kept()).toEqual([first]);
  await hearths.met(LANE, nameOf(1), [at(1, 2)]);
  expect(await kept()).toEqual([world.now()]);
});

test("what was added by hand is for every community, and stays", async () => {
  const shelf = openMemoryShelf();
  await (await open(shelf, worldBy(1))).add(at(3), never);
  const after = await open(shelf.crash(), worldBy(1));
  expect([after.trusts(LANE, nameOf(3)), after.trusts(CHOIR, nameOf(3))]).toEqual([true, true]);
  expect(after.byCommunity()).toEqual([[[at(3)]], [[at(3)]]]);
});
