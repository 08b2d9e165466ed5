import fc from "fast-check";
import { expect, test } from "vitest";
import { cutChunk, encodeChunk, joinChunks, parseChunk, type Chunk, type ChunkEntry } from "../../../protocol/feed/chunk.ts";
import { bodyHashOf } from "../../../protocol/envelope/envelope.ts";
import { birthFromBytes } from "../../../protocol/envelope/header.ts";
import type { EnvelopeId, FeedId, Tag } from "../../../protocol/crypto/hash.ts";
import type { KeyId } from "../../../protocol/crypto/seal.ts";
import { linksOf } from "../../../protocol/feed/chunk.ts";

const TAG = "01".repeat(32) as Tag;
const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const name = bytesOf(32).map((bytes) => Buffer.from(bytes).toString("hex"));
const entry = fc
  .record({
    key: fc.constantFrom("00", "01", "0a", "ff"),
    body: fc.uint8Array({ minLength: 1, maxLength: 300 }),
    absent: fc.boolean(),
  })
  .map(({ key, body, absent }): ChunkEntry => ({
    keyId: key.repeat(16) as KeyId,
    body: absent ? null : body,
    bodyHash: bodyHashOf(body),
  }));
const chunks: fc.Arbitrary<Chunk> = fc
  .record({
    feed: name,
    from: fc.oneof(fc.constant(0), fc.nat(0xffff_0000)),
    prev: name,
    birth: bytesOf(160),
    entries: fc.array(entry, { minLength: 1, maxLength: 12 }),
    signature: bytesOf(64),
  })
  .map(({ feed, from, prev, birth, entries, signature }) => ({
    feed: feed as FeedId,
    from,
    entries,
    signature,
    prev: from === 0 ? null : (prev as EnvelopeId),
    birth: from === 0 ? birthFromBytes(birth) : null,
  }));

test("C1: every chunk comes back as it was written", () => {
  fc.assert(fc.property(chunks, (chunk) => void expect(parseChunk(encodeChunk(chunk))).toEqual({ ok: true, value: chunk })));
});

test("cut into any pieces and joined again, a chunk is the same", () => {
  fc.assert(
    fc.property(chunks, fc.array(fc.nat(11)), (chunk, cuts) => {
      const links = linksOf(TAG, chunk);
      const seqs = [...new Set([0, ...cuts.filter((at) => at < chunk.entries.length)])].sort((a, b) => a - b);
      const pieces = seqs.map((at, index) => {
        const end = seqs[index + 1] ?? chunk.entries.length;
        const later = cutChunk(chunk, links, chunk.from + at);
        return { ...later, entries: later.entries.slice(0, end - at) };
      });
      expect(joinChunks(pieces)).toEqual(chunk);
      expect(pieces.flatMap((piece) => linksOf(TAG, piece))).toEqual(links);
    }),
  );
});

test("C2: a chunk with one thing changed has another last id", () => {
  fc.assert(
    fc.property(chunks, fc.nat(11), bytesOf(1), (chunk, at, extra) => {
      const index = at % chunk.entries.length;
      const entries = chunk.entries.map((each, i) =>
        i === index ? { ...each, bodyHash: bodyHashOf(Buffer.concat([each.bodyHash, extra])) } : each,
      );
      expect(linksOf(TAG, { ...chunk, entries }).at(-1)?.id).not.toBe(linksOf(TAG, chunk).at(-1)?.id);
    }),
  );
});
