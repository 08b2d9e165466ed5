/**
 * Exchanges: what people ask and offer, and what becomes of it. An exchange is one script: a post, and for some of them a promise
 * with its ending; what happens on the way is turns.ts.
 */
import type { Millis, Post } from "../protocol/index.ts";
import type { Arrivals } from "./arrivals.ts";
import { DAY_MS, HOUR_MS, later, plus, timeOn } from "./calendar.ts";
import { createDeck, itemAt, type Chance } from "./chance.ts";
import type { Deed, Label, Step, Story } from "./story.ts";
import { withTurns } from "./turns.ts";
import { OFFERS } from "./words/offers.ts";
import { DAYS, PLACES, type PostText } from "./words/post-text.ts";
import { PRESENCE_OFFERS, PRESENCE_REQUESTS } from "./words/presence.ts";
import { REVISED } from "./words/asides.ts";
import { REQUESTS } from "./words/requests.ts";
import { TONGUES } from "./words/tongues.ts";
import { ACCEPTING, DECLINING, FULFILLING, PROMISING, TAKING, THANKING, WITHDRAWING } from "./words/voices.ts";

/** For 24 people in 12 weeks; other villages in proportion. */
const OFFERED = 90;
const REQUESTED = 120;
const MEASURE = 24 * 12;
/** How 80 promises end. Those that are open are young: somebody's turn it still is. */
const ENDINGS = { kept: 58, done: 7, agreed: 3, underway: 1, proposed: 4, declined: 4, withdrawn: 3 } as const;
type Ending = keyof typeof ENDINGS;
const IS_OPEN: readonly Ending[] = ["underway", "proposed", "done", "agreed"];
const YOUNG_DAYS = 9;

interface Planned {
  readonly label: Label;
  /** Pieces or hours; null when none is said. */
  readonly quantity: number | null;
  readonly at: Millis;
  readonly kind: Post["kind"];
  readonly author: number;
}

type People = Arrivals["people"];

/** `visitor`: of the open ones, the first of each kind waits for them. */
export function planExchanges(chance: Chance, people: People, weeks: number, ends: Millis, visitor: number): readonly Story[] {
  const scale = (people.length * weeks) / MEASURE;
  const posts = planPosts(chance, people, weeks, ends, scale, visitor);
  const planned = posts.map(({ post }) => post);
  const endings = (Object.keys(ENDINGS) as Ending[]) // its own keys
    .flatMap((ending) => Array.from({ length: Math.max(1, Math.round(ENDINGS[ending] * scale)) }, () => ending));
  const promised = assign(chance, planned, endings, people, ends, visitor);
  return posts.map(({ post, step }) => {
    const promises = promised.get(post.label) ?? [];
    return [step, ...promises, ...changesOf(chance, post, promises, ends)];
  });
}

/** Every so many posts are said anew; a kept one is closed as met, and so is every other that was left alone for long, as over. */
const REVISED_ONE_IN = 9;
const LEFT_ALONE_DAYS = 21;

function changesOf(chance: Chance, { label, at, author }: Planned, promises: Story, ends: Millis): Story {
  const change = (when: Millis, deed: Deed): Story => (when < ends ? [{ at: when, by: author, deed }] : []);
  const last = promises.at(-1);
  const isKept = promises.some(({ deed }) => deed.kind === "acknowledge");
  const early = chance.once(REVISED_ONE_IN)
    ? change(later(chance, at, 5, 60), { kind: "revise", on: label, details: chance.pick(REVISED) })
    : [];
  if (isKept && last !== undefined) return [...early, ...change(plus(last.at, DAY_MS), { kind: "close", on: label, why: "met" })];
  const over = plus(at, LEFT_ALONE_DAYS * DAY_MS);
  return promises.length === 0 && chance.once(2) ? [...early, ...change(over, { kind: "close", on: label, why: "over" })] : early;
}

