/**
 * A shelf in memory, for tests and the simulator: no clock, no chance, and faults on request.
 *
 * It keeps what a disk would keep: strict writes, and the relaxed ones before them (a disk writes
 * its log in order). `crash()` takes back the relaxed writes since. Its capacity counts the bytes
 * handed in and the ballast, nothing else. It owns the disk it is opened with, shared by its twins.
 */
import { err, ok, type FeedId, type Result, type Tag } from "../../protocol/index.ts";
import {
  assertAppend,
  assertName,
  assertSegment,
  coverBreak,
  endOf,
  fit,
  NOBODY,
  penAfter,
  penTaken,
  samePen,
} from "./continuity.ts";
import { FOREIGN_SHARE } from "./quota.ts";
import { RESERVE_BYTES, type Pen, type Segment, type Shelf, type WriteError } from "./shelf.ts";

export interface MemoryShelf extends Shelf {
  /** The same store in another tab. */
  readonly twin: () => MemoryShelf;
  /** What the device finds when it starts again; this shelf and its twins are dead. */
  readonly crash: () => MemoryShelf;
  /** The disk caught up: nothing written so far is lost by a crash. */
  readonly settle: () => void;
  /** The next write of any kind writes nothing and answers this. */
  readonly failNextWrite: (error: WriteError) => void;
}

/** Without `capacityBytes` the disk never fills. */
export function openMemoryShelf(options: { readonly capacityBytes?: number } = {}): MemoryShelf {
  return openOn(createDisk(options.capacityBytes ?? Infinity));
}

const BATCH = 32;

type Disk = ReturnType<typeof createDisk>;

function createDisk(capacityBytes: number) {
  return {
    capacityBytes,
    usedBytes: 0,
    hasBallast: false,
    segments: new Map<Tag, Map<FeedId, Segment[]>>(),
    pens: new Map<Tag, Map<FeedId, Pen>>(),
    proofs: new Map<Tag, Map<FeedId, Uint8Array>>(),
    kept: new Map<string, Uint8Array>(),
    /** Takes back the relaxed writes since the last strict one, the last first. */
    undo: [] as (() => void)[],
    nextError: null as WriteError | null,
    crashes: 0,
  };
}

