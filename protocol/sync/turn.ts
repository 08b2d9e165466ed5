/**
 * Turn: what goes into one step of a session and what comes out of it. The driver carries out the outputs, all of them in
 * order, before it feeds the next input (src/net/session-driver.ts).
 *
 *   S2  Nothing follows `close`.
 *   S3  Every open phase has a deadline, announced by `wake`.
 */
import type { FeedId } from "../crypto/hash.ts";
import type { Millis } from "../lang/brand.ts";
import type { SyncMessage } from "./message.ts";

export type Input =
  | { readonly kind: "start" }
  | { readonly kind: "message"; readonly message: SyncMessage }
  /** Answer to `load` and `load-proof`; null when there is nothing to give. */
  | { readonly kind: "loaded"; readonly feed: FeedId; readonly what: "chunk" | "proof"; readonly bytes: Uint8Array | null }
  /** Answer to `deliver` and `deliver-proof`. */
  | { readonly kind: "delivered"; readonly outcome: Outcome }
  | { readonly kind: "tick" };

export type Outcome =
  /** The feed now ends at `length`. */
  | { readonly kind: "grown"; readonly length: number }
  /** It tells another story: ask from an earlier seq. */
  | { readonly kind: "ask-earlier"; readonly from: number }
  /** Nothing more to ask of this feed. */
  | { readonly kind: "settled" }
  /** Provably bad: the sender lied. */
  | { readonly kind: "refused" };

export type Output =
  | { readonly kind: "send"; readonly message: SyncMessage }
  | { readonly kind: "load"; readonly feed: FeedId; readonly from: number }
  | { readonly kind: "load-proof"; readonly feed: FeedId }
  | { readonly kind: "deliver" | "deliver-proof"; readonly feed: FeedId; readonly bytes: Uint8Array }
  | { readonly kind: "wake"; readonly at: Millis }
  | { readonly kind: "close"; readonly reason: CloseReason };

export type CloseReason = "equal" | "complete" | "timed-out" | "out-of-turn" | "refused" | "too-many-feeds";

export interface Closed {
  readonly phase: "closed";
  readonly reason: CloseReason;
}

export interface Step<T> {
  readonly session: T | Closed;
  readonly outputs: readonly Output[];
}

/** How long we wait for the other side's next message. */
export const TURN_MS = 15_000;

interface Waiting {
  readonly deadline: Millis;
}

/** Stays open and says when to be woken (S3). */
export const open = <T extends Waiting>(session: T, outputs: readonly Output[]): Step<T> => ({
  session,
  outputs: [...outputs, { kind: "wake", at: session.deadline }],
});

export const onTick = <T extends Waiting>(session: T, now: Millis): Step<T> =>
  now >= session.deadline ? close("timed-out") : open(session, []);

export const close = (reason: CloseReason, before: readonly Output[] = []): Step<never> => ({
  session: { phase: "closed", reason },
  outputs: [...before, { kind: "close", reason }],
});

export const after = (now: Millis): Millis => (now + TURN_MS) as Millis;
