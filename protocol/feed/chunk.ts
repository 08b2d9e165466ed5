/**
 * Chunk: up to 256 envelopes of one feed in a row, carrying only what cannot be recomputed.
 *
 *   version u8 = 1 ‖ feed 32 ‖ from u32 ‖ count u16
 *   ‖ (from = 0: birth 160, else: prev 32)
 *   ‖ number of key ids u16 ‖ key ids 16 each, in order of first use
 *   ‖ for each envelope: index of its key id u8 ‖ body length varint ‖ body (length 0: body hash 32)
 *   ‖ signature 64 of the last envelope
 *
 *   C1  One encoding: no unused, repeated or unordered key id, no byte behind the signature.
 *   C2  Ids follow from the tag, the feed, `from`, `prev` and the bodies; so the last signature covers
 *       all of the chunk, and back to the anchor `prev`.
 *   C3  An absent body is marked and its hash carried.
 *   C4  The same bytes serve on the wire, on the shelf, in bundles and, without bodies, in fork proofs.
 *
 * It does not decide whether the chunk continues what is held (feed.ts), nor verifies (ingest.ts).
 */
import { concatBytes, hexToBytes, isAllZero, u16ToBytes, u32ToBytes } from "../codec/bytes.ts";
import { createReader, varintToBytes, type Reader } from "../codec/reader.ts";
import { envelopeIdFromBytes, feedIdFromBytes, nameToBytes, type EnvelopeId, type FeedId, type Tag } from "../crypto/hash.ts";
import type { KeyId } from "../crypto/seal.ts";
import { byNoble, type Primitives } from "../crypto/primitives.ts";
import type { SignatureCheck } from "../crypto/signature.ts";
import { MAX_BODY_BYTES, bodyHashOf, type Envelope } from "../envelope/envelope.ts";
import {
  BIRTH_BYTES,
  MAX_SEQ,
  bindingOf,
  birthFromBytes,
  birthToBytes,
  createHeaderRow,
  envelopeMessage,
  idOf,
  keyIdFromBytes,
  type Birth,
} from "../envelope/header.ts";
import { err, ok, type Result } from "../lang/result.ts";

export const CHUNK_VERSION = 1;
export const MAX_CHUNK_ENVELOPES = 256;
export const MAX_CHUNK_BYTES = 1_048_576;

export interface ChunkEntry {
  readonly keyId: KeyId;
  /** Null when absent: erased, or left out of a proof. */
  readonly body: Uint8Array | null;
  readonly bodyHash: Uint8Array;
}

export interface Chunk {
  readonly feed: FeedId;
  readonly from: number;
  /** Null exactly when `from` is 0. */
  readonly prev: EnvelopeId | null;
  /** Not null exactly when `from` is 0. */
  readonly birth: Birth | null;
  /** 1 to MAX_CHUNK_ENVELOPES. */
  readonly entries: readonly ChunkEntry[];
  /** Of the last envelope. */
  readonly signature: Uint8Array;
}

export type ChunkError =
  | { readonly kind: "too-large"; readonly bytes: number }
  | { readonly kind: "newer-version"; readonly version: number }
  | { readonly kind: "malformed"; readonly at: "head" | "key-ids" | "entry" | "signature" | "trailing" };

const malformed = (at: Extract<ChunkError, { kind: "malformed" }>["at"]): Result<never, ChunkError> =>
  err({ kind: "malformed", at });

