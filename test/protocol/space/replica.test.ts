import { describe, expect, test } from "vitest";
import { chunkOf, encodeChunk, parseChunk, stripChunk } from "../../../protocol/feed/chunk.ts";
import { chunkFrom, createReplica, reopen } from "../../../protocol/space/replica.ts";
import { bytesOf, chunkOfAll, ingest, replicaOf, takeIn } from "../../people.ts";
import { forkedAt, storyOf, whole } from "../feed/feed.fixtures.ts";
import { buildVillage, chunksOf } from "./village.ts";

const story = storyOf(7, 6);
const { group } = story;
const holding = (length: number) => replicaOf(group, story.envelopes.slice(0, length));
const bytes = (from: number, to: number) => encodeChunk(chunkOfAll(story.envelopes.slice(from, to)));

describe("L2: weigh tells, admit takes", () => {
  test("weighing changes nothing", () => {
    const replica = holding(2);
    const before = [replica.digest(), replica.version(), replica.community.version()];
    replica.weigh(ingest(replica, bytes(0, 5), [group.epoch])!);
    expect([replica.digest(), replica.version(), replica.community.version()]).toEqual(before);
  });
  test("the segment to store is what is new, signed by its last", () => {
    const weighed = takeIn(holding(2), group, bytes(0, 5));
    expect(weighed).toMatchObject({ kind: "grows", length: 5, head: story.envelopes[4]!.id });
    expect(weighed?.kind === "grows" && encodeChunk(weighed.segment)).toEqual(bytes(2, 5));
  });
  test("a repetition is known, a gap names what is missing", () => {
    expect(takeIn(holding(5), group, bytes(2, 4))).toEqual({ kind: "known" });
    expect(takeIn(holding(2), group, bytes(4, 5))).toEqual({ kind: "gap", missingFrom: 2 });
  });
  test("a fork hands over their story from where it parts; one that parted below is asked for", () => {
    const other = forkedAt(story, 3, 2);
    const replica = holding(5);
    expect(takeIn(replica, group, encodeChunk(whole([...story.envelopes.slice(0, 3), ...other])))).toEqual({
      kind: "fork",
      seq: 3,
      theirs: whole(other),
    });
    expect(takeIn(replica, group, bytesOf(other[1]!))).toEqual({ kind: "fork-below", askFrom: 0 });
  });
  test("a chunk whose bodies are not all there does not reach the scale", () => {
    const bare = encodeChunk(stripChunk(whole(story.envelopes), true));
    expect(ingest(createReplica(group.tag), bare, [group.epoch])).toBeNull();
  });
});

describe("L3, F4: a forked feed counts up to its lowest fork point", () => {
  const village = buildVillage(3);
  const cys = village.feeds[2]!;
  test("proofs in any order leave the lowest, and a later one tells nothing new", () => {
    for (const order of [
      [village.proof, village.laterProof],
      [village.laterProof, village.proof],
    ]) {
      const replica = replicaOf(village.group, village.feeds.flat());
      order.forEach((proof) => replica.takeProof(proof));
      expect([...replica.forks()]).toEqual([[cys[0]!.feed, 2]]);
      expect(replica.takeProof(village.laterProof)).toBe(false);
      expect(replica.proof(cys[0]!.feed)).toBe(village.proof);
      expect(replica.frontier().find(({ feed }) => feed === cys[0]!.feed)).toMatchObject({
        length: 2,
        head: cys[1]!.id,
        forkedAt: 2,
      });
    }
  });
  test("a proof may come before the feed; nothing from the fork point on is taken in", () => {
    const replica = replicaOf(village.group, [...village.feeds[0]!, ...village.feeds[1]!]);
    expect(replica.takeProof(village.proof)).toBe(true);
    expect(replica.frontier().find(({ feed }) => feed === cys[0]!.feed)).toEqual({
      feed: cys[0]!.feed,
      length: 0,
      head: null,
      forkedAt: 2,
    });
    for (const envelope of cys) takeIn(replica, village.group, bytesOf(envelope));
    expect(replica.feed(cys[0]!.feed)?.ids).toHaveLength(2);
    expect(takeIn(replica, village.group, bytesOf(cys[3]!))).toEqual({ kind: "closed" });
    expect(takeIn(replica, village.group, encodeChunk(whole([...cys.slice(0, 2), ...village.otherStory])))).toEqual({
      kind: "closed",
    });
  });
});

