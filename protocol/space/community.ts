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
import type { Answer, Commit, Post } from "../acts/aid.ts";
import { lifeOf, type Parties, type PromiseLife, type Step } from "../acts/promise.ts";
import { foldAuthority, NO_AUTHORITY, type Authority, type AuthorityRecord } from "../authority/authority.ts";
import { communityOf } from "../authority/acts.ts";
import { tagOf, type EnvelopeId, type FeedId, type MemberId, type Tag } from "../crypto/hash.ts";
import type { Library } from "../documents/library.ts";
import { assertNever } from "../lang/assert-never.ts";
import type { KeyBoxes } from "../envelope/body.ts";
import type { Millis } from "../lang/brand.ts";
import { createDocumentGround } from "./document-ground.ts";
import type { Content, Opened, TakenUp } from "./ingest.ts";

/** A statement and where it stands. */
export interface Said<T> {
  readonly id: EnvelopeId;
  readonly feed: FeedId;
  readonly seq: number;
  readonly at: Millis;
  readonly by: MemberId;
  readonly act: T;
}

export interface PromiseRecord {
  readonly commit: Said<Commit>;
  readonly parties: Parties;
  readonly life: PromiseLife;
  /** The acts of `life.counted`, in the same order. */
  readonly answers: readonly Said<Answer>[];
}

export interface PostRecord {
  readonly post: Said<Post>;
  /** By claimed time, then id. */
  readonly promises: readonly PromiseRecord[];
}

/** What lies in the tables, whether it counts or not. */
export interface Tally {
  readonly held: number;
  /** Under a key we do not have. */
  readonly sealed: number;
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
  /** Newest first by claimed time, then id. */
  readonly posts: () => readonly PostRecord[];
  readonly post: (id: EnvelopeId) => PostRecord | null;
  readonly promise: (id: EnvelopeId) => PromiseRecord | null;
  readonly documents: Library;
  /** Boxes of keys, with where they stand: whose they are, only their readers can tell. */
  readonly keyBoxes: () => Iterable<{ readonly feed: FeedId; readonly seq: number; readonly keys: KeyBoxes }>;
  /** Every act that counts, for the fingerprint: ids in no order. */
  readonly countedIds: () => Iterable<EnvelopeId>;
  /** The latest time that a feed has claimed; 0 when it said nothing that we can read. */
  readonly lastAtOf: (feed: FeedId) => Millis;
  readonly tally: () => Tally;
}

/** The longest thread that counts is commit, accept, fulfil, acknowledge (acts/promise.ts P1); what is deeper changes nothing. */
const MAX_CLIMB = 4;

interface Entry {
  readonly id: EnvelopeId;
  readonly feed: FeedId;
  readonly seq: number;
  readonly content: Content;
}

