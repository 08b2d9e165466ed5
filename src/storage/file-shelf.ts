/**
 * The shelf of the hearth: LevelDB in a folder, for Node only (nothing that a browser loads imports it).
 *
 * One process, so a line (one write after the other) stands where the browser has transactions: what
 * a write reads stays true until its batch is in. The rows are file-rows.ts's.
 *
 * It owns `path`: the database in `level/` and the reserve in `ballast`. After a failed write LevelDB is
 * opened again, by the next write for which there is room (for own acts the reserve makes it); readings
 * under way at that moment reject. Until then what is held can be read.
 */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { err, ok, type FeedId, type Result, type Tag } from "../../protocol/index.ts";
import {
  assertAppend,
  assertName,
  assertSegment,
  coverBreak,
  endOf,
  fit,
  MAX_SEGMENT_COUNT,
  NOBODY,
  penAfter,
  penTaken,
  samePen,
} from "./continuity.ts";
import { freeBytes, usedBytes } from "./disk.ts";
import { createTails } from "./file-tails.ts";
import {
  extentIn,
  feedStart,
  feedIn,
  isLevelError,
  keyAt,
  openLevel,
  putPen,
  putRow,
  putSegment,
  reasonOf,
  segmentIn,
  tagIn,
  within,
  type Level,
  type OpenFileError,
  type Row,
} from "./file-rows.ts";
import { ballastBytes, createForeignGate, type Estimate } from "./quota.ts";
import { RESERVE_BYTES, type NotContiguous, type Shelf, type WriteError } from "./shelf.ts";

export interface FileShelfDeps {
  readonly path: string;
  /** What all communities may take, the reserve included; others' envelopes stop at 80 % of it. Own acts stop only at the disk's end. */
  readonly capacityBytes?: number;
  /** Milliseconds that only go forward. */
  readonly now?: () => number;
}

const BATCH = 32;
/**
 * Below this a failed write means a full disk. LevelDB says only that it failed, and by then it has
 * cleared away the table (up to 4 MiB, its write buffer) that did not fit.
 */
const FULL_BYTES = 4 * 1024 * 1024;