test("L4: without keys a replica holds, weighs and offers the same, and reads nothing", () => {
  const village = buildVillage(3);
  const blind = createReplica(village.group.tag);
  for (const feed of village.feeds) blind.admit(ingest(blind, chunksOf(feed, [])[0]!, [])!);
  const seeing = replicaOf(village.group, village.feeds.flat());
  expect(blind.digest()).toBe(seeing.digest());
  expect(blind.takeProof(village.proof)).toBe(true);
  expect(blind.frontier()).not.toEqual(seeing.frontier());
  expect([blind.fingerprint(), blind.community.posts()]).toEqual([null, []]);
  expect(blind.tally()).toEqual({ feeds: 4, envelopes: village.feeds.flat().length - 3 });
});

describe("L1: chunks from a shelf", () => {
  const segments = [bytes(0, 2), bytes(2, 3), bytes(3, 6)];
  const { tag } = group;
  test("start where they are asked to and end with a segment", () => {
    for (let from = 0; from < 6; from += 1) {
      const chunk = chunkFrom(tag, segments.slice(from < 2 ? 0 : from < 3 ? 1 : 2), from)!;
      expect(encodeChunk(chunk)).toEqual(bytes(from, 6));
    }
    expect(chunkFrom(tag, segments.slice(0, 2), 1)?.entries).toHaveLength(2);
    expect(takeIn(holding(1), group, encodeChunk(chunkFrom(tag, segments, 1)!))?.kind).toBe("grows");
  });
  test("nothing fits behind the end, across a hole, or from a broken disk", () => {
    expect(chunkFrom(tag, segments, 6)).toBeNull();
    expect(chunkFrom(tag, segments.slice(1), 0)).toBeNull();
    expect(chunkFrom(tag, [segments[0]!, segments[2]!], 0)?.entries).toHaveLength(2);
    expect(chunkFrom(tag, [new Uint8Array(9)], 0)).toBeNull();
    expect(reopen(tag, new Uint8Array(9), [])).toBeNull();
  });
  test("keep to 256 envelopes and 1 MiB", () => {
    const entry = { ...whole(story.envelopes.slice(0, 1)).entries[0]! };
    const many = (from: number, count: number, weight: number) =>
      encodeChunk({
        ...whole(story.envelopes.slice(1)),
        from,
        entries: Array.from({ length: count }, () => ({ ...entry, body: new Uint8Array(weight) })),
      });
    expect(chunkFrom(tag, [many(1, 200, 10), many(201, 100, 10)], 1)?.entries).toHaveLength(200);
    expect(chunkFrom(tag, [many(1, 128, 10), many(129, 128, 10)], 1)?.entries).toHaveLength(256);
    const heavy = chunkFrom(tag, [many(1, 10, 60_000), many(11, 10, 60_000)], 1)!;
    expect([heavy.entries.length, parseChunk(encodeChunk(heavy)).ok]).toEqual([10, true]);
  });
  test("a shelf's chunk opens again to what it was", () => {
    const judged = reopen(tag, bytes(0, 6), [group.epoch])!;
    const replica = createReplica(tag);
    replica.admit(judged);
    expect(replica.feed(story.envelopes[0]!.feed)?.ids).toEqual(story.envelopes.map(({ id }) => id));
    expect([...replica.feeds()]).toHaveLength(1);
    expect(judged.chunk.signature).toEqual(chunkOf(story.envelopes[5]!).signature);
  });
});
