/**
 * One seed: a street of real houses over a fake net, its bad days, its healing, and what must be so in the end.
 *
 *   1  Somebody founds, invites, and the others come by the link, early or late.
 *   2  Everybody says and promises things while links, streams, disks and devices fail.
 *   3  All is healed; neighbours ask each other until they are quiet.
 *   4  checks.ts: nobody lost anything, and all say the same.
 */
import { between, branch, createChance, drawn, type Chance } from "./chance.ts";
import { check, isQuiet } from "./checks.ts";
import { draftOf } from "./deeds.ts";
import { copyOf, FAST } from "./disk.ts";
import { noCounts } from "./cache-disk.ts";
import { createDocumentStory } from "./documents.ts";
import { restartAll } from "./document-checks.ts";
import { bringFaults } from "./faults.ts";
import { forbid } from "./forbidden.ts";
import { guards, type GuardName, type SeedKind } from "./guards.ts";
import { createJudging } from "./judging.ts";
import { createLiar } from "./liar.ts";
import { createNet } from "./net.ts";
import { CALM } from "./node.ts";
import { createDevice, createHearth, type Device, type Street } from "./person.ts";
import { act, goOn, isBusy, text, type Scene } from "./scene.ts";
import { createScheduler, drained } from "./scheduler.ts";

/** What people do: promises only, or documents too. */
export type Scenario = "street" | "documents";

export interface RunOptions {
  readonly scenario?: Scenario;
  readonly kind?: SeedKind;
  readonly broken?: GuardName;
  /** A line of the code is not there (cuts.ts). */
  readonly isCut?: boolean;
  readonly print?: (line: string) => void;
}

export interface RunResult {
  readonly seed: number;
  readonly kind: SeedKind;
  readonly peers: number;
  readonly acts: { readonly tried: number; readonly saved: number };
  readonly faults: Readonly<Record<string, number>>;
  readonly streams: number;
  readonly events: number;
  readonly virtualMs: number;
  /** From the healing until all were equal. */
  readonly settledMs: number;
  readonly trace: string;
  /** Of what was done at desks. */
  readonly documents: Readonly<Record<string, number>>;
  readonly failures: readonly string[];
}

const ACTS_MS = 240_000;
/** Writing is dense, and whispers make many events. */
const WRITING_MS = 130_000;
const SETTLE_MS = 1_200_000;
/** With a guard broken they may never be equal, and nobody waits for it. */
const BROKEN_SETTLE_MS = 120_000;
const NAMES = ["ana", "bo", "cy", "dee", "eli", "fay", "gus", "hal", "ina"];

const KINDS: Readonly<Record<Scenario, readonly SeedKind[]>> = {
  street: ["plain", "hostile", "plain", "fork", "plain", "restored"],
  documents: ["plain", "hostile", "plain", "fork", "hostile", "restored"],
};
export const kindOf = (seed: number, scenario: Scenario = "street"): SeedKind => KINDS[scenario][seed % 6] ?? "plain";

export async function runSeed(seed: number, options: RunOptions = {}): Promise<RunResult> {
  const chance = createChance(seed);
  const broken = options.broken === undefined ? null : guards[options.broken];
  const kind = options.kind ?? broken?.kind ?? kindOf(seed, options.scenario);
  const failures = new Set<string>();
  const scene = createScene(chance, kind, options, (reason) => failures.add(reason));
  let settledMs = 0;
  const stray = (reason: unknown): void => void failures.add(`a promise nobody waits for was rejected: ${text(reason)}`);
  process.on("unhandledRejection", stray);
  const allow = forbid((reason) => failures.add(reason));
  try {
    await found(scene);
    await live(scene, branch(chance));
    settledMs = await heal(scene);
    if (kind === "restored" && failures.size === 0) await restore(scene, branch(chance));
    await check(scene);
    if (failures.size === 0) await restartAll(scene, () => heal(scene));
    await farewell(scene);
  } catch (error) {
    failures.add(text(error));
  } finally {
    await drained();
    for (const end of scene.street.dead) await Promise.race([Promise.resolve(end()).catch(() => undefined), drained()]);
    await drained();
    process.off("unhandledRejection", stray);
    allow();
  }
  const { net } = scene.street;
  const { gossip: _gossip, streams, ...netFaults } = net.counts;
  return {
    seed,
    kind,
    peers: scene.devices.length + scene.gone.length + (scene.hearth === null ? 0 : 1) + (scene.liar === null ? 0 : 1),
    acts: { tried: scene.tried, saved: [...scene.devices, ...scene.gone].reduce((sum, { saved }) => sum + saved.length, 0) },
    faults: { ...scene.faults, ...netFaults, ...(scene.liar?.counts ?? {}) },
    streams,
    events: scene.scheduler.events(),
    virtualMs: scene.scheduler.now(),
    settledMs,
    trace: scene.scheduler.trace(),
    documents: scene.story === null ? {} : { ...scene.story.ledger.counts, ...scene.story.figures, ...scene.street.cacheCounts },
    failures: [...failures],
  };
}

