/**
 * Community: everything that was said in one space, folded into what is so.
 *
 *   M1  The state is a pure function of the set of envelopes and the fork points: order of arrival,
 *       repetition and batching change nothing (property test).
 *   M2  An act counts if its feed speaks for a member (authority/) and it lies before its feed's fork
 *       point, or the other party of its promise has taken it up (acts/aid.ts X4), or it is the genesis.
 *       What does not count is kept and can be inspected.
 *   M3  Private tables change, published views do not: `version` rises with every change, and a view
 *       once given stays as it was.
 *
 * What an act means is acts/; who belongs is authority/; the bytes are replica.ts.
 */
import type { AidAct } from "../acts/aid.ts";
import type { TalkAct } from "../acts/talk.ts";
import { foldAuthority, NO_AUTHORITY, type Authority, type AuthorityRecord } from "../authority/authority.ts";
import { communityOf } from "../authority/acts.ts";
import { tagOf, type EnvelopeId, type FeedId, type MemberId, type Tag } from "../crypto/hash.ts";
import type { Library } from "../documents/library.ts";
import { assertNever } from "../lang/assert-never.ts";
import type { KeyBoxes } from "../envelope/body.ts";
import type { Millis } from "../lang/brand.ts";
import { createCircles, type Circles } from "./circles.ts";
import { createDocumentGround } from "./document-ground.ts";
import type { Entry, Said } from "./entry.ts";
import { createExchanges, type Exchanges } from "./exchanges.ts";
import type { Content, Opened, TakenUp } from "./ingest.ts";

/** What lies in the tables, whether it counts or not. */
export interface Tally {
  readonly held: number;
  /** Under a key we do not have. */
  readonly sealed: number;
  /** Under the key of a circle that we have. */
  readonly private: number;
  /** Kinds this version does not know. */
  readonly opaque: number;
  readonly void: number;
  /** Bodies that are gone without an `erase`: while there are any, no fingerprint is shown. */
  readonly absent: number;
  /** Acts that refer to something not held. */
  readonly waiting: number;
}

export interface Community {
  readonly version: () => number;
  /** Entries of one feed; each (feed, seq) once, in any order of calls. */
  readonly add: (feed: FeedId, deviceKey: Uint8Array, entries: readonly Opened[]) => void;
  /** M2. Only ever lowers. */
  readonly closeAt: (feed: FeedId, seq: number) => void;
  readonly authority: () => Authority;
  readonly posts: Exchanges["posts"];
  readonly post: Exchanges["post"];
  readonly promise: Exchanges["promise"];
  readonly rootOf: Exchanges["rootOf"];
  readonly circles: Circles;
  readonly documents: Library;
  /** Boxes of keys, in the order they came, with where they stand: whose they are, only their readers can tell. */
  readonly keyBoxes: () => readonly PlacedBoxes[];
  /** Every act that counts, for the fingerprint: ids in no order. */
  readonly countedIds: () => Iterable<EnvelopeId>;
  /** The latest time that a feed has claimed; 0 when it said nothing that we can read. */
  readonly lastAtOf: (feed: FeedId) => Millis;
  readonly tally: () => Tally;
}

export interface PlacedBoxes {
  readonly feed: FeedId;
  readonly seq: number;
  readonly keys: KeyBoxes;
}

