/**
 * Sync messages: what two peers say to each other over one stream, one frame each.
 *
 *   1 digest     frontier digest 32
 *   2 frontier   flag u8 (1: more follow) ‖ entries of 72 bytes: feed 32, length u32, head 32, forked-at u32
 *   3 want       feed 32 ‖ from u32
 *   4 chunk      a chunk (feed/chunk.ts)
 *   5 none       feed 32: cannot serve what was wanted
 *   6 want-proof feed 32
 *   7 proof      a fork proof (feed/fork.ts)
 *   8 done       (nothing: I want no more)
 *
 *   G1  One encoding; a frame with a byte too many or too few is malformed.
 */
import { bytesToHex, concatBytes, hexToBytes, isAllZero, u32ToBytes } from "../codec/bytes.ts";
import { createReader, type Reader } from "../codec/reader.ts";
import { envelopeIdFromBytes, feedIdFromBytes, nameToBytes, type FeedId } from "../crypto/hash.ts";
import { MAX_CHUNK_BYTES } from "../feed/chunk.ts";
import { MAX_PROOF_BYTES } from "../feed/fork.ts";
import { NOT_FORKED, entryToBytes, type FrontierEntry } from "../feed/frontier.ts";
import { assertNever } from "../lang/assert-never.ts";
import { err, ok, type Result } from "../lang/result.ts";

export type SyncMessage =
  | { readonly kind: "digest"; readonly digest: string }
  | { readonly kind: "frontier"; readonly more: boolean; readonly entries: readonly FrontierEntry[] }
  | { readonly kind: "want"; readonly feed: FeedId; readonly from: number }
  | { readonly kind: "chunk"; readonly bytes: Uint8Array }
  | { readonly kind: "none"; readonly feed: FeedId }
  | { readonly kind: "want-proof"; readonly feed: FeedId }
  | { readonly kind: "proof"; readonly bytes: Uint8Array }
  | { readonly kind: "done" };

export type SyncMessageError = { readonly kind: "malformed-sync-message"; readonly at: string };

/** Feeds in one frontier message. */
export const FRONTIER_PAGE = 512;
const ENTRY_BYTES = 72;

const KINDS = { digest: 1, frontier: 2, want: 3, chunk: 4, none: 5, "want-proof": 6, proof: 7, done: 8 } as const;

export function encodeSyncMessage(message: SyncMessage): Uint8Array {
  const kind = new Uint8Array([KINDS[message.kind]]);
  switch (message.kind) {
    case "digest":
      return concatBytes(kind, hexToBytes(message.digest));
    case "frontier":
      return concatBytes(kind, new Uint8Array([message.more ? 1 : 0]), ...message.entries.flatMap(entryToBytes));
    case "want":
      return concatBytes(kind, nameToBytes(message.feed), u32ToBytes(message.from));
    case "none":
    case "want-proof":
      return concatBytes(kind, nameToBytes(message.feed));
    case "chunk":
    case "proof":
      return concatBytes(kind, message.bytes);
    case "done":
      return kind;
    default:
      return assertNever(message);
  }
}

/** Total. Chunks and proofs are handed on unread. */
export function parseSyncMessage(bytes: Uint8Array): Result<SyncMessage, SyncMessageError> {
  const reader = createReader(bytes);
  const kind = reader.u8();
  const message = kind === null ? null : readMessage(kind, reader);
  return message === null || reader.left() > 0
    ? err({ kind: "malformed-sync-message", at: kind === null ? "empty" : `kind ${kind}` })
    : ok(message);
}

function readMessage(kind: number, reader: Reader): SyncMessage | null {
  switch (kind) {
    case KINDS.digest: {
      const digest = reader.take(32);
      return digest && { kind: "digest", digest: bytesToHex(digest) };
    }
    case KINDS.frontier:
      return readFrontier(reader);
    case KINDS.want: {
      const feed = reader.take(32);
      const from = reader.u32();
      return feed === null || from === null ? null : { kind: "want", feed: feedIdFromBytes(feed), from };
    }
    case KINDS.none:
    case KINDS["want-proof"]: {
      const feed = reader.take(32);
      return feed && { kind: kind === KINDS.none ? "none" : "want-proof", feed: feedIdFromBytes(feed) };
    }
    case KINDS.chunk:
      return readRest(reader, MAX_CHUNK_BYTES, "chunk");
    case KINDS.proof:
      return readRest(reader, MAX_PROOF_BYTES, "proof");
    case KINDS.done:
      return { kind: "done" };
    default:
      return null;
  }
}

function readRest(reader: Reader, most: number, kind: "chunk" | "proof"): SyncMessage | null {
  if (reader.left() > most) return null;
  const bytes = reader.take(reader.left());
  return bytes && { kind, bytes };
}

function readFrontier(reader: Reader): SyncMessage | null {
  const more = reader.u8();
  if (more === null || more > 1 || reader.left() % ENTRY_BYTES !== 0 || reader.left() > FRONTIER_PAGE * ENTRY_BYTES) return null;
  const entries: FrontierEntry[] = [];
  while (reader.left() > 0) {
    const feed = reader.take(32);
    const length = reader.u32();
    const head = reader.take(32);
    const forkedAt = reader.u32();
    if (feed === null || length === null || head === null || forkedAt === null) return null;
    if ((length === 0) !== isAllZero(head) || length > forkedAt) return null; // G1
    entries.push({
      feed: feedIdFromBytes(feed),
      length,
      head: length === 0 ? null : envelopeIdFromBytes(head),
      forkedAt: forkedAt === NOT_FORKED ? null : forkedAt,
    });
  }
  return { kind: "frontier", more: more === 1, entries };
}
