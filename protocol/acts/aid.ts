/**
 * Aid acts: what people offer, ask, promise, do and acknowledge, as all who belong see it.
 *
 *   offer, request ⇄ revise, close;  commit → accept | decline → fulfil → acknowledge;  amend, dispute, withdraw
 *
 *   X1  A commit pins exact terms: `on` is the id of the offer, request or `revise` as it was written.
 *   X2  A commit names both: who gives and who receives. One of them wrote the offer or request, the
 *       other writes the commit.
 *   X3  Every later act names its parent by id; what it may say, and who may say it, is promise.ts.
 *   X4  `accept` and `acknowledge` embed the statement they take up, as its original signed bytes
 *       (evidence.ts): a promise outlives its author's fork or erasure.
 *   X5  A field a reader does not know is passed over; a field it knows must be right.
 *   X6  `revise` and `close` name the `post` and the versions they replace (versions.ts). Nothing is overwritten.
 *   X7  `aside` is the salted hash of words that only the parties can read (talk.ts): what was said between them is
 *       fixed, and can be shown, without being told.
 *   X8  `revise` says all terms anew. `amend` says what changes; what it leaves out stays.
 */
import { bytes, choice, list, optional, record, text, uint, type Read, type Shape, type ShapeError } from "../codec/shape.ts";
import type { ValueMap } from "../codec/value.ts";
import { HASH_BYTES, envelopeId, memberId } from "../crypto/hash.ts";
import { millis } from "../envelope/body.ts";
import type { Result } from "../lang/result.ts";

/** After Max-Neef, and transcendence as our tenth. */
export const NEEDS = [
  "subsistence",
  "protection",
  "affection",
  "understanding",
  "participation",
  "rest",
  "creation",
  "identity",
  "freedom",
  "transcendence",
] as const;
export type Need = (typeof NEEDS)[number];

export const POST_FORMS = ["goods", "hours", "loan", "presence"] as const;
export type PostForm = (typeof POST_FORMS)[number];

export const MAX_TITLE_UNITS = 140;
export const MAX_DETAILS_UNITS = 2_000;
export const MAX_NEEDS = 3;
export const MAX_WHEN_UNITS = 120;
export const MAX_WHERE_UNITS = 120;
export const MAX_WORDS_UNITS = 500;
/** Versions that one `revise` or `close` may replace: more than a person has devices. */
export const MAX_REPLACED = 8;
/** A feed proof without bodies and one body: what an evidence may weigh. */
export const MAX_EVIDENCE_BYTES = 40_000;

/** Pieces or hours, whole. */
export const MAX_QUANTITY = 1_000_000;

const postFields = {
  /** One sentence is enough. */
  title: text(1, MAX_TITLE_UNITS),
  details: optional(text(1, MAX_DETAILS_UNITS)),
  needs: optional(list(choice(...NEEDS), MAX_NEEDS)),
  form: optional(choice(...POST_FORMS)),
  quantity: optional(uint(MAX_QUANTITY)),
  /** A phrase; dates and recurrence come beside it. */
  when: optional(text(1, MAX_WHEN_UNITS)),
  /** A coarse area, never an address. */
  where: optional(text(1, MAX_WHERE_UNITS)),
  expires: optional(millis),
};
export const CLOSING_REASONS = ["met", "over", "mistake"] as const;
/** `met`: nothing more is needed or left. `over`: its time has passed. `mistake`: it should not have been said. */
export type ClosingReason = (typeof CLOSING_REASONS)[number];

const quantity = optional(uint(MAX_QUANTITY));
const words = optional(text(1, MAX_WORDS_UNITS));
const aside = optional(bytes(HASH_BYTES));
const parent = envelopeId;
const evidence = bytes(1, MAX_EVIDENCE_BYTES);

const offerShape = record({ kind: choice("offer"), ...postFields }, "open");
const requestShape = record({ kind: choice("request"), ...postFields }, "open");
const commitShape = record(
  {
    kind: choice("commit"),
    on: envelopeId,
    giver: memberId,
    receiver: memberId,
    /** Of what was offered or asked, this much. */
    quantity,
    due: optional(millis),
    words,
    aside,
  },
  "open",
);
const acceptShape = record({ kind: choice("accept"), parent, evidence, words, aside }, "open");
const declineShape = record({ kind: choice("decline"), parent, words, aside }, "open");
const withdrawShape = record({ kind: choice("withdraw"), parent, words, aside }, "open");
/** `rest` is there when this was a part, and more is to come. */
const fulfilShape = record({ kind: choice("fulfil"), parent, quantity, rest: optional(choice("open")), words, aside }, "open");
const acknowledgeShape = record({ kind: choice("acknowledge"), parent, evidence, words, aside }, "open");
const amendShape = record({ kind: choice("amend"), parent, quantity, due: optional(millis), words, aside }, "open");
const disputeShape = record({ kind: choice("dispute"), parent, words, aside }, "open");
const replaced = { post: envelopeId, replaces: list(envelopeId, MAX_REPLACED, 1) };
const reviseShape = record({ kind: choice("revise"), ...replaced, ...postFields }, "open");
const closeShape = record({ kind: choice("close"), ...replaced, why: choice(...CLOSING_REASONS), words }, "open");

export type Offer = Read<typeof offerShape>;
export type Request = Read<typeof requestShape>;
export type Post = Offer | Request;
export type Commit = Read<typeof commitShape>;
export type Accept = Read<typeof acceptShape>;
export type Decline = Read<typeof declineShape>;
export type Withdraw = Read<typeof withdrawShape>;
export type Fulfil = Read<typeof fulfilShape>;
export type Acknowledge = Read<typeof acknowledgeShape>;
export type Amend = Read<typeof amendShape>;
export type Dispute = Read<typeof disputeShape>;
/** What follows a commit. */
export type Answer = Accept | Decline | Withdraw | Fulfil | Acknowledge | Amend | Dispute;
export type Revise = Read<typeof reviseShape>;
export type Close = Read<typeof closeShape>;
/** What follows an offer or request, by its own author. */
export type Change = Revise | Close;
/** What is offered or asked, in one version. */
export type Terms = Omit<Offer, "kind">;
export type AidAct = Post | Change | Commit | Answer;

const shapes = {
  offer: offerShape,
  request: requestShape,
  commit: commitShape,
  accept: acceptShape,
  decline: declineShape,
  withdraw: withdrawShape,
  fulfil: fulfilShape,
  acknowledge: acknowledgeShape,
  amend: amendShape,
  dispute: disputeShape,
  revise: reviseShape,
  close: closeShape,
} as const;

/** Null when the kind is not an aid act. */
export function parseAidAct(act: ValueMap): Result<AidAct, ShapeError> | null {
  const kind = act.get("kind");
  if (typeof kind !== "string" || !Object.hasOwn(shapes, kind)) return null;
  // hasOwn has just shown that `kind` is a key of `shapes`.
  return (shapes[kind as keyof typeof shapes] as Shape<AidAct>).read(act, "act");
}

export const aidActToValue = (act: AidAct): ValueMap =>
  // Each shape writes its own kind; the union of their parameters is what `act` is.
  (shapes[act.kind] as Shape<AidAct>).write(act) as ValueMap;
