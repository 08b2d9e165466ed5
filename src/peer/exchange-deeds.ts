/**
 * Exchange deeds: what a person does in giving and asking, as acts. Offers and requests with their changes, promises and
 * all that follows, and what two people say between them.
 *
 *   D1  One deed at a time in a community: whether a circle must be opened is decided on what the deed before left.
 *   D2  Words for the parties alone stand in their circle, and only their salted hash in the act that all see. Both are
 *       written in one durable step, with the circle before them if it is the first thing they say to each other.
 */
import {
  MAX_DETAILS_UNITS,
  MAX_EVIDENCE_BYTES,
  MAX_QUANTITY,
  MAX_REPLACED,
  MAX_TALK_UNITS,
  MAX_TITLE_UNITS,
  MAX_WHEN_UNITS,
  MAX_WHERE_UNITS,
  MAX_WORDS_UNITS,
  SALT_BYTES,
  answersTo,
  asideHash,
  circleIdOf,
  encodeEvidence,
  err,
  nextSteps,
  ok,
  type AidAct,
  type Answer,
  type CircleId,
  type CircleKey,
  type Commit,
  type EnvelopeId,
  type FeedId,
  type MemberId,
  type NextAct,
  type PostRecord,
  type PromiseRecord,
  type Result,
  type Tag,
  type TalkAct,
  type Terms,
} from "../../protocol/index.ts";
import type { World } from "../platform/world.ts";
import { lineOf, speakLines } from "./deeds.ts";
import type { ExchangeDeeds, PostDraft, SayError, StepDraft, WordsDraft } from "./exchange.ts";
import type { Membership } from "./membership.ts";
import type { Line } from "./own-lines.ts";
import { readText, readTexts } from "./texts.ts";

/** Devices of one member that a circle's key is sealed for. */
const MAX_DEVICES = 64;

type Said = Promise<Result<EnvelopeId, SayError>>;
type Within = (tag: Tag, deed: (membership: Membership) => Said) => Said;

export function createExchangeDeeds(within: Within, world: World): ExchangeDeeds {
  const queues = new Map<Tag, Promise<unknown>>();
  /** D1. */
  const inTurn = (tag: Tag, deed: (membership: Membership) => Said): Said => {
    const run = (queues.get(tag) ?? Promise.resolve()).then(() => within(tag, deed));
    queues.set(
      tag,
      run.catch(() => undefined),
    );
    return run;
  };
  return {
    post: (tag, draft, signal) =>
      inTurn(tag, async (membership) => {
        const terms = readTerms(draft);
        return terms.ok ? speakLines(membership, [lineOf({ kind: draft.kind, ...terms.value }, [])], signal) : terms;
      }),
    revise: (tag, id, draft, signal) =>
      inTurn(tag, async (membership) => {
        const terms = readTerms(draft);
        if (!terms.ok) return terms;
        return change(membership, id, (replaces) => ({ kind: "revise", post: id, replaces, ...terms.value }), signal);
      }),
    closePost: (tag, id, why, said, signal) =>
      inTurn(tag, async (membership) => {
        const words = readText("words", said, 0, MAX_WORDS_UNITS);
        if (!words.ok) return words;
        return change(
          membership,
          id,
          (replaces) => ({ kind: "close", post: id, replaces, why, ...optionalWords(words.value) }),
          signal,
        );
      }),
    reopenPost: (tag, id, signal) =>
      inTurn(tag, async (membership) =>
        change(
          membership,
          id,
          (replaces, { versions }) => {
            if (versions.closed === null) return null;
            return { ...termsOf(versions.terms.act), kind: "revise", post: id, replaces };
          },
          signal,
        ),
      ),
    respond: (tag, on, to, said, signal) =>
      inTurn(tag, async (membership) => {
        const words = readText("talk", said, 1, MAX_TALK_UNITS);
        if (!words.ok) return words;
        const found = membership.holding.replica.community.post(on);
        const me = membership.root.id;
        if (found === null) return err({ kind: "not-found" });
        // Talk about a post is with its author.
        if (to === me || (found.post.by !== me && found.post.by !== to)) return err({ kind: "out-of-turn" });
        const circle = circleWith(membership, to, world);
        if (!circle.ok) return circle;
        return speakLines(
          membership,
          [...circle.value.lines, talk(circle.value.key, { kind: "response", circle: circle.value.id, on, words: words.value })],
          signal,
        );
      }),
    promise: (tag, on, draft, signal) =>
      inTurn(tag, async (membership) => {
        const amount = readQuantity(draft.quantity);
        if (!amount.ok) return amount;
        const found = membership.holding.replica.community.post(on);
        if (found === null) return err({ kind: "not-found" });
        const { post, versions } = found;
        const me = membership.root.id;
        if (post.by === me || versions.closed !== null) return err({ kind: "out-of-turn" });
        const [giver, receiver] = post.act.kind === "request" ? [me, post.by] : [post.by, me];
        const due = draft.due === null ? {} : { due: draft.due };
        return sayWith(membership, post.by, draft, world, signal, (words): Commit => ({
          kind: "commit",
          on: versions.terms.id,
          giver,
          receiver,
          ...amount.value,
          ...due,
          ...words,
        }));
      }),
    step: (tag, commit, kind, draft, signal) =>
      inTurn(tag, async (membership) => {
        const found = membership.holding.replica.community.promise(commit);
        if (found === null) return err({ kind: "not-found" });
        const next = nextSteps(commit, found.parties, found.life, membership.root.id).find((one) => one.kind === kind);
        return next === undefined ? err({ kind: "out-of-turn" }) : take(membership, found, next, draft, world, signal);
      }),
    answer: (tag, commit, to, kind, draft, signal) =>
      inTurn(tag, async (membership) => {
        const found = membership.holding.replica.community.promise(commit);
        if (found === null) return err({ kind: "not-found" });
        const next = answersTo(to, found.parties, found.life, membership.root.id).find((one) => one.kind === kind);
        const whole: StepDraft = { ...draft, quantity: null, due: null, isPart: false };
        return next === undefined ? err({ kind: "out-of-turn" }) : take(membership, found, next, whole, world, signal);
      }),
    correct: (tag, commit, id, quantity, draft, signal) =>
      inTurn(tag, async (membership) => {
        const found = membership.holding.replica.community.promise(commit);
        const part = found?.life.parts.find((one) => one.id === id);
        if (found === null || part === undefined) return err({ kind: "not-found" });
        const me = membership.root.id;
        if (me !== found.parties.giver && me !== found.parties.receiver) return err({ kind: "out-of-turn" });
        const whole: StepDraft = { ...draft, quantity, due: null, isPart: false };
        return take(membership, found, { kind: "amend", parent: part.correctAt }, whole, world, signal, 0);
      }),
  };
}

