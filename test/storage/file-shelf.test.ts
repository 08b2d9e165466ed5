/** The hearth's shelf keeps the contract, on a real disk; a disk that is really full needs a small one mounted (root). */
import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { expect, onTestFinished, test } from "vitest";
import { usedBytes } from "../../src/storage/disk.ts";
import { openFileShelf } from "../../src/storage/file-shelf.ts";
import { RESERVE_BYTES, type Shelf } from "../../src/storage/shelf.ts";
import { shelfContract } from "../contracts/shelf.contract.ts";
import { allOf, ANA, BO, calm, heavy, segmentOf, TAG, valueOf, type OpenShelf } from "../contracts/shelf.fixtures.ts";
import { shelfModelContract } from "../contracts/shelf.model.contract.ts";

const MIB = 1024 * 1024;

async function newFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "kith-shelf-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function openAt(
  path: string,
  options: { readonly capacityBytes?: number; readonly now?: () => number } = {},
): Promise<Shelf> {
  const shelf = valueOf(await openFileShelf({ path, ...options }, calm));
  onTestFinished(() => shelf.close());
  return shelf;
}

/** The store without the shelf, for damage. */
async function rawly<T>(path: string, work: (level: ClassicLevel<string, string>) => Promise<T>): Promise<T> {
  const level = new ClassicLevel<string, string>(join(path, "level"));
  try {
    return await work(level);
  } finally {
    await level.close();
  }
}

const open: OpenShelf = async (options) => {
  const path = await newFolder();
  let shelf = await openAt(path, options);
  return {
    shelf,
    twin: async () => shelf,
    reopen: async () => {
      await shelf.close();
      shelf = await openAt(path, options);
      return shelf;
    },
  };
};

shelfContract("file shelf", open);
shelfModelContract("file shelf", open, 20);

test("own acts, keys and proofs are flushed; others' envelopes and merges are not (S2)", async () => {
  const flushed: unknown[] = [];
  const batch = ClassicLevel.prototype.batch;
  ClassicLevel.prototype.batch = function (this: unknown, ...args: unknown[]) {
    flushed.push((args[1] as { readonly sync?: boolean } | undefined)?.sync);
    return Reflect.apply(batch, this, args);
  } as typeof batch;
  onTestFinished(() => void (ClassicLevel.prototype.batch = batch));
  const { shelf } = await open();
  const pen = valueOf(await shelf.takePen(TAG, ANA, "t1", calm));
  valueOf(await shelf.append(TAG, pen, segmentOf(ANA, 0, 1), calm));
  valueOf(await shelf.keep("identity", Uint8Array.of(1), calm));
  valueOf(await shelf.putProof(TAG, ANA, Uint8Array.of(1), calm));
  valueOf(await shelf.putForeign(TAG, [segmentOf(BO, 0, 1)], calm));
  valueOf(await shelf.merge(TAG, segmentOf(BO, 0, 1), calm));
  expect(flushed).toEqual([true, true, true, true, false, false]);
});

test("a store that another process has open is locked, and free when that process is gone", async () => {
  const path = await newFolder();
  const script = `
    import { ClassicLevel } from "classic-level";
    await new ClassicLevel(${JSON.stringify(join(path, "level"))}).open();
    console.log("open");
    setInterval(() => {}, 1000);`;
  const other = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void other.kill("SIGKILL"));
  await new Promise((resolve) => other.stdout.once("data", resolve));
  expect(await openFileShelf({ path }, calm)).toEqual({ ok: false, error: { kind: "locked" } });
  const gone = new Promise((resolve) => other.once("exit", resolve));
  other.kill("SIGKILL");
  await gone;
  await openAt(path);
});

test("a store of a newer Kith is left alone", async () => {
  const path = await newFolder();
  await (await openAt(path)).close();
  await rawly(path, (level) => level.put("store!version", "2"));
  expect(await openFileShelf({ path }, calm)).toEqual({ ok: false, error: { kind: "newer-store" } });
  expect(await rawly(path, (level) => level.get("store!version")), "and can be opened by its own").toBe("2");
});

test("a path that cannot hold a store is an answer, not an exception", async () => {
  const path = join(await newFolder(), "a file");
  await writeFile(path, "not a folder");
  const opened = await openFileShelf({ path }, calm);
  expect(opened).toMatchObject({ ok: false, error: { kind: "storage-failed" } });
});

