/** From one offer or request, as it is folded, to what the screens may know of it. Pure; it reads no clock and keeps nothing. */
import {
  answersIn,
  nextSteps,
  termsByVersion,
  timeOf,
  turnOf,
  type Answer,
  type CircleRecord,
  type Commit,
  type EnvelopeId,
  type MemberId,
  type Millis,
  type Parties,
  type Post,
  type PostRecord,
  type PromiseRecord,
  type Response,
  type Revise,
  type Said,
} from "../../protocol/index.ts";
import type {
  Copies,
  DisputeView,
  MessageView,
  PostView,
  PromiseView,
  ProposalView,
  SaidView,
  StepView,
  TalkView,
  TermsView,
} from "./exchange.ts";
import type { PersonView } from "./person-view.ts";
import { plainText } from "./plain-text.ts";

export type Talks = ReadonlyMap<EnvelopeId, ReadonlyMap<MemberId, readonly Said<Response>[]>>;

/** Once for all posts: a member can make both posts and responses many. */
export function talksOf(circles: readonly CircleRecord[], me: MemberId): Talks {
  const talks = new Map<EnvelopeId, Map<MemberId, Said<Response>[]>>();
  for (const { members, responses } of circles) {
    const other = members.find((member) => member !== me);
    if (other === undefined || !members.includes(me)) continue;
    for (const response of responses) {
      const { on } = response.act;
      const byOther = talks.get(on) ?? new Map<MemberId, Said<Response>[]>();
      talks.set(on, byOther);
      const said = byOther.get(other) ?? [];
      said.push(response);
      byOther.set(other, said);
    }
  }
  return talks;
}

export interface PostViewDeps {
  readonly person: (id: MemberId) => PersonView;
  readonly copiesOf: (id: EnvelopeId) => Copies;
  readonly me: MemberId;
  readonly isMember: boolean;
  readonly now: Millis;
  /** The words behind a hash in an act; null when they are not for us. */
  readonly asideOf: (hash: Uint8Array, by: MemberId, other: MemberId) => string | null;
  /** What the reader and one other said about a post, by post and by the other. */
  readonly talks: Talks;
}

export function postView(record: PostRecord, deps: PostViewDeps): PostView {
  const { post, versions, changes, promises } = record;
  const { me, now } = deps;
  const terms = termsByVersion(record);
  const { act } = versions.terms;
  const isMine = post.by === me;
  const closed = versions.closed === null ? null : { ...versions.closed.act, at: versions.closed.at };
  const isExpired = act.expires !== undefined && act.expires <= now;
  const hasMine = promises.some(
    ({ commit, life }) => commit.by === me && life.state !== "declined" && life.state !== "withdrawn" && life.state !== "kept",
  );
  return {
    ...termsView(act),
    id: post.id,
    kind: post.act.kind,
    author: deps.person(post.by),
    at: post.at,
    revisedAt: changes.findLast((change) => change.act.kind === "revise")?.at ?? null,
    isSplit: versions.standing.length > 1,
    closed: closed === null ? null : { why: closed.why, words: plainText(closed.words ?? ""), at: closed.at },
    isExpired,
    remaining: act.quantity === undefined ? null : Math.max(0, act.quantity - promised(promises)),
    promises: promises.map((promise) => promiseView(record, terms, promise, deps)),
    talks: talkViews(record, deps),
    canPromise: deps.isMember && !isMine && !hasMine && closed === null && !isExpired,
    canRespond: deps.isMember && !isMine,
    canChange: deps.isMember && isMine,
    copies: deps.copiesOf(post.id),
  };
}

const termsView = (act: Post | Revise): TermsView => ({
  title: plainText(act.title),
  details: plainText(act.details ?? ""),
  needs: act.needs ?? [],
  form: act.form ?? null,
  quantity: act.quantity ?? null,
  when: plainText(act.when ?? ""),
  where: plainText(act.where ?? ""),
  expires: act.expires ?? null,
});

/** How much of it somebody agreed to: a promise that says no amount takes one; one that was called off, what was given of it. */
const promised = (promises: readonly PromiseRecord[]): number =>
  promises.reduce((sum, { life }) => {
    if (life.state === "proposed") return sum;
    const given = life.parts.reduce((all, part) => all + (part.isAcknowledged ? (part.quantity ?? 1) : 0), 0);
    const isOff = life.state === "declined" || life.state === "withdrawn";
    return sum + (isOff ? given : Math.max(given, life.terms.quantity ?? 1));
  }, 0);

