/**
 * Whispers of one membership: where we are in its documents, told as often as is decent, and where others are, for as long
 * as that is news. Owns its timers; `close` says that we are gone, and ends them.
 *
 *   Y1  At most eight are said in a second, over all documents; of each document the last word is always said.
 *   Y2  While we look at a document it is said again every four seconds, for whoever comes later; once let go, that we are gone.
 *   Y3  Nothing is shown for more than ten seconds after it was heard, by our clock and whatever the speaker's says.
 *   Y4  However much is whispered, little is remembered: 64 feeds in a document, 4 documents of a feed, 32 documents. Those we
 *       look at ourselves stay.
 *   Y5  `n` rises over all that we say, also when our clock does not.
 *   Y6  What we say keeps to the bounds of a whisper: of long words the end is told, where the caret is.
 *
 * Who speaks, and whether they may, was decided in hearing.ts. The words are a member's own: to be drawn as text, nothing else.
 */
import {
  MAX_WHISPERED_UNITS,
  parseDocumentName,
  type DocumentName,
  type FeedId,
  type Millis,
  type Whisper,
} from "../../protocol/index.ts";
import type { World } from "../platform/world.ts";
import type { Spot } from "./open-document.ts";
import { createTimers } from "./timers.ts";

/** Where we are, and what we have typed there and not settled. */
export interface OwnPlace {
  readonly doc: DocumentName;
  /** Null: we look, and are nowhere in particular. */
  readonly spot: Spot | null;
  readonly words: string;
}

/** Where somebody else is. */
export interface Heard {
  readonly feed: FeedId;
  readonly spot: Spot | null;
  readonly words: string;
  /** When it was last heard, by our clock. */
  readonly at: Millis;
}

export interface WhispersDeps {
  readonly world: Pick<World, "now" | "later">;
  readonly publish: (whisper: Whisper) => void;
}

export interface Whispers {
  /** May be called at every keystroke. */
  readonly say: (said: OwnPlace) => void;
  /** We look at it no more. */
  readonly letGo: (doc: DocumentName) => void;
  /** A verified whisper of another member. */
  readonly hear: (feed: FeedId, whisper: Whisper) => void;
  /** In the order in which they came. */
  readonly heard: (doc: DocumentName) => readonly Heard[];
  /** Calls back with the document in which something changed. Returns how to stop. */
  readonly subscribe: (changed: (doc: DocumentName) => void) => () => void;
  /** Closing twice is harmless. */
  readonly close: () => void;
}

/** Eight a second, where ten are heard (Q4): a wire that holds one up must not cost the next. */
const PAUSE_MS = 125;
const AGAIN_MS = 4_000;
const SHOWN_MS = 10_000;
const MAX_FEEDS_IN_ONE = 64;
const MAX_DOCUMENTS_OF_ONE = 4;
const MAX_DOCUMENTS = 32;

interface Entry {
  readonly heard: Heard;
  readonly forget: () => void;
}

