/** What must be so of documents in the end: read from the open sheets, and again from each shelf alone. */
import {
  createReplica,
  epochKeyFrom,
  parseForkProof,
  reopen,
  type Decided,
  type DocumentName,
  type EnvelopeId,
  type Replay,
  type Replica,
} from "../../protocol/index.ts";
import { withActsVerified } from "../../src/peer/judge.ts";
import type { Seen } from "./checks.ts";
import { between, branch, drawn, type Chance } from "./chance.ts";
import { fingerprintOf, lettersOf, short } from "./desk.ts";
import type { DocumentStory } from "./documents.ts";
import { ownFeedsOn } from "./guards.ts";
import { personOn, type Device } from "./person.ts";
import type { Scene } from "./scene.ts";

export async function checkDocuments(scene: Scene, story: DocumentStory, seen: readonly Seen[]): Promise<void> {
  const ownerOf = await ownersIn(scene);
  await story.openAll();
  const { fail } = scene;
  const [truth] = seen;
  const [founder] = scene.devices;
  if (truth === undefined || founder === undefined) return;
  const other = await inDisorder(founder, scene, story.names(), branch(scene.street.chance));
  for (const name of story.names()) {
    const first = replayIn(truth.audit.replica, name);
    const says = fingerprintOf(scene.tag!, name, first.doc); // founded
    const verdicts = verdictsOf(first);
    for (const device of scene.devices) {
      const page = story.deskOf(device).open(name);
      const state = page?.sheet.state();
      const audit = seen.find((each) => each.name === device.name)?.audit;
      if (page === null || state?.phase !== "open" || audit === undefined) {
        fail(`${device.name} cannot open ${short(name)}`);
        continue;
      }
      const own = replayIn(audit.replica, name);
      const where = `${short(name)} of ${device.name}`;
      if (fingerprintOf(scene.tag!, name, own.doc) !== says) fail(`the shelf's ${where} says something else`);
      if (verdictsOf(own) !== verdicts) fail(`the shelf's ${where} has other verdicts`);
      if (state.waiting !== own.waiting()) fail(`${where} shows ${state.waiting} that wait, and there are ${own.waiting()}`);
      if (state.fingerprint === null ? own.waiting() === 0 : state.fingerprint !== says)
        fail(`${where} shows the fingerprint ${state.fingerprint?.slice(0, 9)} for ${says.slice(0, 9)}`);
      if (countRefused(own) !== state.refused.reduce((sum, { times }) => sum + times, 0)) fail(`${where} counts other refusals`);
      if (state.saving === "settled" && fingerprintOf(scene.tag!, name, page.sheet.live()) !== says)
        fail(`${where} is settled, and shows something else`);
      scene.scheduler.note(`${where} ${state.fingerprint} ${page.sheet.live().clientID}`);
    }
    blame(scene, story, first, name, ownerOf);
    story.said.set(name, first.waiting() > 0 ? null : says);
    const anew = replayIn(other, name);
    if (fingerprintOf(scene.tag!, name, anew.doc) !== says || verdictsOf(anew) !== verdicts)
      fail(`${short(name)} put together in another order says something else`);
  }
  nothingLost(scene, story, truth.audit.replica);
  readersWroteNothing(scene, story, truth.audit.replica, ownerOf);
  await whispersChangeNothing(scene, story);
}

function replayIn(replica: Replica, name: DocumentName): Replay {
  const replay = replica.community.documents.replay(name);
  replay.advance();
  return replay;
}

const wordOf = ({ verdict }: Decided): string => (typeof verdict === "string" ? verdict : verdict.refused);
const verdictsOf = (replay: Replay): string =>
  replay
    .decided()
    .map((each) => `${each.edit.id} ${wordOf(each)}`)
    .sort()
    .join();
const countRefused = (replay: Replay): number => replay.decided().filter(({ verdict }) => typeof verdict !== "string").length;

