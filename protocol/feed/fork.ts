/**
 * Fork proof: two signed stories of one feed at one seq, which nobody but its device can have made.
 *
 *   version u8 = 1 ‖ device key 32 ‖ random 32 ‖ length of left u32 ‖ left ‖ right
 *   (left and right are chunks without bodies)
 *
 *   F1  Both chunks are of the feed that (tag, device key, random) names, and start at one seq behind one prev.
 *   F2  Their first ids differ; the lower one is `left`, so one fork of two chunks has one encoding.
 *   F3  Both tails are signed by the device: two checks, carried out by whoever takes the proof in.
 *   F4  The fork point of a feed is the lowest of its proofs: a minimum, so order does not matter.
 */
import { concatBytes, u32ToBytes } from "../codec/bytes.ts";
import { createReader } from "../codec/reader.ts";
import { feedIdOf, type FeedId, type Tag } from "../crypto/hash.ts";
import type { SignatureCheck } from "../crypto/signature.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { encodeChunk, linksOf, parseChunk, stripChunk, tailCheck, type Chunk, type ChunkError } from "./chunk.ts";

export interface ForkProof {
  readonly feed: FeedId;
  /** The first seq at which there are two envelopes. */
  readonly seq: number;
  readonly deviceKey: Uint8Array;
  readonly random: Uint8Array;
  readonly left: Chunk;
  readonly right: Chunk;
}

export type ForkProofError =
  | ChunkError
  | { readonly kind: "newer-proof"; readonly version: number }
  | { readonly kind: "not-a-fork"; readonly because: "cut-short" | "feed" | "anchor" | "same" | "order" | "bodies" };

/** Half of it is bounded by a chunk without bodies: 256 × 34 bytes and a table of key ids. */
export const MAX_PROOF_BYTES = 32_768;
const PROOF_VERSION = 1;

/** Total. The proof still waits for its two checks (`proofChecks`). */
export function parseForkProof(tag: Tag, bytes: Uint8Array): Result<ForkProof, ForkProofError> {
  if (bytes.length > MAX_PROOF_BYTES) return err({ kind: "too-large", bytes: bytes.length });
  const reader = createReader(bytes);
  const version = reader.u8();
  if (version !== null && version !== PROOF_VERSION) return err({ kind: "newer-proof", version });
  const deviceKey = reader.take(32);
  const random = reader.take(32);
  const leftLength = reader.u32();
  const leftBytes = leftLength === null ? null : reader.take(leftLength);
  const rightBytes = reader.take(reader.left());
  if (deviceKey === null || random === null || leftBytes === null || rightBytes === null)
    return err({ kind: "not-a-fork", because: "cut-short" });
  const left = parseChunk(leftBytes);
  if (!left.ok) return left;
  const right = parseChunk(rightBytes);
  if (!right.ok) return right;
  return proofOf(tag, deviceKey, random, left.value, right.value, "as-given");
}

/** From two chunks that start at one seq behind one prev; strips bodies and orders them. */
export const createForkProof = (
  tag: Tag,
  deviceKey: Uint8Array,
  random: Uint8Array,
  one: Chunk,
  other: Chunk,
): Result<ForkProof, ForkProofError> =>
  proofOf(tag, deviceKey, random, stripChunk(one, false), stripChunk(other, false), "sorted");

function proofOf(
  tag: Tag,
  deviceKey: Uint8Array,
  random: Uint8Array,
  one: Chunk,
  other: Chunk,
  order: "as-given" | "sorted",
): Result<ForkProof, ForkProofError> {
  const feed = feedIdOf(tag, deviceKey, random);
  if (one.feed !== feed || other.feed !== feed) return err({ kind: "not-a-fork", because: "feed" }); // F1
  if (one.from !== other.from || one.prev !== other.prev) return err({ kind: "not-a-fork", because: "anchor" }); // F1
  if ([...one.entries, ...other.entries].some((entry) => entry.body !== null))
    return err({ kind: "not-a-fork", because: "bodies" });
  const first = firstIdOf(tag, one);
  const second = firstIdOf(tag, other);
  if (first === second) return err({ kind: "not-a-fork", because: "same" }); // F2
  const isSorted = first < second;
  if (!isSorted && order === "as-given") return err({ kind: "not-a-fork", because: "order" }); // F2
  const [left, right] = isSorted ? [one, other] : [other, one];
  return ok({ feed, seq: one.from, deviceKey, random, left, right });
}

const firstIdOf = (tag: Tag, chunk: Chunk): string => linksOf(tag, { ...chunk, entries: chunk.entries.slice(0, 1) })[0]?.id ?? "";

export const encodeForkProof = (proof: ForkProof): Uint8Array => {
  const left = encodeChunk(proof.left);
  return concatBytes(
    new Uint8Array([PROOF_VERSION]),
    proof.deviceKey,
    proof.random,
    u32ToBytes(left.length),
    left,
    encodeChunk(proof.right),
  );
};

/** F3. */
export const proofChecks = (tag: Tag, proof: ForkProof): readonly SignatureCheck[] =>
  [proof.left, proof.right].map((chunk) => tailCheck(chunk, linksOf(tag, chunk), proof.deviceKey));
