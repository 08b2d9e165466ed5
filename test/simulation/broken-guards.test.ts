/** A simulator that never fails proves nothing: with any one guard taken away, it must. */
import { expect, test } from "vitest";
import { guards, type GuardName } from "./guards.ts";
import { runSeed } from "./run.ts";

const SEEDS = [1, 2];

/** What must be among the complaints. */
const complaints: Readonly<Record<GuardName, RegExp>> = {
  "tail-signature": /a feed forked|the frontier differs/,
  admission: /things that it holds|the frontier differs/,
  "store-before-admit": /than its shelf holds|the frontier differs/,
  "durable-act": /lost \d+ own acts in a crash/,
  "stale-writer": /first tab should have noticed/,
  "own-elsewhere": /wrote into a feed that went on without it/,
};

test.each(Object.keys(complaints) as GuardName[])(
  "without the guard %s a street goes wrong, and the simulator says so",
  async (broken) => {
    const failures: string[] = [];
    for (const seed of SEEDS)
      if (!complaints[broken].test(failures.join("\n"))) failures.push(...(await runSeed(seed, { broken })).failures);
    expect(failures.join("\n")).toMatch(complaints[broken]);
  },
);

test.each([...new Set(Object.values(guards).map(({ kind }) => kind))])(
  "with all guards the same %s seeds are well",
  async (kind) => {
    for (const seed of SEEDS) expect((await runSeed(seed, { kind })).failures).toEqual([]);
  },
);

test("a seed is the same story every time", async () => {
  const [once, again] = [await runSeed(7), await runSeed(7)];
  expect(again).toEqual(once);
});
