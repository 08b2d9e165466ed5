/**
 * The document cache: settled documents beside the log they follow from, so that a start need not replay it.
 *
 *   C1  The log is the truth and the cache never lies: what `open` hands out with a manifest is, bit for bit, the document
 *       that was marked with that manifest. Anything else on the disk (an update more, one less, a torn one, a mixture of two
 *       tabs) is no cache, and is cleared.
 *   C2  A manifest is stored behind the updates it speaks of, in one transaction with a hash of the document's state, because
 *       a state vector alone does not show a deletion that is missing.
 *   C3  Yjs is shown only updates that were written here, under this name, unchanged since; and only by `open`. A document
 *       that is followed is changed by nobody but its owner.
 *   C4  The cache may fail at any time, silently: the document goes on, `mark` answers false, `open` has no manifest. Nothing
 *       throws into the owner's transactions and no rejection is left unhandled. What fails is cleared, if it still can be.
 *   C5  Whoever opens or follows a name last has it. The handle that had it, in this tab or another, falls silent.
 *
 * What a manifest says, and whether it is still true, is its owner's to decide: compare it with the log, and on any
 * difference build the document anew and `follow` that one. The cache cannot see whether the log has moved on.
 *
 * One contract suite for every implementation: test/contracts/document-cache.contract.ts.
 */
import type { Doc } from "yjs";

export interface DocumentCache {
  /**
   * Loads what is cached under `name` (printable ASCII) into `doc`, which is new, empty and keeps what is deleted (`gc: false`).
   * With a manifest: `doc` is what it was when it was marked, and is followed from now on. Without: throw `doc` away, build
   * another one from the log, and `follow` that one; nothing is followed until then.
   *
   * Yjs may have replaced `doc.clientID`: set it after this. Nobody may observe or change `doc` before this resolves.
   * Takes at most OPEN_MS beside the time Yjs needs. Abort rejects, leaves what is cached as it is, and `doc` is to be thrown away.
   */
  readonly open: (name: string, doc: Doc, signal: AbortSignal) => Promise<CachedDocument>;
  /**
   * Deletes everything cached under names that start with `prefix`, also what is open. False when some of it may still be
   * there: the platform cannot list it, or another tab holds on to it.
   */
  readonly forgetAll: (prefix: string, signal: AbortSignal) => Promise<boolean>;
}

export interface CachedDocument {
  /** As it was marked, at the time of `open`. Null when there was none, it did not fit, or it could not be read. */
  readonly manifest: Uint8Array | null;
  /**
   * Forgets what is cached and follows `doc` instead, with all that it already holds (so build first, then follow: one
   * write). Not kept until it is marked. A later `follow` takes the place of an earlier one.
   */
  readonly follow: (doc: Doc) => Promise<void>;
  /**
   * What the followed document is at this moment belongs to `manifest`, of at most MAX_MANIFEST_BYTES. True when that is
   * stored. An update after it, without another mark, makes the cache useless at the next start: mark soon after each.
   * Costs a walk through the whole document.
   */
  readonly mark: (manifest: Uint8Array) => Promise<boolean>;
  /** Forgets all of it, and follows nothing. */
  readonly clear: () => Promise<void>;
  /** Stops following; what is cached stays. Closing twice is harmless. After it nothing else does anything. */
  readonly close: () => Promise<void>;
}

/** Half a million feeds' heads would not fit; a community of ours has hundreds. */
export const MAX_MANIFEST_BYTES = 1024 * 1024;
/** Waiting longer for a database that does not open would cost more than replaying the log. */
export const OPEN_MS = 5_000;
/** So many updates are merged into one (y-indexeddb's own number). */
export const TRIM_AT = 500;

/** What only our own mistake can get wrong. */
export function assertFollowable(doc: Doc): void {
  if (doc.gc) throw new Error("C1: a document that is cached keeps what is deleted (gc: false)");
}

export function assertFresh(doc: Doc): void {
  assertFollowable(doc);
  if (doc.store.clients.size > 0) throw new Error("C1: a cache is opened into an empty document");
}

export function assertManifest(manifest: Uint8Array): void {
  if (manifest.length > MAX_MANIFEST_BYTES) throw new Error(`C2: a manifest of ${manifest.length} bytes`);
}
