/**
 * Continuity: the rules of the shelf as decisions over numbers and ids, one place for all shelves.
 *
 *   S1  `samePen`, `penAfter`: whose pen is it, and where does it stand after a write.
 *   S3  `fit`, `coverBreak`: what may be put at the end of a feed, what a merge may replace.
 *
 * A pen always stands at the end of its feed, because every write that makes the feed longer moves
 * the pen in the same transaction. Only damage from outside can part them; `penTaken` reports it
 * and nothing is written over: what was published is not known here, so the caller opens a new
 * feed instead of guessing where to cut (SECURITY 2.12 leaves both ways open).
 *
 * It knows no store. Reading what is held and writing what is decided, in one transaction, is the shelf's part.
 */
import { err, ok, type EnvelopeId, type FeedId, type Result } from "../../protocol/index.ts";
import type { NotContiguous, Pen, Segment, WriteError } from "./shelf.ts";

/** A segment without its bytes. */
export type Extent = Pick<Segment, "from" | "count" | "head">;

/** Envelopes of one feed in a segment: a chunk is never more (DESIGN 4.2). */
export const MAX_SEGMENT_COUNT = 256;
/** The token of a pen that nobody holds: its feed was made longer from outside. */
export const NOBODY = "";

const NAME = /^[\x21-\x7e]+$/;

/** Seq after the last envelope. */
export const endOf = (segment: Pick<Segment, "from" | "count">): number => segment.from + segment.count;

/** What only our own mistake can get wrong. */
export function assertSegment(segment: Segment): void {
  const { from, count } = segment;
  if (!Number.isSafeInteger(from) || from < 0) throw new Error(`a segment starts at seq ${from}`);
  if (!Number.isInteger(count) || count < 1 || count > MAX_SEGMENT_COUNT) throw new Error(`a segment of ${count} envelopes`);
}

/** Names are printable ASCII, so that every store sorts and finds them alike. */
export function assertName(name: string): void {
  if (!NAME.test(name)) throw new Error(`not a name to keep bytes under: ${JSON.stringify(name)}`);
}

/** An own act is written right behind what the writer holds; anything else is the writer's mistake. */
export function assertAppend(held: Pen, segment: Segment): void {
  assertSegment(segment);
  if (segment.feed !== held.feed || segment.from !== held.length) {
    throw new Error(
      `S3: a segment of ${segment.feed} at ${segment.from} was handed to the pen of ${held.feed} at ${held.length}`,
    );
  }
}

/** S1. */
export const samePen = (stored: Pen | null | undefined, held: Pen): boolean =>
  stored?.token === held.token && stored.length === held.length && stored.head === held.head;

/** The pen once `last` is the end of its feed. */
export const penAfter = (pen: Pen, last: Segment): Pen => ({ ...pen, length: endOf(last), head: last.head });

/** The pen of a feed with a new token. It stands at the end of what is held, and is refused where it does not. */
export function penTaken(
  stored: Pen | null | undefined,
  last: Extent | null,
  feed: FeedId,
  token: string,
): Result<Pen, WriteError> {
  if (token === NOBODY) throw new Error("a pen is taken with a token");
  const found: Pen = { feed, length: last === null ? 0 : endOf(last), head: last?.head ?? null, token };
  if (stored && !samePen({ ...stored, token }, found)) {
    return err({
      kind: "storage-failed",
      reason: `the pen of ${feed} stands at ${stored.length} (${stored.head}), its envelopes end at ${found.length} (${found.head})`,
    });
  }
  return ok(found);
}

/**
 * Which of `segments` to write, in the order given, when `lengths` says how many envelopes of
 * each feed are held (a feed not named: none). Those held already are left out.
 */
export function fit(
  lengths: ReadonlyMap<FeedId, number>,
  segments: readonly Segment[],
): Result<readonly Segment[], NotContiguous> {
  const ends = new Map(lengths);
  const fresh: Segment[] = [];
  for (const segment of segments) {
    const end = ends.get(segment.feed) ?? 0;
    if (endOf(segment) <= end) continue;
    if (segment.from !== end) return err({ kind: "not-contiguous", feed: segment.feed, from: end });
    ends.set(segment.feed, endOf(segment));
    fresh.push(segment);
  }
  return ok(fresh);
}

/**
 * The first seq at which `held` (in order, those that touch `whole`) does not cover `whole` exactly;
 * null when it does: same start, no hole, same end, and `head` (the last of `held`'s) the same.
 */
export function coverBreak(held: readonly Omit<Extent, "head">[], head: EnvelopeId | null, whole: Extent): number | null {
  let at = whole.from;
  for (const part of held) {
    if (part.from !== at) return at;
    at = endOf(part);
  }
  if (at < endOf(whole)) return at;
  return at === endOf(whole) && head === whole.head ? null : endOf(whole) - 1;
}