export function createWhispers({ world, publish }: WhispersDeps): Whispers {
  const { soon, closed, close: stop } = createTimers(world);
  const listeners = new Set<(doc: DocumentName) => void>();
  const mine = new Map<DocumentName, { readonly said: OwnPlace; readonly rest: () => void }>();
  /** Documents of which something is still to be said, in turn. */
  const unsaid = new Set<DocumentName>();
  const others = new Map<DocumentName, Map<FeedId, Entry>>();
  let isPausing = false;
  let lastN = -1;

  // ---- what we say

  function say(said: OwnPlace): void {
    if (closed.aborted) return;
    const bounded: OwnPlace = { ...said, words: said.spot === null ? "" : bound(said.words) }; // Y6
    const before = mine.get(said.doc);
    if (before !== undefined && isSame(before.said, bounded)) return;
    before?.rest();
    mine.set(said.doc, { said: bounded, rest: () => undefined });
    sayNext(said.doc);
  }

  function letGo(doc: DocumentName): void {
    const before = mine.get(doc);
    if (before === undefined || closed.aborted) return;
    before.rest();
    mine.delete(doc);
    sayNext(doc);
  }

  function sayNext(added: DocumentName | null): void {
    if (added !== null) unsaid.add(added);
    const [doc] = unsaid;
    if (isPausing || doc === undefined) return;
    unsaid.delete(doc);
    tell(doc);
    isPausing = true;
    soon(PAUSE_MS, () => {
      isPausing = false;
      sayNext(null); // Y1: the trailing edge
    });
  }

  function tell(doc: DocumentName): void {
    lastN = Math.max(lastN + 1, world.now()); // Y5
    const own = mine.get(doc);
    if (own === undefined) return publish({ kind: "gone", doc, n: lastN }); // Y2
    const { said } = own;
    mine.set(doc, { said, rest: soon(AGAIN_MS, () => sayNext(doc)) }); // Y2
    publish({ kind: "here", doc, n: lastN, spot: said.spot, words: said.words });
  }

  // ---- what we hear

  function hear(feed: FeedId, whisper: Whisper): void {
    const doc = parseDocumentName(whisper.doc);
    if (doc === null || closed.aborted) return; // a kind of document that we cannot show
    const before = others.get(doc)?.get(feed);
    before?.forget();
    if (whisper.kind === "gone") return void (before !== undefined && drop(doc, feed));
    if (before === undefined && !makeRoom(doc, feed)) return; // Y4
    const { spot, words } = whisper;
    const inDoc = others.get(doc) ?? new Map<FeedId, Entry>();
    others.set(doc, inDoc);
    inDoc.set(feed, { heard: { feed, spot, words, at: world.now() }, forget: soon(SHOWN_MS, () => drop(doc, feed)) }); // Y3
    if (before === undefined || !isSame(before.heard, whisper)) changed(doc);
  }

  function drop(doc: DocumentName, feed: FeedId): void {
    const inDoc = others.get(doc);
    inDoc?.get(feed)?.forget();
    inDoc?.delete(feed);
    if (inDoc?.size === 0) others.delete(doc);
    changed(doc);
  }

  /** Y4. */
  function makeRoom(doc: DocumentName, feed: FeedId): boolean {
    if ((others.get(doc)?.size ?? 0) >= MAX_FEEDS_IN_ONE) return false; // who is shown stays
    const theirs = [...others].flatMap(([name, inDoc]) => [...inDoc.values()].map(({ heard }) => ({ name, ...heard })));
    const inOthers = theirs.filter((heard) => heard.feed === feed).sort((left, right) => left.at - right.at);
    const [first] = inOthers;
    if (first !== undefined && inOthers.length >= MAX_DOCUMENTS_OF_ONE) drop(first.name, feed);
    if (others.has(doc) || others.size < MAX_DOCUMENTS) return true;
    const [giving] = [...others.keys()].filter((name) => !mine.has(name)); // the one that was there first
    if (giving === undefined) return false;
    for (const each of others.get(giving)?.keys() ?? []) drop(giving, each);
    return true;
  }

  const changed = (doc: DocumentName): void => {
    for (const listener of [...listeners]) listener(doc);
  };

  return {
    say,
    letGo,
    hear,
    heard: (doc) => {
      const entries = [...(others.get(doc)?.values() ?? [])].map(({ heard }) => heard);
      return entries.filter(({ at }) => world.now() - at < SHOWN_MS); // Y3: timers of a hidden page come late
    },
    subscribe: (listener) => {
      const own = (doc: DocumentName): void => listener(doc);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    close: () => {
      if (closed.aborted) return;
      const looked = [...mine.keys()];
      mine.clear();
      for (const doc of looked) tell(doc); // Y2
      stop();
    },
  };
}

/** Y6. Half a letter has no form on the wire. */
function bound(words: string): string {
  return words.slice(-MAX_WHISPERED_UNITS).replace(/\p{Surrogate}/gu, "\uFFFD");
}

type Place = Pick<Heard, "spot" | "words">;
const isSame = (left: Place, right: Place): boolean =>
  left.words === right.words && JSON.stringify(spotFields(left.spot)) === JSON.stringify(spotFields(right.spot));
const spotFields = (spot: Spot | null) =>
  spot && [spot.area, spot.text && [spot.text.client, spot.text.clock], spot.after && [spot.after.client, spot.after.clock]];
