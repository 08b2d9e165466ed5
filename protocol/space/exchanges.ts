/**
 * Exchanges: offers and requests with their versions, the promises on them, and what became of these.
 *
 *   R1  A view is a function of what is held and of who may speak; it is made when it is read, kept until something under it
 *       changes, and never altered.
 *   R2  An act waits in its table for what it refers to: an answer for its parent, a change or commit for its post. Order of
 *       arrival changes nothing.
 *   R3  A commit belongs to the post whose version it names (X1 of acts/aid.ts), if that version counts.
 *
 * What acts mean is acts/; whether an act counts is community.ts, which asks `isTakenUp` back.
 */
import type { AidAct, Answer, Change, Commit, Post, Revise } from "../acts/aid.ts";
import { lifeOf, MAX_DEPTH, type Parties, type PromiseLife, type Step } from "../acts/promise.ts";
import { versionsOf, type Versions } from "../acts/versions.ts";
import type { EnvelopeId, MemberId } from "../crypto/hash.ts";
import { assertNever } from "../lang/assert-never.ts";
import { push } from "../lang/push.ts";
import { byTime, type Entry, type Said } from "./entry.ts";
import type { Content, TakenUp } from "./ingest.ts";

export interface PromiseRecord {
  readonly commit: Said<Commit>;
  readonly parties: Parties;
  readonly life: PromiseLife;
  /** The acts of `life.counted`, in the same order. */
  readonly answers: readonly Said<Answer>[];
}

export interface PostRecord {
  readonly post: Said<Post>;
  /** What it says now, and whether it is closed. */
  readonly versions: Versions;
  /** The author's changes that count, by claimed time, then id. */
  readonly changes: readonly Said<Change>[];
  /** By claimed time, then id. */
  readonly promises: readonly PromiseRecord[];
}

export interface ExchangeGround {
  readonly entryOf: (id: EnvelopeId) => Entry | undefined;
  /** Null when the entry does not count. */
  readonly said: <T extends AidAct>(entry: Entry, act: T) => Said<T> | null;
}

export interface Exchanges {
  readonly place: (entry: Entry, act: AidAct, takesUp: TakenUp | undefined) => void;
  /** Who may speak has changed. */
  readonly forget: () => void;
  /** Newest first by claimed time, then id. */
  readonly posts: () => readonly PostRecord[];
  readonly post: (id: EnvelopeId) => PostRecord | null;
  /** The post that `id` is, or is a version of; null when that is not held. */
  readonly rootOf: (id: EnvelopeId) => EnvelopeId | null;
  readonly promise: (id: EnvelopeId) => PromiseRecord | null;
  /** M2 of community.ts: not everybody's acceptance upholds a promise, only that of the one it was made to. `speaks`: null when it has no voice. */
  readonly isTakenUp: (entry: Entry, author: MemberId | undefined, speaks: (taker: Entry) => MemberId | null) => boolean;
}

