/** Giving and asking as the screens know it: what they show of offers, requests, promises and talk, and what can be said there. */
import type {
  Answer,
  ClosingReason,
  EnvelopeId,
  MemberId,
  Millis,
  Need,
  Place,
  PostForm,
  PromiseState,
  PromiseTime,
  Result,
  Tag,
} from "../../protocol/index.ts";
import type { PersonView } from "./person-view.ts";

/** Where copies of something are, as far as connected peers have shown since this start. */
export interface Copies {
  readonly savedHere: boolean;
  /** Peers that hold the key: people who can read it. */
  readonly neighbours: number;
  /** Hearths of our choice, which hold it sealed. */
  readonly hearths: number;
}

/** What the reader can do next in a promise; each is one signed act. */
export type NextStep = Answer["kind"];

/** What was written with an act. */
export interface SaidView {
  /** To all who see the act: a note, a reason, a line of thanks. Empty when nothing. */
  readonly words: string;
  /** To the other party alone; null when there is nothing, or when the reader is not one of the two. */
  readonly aside: string | null;
  /** Something was said between the two, whether the reader can see it or not. */
  readonly hasAside: boolean;
}

export interface StepView extends SaidView {
  readonly id: EnvelopeId;
  readonly kind: "commit" | NextStep;
  /** What it is where it stands: an `accept` makes an agreement, or accepts a correction. */
  readonly place: Place;
  readonly by: PersonView;
  readonly at: Millis;
  readonly quantity: number | null;
  readonly due: Millis | null;
  /** A fulfilment of a part: more is to come. */
  readonly isPart: boolean;
  readonly copies: Copies;
}

/** One fulfilment of a promise. */
export interface PartView {
  readonly id: EnvelopeId;
  readonly quantity: number | null;
  readonly isLast: boolean;
  readonly isAcknowledged: boolean;
  /** The reader may propose to correct it. */
  readonly canCorrect: boolean;
}

/** A change of an agreement, or a correction of what was done, that waits for the other party. */
export interface ProposalView extends SaidView {
  readonly id: EnvelopeId;
  readonly place: "amendment" | "correction";
  /** What a correction is about, as it is told so far. */
  readonly part: { readonly quantity: number | null } | null;
  readonly by: PersonView;
  readonly at: Millis;
  readonly quantity: number | null;
  readonly due: Millis | null;
  /** What the reader can answer; empty for those whom it does not concern. */
  readonly answers: readonly NextStep[];
}

/** One of the two sees it differently. It stands beside the promise until its author settles it. */
export interface DisputeView extends SaidView {
  readonly id: EnvelopeId;
  readonly by: PersonView;
  readonly at: Millis;
  readonly canSettle: boolean;
}

export interface PromiseView {
  readonly id: EnvelopeId;
  readonly giver: PersonView;
  readonly receiver: PersonView;
  readonly state: PromiseState;
  readonly time: PromiseTime;
  /** As agreed now. */
  readonly quantity: number | null;
  readonly due: Millis | null;
  readonly parts: readonly PartView[];
  readonly steps: readonly StepView[];
  readonly proposals: readonly ProposalView[];
  readonly disputes: readonly DisputeView[];
  /** The terms it was made on, when the post says something else by now. */
  readonly pinned: TermsView | null;
  /** Ordered: the first is the one button; the others are quieter. Empty when it is not the reader's turn. */
  readonly next: readonly NextStep[];
  /** Whose turn it is, when it is not the reader's and somebody's. */
  readonly waitingFor: PersonView | null;
}

/** What an offer or request says. */
export interface TermsView {
  readonly title: string;
  readonly details: string;
  readonly needs: readonly Need[];
  readonly form: PostForm | null;
  /** Pieces or hours. */
  readonly quantity: number | null;
  /** A phrase such as "this week". Empty when nothing was said. */
  readonly when: string;
  /** A coarse area, never an address. Empty when nothing was said. */
  readonly where: string;
  readonly expires: Millis | null;
}

export interface MessageView {
  readonly id: EnvelopeId;
  readonly by: PersonView;
  readonly at: Millis;
  readonly words: string;
  readonly copies: Copies;
}

/** What two people said about a post, between them. */
export interface TalkView {
  readonly with: PersonView;
  /** Oldest first. */
  readonly messages: readonly MessageView[];
}

