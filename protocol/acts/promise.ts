/**
 * Promise: the life of a commit, as a function of the set of acts under it.
 *
 *   P1  Turns: which act may follow which, from whom, and what it is there, is one total table (`turns`). An act out of
 *       turn changes nothing, and stays readable. Nothing counts more than MAX_DEPTH acts below the commit.
 *   P2  Of the answers one feed gives to one act (accept, decline), the first counts.
 *   P3  Precedence, for acts written apart: kept over withdrawn over declined over done over underway over agreed over
 *       proposed. A cancellation beats a *done* until both have spoken; what both confirmed stands.
 *   P4  No clock: "unconfirmed" and "overdue" are views of these states at a time (promise-time.ts).
 *   P5  An amendment or correction holds once the other party accepted it: what both signed, neither undoes alone, be it by a
 *       refusal or a taking back that was written apart. Of several that hold side by side, the one with the longest row of such behind it is in force; of equals, that with the
 *       lowest id.
 *   P6  A dispute stands beside the state and changes nothing in it; its author may settle it.
 *
 * Neither arrival order nor two devices of one member can change the outcome.
 */
import { assertNever } from "../lang/assert-never.ts";
import type { EnvelopeId, FeedId, MemberId } from "../crypto/hash.ts";
import type { Millis } from "../lang/brand.ts";
import type { Answer } from "./aid.ts";

/** Their places in this list are their numbers in the fingerprint. */
export const PROMISE_STATES = ["proposed", "agreed", "done", "kept", "declined", "withdrawn", "underway"] as const;
export type PromiseState = (typeof PROMISE_STATES)[number];

/** What an act is where it stands: an `accept` under a commit makes an agreement, under a correction a corrected fulfilment. */
export const PLACES = [
  "commit",
  "agreement",
  "amendment",
  "fulfilment",
  "correction",
  "corrected",
  "receipt",
  "refusal",
  "taken-back",
  "called-off",
  "dispute",
  "settled",
] as const;
export type Place = (typeof PLACES)[number];

/** `author` wrote the act above; `counterpart` is the other of the two; `party` is either. */
export type Role = "giver" | "receiver" | "party" | "author" | "counterpart";
interface Turn {
  readonly by: Role;
  readonly makes: Place;
}

const answered = { decline: { by: "counterpart", makes: "refusal" }, withdraw: { by: "author", makes: "taken-back" } } as const;
const disputed = { dispute: { by: "party", makes: "dispute" } } as const;

/** P1: where it stands, then what follows. No entry means: out of turn. */
const turns: Readonly<Record<Place, Partial<Record<Answer["kind"], Turn>>>> = {
  commit: { accept: { by: "counterpart", makes: "agreement" }, ...answered },
  agreement: {
    fulfil: { by: "giver", makes: "fulfilment" },
    withdraw: { by: "party", makes: "called-off" },
    amend: { by: "party", makes: "amendment" },
    ...disputed,
  },
  amendment: { accept: { by: "counterpart", makes: "agreement" }, ...answered },
  fulfilment: { acknowledge: { by: "receiver", makes: "receipt" }, amend: { by: "party", makes: "correction" }, ...disputed },
  correction: { accept: { by: "counterpart", makes: "corrected" }, ...answered },
  corrected: { amend: { by: "party", makes: "correction" }, ...disputed },
  receipt: disputed,
  "called-off": disputed,
  dispute: { withdraw: { by: "author", makes: "settled" } },
  refusal: {},
  "taken-back": {},
  settled: {},
};

/** A commit, an agreement, and thirty changes of mind with their answers. */
export const MAX_DEPTH = 64;

export interface Parties {
  readonly giver: MemberId;
  readonly receiver: MemberId;
  readonly promiser: MemberId;
}

const otherOf = (parties: Parties, member: MemberId): MemberId => (member === parties.giver ? parties.receiver : parties.giver);
/** The one to whom the commit was said. */
export const askedOf = (parties: Parties): MemberId => otherOf(parties, parties.promiser);

