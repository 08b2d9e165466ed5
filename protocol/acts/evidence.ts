/**
 * Evidence: a statement in its original signed bytes, carried inside another's act.
 *
 *   A chunk (feed/chunk.ts) that starts at the statement, whose first body is there and whose others are
 *   absent, up to the nearest signed envelope of that feed; behind 64 bytes: device key and random of the feed.
 *
 *   Y1  It names one statement: `id` is recomputed, and must be the act's `parent`.
 *   Y2  Its tail signature is one check, under a device key that must be admissible.
 */
import { concatBytes } from "../codec/bytes.ts";
import { feedIdOf, type EnvelopeId, type Tag } from "../crypto/hash.ts";
import type { SignatureCheck } from "../crypto/signature.ts";
import {
  encodeChunk,
  linksOf,
  parseChunk,
  stripChunk,
  tailCheck,
  type Chunk,
  type ChunkError,
  type Link,
} from "../feed/chunk.ts";
import { err, ok, type Result } from "../lang/result.ts";

export interface Evidence {
  /** Of the statement. */
  readonly id: EnvelopeId;
  readonly chunk: Chunk;
  /** The statement's place, with its body. */
  readonly link: Link;
  readonly deviceKey: Uint8Array;
  readonly check: SignatureCheck;
}

export type EvidenceError = ChunkError | { readonly kind: "not-evidence"; readonly because: "cut-short" | "feed" | "bodies" };

/** `chunk` starts at the statement and ends at a signed envelope of the same feed. */
export const encodeEvidence = (deviceKey: Uint8Array, random: Uint8Array, chunk: Chunk): Uint8Array =>
  concatBytes(deviceKey, random, encodeChunk(stripChunk(chunk, true)));

/** Total. */
export function parseEvidence(tag: Tag, bytes: Uint8Array): Result<Evidence, EvidenceError> {
  if (bytes.length < 64) return err({ kind: "not-evidence", because: "cut-short" });
  const deviceKey = bytes.slice(0, 32);
  const parsed = parseChunk(bytes.subarray(64));
  if (!parsed.ok) return parsed;
  const chunk = parsed.value;
  if (feedIdOf(tag, deviceKey, bytes.slice(32, 64)) !== chunk.feed) return err({ kind: "not-evidence", because: "feed" });
  const wholeBodies = chunk.entries.filter((entry) => entry.body !== null).length;
  if (wholeBodies !== 1 || chunk.entries[0]?.body === null) return err({ kind: "not-evidence", because: "bodies" });
  const links = linksOf(tag, chunk);
  const [link] = links;
  if (link === undefined) return err({ kind: "not-evidence", because: "cut-short" });
  return ok({ id: link.id, chunk, link, deviceKey, check: tailCheck(chunk, links, deviceKey) });
}
