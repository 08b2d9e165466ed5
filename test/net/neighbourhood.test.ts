/** Who is asked, who is dialled and when; and that answers from others are read strictly. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { createNeighbourhood, DIRECT_WANTED, type NeighbourhoodDeps } from "../../src/net/neighbourhood.ts";
import { encodePeers, MAX_PEERS_TOLD, parsePeers } from "../../src/net/peer-exchange.ts";
import { someOf } from "../../src/net/some-of.ts";
import type { Connection, ConnectionPath, Wire } from "../../src/net/wires.ts";
import type { Millis } from "../../protocol/index.ts";
import { fakeTime, settled as untilSettled } from "./fake-time.ts";

const LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/** Names that sort as their numbers do. */
const nameOf = (number: number) => `12D3KooW${LETTERS[Math.floor(number / 58) % 58]}${LETTERS[number % 58]}${"x".repeat(42)}`;
const HEARTH = nameOf(3_000);
const SELF = nameOf(100);

const peers = fc.uniqueArray(fc.record({ name: fc.nat(3_000).map(nameOf), isSettled: fc.boolean() }), {
  selector: ({ name }) => name,
  maxLength: MAX_PEERS_TOLD,
});
const fresh = (name: string) => ({ name, isSettled: false });

test("an answer comes back as it was told", () => {
  fc.assert(fc.property(peers, (told) => void expect(parsePeers(encodePeers(told))).toEqual({ ok: true, value: told })));
});

test("no bytes make reading an answer throw; what is read is told back as the same bytes", () => {
  const bytes = fc.oneof(
    fc.uint8Array(),
    fc.tuple(peers, fc.nat(), fc.nat(255)).map(([told, at, value]) => {
      const encoded = encodePeers(told);
      encoded[at % encoded.length] = value;
      return encoded;
    }),
  );
  fc.assert(
    fc.property(bytes, (answer) => {
      const read = parsePeers(answer);
      if (read.ok) expect(encodePeers(read.value)).toEqual(answer);
    }),
  );
});

test("a name twice, a name too many and a byte too many are refused", () => {
  const one = encodePeers([fresh(nameOf(1))]);
  expect(parsePeers(Uint8Array.from([2, ...one.subarray(1), ...one.subarray(1)]))).toMatchObject({ ok: false });
  expect(parsePeers(Uint8Array.from([...one, 0]))).toMatchObject({ ok: false });
  expect(parsePeers(Uint8Array.of(MAX_PEERS_TOLD + 1))).toMatchObject({ ok: false });
});

test("some of many are different ones of them", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat()), fc.nat(20), fc.noShrink(fc.gen()), (all, count, gen) => {
      const some = someOf(all, count, () => gen(fc.double, { min: 0, max: 0.999, noNaN: true }));
      expect(new Set(some).size).toBe(Math.min(all.length, count));
      expect(some.every((each) => all.includes(each))).toBe(true);
    }),
  );
});

async function stand(told: readonly string[], { near = true, settled = [] as readonly string[] } = {}) {
  const time = fakeTime();
  const listeners = new Set<() => void>();
  const world = {
    told,
    ways: new Map<string, ConnectionPath>(near ? [[HEARTH, "hearth-websocket"]] : []),
    dialled: [] as (readonly [number, readonly string[]])[],
    asked: 0,
    /** Streams that are open at each peer now, and the most there ever were. */
    openAt: new Map<string, number>(),
    mostOpen: 0,
    askedOf: [] as string[],
    canReach: true,
  };
  const tell = () => listeners.forEach((listener) => listener());
  const wires: NeighbourhoodDeps["wires"] = {
    self: SELF,
    neighboursIn: () => [],
    serve: () => Promise.resolve(),
    connections: () =>
      [...world.ways].map(([peer, path]): Connection => ({ peer, path, since: 0 as Millis, direction: "outbound" })),
    subscribe: (changed) => {
      listeners.add(changed);
      return () => void listeners.delete(changed);
    },
    open: (peer) => {
      world.asked += 1;
      world.askedOf.push(peer);
      const openNow = (world.openAt.get(peer) ?? 0) + 1;
      world.openAt.set(peer, openNow);
      world.mostOpen = Math.max(world.mostOpen, openNow);
      const answer = peer === HEARTH ? world.told : [];
      const wire: Wire = {
        peer,
        send: () => Promise.resolve({ ok: true, value: undefined }),
        close: () => Promise.resolve(),
        frames: (async function* () {
          await Promise.resolve();
          world.openAt.set(peer, (world.openAt.get(peer) ?? 1) - 1);
          yield encodePeers(answer.map((name) => ({ name, isSettled: settled.includes(name) })));
        })(),
      };
      return Promise.resolve({ ok: true, value: wire });
    },
    dial: async (addresses) => {
      world.dialled.push([time.now(), addresses]);
      await Promise.resolve();
      if (!world.canReach) return { ok: false, error: { kind: "unreachable" } };
      const peer = addresses[0]!.split("/").at(-1)!;
      world.ways.set(peer, "browser-direct");
      tell();
      return { ok: true, value: peer };
    },
  };
  const neighbourhood = await createNeighbourhood({
    wires,
    now: time.now,
    chance: () => 0.5,
    mayAsk: () => true,
    later: time.later,
  });
  neighbourhood.seek(["garden"]);
  await untilSettled();
  return { time, world, neighbourhood, tell, listeners };
}

