/** Communities, feeds and segments for the shelf's tests: the shelf reads no envelope, so none is real. */
import { expect } from "vitest";
import type { EnvelopeId, FeedId, Result, Tag } from "../../protocol/index.ts";
import type { Pen, Segment, Shelf } from "../../src/storage/shelf.ts";

export interface ShelfHarness {
  readonly shelf: Shelf;
  /** Another handle on the same store, as another tab has; `shelf` itself where there can be only one. */
  readonly twin: () => Promise<Shelf>;
  /** Closes every handle and opens the store again. */
  readonly reopen: () => Promise<Shelf>;
}

/** `open` opens a new, empty store and tidies up when its test is finished. */
export type OpenShelf = (options?: { readonly capacityBytes?: number }) => Promise<ShelfHarness>;

/** 32 bytes in hex that begin with `start`. Minted here only because these tests never look inside. */
const name = (start: string) => start.padEnd(64, "0");
export const TAG = name("7a91") as Tag;
export const OTHER_TAG = name("7a92") as Tag;
export const ANA = name("a0a") as FeedId;
export const BO = name("b0") as FeedId;
export const CY = name("c7") as FeedId;

/** Nobody aborts it. */
export const calm = new AbortController().signal;

export const idOf = (feed: FeedId, seq: number): EnvelopeId =>
  name(`${feed.slice(0, 3)}${seq.toString(16).padStart(8, "0")}`) as EnvelopeId;

/** Envelopes [from, from + count) of a feed; the bytes say which, and are told apart by `note`. */
export function segmentOf(feed: FeedId, from: number, count: number, note = ""): Segment {
  const bytes = new TextEncoder().encode(`${feed.slice(0, 3)} ${from}+${count} ${note}`);
  return { feed, from, count, head: idOf(feed, from + count - 1), bytes };
}

/** One envelope of a feed in so many bytes. */
export const heavy = (feed: FeedId, seq: number, bytes: number): Segment => ({
  ...segmentOf(feed, seq, 1),
  bytes: new Uint8Array(bytes).fill(seq),
});

export function valueOf<T, E>(result: Result<T, E>): T {
  if (!result.ok) expect.fail(`refused: ${JSON.stringify(result.error)}`);
  return result.value;
}

export async function allOf(shelf: Shelf, tag: Tag): Promise<Segment[]> {
  const all: Segment[] = [];
  for await (const batch of shelf.segments(tag, calm)) all.push(...batch);
  return all;
}

/** A pen of Ana's whose feed holds one segment of so many envelopes. */
export async function penWith(shelf: Shelf, length: number): Promise<Pen> {
  const pen = valueOf(await shelf.takePen(TAG, ANA, "t1", calm));
  return valueOf(await shelf.append(TAG, pen, segmentOf(ANA, 0, length), calm));
}

/** Where each segment lies, for reading failures. */
export const placesOf = (segments: readonly Segment[]): string[] =>
  segments.map(({ feed, from, count }) => `${feed.slice(0, 3)} ${from}+${count}`);

/** S3, over everything that is stored of a community. */
export function expectContinuous(segments: readonly Segment[]): void {
  const ends = new Map<FeedId, number>();
  for (const segment of segments) {
    expect(segment.from, `S3: ${placesOf(segments).join(", ")}`).toBe(ends.get(segment.feed) ?? 0);
    ends.set(segment.feed, segment.from + segment.count);
  }
}