/** What a composer says, as an act says it. */
function readTerms(draft: PostDraft): Result<Terms, SayError> {
  const texts = readTexts({
    title: [draft.title, 1, MAX_TITLE_UNITS],
    details: [draft.details, 0, MAX_DETAILS_UNITS],
    when: [draft.when, 0, MAX_WHEN_UNITS],
    where: [draft.where, 0, MAX_WHERE_UNITS],
  });
  if (!texts.ok) return texts;
  const quantity = readQuantity(draft.quantity);
  if (!quantity.ok) return quantity;
  const { title, details, when, where } = texts.value;
  return ok({
    title,
    ...(details === "" ? {} : { details }),
    ...(draft.needs.length === 0 ? {} : { needs: draft.needs }),
    ...(draft.form === null ? {} : { form: draft.form }),
    ...quantity.value,
    ...(when === "" ? {} : { when }),
    ...(where === "" ? {} : { where }),
    ...(draft.expires === null ? {} : { expires: draft.expires }),
  });
}

/** Without what belongs to one version alone. */
function termsOf(act: PostRecord["versions"]["terms"]["act"]): Terms {
  const { title, details, needs, form, quantity, when, where, expires } = act;
  const all = { title, details, needs, form, quantity, when, where, expires };
  // A field that was not said stays unsaid; every field said has its own type.
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as unknown as Terms;
}

function readQuantity(quantity: number | null, least = 1): Result<{ readonly quantity?: number }, SayError> {
  if (quantity === null) return ok({});
  return Number.isSafeInteger(quantity) && quantity >= least && quantity <= MAX_QUANTITY
    ? ok({ quantity })
    : err({ kind: "invalid", field: "quantity", problem: "out-of-range" });
}

const optionalWords = (words: string): { readonly words?: string } => (words === "" ? {} : { words });

/** A change of one's own post, that replaces all versions which stand. */
async function change(
  membership: Membership,
  id: EnvelopeId,
  make: (replaces: readonly EnvelopeId[], found: PostRecord) => AidAct | null,
  signal: AbortSignal,
): Said {
  const found = membership.holding.replica.community.post(id);
  if (found === null) return err({ kind: "not-found" });
  const act =
    found.post.by === membership.root.id
      ? make(
          found.versions.standing.map((version) => version.id).slice(0, MAX_REPLACED), // the rest by the next change
          found,
        )
      : null;
  return act === null ? err({ kind: "out-of-turn" }) : speakLines(membership, [lineOf(act, [])], signal);
}

