/**
 * Sync session: two peers hand each other the envelopes and fork proofs the other lacks, then part.
 *
 *   idle ─start─▶ comparing ─digest differs─▶ listing ─all pages─▶ exchanging ─done, done─▶ closed
 *                     └─digest equal─▶ closed
 *
 * Each side pulls: it asks for at most WINDOW things at a time and asks on only when what came was taken
 * in, so a slow reader is never flooded, and a session that breaks off resumes from what is held.
 *
 *   S1  `step` is pure: same session, input and time give the same step.
 *   S2  Nothing follows `close`.
 *   S3  Every open phase has a deadline, announced by `wake`; own work in hand puts it off.
 *   S4  Nothing is taken that was not asked for, nothing is asked without progress, and no more than MAX_SERVED
 *       is given, so a session ends.
 *
 * No socket, store, timer or promise: src/net/session-driver.ts carries out the outputs, all of them in order,
 * before it feeds the next input. Frontier buckets for very many feeds: a later version of the messages.
 */
import type { FeedId } from "../crypto/hash.ts";
import { MAX_CHUNK_ENVELOPES } from "../feed/chunk.ts";
import { MAX_FRONTIER_FEEDS, frontierDigest, type FrontierEntry } from "../feed/frontier.ts";
import { assertNever } from "../lang/assert-never.ts";
import type { Millis } from "../lang/brand.ts";
import { FRONTIER_PAGE, type SyncMessage } from "./message.ts";

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

export interface Want {
  readonly what: "chunk" | "proof";
  readonly feed: FeedId;
  readonly from: number;
  /** Length the other side says it has. */
  readonly goal: number;
}

interface Exchange {
  readonly phase: "exchanging";
  /** Not asked yet. */
  readonly wants: readonly Want[];
  /** Asked, not answered: at most WINDOW together with `landing`. Answers come in order. */
  readonly flying: readonly Want[];
  /** Answered, being taken in. */
  readonly landing: readonly Want[];
  /** What the other side asked and we fetch. */
  readonly serving: number;
  /** All that it has asked so far (S4). */
  readonly served: number;
  /** All that we have asked so far (S4). */
  readonly asked: number;
  readonly weAreDone: boolean;
  readonly theyAreDone: boolean;
  readonly deadline: Millis;
}

export type Session =
  | { readonly phase: "idle"; readonly ours: readonly FrontierEntry[] }
  | { readonly phase: "comparing"; readonly ours: readonly FrontierEntry[]; readonly digest: string; readonly deadline: Millis }
  | {
      readonly phase: "listing";
      readonly ours: readonly FrontierEntry[];
      readonly theirs: readonly FrontierEntry[];
      readonly deadline: Millis;
    }
  | Exchange
  | { readonly phase: "closed"; readonly reason: CloseReason };

export interface Step {
  readonly session: Session;
  readonly outputs: readonly Output[];
}

/** How long we wait for the other side's next message. */
export const TURN_MS = 15_000;
/** Chunks asked for and not yet taken in: two keep the wire busy, and bound memory to 2 MiB. */
export const WINDOW = 2;

/** What one session gives at the most: a million envelopes, and some for searching forks. A longer catch-up goes on in the next one. */
export const MAX_SERVED = 16_384;

export const startSession = (ours: readonly FrontierEntry[]): Session => ({ phase: "idle", ours });

export function step(session: Session, input: Input, now: Millis): Step {
  switch (session.phase) {
    case "idle":
      return input.kind === "start" ? greet(session.ours, now) : close("out-of-turn");
    case "comparing":
      if (input.kind === "tick") return onTick(session, now);
      if (input.kind !== "message" || input.message.kind !== "digest") return close("out-of-turn");
      if (input.message.digest === session.digest) return close("equal");
      return open({ phase: "listing", ours: session.ours, theirs: [], deadline: after(now) }, pages(session.ours));
    case "listing":
      if (input.kind === "tick") return onTick(session, now);
      if (input.kind !== "message" || input.message.kind !== "frontier") return close("out-of-turn");
      // S4: a page that announces another is full, or pages without entries would go on for ever.
      if (input.message.more && input.message.entries.length < FRONTIER_PAGE) return close("out-of-turn");
      return onFrontier(session, input.message.more, [...session.theirs, ...input.message.entries], now);
    case "exchanging":
      return onExchange(session, input, now);
    case "closed":
      return { session, outputs: [] }; // S2
    default:
      return assertNever(session);
  }
}