function createScene(
  chance: Chance,
  kind: SeedKind,
  { scenario = "street", broken, isCut = false, print }: RunOptions,
  fail: (reason: string) => void,
): Scene {
  const hasDocuments = scenario === "documents";
  const scheduler = createScheduler(print ?? null);
  const net = createNet(scheduler, branch(chance));
  const hasHearth = chance.next() < 0.6;
  const people = between(chance, 3, !hasDocuments ? 9 : chance.next() < 0.7 ? 5 : 8);
  const street: Street = {
    scheduler,
    chance: branch(chance),
    net,
    judging: createJudging(),
    guard: broken === undefined ? null : guards[broken],
    isWhole: broken === undefined && !isCut,
    hasDocuments,
    cacheCounts: noCounts(),
    started: null,
    dead: [],
    disk: () => scene.diskWeather,
    // A full mesh, a sparse one, or nobody but the hearth between them.
    wanted: chance.next() < 0.5 ? 12 : hasHearth && chance.next() < 0.3 ? 0 : between(chance, 1, 3),
    hearths: () => (hasHearth ? ["/dns4/hearth.example/tcp/443/wss/p2p/hearth"] : []),
  };
  const scene: Scene = {
    scheduler,
    street,
    kind,
    devices: NAMES.slice(0, people).map((name) => createDevice(street, name)),
    hearth: hasHearth ? createHearth(street, "hearth") : null,
    liar: kind === "hostile" && !hasDocuments ? createLiar(street) : null,
    faults: {},
    links: [],
    gone: [],
    mayBeStale: new Set(),
    mayFail: new Set(),
    fail,
    tag: null,
    diskWeather: FAST,
    tried: 0,
    jobs: new Set(),
    isHealed: false,
    mustFork: false,
    mayFork: false,
    story: null,
  };
  if (hasDocuments) scene.story = createDocumentStory(scene, branch(chance));
  return scene;
}

async function found(scene: Scene): Promise<void> {
  const { scheduler, devices, hearth } = scene;
  const [founder] = devices;
  if (founder === undefined) throw new Error("a street without people");
  const { signal } = new AbortController();
  if (hearth !== null) goOn(scene, "the hearth's start", hearth, hearth.turnOn);
  goOn(scene, "founding", founder, async () => {
    await founder.turnOn();
    const kith = founder.kith();
    const tag = await kith?.found(
      { community: "Rose Lane", purpose: "Neighbours who look out for each other.", myName: founder.name },
      signal,
    );
    if (kith === null || tag?.ok !== true) throw new Error("could not found");
    const link = await kith.invite(tag.value, "open", signal);
    if (!link.ok) throw new Error("could not invite");
    scene.tag = tag.value;
    founder.hasPen = true;
    scene.links.push(link.value);
  });
  await scheduler.run(5_000, () => scene.tag !== null);
  if (scene.tag === null) throw new Error("nobody founded anything");
}

/** Most come early, some late; who cannot start or join tries again. */
function arrive(scene: Scene, device: Device, ms: number): void {
  scene.scheduler.after(ms, `${device.name} arrives`, () =>
    goOn(scene, `${device.name} joining`, device, async () => {
      if (!device.isOn()) await device.turnOn();
      const link = scene.links[0];
      const joined = link === undefined ? undefined : await device.kith()?.join(link, device.name, new AbortController().signal);
      if (joined?.ok !== true && !scene.isHealed) arrive(scene, device, 3_000);
    }),
  );
}

async function live(scene: Scene, chance: Chance): Promise<void> {
  const { scheduler, devices, street } = scene;
  const forMs = scene.story === null ? ACTS_MS : WRITING_MS;
  for (const device of devices.slice(1))
    arrive(scene, device, chance.next() < 0.75 ? between(chance, 100, 20_000) : between(chance, 20_000, forMs));
  if (scene.liar !== null) scene.liar.begin(scene.tag!); // founded
  bringFaults(scene, branch(chance), forMs);
  scene.story?.live(branch(chance), forMs);
  for (let left = scene.story === null ? between(chance, 40, 80) : between(chance, 5, 15); left > 0; left -= 1)
    scheduler.after(between(chance, 10_000, forMs), "somebody acts", () => act(scene, drawn(chance, devices), chance));
  if (scene.kind === "fork")
    scheduler.after(between(chance, 60_000, forMs === ACTS_MS ? 150_000 : 90_000), "a device is copied", () =>
      forkSomebody(scene, chance),
    );
  await scheduler.run(forMs);
  street.net.weather(CALM);
}

