/** A person's device: a shelf that outlives every start, and a real house on it while it runs. */
import { memberRootFrom, type EnvelopeId, type MemberId, type Millis, type Tag } from "../../protocol/index.ts";
import type { World } from "../../src/platform/world.ts";
import { openHouse } from "../../src/peer/house.ts";
import type { Kith } from "../../src/peer/kith.ts";
import { createRegistry } from "../../src/peer/registry.ts";
import { createMemoryDocumentCache } from "../../src/storage/memory-document-cache.ts";
import { openMemoryShelf, type MemoryShelf } from "../../src/storage/memory-shelf.ts";
import type { Shelf } from "../../src/storage/shelf.ts";
import { openBlindHouse, type BlindHouse } from "../../src/hearth/blind-house.ts";
import { countedCache, createCacheDisk, type CacheCounts, type CacheDisk } from "./cache-disk.ts";
import { between, branch, type Chance } from "./chance.ts";
import { fullWhile, slowed, trapped, type DiskWeather, type Trap } from "./disk.ts";
import type { Guard } from "./guards.ts";
import type { Judging } from "./judging.ts";
import type { Net, SimNode } from "./net.ts";
import type { Scheduler } from "./scheduler.ts";

/** An act whose promise resolved `ok`. */
export interface Saved {
  readonly id: EnvelopeId;
  readonly kind: string;
  readonly by: string;
}

export interface Street {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly net: Net;
  readonly judging: Judging;
  readonly guard: Guard | null;
  /** No guard was taken away. */
  readonly isWhole: boolean;
  readonly disk: () => DiskWeather;
  readonly wanted: number;
  /** People write in documents, and their devices cache them. */
  readonly hasDocuments: boolean;
  readonly cacheCounts: CacheCounts;
  /** Houses that were cut off. Node keeps what waits for a signal until that signal aborts: they are closed when the run is over. */
  readonly dead: (() => Promise<unknown> | void)[];
  /** A device has turned on again. */
  started: ((device: Device) => void) | null;
  /** Addresses of the hearth, if there is one. */
  readonly hearths: () => readonly string[];
}

/** One start of a device, until it ends or is cut short. */
interface Life {
  isAlive: boolean;
  readonly world: World;
  readonly later: (ms: number, run: () => void) => () => void;
  readonly ending: AbortController;
}

export const EPOCH_MS = 1_750_000_000_000;
export const APP = "https://kith.example/";

/** World of one life: nothing of it runs on when the life is over. */
export function startLife(street: Street, name: string, skewMs: number): Life {
  const { scheduler } = street;
  const chance = branch(street.chance);
  const later = (ms: number, run: () => void): (() => void) =>
    scheduler.after(ms, `${name} wakes`, () => {
      if (life.isAlive) run();
    });
  const life: Life = {
    isAlive: true,
    later,
    ending: new AbortController(),
    world: {
      now: () => (EPOCH_MS + scheduler.now() + skewMs) as Millis, // a clock of one's own
      bytes: chance,
      jitter: chance.next,
      later,
    },
  };
  street.dead.push(() => life.ending.abort());
  return life;
}

export interface Device {
  readonly name: string;
  /** Null while it is off. */
  readonly kith: () => Kith | null;
  readonly shelf: () => MemoryShelf;
  readonly isOn: () => boolean;
  readonly turnOn: () => Promise<void>;
  /** The process dies; what was not yet on the disk for sure is lost. */
  readonly crash: () => void;
  /** Closed in good order. */
  readonly turnOff: () => Promise<void>;
  /** Another tab on the same disk, without a network. */
  readonly openTab: () => Promise<Kith>;
  /** Wrote an act in this life, so it holds the pen. */
  hasPen: boolean;
  readonly saved: Saved[];
  /** Where documents are cached; another one when an older copy comes back. */
  cacheDisk: CacheDisk;
  trap: Trap | null;
  isFull: boolean;
  /** Called when it was closed in good order in this life. */
  closed: (() => void) | null;
  readonly starts: () => number;
  readonly ends: () => number;
}