/** One act in a promise, with what it must carry. */
async function take(
  membership: Membership,
  { parties }: PromiseRecord,
  { kind, parent }: NextAct,
  draft: StepDraft,
  world: World,
  signal: AbortSignal,
  least = 1,
): Said {
  const amount = readQuantity(kind === "fulfil" || kind === "amend" ? draft.quantity : null, least);
  if (!amount.ok) return amount;
  const due = kind === "amend" && draft.due !== null ? { due: draft.due } : {};
  const saysNothing = amount.value.quantity === undefined && draft.due === null && draft.words.trim() === "";
  if (kind === "amend" && saysNothing) return err({ kind: "invalid", field: "quantity", problem: "empty" });
  const evidence = kind === "accept" || kind === "acknowledge" ? await evidenceOf(membership, parent, signal) : null;
  if ((kind === "accept" || kind === "acknowledge") && evidence === null) return err({ kind: "not-found" });
  if ((evidence?.length ?? 0) > MAX_EVIDENCE_BYTES) return err({ kind: "too-large" });
  const other = membership.root.id === parties.giver ? parties.receiver : parties.giver;
  return sayWith(membership, other, draft, world, signal, (words): Answer => {
    if (kind === "accept" || kind === "acknowledge") return { kind, parent, evidence: evidence ?? new Uint8Array(0), ...words }; // null was answered above
    if (kind === "fulfil") return { kind, parent, ...amount.value, ...(draft.isPart ? { rest: "open" } : {}), ...words };
    return kind === "amend" ? { kind, parent, ...amount.value, ...due, ...words } : { kind, parent, ...words };
  });
}

/** D2. */
async function sayWith(
  membership: Membership,
  other: MemberId,
  draft: WordsDraft,
  world: World,
  signal: AbortSignal,
  make: (words: { readonly words?: string; readonly aside?: Uint8Array }) => AidAct,
): Said {
  const isPrivate = draft.readers === "parties";
  const read = readText("words", draft.words, 0, isPrivate ? MAX_TALK_UNITS : MAX_WORDS_UNITS);
  if (!read.ok) return read;
  if (!isPrivate || read.value === "") return speakLines(membership, [lineOf(make(optionalWords(read.value)), [])], signal);
  const circle = circleWith(membership, other, world);
  if (!circle.ok) return circle;
  const aside = { kind: "aside", circle: circle.value.id, salt: world.bytes(SALT_BYTES), words: read.value } as const;
  const act = lineOf(make({ aside: asideHash(aside) }), []);
  return speakLines(membership, [...circle.value.lines, talk(circle.value.key, aside), act], signal);
}

const talk = (key: CircleKey, act: TalkAct): Line => ({ kind: "talk", key, act });

/** The circle of two, and what must be said first where there is none. */
function circleWith(
  membership: Membership,
  other: MemberId,
  world: World,
): Result<{ readonly id: CircleId; readonly key: CircleKey; readonly lines: readonly Line[] }, SayError> {
  const me = membership.root.id;
  const known = membership.circles.pair(membership.holding, me, other);
  if (known !== null) return ok({ ...known, lines: [] });
  const { members, exchangeByFeed } = membership.holding.replica.community.authority();
  /** Each costs a shared secret, and a `keys` envelope holds so many: nobody has more devices in honesty. */
  const readersOf = (member: MemberId): readonly Uint8Array[] =>
    (members.get(member)?.feeds ?? [])
      .slice(0, MAX_DEVICES)
      .flatMap((feed) => exchangeByFeed.get(feed) ?? [])
      .filter(membership.canSealTo);
  if (readersOf(other).length === 0) return err({ kind: "nobody-to-read" });
  const key = membership.circles.create(world.bytes(32));
  const pair = [me, other].sort();
  const lines: readonly Line[] = [
    {
      kind: "keys",
      make: (place) => ({
        commitment: key.commitment,
        boxes: membership.sealBoxes(
          place,
          [membership.certificate().exchange, ...readersOf(me), ...readersOf(other)],
          key.secret,
        ),
      }),
    },
    talk(key, { kind: "circle", form: "pair", members: pair }),
  ];
  return ok({ id: circleIdOf(key.commitment, pair), key, lines });
}

/** `accept` and `acknowledge` carry what they take up in its original bytes (acts/aid.ts X4). */
async function evidenceOf(membership: Membership, parent: EnvelopeId, signal: AbortSignal): Promise<Uint8Array | null> {
  const place = placeOf(membership, parent);
  if (place === null) return null;
  const chunk = await membership.holding.chunkAt(place.feed, place.seq, signal);
  const birth = membership.holding.replica.feed(place.feed)?.birth;
  return chunk === null || birth === undefined ? null : encodeEvidence(birth.deviceKey, birth.random, chunk);
}

function placeOf(membership: Membership, id: EnvelopeId): { readonly feed: FeedId; readonly seq: number } | null {
  for (const { id: feed, ids } of membership.holding.replica.feeds()) {
    const seq = ids.indexOf(id);
    if (seq >= 0) return { feed, seq };
  }
  return null;
}
