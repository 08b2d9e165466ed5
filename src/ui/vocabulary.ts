/** The protocol's fixed words, with the key of each for the screen. A new word there is a compile error here. */
import type { Need, PostForm, PromiseState } from "../../protocol/index.ts";
import type { LineProblem, LinkError, NextStep, Path, PostView, SayError } from "../peer/kith.ts";
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

/** How two thread ends lie in each state. */
export type Shape = "loose" | "crossed" | "tied" | "knotted" | "untied";
export const SHAPES: Readonly<Record<PromiseState, Shape>> = {
  proposed: "loose",
  agreed: "crossed",
  done: "tied",
  kept: "knotted",
  declined: "untied",
  withdrawn: "untied",
};

/** The steps after which nothing more can be said: they ask for a second tap, and offer room for a word. */
export type Parting = Extract<NextStep, "decline" | "withdraw">;
export const isParting = (step: NextStep): step is Parting => step === "decline" || step === "withdraw";

/** What a post waits for from the reader, or null: the first step that is theirs, when it is nobody else's turn. */
export const turnIn = (post: PostView): NextStep | null =>
  post.promises.find((promise) => promise.next.length > 0 && promise.waitingFor === null)?.next[0] ?? null;

export const pathKey = (path: Path): Key => `network.path.${path}`;

type Failure = SayError | LinkError | { readonly kind: "unreadable-address" | "unreachable" | "unexpected" };

/** The sentence for a refusal; what belongs to one field is said beside that field instead. */
export function failureKey(failure: Failure): Key {
  return failure.kind === "invalid" ? `failure.invalid.${failure.problem}` : `failure.${failure.kind}`;
}

export const lineProblemKey = ({ kind }: LineProblem | { readonly kind: "unexpected" }): Key =>
  kind === "unexpected" || kind === "pen-holder-silent" ? `failure.${kind}` : `inPerson.problem.${kind}`;
