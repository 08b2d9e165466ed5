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
  near.mark([[[ADDRESS]]]);
  await settled();
  expect(world.dials).toEqual([0]);
  expect(time.waiting()).toBe(0);
});

test("a hearth that is away is tried after 1, 2, 4 … 30 s, and never more often", async () => {
  const { time, world, near } = stand();
  world.isUp = false;
  near.mark([[[ADDRESS]]]);
  await settled();
  for (let round = 0; round < 8; round += 1) await time.toNext();
  const gaps = world.dials.slice(1).map((at, index) => at - world.dials[index]!);
  expect(gaps).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]);
});

test("the jitter shortens a pause by half at most, and never under a second", async () => {
  const { time, world, near, lose } = stand({ chance: 0.999 });
  near.mark([[[ADDRESS]]]);
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
  near.mark([[[ADDRESS]]]);
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
  near.mark([[[ADDRESS]]]);
  await settled();
  lose();
  near.nudge();
  await settled();
  expect(world.dials.length).toBe(2);
});

test("marking again keeps those that stay, and forgets those that go; rubbish is left out", async () => {
  const { time, world, near, lose } = stand();
  near.mark([[[ADDRESS], ["rubbish"]]]);
  await settled();
  near.mark([[[ADDRESS]]]);
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
  near.mark([[[ADDRESS]]]);
  await settled();
  expect(time.waiting()).toBe(1);
  near.close();
  near.close();
  near.mark([[[ADDRESS]]]);
  lose();
  await settled();
  expect(time.waiting()).toBe(0);
  expect(listeners.size).toBe(0);
  expect(world.dials.length).toBe(1);
});

/** Several hearths, each up or down, by number. */
function street() {
  const time = fakeTime();
  const down = new Set<number>();
  const connected = new Set<string>();
  const dials: number[] = [];
  const listeners = new Set<() => void>();
  const tell = () => listeners.forEach((listener) => listener());
  const LETTERS = "abcdefghij";
  const addressOf = (n: number) => `/ip4/10.0.0.${n}/tcp/4500/ws/p2p/${PEER.slice(0, -1)}${LETTERS[n]}`;
  const nameOf = (n: number) => `${PEER.slice(0, -1)}${LETTERS[n]}`;
  const near = keepNear({
    wires: {
      dial: async ([address]) => {
        const n = Number(/10\.0\.0\.(\d)/.exec(address ?? "")?.[1]);
        dials.push(n);
        await Promise.resolve();
        if (down.has(n)) return { ok: false, error: { kind: "unreachable" } };
        connected.add(nameOf(n));
        tell();
        return { ok: true, value: nameOf(n) };
      },
      connections: () =>
        [...connected].map((peer): Connection => ({ peer, path: "hearth-websocket", since: time.now(), direction: "outbound" })),
      subscribe: (changed) => {
        listeners.add(changed);
        return () => void listeners.delete(changed);
      },
    },
    chance: () => 0,
    later: time.later,
  });
  const die = (n: number) => {
    down.add(n);
    connected.delete(nameOf(n));
    tell();
  };
  return {
    time,
    dials,
    down,
    die,
    mark: (...communities: readonly (readonly number[])[]) => near.mark(communities.map((own) => own.map((n) => [addressOf(n)]))),
    isNear: () => [...connected].map((name) => LETTERS.indexOf(name.at(-1)!)).sort(),
  };
}

test("K3: of six hearths three are kept near, the first ones, and the others are left alone", async () => {
  const { mark, isNear, dials, time } = street();
  mark([1, 2, 3, 4, 5, 6]);
  await settled();
  expect([isNear(), dials.length, time.waiting()]).toEqual([[1, 2, 3], 3, 0]);
});

test("K3: one that dies, or never was, gives its turn to the next", async () => {
  const { mark, isNear, die, down, time } = street();
  down.add(2);
  mark([1, 2, 3, 4, 5]);
  await settled();
  while (time.waiting() > 0) await time.toNext();
  expect(isNear()).toEqual([1, 3, 4]);
  die(1);
  while (time.waiting() > 0) await time.toNext();
  expect(isNear()).toEqual([3, 4, 5]);
});

test("K3: each community has its own; one hearth may be of several", async () => {
  const { mark, isNear, dials } = street();
  mark([1, 2, 3, 4], [3, 5], [6]);
  await settled();
  expect([isNear(), dials.length]).toEqual([[1, 2, 3, 5, 6], 5]);
});

test("K1: while another is near, one that is away is tried ever more seldom; when the last is lost, soon again", async () => {
  const { mark, isNear, die, down, dials, time } = street();
  down.add(2);
  mark([1, 2]);
  await settled();
  const at: number[] = [];
  for (let round = 0; round < 12; round += 1) {
    await time.toNext();
    at.push(time.now());
  }
  expect([isNear(), at.at(-1)! - at.at(-2)!]).toEqual([[1], 600_000]);
  const before = [time.now(), dials.length] as const;
  die(1);
  while (time.now() - before[0] < 60_000) await time.toNext();
  expect(dials.slice(before[1])).toContain(2);
});
