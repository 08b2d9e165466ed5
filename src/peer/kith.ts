/**
 * What the screens may know and do: one immutable view, and the few things a person can say.
 * Implemented by `house.ts` (the tab that holds the pen) and `seat.ts` (a second tab, a window on it).
 */
import type { CommunityId, DocumentName, Door, EnvelopeId, FeedId, Millis, Result, Tag } from "../../protocol/index.ts";
import type { Copies, ExchangeDeeds, PostView, SayError } from "./exchange.ts";
import type { DocumentCopy, DocumentView, OpenDocument } from "./open-document.ts";
import type { PersonView } from "./person-view.ts";

export type {
  Copies,
  DisputeView,
  ExchangeDeeds,
  MessageView,
  NextStep,
  PartView,
  PostDraft,
  PostView,
  PromiseDraft,
  PromiseView,
  ProposalView,
  SaidView,
  SayError,
  StepDraft,
  StepView,
  TalkView,
  TermsView,
  WordsDraft,
} from "./exchange.ts";
export type { PersonView } from "./person-view.ts";

/**
 * `porch`: joined by link, still waiting for a neighbour to bring the key and the content. `arriving`: the content is coming.
 * `waiting`: came by an invitation for one, and its maker's Kith has not let them in yet. `too-late`: the invitation had ended,
 * or somebody else came in by it.
 */
export type Standing = "porch" | "arriving" | "waiting" | "too-late" | "member";

export interface CommunityView {
  readonly tag: Tag;
  readonly id: CommunityId | null;
  readonly name: string;
  readonly purpose: string;
  readonly standing: Standing;
  /** By whose invitation this device came in; empty for the founder's. */
  readonly inviter: string;
  readonly me: PersonView | null;
  readonly members: readonly PersonView[];
  /** Newest first. */
  readonly posts: readonly PostView[];
  readonly invites: readonly InviteView[];
  /** Those that somebody has written in, the latest change first. */
  readonly documents: readonly DocumentView[];
  /** Sixteen hex groups of four, or null while something is missing. Equal on two devices = same community state. */
  readonly fingerprint: string | null;
  /** How many envelopes are held, and how many wait for something they refer to. */
  readonly held: number;
  readonly waiting: number;
  /** Of the newest of one's own acts: is it here, and how many neighbours have it. */
  readonly copies: Copies;
  /** Feeds that were found to tell two stories. */
  readonly forkedFeeds: readonly FeedId[];
}

export interface InviteView {
  readonly id: EnvelopeId;
  readonly by: PersonView;
  readonly at: Millis;
  readonly expires: Millis;
  readonly door: Door;
  readonly joined: number;
  /** `used`: it was for one, who is in. */
  readonly state: "open" | "used" | "expired" | "closed";
  /** Only on the device that made it. */
  readonly link: string | null;
}

/** How a neighbour is reached. `browser-direct` is WebRTC from browser to browser, with nobody between; `in-person` is the same, by lines that two people carried. */
export type Path = "browser-direct" | "in-person" | "hearth-websocket" | "hearth-webrtc" | "through-relay" | "other";

export interface NeighbourView {
  /** libp2p's name for the node; fresh at every start for people. */
  readonly peer: string;
  readonly path: Path;
  readonly role: "member" | "hearth" | "unknown";
  /** Null until the hello has shown who it is. */
  readonly person: PersonView | null;
  readonly since: Millis;
  /** When this neighbour last had exactly what we have. */
  readonly equalAt: Millis | null;
}

export interface NetworkView {
  readonly state: "off" | "starting" | "on" | "failed";
  /** Why it is off or failed, as a catalogue key; null when on. */
  readonly reason: "window-tab" | "start-failed" | null;
  readonly neighbours: readonly NeighbourView[];
  readonly lastHeard: Millis | null;
}

export interface StorageView {
  /** `full`: new things from others are refused; one's own still fit. `failed`: nothing can be written. */
  readonly state: "ok" | "full" | "failed";
  readonly usedBytes: number | null;
  readonly quotaBytes: number | null;
  /** Null when the browser cannot say. */
  readonly persistent: boolean | null;
}

export interface KithView {
  /** `window`: another tab holds the pen; this one shows, and passes on what is said here. */
  readonly seat: "pen" | "window";
  readonly communities: readonly CommunityView[];
  readonly network: NetworkView;
  readonly storage: StorageView;
}

/** What an invitation says before one joins. */
export interface InviteCard {
  readonly tag: Tag;
  readonly community: string;
  readonly purpose: string;
  readonly inviter: string;
  readonly members: number;
  readonly expires: Millis;
  readonly alreadyMember: boolean;
}

export type LinkError =
  { readonly kind: "unreadable-link" } | { readonly kind: "forged-card" } | { readonly kind: "newer-version" };

/** Why two lines did not become a connection. */
export type LineProblem = {
  readonly kind:
    | "no-network"
    | "unreadable-line"
    | "newer-version"
    | "not-an-offer"
    | "not-an-answer"
    | "own-line"
    | "expired-line"
    | "foreign-line"
    | "no-way"
    | "not-connected"
    | "pen-holder-silent";
};

export interface FoundForm {
  readonly community: string;
  readonly purpose: string;
  readonly myName: string;
}

/**
 * Everything a person can do. A promise that resolves `ok` means: durable on this device
 * (the screen may say "saved"). Spreading goes on behind it.
 */
export interface Kith extends ExchangeDeeds {
  readonly view: () => KithView;
  /** Calls back after any change of `view()`; at most once a frame. Returns how to stop. */
  readonly subscribe: (changed: () => void) => () => void;
  readonly found: (form: FoundForm, signal: AbortSignal) => Promise<Result<Tag, SayError>>;
  readonly readLink: (link: string, now: Millis) => Result<InviteCard, LinkError>;
  readonly join: (link: string, myName: string, signal: AbortSignal) => Promise<Result<Tag, SayError | LinkError>>;
  readonly invite: (tag: Tag, door: Door, signal: AbortSignal) => Promise<Result<string, SayError>>;
  readonly closeInvite: (tag: Tag, invite: EnvelopeId, signal: AbortSignal) => Promise<Result<void, SayError>>;
  /** Null for a community that is not here. Close what was opened. */
  readonly openDocument: (tag: Tag, name: DocumentName) => OpenDocument | null;
  /** For a window: what an open document shows here. Null when there is none, or it is still being put together. */
  readonly copyDocument: (tag: Tag, name: DocumentName, signal: AbortSignal) => Promise<DocumentCopy | null>;
  /** Puts all that is typed in open documents into the feeds: the app is about to be left. */
  readonly settle: (signal: AbortSignal) => Promise<void>;
  /** Adds a neighbour's address (a multiaddr), or a hearth's. */
  readonly connect: (
    address: string,
    signal: AbortSignal,
  ) => Promise<Result<void, { readonly kind: "unreadable-address" | "unreachable" }>>;
  /** A line to hand to somebody who is here, in person; good for 8 minutes, one at a time. */
  readonly offerLine: (signal: AbortSignal) => Promise<Result<string, LineProblem>>;
  /** Reads such a line and gives the one to hand back; good for 3 minutes. The neighbour shows in the view once both are connected. */
  readonly answerLine: (offer: string, signal: AbortSignal) => Promise<Result<string, LineProblem>>;
  /** Reads the line that came back. `ok` means connected. */
  readonly finishLine: (answer: string, signal: AbortSignal) => Promise<Result<void, LineProblem>>;
  /** Closing twice is harmless. */
  readonly close: () => Promise<void>;
}
