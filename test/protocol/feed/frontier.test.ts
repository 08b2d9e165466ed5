import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EnvelopeId, FeedId } from "../../../protocol/crypto/hash.ts";
import type { FrontierEntry } from "../../../protocol/feed/frontier.ts";
import { frontierDigest } from "../../../protocol/feed/frontier-tree.ts";
import { createForkProof } from "../../../protocol/feed/fork.ts";
import { bytesOf, replicaOf, takeIn } from "../../people.ts";
import { cut, forkedAt, storyOf, whole } from "./feed.fixtures.ts";

const name = (fill: number) => fill.toString(16).padStart(64, "0");
const entries = fc
  .uniqueArray(
    fc.record({
      feed: fc.nat(9),
      length: fc.integer({ min: 1, max: 9 }),
      head: fc.nat(9),
      forkedAt: fc.constantFrom(null, 9, 10),
    }),
    { selector: ({ feed }) => feed, maxLength: 6 },
  )
  .map((all) =>
    all.map(({ feed, head, ...rest }): FrontierEntry => ({
      ...rest,
      feed: name(feed) as FeedId,
      head: name(head) as EnvelopeId,
    })),
  );

describe("T1: one digest, one frontier", () => {
  test("whatever order the entries come in", () => {
    fc.assert(
      fc.property(entries, fc.infiniteStream(fc.nat()), (all, order) => {
        const shuffled = all
          .map((entry) => ({ entry, key: order.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ entry }) => entry);
        expect(frontierDigest(shuffled)).toBe(frontierDigest(all));
      }),
    );
  });
  test("two frontiers with one digest are equal", () => {
    fc.assert(
      fc.property(entries, entries, (left, right) => {
        const picture = (all: readonly FrontierEntry[]) =>
          JSON.stringify([...all].sort((a, b) => (a.feed < b.feed ? -1 : 1)).map((e) => [e.feed, e.length, e.head, e.forkedAt]));
        expect(frontierDigest(left) === frontierDigest(right)).toBe(picture(left) === picture(right));
      }),
    );
  });
});

test("T2: two replicas that hold different branches of a forked feed have one digest", () => {
  const story = storyOf(1, 6);
  const branch = forkedAt(story, 3, 1);
  const left = replicaOf(story.group, story.envelopes);
  const right = replicaOf(story.group, [...story.envelopes.slice(0, 3), ...branch]);
  expect(left.digest()).not.toBe(right.digest());
  const { deviceKey, random } = story.envelopes[0]!.birth!;
  const proof = createForkProof(story.group.tag, deviceKey, random, cut(story, whole(story.envelopes), 3), whole(branch));
  for (const replica of [left, right]) expect(proof.ok && replica.takeProof(proof.value)).toBe(true);
  expect(left.frontier()).toEqual([{ feed: story.envelopes[0]!.feed, length: 3, head: story.envelopes[2]!.id, forkedAt: 3 }]);
  expect(left.digest()).toBe(right.digest());
  expect(takeIn(right, story.group, bytesOf(story.envelopes[3]!))).toEqual({ kind: "closed" });
});