export function createExchanges({ entryOf, said }: ExchangeGround): Exchanges {
  const posts = new Map<EnvelopeId, Entry>();
  const changesOf = new Map<EnvelopeId, Entry[]>();
  const commitsOn = new Map<EnvelopeId, Entry[]>();
  const answersTo = new Map<EnvelopeId, Entry[]>();
  const takersOf = new Map<EnvelopeId, Entry[]>();
  let views = new Map<EnvelopeId, PostRecord | null>();
  let list: readonly PostRecord[] | null = [];

  function place(entry: Entry, act: AidAct, takesUp: TakenUp | undefined): void {
    list = null;
    switch (act.kind) {
      case "offer":
      case "request":
        posts.set(entry.id, entry);
        views.delete(entry.id);
        return;
      case "revise":
      case "close":
        push(changesOf, act.post, entry);
        views.delete(act.post);
        return;
      case "commit":
        push(commitsOn, act.on, entry);
        forgetPostOf(act.on);
        return;
      case "accept":
      case "decline":
      case "withdraw":
      case "fulfil":
      case "acknowledge":
      case "amend":
      case "dispute":
        push(answersTo, act.parent, entry);
        if (takesUp !== undefined) push(takersOf, takesUp.id, entry);
        forgetPostOf(act.parent);
        return;
      default:
        assertNever(act);
    }
  }

  function rootOf(id: EnvelopeId): EnvelopeId | null {
    if (posts.has(id)) return id;
    const act = aidIn(entryOf(id)?.content);
    return act?.kind === "revise" ? act.post : null;
  }

  /** From an answer up to the commit; null where something on the way is not held, or too deep to count. */
  function commitAbove(id: EnvelopeId): Commit | null {
    let act = aidIn(entryOf(id)?.content);
    for (let climbed = 0; act !== null && climbed <= MAX_DEPTH; climbed += 1) {
      if (act.kind === "commit") return act;
      act = "parent" in act ? aidIn(entryOf(act.parent)?.content) : null;
    }
    return null;
  }

  /** `id`: a version of a post, or an act in a promise on it. */
  function forgetPostOf(id: EnvelopeId): void {
    const root = rootOf(commitAbove(id)?.on ?? id);
    if (root !== null) views.delete(root);
  }

  function readPost(id: EnvelopeId): PostRecord | null {
    const known = views.get(id);
    if (known !== undefined) return known;
    const view = buildPost(id);
    views.set(id, view);
    return view;
  }

  function buildPost(id: EnvelopeId): PostRecord | null {
    const entry = posts.get(id);
    const act = aidIn(entry?.content);
    if (entry === undefined || (act?.kind !== "offer" && act?.kind !== "request")) return null;
    const post = said<Post>(entry, act);
    if (post === null) return null;
    const changes = (changesOf.get(id) ?? []).flatMap((each) => changeBy(post, each)).sort(byTime);
    const pinned = [post.id, ...changes.filter(({ act: { kind } }) => kind === "revise").map((each) => each.id)]; // R3
    const promises = pinned.flatMap((version) => commitsOn.get(version) ?? []).flatMap((commit) => buildPromise(post, commit));
    return {
      post,
      versions: versionsOf(post, changes),
      changes,
      promises: promises.sort((left, right) => byTime(left.commit, right.commit)),
    };
  }

  /** V1 of acts/versions.ts. */
  function changeBy(post: Said<Post>, entry: Entry): readonly Said<Change>[] {
    const act = aidIn(entry.content);
    if (act?.kind !== "revise" && act?.kind !== "close") return [];
    const change = said<Change>(entry, act);
    return change?.by === post.by ? [change] : [];
  }

  function buildPromise(post: Said<Post>, entry: Entry): readonly PromiseRecord[] {
    const act = aidIn(entry.content);
    if (act?.kind !== "commit") return [];
    const commit = said<Commit>(entry, act);
    if (commit === null || !fitsPost(post, commit)) return [];
    const parties: Parties = { giver: act.giver, receiver: act.receiver, promiser: commit.by };
    const answers = answersUnder(commit.id);
    const life = lifeOf(commit.id, parties, answers.map(stepOf), { quantity: act.quantity ?? null, due: act.due ?? null });
    const byId = new Map(answers.map((answer) => [answer.id, answer]));
    return [{ commit, parties, life, answers: life.counted.flatMap(({ id }) => byId.get(id) ?? []) }];
  }

  function answersUnder(commit: EnvelopeId): readonly Said<Answer>[] {
    const found: Said<Answer>[] = [];
    const level: EnvelopeId[] = [commit];
    for (let parent = level.pop(); parent !== undefined; parent = level.pop()) {
      for (const entry of answersTo.get(parent) ?? []) {
        const act = aidIn(entry.content);
        if (act === null || !("parent" in act)) continue;
        const answer = said<Answer>(entry, act);
        if (answer !== null) found.push(answer);
        level.push(entry.id);
      }
    }
    return found;
  }

  return {
    place,
    forget: () => {
      views = new Map();
      list = null;
    },
    posts: () => {
      list ??= [...posts.keys()].flatMap((id) => readPost(id) ?? []).sort((left, right) => -byTime(left.post, right.post));
      return list;
    },
    post: readPost,
    rootOf,
    promise: (id) => {
      const act = aidIn(entryOf(id)?.content);
      const root = act?.kind === "commit" ? rootOf(act.on) : null;
      return root === null ? null : (readPost(root)?.promises.find(({ commit }) => commit.id === id) ?? null);
    },
    isTakenUp: (entry, author, speaks) => {
      const takers = takersOf.get(entry.id) ?? [];
      const commit = takers.length === 0 ? null : commitAbove(entry.id);
      if (commit === null) return false;
      return takers.some((taker) => {
        const by = speaks(taker);
        return by !== null && by !== author && (by === commit.giver || by === commit.receiver);
      });
    },
  };
}

const aidIn = (content: Content | undefined): AidAct | null => (content?.kind === "aid" ? content.act : null);

function stepOf({ id, feed, seq, by, act }: Said<Answer>): Step {
  const step = { id, feed, seq, by, kind: act.kind, parent: act.parent };
  if (act.kind !== "fulfil" && act.kind !== "amend") return step;
  return {
    ...step,
    ...(act.quantity === undefined ? {} : { quantity: act.quantity }),
    ...("due" in act && act.due !== undefined ? { due: act.due } : {}),
    ...("rest" in act && act.rest !== undefined ? { rest: act.rest } : {}),
  };
}

/** X2 of acts/aid.ts: the promiser is the one, the author of the post the other. */
function fitsPost(post: Said<Post>, commit: Said<Commit>): boolean {
  if (commit.by === post.by) return false;
  const [giver, receiver] = post.act.kind === "request" ? [commit.by, post.by] : [post.by, commit.by];
  return commit.act.giver === giver && commit.act.receiver === receiver;
}

/** What each version of a post says. */
export const termsByVersion = ({ post, changes }: PostRecord): ReadonlyMap<EnvelopeId, Post | Revise> =>
  new Map<EnvelopeId, Post | Revise>([
    [post.id, post.act],
    ...changes.flatMap(({ id, act }) => (act.kind === "revise" ? [[id, act] as const] : [])),
  ]);