function planPosts(chance: Chance, people: People, weeks: number, ends: Millis, scale: number, visitor: number) {
  const draw = createTexts(chance);
  const kinds = [
    ...Array.from({ length: Math.max(2, Math.round(OFFERED * scale)) }, () => "offer" as const),
    ...Array.from({ length: Math.max(4, Math.round(REQUESTED * scale)) }, () => "request" as const),
  ];
  let own = 0;
  return chance.shuffled(kinds).map((kind, number): { readonly post: Planned; readonly step: Step } => {
    // Two of the visitor's own, young enough to be open.
    const isOwn = kind === "request" && own < 2 && number > 0;
    if (isOwn) own += 1;
    const drawn = timeOn(chance, isOwn ? weeks * 7 - chance.between(3, 5) : chance.between(1, weeks * 7 - 1));
    const here = people.flatMap(({ joins }, index) => (joins < drawn - DAY_MS ? [index] : []));
    const author = isOwn ? visitor : here.length === 0 ? 0 : chance.pick(here);
    const at = Math.min(Math.max(drawn, itemAt(people, author).joins + HOUR_MS), ends - 1_000) as Millis; // times all
    const text = asPost(chance, kind, draw(kind, itemAt(people, author).tongue));
    const isCounted = (text.form === "hours" || text.form === "goods") && chance.once(2);
    const quantity = isCounted ? chance.between(1, 6) : null;
    const post = { label: `post ${number}`, quantity, at, kind, author };
    const counted = quantity === null ? text : { ...text, quantity };
    return { post, step: { at, by: author, as: post.label, deed: { kind: "post", post: counted } } };
  });
}

/** 30 of 100 requests, and 20 of 100 offers, are of what no hands can carry; one in four is in the language its author dreams in. */
function createTexts(chance: Chance): (kind: Post["kind"], tongue: People[number]["tongue"]) => PostText {
  const decks = {
    request: { material: createDeck(chance, REQUESTS), presence: createDeck(chance, PRESENCE_REQUESTS) },
    offer: { material: createDeck(chance, OFFERS), presence: createDeck(chance, PRESENCE_OFFERS) },
  };
  const tongues = new Map<string, () => PostText>();
  const isPresence = {
    request: createDeck(chance, [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]),
    offer: createDeck(chance, [1, 0, 0, 0, 0]),
  };
  return (kind, tongue) => {
    const form = isPresence[kind]() === 1 ? "presence" : "material";
    if (tongue === "en" || !chance.once(4)) return decks[kind][form]();
    const said = TONGUES[tongue][kind === "offer" ? "offers" : "requests"];
    const fitting = said.filter((text) => (text.form === "presence") === (form === "presence"));
    if (fitting.length === 0) return decks[kind][form]();
    const name = `${tongue} ${kind} ${form}`;
    const deck = tongues.get(name) ?? createDeck(chance, fitting);
    tongues.set(name, deck);
    return deck();
  };
}

function asPost(chance: Chance, kind: Post["kind"], { title, details, needs, form, when, where }: PostText): Post {
  const day = chance.pick(DAYS);
  const place = chance.pick(PLACES);
  const fill = (text: string): string =>
    text.replaceAll("{day}", day).replaceAll("{evening}", `${day} evening`).replaceAll("{place}", place);
  return {
    kind,
    title: fill(title),
    needs,
    form,
    ...(details === undefined ? {} : { details: fill(details) }),
    ...(when === undefined ? {} : { when: fill(when) }),
    ...(where === undefined ? {} : { where: fill(where) }),
  };
}

/** Gives each ending a post of its own, and answers the steps that follow it. */
function assign(
  chance: Chance,
  posts: readonly Planned[],
  endings: readonly Ending[],
  people: People,
  ends: Millis,
  visitor: number,
): ReadonlyMap<Label, readonly Step[]> {
  const young = plus(ends, -YOUNG_DAYS * DAY_MS);
  const free = new Set(chance.shuffled(posts));
  const steps = new Map<Label, readonly Step[]>();
  const helpers = new Map<Label, readonly number[]>();
  const waitsForVisitor = new Set<Ending>();
  // Those with most to ask choose first.
  const order = [...endings].sort((left, right) => IS_OPEN.indexOf(right) - IS_OPEN.indexOf(left));
  for (const ending of order) {
    const isOpen = IS_OPEN.includes(ending);
    const isHers = isOpen && ending !== "underway" && !waitsForVisitor.has(ending);
    const fits = (post: Planned): boolean => {
      if (isOpen !== post.at > young || !hasCompany(people, post)) return false;
      if (!isHers) return post.author !== visitor || !isOpen;
      return post.kind === "request" && (ending === "agreed" ? post.author !== visitor : post.author === visitor);
    };
    const found = [...free].find(fits);
    if (found === undefined) continue; // a small village has fewer posts than endings
    const before = helpers.get(found.label) ?? [];
    const drawn = isHers && ending === "agreed" ? visitor : promiserFor(chance, people, found);
    const promiser = before.includes(drawn) ? othersAt(people, found).find((other) => !before.includes(other)) : drawn;
    // What is for several hands is promised by two.
    if (promiser === undefined || before.length > 0 || (found.quantity ?? 1) < 3) free.delete(found);
    if (promiser === undefined) continue; // everybody who was there helps already
    helpers.set(found.label, [...before, promiser]);
    if (isHers) waitsForVisitor.add(ending);
    steps.set(found.label, [...(steps.get(found.label) ?? []), ...script(chance, found, promiser, ending, ends)]);
  }
  return steps;
}

