/**
 * Guards that can be taken away, without a change of the code that is tested: each wraps what a house is given.
 * With one of them gone, the simulator must fail (broken-guards.test.ts).
 */
import { createJudge, type Judge } from "../../src/peer/judge.ts";
import { createRegistry } from "../../src/peer/registry.ts";
import { penAfter } from "../../src/storage/continuity.ts";
import type { MemoryShelf } from "../../src/storage/memory-shelf.ts";
import type { Shelf } from "../../src/storage/shelf.ts";
import { bytesToHex, createBirth, epochKeyFrom, err, ok, publicKeyOf } from "../../protocol/index.ts";

export type SeedKind = "plain" | "fork" | "restored" | "hostile";

export interface Guard {
  readonly says: string;
  /** The kinds of seeds in which it is needed. */
  readonly kind: SeedKind;
  readonly judge?: (judge: Judge, owner: MemoryShelf) => Judge;
  readonly shelf?: (shelf: Shelf) => Shelf;
}

export const guards = {
  "tail-signature": {
    says: "a chunk whose last signature does not hold is refused",
    kind: "hostile",
    judge: () => createJudge(async (checks) => checks.map(() => true)),
  },
  admission: {
    says: "a feed that no member admitted is not taken in",
    kind: "hostile",
    judge: (judge) => ({ ...judge, judge: (context, bytes) => judge.judge({ ...context, relayKeys: null }, bytes) }),
  },
  "store-before-admit": {
    says: "what counts was stored before",
    kind: "plain",
    shelf: (shelf) => {
      let times = 0;
      return { ...shelf, putForeign: async (...args) => ((times += 1) % 7 === 0 ? ok(undefined) : shelf.putForeign(...args)) };
    },
  },
  "durable-act": {
    says: "an act is durable before its author reads that it is saved",
    kind: "plain",
    shelf: (shelf) => {
      let times = 0;
      return {
        ...shelf,
        append: async (tag, held, segment, signal) =>
          (times += 1) % 5 === 0 ? ok(penAfter(held, segment)) : shelf.append(tag, held, segment, signal),
      };
    },
  },
  "stale-writer": {
    says: "an act is written only by who holds the pen",
    kind: "plain",
    shelf: (shelf) => ({
      ...shelf,
      append: async (tag, held, segment, signal) => {
        const written = await shelf.append(tag, held, segment, signal);
        return !written.ok && written.error.kind === "stale-writer" ? ok(penAfter(held, segment)) : written;
      },
    }),
  },
  "own-elsewhere": {
    says: "who hears that the own feed goes on elsewhere writes no more into it",
    kind: "restored",
    judge: (judge, owner) => ({
      ...judge,
      judge: async (context, bytes) =>
        (await ownFeedsOn(owner)).has(bytesToHex(bytes.slice(1, 33)))
          ? err({ kind: "not-admitted", relayKey: "" })
          : judge.judge(context, bytes),
    }),
  },
} as const satisfies Record<string, Guard>;

export type GuardName = keyof typeof guards;

/** The feeds that a device writes, by the secrets that lie on its shelf. */
export async function ownFeedsOn(shelf: Shelf): Promise<ReadonlySet<string>> {
  const { records } = await createRegistry(shelf).communities(new AbortController().signal);
  return new Set(
    records.flatMap(({ tag, keys, deviceSeed, feedRandom }) =>
      keys.map((key) => createBirth(tag, epochKeyFrom(key), publicKeyOf(deviceSeed), feedRandom).feed as string),
    ),
  );
}