test("the one whose name sorts first dials at once, through the hearth", async () => {
  const { world } = await stand([nameOf(200)]);
  expect(world.dialled).toEqual([[0, [`/p2p/${HEARTH}/p2p-circuit/webrtc/p2p/${nameOf(200)}`]]]);
});

test("the other one waits a little, and does not dial when it was dialled meanwhile", async () => {
  const { time, world } = await stand([nameOf(50), nameOf(51)]);
  expect(world.dialled).toEqual([]);
  world.ways.set(nameOf(50), "browser-direct");
  for (let event = 0; event < 3; event += 1) await time.toNext();
  expect(world.dialled.map(([, [address]]) => address!.endsWith(nameOf(51)))).toEqual([true]);
  expect(world.dialled[0]![0]).toBeGreaterThan(0);
});

test("a newcomer dials who was there before, whatever the names; who is no newcomer any more waits again", async () => {
  const { time, world, neighbourhood } = await stand([nameOf(50)], { settled: [nameOf(50)] });
  expect(world.dialled.length).toBe(1);
  for (let round = 0; round < 3; round += 1) await time.toNext();
  expect(time.now()).toBeGreaterThan(3_000);
  world.ways.delete(nameOf(50));
  neighbourhood.refresh();
  await untilSettled();
  expect(world.dialled.length).toBe(1);
  await time.toNext();
  expect(world.dialled.length).toBe(2);
});

test("those who arrive together find each other within seconds; later it is asked every half minute", async () => {
  const { time, world } = await stand([]);
  const asked: number[] = [0];
  for (let round = 0; round < 8; round += 1) {
    await time.toNext();
    asked.push(time.now());
  }
  expect(asked).toEqual([0, 1_000, 3_000, 7_000, 15_000, 31_000, 61_000, 91_000, 121_000]);
  expect(world.asked).toBe(9);
});

test("N4: of several hearths and friends four are asked, of each one topic at a time, and of all topics", async () => {
  const { world, neighbourhood, tell } = await stand([], { near: false });
  const topics = Array.from({ length: 9 }, (_, n) => `garden ${n}`);
  neighbourhood.seek(topics);
  for (let n = 1; n <= 5; n += 1) world.ways.set(nameOf(2_000 + n), "hearth-websocket").set(nameOf(500 + n), "browser-direct");
  tell();
  for (let n = 0; n < 20; n += 1) await untilSettled();
  const asked = new Map([...new Set(world.askedOf)].map((peer) => [peer, world.askedOf.filter((each) => each === peer).length]));
  expect([[...asked.values()], world.mostOpen]).toEqual([Array(4).fill(topics.length), 1]);
});

test("twelve are enough", async () => {
  const { world } = await stand(Array.from({ length: 30 }, (_, index) => nameOf(200 + index)));
  await untilSettled();
  expect([...world.ways.values()].filter((path) => path === "browser-direct").length).toBe(DIRECT_WANTED);
});

test("who cannot be reached is left alone for longer and longer", async () => {
  const { time, world } = await stand([nameOf(200)]);
  world.ways.delete(nameOf(200));
  world.canReach = false;
  world.dialled.length = 0;
  for (let round = 0; round < 60; round += 1) await time.toNext();
  const gaps = world.dialled.slice(1).map(([at], index) => at - world.dialled[index]![0]);
  expect(gaps[0]).toBeLessThanOrEqual(60_000);
  expect(gaps.at(-1)).toBeGreaterThan(500_000);
});

test("without a hearth nothing ticks and nobody is asked; with one it begins", async () => {
  const { time, world, tell } = await stand([nameOf(200)], { near: false });
  expect([time.waiting(), world.asked]).toEqual([0, 0]);
  world.ways.set(HEARTH, "hearth-webrtc");
  tell();
  await untilSettled();
  expect(world.dialled.length).toBe(1);
  world.ways.delete(HEARTH);
  tell();
  await untilSettled();
  expect(time.waiting()).toBe(0);
});

test("oneself, the hearth and those already here are not dialled", async () => {
  const { world, neighbourhood } = await stand([SELF, HEARTH, nameOf(200)]);
  neighbourhood.refresh();
  await untilSettled();
  expect(world.dialled.length).toBe(1);
});

test("closing twice is harmless and leaves no timer and no listener", async () => {
  const { time, neighbourhood, listeners } = await stand([nameOf(200), nameOf(50)]);
  expect(time.waiting()).toBeGreaterThan(0);
  neighbourhood.close();
  neighbourhood.close();
  neighbourhood.refresh();
  await untilSettled();
  expect(time.waiting()).toBe(0);
  expect(listeners.size).toBe(0);
});
