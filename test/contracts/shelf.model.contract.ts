/**
 * Laws for all sequences of calls: whatever is asked of it, a shelf keeps S3, its pens stand at the
 * end of their feeds, and it answers and holds the same as the memory shelf does.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FeedId, Tag } from "../../protocol/index.ts";
import { openMemoryShelf } from "../../src/storage/memory-shelf.ts";
import type { Pen, Segment, Shelf } from "../../src/storage/shelf.ts";
import { allOf, ANA, BO, calm, CY, expectContinuous, OTHER_TAG, segmentOf, TAG, type OpenShelf } from "./shelf.fixtures.ts";

type Place = { readonly tag: Tag; readonly feed: FeedId };
/** `shift` is how far from the end of what is held: mostly not at all, or nothing would ever fit. */
type Piece = { readonly feed: FeedId; readonly shift: number; readonly count: number };

export type Call =
  | ({ readonly kind: "takePen"; readonly token: string } & Place)
  | ({ readonly kind: "append"; readonly count: number; readonly stale: boolean } & Place)
  | { readonly kind: "putForeign"; readonly tag: Tag; readonly pieces: readonly Piece[] }
  | ({ readonly kind: "merge"; readonly first: number; readonly parts: number; readonly cut: number } & Place)
  | ({ readonly kind: "drop" } & Place)
  | ({ readonly kind: "putProof"; readonly byte: number } & Place)
  | { readonly kind: "keep"; readonly name: string; readonly byte: number }
  | { readonly kind: "reopen" };

const tag = fc.constantFrom(TAG, TAG, OTHER_TAG);
const feed = fc.constantFrom(ANA, BO, CY);
const count = fc.constantFrom(1, 1, 2, 7, 100);
const byte = fc.nat(255);
const shift = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: -9, max: 2 }) });

export const call: fc.Arbitrary<Call> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("takePen" as const), tag, feed, token: fc.constantFrom("t1", "t2") }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("append" as const), tag, feed, count, stale: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("putForeign" as const),
      tag,
      pieces: fc.array(fc.record({ feed, shift, count }), { maxLength: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("merge" as const),
      tag,
      feed,
      first: fc.nat(4),
      parts: fc.integer({ min: 1, max: 4 }),
      cut: fc.constantFrom(0, 0, 0, 1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("drop" as const), tag, feed }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("putProof" as const), tag, feed, byte }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("keep" as const), name: fc.constantFrom("a", "a/b", "b"), byte }) },
  { weight: 1, arbitrary: fc.constant({ kind: "reopen" as const }) },
);

export function shelfModelContract(name: string, open: OpenShelf, numRuns: number): void {
  describe(name, () => {
    test("any sequence of calls is answered as by the memory shelf, and leaves the same behind", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(call, { maxLength: 40 }), async (calls) => {
          const model = openMemoryShelf();
          const harness = await open();
          let shelf = harness.shelf;
          const pens = new Map<string, Pen>();
          for (const next of calls) {
            if (next.kind === "reopen") {
              shelf = await harness.reopen();
              continue;
            }
            const run = await prepare(model, pens, next);
            const expected = await run(model);
            expect(await run(shelf), JSON.stringify(next)).toEqual(expected);
            learn(pens, next, expected);
          }
          expect(await picture(shelf)).toEqual(await picture(model));
        }),
        { numRuns },
      );
    });
  });
}

/** What to ask of both, made from what the model holds now. */
export async function prepare(
  model: Shelf,
  pens: ReadonlyMap<string, Pen>,
  next: Exclude<Call, { kind: "reopen" }>,
): Promise<(shelf: Shelf) => Promise<unknown>> {
  switch (next.kind) {
    case "takePen":
      return (shelf) => shelf.takePen(next.tag, next.feed, next.token, calm);
    case "append": {
      const held = pens.get(next.tag + next.feed) ?? { feed: next.feed, length: 0, head: null, token: "t0" };
      const pen = next.stale ? { ...held, token: "t0" } : held;
      return (shelf) => shelf.append(next.tag, pen, segmentOf(next.feed, pen.length, next.count, "own"), calm);
    }
    case "putForeign": {
      const ends = new Map<FeedId, number>();
      for (const segment of await allOf(model, next.tag)) ends.set(segment.feed, segment.from + segment.count);
      const segments = next.pieces.map((piece): Segment => {
        const from = Math.max(0, (ends.get(piece.feed) ?? 0) + piece.shift);
        ends.set(piece.feed, from + piece.count);
        return segmentOf(piece.feed, from, piece.count, "foreign");
      });
      return (shelf) => shelf.putForeign(next.tag, segments, calm);
    }
    case "merge": {
      const rows = (await allOf(model, next.tag)).filter((row) => row.feed === next.feed);
      const covered = rows.slice(next.first, next.first + next.parts);
      const from = (covered[0]?.from ?? 0) + next.cut;
      const length = covered.reduce((sum, row) => sum + row.count, 0);
      const whole = segmentOf(next.feed, from, Math.min(256, Math.max(1, length)), "merged");
      return (shelf) => shelf.merge(next.tag, whole, calm);
    }
    case "drop":
      return (shelf) => shelf.drop(next.tag, next.feed, calm);
    case "putProof":
      return (shelf) => shelf.putProof(next.tag, next.feed, Uint8Array.of(next.byte), calm);
    case "keep":
      return (shelf) => shelf.keep(next.name, Uint8Array.of(next.byte), calm);
  }
}

/** The pen that the writer holds after an answer. */
export function learn(pens: Map<string, Pen>, next: Call, answer: unknown): void {
  if (next.kind !== "takePen" && next.kind !== "append") return;
  const result = answer as Awaited<ReturnType<Shelf["append"]>>; // takePen's is narrower
  if (result.ok) pens.set(next.tag + next.feed, result.value);
}

/** Everything a shelf holds, S3 and its pens checked on the way. Taking the pens is the last thing done to it. */
export async function picture(shelf: Shelf): Promise<unknown> {
  const communities = [];
  for (const tag of await shelf.tags(calm)) {
    const segments = await allOf(shelf, tag);
    expectContinuous(segments);
    const pens = [];
    for (const feed of [ANA, BO, CY]) {
      const own = segments.filter((segment) => segment.feed === feed);
      const last = own.at(-1);
      const pen = await shelf.takePen(tag, feed, "t9", calm);
      expect(pen).toEqual({
        ok: true,
        value: { feed, length: last === undefined ? 0 : last.from + last.count, head: last?.head ?? null, token: "t9" },
      });
      expect(await shelf.range(tag, feed, 0, 1_000_000, calm)).toEqual(own);
      pens.push(pen);
    }
    communities.push({ tag, segments, pens, proofs: await shelf.proofs(tag, calm) });
  }
  return { communities, kept: await shelf.kept("", calm) };
}