const othersAt = (people: People, { at, author }: Planned): readonly number[] =>
  people.flatMap(({ joins }, index) => (joins < at && index !== author ? [index] : []));
const hasCompany = (people: People, post: Planned): boolean => othersAt(people, post).length > 0;

/** The willing are asked more often: the lower of two draws, among those who were there. */
function promiserFor(chance: Chance, people: People, post: Planned): number {
  const here = othersAt(people, post);
  return itemAt(here, Math.min(chance.below(here.length), chance.below(here.length)));
}

type Answer = "accept" | "decline" | "withdraw" | "fulfil" | "acknowledge";

/** What follows the promise, in each ending; "other" is whoever did not do it before. */
const ANSWERS: Readonly<Record<Ending, readonly Answer[]>> = {
  proposed: [],
  agreed: ["accept"],
  done: ["accept", "fulfil"],
  underway: ["accept", "fulfil"],
  kept: ["accept", "fulfil", "acknowledge"],
  declined: ["decline"],
  withdrawn: ["accept", "withdraw"],
};
const WORDS: Readonly<Record<Answer, readonly string[]>> = {
  accept: ACCEPTING,
  decline: DECLINING,
  withdraw: WITHDRAWING,
  fulfil: FULFILLING,
  acknowledge: THANKING,
};
/** Hours from one step to the next. */
const PAUSE: Readonly<Record<Answer, readonly [number, number]>> = {
  accept: [1, 20],
  decline: [2, 30],
  withdraw: [3, 40],
  fulfil: [10, 90],
  acknowledge: [1, 40],
};

function script(chance: Chance, post: Planned, promiser: number, ending: Ending, ends: Millis): Story {
  const { label, at, kind, author } = post;
  const [giver, receiver] = kind === "request" ? [promiser, author] : [author, promiser];
  const who: Readonly<Record<Answer, number>> = {
    accept: author,
    decline: author,
    withdraw: promiser,
    fulfil: giver,
    acknowledge: receiver,
  };
  const commit = `${label}, promised by ${promiser}`;
  const quantity = post.quantity === null ? null : Math.ceil(post.quantity / 2);
  const said = (words: readonly string[], times: number): { readonly words?: string } =>
    chance.once(times) ? {} : { words: chance.pick(words) };
  const words = kind === "request" ? PROMISING : TAKING;
  const steps: Step[] = [
    {
      at: later(chance, at, 1, 40),
      by: promiser,
      as: commit,
      deed: { kind: "commit", on: label, ...(quantity === null ? {} : { quantity }), ...said(words, 3) },
    },
  ];
  let to = commit;
  for (const answer of ANSWERS[ending]) {
    const as = `${label}, ${answer} of ${promiser}`;
    const before = steps.at(-1)?.at ?? at;
    const [from, until] = PAUSE[answer];
    steps.push({
      at: later(chance, before, from, until),
      by: who[answer],
      as,
      deed: {
        kind: answer,
        to,
        ...(answer === "fulfil" && ending === "underway" ? { rest: "open" } : {}),
        ...said(WORDS[answer], answer === "acknowledge" ? 6 : 2),
      },
    });
    to = as;
  }
  return inTime(withTurns(chance, { label, at, author, promiser, giver, receiver, quantity }, steps), at, ends);
}

/** What would run past the end happens sooner. */
function inTime(steps: Story, from: Millis, ends: Millis): Story {
  if ((steps.at(-1)?.at ?? from) < ends) return steps;
  const pause = Math.floor((ends - from) / (steps.length + 1));
  return steps.map((step, index) => ({ ...step, at: plus(from, pause * (index + 1)) }));
}
