/** A memory shelf as a slow and sometimes failing disk: between what is asked and what is done, time passes. */
import { err } from "../../protocol/index.ts";
import { openMemoryShelf, type MemoryShelf } from "../../src/storage/memory-shelf.ts";
import type { Shelf } from "../../src/storage/shelf.ts";
import { between, type Chance } from "./chance.ts";

export interface DiskWeather {
  /** Chance that an operation takes a while, before it is done and after. */
  slow: number;
  slowMs: number;
}
export const FAST: DiskWeather = { slow: 0, slowMs: 0 };

/** `later` must forget what was asked once the process is gone. */
export function slowed(
  shelf: Shelf,
  chance: Chance,
  later: (ms: number, run: () => void) => void,
  weather: () => DiskWeather,
): Shelf {
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const { slow, slowMs } = weather();
      if (slow > 0 && chance.next() < slow) later(between(chance, 1, slowMs), resolve);
      else resolve();
    });
  const slowly = async <T>(run: () => Promise<T>): Promise<T> => {
    await pause();
    const answer = await run();
    await pause();
    return answer;
  };
  return {
    tags: (signal) => slowly(() => shelf.tags(signal)),
    segments: async function* (tag, signal) {
      await pause();
      yield* shelf.segments(tag, signal);
    },
    range: (...args) => slowly(() => shelf.range(...args)),
    takePen: (...args) => slowly(() => shelf.takePen(...args)),
    append: (...args) => slowly(() => shelf.append(...args)),
    putForeign: (...args) => slowly(() => shelf.putForeign(...args)),
    merge: (...args) => slowly(() => shelf.merge(...args)),
    drop: (...args) => slowly(() => shelf.drop(...args)),
    putProof: (...args) => slowly(() => shelf.putProof(...args)),
    proofs: (...args) => slowly(() => shelf.proofs(...args)),
    keep: (...args) => slowly(() => shelf.keep(...args)),
    recall: (...args) => slowly(() => shelf.recall(...args)),
    kept: (...args) => slowly(() => shelf.kept(...args)),
    usage: (...args) => slowly(() => shelf.usage(...args)),
    close: () => shelf.close(),
  };
}

/** A disk that takes nothing more for a while. */
export function fullWhile(shelf: Shelf, isFull: () => boolean): Shelf {
  const full = err({ kind: "disk-full" });
  return {
    ...shelf,
    append: async (...args) => (isFull() ? full : shelf.append(...args)),
    putForeign: async (...args) => (isFull() ? full : shelf.putForeign(...args)),
    keep: async (...args) => (isFull() ? full : shelf.keep(...args)),
  };
}

/** Where a power cut waits: behind an own edit, what others said, or the cache. */
export interface Trap {
  readonly on: "append" | "put" | "cache";
  /** Writes that still go well. */
  left: number;
  readonly sprung: (on: Trap["on"]) => void;
}

/** Tells what was just written. */
export function trapped(shelf: Shelf, wrote: (on: Trap["on"]) => void): Shelf {
  return {
    ...shelf,
    append: async (...args) => {
      const appended = await shelf.append(...args);
      if (appended.ok) wrote("append");
      return appended;
    },
    putForeign: async (...args) => {
      const put = await shelf.putForeign(...args);
      if (put.ok) wrote("put");
      return put;
    },
  };
}

/** What a copy of the profile holds: another disk, with the same on it. */
export async function copyOf(shelf: Shelf): Promise<MemoryShelf> {
  const { signal } = new AbortController();
  const copy = openMemoryShelf();
  const kept = async (done: Promise<{ readonly ok: boolean }>): Promise<void> => {
    if (!(await done).ok) throw new Error("an empty shelf takes everything");
  };
  for (const { name, bytes } of await shelf.kept("", signal)) await kept(copy.keep(name, bytes, signal));
  for (const tag of await shelf.tags(signal)) {
    for await (const batch of shelf.segments(tag, signal)) await kept(copy.putForeign(tag, batch, signal));
    for (const { feed, proof } of await shelf.proofs(tag, signal)) await kept(copy.putProof(tag, feed, proof, signal));
  }
  copy.settle();
  return copy;
}