function openOn(disk: Disk): MemoryShelf {
  const bornAfter = disk.crashes;
  let closed = false;
  const gone = (): string | null => (closed ? "closed" : disk.crashes > bornAfter ? "crashed" : null);

  async function read<T>(signal: AbortSignal, take: () => T): Promise<T> {
    signal.throwIfAborted();
    const reason = gone();
    if (reason !== null) throw new Error(`storage-failed: ${reason}`);
    return take();
  }

  async function write<T, E>(
    durability: "strict" | "relaxed",
    signal: AbortSignal,
    change: () => Result<T, E | WriteError>,
  ): Promise<Result<T, E | WriteError>> {
    signal.throwIfAborted();
    const reason = gone();
    if (reason !== null) return err({ kind: "storage-failed", reason });
    if (disk.nextError !== null) {
      const error = disk.nextError;
      disk.nextError = null;
      return err(error);
    }
    const changed = change();
    if (changed.ok && durability === "strict") disk.undo.length = 0;
    return changed;
  }

  const shelf: MemoryShelf = {
    tags: (signal) =>
      read(signal, () => {
        const found = [disk.segments, disk.pens, disk.proofs].flatMap((table) => [...table].filter(([, rows]) => rows.size > 0));
        return [...new Set(found.map(([tag]) => tag))].sort();
      }),

    segments: async function* (tag, signal) {
      const all = await read(signal, () => sorted(disk.segments.get(tag)).flatMap(([, rows]) => rows.map(copied)));
      for (let at = 0; at < all.length; at += BATCH) {
        yield await read(signal, () => all.slice(at, at + BATCH));
      }
    },

    range: (tag, feed, from, to, signal) =>
      read(signal, () =>
        rowsOf(disk, tag, feed)
          .filter((row) => row.from < to && endOf(row) > from)
          .map(copied),
      ),

    takePen: (tag, feed, token, signal) =>
      write("strict", signal, () => {
        const pens = tableOf(disk.pens, tag);
        const taken = penTaken(pens.get(feed), rowsOf(disk, tag, feed).at(-1) ?? null, feed, token);
        if (!taken.ok) return taken;
        makeBallast(disk, disk.capacityBytes * FOREIGN_SHARE);
        set(disk, pens, feed, taken.value);
        return taken;
      }),

    append: async (tag, held, segment, signal) => {
      assertAppend(held, segment);
      return write("strict", signal, () => {
        const pens = tableOf(disk.pens, tag);
        const stored = pens.get(segment.feed) ?? null;
        if (!samePen(stored, held)) return err({ kind: "stale-writer", stored });
        if (!roomForOwn(disk, segment.bytes.length)) return err({ kind: "disk-full" });
        const pen = penAfter(held, segment);
        push(disk, tag, segment);
        set(disk, pens, segment.feed, pen);
        return ok(pen);
      });
    },

    putForeign: async (tag, segments, signal) => {
      segments.forEach(assertSegment);
      return write("relaxed", signal, () => {
        const lengths = new Map(segments.map(({ feed }) => [feed, endOf(rowsOf(disk, tag, feed).at(-1) ?? NOTHING)]));
        const fresh = fit(lengths, segments);
        if (!fresh.ok) return fresh;
        const bytes = fresh.value.reduce((sum, segment) => sum + segment.bytes.length, 0);
        if (fresh.value.length === 0) return ok(undefined);
        const limit = disk.capacityBytes * FOREIGN_SHARE;
        if (!makeBallast(disk, limit - bytes) || disk.usedBytes + bytes > limit) return err({ kind: "disk-full" });
        const pens = tableOf(disk.pens, tag);
        for (const segment of fresh.value) {
          push(disk, tag, segment);
          const pen = pens.get(segment.feed);
          if (pen) set(disk, pens, segment.feed, { ...penAfter(pen, segment), token: NOBODY });
        }
        return ok(undefined);
      });
    },

    merge: async (tag, whole, signal) => {
      assertSegment(whole);
      return write("relaxed", signal, () => {
        const rows = rowsOf(disk, tag, whole.feed);
        const covered = rows.filter((row) => row.from < endOf(whole) && endOf(row) > whole.from);
        const from = coverBreak(covered, covered.at(-1)?.head ?? null, whole);
        if (from !== null) return err({ kind: "not-contiguous", feed: whole.feed, from });
        const more = whole.bytes.length - covered.reduce((sum, row) => sum + row.bytes.length, 0);
        if (disk.usedBytes + more > disk.capacityBytes) return err({ kind: "disk-full" });
        const at = rows.indexOf(covered[0] as Segment); // coverBreak saw at least one
        rows.splice(at, covered.length, copied(whole));
        charge(disk, more);
        disk.undo.push(() => rows.splice(at, 1, ...covered));
        return ok(undefined);
      });
    },

    drop: (tag, feed, signal) =>
      write("relaxed", signal, () => {
        if (tableOf(disk.pens, tag).has(feed)) return ok(false);
        const feeds = tableOf(disk.segments, tag);
        const rows = feeds.get(feed);
        if (rows === undefined) return ok(true);
        feeds.delete(feed);
        charge(disk, -rows.reduce((sum, row) => sum + row.bytes.length, 0));
        disk.undo.push(() => feeds.set(feed, rows));
        return ok(true);
      }),

    putProof: (tag, feed, proof, signal) =>
      write("strict", signal, () => {
        const proofs = tableOf(disk.proofs, tag);
        const more = proof.length - (proofs.get(feed)?.length ?? 0);
        if (disk.usedBytes + more > disk.capacityBytes) return err({ kind: "disk-full" });
        charge(disk, more);
        set(disk, proofs, feed, new Uint8Array(proof));
        return ok(undefined);
      }),

    proofs: (tag, signal) =>
      read(signal, () => sorted(disk.proofs.get(tag)).map(([feed, proof]) => ({ feed, proof: new Uint8Array(proof) }))),

    keep: async (name, bytes, signal) => {
      assertName(name);
      return write("strict", signal, () => {
        const more = bytes.length - (disk.kept.get(name)?.length ?? 0);
        if (!roomForOwn(disk, more)) return err({ kind: "disk-full" });
        charge(disk, more);
        set(disk, disk.kept, name, new Uint8Array(bytes));
        return ok(undefined);
      });
    },

    recall: (name, signal) => read(signal, () => copy(disk.kept.get(name))),

    kept: (prefix, signal) =>
      read(signal, () =>
        sorted(disk.kept)
          .filter(([name]) => name.startsWith(prefix))
          .map(([name, bytes]) => ({ name, bytes: new Uint8Array(bytes) })),
      ),

    usage: (signal) =>
      read(signal, () =>
        disk.capacityBytes === Infinity ? null : { usedBytes: disk.usedBytes, quotaBytes: disk.capacityBytes },
      ),

    close: async () => {
      closed = true;
    },

    twin: () => openOn(disk),

    crash: () => {
      for (let undo = disk.undo.pop(); undo !== undefined; undo = disk.undo.pop()) undo();
      disk.crashes++;
      return openOn(disk);
    },

    settle: () => {
      disk.undo.length = 0;
    },

    failNextWrite: (error) => {
      disk.nextError = error;
    },
  };
  return shelf;
}