export function createCommunity(tag: Tag): Community {
  const entries = new Map<EnvelopeId, Entry>();
  const deviceKeys = new Map<FeedId, Uint8Array>();
  const closedAt = new Map<FeedId, number>();
  const authorityEntries: Entry[] = [];
  const boxes: PlacedBoxes[] = [];
  const counts = { sealed: 0, private: 0, opaque: 0, void: 0, absent: 0 };
  const documents = createDocumentGround(readAuthority);
  let version = 0;
  let authority: Authority | null = NO_AUTHORITY;
  const exchanges = createExchanges({ entryOf: (id) => entries.get(id), said: saidAid });
  const circles = createCircles(saidTalk);

  const isBeforeFork = (entry: Entry): boolean => entry.seq < (closedAt.get(entry.feed) ?? Infinity);
  const isOpen = (entry: Entry): boolean => isBeforeFork(entry) || isGenesis(entry) || isTakenUp(entry); // M2
  const isGenesis = ({ content }: Entry): boolean =>
    content.kind === "authority" && content.act.kind === "genesis" && tagOf(communityOf(content.act)) === tag;
  const isTakenUp = (entry: Entry): boolean =>
    entry.content.kind === "aid" &&
    exchanges.isTakenUp(entry, readAuthority().memberByFeed.get(entry.feed), (taker) =>
      isBeforeFork(taker) ? (readAuthority().memberByFeed.get(taker.feed) ?? null) : null,
    );
  const speaker = (entry: Entry): MemberId | null =>
    isOpen(entry) ? (readAuthority().memberByFeed.get(entry.feed) ?? null) : null;

  function add(feed: FeedId, deviceKey: Uint8Array, opened: readonly Opened[]): void {
    deviceKeys.set(feed, deviceKey);
    for (const { id, seq, content } of opened) {
      documents.note(feed, seq, id);
      const before = entries.get(id);
      // Absent, then sealed, then open: the fullest counts, whichever came first (M1).
      if (before !== undefined && fullness(before.content) >= fullness(content)) continue;
      if (before?.content.kind === "sealed" || before?.content.kind === "absent") counts[before.content.kind] -= 1;
      if (before !== undefined && content.kind !== "private") documents.library.forget();
      place({ id, feed, seq, content });
    }
    version += 1;
  }

  function place(entry: Entry): void {
    const { content } = entry;
    entries.set(entry.id, entry);
    switch (content.kind) {
      case "authority":
        authorityEntries.push(entry);
        documents.noteAct({
          ...entry,
          deps: content.deps,
          join: content.act.kind === "join" ? content.act : null,
          deviceKey: deviceKeys.get(entry.feed) ?? new Uint8Array(0), // `add` has put it there
        });
        forgetAll();
        return;
      case "aid":
        exchanges.place(entry, content.act, content.takesUp);
        takeUp(content.takesUp);
        return;
      case "private":
        counts.private += 1;
        circles.place(entry, content.key, content.act);
        return;
      case "edit":
        documents.library.add(content.doc, { ...content, id: entry.id, feed: entry.feed, seq: entry.seq });
        return;
      case "keys":
        boxes.push({ feed: entry.feed, seq: entry.seq, keys: content.keys });
        return;
      case "opaque":
      case "sealed":
      case "absent":
      case "void":
        counts[content.kind] += 1;
        return;
      default:
        assertNever(content);
    }
  }

  /** What is shown as evidence is held from then on, whether its own feed ever comes. */
  function takeUp(taken: TakenUp | undefined): void {
    if (taken === undefined || entries.has(taken.id)) return;
    place({ id: taken.id, feed: taken.feed, seq: taken.seq, content: taken.content });
  }

  function forgetAll(): void {
    authority = null;
    exchanges.forget();
    circles.forget();
  }

  function readAuthority(): Authority {
    authority ??= foldAuthority(tag, authorityEntries.filter(isOpen).flatMap(toRecord));
    return authority;
  }
  function toRecord(entry: Entry): readonly AuthorityRecord[] {
    const deviceKey = deviceKeys.get(entry.feed);
    if (entry.content.kind !== "authority" || deviceKey === undefined) return [];
    const { at, deps, act } = entry.content;
    return [{ id: entry.id, feed: entry.feed, seq: entry.seq, at, deps, deviceKey, act }];
  }

  function said<T>(entry: Entry, at: Millis, act: T): Said<T> | null {
    const by = speaker(entry);
    return by === null ? null : { id: entry.id, feed: entry.feed, seq: entry.seq, at, by, act };
  }
  // Functions, so that the tables made above may hold them.
  function saidAid<T extends AidAct>(entry: Entry, act: T): Said<T> | null {
    return entry.content.kind === "aid" ? said(entry, entry.content.at, act) : null;
  }
  function saidTalk<T extends TalkAct>(entry: Entry, act: T): Said<T> | null {
    return entry.content.kind === "private" ? said(entry, entry.content.at, act) : null;
  }

  function countWaiting(): number {
    let waiting = 0;
    for (const { content } of entries.values()) if (referencesOf(content).some((id) => !entries.has(id))) waiting += 1;
    return waiting;
  }

  return {
    version: () => version,
    add,
    closeAt: (feed, seq) => {
      if (seq >= (closedAt.get(feed) ?? Infinity)) return;
      closedAt.set(feed, seq);
      documents.closeAt(feed, seq);
      forgetAll();
      version += 1;
    },
    authority: readAuthority,
    documents: documents.library,
    posts: exchanges.posts,
    post: exchanges.post,
    promise: exchanges.promise,
    rootOf: exchanges.rootOf,
    circles,
    keyBoxes: () => boxes.filter(({ feed, seq }) => seq < (closedAt.get(feed) ?? Infinity)),
    countedIds: function* () {
      for (const entry of entries.values()) if (!isUnread(entry.content) && speaker(entry) !== null) yield entry.id;
    },
    lastAtOf: (feed) => {
      let last = 0 as Millis; // before all claims
      for (const entry of entries.values())
        if (entry.feed === feed && "at" in entry.content && entry.content.at > last) last = entry.content.at;
      return last;
    },
    tally: () => ({ held: entries.size, ...counts, waiting: countWaiting() }),
  };
}

const fullness = ({ kind }: Content): number => (kind === "absent" ? 0 : kind === "sealed" ? 1 : 2);

/** Keys, and what only some can open: no part of what all members count alike. */
const isUnread = ({ kind }: Content): boolean => kind === "sealed" || kind === "private" || kind === "keys";

function referencesOf(content: Content): readonly EnvelopeId[] {
  if (content.kind === "authority" || content.kind === "edit") return content.deps;
  if (content.kind !== "aid") return [];
  const { deps, act } = content;
  if ("on" in act) return [...deps, act.on];
  if ("replaces" in act) return [...deps, act.post, ...act.replaces];
  return "parent" in act ? [...deps, act.parent] : deps;
}
