/** What must be so in the end. */
import { BETWEEN } from "./deeds.ts";
import { auditOf, type Audit } from "./audit.ts";
import type { CommunityView } from "../../src/peer/kith.ts";
import { ownFeedsOn } from "./guards.ts";
import { checkDocuments } from "./document-checks.ts";
import { isBusy, mayPart, type Scene } from "./scene.ts";

export interface Seen {
  readonly name: string;
  /** Null: a hearth. */
  readonly view: CommunityView | null;
  readonly audit: Audit;
}

const views = (scene: Scene) => scene.devices.map((device) => ({ device, view: device.kith()?.view().communities[0] ?? null }));

async function look(scene: Scene): Promise<readonly Seen[]> {
  const { tag, street, hearth } = scene;
  if (tag === null) return [];
  const seen: Seen[] = [];
  for (const { device, view } of views(scene))
    seen.push({ name: device.name, view, audit: await auditOf(device.shelf().twin(), tag, street.judging) });
  if (hearth !== null)
    seen.push({ name: hearth.name, view: null, audit: await auditOf(hearth.shelf().twin(), tag, street.judging) });
  return seen;
}

/** Cheap questions first. */
export async function isQuiet(scene: Scene): Promise<boolean> {
  if (isBusy(scene)) return false;
  const all = views(scene);
  if (all.some(({ view }) => view === null || view.standing === "porch" || (view.waiting > 0 && !mayPart(scene)))) return false;
  if (new Set(all.map(({ view }) => view?.fingerprint)).size !== 1) return false;
  if ((await scene.story?.isQuiet()) === false) return false;
  return new Set((await look(scene)).map(({ audit }) => audit.digest)).size === 1;
}

export async function check(scene: Scene): Promise<void> {
  const { fail } = scene;
  const seen = await look(scene);
  const [first] = seen;
  if (first === undefined) return fail("nobody is left");
  const same = (what: string, of: (one: Seen) => string): void => {
    const groups = new Map<string, string[]>();
    for (const one of seen) groups.set(of(one), [...(groups.get(of(one)) ?? []), one.name]);
    if (groups.size > 1)
      fail(`${what} differs: ${[...groups].map(([value, names]) => `${names.join(" ")}: ${value.slice(0, 60)}`).join(" | ")}`);
  };
  const people = seen.filter(({ name }) => name !== scene.hearth?.name);

  same("the frontier", ({ audit }) => audit.digest);
  same("the fork point", ({ audit }) => audit.forks);
  const isOpen = first.view?.invites.find((invite) => invite.link === scene.links[0])?.state === "open";
  for (const { name, view, audit } of people) {
    if (view === null) {
      fail(`${name} is in no community`);
      continue;
    }
    if (view.standing !== "member" && (isOpen || view.standing === "porch")) fail(`${name} never came in: ${view.standing}`);
    if (view.fingerprint !== audit.fingerprint)
      fail(`${name} shows another fingerprint than its shelf holds: ${view.fingerprint} for ${audit.fingerprint}`);
    if (view.fingerprint !== first.view?.fingerprint) fail(`${name} and ${first.name} show different fingerprints`);
    // What refers to a branch that came to nothing waits for good, where the branch never came.
    if (!mayPart(scene) && (view.waiting > 0 || audit.waiting > 0))
      fail(`${name} holds ${view.waiting} acts that wait, and ${audit.waiting} on the shelf`);
    if (view.held !== audit.held) fail(`${name} counts ${view.held} things that it holds, and its shelf holds ${audit.held}`);
    if (audit.broken > 0) fail(`${audit.broken} pieces on the shelf of ${name} cannot be read`);
    const shown = view.posts.flatMap(({ promises }) => promises.map(({ id, state }) => `${id} ${state}`));
    const stored = [...audit.promises].map(([id, state]) => `${id} ${state}`);
    if (shown.sort().join() !== stored.sort().join()) fail(`${name} shows other promises than its shelf holds`);
    if (
      stored.join() !==
      [...first.audit.promises]
        .map(([id, state]) => `${id} ${state}`)
        .sort()
        .join()
    )
      fail(`${name} and ${first.name} see promises in different states`);
  }

  if (mayPart(scene)) {
    if (scene.mustFork && first.audit.forks === "") fail("two copies wrote apart and nobody can prove it");
  } else if (first.audit.forks !== "") fail(`a feed forked: ${first.audit.forks}`);

  if (scene.hearth !== null && scene.hearth.house()?.tally().communities !== 1) fail("the hearth does not carry the community");
  betweenTwo(scene);
  nothingLost(scene, seen);
  await nothingForeign(scene, seen);
  blameless(scene);
  if (scene.story !== null) await checkDocuments(scene, scene.story, seen);
  await afterCrash(scene);
}