/** Total, and allocates in proportion to the input only. The bodies are views into it. `by`: who hashes them (primitives.ts). */
export function parseChunk(bytes: Uint8Array, by: Primitives = byNoble): Result<Chunk, ChunkError> {
  if (bytes.length > MAX_CHUNK_BYTES) return err({ kind: "too-large", bytes: bytes.length });
  const reader = createReader(bytes);
  const version = reader.u8();
  if (version === null) return malformed("head");
  if (version !== CHUNK_VERSION) return err({ kind: "newer-version", version });
  const feed = reader.take(32);
  const from = reader.u32();
  const count = reader.u16();
  if (feed === null || from === null || count === null) return malformed("head");
  if (count < 1 || count > MAX_CHUNK_ENVELOPES || from > MAX_SEQ - count) return malformed("head");
  const birth = from === 0 ? reader.take(BIRTH_BYTES) : null;
  const prev = from === 0 ? null : reader.take(32);
  if (birth === null && (prev === null || isAllZero(prev))) return malformed("head"); // zeros are no id
  const keyIds = readKeyIds(reader, count);
  if (keyIds === null) return malformed("key-ids");
  const entries = readEntries(reader, count, keyIds, by);
  if (entries === null) return malformed("entry");
  const signature = reader.take(64);
  if (signature === null) return malformed("signature");
  if (reader.left() > 0) return malformed("trailing"); // C1
  return ok({
    feed: feedIdFromBytes(feed),
    from,
    prev: prev === null ? null : envelopeIdFromBytes(prev),
    birth: birth === null ? null : birthFromBytes(birth),
    entries,
    signature,
  });
}

/** What stands at the head of a chunk, by which it is weighed against what is held. */
export type ChunkHead = Pick<Chunk, "feed" | "from" | "prev" | "birth">;

/** The chunk of bytes that were parsed before, in another thread: what lies behind the head is read when somebody looks at it. */
export function reread({ feed, from, prev, birth }: ChunkHead, bytes: Uint8Array): Chunk {
  let known: Chunk | null = null;
  const whole = (): Chunk => {
    if (known !== null) return known;
    const parsed = parseChunk(bytes);
    if (!parsed.ok) throw new Error("C1: these bytes were a chunk before");
    return (known = parsed.value);
  };
  return {
    feed,
    from,
    prev,
    birth,
    get entries() {
      return whole().entries;
    },
    get signature() {
      return whole().signature;
    },
  };
}

function readKeyIds(reader: Reader, count: number): readonly KeyId[] | null {
  const number = reader.u16();
  if (number === null || number < 1 || number > count) return null;
  const keyIds: KeyId[] = [];
  for (let i = 0; i < number; i += 1) {
    const raw = reader.take(16);
    if (raw === null) return null;
    keyIds.push(keyIdFromBytes(raw));
  }
  return new Set(keyIds).size === number ? keyIds : null; // C1
}

function readEntries(reader: Reader, count: number, keyIds: readonly KeyId[], by: Primitives): readonly ChunkEntry[] | null {
  const entries: ChunkEntry[] = [];
  let used = 0;
  for (let i = 0; i < count; i += 1) {
    const index = reader.u8();
    const length = reader.varint();
    if (index === null || length === null || index > used || length > MAX_BODY_BYTES) return null;
    if (index === used) used += 1; // C1: first use in order
    const keyId = keyIds[index];
    const taken = length === 0 ? reader.take(32) : reader.view(length);
    if (keyId === undefined || taken === null) return null;
    entries.push(
      length === 0
        ? { keyId, body: null, bodyHash: taken } // C3
        : { keyId, body: taken, bodyHash: bodyHashOf(taken, by) },
    );
  }
  return used === keyIds.length ? entries : null; // C1
}

export function encodeChunk(chunk: Chunk): Uint8Array {
  const order = new Map<KeyId, number>();
  for (const { keyId } of chunk.entries) if (!order.has(keyId)) order.set(keyId, order.size);
  const parts: Uint8Array[] = [
    new Uint8Array([CHUNK_VERSION]),
    nameToBytes(chunk.feed),
    u32ToBytes(chunk.from),
    u16ToBytes(chunk.entries.length),
    chunk.birth !== null ? birthToBytes(chunk.birth) : chunk.prev !== null ? nameToBytes(chunk.prev) : noAnchor(),
    u16ToBytes(order.size),
    ...[...order.keys()].map((keyId) => hexToBytes(keyId)),
  ];
  for (const { keyId, body, bodyHash } of chunk.entries) {
    parts.push(new Uint8Array([order.get(keyId) ?? 0]), varintToBytes(body?.length ?? 0), body ?? bodyHash);
  }
  parts.push(chunk.signature);
  return concatBytes(...parts);
}

