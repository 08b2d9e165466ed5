/** What one run knows of itself, the work that is under way in it, and the deeds of its people. */
import type { Tag } from "../../protocol/index.ts";
import type { Chance } from "./chance.ts";
import { drawDeed } from "./deeds.ts";
import type { DiskWeather } from "./disk.ts";
import type { DocumentStory } from "./documents.ts";
import type { SeedKind } from "./guards.ts";
import type { Liar } from "./liar.ts";
import type { Device, SimHearth, Street } from "./person.ts";
import type { Scheduler } from "./scheduler.ts";

/** All that a run knows of itself. */
export interface Scene {
  readonly scheduler: Scheduler;
  readonly street: Street;
  readonly kind: SeedKind;
  readonly devices: Device[];
  readonly hearth: SimHearth | null;
  readonly liar: Liar | null;
  readonly faults: Record<string, number>;
  readonly links: string[];
  /** Devices that were given up; what they said stays. */
  readonly gone: Device[];
  /** Devices whose pen may be gone, and those whose disk was made to fail. */
  readonly mayBeStale: Set<Device>;
  readonly mayFail: Set<Device>;
  readonly fail: (reason: string) => void;
  tag: Tag | null;
  diskWeather: DiskWeather;
  tried: number;
  /** Of each job under way, whether its device still runs. */
  readonly jobs: Set<() => boolean>;
  isHealed: boolean;
  /** Two copies of one device wrote, each without the other. */
  mustFork: boolean;
  /** Somebody tells two stories on purpose. */
  mayFork: boolean;
  /** Null in a street without documents. */
  story: DocumentStory | null;
}

/** Feeds may part in this street. */
export const mayPart = (scene: Scene): boolean => scene.kind === "fork" || scene.mayFork;

/** Work that goes on in virtual time. What it throws is a finding, and its end is awaited, unless its device ended under it. */
export function goOn(scene: Scene, what: string, on: { readonly ends: () => number } | null, job: () => Promise<void>): void {
  const ends = on?.ends();
  const isAlive = (): boolean => on?.ends() === ends;
  scene.jobs.add(isAlive);
  void job()
    .catch((error: unknown) => isAlive() && scene.fail(`${what} threw: ${text(error)}`))
    .finally(() => scene.jobs.delete(isAlive));
}
export const isBusy = (scene: Scene): boolean => [...scene.jobs].some((isAlive) => isAlive());

/** One random deed, whatever becomes of it. */
export function act(scene: Scene, device: Device, chance: Chance): void {
  if (scene.tag === null) return;
  const deed = drawDeed(device, scene.tag, chance, scene.links, new AbortController().signal);
  if (deed === null) return;
  scene.tried += 1;
  goOn(scene, `${device.name}'s ${deed.what}`, device, async () => {
    const start = device.starts();
    const isForkKnown = (device.kith()?.view().communities[0]?.forkedFeeds.length ?? 0) > 0;
    const result = await deed.run();
    scene.scheduler.note(`${device.name} ${deed.what} ${result.ok ? "ok" : result.error.kind}`);
    if (result.ok) {
      if (device.starts() === start) device.hasPen = true;
      for (const id of result.value) device.saved.push({ id, kind: deed.what, by: device.name });
      const shown = device.starts() === start ? device.kith()?.view().communities[0]?.posts : undefined;
      // A proof that comes while one writes is nobody's fault.
      if (deed.what === "post" && (isForkKnown || !mayPart(scene)) && shown?.some(({ id }) => id === result.value[0]) === false)
        scene.fail(`${device.name} wrote a post, and its own screen does not show it`);
      if (deed.isOutOfTurn) scene.fail(`${device.name}'s ${deed.what} was out of turn and was written`);
      return;
    }
    const isExpected =
      (deed.isOutOfTurn && ["out-of-turn", "not-found"].includes(result.error.kind)) ||
      (result.error.kind === "stale-writer" && scene.mayBeStale.has(device)) ||
      (["disk-full", "storage-failed"].includes(result.error.kind) &&
        (scene.mayFail.has(device) || !device.isOn() || device.starts() !== start));
    if (!isExpected) scene.fail(`${device.name}'s ${deed.what} was refused: ${result.error.kind}`);
  });
}

export const text = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message).split("\n").slice(0, 4).join(" | ") : String(error);
