/**
 * Documents, on one core: 10,000 edits by ten people in one document, each a second of typing. Ours (scan, gate, Yjs) and plain Yjs,
 * which believes everybody, on the same updates in one run.
 */
import * as Y from "yjs";
import {
  contentOf,
  createDoc,
  documentFingerprint,
  type DocumentName,
  type Edit,
  type FeedId,
  type Tag,
} from "../protocol/index.ts";
import { createReplay } from "../protocol/documents/replay.ts";
import { subjectOf } from "../protocol/documents/kinds.ts";
import { scanUpdate } from "../protocol/documents/update.ts";
import {
  createScribe,
  emptyShelf,
  feedBy,
  put,
  replayOf,
  sourceOf,
  type Scribe,
  type Shelf,
} from "../test/protocol/documents/scribes.ts";
import type { Figures, Progress } from "./core.ts";

const AUTHORS = 10;
const EDITS = 10_000;
const NAME = "charter" as DocumentName;
const TAG = "ab".repeat(32) as Tag;
/** After so many edits of each, all hear of all. */
const ROUND = 20;
const WORDS = ["we ask ", "before we ", "are desperate, ", "and say no ", "when we ", "mean no. "];

export async function benchDocuments(progress: Progress): Promise<Figures> {
  progress(`writing ${EDITS} edits by ${AUTHORS} people`);
  const { edits, composeSeconds } = write();
  const bytes = edits.reduce((sum, { update }) => sum + update.length, 0);

  progress("putting the document together: scan, gate, Yjs");
  const scanning = clock();
  for (const { update } of edits) scanUpdate(update);
  const scanSeconds = scanning();
  const shelf = shelfOf(edits);
  const replaying = clock();
  const replay = replayOf(NAME, shelf, numberOf);
  replay.advance();
  const replaySeconds = replaying();
  if (replay.decided().some(({ verdict }) => verdict !== "counts")) throw new Error("an honest edit was kept out");
  const printing = clock();
  const fingerprint = documentFingerprint(TAG, NAME, contentOf(replay.doc, NAME));
  const fingerprintSeconds = printing();

  progress("plain Yjs, on the same updates");
  const plain = createDoc("charter", 0);
  const applying = clock();
  plain.transact(() => edits.forEach(({ update }) => Y.applyUpdate(plain, update)));
  const plainSeconds = applying();
  if (documentFingerprint(TAG, NAME, contentOf(plain, NAME)) !== fingerprint) throw new Error("both say the same");

  progress("one by one, and from a cache");
  const live = emptyShelf();
  const follower = replayOf(NAME, live, numberOf);
  const times = edits.map((edit) => {
    put(live, edit);
    const one = clock();
    follower.advance();
    return one() * 1_000;
  });
  const last = times.slice(-1_000).sort((left, right) => left - right);
  const cached = Y.encodeStateAsUpdate(replay.doc);
  const resuming = clock();
  const doc = createDoc("charter", 0);
  Y.applyUpdate(doc, cached);
  const verdicts = new Map(replay.decided().map(({ edit, verdict }) => [edit.id, verdict] as const));
  const subject = subjectOf(NAME);
  if (subject === null) throw new Error("it is a document");
  const resumed = createReplay(subject, sourceOf(shelf, numberOf), { doc, verdicts });
  resumed.advance();
  const resumeSeconds = resuming();
  if (resumed.decided().length !== EDITS) throw new Error("the cache had it all");

  return {
    edits: EDITS,
    authors: AUTHORS,
    bytesPerEdit: Math.round(bytes / EDITS),
    composeMicroseconds: Math.round((composeSeconds / EDITS) * 1e6),
    scansPerSecond: Math.round(EDITS / scanSeconds),
    replayEditsPerSecond: Math.round(EDITS / replaySeconds),
    plainYjsEditsPerSecond: Math.round(EDITS / plainSeconds),
    timesPlainYjs: Math.round((replaySeconds / plainSeconds) * 100) / 100,
    oneEditMsP50: Math.round((last[500] ?? 0) * 1_000) / 1_000,
    oneEditMsP99: Math.round((last[990] ?? 0) * 1_000) / 1_000,
    resumeMs: Math.round(resumeSeconds * 1_000),
    fingerprintMs: Math.round(fingerprintSeconds * 1_000),
  };
}

const numbers = new Map(Array.from({ length: AUTHORS }, (_, number) => [feedBy(number), number] as const));
const numberOf = (feed: FeedId): number | null => numbers.get(feed) ?? null;

/** Each types into blocks of their own and of others, and hears of the others now and then. */
function write(): { readonly edits: readonly Edit[]; readonly composeSeconds: number } {
  const scribes = Array.from({ length: AUTHORS }, (_, number) => createScribe(NAME, number, numberOf));
  const edits: Edit[] = [];
  let unheard: Edit[] = [];
  let composeSeconds = 0;
  for (let index = 0; index < EDITS; index += 1) {
    const scribe = scribes[index % AUTHORS];
    if (scribe === undefined) throw new Error("a scribe for each");
    scribe.type((doc) => typeInto(doc, index));
    const composing = clock();
    const made = scribe.settle();
    composeSeconds += composing();
    edits.push(...made);
    unheard.push(...made);
    if (index % (AUTHORS * ROUND) !== AUTHORS * ROUND - 1) continue;
    for (const each of scribes) hear(each, unheard);
    unheard = [];
  }
  return { edits: edits.slice(0, EDITS), composeSeconds };
}

function typeInto(doc: Y.Doc, index: number): void {
  const blocks = doc.getArray<Y.Map<unknown>>("blocks");
  if (blocks.length < 5 || index % 200 === 0) {
    const block = new Y.Map<unknown>();
    block.set("kind", "paragraph");
    block.set("text", new Y.Text("We "));
    return blocks.insert(index % (blocks.length + 1), [block]);
  }
  const text = blocks.get(index % blocks.length).get("text");
  if (!(text instanceof Y.Text)) throw new Error("a block has a text");
  const place = (index * 7) % (text.length + 1);
  if (index % 9 === 0 && place < text.length) text.delete(place, 1);
  else text.insert(place, WORDS[index % WORDS.length] ?? "");
}

const hear = (scribe: Scribe, edits: readonly Edit[]): void =>
  edits.forEach((edit) => void (edit.feed === scribe.feed || scribe.take(edit)));

function shelfOf(edits: readonly Edit[]): Shelf {
  const shelf = emptyShelf();
  for (const edit of edits) put(shelf, edit);
  return shelf;
}

/** Seconds since it was made. */
function clock(): () => number {
  const from = performance.now();
  return () => (performance.now() - from) / 1_000;
}
