/**
 * Seeds that once went wrong, by what was wrong then. A seed tells its old story only as long as nothing draws
 * more or less from chance; the plain tests beside the code keep each mistake for good.
 */
import { expect, test } from "vitest";
import type { SeedKind } from "./guards.ts";
import { runSeed } from "./run.ts";

const stories: readonly (readonly [seed: number, kind: SeedKind, story: string])[] = [
  [1, "hostile", "a liar's feed, taken in on the porch, stayed when the key came, and two streets never were equal"],
  [14, "hostile", "the same, for three newcomers at once"],
  [95, "plain", "what was judged before the key came and taken in after it stayed sealed until the next start"],
  [5, "restored", "a restored copy did not take in what its own feed had said since, and never was equal"],
  [55, "plain", "a hello that broke off at its last word was never said again"],
  [3_360_955_710, "plain", "the same, twice: a hearth's only guest heard nothing more"],
  [20, "fork", "who knew that the own feed had forked still read *saved* for what can count nowhere"],
];

test.each(stories)("seed %i (%s): %s", async (seed, kind) => {
  expect((await runSeed(seed, { kind })).failures).toEqual([]);
});

/** People who write together. Each mistake has a test of its own in test/peer/lost-ground.test.ts. */
const written: readonly (readonly [seed: number, kind: SeedKind, story: string])[] = [
  [76, "hostile", "what was deleted on a lost branch was carried over, and nobody could settle anything any more"],
  [25, "hostile", "words under a key that lost their ground were handed back to nobody"],
  [21, "plain", "of what was settled in several edits, only the first passed one's own gate"],
  [3, "fork", "caches from before a fork, behind the log and ahead of it"],
];
test.each(written)("documents, seed %i (%s): %s", async (seed, kind) => {
  expect((await runSeed(seed, { kind, scenario: "documents" })).failures).toEqual([]);
});
test("documents: a seed is the same story every time, whatever Yjs draws by chance", async () => {
  const [once, again] = [await runSeed(8, { scenario: "documents" }), await runSeed(8, { scenario: "documents" })];
  expect(once.failures).toEqual([]);
  expect(again).toEqual(once);
});