function greet(ours: readonly FrontierEntry[], now: Millis): Step {
  const digest = frontierDigest(ours);
  return open({ phase: "comparing", ours, digest, deadline: after(now) }, [
    { kind: "send", message: { kind: "digest", digest } },
  ]);
}

function pages(ours: readonly FrontierEntry[]): readonly Output[] {
  const outputs: Output[] = [];
  for (let at = 0; at === 0 || at < ours.length; at += FRONTIER_PAGE) {
    const more = at + FRONTIER_PAGE < ours.length;
    outputs.push({ kind: "send", message: { kind: "frontier", more, entries: ours.slice(at, at + FRONTIER_PAGE) } });
  }
  return outputs;
}

function onFrontier(
  session: Extract<Session, { phase: "listing" }>,
  more: boolean,
  theirs: readonly FrontierEntry[],
  now: Millis,
): Step {
  if (theirs.length > MAX_FRONTIER_FEEDS) return close("too-many-feeds");
  if (!isAscending(theirs)) return close("out-of-turn"); // S4: each feed once
  if (more) return open({ ...session, theirs, deadline: after(now) }, []);
  const exchange: Exchange = {
    phase: "exchanging",
    wants: wantsOf(session.ours, theirs),
    flying: [],
    landing: [],
    serving: 0,
    served: 0,
    asked: 0,
    weAreDone: false,
    theyAreDone: false,
    deadline: after(now),
  };
  return proceed(exchange, []);
}

const isAscending = (entries: readonly FrontierEntry[]): boolean =>
  entries.every((entry, index) => index === 0 || (entries[index - 1]?.feed ?? "") < entry.feed);

/** What the other side has and we lack: proofs first, so that forked feeds are cut before they are fetched. */
export function wantsOf(ours: readonly FrontierEntry[], theirs: readonly FrontierEntry[]): readonly Want[] {
  const held = new Map(ours.map((entry) => [entry.feed, entry]));
  const proofs: Want[] = [];
  const chunks: Want[] = [];
  for (const entry of theirs) {
    const own = held.get(entry.feed);
    const ourFork = own?.forkedAt ?? Infinity;
    // A proof is taken of a feed whose birth is held; of another, the feed comes first and the proof next time.
    if (own !== undefined && entry.forkedAt !== null && entry.forkedAt < ourFork)
      proofs.push({ what: "proof", feed: entry.feed, from: 0, goal: 0 });
    const fork = Math.min(ourFork, entry.forkedAt ?? Infinity);
    // Forked at birth: its first envelope is asked for all the same, to know whose it is.
    const goal = own === undefined && fork === 0 ? 1 : Math.min(entry.length, fork);
    const length = Math.min(own?.length ?? 0, fork);
    if (goal > length) chunks.push({ what: "chunk", feed: entry.feed, from: length, goal });
    else if (goal === length && goal > 0 && length === own?.length && entry.length === goal && own.head !== entry.head)
      chunks.push({ what: "chunk", feed: entry.feed, from: Math.max(0, length - MAX_CHUNK_ENVELOPES), goal });
  }
  return [...proofs, ...chunks];
}

function onExchange(session: Exchange, input: Input, now: Millis): Step {
  const fresh: Exchange = { ...session, deadline: after(now) };
  switch (input.kind) {
    case "start":
      return close("out-of-turn");
    case "tick":
      return session.serving + session.landing.length > 0 ? open(fresh, []) : onTick(session, now); // S3
    case "loaded":
      return proceed({ ...fresh, serving: Math.max(0, session.serving - 1) }, [{ kind: "send", message: answer(input) }]);
    case "delivered":
      return onDelivered(fresh, input.outcome);
    case "message":
      return onMessage(fresh, input.message);
    default:
      return assertNever(input);
  }
}

function answer({ bytes, feed, what }: Extract<Input, { kind: "loaded" }>): SyncMessage {
  return bytes === null ? { kind: "none", feed } : { kind: what, bytes };
}

