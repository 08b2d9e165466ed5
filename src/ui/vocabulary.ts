/** The protocol's fixed words, with the key of each for the screen. A new word there is a compile error here. */
import type { ClosingReason, Need, PostForm, PromiseState } from "../../protocol/index.ts";
import type { LineProblem, LinkError, NextStep, Path, PostView, PromiseView, SayError, Standing } from "../peer/kith.ts";
import type { Key } from "./words.ts";

const needs: Readonly<Record<Need, true>> = {
  subsistence: true,
  protection: true,
  affection: true,
  understanding: true,
  participation: true,
  rest: true,
  creation: true,
  identity: true,
  freedom: true,
  transcendence: true,
};
const forms: Readonly<Record<PostForm, true>> = { goods: true, hours: true, loan: true, presence: true };

export const isNeed = (word: unknown): word is Need => typeof word === "string" && Object.hasOwn(needs, word);
export const isPostForm = (word: unknown): word is PostForm => typeof word === "string" && Object.hasOwn(forms, word);
export const NEED_WORDS: readonly Need[] = Object.keys(needs).filter(isNeed);
export const FORM_WORDS: readonly PostForm[] = Object.keys(forms).filter(isPostForm);

/** Whoever is, reads nothing of a community but its card, and sends nothing. */
export const isOutside = (standing: Standing): boolean => standing !== "member" && standing !== "arriving";

export const CLOSING_WORDS: readonly ClosingReason[] = ["met", "over", "mistake"];

/** How two thread ends lie in each state. */
export type Shape = "loose" | "crossed" | "wound" | "tied" | "knotted" | "untied";
export const SHAPES: Readonly<Record<PromiseState, Shape>> = {
  proposed: "loose",
  agreed: "crossed",
  underway: "wound",
  done: "tied",
  kept: "knotted",
  declined: "untied",
  withdrawn: "untied",
};

/** The steps that carry a promise on; the others change it, end it or question it. */
export type Carrying = Extract<NextStep, "accept" | "fulfil" | "acknowledge">;
export const isCarrying = (step: NextStep | undefined): step is Carrying =>
  step === "accept" || step === "fulfil" || step === "acknowledge";

/** What a promise waits for from the reader, or null. Nobody is waited for any more where a promise has gone silent. */
export function turnOf({ next, time, proposals, waitingFor }: PromiseView): Carrying | "answer" | null {
  if (proposals.some(({ answers }) => answers.includes("accept"))) return "answer";
  const [first] = next;
  return isCarrying(first) && waitingFor === null && time !== "silent" ? first : null;
}

/** The first thing that a post waits for from the reader, or null. */
export function turnIn({ promises }: PostView): Carrying | "answer" | null {
  for (const promise of promises) {
    const turn = turnOf(promise);
    if (turn !== null) return turn;
  }
  return null;
}

/** Nothing more is asked or offered in it. */
export const isOver = (post: PostView): boolean => post.closed !== null || post.isExpired;

export const pathKey = (path: Path): Key => `network.path.${path}`;

type Failure = SayError | LinkError | { readonly kind: "unreadable-address" | "unreachable" | "unexpected" };

/** The sentence for a refusal; what belongs to one field is said beside that field instead. */
export function failureKey(failure: Failure): Key {
  return failure.kind === "invalid" ? `failure.invalid.${failure.problem}` : `failure.${failure.kind}`;
}

export const lineProblemKey = ({ kind }: LineProblem | { readonly kind: "unexpected" }): Key =>
  kind === "unexpected" || kind === "pen-holder-silent" ? `failure.${kind}` : `inPerson.problem.${kind}`;
