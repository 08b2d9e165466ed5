import { beforeAll, describe, expect, test } from "vitest";
import { concatBytes, u16ToBytes, u32ToBytes } from "../../../protocol/codec/bytes.ts";
import { checkSignature } from "../../../protocol/crypto/signature.ts";
import { bindingOf } from "../../../protocol/envelope/header.ts";
import {
  MAX_CHUNK_BYTES,
  chunkOf,
  cutChunk,
  encodeChunk,
  joinChunks,
  parseChunk,
  stripChunk,
  tailCheck,
  type Chunk,
} from "../../../protocol/feed/chunk.ts";
import { linked, storyOf, whole, type Story } from "./feed.fixtures.ts";

let story: Story;
let chunk: Chunk;
let bytes: Uint8Array;
beforeAll(() => {
  story = storyOf(1, 4);
  chunk = whole(story.envelopes);
  bytes = encodeChunk(chunk);
});
const refusal = (input: Uint8Array) => {
  const result = parseChunk(input);
  return result.ok ? "accepted" : "at" in result.error ? result.error.at : result.error.kind;
};
/** A chunk of the middle, written by hand: its table of key ids and its entries are the test's. */
const byHand = (count: number, table: readonly number[], entries: Uint8Array): Uint8Array =>
  concatBytes(
    new Uint8Array([1]),
    new Uint8Array(32).fill(9),
    u32ToBytes(5),
    u16ToBytes(count),
    new Uint8Array(32).fill(8),
    u16ToBytes(table.length),
    ...table.map((fill) => new Uint8Array(16).fill(fill)),
    entries,
    new Uint8Array(64),
  );
const entry = (index: number, body = [7]) => [index, body.length, ...body];

describe("C1: one encoding", () => {
  test("what is parsed and written again is the same", () => {
    for (const each of [bytes, encodeChunk(stripChunk(chunk, true)), encodeChunk(chunkOf(story.envelopes[2]!))]) {
      const parsed = parseChunk(each);
      expect(parsed.ok && encodeChunk(parsed.value)).toEqual(each);
    }
  });
  test("a chunk by hand is accepted when it is right", () => {
    expect(refusal(byHand(3, [1, 2], new Uint8Array([...entry(0), ...entry(1), ...entry(0)])))).toBe("accepted");
  });
  test.each<readonly [string, number, readonly number[], readonly number[], string]>([
    ["an unused key id", 1, [1, 2], entry(0), "key-ids"],
    ["two, one unused", 2, [1, 2], [...entry(0), ...entry(0)], "entry"],
    ["a repeated key id", 2, [1, 1], [...entry(0), ...entry(1)], "key-ids"],
    ["no key id", 1, [], entry(0), "key-ids"],
    ["key ids out of order, all used", 3, [1, 2], [...entry(1), ...entry(0), ...entry(1)], "entry"],
    ["key ids out of order of first use", 2, [1, 2], [...entry(1), ...entry(0)], "entry"],
    ["an index past the table", 2, [1], [...entry(0), ...entry(1)], "entry"],
    ["a length that is not minimal", 1, [1], [0, 129, 0, 7], "signature"],
    ["no entries", 0, [1], [], "head"],
    ["257 entries", 257, [1], [], "head"],
  ])("%s is refused", (_, count, table, entries, at) => {
    expect(refusal(byHand(count, table, new Uint8Array(entries)))).toBe(at === "signature" ? "entry" : at);
  });
  test("a byte behind the signature is refused", () => expect(refusal(concatBytes(bytes, new Uint8Array(1)))).toBe("trailing"));
  test("every cut is refused", () => {
    for (let length = 0; length < bytes.length; length += 1) expect(refusal(bytes.subarray(0, length))).not.toBe("accepted");
  });
  test("another version is told apart", () =>
    expect(parseChunk(new Uint8Array([2]))).toEqual({ ok: false, error: { kind: "newer-version", version: 2 } }));
  test("a chunk past 1 MiB is refused by size alone", () =>
    expect(refusal(new Uint8Array(MAX_CHUNK_BYTES + 1))).toBe("too-large"));
  test("no chunk reaches past the last seq", () => {
    const late = byHand(1, [1], new Uint8Array(entry(0)));
    late.set(u32ToBytes(0xffff_fffe), 33);
    expect(refusal(late)).toBe("accepted");
    late.set(u32ToBytes(0xffff_ffff), 33);
    expect(refusal(late)).toBe("head");
  });
});

describe("C2: ids follow, and the last signature covers all", () => {
  test("the recomputed ids and bindings are the envelopes'", () => {
    const links = linked(story, chunk);
    expect(links.map(({ id }) => id)).toEqual(story.envelopes.map(({ id }) => id));
    expect(links.map(({ binding }) => binding)).toEqual(story.envelopes.map(bindingOf));
  });
  test("the tail signature holds, and not after any byte before it was changed", () => {
    const key = story.envelopes[0]!.birth!.deviceKey;
    expect(checkSignature(tailCheck(chunk, linked(story, chunk), key))).toBe(true);
    for (const at of [33 + 10, 60, 140, 210, 260, 500, bytes.length - 80]) {
      const bent = bytes.slice();
      bent[at]! ^= 1;
      const parsed = parseChunk(bent);
      if (!parsed.ok) continue;
      expect(checkSignature(tailCheck(parsed.value, linked(story, parsed.value), key)), `byte ${at}`).toBe(false);
    }
  });
  test("the signature of an envelope in the middle does not cover the tail", () => {
    const key = story.envelopes[0]!.birth!.deviceKey;
    const swapped = { ...chunk, signature: story.envelopes[1]!.signature };
    expect(checkSignature(tailCheck(swapped, linked(story, swapped), key))).toBe(false);
  });
});

test("C3: an absent body carries its hash, so ids and signature stay", () => {
  const bare = parseChunk(encodeChunk(stripChunk(chunk, false)));
  expect(bare.ok && bare.value.entries.map(({ body }) => body)).toEqual([null, null, null, null]);
  expect(bare.ok && linked(story, bare.value).map(({ id }) => id)).toEqual(story.envelopes.map(({ id }) => id));
});

describe("cut and join", () => {
  test("a cut chunk starts behind the one before", () => {
    const later = cutChunk(chunk, linked(story, chunk), 2);
    expect([later.from, later.prev, later.birth, later.entries.length]).toEqual([2, story.envelopes[1]!.id, null, 2]);
    expect(linked(story, later)).toEqual(linked(story, chunk).slice(2));
    expect(cutChunk(chunk, linked(story, chunk), 0)).toBe(chunk);
  });
  test("a seq outside is our own mistake", () => {
    expect(() => cutChunk(chunk, linked(story, chunk), 4)).toThrow("not in the chunk");
    expect(() => joinChunks([])).toThrow();
    expect(() => encodeChunk({ ...chunk, birth: null })).toThrow();
  });
});