export interface PostView extends TermsView {
  readonly id: EnvelopeId;
  readonly kind: "offer" | "request";
  readonly author: PersonView;
  readonly at: Millis;
  /** When it was last changed; null when it never was. */
  readonly revisedAt: Millis | null;
  /** Two devices changed it apart: more than one version stands, and the newest is shown. */
  readonly isSplit: boolean;
  readonly closed: { readonly why: ClosingReason; readonly words: string; readonly at: Millis } | null;
  readonly isExpired: boolean;
  /** Of the quantity, what nobody has agreed to yet; null when no quantity was said. */
  readonly remaining: number | null;
  readonly promises: readonly PromiseView[];
  /** Those in which the reader is one of the two: the author sees one for each person, another at most their own. */
  readonly talks: readonly TalkView[];
  /** The reader may answer it with a promise. */
  readonly canPromise: boolean;
  /** The reader may write to its author, between the two. */
  readonly canRespond: boolean;
  /** It is the reader's own: they may change, close and reopen it. */
  readonly canChange: boolean;
  readonly copies: Copies;
}

export interface PostDraft {
  readonly kind: "offer" | "request";
  readonly title: string;
  readonly details: string;
  readonly needs: readonly Need[];
  readonly form: PostForm | null;
  /** Pieces or hours, from 1. */
  readonly quantity: number | null;
  readonly when: string;
  readonly where: string;
  readonly expires: Millis | null;
}

/** What is said with an act in a promise. */
export interface WordsDraft {
  readonly words: string;
  /** `parties`: only the two can read it; all see that something was said. */
  readonly readers: "all" | "parties";
}

export interface PromiseDraft extends WordsDraft {
  readonly quantity: number | null;
  readonly due: Millis | null;
}

/** `quantity` and `due` belong to `fulfil` and `amend`, and are left out elsewhere. */
export interface StepDraft extends PromiseDraft {
  /** Of a `fulfil`: this was a part, and more is to come. */
  readonly isPart: boolean;
}

export type SayError =
  | { readonly kind: "not-a-member" }
  | { readonly kind: "out-of-turn" }
  | { readonly kind: "not-found" }
  /** None of their devices can be written to. */
  | { readonly kind: "nobody-to-read" }
  | { readonly kind: "invalid"; readonly field: string; readonly problem: "empty" | "too-long" | "unreadable" | "out-of-range" }
  | { readonly kind: "disk-full" }
  /** Something in it is more than an act can hold, and would be read by nobody. */
  | { readonly kind: "too-large" }
  | { readonly kind: "stale-writer" }
  | { readonly kind: "storage-failed" }
  | { readonly kind: "pen-holder-silent" }
  /** The doors of a village that does not exist are shut (demo-house.ts). */
  | { readonly kind: "demo" };

/** What a person can do in giving and asking. A promise that resolves `ok` means: durable on this device. */
export interface ExchangeDeeds {
  readonly post: (tag: Tag, form: PostDraft, signal: AbortSignal) => Promise<Result<EnvelopeId, SayError>>;
  /** Says all of it anew. What was promised on an earlier version stays as it was promised. */
  readonly revise: (tag: Tag, post: EnvelopeId, form: PostDraft, signal: AbortSignal) => Promise<Result<EnvelopeId, SayError>>;
  readonly closePost: (
    tag: Tag,
    post: EnvelopeId,
    why: ClosingReason,
    words: string,
    signal: AbortSignal,
  ) => Promise<Result<EnvelopeId, SayError>>;
  readonly reopenPost: (tag: Tag, post: EnvelopeId, signal: AbortSignal) => Promise<Result<EnvelopeId, SayError>>;
  /** Writes to one person about a post; only the two can read it. */
  readonly respond: (
    tag: Tag,
    post: EnvelopeId,
    to: MemberId,
    words: string,
    signal: AbortSignal,
  ) => Promise<Result<EnvelopeId, SayError>>;
  readonly promise: (
    tag: Tag,
    post: EnvelopeId,
    draft: PromiseDraft,
    signal: AbortSignal,
  ) => Promise<Result<EnvelopeId, SayError>>;
  readonly step: (
    tag: Tag,
    promise: EnvelopeId,
    step: NextStep,
    draft: StepDraft,
    signal: AbortSignal,
  ) => Promise<Result<EnvelopeId, SayError>>;
  /** Answers an amendment or correction; `withdraw` takes back one's own, and settles one's own dispute. */
  readonly answer: (
    tag: Tag,
    promise: EnvelopeId,
    to: EnvelopeId,
    step: NextStep,
    draft: WordsDraft,
    signal: AbortSignal,
  ) => Promise<Result<EnvelopeId, SayError>>;
  /** Proposes to correct how much one fulfilment was. */
  readonly correct: (
    tag: Tag,
    promise: EnvelopeId,
    part: EnvelopeId,
    quantity: number,
    draft: WordsDraft,
    signal: AbortSignal,
  ) => Promise<Result<EnvelopeId, SayError>>;
}
