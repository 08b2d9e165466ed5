/** What can be said in a promise: which boxes each thing has, and what the cards ask of the view that shows them. */
import type { EnvelopeId } from "../../protocol/index.ts";
import type { NextStep, PersonView, StepDraft, WordsDraft } from "../peer/kith.ts";
import type { Unit } from "./read-model/amount.ts";
import type { Boxes } from "./read-model/drafts.ts";
import type { Words } from "./words.ts";
import type { Millis } from "../../protocol/index.ts";

/** `part`: a fulfilment with more to come. `correct`: another amount for what was done. */
export type Saying = NextStep | "part" | "correct";

interface Boxed {
  readonly amount: boolean;
  readonly due: boolean;
  readonly needsWords: boolean;
  /** Who reads the words, unless somebody chooses otherwise. */
  readonly readers: WordsDraft["readers"];
}

const aside: Boxed = { amount: false, due: false, needsWords: false, readers: "parties" };
export const BOXED: Readonly<Record<Saying, Boxed>> = {
  accept: aside,
  decline: aside,
  withdraw: aside,
  fulfil: aside,
  part: { ...aside, amount: true },
  acknowledge: { ...aside, readers: "all" }, // thanks warm those who read them, too
  amend: { ...aside, amount: true, due: true },
  dispute: { ...aside, needsWords: true },
  correct: { ...aside, amount: true },
};

/** Who could read what is said to all. */
export interface Everyone {
  readonly community: string;
  readonly people: number;
}

/** What all cards of a promise share. */
export interface Setting {
  readonly unit: Unit;
  readonly everyone: Everyone;
  readonly boxes: Boxes;
}

/** Each answers whether it was said. */
export interface PromiseDeeds {
  readonly step: (kind: NextStep, draft: StepDraft) => Promise<boolean>;
  readonly answer: (to: EnvelopeId, kind: NextStep, draft: WordsDraft) => Promise<boolean>;
  readonly correct: (part: EnvelopeId, quantity: number, draft: WordsDraft) => Promise<boolean>;
  readonly write: (to: PersonView) => void;
}

export const PLAIN: StepDraft = { words: "", readers: "parties", quantity: null, due: null, isPart: false };

/** "2 hours · until Thursday, 14 May, 18:00"; empty when neither was said. */
export function termsLine({ t, due: dueIn }: Words, unit: Unit, quantity: number | null, due: Millis | null): string {
  const amount = quantity === null ? [] : [t(`amount.${unit}`, { count: quantity })];
  const until = due === null ? [] : [t("amount.until", { when: dueIn(due) })];
  return [...amount, ...until].join(" · ");
}
