/** How often the platform is asked how full it is, and what is refused between the answers. */
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { ballastBytes, createForeignGate } from "../../src/storage/quota.ts";
import { RESERVE_BYTES } from "../../src/storage/shelf.ts";

const MIB = 1024 * 1024;

function gateAt(usage: number, quota: number) {
  const world = { usage, quota, now: 0, asked: 0 };
  const gate = createForeignGate({
    estimate: async () => {
      world.asked++;
      return { usage: world.usage, quota: world.quota };
    },
    now: () => world.now,
  });
  return { world, gate };
}

test("others' bytes are admitted up to 80 % of the quota and not one byte over", async () => {
  const { gate } = gateAt(70 * MIB, 100 * MIB);
  expect(await gate.admits(10 * MIB)).toBe(true);
  expect(await gate.admits(10 * MIB + 1)).toBe(false);
});

test("what was written since the last answer counts", async () => {
  const { gate, world } = gateAt(70 * MIB, 100 * MIB);
  expect(await gate.admits(7 * MIB)).toBe(true);
  gate.wrote(7 * MIB);
  expect(await gate.admits(4 * MIB)).toBe(false);
  expect(await gate.admits(3 * MIB)).toBe(true);
  expect(world.asked).toBe(1);
});

test("the platform is asked again after five seconds or eight MiB, and what was written starts anew", async () => {
  const { gate, world } = gateAt(0, 100 * MIB);
  await gate.admits(1);
  world.now = 4_999;
  await gate.admits(1);
  expect(world.asked).toBe(1);
  world.now = 5_000;
  await gate.admits(1);
  expect(world.asked).toBe(2);
  gate.wrote(8 * MIB);
  world.usage = 73 * MIB;
  expect(await gate.admits(7 * MIB)).toBe(true);
  expect(world.asked).toBe(3);
});

test("after a full disk nothing is admitted for five seconds, then the platform is asked", async () => {
  const { gate, world } = gateAt(0, 100 * MIB);
  world.now = 4_000;
  expect(await gate.admits(1)).toBe(true);
  gate.failed();
  world.now = 8_999;
  expect(await gate.admits(1)).toBe(false);
  expect(world.asked).toBe(1);
  gate.failed();
  world.usage = 99 * MIB;
  world.now = 13_999;
  expect(await gate.admits(1)).toBe(false);
  expect(world.asked).toBe(2);
});

test("where the platform cannot say, everything is admitted", async () => {
  const gate = createForeignGate({ estimate: async () => null, now: () => 0 });
  expect(await gate.admits(1e12)).toBe(true);
});

test("the ballast is of the promised size and does not compress", () => {
  const ballast = ballastBytes();
  expect(ballast.length).toBe(RESERVE_BYTES);
  expect(gzipSync(ballast, { level: 1 }).length).toBeGreaterThan(RESERVE_BYTES * 0.99);
});
