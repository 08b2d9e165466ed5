/**
 * Promise turns: what a person can say next in a promise, and whose word is awaited. Views of promise.ts for whoever draws it.
 *
 *   N1  Whatever is named here is in turn (P1), as long as nothing new has come.
 */
import type { EnvelopeId, MemberId } from "../crypto/hash.ts";
import { assertNever } from "../lang/assert-never.ts";
import type { Answer } from "./aid.ts";
import { askedOf, placeOf, type Parties, type Place, type PromiseLife } from "./promise.ts";

export interface NextAct {
  readonly kind: Answer["kind"];
  readonly parent: EnvelopeId;
}

interface Above {
  readonly id: EnvelopeId;
  readonly by: MemberId;
  readonly place: Place;
}

/** What `member` may say next; the first is what the story asks for. Answers to proposals are `answersTo`. */
export function nextSteps(commit: EnvelopeId, parties: Parties, life: PromiseLife, member: MemberId): readonly NextAct[] {
  const above = aboveIn(commit, parties, life);
  const say = (id: EnvelopeId | null | undefined, ...kinds: readonly Answer["kind"][]): readonly NextAct[] =>
    inTurn(above(id), kinds, parties, member);
  const unthanked = life.parts
    .filter(({ isAcknowledged }) => !isAcknowledged)
    .sort((left, right) => +right.isLast - +left.isLast);
  const first = unthanked.find(({ id }) => say(id, "acknowledge").length > 0);
  const thanks = say(first?.id, "acknowledge");
  const dispute = say(disputable(life), "dispute");
  switch (life.state) {
    case "proposed":
      return say(commit, "accept", "decline", "withdraw");
    case "agreed":
      return [...say(life.agreement, "fulfil", "amend", "withdraw"), ...dispute];
    case "underway":
      return [...thanks, ...say(life.agreement, "fulfil", "amend", "withdraw"), ...dispute];
    case "done":
    case "declined":
    case "withdrawn":
      return [...thanks, ...dispute]; // P3: help given before the cancellation was seen
    case "kept":
      return dispute;
    default:
      return assertNever(life.state);
  }
}

/** What `member` may answer to an amendment, a correction or a dispute. For many of one promise: `answersIn`. */
export const answersTo = (id: EnvelopeId, parties: Parties, life: PromiseLife, member: MemberId): readonly NextAct[] =>
  answersIn(parties, life, member)(id);

/** The same, for whoever asks about each: a party can leave thousands open, and each costs as much as one. */
export function answersIn(parties: Parties, life: PromiseLife, member: MemberId): (id: EnvelopeId) => readonly NextAct[] {
  const open = new Set([...life.proposals, ...life.disputes].map(({ id }) => id));
  const above = new Map(life.counted.filter(({ id }) => open.has(id)).map((step) => [step.id, step]));
  return (id) => inTurn(above.get(id) ?? null, ["accept", "decline", "withdraw"], parties, member);
}

const inTurn = (above: Above | null, kinds: readonly Answer["kind"][], parties: Parties, member: MemberId): readonly NextAct[] =>
  above === null
    ? []
    : kinds
        .filter((kind) => placeOf(above.place, above.by, kind, member, parties) !== null)
        .map((kind) => ({ kind, parent: above.id }));

/** By a table: a giver can say a part is done thousands of times. */
function aboveIn(commit: EnvelopeId, parties: Parties, life: PromiseLife): (id: EnvelopeId | null | undefined) => Above | null {
  const above = new Map<EnvelopeId | null | undefined, Above>(life.counted.map((step) => [step.id, step]));
  above.set(commit, { id: commit, by: parties.promiser, place: "commit" });
  return (id) => above.get(id) ?? null;
}

/** The last word of the story that one may see differently. */
function disputable(life: PromiseLife): EnvelopeId | null {
  const last = (place: Place): EnvelopeId | undefined => life.counted.findLast((step) => step.place === place)?.id;
  return last("called-off") ?? last("receipt") ?? last("fulfilment") ?? life.agreement;
}

/** Who has the next word in the story; null when nobody has. */
export function turnOf({ state, parts }: PromiseLife, parties: Parties): MemberId | null {
  switch (state) {
    case "proposed":
      return askedOf(parties);
    case "agreed":
      return parties.giver;
    case "underway":
      return parts.some(({ isAcknowledged }) => !isAcknowledged) ? parties.receiver : parties.giver;
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