test("opening with an aborted signal leaves the store free", async () => {
  const path = await newFolder();
  await expect(openFileShelf({ path }, AbortSignal.abort("no"))).rejects.toBe("no");
  expect(await readdir(path), "nothing was made").toEqual([]);
  const person = new AbortController();
  const opening = openFileShelf({ path }, person.signal);
  person.abort("enough");
  await expect(opening).rejects.toBe("enough");
  await openAt(path);
});

test("a pen that does not stand at the end of its feed is reported and not written over", async () => {
  const path = await newFolder();
  const shelf = await openAt(path);
  const pen = valueOf(await shelf.takePen(TAG, ANA, "t1", calm));
  valueOf(await shelf.append(TAG, pen, segmentOf(ANA, 0, 2), calm));
  await shelf.close();
  const stored = await rawly(path, async (level) => {
    await level.clear({ gte: "segment!", lt: "segment!~" });
    return level.get(`pen!${TAG}!${ANA}`);
  });
  const damaged = await openAt(path);
  expect(await damaged.takePen(TAG, ANA, "t2", calm)).toMatchObject({
    ok: false,
    error: { kind: "storage-failed", reason: expect.stringContaining("stands at 2") },
  });
  await damaged.close();
  expect(await rawly(path, (level) => level.get(`pen!${TAG}!${ANA}`))).toBe(stored);
});

test("a merge between the keys and the bytes of a range hides neither", async () => {
  const { shelf } = await open();
  valueOf(await shelf.putForeign(TAG, [segmentOf(ANA, 0, 1), segmentOf(ANA, 1, 1)], calm));
  const getMany = ClassicLevel.prototype.getMany;
  Reflect.set(ClassicLevel.prototype, "getMany", async function (this: unknown, ...args: unknown[]) {
    valueOf(await shelf.merge(TAG, segmentOf(ANA, 0, 2, "merged"), calm));
    return Reflect.apply(getMany, this, args);
  });
  onTestFinished(() => void Reflect.set(ClassicLevel.prototype, "getMany", getMany));
  expect(await shelf.range(TAG, ANA, 0, 2, calm)).toEqual([segmentOf(ANA, 0, 1), segmentOf(ANA, 1, 1)]);
  expect(await allOf(shelf, TAG)).toEqual([segmentOf(ANA, 0, 2, "merged")]);
});

