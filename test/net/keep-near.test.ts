/** Coming back to hearths: when, how often, and that nothing ticks while all is well. */
import { expect, test } from "vitest";
import { keepNear } from "../../src/net/keep-near.ts";
import type { Connection, Wires } from "../../src/net/wires.ts";
import { fakeTime, settled } from "./fake-time.ts";

const PEER = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";
const ADDRESS = `/ip4/10.0.0.2/tcp/4500/ws/p2p/${PEER}`;

function stand({ chance = 0 } = {}) {
  const time = fakeTime();
  const world = { isUp: true, connected: new Set<string>(), dials: [] as number[] };
  const listeners = new Set<() => void>();
  const tell = () => listeners.forEach((listener) => listener());
  const wires: Pick<Wires, "dial" | "connections" | "subscribe"> = {
    dial: async () => {
      world.dials.push(time.now());
      await Promise.resolve();
      if (!world.isUp) return { ok: false, error: { kind: "unreachable" } };
      world.connected.add(PEER);
      tell();
      return { ok: true, value: PEER };
    },
    connections: () =>
      [...world.connected].map((peer): Connection => ({
        peer,
        path: "hearth-websocket",
        since: time.now(),
        direction: "outbound",
      })),
    subscribe: (changed) => {
      listeners.add(changed);
      return () => void listeners.delete(changed);
    },
  };
  const near = keepNear({ wires, chance: () => chance, later: time.later });
  const lose = () => {
    world.connected.clear();
    tell();
  };
  return { time, world, near, lose, listeners };
}

test("a marked hearth is dialled at once, and then nothing ticks", async () => {
  const { time, world, near } = stand();
  near.mark([[ADDRESS]]);
  await settled();
  expect(world.dials).toEqual([0]);
  expect(time.waiting()).toBe(0);
});

test("a hearth that is away is tried after 1, 2, 4 … 30 s, and never more often", async () => {
  const { time, world, near } = stand();
  world.isUp = false;
  near.mark([[ADDRESS]]);
  await settled();
  for (let round = 0; round < 8; round += 1) await time.toNext();
  const gaps = world.dials.slice(1).map((at, index) => at - world.dials[index]!);
  expect(gaps).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]);
});

test("the jitter shortens a pause by half at most, and never under a second", async () => {
  const { time, world, near, lose } = stand({ chance: 0.999 });
  near.mark([[ADDRESS]]);
  await settled();
  lose();
  await time.toNext();
  expect(world.dials[1]! - world.dials[0]!).toBeGreaterThanOrEqual(1_000);
  world.isUp = false;
  lose();
  for (let round = 0; round < 9; round += 1) await time.toNext();
  expect(world.dials.at(-1)! - world.dials.at(-2)!).toBeGreaterThanOrEqual(15_000);
});

test("a lost hearth is found again, and the pauses begin anew", async () => {
  const { time, world, near, lose } = stand();
  near.mark([[ADDRESS]]);
  await settled();
  world.isUp = false;
  lose();
  for (let round = 0; round < 4; round += 1) await time.toNext();
  world.isUp = true;
  await time.toNext();
  expect(world.connected.has(PEER)).toBe(true);
  expect(time.waiting()).toBe(0);
  const before = time.now();
  lose();
  await time.toNext();
  expect(time.now() - before).toBe(1_000);
});

test("a nudge tries at once", async () => {
  const { world, near, lose } = stand();
  near.mark([[ADDRESS]]);
  await settled();
  lose();
  near.nudge();
  await settled();
  expect(world.dials.length).toBe(2);
});

test("marking again keeps those that stay, and forgets those that go; rubbish is left out", async () => {
  const { time, world, near, lose } = stand();
  near.mark([[ADDRESS], ["rubbish"]]);
  await settled();
  near.mark([[ADDRESS]]);
  await settled();
  expect(world.dials.length).toBe(1);
  near.mark([]);
  lose();
  await settled();
  expect(time.waiting()).toBe(0);
});

test("closing twice is harmless and leaves no timer and no listener", async () => {
  const { time, near, lose, world, listeners } = stand();
  world.isUp = false;
  near.mark([[ADDRESS]]);
  await settled();
  expect(time.waiting()).toBe(1);
  near.close();
  near.close();
  near.mark([[ADDRESS]]);
  lose();
  await settled();
  expect(time.waiting()).toBe(0);
  expect(listeners.size).toBe(0);
  expect(world.dials.length).toBe(1);
});