async function ownersIn(scene: Scene): Promise<ReadonlyMap<string, string>> {
  const ownerOf = new Map<string, string>();
  for (const device of [...scene.devices, ...scene.gone])
    for (const feed of await ownFeedsOn(device.shelf().twin())) ownerOf.set(feed, device.name);
  return ownerOf;
}

/** Only what was written by hand is refused or waits, and what breaks a rule never counts. */
function blame(
  scene: Scene,
  story: DocumentStory,
  replay: Replay,
  name: DocumentName,
  ownerOf: ReadonlyMap<string, string>,
): void {
  const count = (what: string): void => void (story.figures[what] = (story.figures[what] ?? 0) + 1);
  const byId = new Map<EnvelopeId, Decided>(replay.decided().map((each) => [each.edit.id, each]));
  for (const each of replay.decided()) {
    const owner = ownerOf.get(each.edit.feed) ?? "nobody";
    const word = wordOf(each);
    count(typeof each.verdict === "string" ? `edits ${word}` : `refused ${word}`);
    if (typeof each.verdict !== "string" && !story.isHostile(owner))
      scene.fail(`an edit of ${owner} in ${short(name)}, who is honest, was refused: ${word}`);
    if (word === "stranger") scene.fail(`an edit of ${owner} in ${short(name)} is a stranger's`);
    if (word === "lost-ground" && scene.kind !== "fork" && !scene.mayFork)
      scene.fail(`an edit of ${owner} in ${short(name)} lost its ground, and nobody told two stories`);
  }
  for (const deed of story.byHand.filter((each) => each.name === name)) {
    const word = byId.get(deed.id);
    if (deed.fate === "never" && (word?.verdict === "counts" || word?.verdict === "void"))
      scene.fail(`what breaks ${deed.what} in ${short(name)} was let in`);
    if (deed.fate === "waits" && word !== undefined && word.verdict !== "lost-ground")
      scene.fail(`what names something that never comes was decided: ${wordOf(word)}`);
  }
  const waiting = story.byHand.some((deed) => deed.name === name && deed.fate === "waits");
  if (replay.waiting() > 0 && !waiting)
    scene.fail(`${replay.waiting()} edits of ${short(name)} wait for something that is there`);
  if (replay.waiting() > 0) count("documents that wait for good");
}

/** What was settled is in the document, in its history, or was handed back. */
function nothingLost(scene: Scene, story: DocumentStory, replica: Replica): void {
  const held = new Set(story.names().flatMap((name) => [...lettersOf(replayIn(replica, name).doc)]));
  const copied = new Set(
    scene.devices.filter(({ name }) => name.endsWith("-copy")).flatMap(({ name }) => [name, name.slice(0, -"-copy".length)]),
  );
  const { owed, returned, counts } = story.ledger;
  const lost = [...owed.values()].filter(({ letter }) => !held.has(letter) && !returned.has(letter));
  // What a forked feed says counts up to its fork only, and behind it nobody is handed anything.
  const voided = lost.filter(({ by, at }) => copied.has(by) && at >= story.copiedAt);
  const wrongly = lost.filter((each) => !voided.includes(each));
  story.figures["owed"] = owed.size;
  story.figures["behindOwnFork"] = voided.length;
  const [one] = wrongly;
  if (one !== undefined)
    scene.fail(
      `${wrongly.length} of ${owed.size} settled words are nowhere, such as ${one.letter} by ${one.by} in ${short(one.name)} at ${one.at}`,
    );
  const mayReturn =
    scene.kind === "fork" ||
    scene.mayFork ||
    counts.mistakes > 0 ||
    scene.devices.some((device) =>
      device
        .kith()
        ?.view()
        .communities[0]?.invites.some(({ state }) => state === "closed"),
    );
  if (!mayReturn && counts.handedBack > 0) scene.fail(`${counts.handedBack} words were handed back, and no ground was lost`);
}

