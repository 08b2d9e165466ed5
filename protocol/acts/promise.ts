/**
 * Promise: the life of a commit, as a function of the set of acts under it.
 *
 *   P1  Turns: which act may follow which, and from whom, is one total table (`turns`). An act out of
 *       turn changes nothing, and stays readable.
 *   P2  Of the answers one feed gives to one commit (accept, decline), the first counts.
 *   P3  Precedence, for acts written apart: kept over withdrawn over declined over done over agreed over
 *       proposed. A cancellation beats a *done* until both have spoken; what both confirmed stands.
 *   P4  No clock: "unconfirmed" and "overdue" are views of these states at a time.
 *
 * Neither arrival order nor two devices of one member can change the outcome.
 */
import { assertNever } from "../lang/assert-never.ts";
import type { EnvelopeId, FeedId, MemberId } from "../crypto/hash.ts";
import type { Answer } from "./aid.ts";

export const PROMISE_STATES = ["proposed", "agreed", "done", "kept", "declined", "withdrawn"] as const;
export type PromiseState = (typeof PROMISE_STATES)[number];

export type StepKind = "commit" | Answer["kind"];
/** `promiser` wrote the commit; `asked` is the other of the two. */
export type Role = "giver" | "receiver" | "promiser" | "asked";

/** P1: parent, then child, then who may say it. No entry means: out of turn. */
const turns: Readonly<Record<StepKind, Partial<Record<Answer["kind"], readonly Role[]>>>> = {
  commit: { accept: ["asked"], decline: ["asked"], withdraw: ["promiser"] },
  accept: { fulfil: ["giver"], withdraw: ["giver", "receiver"] },
  fulfil: { acknowledge: ["receiver"] },
  decline: {},
  withdraw: {},
  acknowledge: {},
};

export interface Parties {
  readonly giver: MemberId;
  readonly receiver: MemberId;
  readonly promiser: MemberId;
}

export const askedOf = (parties: Parties): MemberId => (parties.promiser === parties.giver ? parties.receiver : parties.giver);

function plays(member: MemberId, role: Role, parties: Parties): boolean {
  switch (role) {
    case "giver":
      return member === parties.giver;
    case "receiver":
      return member === parties.receiver;
    case "promiser":
      return member === parties.promiser;
    case "asked":
      return member === askedOf(parties);
    default:
      return assertNever(role);
  }
}

/** P1 for one act. */
export const isInTurn = (parent: StepKind, child: Answer["kind"], by: MemberId, parties: Parties): boolean =>
  turns[parent][child]?.some((role) => plays(by, role, parties)) ?? false;

export interface Step {
  readonly id: EnvelopeId;
  readonly feed: FeedId;
  readonly seq: number;
  readonly by: MemberId;
  readonly kind: Answer["kind"];
  readonly parent: EnvelopeId;
}

export interface PromiseLife {
  readonly state: PromiseState;
  /** Those that count (P1, P2), in causal order, then by id. */
  readonly counted: readonly Step[];
}

/** `steps` are all acts that descend from the commit, in any order. */
export function lifeOf(commit: EnvelopeId, parties: Parties, steps: readonly Step[]): PromiseLife {
  const counted = countedSteps(commit, parties, steps);
  const has = (kind: Answer["kind"]): boolean => counted.some((step) => step.kind === kind);
  const state: PromiseState = has("acknowledge")
    ? "kept"
    : has("withdraw")
      ? "withdrawn"
      : has("decline")
        ? "declined"
        : has("fulfil")
          ? "done"
          : has("accept")
            ? "agreed"
            : "proposed"; // P3
  return { state, counted };
}

/** Walks from the commit down its children, so that a step counts only under a step that counts. */
function countedSteps(commit: EnvelopeId, parties: Parties, steps: readonly Step[]): readonly Step[] {
  const childrenOf = new Map<EnvelopeId, Step[]>();
  for (const step of steps) {
    const siblings = childrenOf.get(step.parent);
    if (siblings === undefined) childrenOf.set(step.parent, [step]);
    else siblings.push(step);
  }
  const counted: Step[] = [];
  let level: readonly { readonly id: EnvelopeId; readonly kind: StepKind }[] = [{ id: commit, kind: "commit" }];
  while (level.length > 0) {
    const next: Step[] = [];
    for (const parent of level) {
      const children = childrenOf.get(parent.id) ?? [];
      const first = firstAnswers(children);
      for (const child of children) {
        const isSecond = isAnswer(child) && first.get(child.feed) !== child.seq; // P2
        if (!isSecond && isInTurn(parent.kind, child.kind, child.by, parties)) next.push(child);
      }
    }
    next.sort((left, right) => (left.id < right.id ? -1 : 1));
    for (const step of next) counted.push(step);
    level = next;
  }
  return counted;
}

const isAnswer = ({ kind }: Step): boolean => kind === "accept" || kind === "decline";

/** P2: the seq of each feed's first answer. */
function firstAnswers(siblings: readonly Step[]): ReadonlyMap<FeedId, number> {
  const first = new Map<FeedId, number>();
  for (const step of siblings) {
    const known = first.get(step.feed) ?? Infinity;
    if (isAnswer(step) && step.seq < known) first.set(step.feed, step.seq);
  }
  return first;
}

/** What `member` may say next under the newest counted steps; the first is what the story asks for. */
export function nextSteps(
  commit: EnvelopeId,
  parties: Parties,
  life: PromiseLife,
  member: MemberId,
): readonly { readonly kind: Answer["kind"]; readonly parent: EnvelopeId }[] {
  const named = (kind: Answer["kind"]): EnvelopeId | null => life.counted.find((step) => step.kind === kind)?.id ?? null;
  const offer = (
    parent: EnvelopeId | null,
    parentKind: StepKind,
    kind: Answer["kind"],
  ): readonly { readonly kind: Answer["kind"]; readonly parent: EnvelopeId }[] =>
    parent !== null && isInTurn(parentKind, kind, member, parties) ? [{ kind, parent }] : [];
  switch (life.state) {
    case "proposed":
      return [
        ...offer(commit, "commit", "accept"),
        ...offer(commit, "commit", "decline"),
        ...offer(commit, "commit", "withdraw"),
      ];
    case "agreed":
      return [...offer(named("accept"), "accept", "fulfil"), ...offer(named("accept"), "accept", "withdraw")];
    case "done":
      return offer(named("fulfil"), "fulfil", "acknowledge");
    case "declined":
    case "withdrawn":
      return offer(named("fulfil"), "fulfil", "acknowledge"); // P3: help given before the cancellation was seen
    case "kept":
      return [];
    default:
      return assertNever(life.state);
  }
}

/** Who has the next word; null when nobody has. */
export function turnOf(state: PromiseState, parties: Parties): MemberId | null {
  switch (state) {
    case "proposed":
      return askedOf(parties);
    case "agreed":
      return parties.giver;
    case "done":
      return parties.receiver;
    case "kept":
    case "declined":
    case "withdrawn":
      return null;
    default:
      return assertNever(state);
  }
}