test("the reserve is written once", async () => {
  const path = await newFolder();
  const shelf = await openAt(path);
  valueOf(await shelf.takePen(TAG, ANA, "t1", calm));
  const { ino, mtimeMs } = await stat(join(path, "ballast"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  valueOf(await shelf.putForeign(TAG, [segmentOf(BO, 0, 1)], calm));
  expect(await stat(join(path, "ballast"))).toMatchObject({ ino, mtimeMs });
});

/** Makes a method of LevelDB fail `times`, from now on, as it does when the disk errs; and counts its calls. */
function failing(method: "batch" | "open" | "get", times: number): { calls: number } {
  const before = ClassicLevel.prototype[method];
  const seen = { calls: 0 };
  Reflect.set(ClassicLevel.prototype, method, function (this: unknown, ...args: unknown[]) {
    if (seen.calls++ >= times) return Reflect.apply(before, this, args);
    return Promise.reject(Object.assign(new Error(`bad ${method}`), { code: "LEVEL_IO_ERROR" }));
  });
  onTestFinished(() => void Reflect.set(ClassicLevel.prototype, method, before));
  return seen;
}

test("a write that fails on a disk with room says why, writes nothing, and the store is opened anew once for the next", async () => {
  const { shelf } = await open();
  failing("batch", 1);
  const opens = failing("open", 0);
  const failed = { ok: false, error: { kind: "storage-failed", reason: "bad batch" } };
  expect(await shelf.keep("identity", Uint8Array.of(1), calm)).toEqual(failed);
  expect(await shelf.recall("identity", calm), "what is held can be read").toBeNull();
  expect(opens.calls).toBe(0);
  valueOf(await shelf.keep("identity", Uint8Array.of(1), calm));
  const onceOpened = opens.calls;
  expect(onceOpened).toBeGreaterThan(0);
  valueOf(await shelf.keep("identity", Uint8Array.of(2), calm));
  expect(opens.calls).toBe(onceOpened);
});

test("when it cannot be opened anew the write says so, and the next one tries again", async () => {
  const { shelf } = await open();
  failing("batch", 1);
  await shelf.keep("identity", Uint8Array.of(1), calm);
  failing("open", 1);
  const refused = await shelf.keep("identity", Uint8Array.of(1), calm);
  expect(refused).toMatchObject({ ok: false, error: { kind: "storage-failed", reason: expect.stringContaining("bad open") } });
  await expect(shelf.tags(calm)).rejects.toThrow("storage-failed");
  valueOf(await shelf.keep("identity", Uint8Array.of(1), calm));
  expect(await shelf.recall("identity", calm)).toEqual(Uint8Array.of(1));
});

test("a store that opens but cannot be read is left free", async () => {
  const path = await newFolder();
  failing("get", 1);
  expect(await openFileShelf({ path }, calm)).toEqual({ ok: false, error: { kind: "storage-failed", reason: "bad get" } });
  await openAt(path);
});

/** A disk of its own, or null where none may be mounted. */
async function smallDisk(bytes: number): Promise<string | null> {
  const path = await newFolder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", path], { stdio: "ignore" });
  } catch {
    return null; // not root, or no mounts in this container
  }
  onTestFinished(() => void execFileSync("umount", ["-l", path]));
  return path;
}

/** Somebody else takes so much, or all there is. */
function fillDisk(path: string, bytes: number): void {
  execFileSync("sh", ["-c", `head -c ${bytes} /dev/zero > "$0/somebody-elses" 2>/dev/null || true`, path]);
}

test("when the disk itself is full others' envelopes are refused, and the reserve lets people speak", async (context) => {
  const path = await smallDisk(24 * MIB);
  if (path === null) return context.skip("no small disk can be mounted here");
  let now = 0;
  const shelf = await openAt(path, { now: () => now });
  let pen = valueOf(await shelf.takePen(TAG, ANA, "t1", calm));
  fillDisk(path, 100 * MIB);

  const full = { ok: false, error: { kind: "disk-full" } };
  const refused = await shelf.putForeign(TAG, [heavy(BO, 0, MIB)], calm);
  expect(refused).toEqual(full);
  expect(await usedBytes(join(path, "ballast")), "nothing foreign spends the reserve").toBe(RESERVE_BYTES);
  expect(await shelf.putProof(TAG, BO, new Uint8Array(9), calm), "nor does a proof").toEqual(full);
  expect(await usedBytes(join(path, "ballast"))).toBe(RESERVE_BYTES);
  for (let seq = 0; seq < 3; seq++) pen = valueOf(await shelf.append(TAG, pen, heavy(ANA, seq, MIB), calm));
  let spoken = 3;
  for (let said = await shelf.append(TAG, pen, heavy(ANA, spoken, MIB), calm); said.ok && spoken < 30; spoken++) {
    said = await shelf.append(TAG, (pen = said.value), heavy(ANA, spoken + 1, MIB), calm);
  }
  expect(spoken, "in the end it is full").toBeLessThan(30);
  expect((await allOf(shelf, TAG)).length).toBe(pen.length);

  await rm(join(path, "somebody-elses"));
  now = 4_999;
  expect(await shelf.putForeign(TAG, [heavy(BO, 0, MIB)], calm), "not tried again so soon").toEqual(full);
  now = 5_000;
  valueOf(await shelf.putForeign(TAG, [heavy(BO, 0, MIB)], calm));
  pen = valueOf(await shelf.append(TAG, pen, heavy(ANA, pen.length, MIB), calm));
  await shelf.close();
  expect((await allOf(await openAt(path), TAG)).length).toBe(pen.length + 1);
});

test("an own act that is the first to meet the full disk goes through too", async (context) => {
  const path = await smallDisk(16 * MIB);
  if (path === null) return context.skip("no small disk can be mounted here");
  const shelf = await openAt(path);
  const pen = valueOf(await shelf.takePen(TAG, ANA, "t1", calm));
  fillDisk(path, 100 * MIB);
  valueOf(await shelf.append(TAG, pen, heavy(ANA, 0, MIB), calm));
});

test("where the reserve does not fit nothing foreign is taken, and no half of it stays", async (context) => {
  const path = await smallDisk(16 * MIB);
  if (path === null) return context.skip("no small disk can be mounted here");
  const shelf = await openAt(path);
  fillDisk(path, 12 * MIB);
  expect(await shelf.putForeign(TAG, [heavy(BO, 0, MIB)], calm)).toEqual({ ok: false, error: { kind: "disk-full" } });
  expect(await readdir(path)).toEqual(["level", "somebody-elses"]);
  const pen = valueOf(await shelf.takePen(TAG, ANA, "t1", calm));
  valueOf(await shelf.append(TAG, pen, heavy(ANA, 0, MIB), calm));
});