function onMessage(session: Exchange, message: SyncMessage): Step {
  switch (message.kind) {
    case "want":
    case "want-proof": {
      if (session.theyAreDone || session.serving >= WINDOW || session.served >= MAX_SERVED) return close("out-of-turn");
      const output: Output =
        message.kind === "want"
          ? { kind: "load", feed: message.feed, from: message.from }
          : { kind: "load-proof", feed: message.feed };
      return open({ ...session, serving: session.serving + 1, served: session.served + 1 }, [output]);
    }
    case "chunk":
    case "proof": {
      const [asked, ...flying] = session.flying;
      if (asked?.what !== message.kind) return close("out-of-turn"); // S4
      const kind = message.kind === "chunk" ? "deliver" : "deliver-proof";
      return open({ ...session, flying, landing: [...session.landing, asked] }, [
        { kind, feed: asked.feed, bytes: message.bytes },
      ]);
    }
    case "none": {
      const [asked, ...flying] = session.flying;
      return asked?.feed === message.feed ? proceed({ ...session, flying }, []) : close("out-of-turn"); // S4
    }
    case "done":
      return session.theyAreDone ? close("out-of-turn") : proceed({ ...session, theyAreDone: true }, []);
    case "digest":
    case "frontier":
      return close("out-of-turn");
    default:
      return assertNever(message);
  }
}

function onDelivered(session: Exchange, outcome: Outcome): Step {
  const [landed, ...landing] = session.landing;
  if (landed === undefined) return close("out-of-turn");
  const next = nextWant(landed, outcome);
  if (next === "refused") return close("refused");
  const wants = next === null ? session.wants : [next, ...session.wants];
  return proceed({ ...session, landing, wants }, []);
}

/** S4: only forward after growth, only backward in search of a fork. */
function nextWant(landed: Want, outcome: Outcome): Want | null | "refused" {
  switch (outcome.kind) {
    case "grown":
      return outcome.length > landed.from && outcome.length < landed.goal ? { ...landed, from: outcome.length } : null;
    case "ask-earlier":
      return outcome.from < landed.from ? { ...landed, from: outcome.from } : null;
    case "settled":
      return null;
    case "refused":
      return "refused";
    default:
      return assertNever(outcome);
  }
}

/** Asks on while the window allows, says when it is done, and closes when both are. */
function proceed(session: Exchange, outputs: readonly Output[]): Step {
  const free = WINDOW - session.flying.length - session.landing.length;
  const asked = session.wants.slice(0, Math.max(0, free));
  const total = session.asked + asked.length;
  // S4: as much as the other side gives in one session; the rest in the next.
  const wants = total >= MAX_SERVED - WINDOW ? [] : session.wants.slice(asked.length);
  const flying = [...session.flying, ...asked];
  const isDone = wants.length + flying.length + session.landing.length === 0;
  const all: readonly Output[] = [
    ...outputs,
    ...asked.map((want): Output => ({ kind: "send", message: ask(want) })),
    ...(isDone && !session.weAreDone ? [{ kind: "send", message: { kind: "done" } } as const] : []),
  ];
  const next: Exchange = { ...session, wants, flying, asked: total, weAreDone: session.weAreDone || isDone };
  return next.weAreDone && next.theyAreDone && next.serving === 0 ? close("complete", all) : open(next, all);
}

const ask = (want: Want): SyncMessage =>
  want.what === "proof" ? { kind: "want-proof", feed: want.feed } : { kind: "want", feed: want.feed, from: want.from };

type Waiting = Extract<Session, { deadline: Millis }>;

/** Stays open and says when to be woken (S3). */
function open(session: Waiting, outputs: readonly Output[]): Step {
  return { session, outputs: [...outputs, { kind: "wake", at: session.deadline }] };
}

function onTick(session: Waiting, now: Millis): Step {
  return now >= session.deadline ? close("timed-out") : open(session, []);
}

function close(reason: CloseReason, before: readonly Output[] = []): Step {
  return { session: { phase: "closed", reason }, outputs: [...before, { kind: "close", reason }] };
}

const after = (now: Millis): Millis => (now + TURN_MS) as Millis;