function plays(member: MemberId, role: Role, parties: Parties, author: MemberId): boolean {
  switch (role) {
    case "giver":
      return member === parties.giver;
    case "receiver":
      return member === parties.receiver;
    case "party":
      return member === parties.giver || member === parties.receiver;
    case "author":
      return member === author;
    case "counterpart":
      return member === otherOf(parties, author);
    default:
      return assertNever(role);
  }
}

/** P1 for one act: what it is there, or null when it is out of turn. `author` wrote the act above. */
export function placeOf(above: Place, author: MemberId, kind: Answer["kind"], by: MemberId, parties: Parties): Place | null {
  const turn = turns[above][kind];
  return turn !== undefined && plays(by, turn.by, parties, author) ? turn.makes : null;
}

export interface Step {
  readonly id: EnvelopeId;
  readonly feed: FeedId;
  readonly seq: number;
  readonly by: MemberId;
  readonly kind: Answer["kind"];
  readonly parent: EnvelopeId;
  /** Of a `fulfil` or `amend`. */
  readonly quantity?: number;
  /** Of an `amend`. */
  readonly due?: Millis;
  /** Of a `fulfil`: more is to come. */
  readonly rest?: "open";
}

export interface CountedStep extends Step {
  readonly place: Place;
}

/** What is agreed as of now; null where nothing was said. */
export interface TermsInForce {
  readonly quantity: number | null;
  readonly due: Millis | null;
}

/** One fulfilment. */
export interface Part {
  readonly id: EnvelopeId;
  /** As corrected (P5); null when none was said. */
  readonly quantity: number | null;
  readonly isLast: boolean;
  /** Both have spoken. */
  readonly isAcknowledged: boolean;
  /** Where the next correction hangs: the fulfilment, or the last correction in force. */
  readonly correctAt: EnvelopeId;
}

/** An amendment or correction that waits for the other party. */
export interface Proposal {
  readonly id: EnvelopeId;
  readonly by: MemberId;
  readonly place: "amendment" | "correction";
  /** The fulfilment that a correction is about; null for an amendment. */
  readonly part: EnvelopeId | null;
}

export interface PromiseLife {
  readonly state: PromiseState;
  /** Those that count (P1, P2), in causal order, then by id. */
  readonly counted: readonly CountedStep[];
  readonly terms: TermsInForce;
  /** The agreement in force; null before there is one. */
  readonly agreement: EnvelopeId | null;
  readonly parts: readonly Part[];
  readonly proposals: readonly Proposal[];
  /** Not settled (P6). */
  readonly disputes: readonly { readonly id: EnvelopeId; readonly by: MemberId }[];
}

/** `first` is what the commit itself says; `steps` are all acts that descend from it, in any order. */
export function lifeOf(
  commit: EnvelopeId,
  parties: Parties,
  steps: readonly Step[],
  first: TermsInForce = { quantity: null, due: null },
): PromiseLife {
  const counted = countedSteps(commit, parties, steps);
  const children = childrenIn(counted);
  const has = (parent: EnvelopeId, place: Place): boolean => children(parent).some((step) => step.place === place);
  const agreements = children(commit).filter(({ place }) => place === "agreement");
  const agreed = rowFrom(agreements, "amendment", children);
  const parts = counted
    .filter((step) => step.place === "fulfilment")
    .map((fulfil): Part => {
      const corrections = rowFrom([fulfil], "correction", children);
      return {
        id: fulfil.id,
        quantity: corrections.reduce((last, { change }) => change.quantity ?? last, fulfil.quantity ?? null),
        isLast: fulfil.rest === undefined,
        isAcknowledged: has(fulfil.id, "receipt"),
        correctAt: corrections.at(-1)?.accepted ?? fulfil.id,
      };
    });
  return {
    state: stateOf(commit, counted, parts),
    counted,
    terms: agreed.reduce(
      (terms, { change }) => ({ quantity: change.quantity ?? terms.quantity, due: change.due ?? terms.due }),
      first,
    ),
    agreement: agreed.at(-1)?.accepted ?? agreements[0]?.id ?? null,
    parts,
    proposals: proposalsIn(counted, children),
    disputes: counted.filter(({ id, place }) => place === "dispute" && !has(id, "settled")),
  };
}