/** Abort leaves nothing open. */
export async function openFileShelf(deps: FileShelfDeps, signal: AbortSignal): Promise<Result<Shelf, OpenFileError>> {
  signal.throwIfAborted();
  const location = join(deps.path, "level");
  const ballast = join(deps.path, "ballast");

  const first = await openLevel(location);
  if (!first.ok) return first;
  let level = first.value;
  if (signal.aborted) await level.close();
  signal.throwIfAborted();

  const estimate = async (): Promise<Estimate> => {
    const usage = (await usedBytes(location)) + (await usedBytes(ballast));
    return { usage, quota: Math.min(deps.capacityBytes ?? Infinity, usage + (await freeBytes(deps.path))) };
  };
  const gate = createForeignGate({ estimate, now: deps.now ?? (() => performance.now()) });
  let closed = false;
  /** A write failed half-way: what LevelDB wrote behind it in the same log could be lost, so it is opened anew first. */
  let torn = false;
  let hasBallast = false;
  const tails = createTails(() => level);
  let last: Promise<unknown> = Promise.resolve();

  /** One after the other, whatever became of the one before. */
  function inLine<T>(work: () => Promise<T>): Promise<T> {
    const next = last.then(work);
    last = next.catch(() => undefined); // its caller has the error
    return next;
  }

  async function read<T>(signal: AbortSignal, take: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    if (closed) throw new Error("storage-failed: closed");
    return take().catch((cause: unknown) => {
      throw new Error(`storage-failed: ${reasonOf(cause)}`, { cause });
    });
  }

  /** `decide` reads and answers what to write and what to say then. An own act that meets a full disk is decided again once the reserve is spent (S5). */
  function write<T, E>(
    how: "own" | "strict" | "relaxed",
    signal: AbortSignal,
    decide: () => Promise<Result<Decided<T>, E>>,
  ): Promise<Result<T, E | WriteError>> {
    return inLine(async () => {
      for (;;) {
        signal.throwIfAborted();
        if (closed) return err({ kind: "storage-failed", reason: "closed" });
        if (torn) {
          const room = !(await isFull()) || (how === "own" && (await dropBallast()));
          const again = room ? await openAgain() : err({ kind: "disk-full" });
          if (!again.ok) return again;
        }
        try {
          const decided = await decide();
          if (!decided.ok) return decided;
          await level.batch([...decided.value.changes], { sync: how !== "relaxed" });
          tails.wrote(decided.value.changes);
          return ok(decided.value.value);
        } catch (cause) {
          if (!isLevelError(cause)) throw cause;
          torn = true;
          tails.forget();
          if (!(await isFull())) return err({ kind: "storage-failed", reason: reasonOf(cause) });
          gate.failed(); // and once more round, which ends at the full disk but for an own act and a reserve
        }
      }
    });
  }

  const isFull = async (): Promise<boolean> => (await freeBytes(deps.path)) < FULL_BYTES;

  async function openAgain(): Promise<Result<void, WriteError>> {
    await level.close();
    const again = await openLevel(location);
    if (!again.ok) return err({ kind: "storage-failed", reason: JSON.stringify(again.error) });
    level = again.value;
    torn = false;
    return ok(undefined);
  }

  /** False when there was none. */
  async function dropBallast(): Promise<boolean> {
    const had = (await usedBytes(ballast)) > 0;
    hasBallast = false;
    await rm(ballast, { force: true });
    return had;
  }

  /** True when the reserve lies there. Nobody takes it away but us, so the disk is asked once. */
  async function makeBallast(): Promise<boolean> {
    hasBallast ||= (await usedBytes(ballast)) === RESERVE_BYTES;
    if (hasBallast) return true;
    try {
      await writeFile(ballast, ballastBytes());
      hasBallast = true;
      return true;
    } catch {
      // Whatever the reason, half a reserve is none.
      await rm(ballast, { force: true });
      return false;
    }
  }

  /** Keys of the segments that hold any of [from, to), in order. None starts more than 255 before what it holds. */
  const keysOf = async (
    tag: Tag,
    feed: FeedId,
    from: number,
    to: number,
    view: { snapshot?: Snapshot } = {},
  ): Promise<string[]> => {
    const around = { gte: keyAt(tag, feed, from - MAX_SEGMENT_COUNT + 1), lt: keyAt(tag, feed, to) };
    const keys = await level.keys({ ...around, ...view }).all();
    return keys.filter((key) => endOf(extentIn(key)) > from);
  };

  return ok({
    tags: (signal) =>
      read(signal, async () => {
        const tags = new Set<Tag>();
        for (const kind of ["segment", "pen", "proof"]) {
          for (let after = `${kind}!`; ;) {
            const [key] = await level.keys({ gt: after, lt: `${kind}!\x7f`, limit: 1 }).all();
            if (key === undefined) break;
            const tag = tagIn(key);
            tags.add(tag);
            after = `${kind}!${tag}!\x7f`;
          }
        }
        return [...tags].sort();
      }),

    segments: async function* (tag, signal) {
      const rows = await read(signal, async () => level.iterator(within(`segment!${tag}!`)));
      try {
        for (;;) {
          const batch = await read(signal, () => rows.nextv(BATCH));
          if (batch.length === 0) return;
          yield batch.map(([key, bytes]) => segmentIn(key, bytes));
        }
      } finally {
        await rows.close();
      }
    },

    range: (tag, feed, from, to, signal) =>
      read(signal, async () => {
        const snapshot = level.snapshot(); // or a merge between the keys and the values takes them away
        try {
          const keys = await keysOf(tag, feed, from, to, { snapshot });
          const values = await level.getMany(keys, { snapshot });
          return keys.map((key, at) => segmentIn(key, values[at] as Uint8Array)); // of one snapshot
        } finally {
          await snapshot.close();
        }
      }),

    takePen: (tag, feed, token, signal) =>
      write("own", signal, async () => {
        if (await gate.admits(RESERVE_BYTES)) await makeBallast();
        const taken = penTaken(await tails.pen(tag, feed), await tails.end(tag, feed), feed, token);
        return taken.ok ? ok({ changes: [putPen(tag, taken.value)], value: taken.value }) : taken;
      }),

    append: async (tag, held, segment, signal) => {
      assertAppend(held, segment);
      return write("own", signal, async () => {
        const stored = await tails.pen(tag, segment.feed);
        if (!samePen(stored, held)) return err({ kind: "stale-writer", stored });
        const pen = penAfter(held, segment);
        return ok({ changes: [putSegment(tag, segment), putPen(tag, pen)], value: pen });
      });
    },

    putForeign: async (tag, segments, signal) => {
      segments.forEach(assertSegment);
      return write("relaxed", signal, async (): Promise<Result<Decided<void>, WriteError | NotContiguous>> => {
        // Side by side: each waits for a thread of LevelDB's.
        const feeds = [...new Set(segments.map(({ feed }) => feed))];
        const held = await Promise.all(
          feeds.map(async (feed) => {
            const [end, pen] = await Promise.all([tails.end(tag, feed), tails.pen(tag, feed)]);
            return { feed, end, pen };
          }),
        );
        const lengths = new Map(held.map(({ feed, end }) => [feed, endOf(end ?? NOTHING)]));
        const pens = new Map(held.map(({ feed, pen }) => [feed, pen]));
        const fresh = fit(lengths, segments);
        if (!fresh.ok) return fresh;
        const bytes = fresh.value.reduce((sum, segment) => sum + segment.bytes.length, 0);
        if (fresh.value.length > 0) {
          if (!(await gate.admits(bytes)) || !(await makeBallast())) return err({ kind: "disk-full" });
          gate.wrote(bytes);
        }
        const ends = new Map(fresh.value.map((segment) => [segment.feed, segment]));
        const changes: Row[] = fresh.value.map((segment) => putSegment(tag, segment));
        for (const [feed, end] of ends) {
          const pen = pens.get(feed) ?? null;
          if (pen !== null) changes.push(putPen(tag, { ...penAfter(pen, end), token: NOBODY }));
        }
        return ok({ changes, value: undefined });
      });
    },

    merge: async (tag, whole, signal) => {
      assertSegment(whole);
      return write("relaxed", signal, async () => {
        const keys = await keysOf(tag, whole.feed, whole.from, endOf(whole));
        const covered = keys.map(extentIn);
        const from = coverBreak(covered, covered.at(-1)?.head ?? null, whole);
        if (from !== null) return err({ kind: "not-contiguous", feed: whole.feed, from });
        const taken = keys.map((key): Row => ({ type: "del", key }));
        return ok({ changes: [...taken, putSegment(tag, whole)], value: undefined });
      });
    },

    drop: (tag, feed, signal) =>
      write("relaxed", signal, async () => {
        if ((await tails.pen(tag, feed)) !== null) return ok({ changes: [], value: false });
        const keys = await level.keys(within(feedStart(tag, feed))).all();
        return ok({ changes: keys.map((key): Row => ({ type: "del", key })), value: true });
      }),

    putProof: (tag, feed, proof, signal) =>
      write("strict", signal, async () => ok({ changes: [putRow(`proof!${tag}!${feed}`, proof)], value: undefined })),

    proofs: (tag, signal) =>
      read(signal, async () => {
        const rows = await level.iterator(within(`proof!${tag}!`)).all();
        return rows.map(([key, proof]) => ({ feed: feedIn(key), proof: new Uint8Array(proof) }));
      }),

    keep: async (name, bytes, signal) => {
      assertName(name);
      return write("own", signal, async () => ok({ changes: [putRow(`kept!${name}`, bytes)], value: undefined }));
    },

    recall: (name, signal) =>
      read(signal, async () => {
        const bytes = await level.get(`kept!${name}`);
        return bytes === undefined ? null : new Uint8Array(bytes);
      }),

    kept: (prefix, signal) =>
      read(signal, async () => {
        const rows = await level.iterator(within(`kept!${prefix}`)).all();
        return rows.map(([key, bytes]) => ({ name: key.slice("kept!".length), bytes: new Uint8Array(bytes) }));
      }),

    usage: async (signal) => {
      const answer = await read(signal, estimate);
      return { usedBytes: answer.usage, quotaBytes: answer.quota };
    },

    close: () => {
      closed = true;
      return inLine(() => level.close());
    },
  });
}

interface Decided<T> {
  readonly changes: readonly Row[];
  readonly value: T;
}
type Snapshot = ReturnType<Level["snapshot"]>;

const NOTHING = { from: 0, count: 0 };