function noAnchor(): never {
  throw new Error("a chunk starts with a birth or behind a prev");
}

/** One envelope as a chunk of its own. */
export const chunkOf = (envelope: Envelope): Chunk => ({
  feed: envelope.feed,
  from: envelope.seq,
  prev: envelope.prev,
  birth: envelope.birth,
  entries: [{ keyId: envelope.keyId, body: envelope.body, bodyHash: envelope.bodyHash }],
  signature: envelope.signature,
});

/** One place of a chunk with what was recomputed for it (C2). */
export interface Link {
  readonly id: EnvelopeId;
  readonly seq: number;
  readonly keyId: KeyId;
  readonly body: Uint8Array | null;
  readonly bodyHash: Uint8Array;
  /** What the body's seal is bound to. */
  readonly binding: Uint8Array;
}

/** Recomputes every id of a chunk. Two hashes an envelope, of which `parseChunk` has made one. */
export function linksOf(tag: Tag, chunk: Chunk, by: Primitives = byNoble): readonly Link[] {
  const links: Link[] = [];
  const { feed, from, birth } = chunk;
  let next: ReturnType<typeof createHeaderRow> | null = null;
  for (const { keyId, body, bodyHash } of chunk.entries) {
    const seq = from + links.length;
    const isBirth = birth !== null && links.length === 0;
    if (!isBirth) next ??= createHeaderRow(tag, feed, links[0]?.id ?? chunk.prev, by);
    links.push({ seq, keyId, body, bodyHash, ...(next?.(seq, keyId, bodyHash) ?? first(tag, chunk, keyId, bodyHash, by)) });
  }
  return links;
}

/** The only header of a chunk that may carry a birth. */
function first(tag: Tag, { feed, from: seq, prev, birth }: Chunk, keyId: KeyId, bodyHash: Uint8Array, by: Primitives) {
  const binding = bindingOf({ tag, feed, seq, prev, keyId, birth });
  return { id: idOf(binding, bodyHash, by), binding };
}

/** A place and its id: all that a feed is compared by. */
export type Placed = Pick<Link, "id" | "seq">;

/** The one signature that covers all of a chunk. `links` are the chunk's. */
export function tailCheck(chunk: Chunk, links: readonly Link[], deviceKey: Uint8Array): SignatureCheck {
  const last = links.at(-1);
  if (last === undefined) throw new Error("a chunk is never empty");
  return { key: deviceKey, message: envelopeMessage(last.id), signature: chunk.signature };
}

/** The same chunk from a later seq on; `links` are the chunk's. `seq` lies inside it. */
export function cutChunk(chunk: Chunk, links: readonly Placed[], seq: number): Chunk {
  const drop = seq - chunk.from;
  if (drop === 0) return chunk;
  const before = links[drop - 1];
  if (before === undefined || drop >= chunk.entries.length) throw new Error(`seq ${seq} is not in the chunk`);
  return { ...chunk, from: seq, prev: before.id, birth: null, entries: chunk.entries.slice(drop) };
}

/** Chunks of one feed in a row, as one. At least one; the caller keeps to the limits. */
export function joinChunks(chunks: readonly Chunk[]): Chunk {
  const [first] = chunks;
  const last = chunks.at(-1);
  if (first === undefined || last === undefined) throw new Error("no chunk to join");
  return { ...first, entries: chunks.flatMap((chunk) => chunk.entries), signature: last.signature };
}

/** Without bodies: what a fork proof or an evidence carries (C4). `keepFirst` leaves the first body in. */
export const stripChunk = (chunk: Chunk, keepFirst: boolean): Chunk => ({
  ...chunk,
  entries: chunk.entries.map((entry, index) => (keepFirst && index === 0 ? entry : { ...entry, body: null })),
});
