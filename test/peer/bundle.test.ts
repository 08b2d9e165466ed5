import { expect, test } from "vitest";
import {
  bytesToHex,
  encodeBundle,
  encodeChunk,
  encodeForkProof,
  epochKeyFrom,
  parseBundle,
  type BundleItem,
  type EpochKey,
  type Envelope,
  type Tag,
} from "../../protocol/index.ts";
import { exportBundle, importBundle } from "../../src/peer/bundle.ts";
import { createHolding, type Holding } from "../../src/peer/holding.ts";
import { openMemoryShelf, type MemoryShelf } from "../../src/storage/memory-shelf.ts";
import { chunkOfAll } from "../people.ts";
import { buildVillage } from "../protocol/space/village.ts";
import { ask, carry, foundHome, inviteFrom, joinHome, never, testJudge, valueOf, type Home } from "./home.ts";

function emptyHolding({ tag }: { readonly tag: Tag }, key: EpochKey | null, shelf: MemoryShelf = openMemoryShelf()): Holding {
  return createHolding({
    tag,
    shelf,
    judge: testJudge(),
    keys: () => (key === null ? [] : [key]),
    relayKeys: () => (key === null ? null : [key.relayPublic]),
    ownFeed: () => null,
    changed: () => undefined,
  });
}

async function fileOf(holding: Holding): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of exportBundle(holding, never)) parts.push(part);
  return new Uint8Array(Buffer.concat(parts));
}

async function lane(): Promise<{ readonly ana: Home; readonly bo: Home; readonly key: EpochKey; readonly file: Uint8Array }> {
  const ana = await foundHome({ seed: 1 });
  const bo = await joinHome(await inviteFrom(ana), "Bo", { seed: 2 });
  await carry(ana.holding, bo.holding);
  await bo.membership.advance(never);
  for (const title of ["Soup", "A ladder", "An hour"]) await ask(bo.membership, title);
  await carry(bo.holding, ana.holding);
  const key = ana.membership.epoch();
  if (key === null) throw new Error("a founder has the key");
  return { ana, bo, key, file: await fileOf(ana.holding) };
}

const encodeChunkOf = (envelopes: readonly Envelope[]): Uint8Array => encodeChunk(chunkOfAll(envelopes));
const itemsOf = (file: Uint8Array): readonly BundleItem[] => valueOf(parseBundle(file)).items;
const nothing = { envelopes: 0, feeds: 0, proofs: 0, known: 0, refused: 0 };

test("what was exported is, imported, the same to the fingerprint; and exported again, the same file", async () => {
  const { ana, key, file } = await lane();
  const other = emptyHolding(ana.holding, key);
  const { envelopes } = ana.holding.replica.tally();
  expect(await importBundle(other, file, never)).toEqual({
    brought: { ...nothing, envelopes, feeds: 2 },
    problem: null,
  });
  expect(other.replica.fingerprint()).toBe(ana.holding.replica.fingerprint());
  expect(other.replica.fingerprint()).not.toBeNull();
  expect(bytesToHex(await fileOf(other))).toBe(bytesToHex(file));
});

test("Z2: importing twice changes nothing", async () => {
  const { ana, key, file } = await lane();
  const other = emptyHolding(ana.holding, key);
  await importBundle(other, file, never);
  const before = other.replica.digest();
  expect(await importBundle(other, file, never)).toEqual({ brought: { ...nothing, known: 2 }, problem: null });
  expect(other.replica.digest()).toBe(before);
});

test("Z2: a file cut short brings what is whole in it, says so, and the next one brings the rest; in pieces of any size", async () => {
  const { ana, key, file } = await lane();
  const other = emptyHolding(ana.holding, key);
  const first = await importBundle(other, file.subarray(0, file.length - 400), never);
  expect(first).toEqual({
    brought: { ...nothing, envelopes: expect.any(Number) as number, feeds: 1 },
    problem: { kind: "cut-short" },
  });
  async function* inPieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < file.length; at += 333) yield file.subarray(at, at + 333);
  }
  const second = await importBundle(other, inPieces(), never);
  expect(second).toEqual({ brought: { ...nothing, envelopes: expect.any(Number) as number, feeds: 1, known: 1 }, problem: null });
  expect(other.replica.fingerprint()).toBe(ana.holding.replica.fingerprint());
});

