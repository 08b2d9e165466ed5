/**
 * Where a device's document cache lies: a disk of its own, which a crash leaves as the shelf is, behind it, ahead of it, or torn.
 *
 *   A process has a view of its own; once it is gone, its writes reach nothing any more.
 */
import type { DocumentCache } from "../../src/storage/document-cache.ts";
import { between, drawn, type Chance } from "./chance.ts";

export interface CacheDisk {
  /** For one start: the map that a cache keeps its bytes in. `wrote` is called after each write. */
  readonly mount: (wrote: () => void) => Map<string, Uint8Array>;
  /** The process is gone, and with it some of what it wrote last. Says what became of it. */
  readonly crash: (chance: Chance) => CacheFate;
  /** What a copy of the profile holds. */
  readonly copy: () => CacheDisk;
}

/** `behind`: without the last writes. `torn`: some of the last are missing or damaged, and others not. `old`: a backup came back. */
export type CacheFate = "kept" | "behind" | "torn" | "old" | "gone";

/** Crashes by fate; and what became of caches at a start. */
export type CacheCounts = Record<CacheFate | "takenUp" | "rebuilt" | "unfit", number>;
export const noCounts = (): CacheCounts => ({ kept: 0, behind: 0, torn: 0, old: 0, gone: 0, takenUp: 0, rebuilt: 0, unfit: 0 });

/** Whoever marks what was handed out has taken it up; whoever follows another document has put it together anew. */
export function countedCache(cache: DocumentCache, counts: CacheCounts): DocumentCache {
  return {
    ...cache,
    open: async (...args) => {
      const opened = await cache.open(...args);
      let isAsked = opened.manifest !== null;
      if (!isAsked) counts.unfit += 1;
      const answer = (as: "takenUp" | "rebuilt"): void => {
        if (isAsked) counts[as] += 1;
        isAsked = false;
      };
      return {
        ...opened,
        follow: async (doc) => {
          answer("rebuilt");
          await opened.follow(doc);
        },
        mark: async (manifest) => {
          answer("takenUp");
          return opened.mark(manifest);
        },
      };
    },
  };
}

interface Write {
  readonly key: string;
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
}

/** A disk that has not been told to flush may have these still in its own memory. */
const MAX_UNSURE = 40;

export function createCacheDisk(first: ReadonlyMap<string, Uint8Array> = new Map()): CacheDisk {
  let stored = new Map(first);
  let writes: Write[] = [];
  /** As it was some time ago: a backup that comes back. */
  let old = new Map(first);

  function note(key: string, after: Uint8Array | undefined): void {
    const before = stored.get(key);
    if (after === undefined) stored.delete(key);
    else stored.set(key, after);
    writes.push({ key, before, after });
    if (writes.length > MAX_UNSURE) writes.shift();
  }
  const undo = ({ key, before }: Write): void => void (before === undefined ? stored.delete(key) : stored.set(key, before));

  function spoil(fate: CacheFate, chance: Chance): void {
    if (fate === "gone") stored.clear();
    if (fate === "old") stored = new Map(old);
    if (fate === "behind") for (let left = between(chance, 1, writes.length); left > 0; left -= 1) undo(writes.pop()!); // that many
    if (fate !== "torn") return;
    for (const { key, after } of writes.slice(-between(chance, 1, writes.length))) {
      const luck = chance.next();
      if (luck < 0.4) stored.delete(key);
      else if (after !== undefined && luck < 0.7) stored.set(key, after.slice(0, between(chance, 0, after.length - 1)));
      else if (after !== undefined && luck < 0.8) {
        const bent = after.slice();
        const at = between(chance, 0, bent.length - 1);
        bent[at] = (bent[at] ?? 0) ^ between(chance, 1, 255);
        stored.set(key, bent);
      }
    }
  }

  return {
    mount: (wrote) => {
      const here = (stored = new Map(stored));
      const map = new Map(here);
      const write = (key: string, after: Uint8Array | undefined): void => {
        if (stored !== here) return; // another process has the disk by now
        note(key, after);
        wrote();
      };
      map.set = (key, value) => {
        Map.prototype.set.call(map, key, value);
        write(key, value);
        return map;
      };
      map.delete = (key) => {
        const had = Map.prototype.delete.call(map, key);
        if (had) write(key, undefined);
        return had;
      };
      return map;
    },
    crash: (chance) => {
      const fate: CacheFate =
        writes.length === 0 ? "kept" : drawn(chance, ["kept", "kept", "behind", "behind", "torn", "old", "gone"]);
      const before = new Map(stored);
      stored = new Map(stored);
      spoil(fate, chance);
      old = chance.next() < 0.5 ? before : old;
      writes = [];
      return fate;
    },
    copy: () => createCacheDisk(stored),
  };
}
