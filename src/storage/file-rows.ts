/**
 * How the hearth's shelf lies in LevelDB: its keys and values, and opening it. Node only.
 *
 * Keys are text that sorts as we read it; names and ids are ASCII without `!`, but for `kept`, where
 * the name is the last part. DEL sorts after all of it, so it ends every range.
 *
 *   segment!<tag>!<feed>!<from, 8 hex>!<count, 3 hex>!<head>   bytes of the segment
 *   pen!<tag>!<feed>                                           JSON of the pen
 *   proof!<tag>!<feed>    kept!<name>    store!version
 */
import { ClassicLevel } from "classic-level";
import { err, ok, type EnvelopeId, type FeedId, type Result, type Tag } from "../../protocol/index.ts";
import type { Extent } from "./continuity.ts";
import type { Pen, Segment, WriteError } from "./shelf.ts";

export type Level = ClassicLevel<string, Uint8Array>;
/** `locked`: another process, or another shelf of this one, has it open. */
export type OpenFileError = WriteError | { readonly kind: "locked" } | { readonly kind: "newer-store" };
export type Row =
  { readonly type: "put"; readonly key: string; readonly value: Uint8Array } | { readonly type: "del"; readonly key: string };

const VERSION = 1;
const VERSION_KEY = "store!version";

export async function openLevel(location: string): Promise<Result<Level, OpenFileError>> {
  // Sealed bytes do not compress.
  const level: Level = new ClassicLevel(location, { keyEncoding: "utf8", valueEncoding: "view", compression: false });
  try {
    await level.open();
    const version = await level.get(VERSION_KEY);
    if (version === undefined) await level.put(VERSION_KEY, encoder.encode(String(VERSION)));
    else if (Number(decoder.decode(version)) > VERSION) {
      await level.close();
      return err({ kind: "newer-store" });
    }
    return ok(level);
  } catch (cause) {
    await level.close();
    if (!isLevelError(cause)) throw cause;
    if (isLevelError(cause.cause) && cause.cause.code === "LEVEL_LOCKED") return err({ kind: "locked" });
    return err({ kind: "storage-failed", reason: reasonOf(cause) });
  }
}

export const isLevelError = (cause: unknown): cause is Error & { readonly code: string } =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" && cause.code.startsWith("LEVEL_");

export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause === undefined ? cause.message : `${cause.message} (${reasonOf(cause.cause)})`;
}

/** Everything whose key starts so. */
export const within = (start: string) => ({ gte: start, lt: `${start}\x7f` });

export const feedStart = (tag: Tag, feed: FeedId): string => `segment!${tag}!${feed}!`;
/** Sorts at or before the segment that starts at `seq`, and after all that start before. A seq below 0 sorts before all: `-` before `0`. */
export const keyAt = (tag: Tag, feed: FeedId, seq: number): string => feedStart(tag, feed) + hex(seq, 8);
export const penKey = (tag: Tag, feed: FeedId): string => `pen!${tag}!${feed}`;

export const isSegmentKey = (key: string): boolean => key.startsWith("segment!");
export const isPenKey = (key: string): boolean => key.startsWith("pen!");
/** `feedStart` of the feed that a segment's key is of. */
export const startIn = (key: string): string => feedStart(tagIn(key), feedIn(key));

export const putRow = (key: string, value: Uint8Array): Row => ({ type: "put", key, value });
export const putPen = (tag: Tag, pen: Pen): Row => putRow(penKey(tag, pen.feed), encoder.encode(JSON.stringify(pen)));
export const putSegment = (tag: Tag, { feed, from, count, head, bytes }: Segment): Row =>
  putRow(`${keyAt(tag, feed, from)}!${hex(count, 3)}!${head}`, bytes);

/** Only `putPen` writes there. */
export const penIn = (value: Uint8Array | undefined): Pen | null =>
  value === undefined ? null : (JSON.parse(decoder.decode(value)) as Pen);

// What stands in a key is what a segment was put with.
export const tagIn = (key: string): Tag => key.split("!")[1] as Tag;
export const feedIn = (key: string): FeedId => key.split("!")[2] as FeedId;

export function extentIn(key: string): Extent {
  const [, , , from = "", count = "", head = ""] = key.split("!");
  return { from: parseInt(from, 16), count: parseInt(count, 16), head: head as EnvelopeId };
}

/** LevelDB's memory stays its own: the bytes handed out have a buffer to themselves. */
export const segmentIn = (key: string, value: Uint8Array): Segment => ({
  feed: feedIn(key),
  ...extentIn(key),
  bytes: new Uint8Array(value),
});

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");