test("Z1: what is wrong in a file is refused by the judge, and the rest comes", async () => {
  const { ana, key, file } = await lane();
  const [one, other] = itemsOf(file) as [BundleItem, BundleItem];
  const bent = one.bytes.slice();
  bent[bent.length - 70] = (bent[bent.length - 70] ?? 0) ^ 1; // in the last body: its hash is not what was signed
  const holding = emptyHolding(ana.holding, key);
  const { brought, problem } = await importBundle(
    holding,
    encodeBundle({ tag: ana.holding.tag, items: [{ kind: "chunk", bytes: bent }, other, { kind: "proof", bytes: bent }] }),
    never,
  );
  expect([brought, problem]).toEqual([{ ...nothing, envelopes: expect.any(Number) as number, feeds: 1, refused: 2 }, null]);
});

test("Z3: a file of another community is not opened", async () => {
  const { ana, file } = await lane();
  const { holding } = await foundHome({ seed: 9 });
  const before = holding.replica.digest();
  expect(await importBundle(holding, file, never)).toEqual({
    brought: nothing,
    problem: { kind: "foreign-community", tag: ana.holding.tag },
  });
  expect(holding.replica.digest()).toBe(before);
});

test("who holds no key carries a file blind, and gives it on as it is", async () => {
  const { ana, file } = await lane();
  const blind = emptyHolding(ana.holding, null);
  await importBundle(blind, file, never);
  expect(blind.replica.digest()).toBe(ana.holding.replica.digest());
  expect(blind.replica.community.posts()).toEqual([]);
  expect(bytesToHex(await fileOf(blind))).toBe(bytesToHex(file));
  const stranger = emptyHolding(ana.holding, epochKeyFrom(new Uint8Array(32)));
  expect((await importBundle(stranger, file, never)).brought).toEqual({ ...nothing, refused: 2 });
});

test("a fork travels with its proof: who imports it counts neither story behind it", async () => {
  const village = buildVillage(5);
  const { epoch } = village.group;
  const teller = emptyHolding(village.group, epoch);
  const items = village.feeds.map((feed): BundleItem => ({ kind: "chunk", bytes: encodeChunkOf(feed) }));
  const proof: BundleItem = { kind: "proof", bytes: encodeForkProof(village.proof) };
  const bundle = encodeBundle({ tag: village.group.tag, items: [...items, proof] });
  expect((await importBundle(teller, bundle, never)).brought).toMatchObject({ feeds: 4, proofs: 1, refused: 0 });
  const heard = emptyHolding(village.group, epoch);
  const { brought } = await importBundle(heard, await fileOf(teller), never);
  expect(brought).toMatchObject({ proofs: 1, refused: 0 });
  expect(heard.replica.digest()).toBe(teller.replica.digest());
  expect(heard.replica.fingerprint()).toBe(teller.replica.fingerprint());
  expect([...heard.replica.forks()]).toEqual([[village.proof.feed, village.proof.seq]]);
  // The other story, met as a chunk, is proved here.
  const third = emptyHolding(village.group, epoch);
  const both = encodeBundle({
    tag: village.group.tag,
    items: [...items, { kind: "chunk", bytes: encodeChunkOf(village.otherStory) }],
  });
  expect((await importBundle(third, both, never)).brought).toMatchObject({ proofs: 1, refused: 0 });
});

test("a chunk that continues nothing is left, and comes with the next file", async () => {
  const { ana, bo, key, file } = await lane();
  const holding = emptyHolding(ana.holding, key);
  const { feed } = bo.membership.helloSelf();
  const tail = feed === null ? null : await bo.holding.give(feed, 1, never);
  if (tail === null) throw new Error("Bo has said something");
  const early = encodeBundle({ tag: bo.holding.tag, items: [{ kind: "chunk", bytes: tail }] });
  expect(await importBundle(holding, early, never)).toEqual({ brought: { ...nothing, refused: 1 }, problem: null });
  expect((await importBundle(holding, file, never)).brought.feeds).toBe(2);
});

test("a disk that is full ends it, with what was brought so far", async () => {
  const { ana, key, file } = await lane();
  const shelf = openMemoryShelf();
  const holding = emptyHolding(ana.holding, key, shelf);
  shelf.failNextWrite({ kind: "disk-full" });
  expect(await importBundle(holding, file, never)).toEqual({ brought: nothing, problem: { kind: "disk-full" } });
  expect((await importBundle(holding, file, never)).brought.feeds).toBe(2);
});

test("an abort ends it", async () => {
  const { ana, key, file } = await lane();
  await expect(importBundle(emptyHolding(ana.holding, key), file, AbortSignal.abort())).rejects.toThrow();
});
