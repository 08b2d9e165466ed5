/**
 * Scene: a few people write in one document with the app's real commands, at once, with undo, pastes and moves; and everything that
 * the gate was asked while they did. Their edits are what hostile updates are made from, and stand beside.
 */
import type { Doc, Map as YMap } from "yjs";
import type { FeedId, MemberId } from "../../protocol/crypto/hash.ts";
import { clientOf } from "../../protocol/documents/client.ts";
import type { Claim } from "../../protocol/documents/gate.ts";
import {
  BLOCK_KINDS,
  PROFILE_FACTS,
  profileOf,
  subjectOf,
  type DocumentKind,
  type DocumentName,
  type DocumentSubject,
} from "../../protocol/documents/kinds.ts";
import { createPast, joinPasts, type Past } from "../../protocol/documents/past.ts";
import type { Edit, Replay } from "../../protocol/documents/replay.ts";
import { scanUpdate, type Update } from "../../protocol/documents/update.ts";
import { rowsOf, textOf } from "../../src/ui/editor/blocks.ts";
import {
  deleteRange,
  insertBlock,
  insertText,
  mergeWithNext,
  mergeWithPrevious,
  moveBlock,
  removeBlock,
  replaceText,
  setFact,
  setKind,
  splitBlock,
} from "../../src/ui/editor/commands.ts";
import { pasteText } from "../../src/ui/editor/paste.ts";
import { createScribe, feedBy, memberBy, type Scribe } from "../protocol/documents/scribes.ts";
import type { Dice } from "./chance.ts";

/** Ana (0), the steward; Bo (1) and a second device of his (4); Mal (2); Cy (3). Only Bo's two may write Bo's page. */
export const FEEDS = [0, 1, 2, 3, 4].map(feedBy);
const people = [0, 1, 2, 3, 1];
export const numberOf = (feed: FeedId): number | null => people[FEEDS.indexOf(feed)] ?? null;
const memberOf = (feed: FeedId): MemberId => memberBy(numberOf(feed) ?? 0);
export const claimOf = (feed: FeedId): Claim => ({ member: memberOf(feed), isSteward: numberOf(feed) === 0 });

export const NAMES = [
  "notes/00112233445566778899aabbccddeeff",
  "entry/00112233445566778899aabbccddeeff",
  "charter",
  profileOf(memberBy(1)),
] as readonly string[] as readonly DocumentName[];

/** An honest edit, as it came to the gate. */
export interface Written {
  readonly edit: Edit;
  readonly update: Update;
  /** What its author had seen, this edit's own `seen` included. */
  readonly past: Past;
  /** And with it. */
  readonly after: Past;
  /** Its place among its feed's edits. */
  readonly index: number;
}

export interface Scene {
  readonly name: DocumentName;
  readonly subject: DocumentSubject;
  readonly replay: Replay;
  readonly written: readonly Written[];
  readonly byFeed: ReadonlyMap<FeedId, readonly Written[]>;
  /** Honest edits that the gate refused, or people who do not say the same in the end: violations. */
  readonly wrong: readonly string[];
  /** How often an editor's own check handed back what was typed: Yjs's undo sometimes names neighbours that never were. */
  readonly handedBack: number;
}

const STEPS = 70;

export function sceneOf(name: DocumentName, dice: Dice, say: (doc: Doc, kind: DocumentKind) => string): Scene {
  const subject = subjectOf(name);
  if (subject === null) throw new Error(`no document is named ${name}`);
  const scribes = FEEDS.map((_, number) => createScribe(name, number, numberOf));
  const told = new Map<FeedId, Edit[]>(FEEDS.map((feed) => [feed, []]));
  const writers = subject.kind === "profile" ? [scribes[1]!, scribes[4]!] : scribes;
  const tell = (scribe: Scribe): void => void told.get(scribe.feed)?.push(...scribe.settle());
  const hear = (scribe: Scribe, other: Scribe, most: number): void => {
    if (scribe === other) return;
    const known = scribe.shelf.lengths.get(other.feed) ?? 0;
    for (const edit of (told.get(other.feed) ?? []).slice(known, known + most)) scribe.take(edit);
  };
  for (let step = 0; step < STEPS; step += 1) {
    const scribe = dice.pick(writers);
    const turn = dice.below(20);
    if (turn < 4) tell(scribe);
    else if (turn < 10) hear(scribe, dice.pick(scribes), 3);
    else if (turn === 10) scribe.undo.undo();
    else if (turn === 11) scribe.undo.redo();
    else act(scribe, subject, dice);
  }
  for (const scribe of scribes) tell(scribe);
  for (const scribe of scribes) for (const other of scribes) hear(scribe, other, Infinity);

  const [first] = scribes as [Scribe, ...Scribe[]];
  const wrong = scribes.flatMap(({ replay }) =>
    replay()
      .decided()
      .flatMap(({ edit, verdict }) =>
        verdict === "counts" ? [] : [`honest ${edit.feed}/${edit.seq}: ${JSON.stringify(verdict)}`],
      ),
  );
  if (scribes.some(({ replay }) => replay().waiting() > 0)) wrong.push("an honest edit waits");
  const sayings = scribes.flatMap(({ live, replay }) => [live, replay().doc]).map((doc) => say(doc, subject.kind));
  if (new Set(sayings).size > 1) wrong.push("honest people do not say the same");
  const byFeed = writtenIn(first.replay());
  const handedBack = scribes.reduce((sum, scribe) => sum + scribe.handedBack(), 0);
  return { name, subject, replay: first.replay(), written: [...byFeed.values()].flat(), byFeed, wrong, handedBack };
}

