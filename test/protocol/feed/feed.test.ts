import { beforeAll, describe, expect, test } from "vitest";
import { chunkOf, type Chunk } from "../../../protocol/feed/chunk.ts";
import { relate, type Feed } from "../../../protocol/feed/feed.ts";
import type { Envelope } from "../../../protocol/envelope/envelope.ts";
import { cut, forkedAt, linked, storyOf, whole, type Story } from "./feed.fixtures.ts";

let story: Story;
let other: readonly Envelope[];
beforeAll(() => {
  story = storyOf(1, 5);
  other = forkedAt(story, 3, 2);
});
const held = (length: number): Feed => ({
  id: story.envelopes[0]!.feed,
  birth: story.envelopes[0]!.birth!,
  ids: story.envelopes.slice(0, length).map(({ id }) => id),
});
const relation = (feed: Feed | null, chunk: Chunk) => relate(feed, chunk, linked(story, chunk));

describe("F2: how a chunk stands to what is held", () => {
  test("the first chunk of an unknown feed continues nothing, from 0", () => {
    expect(relation(null, whole(story.envelopes))).toEqual({ kind: "continues", from: 0 });
  });
  test("a chunk that begins inside what is held continues from its first new entry", () => {
    expect(relation(held(3), whole(story.envelopes))).toEqual({ kind: "continues", from: 3 });
    expect(relation(held(4), cut(story, whole(story.envelopes), 4))).toEqual({ kind: "continues", from: 4 });
  });
  test("a repeated chunk is known", () => {
    expect(relation(held(5), cut(story, whole(story.envelopes), 2))).toEqual({ kind: "known" });
  });
  test("a gap names the first missing seq", () => {
    expect(relation(held(2), chunkOf(story.envelopes[4]!))).toEqual({ kind: "gap", missingFrom: 2 });
    expect(relation(null, chunkOf(story.envelopes[1]!))).toEqual({ kind: "gap", missingFrom: 0 });
  });
  test("another story is a fork at the first seq where the ids differ", () => {
    const otherWhole = whole([...story.envelopes.slice(0, 3), ...other]);
    expect(relation(held(5), otherWhole)).toEqual({ kind: "fork", seq: 3 });
    expect(relation(held(4), whole(other))).toEqual({ kind: "fork", seq: 3 });
  });
  test("a fork wins over what would be new behind it", () => {
    expect(relation(held(4), whole([...story.envelopes.slice(0, 3), ...other]))).toEqual({ kind: "fork", seq: 3 });
  });
  test("a chunk that stands on another story parted below", () => {
    expect(relation(held(5), chunkOf(other[1]!))).toEqual({ kind: "fork-below", from: 4 });
  });
});
