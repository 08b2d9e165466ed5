/**
 * Catching up with W (work.ts): an empty replica, from the start of a sync session until every record is verified, decrypted, on
 * the disk, and the last one is read in the list of posts.
 *
 * What runs is the app's own: two holdings, the session and its driver, the framed wire, the judge in worker threads, the file
 * shelf. The stream between the two is in memory and costs no more than its copies; the giver lives on the same main thread, from a
 * shelf in memory, so that its work is in the time too. The clock stops behind an fsync of all that the shelf has written.
 *
 * The floor is Yjs with a JSON value a record: it verifies nobody, hides nothing and writes nothing to a disk. Its time is one state
 * vector, one update and the last record read. Both run in turn in one process, each behind a collection of what the other left;
 * figures are medians.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import "../src/platform/promise-polyfill.ts";
import * as Y from "yjs";
import { SESSION_NONCE_BYTES } from "../protocol/index.ts";
import { createHolding, type Holding } from "../src/peer/holding.ts";
import { createThreadJudge } from "../src/peer/judge-threads.ts";
import type { Judge } from "../src/peer/judge.ts";
import { outcomeOf } from "../src/peer/reception.ts";
import { framedWire } from "../src/net/framed-wire.ts";
import { driveSession } from "../src/net/session-driver.ts";
import type { Wire } from "../src/net/wires.ts";
import { realWorld } from "../src/platform/world.ts";
import { openFileShelf } from "../src/storage/file-shelf.ts";
import { usedBytes } from "../src/storage/disk.ts";
import { openMemoryShelf } from "../src/storage/memory-shelf.ts";
import type { Shelf } from "../src/storage/shelf.ts";
import type { Figures, Progress } from "./core.ts";
import { createStreamPair } from "./stream-pair.ts";
import { AUTHORS, RECORDS, clock, median, writeWork, type Work } from "./work.ts";

const RUNS = 7;
const JUDGE_THREADS = 2;
const never = new AbortController().signal;

export async function benchCatchup(progress: Progress): Promise<Figures> {
  progress(`writing ${RECORDS} offers by ${AUTHORS} people`);
  const work = writeWork();
  const judge = createThreadJudge(JUDGE_THREADS);
  const giver = createHoldingOf(work, openMemoryShelf(), judge);
  for (const { bytes } of work.chunks) {
    const { kind } = await giver.take(bytes, never);
    if (kind !== "grown") throw new Error(`the giver would not take its own: ${kind}`);
  }

  const runs: CatchUp[] = [];
  const floors: Floor[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    progress(`catching up, ${run + 1} of ${RUNS}`);
    runs.push(await catchUp(work, giver, judge));
    floors.push(floorOf(work));
  }
  judge.close();

  const total = work.byAuthor.flat().length;
  const bodies = work.byAuthor.flat().reduce((sum, { body }) => sum + body.length, 0);
  const over = (bytes: number): number => Math.round(((bytes - bodies) / total) * 100) / 100;
  const of = (pick: (run: CatchUp) => number): number => median(runs.map(pick));
  const seconds = of((run) => run.seconds);
  const floor = median(floors.map((run) => run.seconds));
  return {
    records: RECORDS,
    authors: AUTHORS,
    recordsPerSecond: Math.round(RECORDS / seconds),
    catchUpMs: Math.round(seconds * 1_000),
    firstRunMs: Math.round((runs[0]?.seconds ?? Number.NaN) * 1_000),
    cpuMs: Math.round(of((run) => run.cpuSeconds) * 1_000),
    flushMs: Math.round(of((run) => run.flushSeconds) * 1_000),
    longestMainThreadTaskMs: Math.round(of((run) => run.longestTaskMs)),
    coldReloadMs: Math.round(of((run) => run.reloadSeconds) * 1_000),
    wireBytesPerRecord: Math.round((of((run) => run.wireBytes) / RECORDS) * 10) / 10,
    wireBytesOverBodyPerRecord: over(of((run) => run.wireBytes)),
    bodyBytesPerRecord: Math.round((bodies / total) * 10) / 10,
    storedBytesPerRecord: Math.round((of((run) => run.storedBytes) / RECORDS) * 10) / 10,
    writesPerSecond: work.writesPerSecond,
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1_000),
    yjsFloorMs: Math.round(floor * 1_000),
    yjsFloorRatio: Math.round((seconds / floor) * 100) / 100,
    yjsWireBytesPerRecord: Math.round(((floors[0]?.wireBytes ?? Number.NaN) / RECORDS) * 10) / 10,
  };
}

function createHoldingOf({ group }: Work, shelf: Shelf, judge: Judge): Holding {
  return createHolding({
    tag: group.tag,
    shelf,
    judge,
    keys: () => [group.epoch],
    relayKeys: () => [group.epoch.relayPublic],
    ownFeed: () => null,
    changed: () => undefined,
  });
}

interface CatchUp {
  readonly seconds: number;
  /** On all cores, of both peers. */
  readonly cpuSeconds: number;
  readonly flushSeconds: number;
  readonly longestTaskMs: number;
  readonly reloadSeconds: number;
  readonly wireBytes: number;
  readonly storedBytes: number;
}

