/**
 * Sync messages: what two peers say to each other over one stream, one frame each.
 *
 *   1 digest     frontier digest 32 ‖ feeds u32 ‖ nonce 8
 *   2 frontier   flag u8 (1: more follow) ‖ entries of 48 bytes: feed 32, length u32, forked-at u32, mark of the head 8
 *   3 want       feed 32 ‖ from u32
 *   4 chunk      a chunk (feed/chunk.ts)
 *   5 none       feed 32: cannot serve what was wanted
 *   6 want-proof feed 32
 *   7 proof      a fork proof (feed/fork.ts)
 *   8 done       (nothing: I want no more)
 *   9 buckets    short hashes of 2 bytes, one for each bucket that is compared
 *  10 outline    for each bucket that differs: number of its entries varint ‖ a short hash of 2 bytes for each
 *
 *   G1  One encoding; a frame with a byte too many or too few is malformed.
 */
import { bytesToHex, concatBytes, hexToBytes, isAllZero, u32ToBytes } from "../codec/bytes.ts";
import { createReader, varintToBytes, type Reader } from "../codec/reader.ts";
import { feedIdFromBytes, nameToBytes, type FeedId } from "../crypto/hash.ts";
import { MAX_CHUNK_BYTES } from "../feed/chunk.ts";
import { MAX_PROOF_BYTES } from "../feed/fork.ts";
import { NOT_FORKED } from "../feed/frontier.ts";
import { BRANCHES, LEAVES } from "../feed/frontier-tree.ts";
import { assertNever } from "../lang/assert-never.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { MARK_BYTES, SESSION_NONCE_BYTES, SHORT_BYTES, type Greeting, type ToldEntry } from "./narrowing.ts";

export type SyncMessage =
  | ({ readonly kind: "digest" } & Greeting)
  | { readonly kind: "frontier"; readonly more: boolean; readonly entries: readonly ToldEntry[] }
  | { readonly kind: "want"; readonly feed: FeedId; readonly from: number }
  | { readonly kind: "chunk"; readonly bytes: Uint8Array }
  | { readonly kind: "none"; readonly feed: FeedId }
  | { readonly kind: "want-proof"; readonly feed: FeedId }
  | { readonly kind: "proof"; readonly bytes: Uint8Array }
  | { readonly kind: "done" }
  | { readonly kind: "buckets"; readonly shorts: Uint8Array }
  /** One row of shorts for each bucket. */
  | { readonly kind: "outline"; readonly rows: readonly Uint8Array[] };

export type SyncMessageError = { readonly kind: "malformed-sync-message"; readonly at: string };

/** Feeds in one frontier message. */
export const FRONTIER_PAGE = 512;
const TOLD_ENTRY_BYTES = 48;
const MAX_BUCKETS = BRANCHES * LEAVES;

const KINDS = {
  digest: 1,
  frontier: 2,
  want: 3,
  chunk: 4,
  none: 5,
  "want-proof": 6,
  proof: 7,
  done: 8,
  buckets: 9,
  outline: 10,
} as const;

export function encodeSyncMessage(message: SyncMessage): Uint8Array {
  const kind = new Uint8Array([KINDS[message.kind]]);
  switch (message.kind) {
    case "digest":
      return concatBytes(kind, hexToBytes(message.digest), u32ToBytes(message.feeds), hexToBytes(message.nonce));
    case "frontier":
      return concatBytes(kind, new Uint8Array([message.more ? 1 : 0]), ...message.entries.flatMap(toldToBytes));
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
    case "buckets":
      return concatBytes(kind, message.shorts);
    case "outline":
      return concatBytes(kind, ...message.rows.flatMap((row) => [varintToBytes(row.length / SHORT_BYTES), row]));
    default:
      return assertNever(message);
  }
}

const toldToBytes = ({ feed, length, forkedAt, mark }: ToldEntry): readonly Uint8Array[] => [
  nameToBytes(feed),
  u32ToBytes(length),
  u32ToBytes(forkedAt ?? NOT_FORKED),
  hexToBytes(mark),
];

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
      const feeds = reader.u32();
      const nonce = reader.take(SESSION_NONCE_BYTES);
      if (digest === null || feeds === null || nonce === null) return null;
      return { kind: "digest", digest: bytesToHex(digest), feeds, nonce: bytesToHex(nonce) };
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
    case KINDS.buckets: {
      if (reader.left() % SHORT_BYTES !== 0 || reader.left() > MAX_BUCKETS * SHORT_BYTES) return null;
      const shorts = reader.take(reader.left());
      return shorts && { kind: "buckets", shorts };
    }
    case KINDS.outline:
      return readOutline(reader);
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
  if (more === null || more > 1) return null;
  if (reader.left() % TOLD_ENTRY_BYTES !== 0 || reader.left() > FRONTIER_PAGE * TOLD_ENTRY_BYTES) return null;
  const entries: ToldEntry[] = [];
  while (reader.left() > 0) {
    const feed = reader.take(32);
    const length = reader.u32();
    const forkedAt = reader.u32();
    const mark = reader.take(MARK_BYTES);
    if (feed === null || length === null || mark === null || forkedAt === null) return null;
    if ((length === 0 && !isAllZero(mark)) || length > forkedAt) return null; // G1
    entries.push({
      feed: feedIdFromBytes(feed),
      length,
      forkedAt: forkedAt === NOT_FORKED ? null : forkedAt,
      mark: bytesToHex(mark),
    });
  }
  return { kind: "frontier", more: more === 1, entries };
}

function readOutline(reader: Reader): SyncMessage | null {
  const rows: Uint8Array[] = [];
  while (reader.left() > 0) {
    const count = reader.varint();
    const row = count === null ? null : reader.take(count * SHORT_BYTES);
    if (row === null || rows.length === MAX_BUCKETS) return null;
    rows.push(row);
  }
  return { kind: "outline", rows };
}