export function createCommunity(tag: Tag): Community {
  const entries = new Map<EnvelopeId, Entry>();
  const deviceKeys = new Map<FeedId, Uint8Array>();
  const closedAt = new Map<FeedId, number>();
  const authorityEntries: Entry[] = [];
  const posts = new Map<EnvelopeId, Entry>();
  const commitsOn = new Map<EnvelopeId, Entry[]>();
  const answersTo = new Map<EnvelopeId, Entry[]>();
  const takersOf = new Map<EnvelopeId, Entry[]>();
  const counts = { sealed: 0, opaque: 0, void: 0, absent: 0 };
  const documents = createDocumentGround(readAuthority);
  let version = 0;
  let authority: Authority | null = NO_AUTHORITY;
  let postViews = new Map<EnvelopeId, PostRecord | null>();
  let list: readonly PostRecord[] | null = [];

  const isBeforeFork = (entry: Entry): boolean => entry.seq < (closedAt.get(entry.feed) ?? Infinity);
  const isOpen = (entry: Entry): boolean => isBeforeFork(entry) || isGenesis(entry) || isTakenUp(entry); // M2
  const isGenesis = ({ content }: Entry): boolean =>
    content.kind === "authority" && content.act.kind === "genesis" && tagOf(communityOf(content.act)) === tag;
  /** M2: not everybody's acceptance upholds a promise, only that of the one it was made to. */
  function isTakenUp(entry: Entry): boolean {
    const commit = commitAbove(entry);
    if (commit === null) return false;
    return (takersOf.get(entry.id) ?? []).some((taker) => {
      const { memberByFeed } = readAuthority();
      const by = isBeforeFork(taker) ? memberByFeed.get(taker.feed) : undefined;
      return by !== undefined && by !== memberByFeed.get(entry.feed) && (by === commit.giver || by === commit.receiver);
    });
  }
  function commitAbove(entry: Entry): Commit | null {
    let content: Content | undefined = entry.content;
    for (let climbed = 0; content?.kind === "aid" && climbed < MAX_CLIMB; climbed += 1) {
      if (content.act.kind === "commit") return content.act;
      content = "parent" in content.act ? entries.get(content.act.parent)?.content : undefined;
    }
    return null;
  }
  const speaker = (entry: Entry): MemberId | null =>
    isOpen(entry) ? (readAuthority().memberByFeed.get(entry.feed) ?? null) : null;
  const push = (table: Map<EnvelopeId, Entry[]>, key: EnvelopeId, entry: Entry): void => {
    const known = table.get(key);
    if (known === undefined) table.set(key, [entry]);
    else known.push(entry);
  };

  function add(feed: FeedId, deviceKey: Uint8Array, opened: readonly Opened[]): void {
    deviceKeys.set(feed, deviceKey);
    for (const { id, seq, content } of opened) {
      documents.note(feed, seq, id);
      const before = entries.get(id);
      // Absent, then sealed, then open: the fullest counts, whichever came first (M1).
      if (before !== undefined && fullness(before.content) >= fullness(content)) continue;
      if (before?.content.kind === "sealed" || before?.content.kind === "absent") counts[before.content.kind] -= 1;
      if (before !== undefined) documents.library.forget();
      place({ id, feed, seq, content });
    }
    version += 1;
    list = null;
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
        if (content.act.kind === "offer" || content.act.kind === "request") {
          posts.set(entry.id, entry);
          postViews.delete(entry.id);
        } else if (content.act.kind === "commit") {
          push(commitsOn, content.act.on, entry);
          postViews.delete(content.act.on);
        } else {
          push(answersTo, content.act.parent, entry);
          takeUp(entry, content.takesUp);
          forgetPostOf(content.act.parent);
        }
        return;
      case "edit":
        documents.library.add(content.doc, { ...content, id: entry.id, feed: entry.feed, seq: entry.seq });
        return;
      case "keys":
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
  function takeUp(taker: Entry, taken: TakenUp | undefined): void {
    if (taken === undefined) return;
    push(takersOf, taken.id, taker);
    if (!entries.has(taken.id)) place({ id: taken.id, feed: taken.feed, seq: taken.seq, content: taken.content });
  }

  function forgetAll(): void {
    authority = null;
    postViews = new Map();
  }

  /** Climbs from an answer to the post whose view it changes; stops where something is not held. */
  function forgetPostOf(parent: EnvelopeId): void {
    let at: EnvelopeId | null = parent;
    for (let climbed = 0; at !== null && climbed < MAX_CLIMB; climbed += 1) {
      const content: Content | undefined = entries.get(at)?.content;
      if (content?.kind !== "aid") return;
      if (content.act.kind === "commit") {
        postViews.delete(content.act.on);
        return;
      }
      at = "parent" in content.act ? content.act.parent : null;
    }
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

  function said<T>(entry: Entry, act: T): Said<T> | null {
    const by = speaker(entry);
    if (by === null || entry.content.kind !== "aid") return null;
    return { id: entry.id, feed: entry.feed, seq: entry.seq, at: entry.content.at, by, act };
  }

  function readPost(id: EnvelopeId): PostRecord | null {
    const known = postViews.get(id);
    if (known !== undefined) return known;
    const view = buildPost(id);
    postViews.set(id, view);
    return view;
  }
  function buildPost(id: EnvelopeId): PostRecord | null {
    const entry = posts.get(id);
    if (entry?.content.kind !== "aid") return null;
    const { act } = entry.content;
    if (act.kind !== "offer" && act.kind !== "request") return null;
    const post = said<Post>(entry, act);
    if (post === null) return null;
    const promises = (commitsOn.get(id) ?? []).flatMap((commit) => buildPromise(post, commit));
    return { post, promises: promises.sort((left, right) => byTime(left.commit, right.commit)) };
  }
  function buildPromise(post: Said<Post>, entry: Entry): readonly PromiseRecord[] {
    if (entry.content.kind !== "aid" || entry.content.act.kind !== "commit") return [];
    const commit = said<Commit>(entry, entry.content.act);
    if (commit === null || !fitsPost(post, commit)) return [];
    const parties: Parties = { giver: commit.act.giver, receiver: commit.act.receiver, promiser: commit.by };
    const answers = answersUnder(commit.id);
    const steps: Step[] = answers.map(({ id, feed, seq, by, act }) => ({
      id,
      feed,
      seq,
      by,
      kind: act.kind,
      parent: act.parent,
    }));
    const life = lifeOf(commit.id, parties, steps);
    const byId = new Map(answers.map((answer) => [answer.id, answer]));
    return [{ commit, parties, life, answers: life.counted.flatMap(({ id }) => byId.get(id) ?? []) }];
  }
  function answersUnder(commit: EnvelopeId): readonly Said<Answer>[] {
    const found: Said<Answer>[] = [];
    const level: EnvelopeId[] = [commit];
    for (let parent = level.pop(); parent !== undefined; parent = level.pop()) {
      for (const entry of answersTo.get(parent) ?? []) {
        if (entry.content.kind !== "aid" || !("parent" in entry.content.act)) continue;
        const answer = said<Answer>(entry, entry.content.act);
        if (answer !== null) found.push(answer);
        level.push(entry.id);
      }
    }
    return found;
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
      list = null;
      version += 1;
    },
    authority: readAuthority,
    documents: documents.library,
    posts: () => {
      list ??= [...posts.keys()].flatMap((id) => readPost(id) ?? []).sort((left, right) => -byTime(left.post, right.post));
      return list;
    },
    post: readPost,
    promise: (id) => {
      const content = entries.get(id)?.content;
      if (content?.kind !== "aid" || content.act.kind !== "commit") return null;
      return readPost(content.act.on)?.promises.find((promise) => promise.commit.id === id) ?? null;
    },
    keyBoxes: function* () {
      for (const entry of entries.values())
        if (entry.content.kind === "keys" && isOpen(entry)) yield { feed: entry.feed, seq: entry.seq, keys: entry.content.keys };
    },
    countedIds: function* () {
      for (const entry of entries.values())
        if (entry.content.kind !== "sealed" && entry.content.kind !== "keys" && speaker(entry) !== null) yield entry.id;
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

function referencesOf(content: Content): readonly EnvelopeId[] {
  if (content.kind === "authority" || content.kind === "edit") return content.deps;
  if (content.kind !== "aid") return [];
  if ("on" in content.act) return [...content.deps, content.act.on];
  return "parent" in content.act ? [...content.deps, content.act.parent] : content.deps;
}

/** X2 of acts/aid.ts: the promiser is the one, the author of the post the other. */
function fitsPost(post: Said<Post>, commit: Said<Commit>): boolean {
  if (commit.by === post.by) return false;
  const [giver, receiver] = post.act.kind === "request" ? [commit.by, post.by] : [post.by, commit.by];
  return commit.act.giver === giver && commit.act.receiver === receiver;
}

const byTime = (left: Said<unknown>, right: Said<unknown>): number => left.at - right.at || (left.id < right.id ? -1 : 1);