function readersWroteNothing(scene: Scene, story: DocumentStory, replica: Replica, ownerOf: ReadonlyMap<string, string>): void {
  for (const name of story.names())
    for (const { edit } of replayIn(replica, name).decided())
      if (story.reader !== null && ownerOf.get(edit.feed)?.replace(/-(copy|restored)$/, "") === story.reader)
        scene.fail(`${story.reader} only reads, and wrote an edit of ${short(name)}`);
}

/** Everybody points somewhere, and nothing that is held changes. */
async function whispersChangeNothing(scene: Scene, story: DocumentStory): Promise<void> {
  const chance = branch(scene.street.chance);
  const stateOf = (): string =>
    scene.devices
      .map((device) => {
        const view = device.kith()?.view().communities[0];
        const says = story.names().map((name) => story.deskOf(device).open(name)?.sheet.state().fingerprint);
        return [device.name, view?.fingerprint, view?.held, ...says].join(" ");
      })
      .join("\n");
  const before = stateOf();
  for (let times = 0; times < 12; times += 1) {
    const device = drawn(chance, scene.devices);
    const name = drawn(chance, story.names());
    const sheet = story.deskOf(device).open(name)?.sheet;
    sheet?.point(chance.next() < 0.2 ? null : { text: null, area: "blocks", after: null });
    await scene.scheduler.run(300);
  }
  const shown = scene.devices.reduce(
    (sum, device) =>
      sum + [...story.deskOf(device).pages.values()].reduce((all, { sheet }) => all + sheet.state().others.length, 0),
    0,
  );
  story.figures["carets"] = shown;
  if (shown === 0) scene.fail("everybody pointed somewhere, and nobody saw anybody");
  if (stateOf() !== before) scene.fail("whispers changed what is held");
}

// ---- from the shelf, in any order

/** R1: pieces of feeds come in any order that keeps each feed's own, proofs at any time, and documents are looked at in between. */
async function inDisorder(device: Device, scene: Scene, names: readonly DocumentName[], chance: Chance): Promise<Replica> {
  const { signal } = new AbortController();
  const tag = scene.tag!; // founded
  const shelf = device.shelf().twin();
  const keys = (await personOn(shelf, tag)).keys.map(epochKeyFrom);
  const queues = new Map<string, (() => Promise<void> | void)[]>();
  const put = (queue: string, job: () => Promise<void> | void): void =>
    void queues.set(queue, [...(queues.get(queue) ?? []), job]);
  const replica = createReplica(tag);
  for await (const batch of shelf.segments(tag, signal))
    for (const { bytes, feed } of batch)
      put(feed, async () => {
        const judged = reopen(tag, bytes, keys);
        if (judged === null) return;
        const opened = await withActsVerified(tag, feed, judged.opened, scene.street.judging.verify);
        const { kind } = replica.weigh(judged);
        if (kind === "grows" || kind === "known") replica.admit({ ...judged, opened });
      });
  for (const { feed, proof } of await shelf.proofs(tag, signal)) {
    const parsed = parseForkProof(tag, proof);
    if (parsed.ok) put(`proof of ${feed}`, () => void replica.takeProof(parsed.value));
  }
  while (queues.size > 0) {
    const queue = drawn(chance, [...queues.keys()]);
    const [next, ...rest] = queues.get(queue) ?? [];
    if (rest.length === 0) queues.delete(queue);
    else queues.set(queue, rest);
    await next?.();
    if (chance.next() < 0.15) replica.community.documents.replay(drawn(chance, names)).advance(between(chance, 1, 20));
  }
  return replica;
}

/** After the power cut all come back, with whatever caches are left, and read what they read before. */
export async function restartAll(scene: Scene, heal: () => Promise<number>): Promise<void> {
  const { story } = scene;
  if (story === null) return;
  await heal();
  await story.openAll();
  for (const device of scene.devices)
    for (const name of story.names()) {
      const now = story.deskOf(device).open(name)?.sheet.state().fingerprint ?? null;
      if (now !== story.said.get(name)) scene.fail(`after a power cut ${short(name)} of ${device.name} says something else`);
    }
}
