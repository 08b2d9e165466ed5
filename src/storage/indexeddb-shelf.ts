/**
 * The shelf of the browser: one IndexedDB database, all communities in it.
 *
 * A segment is one row whose bytes own their buffer. Each method is one transaction, which is what
 * makes S1 and S3 hold between tabs; own acts may take two more (S5: give up the ballast, try again).
 * Rows read and written at once: DESIGN 5, SECURITY 2.12, BENCH "What follows" 2.
 * It owns its connection (indexeddb-store.ts) and closes it.
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
import { openIndexedDbStore, type Reading, type StoredBytes, type StoreName, type Writing } from "./indexeddb-store.ts";
import { ballastBytes, createForeignGate, type Estimate } from "./quota.ts";
import { RESERVE_BYTES, type NotContiguous, type Segment, type Shelf, type WriteError } from "./shelf.ts";

export interface IndexedDbShelfDeps {
  readonly name: string;
  readonly indexedDB?: IDBFactory;
  /** `navigator.storage.estimate`; null, or left out, where the platform cannot say. Never rejects. */
  readonly estimate?: () => Promise<Estimate | null>;
  /** Milliseconds that only go forward. */
  readonly now?: () => number;
}

const BATCH = 32;
const BALLAST = "reserve";

/** Abort leaves nothing open. `newer-store`: a newer Kith was here; its store is not touched. */
export async function openIndexedDbShelf(
  deps: IndexedDbShelfDeps,
  signal: AbortSignal,
): Promise<Result<Shelf, WriteError | { readonly kind: "newer-store" }>> {
  const opened = await openIndexedDbStore({ name: deps.name, indexedDB: deps.indexedDB ?? indexedDB }, signal);
  if (!opened.ok) return opened;
  const store = opened.value;
  const estimate = deps.estimate ?? (async () => null);
  const gate = createForeignGate({ estimate, now: deps.now ?? (() => performance.now()) });

  /** S5. `work` may run twice. */
  async function writeOwn<T, E>(
    names: StoreName[],
    signal: AbortSignal,
    work: (tx: Writing) => Promise<Result<T, E>>,
  ): Promise<Result<T, E | WriteError>> {
    const first = await store.write(names, "strict", signal, work);
    if (first.ok || !isDiskFull(first.error)) return first;
    const dropped = await store.write(["ballast"], "strict", signal, async (tx) => {
      await tx.objectStore("ballast").delete(BALLAST);
      return ok(undefined);
    });
    return dropped.ok ? store.write(names, "strict", signal, work) : first;
  }

  const shelf: Shelf = {
    tags: (signal) =>
      store.read(["segments", "pens", "proofs"], signal, async (tx) => {
        const found = await Promise.all((["segments", "pens", "proofs"] as const).map((name) => tagsIn(tx, name)));
        return [...new Set(found.flat())].sort();
      }),

    segments: async function* (tag, signal) {
      let after: { readonly feed: FeedId; readonly seq: number } | null = null;
      for (;;) {
        const batch: readonly Segment[] = await store.read(["segments"], signal, async (tx) => {
          // A merge may have swallowed the row we stopped behind: go on from the row that holds the next seq.
          const lower = after === null ? [tag] : await keyHolding(tx, tag, after.feed, after.seq);
          return tx.objectStore("segments").getAll(IDBKeyRange.bound(lower, [tag, []]), BATCH);
        });
        const last = batch.at(-1);
        if (last === undefined) return;
        yield batch;
        after = { feed: last.feed, seq: endOf(last) };
      }
    },

    range: async (tag, feed, from, to, signal) =>
      store.read(["segments"], signal, async (tx) => {
        if (to <= from) return [];
        const lower = await keyHolding(tx, tag, feed, from);
        return tx.objectStore("segments").getAll(IDBKeyRange.bound(lower, [tag, feed, to], false, true));
      }),

    takePen: async (tag, feed, token, signal) => {
      // Without a reserve one can still speak, so what became of it does not matter here.
      if (await gate.admits(RESERVE_BYTES)) await store.write(["ballast"], "relaxed", signal, makeBallast);
      return writeOwn(["segments", "pens"], signal, async (tx) => {
        const pens = tx.objectStore("pens");
        const [stored, lastKey] = await Promise.all([pens.get([tag, feed]), lastKeyOf(tx, tag, feed)]);
        const last = lastKey === null ? null : await tx.objectStore("segments").get(lastKey);
        const taken = penTaken(stored, last ?? null, feed, token);
        if (taken.ok) await pens.put(taken.value, [tag, feed]);
        return taken;
      });
    },

    append: async (tag, held, segment, signal) => {
      assertAppend(held, segment);
      return writeOwn(["segments", "pens"], signal, async (tx) => {
        const pens = tx.objectStore("pens");
        const stored = (await pens.get([tag, segment.feed])) ?? null;
        if (!samePen(stored, held)) return err({ kind: "stale-writer", stored });
        const pen = penAfter(held, segment);
        await Promise.all([putSegment(tx, tag, segment), pens.put(pen, [tag, segment.feed])]);
        return ok(pen);
      });
    },

    putForeign: async (tag, segments, signal) => {
      segments.forEach(assertSegment);
      const admitted = await gate.admits(bytesIn(segments));
      const put = await store.write(
        ["segments", "pens", "ballast"],
        "relaxed",
        signal,
        async (tx): Promise<Result<readonly Segment[], PutError>> => {
          const feeds = [...new Set(segments.map(({ feed }) => feed))];
          const lengths = await Promise.all(feeds.map(async (feed) => [feed, await lengthOf(tx, tag, feed)] as const));
          const fresh = fit(new Map(lengths), segments);
          if (!fresh.ok || fresh.value.length === 0) return fresh;
          if (!admitted) return err({ kind: "disk-full" });
          const last = new Map(fresh.value.map((segment) => [segment.feed, segment]));
          await Promise.all([
            makeBallast(tx),
            ...fresh.value.map((segment) => putSegment(tx, tag, segment)),
            ...[...last.values()].map((segment) => movePen(tx, tag, segment)),
          ]);
          return fresh;
        },
      );
      if (put.ok) gate.wrote(bytesIn(put.value));
      else if (admitted && put.error.kind === "disk-full") gate.failed();
      return put.ok ? ok(undefined) : put;
    },

    merge: async (tag, whole, signal) => {
      assertSegment(whole);
      return store.write(["segments"], "relaxed", signal, async (tx) => {
        const rows = tx.objectStore("segments");
        const lower = await keyHolding(tx, tag, whole.feed, whole.from);
        const keys = await rows.getAllKeys(IDBKeyRange.bound(lower, [tag, whole.feed, endOf(whole)], false, true));
        const lastKey = keys.at(-1);
        const head = lastKey === undefined ? null : ((await rows.get(lastKey))?.head ?? null);
        const from = coverBreak(keys.map(extentIn), head, whole);
        if (from !== null) return err({ kind: "not-contiguous", feed: whole.feed, from });
        await Promise.all([...keys.map((key) => rows.delete(key)), putSegment(tx, tag, whole)]);
        return ok(undefined);
      });
    },

    drop: (tag, feed, signal) =>
      store.write(["segments", "pens"], "relaxed", signal, async (tx) => {
        if ((await tx.objectStore("pens").get([tag, feed])) !== undefined) return ok(false);
        const rows = tx.objectStore("segments");
        const keys = await rows.getAllKeys(IDBKeyRange.bound([tag, feed], [tag, feed, []]));
        await Promise.all(keys.map((key) => rows.delete(key)));
        return ok(true);
      }),

    putProof: (tag, feed, proof, signal) =>
      store.write(["proofs"], "strict", signal, async (tx) => {
        await tx.objectStore("proofs").put(owned(proof), [tag, feed]);
        return ok(undefined);
      }),

    proofs: (tag, signal) =>
      store.read(["proofs"], signal, async (tx) => {
        const rows = tx.objectStore("proofs");
        const all = IDBKeyRange.bound([tag], [tag, []]);
        const [keys, proofs] = await Promise.all([rows.getAllKeys(all), rows.getAll(all)]);
        // Keys and values of one transaction, in one order; and a key's second part is the feed it was put under.
        return keys.map(([, feed], at) => ({ feed: feed as FeedId, proof: proofs[at] as Uint8Array }));
      }),

    keep: async (name, bytes, signal) => {
      assertName(name);
      return writeOwn(["kept"], signal, async (tx) => {
        await tx.objectStore("kept").put(owned(bytes), name);
        return ok(undefined);
      });
    },

    recall: (name, signal) => store.read(["kept"], signal, async (tx) => (await tx.objectStore("kept").get(name)) ?? null),

    kept: (prefix, signal) =>
      store.read(["kept"], signal, async (tx) => {
        const rows = tx.objectStore("kept");
        // Names are printable ASCII, so nothing that starts with `prefix` sorts after it with DEL.
        const range = IDBKeyRange.bound(prefix, `${prefix}\x7f`);
        const [names, values] = await Promise.all([rows.getAllKeys(range), rows.getAll(range)]);
        return names.map((name, at) => ({ name, bytes: values[at] as Uint8Array })); // one transaction, one order
      }),

    usage: async (signal) => {
      signal.throwIfAborted();
      const answer = await estimate();
      return answer === null ? null : { usedBytes: answer.usage, quotaBytes: answer.quota };
    },

    close: store.close,
  };
  return ok(shelf);
}