/** What two people say between them is seen by both, alike, and by nobody else. */
function betweenTwo(scene: Scene): void {
  const people = views(scene).flatMap(({ device, view }) =>
    view?.me === undefined || view.me === null ? [] : [{ name: device.name, view, me: view.me.id }],
  );
  const said = (view: CommunityView, me: string, other: string): string =>
    view.posts
      .flatMap(({ talks }) => talks.filter((talk) => talk.with.id === other).flatMap(({ messages }) => messages))
      .map(({ id, words }) => `${id} ${words}`)
      .sort()
      .join() + asidesOf(view, me, other);
  const asidesOf = (view: CommunityView, me: string, other: string): string =>
    view.posts
      .flatMap(({ promises }) => promises)
      .filter(({ giver, receiver }) => [giver.id, receiver.id].sort().join() === [me, other].sort().join())
      .flatMap(({ steps }) => steps.flatMap(({ id, aside, hasAside }) => (hasAside ? [`${id} ${aside ?? "unread"}`] : [])))
      .sort()
      .join();
  for (const { name, view, me } of people) {
    for (const other of people)
      if (other.me !== me && said(view, me, other.me) !== said(other.view, other.me, me))
        scene.fail(
          `${name} and ${other.name} do not see the same words between them: ${said(view, me, other.me)} | ${said(other.view, other.me, me)}`,
        );
    for (const { giver, receiver, steps } of view.posts.flatMap(({ promises }) => promises))
      if (giver.id !== me && receiver.id !== me && steps.some(({ aside, words }) => aside !== null || words.includes(BETWEEN)))
        scene.fail(`${name} reads what ${giver.name} and ${receiver.name} said between them`);
  }
}

const originalOf = (name: string): string => name.replace(/-(copy|restored)$/, "");
const copied = (scene: Scene): ReadonlySet<string> =>
  new Set(scene.devices.filter(({ name }) => name.endsWith("-copy")).flatMap(({ name }) => [name, originalOf(name)]));

function nothingLost(scene: Scene, seen: readonly Seen[]): void {
  const voided = copied(scene); // what a forked feed says counts up to its fork only
  const saved = [...scene.devices, ...scene.gone].flatMap((device) => device.saved).filter(({ by }) => !voided.has(by));
  for (const { name, audit } of seen) {
    const lost = saved.filter(({ id }) => !audit.ids.has(id));
    if (lost.length > 0)
      scene.fail(
        `${name} lacks ${lost.length} of ${saved.length} acts that read saved, such as a ${lost[0]?.kind} by ${lost[0]?.by}`,
      );
  }
}

/** Nobody's feeds but those of the people. */
async function nothingForeign(scene: Scene, seen: readonly Seen[]): Promise<void> {
  if (scene.liar === null) return;
  const known = new Set<string>();
  for (const device of [...scene.devices, ...scene.gone])
    for (const feed of await ownFeedsOn(device.shelf().twin())) known.add(feed);
  for (const { name, audit } of seen) {
    const foreign = [...audit.feeds].filter((feed) => !known.has(feed));
    if (foreign.length > 0) scene.fail(`${name} holds ${foreign.length} feeds that nobody has`);
  }
}

function blameless(scene: Scene): void {
  const { blames } = scene.street.net;
  const isLiar = (name: string): boolean => name.startsWith("liar");
  for (const { by, of, how } of blames)
    if (how !== "coldly" && !isLiar(by) && !isLiar(of)) scene.fail(`${by} punished ${of}, who was honest: ${how}`);
  const liar = scene.liar;
  if (liar !== null && liar.counts.provable >= 10 && !blames.some(({ of, how }) => isLiar(of) && how !== "coldly"))
    scene.fail(`the liar lied ${liar.counts.provable} times where it can be proved, and nobody minded`);
}

/** Power fails everywhere at once: each device still has what it called saved. */
async function afterCrash(scene: Scene): Promise<void> {
  for (const device of scene.devices) {
    device.crash();
    const { ids } = await auditOf(device.shelf().twin(), scene.tag!, scene.street.judging); // founded
    const lost = device.saved.filter(({ id, by }) => !ids.has(id) && !copied(scene).has(by));
    if (lost.length > 0) scene.fail(`${device.name} lost ${lost.length} own acts in a crash`);
  }
}
