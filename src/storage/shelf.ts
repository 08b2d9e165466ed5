/**
 * The shelf: where envelopes, keys and fork proofs lie on one device.
 *
 *   S1  The append is the lock: an own act is written only if the stored pen still has the
 *       head, length and token its writer knows, in the same transaction. Otherwise nothing
 *       is written and the writer learns that it has become a window.
 *   S2  What `append` and `keep` resolve is durable (strict); what `putForeign` resolves may be
 *       lost by a crash, and can be fetched again.
 *   S3  Segments of a feed never overlap and have no hole: a segment is stored at the end of
 *       what is held, replaced by a merge of the same range, or refused (`not-contiguous`).
 *       A pen always stands at the end of its feed.
 *   S4  A full disk is an answer, not an exception, and keeps what is there.
 *   S5  Own acts still fit after `full`: a ballast of RESERVE_BYTES is kept aside for them.
 *
 * The shelf reads no envelope: bytes were checked by whoever hands them in. What is handed in is
 * copied, and what is handed out is the caller's.
 *
 * Abort: a call rejects with `signal.reason`, and then nothing of it was written; a write that
 * was already committed resolves. A read rejects with an `Error` when the store is closed, gone
 * (deleted or upgraded by another tab) or broken: there is nothing to show until the app starts
 * anew. Writes say the same as `storage-failed`.
 * A segment with a count outside 1 to 256, an `append` that is not right behind its pen, an empty
 * token and a name that is not printable ASCII are our own mistakes, and throw.
 *
 * One contract suite for every implementation: test/contracts/shelf.contract.ts.
 */
import type { EnvelopeId, FeedId, Result, Tag } from "../../protocol/index.ts";

/** Up to 256 envelopes of one feed in the wire form of a chunk (protocol/README.md). */
export interface Segment {
  readonly feed: FeedId;
  /** Seq of the first envelope. */
  readonly from: number;
  /** 1 to 256. */
  readonly count: number;
  /** Id of the last envelope. */
  readonly head: EnvelopeId;
  readonly bytes: Uint8Array;
}

/** The right to write one's own feed, as it is stored. It stands at the end of what is held of that feed. */
export interface Pen {
  readonly feed: FeedId;
  readonly length: number;
  /** Null when length is 0. */
  readonly head: EnvelopeId | null;
  /**
   * Chance bytes in hex, new for each tab that takes the pen. Empty when `putForeign` brought
   * envelopes of this feed that were not written here (a clone wrote on): nobody holds the pen
   * then, every `append` is stale, and a new feed is due.
   */
  readonly token: string;
}

export type WriteError =
  | { readonly kind: "disk-full" }
  /** The store cannot be written for another reason; `reason` is for the log, not the screen. */
  | { readonly kind: "storage-failed"; readonly reason: string };

/** `from` is the first seq at which it does not fit: for `putForeign` the end of what is held of that feed. */
export interface NotContiguous {
  readonly kind: "not-contiguous";
  readonly feed: FeedId;
  readonly from: number;
}

/** `stored` is what is there now, for the new owner's sake; null when the feed has no pen yet. */
export type AppendError = WriteError | { readonly kind: "stale-writer"; readonly stored: Pen | null };

/** Envelopes that fork proofs and keys are kept beside, all of one community. */
export interface Shelf {
  /** Tags of all communities that have segments, pens or proofs stored, in order. */
  readonly tags: (signal: AbortSignal) => Promise<readonly Tag[]>;
  /**
   * All segments of a community, feed by feed, each feed in order of `from`, in batches of at most
   * 32. No envelope stored before the call is missed; a merge meanwhile may bring a segment that
   * repeats envelopes of the one before it.
   */
  readonly segments: (tag: Tag, signal: AbortSignal) => AsyncIterable<readonly Segment[]>;
  /** Segments that hold any of [from, to) of a feed, in order. */
  readonly range: (tag: Tag, feed: FeedId, from: number, to: number, signal: AbortSignal) => Promise<readonly Segment[]>;

  /**
   * Writes a new token into the pen of a feed (creating the pen, at the end of what is held, if
   * there is none) and returns what is stored now. Strict. A pen that does not stand at the end of
   * its feed was damaged from outside: `storage-failed`, nothing is written, open a new feed.
   */
  readonly takePen: (tag: Tag, feed: FeedId, token: string, signal: AbortSignal) => Promise<Result<Pen, WriteError>>;
  /** Writes own envelopes if the pen is still `held` (S1), and returns the pen as it is now. Strict (S2), from the reserve if need be (S5). */
  readonly append: (tag: Tag, held: Pen, segment: Segment, signal: AbortSignal) => Promise<Result<Pen, AppendError>>;
  /**
   * Others' envelopes, all or none, those of one feed in order. Segments that lie wholly within
   * what is held are passed over, by place: a fork is found before, by whoever compares ids.
   * Refused with `disk-full` over the quota (80 % of what the browser grants) or while the reserve
   * cannot be made. Relaxed.
   */
  readonly putForeign: (
    tag: Tag,
    segments: readonly Segment[],
    signal: AbortSignal,
  ) => Promise<Result<void, WriteError | NotContiguous>>;
  /**
   * Replaces the segments that lie within `whole`'s range by `whole`; refused unless they cover it
   * exactly and end with the same envelope. One segment may be replaced by another of its own range
   * (bodies erased). Relaxed: a crash brings back the segments that were replaced.
   */
  readonly merge: (tag: Tag, whole: Segment, signal: AbortSignal) => Promise<Result<void, WriteError | NotContiguous>>;

  /** Forgets the segments of another's feed; a feed that has a pen is one's own, stays, and answers false. Relaxed. */
  readonly drop: (tag: Tag, feed: FeedId, signal: AbortSignal) => Promise<Result<boolean, WriteError>>;

  /** One proof a feed; a later one replaces it. Strict. */
  readonly putProof: (tag: Tag, feed: FeedId, proof: Uint8Array, signal: AbortSignal) => Promise<Result<void, WriteError>>;
  readonly proofs: (tag: Tag, signal: AbortSignal) => Promise<readonly { readonly feed: FeedId; readonly proof: Uint8Array }[]>;

  /** Small secrets and settings by name (a path such as "identity" or "community/<tag>"). Strict, from the reserve if need be. */
  readonly keep: (name: string, bytes: Uint8Array, signal: AbortSignal) => Promise<Result<void, WriteError>>;
  readonly recall: (name: string, signal: AbortSignal) => Promise<Uint8Array | null>;
  /** All whose name starts with `prefix`, by name. */
  readonly kept: (
    prefix: string,
    signal: AbortSignal,
  ) => Promise<readonly { readonly name: string; readonly bytes: Uint8Array }[]>;

  /** Null where the platform cannot say. */
  readonly usage: (signal: AbortSignal) => Promise<{ readonly usedBytes: number; readonly quotaBytes: number } | null>;
  /** Closing twice is harmless. */
  readonly close: () => Promise<void>;
}

/** Kept aside so that a full disk still lets people speak (SECURITY 2.12: always 5 MiB for own acts). */
export const RESERVE_BYTES = 5 * 1024 * 1024;