const NOTHING = { from: 0, count: 0 };

const copy = (bytes: Uint8Array | undefined): Uint8Array | null => (bytes === undefined ? null : new Uint8Array(bytes));

const copied = (segment: Segment): Segment => ({ ...segment, bytes: new Uint8Array(segment.bytes) });

const sorted = <K extends string, V>(table: ReadonlyMap<K, V> | undefined): [K, V][] =>
  [...(table ?? [])].sort(([left], [right]) => (left < right ? -1 : 1));

function tableOf<V>(tables: Map<Tag, Map<FeedId, V>>, tag: Tag): Map<FeedId, V> {
  const table = tables.get(tag) ?? new Map<FeedId, V>();
  tables.set(tag, table);
  return table;
}

/** Empty and not kept when there are none. */
const rowsOf = (disk: Disk, tag: Tag, feed: FeedId): Segment[] => disk.segments.get(tag)?.get(feed) ?? [];

function push(disk: Disk, tag: Tag, segment: Segment): void {
  const feeds = tableOf(disk.segments, tag);
  const rows = feeds.get(segment.feed) ?? [];
  feeds.set(segment.feed, rows);
  rows.push(copied(segment));
  charge(disk, segment.bytes.length);
  disk.undo.push(() => {
    rows.pop();
    if (rows.length === 0) feeds.delete(segment.feed);
  });
}

function set<K, V>(disk: Disk, table: Map<K, V>, key: K, value: V): void {
  const before = table.get(key);
  table.set(key, value);
  disk.undo.push(() => (before === undefined ? table.delete(key) : table.set(key, before)));
}

function charge(disk: Disk, bytes: number): void {
  disk.usedBytes += bytes;
  disk.undo.push(() => (disk.usedBytes -= bytes));
}

/** The ballast is not part of what a crash takes back: it holds nothing. */
function makeBallast(disk: Disk, limitBytes: number): boolean {
  if (!disk.hasBallast && disk.usedBytes + RESERVE_BYTES > limitBytes) return false;
  if (!disk.hasBallast) disk.usedBytes += RESERVE_BYTES;
  disk.hasBallast = true;
  return true;
}

/** S5: gives up the ballast for an own act that does not fit beside it. */
function roomForOwn(disk: Disk, bytes: number): boolean {
  if (disk.usedBytes + bytes > disk.capacityBytes && disk.hasBallast) {
    disk.hasBallast = false;
    disk.usedBytes -= RESERVE_BYTES;
  }
  return disk.usedBytes + bytes <= disk.capacityBytes;
}