type PutError = WriteError | NotContiguous;
type SegmentKey = [string, string, number, number];

const extentIn = ([, , from, count]: SegmentKey) => ({ from, count });

const bytesIn = (segments: readonly Segment[]) => segments.reduce((sum, segment) => sum + segment.bytes.length, 0);

const isDiskFull = (error: unknown): boolean => (error as { readonly kind?: unknown }).kind === "disk-full";

/** Bytes with a buffer of their own: of a view, the store would keep the whole buffer. */
const owned = (bytes: Uint8Array): StoredBytes => new Uint8Array(bytes);

/** The key of the last row of a feed, or of the last that starts at `upTo` or before. */
async function lastKeyOf(tx: Reading, tag: Tag, feed: FeedId, upTo: number | [] = []): Promise<SegmentKey | null> {
  const range = IDBKeyRange.bound([tag, feed], [tag, feed, upTo, []]);
  return (await tx.objectStore("segments").openKeyCursor(range, "prev"))?.key ?? null;
}

async function lengthOf(tx: Reading, tag: Tag, feed: FeedId): Promise<number> {
  const key = await lastKeyOf(tx, tag, feed);
  return key === null ? 0 : endOf(extentIn(key));
}

/** Where to begin reading so as to meet `seq`: at the row that holds it, else where it would be. */
async function keyHolding(tx: Reading, tag: Tag, feed: FeedId, seq: number): Promise<SegmentKey | [string, string, number]> {
  const key = await lastKeyOf(tx, tag, feed, seq);
  return key !== null && endOf(extentIn(key)) > seq ? key : [tag, feed, seq];
}