/** A copy of somebody's profile runs beside the original; the two do not hear each other, and both write. */
function forkSomebody(scene: Scene, chance: Chance): void {
  const { street, scheduler } = scene;
  const able = scene.devices.filter(
    (device) => device.kith()?.view().communities[0]?.standing === "member" && device.saved.length > 0,
  );
  const [original] = able.length === 0 ? [] : [drawn(chance, able)];
  if (original === undefined) return void scheduler.after(5_000, "nobody to copy yet", () => forkSomebody(scene, chance));
  goOn(scene, "copying a device", null, async () => {
    const copy = createDevice(street, `${original.name}-copy`, await copyOf(original.shelf().twin()), original.cacheDisk.copy());
    if (scene.story !== null) scene.story.copiedAt = scheduler.now();
    scene.faults["copies"] = (scene.faults["copies"] ?? 0) + 1;
    scene.mayBeStale.add(copy).add(original);
    street.net.part((name) =>
      name.startsWith(copy.name) || (!name.startsWith(original.name) && name.charCodeAt(0) % 2 === 0) ? 1 : 0,
    );
    scene.devices.push(copy);
    goOn(scene, "starting the copy", copy, copy.turnOn);
    const wrote = new Set<Device>();
    for (const device of [copy, original, copy, original])
      scheduler.after(between(chance, 500, 9_000), `${device.name} writes apart`, () =>
        goOn(scene, `${device.name} writing apart`, device, async () => {
          const said = await device.kith()?.post(scene.tag!, draftOf(chance), new AbortController().signal); // founded
          if (said?.ok !== true) return;
          device.saved.push({ id: said.value, kind: "post", by: device.name });
          wrote.add(device);
        }),
      );
    scheduler.after(20_000, "the copies meet", () => {
      scene.mustFork = wrote.size === 2;
      street.net.part(null);
    });
  });
}

/** Faults off, everybody back; then until all are equal, or too long. */
async function heal(scene: Scene): Promise<number> {
  const { scheduler, street } = scene;
  scene.isHealed = true;
  scene.diskWeather = FAST;
  for (const device of scene.devices) {
    device.isFull = false;
    device.trap = null;
  }
  street.net.part(null);
  scheduler.note("all is healed");
  const forMs = street.isWhole ? SETTLE_MS : BROKEN_SETTLE_MS;
  const began = scheduler.now();
  await scheduler.run(15_000, () => !isBusy(scene));
  for (const device of scene.devices) if (!device.isOn()) goOn(scene, `${device.name}'s start`, device, device.turnOn);
  if (scene.hearth !== null) goOn(scene, "the hearth's start", scene.hearth, scene.hearth.turnOn);
  for (const device of scene.devices.slice(1)) if (device.kith()?.view().communities.length === 0) arrive(scene, device, 100);
  for (let pauseMs = 5_000; scheduler.now() - began < forMs; pauseMs = Math.ceil(pauseMs * 1.3)) {
    street.net.bridge();
    await scheduler.run(pauseMs);
    if (await isQuiet(scene)) return scheduler.now() - began;
  }
  return scheduler.now() - began;
}

/** An older copy of a profile comes back after the original was lost: it may read on, and must not write. */
async function restore(scene: Scene, chance: Chance): Promise<void> {
  const { scheduler, street } = scene;
  const able = scene.devices.filter((device) => device.kith()?.view().communities[0]?.standing === "member");
  const original = drawn(chance, able);
  const copy = createDevice(
    street,
    `${original.name}-restored`,
    await copyOf(original.shelf().twin()),
    original.cacheDisk.copy(),
  );
  const { signal } = new AbortController();
  for (let times = 0; times < 4; times += 1) {
    goOn(scene, "writing on", original, async () => {
      const said = await original.kith()?.post(scene.tag!, draftOf(chance), signal); // founded
      if (said?.ok === true) original.saved.push({ id: said.value, kind: "post", by: original.name });
      // A failure that was drawn for its disk may still be due: one.
      else if (times > 0 || !scene.mayFail.has(original))
        throw new Error(`an able person could not post: ${said?.error.kind ?? "off"}`);
    });
    scene.story?.sit(original, chance);
    await scheduler.run(2_000);
  }
  await heal(scene);
  original.crash();
  // Nobody is left who could tell again what it said: the disks of the others have it by now, or all of it would be lost together.
  for (const device of scene.devices) device.shelf().settle();
  if (scene.story !== null) {
    scene.mayBeStale.add(copy);
    if (chance.next() < 0.5) copy.cacheDisk = original.cacheDisk; // a cache that is ahead of its log
  }
  scene.gone.push(original);
  scene.devices.splice(scene.devices.indexOf(original), 1, copy);
  scene.faults["restores"] = 1;
  goOn(scene, "starting the copy", copy, async () => {
    await copy.turnOn();
    for (const name of scene.story?.names() ?? []) scene.story?.deskOf(copy).open(name); // before anybody has said a word
  });
  await heal(scene);
  const mayWrite = await copy.kith()?.post(scene.tag!, draftOf(chance), signal);
  if (mayWrite?.ok !== false || mayWrite.error.kind !== "stale-writer")
    scene.fail("a restored copy wrote into a feed that went on without it");
  scene.story?.sit(copy, chance);
  await heal(scene);
}

async function farewell(scene: Scene): Promise<void> {
  scene.liar?.end();
  for (const device of scene.devices) await device.turnOff();
  scene.hearth?.house()?.close();
  scene.hearth?.crash();
  await scene.scheduler.run(60_000);
}