export function createDevice(
  street: Street,
  name: string,
  onto: MemoryShelf = openMemoryShelf(),
  cacheDisk: CacheDisk = createCacheDisk(),
): Device {
  const skewMs =
    street.chance.next() < 0.3 ? between(street.chance, -3_600_000, 3_600_000) : between(street.chance, -2_000, 2_000);
  const chance = branch(street.chance);
  let shelf = onto;
  let life: Life | null = null;
  let node: SimNode | null = null;
  let kith: Kith | null = null;
  let starts = 0;
  let ends = 0;

  const onDisk = (on: Life, raw: MemoryShelf): Shelf => {
    const disk = street.hasDocuments ? fullWhile(raw, () => device.isFull) : raw;
    const slow = slowed(disk, chance, on.later, street.disk);
    const guarded = street.guard?.shelf?.(slow) ?? slow;
    return street.hasDocuments ? trapped(guarded, spring) : guarded;
  };
  /** A power cut right behind a write. */
  const spring = (on: Trap["on"]): void => {
    const { trap } = device;
    if (trap?.on !== on || life === null || (trap.left -= 1) >= 0) return;
    device.trap = null;
    device.crash();
    trap.sprung(on);
  };
  const openCache = () =>
    countedCache(createMemoryDocumentCache(device.cacheDisk.mount(() => spring("cache"))), street.cacheCounts);
  const judgeFor = (on: Life, owner: MemoryShelf) => {
    const judge = street.judging.judgeFor(
      () =>
        new Promise((resolve) =>
          chance.next() < street.disk().slow ? void on.later(between(chance, 1, 20), resolve) : resolve(),
        ),
    );
    return street.guard?.judge?.(judge, owner) ?? judge;
  };

  async function open(on: Life, raw: MemoryShelf, isOnline: boolean): Promise<Kith> {
    const house = await openHouse(
      {
        cache: street.hasDocuments && isOnline ? openCache() : null,
        shelf: onDisk(on, raw),
        judge: judgeFor(on, raw),
        world: on.world,
        appAddress: APP,
        startNetwork: isOnline
          ? async () => {
              node = street.net.join({
                name: `${name}.${starts}`,
                isHearth: false,
                isLiar: false,
                wanted: street.wanted,
                now: on.world.now,
              });
              return { ok: true, value: node.network };
            }
          : null,
        servedBy: async () => street.hearths(),
        persist: async () => null,
      },
      on.ending.signal,
    );
    if (!house.ok) throw new Error(`${name} cannot start: ${house.error.kind}`);
    return house.value;
  }

  const device: Device = {
    name,
    kith: () => kith,
    shelf: () => shelf,
    isOn: () => life !== null,
    hasPen: false,
    saved: [],
    cacheDisk,
    trap: null,
    isFull: false,
    closed: null,
    starts: () => starts,
    ends: () => ends,
    turnOn: async () => {
      if (life !== null) return;
      starts += 1;
      const own = startLife(street, name, skewMs);
      life = own;
      device.hasPen = false;
      device.closed = null;
      street.scheduler.note(`${name} turns on`);
      shelf = shelf.twin(); // the tab before closed its own
      const opened = await open(own, shelf, true);
      if (life !== own) return;
      kith = opened;
      street.started?.(device);
    },
    crash: () => {
      if (life === null) return;
      street.scheduler.note(`${name} crashes`);
      ends += 1;
      life.isAlive = false;
      if (street.hasDocuments) {
        if (chance.next() < 0.5) shelf.settle(); // the log may be ahead of the cache, or behind it
        const fate = device.cacheDisk.crash(chance);
        street.cacheCounts[fate] += 1;
      }
      shelf = shelf.crash();
      node?.kill();
      if (kith !== null) street.dead.push(kith.close);
      life = node = kith = null;
    },
    turnOff: async () => {
      const [closing, from] = [kith, life];
      if (closing === null || from === null) return;
      street.scheduler.note(`${name} turns off`);
      kith = null;
      ends += 1;
      await closing.close();
      if (from.isAlive) device.closed?.();
      from.isAlive = false;
      if (life === from) life = node = null;
    },
    openTab: () => open(startLife(street, `${name}'s other tab`, skewMs), shelf.twin(), false),
  };
  return device;
}

/** The neighbour who is always in. */
export interface SimHearth {
  readonly name: string;
  readonly shelf: () => MemoryShelf;
  readonly house: () => BlindHouse | null;
  readonly turnOn: () => Promise<void>;
  readonly crash: () => void;
  readonly ends: () => number;
}

export function createHearth(street: Street, name: string): SimHearth {
  const chance = branch(street.chance);
  let shelf = openMemoryShelf();
  let house: BlindHouse | null = null;
  let node: SimNode | null = null;
  let life: Life | null = null;
  let ends = 0;
  return {
    name,
    shelf: () => shelf,
    house: () => house,
    ends: () => ends,
    turnOn: async () => {
      if (life !== null) return;
      const own = startLife(street, name, 0);
      life = own;
      node = street.net.join({ name, isHearth: true, isLiar: false, wanted: 0, now: own.world.now });
      const slow = slowed(shelf, chance, own.later, street.disk);
      const judge = street.judging.judgeFor(async () => undefined);
      const opened = await openBlindHouse(
        {
          shelf: street.guard?.shelf?.(slow) ?? slow,
          judge: street.guard?.judge?.(judge, shelf) ?? judge,
          world: own.world,
          wires: node.wires,
          log: (line) => street.scheduler.note(`${name}: ${line}`),
        },
        own.ending.signal,
      );
      if (life === own) house = opened;
    },
    crash: () => {
      if (life === null) return;
      street.scheduler.note(`${name} crashes`);
      ends += 1;
      life.isAlive = false;
      shelf = shelf.crash();
      node?.kill();
      if (house !== null) street.dead.push(house.close);
      life = node = house = null;
    },
  };
}

/** Who lives on a shelf, as far as it says. */
export async function personOn(
  shelf: Shelf,
  tag: Tag,
): Promise<{ readonly member: MemberId | null; readonly keys: readonly Uint8Array[] }> {
  const { signal } = new AbortController();
  const registry = createRegistry(shelf);
  const identity = await registry.identity(signal);
  const { records } = await registry.communities(signal);
  return {
    member: identity.ok && identity.value !== null ? memberRootFrom(identity.value.entropy).id : null,
    keys: records.find((record) => record.tag === tag)?.keys ?? [],
  };
}