async function tagsIn(tx: Reading, name: "segments" | "pens" | "proofs"): Promise<Tag[]> {
  const tags: Tag[] = [];
  let cursor = await tx.objectStore(name).openKeyCursor();
  while (cursor !== null) {
    const tag = cursor.key[0] as Tag; // the first part of every key is the tag it was put under
    tags.push(tag);
    // Arrays sort after strings, so this is behind every row of that tag; no row has such a key.
    cursor = await cursor.continue([tag, []] as unknown as typeof cursor.key);
  }
  return tags;
}

async function putSegment(tx: Writing, tag: Tag, { feed, from, count, head, bytes }: Segment): Promise<void> {
  await tx.objectStore("segments").put({ feed, from, count, head, bytes: owned(bytes) }, [tag, feed, from, count]);
}

/** Envelopes of an own feed came from outside: its pen goes to the end with them, and out of every hand. */
async function movePen(tx: Writing, tag: Tag, last: Segment): Promise<void> {
  const pens = tx.objectStore("pens");
  const pen = await pens.get([tag, last.feed]);
  if (pen !== undefined) await pens.put({ ...penAfter(pen, last), token: NOBODY }, [tag, last.feed]);
}

async function makeBallast(tx: Writing): Promise<Result<void, never>> {
  const rows = tx.objectStore("ballast");
  if ((await rows.count(BALLAST)) === 0) await rows.put(ballastBytes(), BALLAST);
  return ok(undefined);
}