function saidView({ act, by }: Said<Answer | Commit>, { giver, receiver }: Parties, { asideOf }: PostViewDeps): SaidView {
  return {
    words: plainText(act.words ?? ""),
    aside: act.aside === undefined ? null : plainTextOrNull(asideOf(act.aside, by, by === giver ? receiver : giver)),
    hasAside: act.aside !== undefined,
  };
}
const plainTextOrNull = (words: string | null): string | null => (words === null ? null : plainText(words));

function stepView(said: Said<Answer | Commit>, place: StepView["place"], parties: Parties, deps: PostViewDeps): StepView {
  const { act } = said;
  return {
    ...saidView(said, parties, deps),
    id: said.id,
    kind: act.kind,
    place,
    by: deps.person(said.by),
    at: said.at,
    quantity: "quantity" in act ? (act.quantity ?? null) : null,
    due: "due" in act ? (act.due ?? null) : null,
    isPart: "rest" in act && act.rest !== undefined,
    copies: deps.copiesOf(said.id),
  };
}

function promiseView(
  record: PostRecord,
  terms: ReturnType<typeof termsByVersion>,
  promise: PromiseRecord,
  deps: PostViewDeps,
): PromiseView {
  const { commit, parties, life, answers } = promise;
  const { me, person } = deps;
  const isParty = deps.isMember && (me === parties.giver || me === parties.receiver);
  const turn = turnOf(life, parties);
  const saidOf = new Map(answers.map((answer) => [answer.id, answer]));
  const doneAt = life.parts.reduce((last, { id }) => Math.max(last, saidOf.get(id)?.at ?? 0), 0);
  const answersOf = answersIn(parties, life, me);
  const quantityOf = new Map(life.parts.map(({ id, quantity }) => [id, { quantity }]));
  const isCorrected = life.proposals.some(({ place }) => place === "correction");
  const pinned = commit.act.on === record.versions.terms.id ? undefined : terms.get(commit.act.on);
  return {
    id: commit.id,
    giver: person(parties.giver),
    receiver: person(parties.receiver),
    state: life.state,
    // A claim of time is one, whether it comes from a record or from comparing several.
    time: timeOf(life, doneAt === 0 ? null : (doneAt as Millis), deps.now),
    ...life.terms,
    parts: life.parts.map(({ id, quantity, isLast, isAcknowledged }) => ({
      id,
      quantity,
      isLast,
      isAcknowledged,
      canCorrect: isParty && !isCorrected,
    })),
    // As it was told: by claimed time, and of equal times what builds on the other behind it.
    steps: [
      stepView(commit, "commit", parties, deps),
      ...life.counted
        .flatMap(({ id, place }) => {
          const said = saidOf.get(id);
          return said === undefined ? [] : [stepView(said, place, parties, deps)];
        })
        .sort((left, right) => left.at - right.at),
    ],
    proposals: life.proposals.flatMap(({ id, place, part }): readonly ProposalView[] => {
      const said = saidOf.get(id);
      if (said === undefined) return [];
      const about = part === null ? undefined : quantityOf.get(part);
      const { by, at, words, aside, hasAside, quantity, due } = stepView(said, place, parties, deps);
      const answers = answersOf(id).map(({ kind }) => kind);
      return [{ id, place, part: about ?? null, by, at, words, aside, hasAside, quantity, due, answers }];
    }),
    disputes: life.disputes.flatMap(({ id, by }): readonly DisputeView[] => {
      const said = saidOf.get(id);
      return said === undefined
        ? []
        : [{ ...saidView(said, parties, deps), id, by: person(by), at: said.at, canSettle: by === me }];
    }),
    pinned: pinned === undefined ? null : termsView(pinned),
    next: deps.isMember ? nextSteps(commit.id, parties, life, me).map(({ kind }) => kind) : [],
    waitingFor: turn === null || turn === me ? null : person(turn),
  };
}

/** One for each person whom the reader talked with about this post. */
function talkViews({ post }: PostRecord, { talks, me, person, copiesOf }: PostViewDeps): readonly TalkView[] {
  return [...(talks.get(post.id) ?? [])].flatMap(([other, said]): readonly TalkView[] => {
    if (post.by !== me && post.by !== other) return [];
    const messages = said.map(({ id, by, at, act }): MessageView => {
      return { id, by: person(by), at, words: plainText(act.words), copies: copiesOf(id) };
    });
    return [
      {
        with: person(other),
        messages: messages.sort((left, right) => left.at - right.at || (left.id < right.id ? -1 : 1)),
      },
    ];
  });
}