function writtenIn(replay: Replay): ReadonlyMap<FeedId, readonly Written[]> {
  const byFeed = new Map<FeedId, Written[]>(FEEDS.map((feed) => [feed, []]));
  for (const { edit, past: after } of replay.decided()) {
    const list = byFeed.get(edit.feed) ?? [];
    const update = scanUpdate(edit.update);
    if (update.ok)
      list.push({ edit, update: update.value, past: pastFrom(byFeed, edit, list.length), after, index: list.length });
  }
  return byFeed;
}

/** What the author of a feed's edit number `index` had seen, when it says that it saw `seen`. */
export function pastFrom(
  byFeed: ReadonlyMap<FeedId, readonly Written[]>,
  { feed, seen }: Pick<Edit, "feed" | "seen">,
  index: number,
): Past {
  let past = byFeed.get(feed)?.[index - 1]?.after ?? createPast(clientOf(feed));
  for (const place of seen) {
    const last = byFeed.get(place.feed)?.findLast(({ edit }) => edit.seq <= place.seq);
    if (last !== undefined) past = joinPasts(past, last.after);
  }
  return past;
}

const WORDS = ["bread", " and ", "soup. ", "x", "ü", "🌱", "\u0301", "we meet at six, by the well", "\n", "\ufeff", "# ", "- "];
const PASTES = ["# A plan\n\n- bread\n- soup\n\nand then", "1. one\n2. two", "> said\nso", "just words", "\n\n"];

/** One thing that a person does on the screen. */
function act(scribe: Scribe, { kind }: DocumentSubject, dice: Dice): void {
  const { live } = scribe;
  const rows = rowsOf(live);
  const row = rows.length === 0 ? null : dice.pick(rows);
  const words = (): string => dice.pick(WORDS) + (dice.once(3) ? dice.pick(WORDS) : "");
  const beside = dice.below(4);
  if (beside === 0 && kind !== "charter") return void scribe.type((doc) => besideBlocks(doc, scribe, kind, dice, words()));
  if (row === null) return void scribe.type((doc) => insertBlock(doc, null, dice.pick(BLOCK_KINDS), words()));
  const { id } = row;
  const at = dice.below(textOf(row).length + 1);
  const commands: readonly ((doc: Doc) => unknown)[] = [
    (doc) => insertText(doc, id, at, words()),
    (doc) => insertText(doc, id, textOf(row).length, words()),
    (doc) => insertText(doc, id, 0, words()),
    (doc) => deleteRange(doc, id, at, at + 1 + dice.below(6)),
    (doc) => replaceText(doc, id, textOf(row).slice(0, at) + words(), at),
    (doc) => replaceText(doc, id, words(), 0, dice.pick(WORDS)),
    (doc) => splitBlock(doc, id, at),
    (doc) => mergeWithPrevious(doc, id),
    (doc) => mergeWithNext(doc, id),
    (doc) => setKind(doc, id, dice.pick(BLOCK_KINDS)),
    (doc) => insertBlock(doc, id, dice.pick(BLOCK_KINDS), dice.once(3) ? "" : words()),
    (doc) => removeBlock(doc, id),
    (doc) => moveBlock(doc, id, dice.once(2) ? -1 : 1),
    (doc) => pasteText(id, at, at + dice.below(3), dice.pick(PASTES)).steps.forEach((step) => void step(doc)),
  ];
  // The small things are done most.
  const command = commands[dice.once(2) ? dice.below(4) : dice.below(commands.length)];
  scribe.type((doc) => void command?.(doc));
}

function besideBlocks(doc: Doc, scribe: Scribe, kind: DocumentSubject["kind"], dice: Dice, words: string): void {
  if (kind === "profile") return setFact(doc, dice.pick(PROFILE_FACTS), dice.once(4) ? "" : words);
  const title = doc.getText("title");
  const at = dice.below(title.length + 1);
  if (dice.once(2))
    return dice.once(3) ? title.delete(at, Math.min(2, title.length - at)) : title.insert(at, words.replace(/🌱/gu, "*"));
  if (kind === "notes") return setOrDelete(doc.getMap("lines"), memberOf(scribe.feed), words, dice);
  if (claimOf(scribe.feed).isSteward && dice.once(2))
    return setOrDelete(doc.getMap("care"), dice.pick(["keeper", "policy", "kept"]), words, dice);
  const value = dice.pick([words, words, true, false, dice.below(2 ** 31), -dice.below(2 ** 31) || 0]);
  return setOrDelete(doc.getMap("facts"), dice.pick(["seats", "where", "toString"]), value, dice);
}

function setOrDelete(map: YMap<unknown>, key: string, value: string | number | boolean, dice: Dice): void {
  if (dice.once(5)) map.delete(key);
  else map.set(key, value);
}
