/**
 * The scenario `documents`: the same street, with people who write together. What they do at their desks, what those do who mean harm,
 * and when. What must be so in the end is document-checks.ts.
 */
import { CHARTER, parseDocumentName, profileOf, type DocumentName, type Millis } from "../../protocol/index.ts";
import { between, drawn, type Chance } from "./chance.ts";
import { createDesk, createLedger, short, type Desk, type Ledger, type Page } from "./desk.ts";
import { copyOf } from "./disk.ts";
import { writeByHand, type Deed, type Mood } from "./mischief.ts";
import { createDevice, EPOCH_MS, type Device } from "./person.ts";
import { goOn, type Scene } from "./scene.ts";
import { mistake, pointSomewhere, writeOnce, type Writer } from "./writing.ts";

export interface DocumentStory {
  readonly ledger: Ledger;
  readonly names: () => readonly DocumentName[];
  readonly deskOf: (device: Device) => Desk;
  /** Those who write by hand, and their copies. */
  readonly isHostile: (name: string) => boolean;
  /** Looks at everything and writes nothing; null in a street of few. */
  readonly reader: string | null;
  readonly byHand: readonly Deed[];
  readonly figures: Record<string, number>;
  /** Fingerprints as they were before the last power cut. */
  readonly said: Map<DocumentName, string | null>;
  /** Since when somebody's feed has two stories; Infinity when none has. */
  copiedAt: number;
  /** Schedules all of it. */
  readonly live: (chance: Chance, forMs: number) => void;
  readonly sit: (device: Device, chance: Chance, name?: DocumentName) => void;
  /** Opens all documents everywhere, and waits until they are put together. */
  readonly openAll: () => Promise<void>;
  /** They say the same everywhere. Whoever has settled all closes. */
  readonly isQuiet: () => Promise<boolean>;
}

const HEX = "0123456789abcdef";
const PAUSES_MS = [60, 200, 900, 2_500];