function proposalsIn(counted: readonly CountedStep[], children: ChildrenOf): readonly Proposal[] {
  /** Of each act under a fulfilment. Causal order: a parent has its own before its children ask. */
  const partOf = new Map<EnvelopeId, EnvelopeId>();
  return counted.flatMap(({ id, by, place, parent }) => {
    const part = place === "fulfilment" ? id : (partOf.get(parent) ?? null);
    if (part !== null) partOf.set(id, part);
    return (place === "amendment" || place === "correction") && children(id).length === 0 ? [{ id, by, place, part }] : [];
  });
}

/** P3. */
function stateOf(commit: EnvelopeId, counted: readonly CountedStep[], parts: readonly Part[]): PromiseState {
  const has = (place: Place, parent?: EnvelopeId): boolean =>
    counted.some((step) => step.place === place && (parent === undefined || step.parent === parent));
  if (parts.some(({ isLast, isAcknowledged }) => isLast && isAcknowledged)) return "kept";
  if (has("called-off") || has("taken-back", commit)) return "withdrawn";
  if (has("refusal", commit)) return "declined";
  if (parts.some(({ isLast }) => isLast)) return "done";
  if (parts.length > 0) return "underway";
  return has("agreement") ? "agreed" : "proposed";
}

/** An amendment or correction that holds, and the acceptance by which it does. */
interface Change {
  readonly change: CountedStep;
  readonly accepted: EnvelopeId;
}

type ChildrenOf = (id: EnvelopeId) => readonly CountedStep[];

/** P5, for amendments and corrections alike: each hangs on what came before, or on the acceptance of another. */
function rowFrom(from: readonly CountedStep[], place: "amendment" | "correction", children: ChildrenOf): readonly Change[] {
  let best: readonly Change[] = [];
  for (const change of from.flatMap(({ id }) => children(id))) {
    const answers = change.place === place ? children(change.id) : [];
    const acceptances = answers.filter(({ kind }) => kind === "accept");
    const [first] = acceptances; // they ascend by id
    if (first === undefined) continue;
    const behind = rowFrom(acceptances, place, children);
    const accepted = acceptances.find(({ id }) => id === behind[0]?.change.parent) ?? first;
    const row = [{ change, accepted: accepted.id }, ...behind];
    const isLower = best[0] === undefined || change.id < best[0].change.id;
    if (row.length > best.length || (row.length === best.length && isLower)) best = row;
  }
  return best;
}

/** In the order of `steps`. */
function childrenIn<S extends Step>(steps: readonly S[]): (id: EnvelopeId) => readonly S[] {
  const byParent = new Map<EnvelopeId, S[]>();
  for (const step of steps) {
    const siblings = byParent.get(step.parent);
    if (siblings === undefined) byParent.set(step.parent, [step]);
    else siblings.push(step);
  }
  return (id) => byParent.get(id) ?? [];
}

/** Walks from the commit down its children, so that a step counts only under a step that counts. */
function countedSteps(commit: EnvelopeId, parties: Parties, steps: readonly Step[]): readonly CountedStep[] {
  const childrenOf = childrenIn(steps);
  const counted: CountedStep[] = [];
  let level: readonly { readonly id: EnvelopeId; readonly by: MemberId; readonly place: Place }[] = [
    { id: commit, by: parties.promiser, place: "commit" },
  ];
  for (let depth = 0; level.length > 0 && depth < MAX_DEPTH; depth += 1) {
    const next: CountedStep[] = [];
    for (const parent of level) {
      const children = childrenOf(parent.id);
      const first = firstAnswers(children);
      for (const child of children) {
        const isSecond = isAnswer(child) && first.get(child.feed) !== child.seq; // P2
        const place = isSecond ? null : placeOf(parent.place, parent.by, child.kind, child.by, parties);
        if (place !== null) next.push({ ...child, place });
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
