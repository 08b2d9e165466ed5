import { beforeAll, describe, expect, test } from "vitest";
import { chunkOf, encodeChunk, stripChunk } from "../../../protocol/feed/chunk.ts";
import type { Envelope } from "../../../protocol/envelope/envelope.ts";
import { createReplica, reopen } from "../../../protocol/space/replica.ts";
import { chunkOfAll, createChance, replicaOf, say, twinOf } from "../../people.ts";
import { buildVillage, type Village } from "./village.ts";

const chance = createChance(9);
let village: Village;
let all: readonly Envelope[];
beforeAll(() => {
  village = buildVillage(4);
  all = village.feeds.flat();
});
const printOf = (...more: readonly Envelope[]) => replicaOf(village.group, [...all, ...more]).fingerprint();

describe("Q1: what counts goes in, and nothing else", () => {
  test("one more act, one more door closed, or a fork point: each tells", () => {
    const ana = village.people.ana;
    const acted = say(twinOf(ana), village.group, chance, 90, [], { kind: "offer", title: "Jam" });
    const closed = say(twinOf(ana), village.group, chance, 90, [], {
      kind: "close-invite",
      invite: village.feeds[0]![2]!.id,
      joins: [village.people.bo.root.id, village.people.cy.root.id].sort(),
    });
    const forked = replicaOf(village.group, all);
    forked.takeProof(village.laterProof);
    const prints = [printOf(), printOf(acted), printOf(closed), forked.fingerprint()];
    expect(new Set(prints).size).toBe(4);
  });
  test("a stranger's act does not", () => {
    const spam = say(twinOf(village.people.eve), village.group, chance, 91, [], { kind: "offer", title: "Spam" });
    expect(printOf(spam)).toBe(printOf());
  });
  test("it is remembered, and still follows every change", () => {
    const replica = replicaOf(village.group, all);
    const before = replica.fingerprint();
    expect(replica.fingerprint()).toBe(before);
    replica.takeProof(village.proof);
    expect(replica.fingerprint()).not.toBe(before);
  });
});

describe("Q2: there is none", () => {
  test("before the genesis is known", () => expect(createReplica(village.group.tag).fingerprint()).toBeNull());
  test("while a body is absent", () => {
    const replica = replicaOf(village.group, all.slice(0, 4));
    const bare = stripChunk(
      { ...chunkOf(all[4]!), entries: chunkOfAll(all.slice(4, 6)).entries, signature: all[5]!.signature },
      true,
    );
    replica.admit(reopen(village.group.tag, encodeChunk(bare), [village.group.epoch])!); // a shelf cleared of bodies
    expect([replica.community.tally().absent, replica.fingerprint()]).toEqual([1, null]);
  });
});