export function createDocumentStory(scene: Scene, chance: Chance): DocumentStory {
  const { scheduler, street, devices } = scene;
  const ledger = createLedger(scheduler.now, scene.fail);
  const desks = new Map<Device, { readonly start: number; readonly desk: Desk }>();
  const numbered = (kind: "notes" | "entry"): DocumentName =>
    parseDocumentName(`${kind}/${Array.from({ length: 32 }, () => drawn(chance, [...HEX])).join("")}`) ?? CHARTER;
  const fixed = [CHARTER, numbered("notes"), numbered("entry")];
  const profiles = new Map<string, DocumentName>();
  const hostile = new Set(
    scene.kind === "hostile"
      ? devices.slice(2, 2 + (devices.length > 4 ? between(chance, 1, 2) : 1)).map(({ name }) => name)
      : [],
  );
  const reader = devices.length > 4 ? (devices.at(-1)?.name ?? null) : null;
  /** An editor that puts in what may not stand there. */
  const hasMistakes = chance.next() < 0.2;
  const byHand: Deed[] = [];
  const figures: Record<string, number> = {};
  const count = (what: string): void => void (figures[what] = (figures[what] ?? 0) + 1);
  const original = (name: string): string => name.replace(/-(copy|restored)$/, "");
  const isHostile = (name: string): boolean => hostile.has(original(name));
  const communityOf = (device: Device) => device.kith()?.view().communities[0] ?? null;
  const isOutside = (device: Device): boolean => communityOf(device)?.standing !== "member";
  const able = (): readonly Device[] => devices.filter((device) => communityOf(device)?.standing === "member");

  function names(): readonly DocumentName[] {
    for (const device of devices.slice(0, 2)) {
      const me = communityOf(device)?.me;
      if (me !== null && me !== undefined) profiles.set(device.name, profileOf(me.id));
    }
    return [...fixed, ...profiles.values()];
  }

  function deskOf(device: Device): Desk {
    const known = desks.get(device);
    if (known?.start === device.starts()) return known.desk;
    const desk = createDesk(device, scene.tag!, ledger); // founded
    desks.set(device, { start: device.starts(), desk });
    device.closed = () => inGoodOrder(device, desk);
    return desk;
  }

  /** What was open before is opened first thing, before anybody else has said a word. */
  street.started = (device) => {
    const before = desks.get(device);
    if (before === undefined || scene.isHealed || communityOf(device) === null) return;
    const [...names] = before.desk.pages.keys();
    for (const name of names) if (chance.next() < 0.7) deskOf(device).open(name);
    if (names.length > 0 && chance.next() < 0.6) sit(device, chance, drawn(chance, names));
  };

  /** Whoever closes with a disk that works and a pen of their own loses nothing. */
  function inGoodOrder(device: Device, desk: Desk): void {
    for (const page of desk.pages.values()) {
      page.look();
      if (page.sheet.state().saving !== "settled" && !scene.mayFail.has(device) && !scene.mayBeStale.has(device))
        scene.fail(`${device.name} closed in good order, and what was typed in ${short(page.sheet.name)} is not settled`);
    }
  }

  function sit(device: Device, from: Chance, where?: DocumentName): void {
    if (communityOf(device) === null || isHostile(device.name)) return;
    const all = names();
    const name = where ?? (from.next() < 0.4 ? CHARTER : drawn(from, all));
    const desk = deskOf(device);
    const page = desk.open(name);
    if (page === null) return;
    const start = device.starts();
    const mayGoOn = (): boolean =>
      device.starts() === start && device.kith() !== null && desk.pages.get(name) === page && (!scene.isHealed || isLate);
    const isLate = scene.isHealed;
    const step = (left: number, rise: () => void): void => {
      scheduler.after(between(from, 5, drawn(from, PAUSES_MS)), `${device.name} at ${short(name)}`, () => {
        if (!mayGoOn()) return rise();
        work(device, page, from);
        if (left > 0) return step(left - 1, rise);
        leave(device, page, from);
        rise();
      });
    };
    goOn(scene, `${device.name}'s sitting`, device, () => new Promise((rise) => step(between(from, 1, isLate ? 4 : 14), rise)));
  }

  function work(device: Device, page: Page, from: Chance): void {
    const { sheet } = page;
    const me = communityOf(device)?.me;
    const said: string[] = [];
    const words = (): string => {
      const made = ledger.words(from);
      said.push(made);
      return made;
    };
    // Yjs groups what is undone together by the machine's clock: here by chance.
    sheet.undo().captureTimeout = Infinity;
    if (from.next() < 0.4) sheet.undo().stopCapturing();
    if (from.next() < 0.5) pointSomewhere({ sheet, chance: from });
    if (original(device.name) === reader) {
      sheet.undo().undo();
      sheet.edit(() => undefined);
      return;
    }
    if (me === null || me === undefined || sheet.state().mayWrite.length === 0) {
      const before = sheet.state().saving;
      const isTaken = sheet.edit(() => scene.fail("a change ran where nothing may be written"));
      if (isTaken && sheet.state().phase === "open") scene.fail(`${device.name} may not write in ${short(sheet.name)}, and did`);
      if (sheet.state().saving !== before) scene.fail("a refused change left something unsettled");
      return;
    }
    const writer: Writer = { sheet, chance: from, words, me: me.id, isSteward: device === devices[0] };
    let what = "mistake";
    if (from.next() < 0.05 && hasMistakes && mistake(writer)) {
      ledger.counts.mistakes += 1;
    } else what = writeOnce(writer);
    ledger.counts.commands += 1;
    scheduler.note(`${device.name} ${what} in ${short(sheet.name)}`);
    page.wrote(what, said);
  }

  function leave(device: Device, page: Page, from: Chance): void {
    const luck = from.next();
    if (luck < 0.15) return;
    if (luck < 0.7) {
      page.close();
      const start = device.starts();
      scheduler.after(600, `${device.name} has closed ${short(page.sheet.name)}`, () => device.starts() === start && page.look());
      return;
    }
    goOn(scene, `${device.name} settling`, device, async () => {
      const start = device.starts();
      const done = await page.sheet.settle(new AbortController().signal);
      const isExpected =
        done.ok ||
        scene.mayFail.has(device) ||
        scene.mayBeStale.has(device) ||
        !device.isOn() ||
        device.starts() !== start ||
        device.kith() === null;
      if (!isExpected) scene.fail(`${device.name} could not settle: ${done.error.kind}`);
    });
  }

  // ---- what goes wrong here and nowhere else

  function bring(from: Chance, forMs: number): void {
    const times = (least: number, most: number, label: string, run: () => void): void => {
      for (let left = between(from, least, most); left > 0; left -= 1)
        scheduler.after(between(from, 15_000, forMs), label, () => !scene.isHealed && run());
    };
    const near = (): Device | null => {
      const on = devices.filter((device) => device.kith() !== null);
      return on.length === 0 ? null : drawn(from, on);
    };
    times(1, 5, "a power cut comes near", () => {
      const device = near();
      if (device === null) return;
      device.trap = {
        on: drawn(from, ["append", "append", "put", "cache", "cache"]),
        left: between(from, 0, 6),
        sprung: (on) => {
          count(on === "append" ? "cutsBehindLog" : on === "put" ? "cutsBehindOthers" : "cutsBehindCache");
          scheduler.after(between(from, 200, 15_000), `${device.name} comes back`, () =>
            goOn(scene, `${device.name}'s start`, device, device.turnOn),
          );
        },
      };
    });
    times(0, 3, "a disk is full", () => {
      const device = near();
      if (device === null) return;
      count("fullDisks");
      scene.mayFail.add(device);
      device.isFull = true;
      scheduler.after(between(from, 1_000, 20_000), "there is room again", () => void (device.isFull = false));
    });
    if (hostile.size > 0) {
      times(3, 6, "mischief", () => mischief(from, "any"));
      if (from.next() < 0.6) scheduler.after(between(from, 45_000, 80_000), "two stories", () => twoStories(from));
    }
    if (from.next() < 0.25)
      scheduler.after(between(from, 20_000, forMs), "a door is closed", () => {
        const [founder] = devices;
        const invite = founder === undefined ? undefined : communityOf(founder)?.invites.find(({ state }) => state === "open");
        if (founder === undefined || invite === undefined) return;
        count("doorsClosed");
        goOn(scene, "closing a door", founder, async () => {
          await founder.kith()?.closeInvite(scene.tag!, invite.id, new AbortController().signal); // founded
        });
      });
  }

  function drawHostile(from: Chance): Device | null {
    const known = devices.filter(({ name }) => hostile.has(name));
    return known.length === 0 ? null : drawn(from, known);
  }

  async function write(device: Device, from: Chance, mood: Mood): Promise<void> {
    const now = (EPOCH_MS + scheduler.now()) as Millis;
    const made = await writeByHand(device.shelf().twin(), scene.tag!, street.judging, now, from, mood, names()); // founded
    for (const deed of made) {
      byHand.push(deed);
      count("byHand");
      scheduler.note(`${device.name} ${deed.what} by hand in ${short(deed.name)}`);
    }
  }

  function mischief(from: Chance, mood: Mood): void {
    const device = drawHostile(from);
    if (device === null || device.kith() === null || communityOf(device)?.standing !== "member") return;
    scene.mayBeStale.add(device);
    goOn(scene, "mischief", null, async () => {
      await device.turnOff();
      await write(device, from, mood);
      goOn(scene, `${device.name}'s start`, device, device.turnOn);
    });
  }

  /** A feed that parts in two, each half of the street reads one, and writes on. */
  function twoStories(from: Chance): void {
    const device = drawHostile(from);
    if (device === null || scene.isHealed) return;
    if (device.kith() === null || communityOf(device)?.standing !== "member")
      return void scheduler.after(5_000, "not yet two stories", () => twoStories(from));
    scene.mayFork = true;
    story.copiedAt = scheduler.now();
    scene.mayBeStale.add(device);
    count("hostileForks");
    goOn(scene, "two stories", null, async () => {
      await device.turnOff();
      const copy = createDevice(street, `${device.name}-copy`, await copyOf(device.shelf().twin()), device.cacheDisk.copy());
      scene.mayBeStale.add(copy);
      await write(device, from, "allowed");
      await write(copy, from, "allowed");
      street.net.part((name) =>
        name.startsWith(copy.name) || (!name.startsWith(device.name) && name.charCodeAt(0) % 2 === 0) ? 1 : 0,
      );
      devices.push(copy);
      goOn(scene, `${device.name}'s start`, device, device.turnOn);
      goOn(scene, `${copy.name}'s start`, copy, copy.turnOn);
      for (let ms = 4_000; ms < 30_000; ms += 2_000)
        scheduler.after(ms, "somebody builds on one of them", () => {
          const on = able().filter(({ name }) => !isHostile(name));
          if (on.length > 0 && !scene.isHealed) sit(drawn(from, on), from);
        });
      scheduler.after(38_000, "the stories meet", () => street.net.part(null));
    });
  }

  async function openAll(): Promise<void> {
    for (const device of devices) for (const name of names()) deskOf(device).open(name);
    await scheduler.run(400);
  }

  const story: DocumentStory = {
    ledger,
    names,
    deskOf,
    isHostile,
    reader,
    byHand,
    figures,
    said: new Map(),
    copiedAt: Infinity,
    sit,
    live: (from, forMs) => {
      bring(from, forMs);
      for (let left = between(from, 16, 30); left > 0; left -= 1)
        scheduler.after(between(from, 12_000, forMs), "somebody sits down", () => {
          const on = able();
          if (on.length > 0) sit(drawn(from, on), from);
        });
      // Two at once in the same document.
      for (let left = between(from, 3, 7); left > 0; left -= 1)
        scheduler.after(between(from, 15_000, forMs), "some sit down together", () => {
          const on = able();
          if (on.length === 0) return;
          const name = drawn(from, names());
          for (let times = between(from, 2, 3); times > 0; times -= 1) sit(drawn(from, on), from, name);
        });
    },
    openAll,
    isQuiet: async () => {
      await openAll();
      const all = names();
      const isQuiet = all.every((name) => {
        const states = devices.map((device) => {
          const page = deskOf(device).open(name);
          page?.look();
          return { device, state: page?.sheet.state() ?? null };
        });
        const isDone = states.every(
          ({ device, state }) =>
            state?.phase === "open" &&
            (state.saving === "settled" || (state.saving === "failed" && scene.mayBeStale.has(device)) || isOutside(device)),
        );
        return isDone && new Set(states.map(({ state }) => state?.fingerprint)).size === 1;
      });
      // Each that is open whispers, which costs more than all else.
      for (const device of devices)
        for (const page of deskOf(device).pages.values()) if (page.sheet.state().saving === "settled") page.close();
      return isQuiet;
    },
  };
  return story;
}