async function catchUp(work: Work, giver: Holding, judge: Judge): Promise<CatchUp> {
  const path = mkdtempSync(join(tmpdir(), "kith-bench-"));
  try {
    const shelf = await shelfAt(path);
    const taker = createHoldingOf(work, shelf, judge);
    const { left, right, sentByRight } = createStreamPair();
    const tasks = monitorEventLoopDelay({ resolution: 1 });
    globalThis.gc?.();
    tasks.enable();
    const before = process.cpuUsage();
    const catching = clock();
    const [taken, given] = await Promise.all([
      converse(taker, framedWire(left, "giver")),
      converse(giver, framedWire(right, "taker")),
    ]);
    const flushing = clock();
    await flush(shelf, path);
    const flushSeconds = flushing();
    readAll(taker, work);
    const seconds = catching();
    const cpu = process.cpuUsage(before);
    const cpuSeconds = (cpu.user + cpu.system) / 1e6;
    tasks.disable();
    if (taken !== "complete" || given !== "complete") throw new Error(`the session ended as ${taken} and ${given}`);
    await shelf.close();
    const storedBytes = await usedBytes(join(path, "level"));

    const reloading = clock();
    const again = await shelfAt(path);
    const reloaded = createHoldingOf(work, again, judge);
    const broken = await reloaded.load(never);
    readAll(reloaded, work);
    const reloadSeconds = reloading();
    if (broken > 0) throw new Error(`${broken} pieces cannot be read again`);
    await again.close();
    return {
      seconds,
      cpuSeconds,
      flushSeconds,
      longestTaskMs: tasks.max / 1e6,
      reloadSeconds,
      wireBytes: sentByRight(),
      storedBytes,
    };
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

async function shelfAt(path: string): Promise<Shelf> {
  const opened = await openFileShelf({ path }, never);
  if (!opened.ok) throw new Error(`no shelf at ${path}: ${opened.error.kind}`);
  return opened.value;
}

/** As src/peer/company.ts does it. */
const converse = (holding: Holding, wire: Wire) =>
  driveSession(
    wire,
    holding.replica.frontierTree(),
    realWorld.bytes(SESSION_NONCE_BYTES),
    {
      now: realWorld.now,
      later: realWorld.later,
      load: (feed, from, signal) => holding.give(feed, from, signal),
      loadProof: (feed) => holding.giveProof(feed),
      deliver: async (_feed, bytes, signal) => outcomeOf(await holding.take(bytes, signal)),
      deliverProof: async () => ({ kind: "refused" }),
    },
    never,
  );

/** A strict write flushes LevelDB's newest log; a log that it has turned away from meanwhile, and its tables, are flushed by name. */
async function flush(shelf: Shelf, path: string): Promise<void> {
  const kept = await shelf.keep("bench/flushed", new Uint8Array(1), never);
  if (!kept.ok) throw new Error(`not flushed: ${kept.error.kind}`);
  for (const name of readdirSync(join(path, "level"))) {
    const file = await open(join(path, "level", name)).catch(() => null); // LevelDB deletes what it has copied elsewhere
    await file?.sync();
    await file?.close();
  }
}

/** Every record is there, and the one that was said last is read word for word. */
function readAll({ replica }: Holding, { records }: Work): void {
  const posts = replica.community.posts();
  const last = records.at(-1)?.record;
  const read = posts[0]?.post;
  if (posts.length !== records.length) throw new Error(`${posts.length} of ${records.length} records can be read`);
  if (last === undefined || read === undefined || JSON.stringify({ ...read.act, at: read.at }) !== JSON.stringify(last))
    throw new Error("the last record is not what was said");
}

interface Floor {
  readonly seconds: number;
  readonly wireBytes: number;
}

let told: Y.Doc | null = null;

function floorOf({ records }: Work): Floor {
  told ??= writeFloor(records);
  const taker = new Y.Doc();
  globalThis.gc?.();
  const catching = clock();
  const update = Y.encodeStateAsUpdate(told, Y.encodeStateVector(taker));
  Y.applyUpdate(taker, update);
  const lists = Array.from({ length: AUTHORS }, (_, author) => taker.getArray(String(author)).toArray());
  const last = lists[AUTHORS - 1]?.at(-1);
  const seconds = catching();
  const read = lists.reduce((sum, list) => sum + list.length, 0);
  if (read !== records.length || JSON.stringify(last) !== JSON.stringify(records.at(-1)?.record))
    throw new Error("Yjs did not read what was said");
  return { seconds, wireBytes: update.length };
}

/** A list for each author, under a client of their own. */
function writeFloor(records: Work["records"]): Y.Doc {
  const whole = new Y.Doc();
  const authors = Array.from({ length: AUTHORS }, (_, author) => Object.assign(new Y.Doc(), { clientID: author + 1 }));
  for (const { author, record } of records) authors[author]?.getArray(String(author)).push([{ ...record }]);
  for (const author of authors) Y.applyUpdate(whole, Y.encodeStateAsUpdate(author));
  return whole;
}
