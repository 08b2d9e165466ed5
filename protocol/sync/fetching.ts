/**
 * Fetching: the second half of a session. Each side asks for what the other has and it lacks, and gives what it is asked.
 *
 *   S4  Nothing is taken that was not asked for, nothing is asked without progress, and no more than MAX_SERVED
 *       is given, so a session ends.
 *
 * Each side pulls, and asks on only when what came was taken in. What WINDOW answers weigh is not known here: the driver stops
 * reading while too much waits to be taken in, and loads the next answer only when the last one is sent.
 */
import type { FeedId } from "../crypto/hash.ts";
import { MAX_CHUNK_ENVELOPES } from "../feed/chunk.ts";
import { entryIn, type FrontierTree } from "../feed/frontier-tree.ts";
import { assertNever } from "../lang/assert-never.ts";
import type { Millis } from "../lang/brand.ts";
import type { SyncMessage } from "./message.ts";
import { tell, type ToldEntry } from "./narrowing.ts";
import { after, close, onTick, open, type Input, type Outcome, type Output, type Step } from "./turn.ts";

export interface Want {
  readonly what: "chunk" | "proof";
  readonly feed: FeedId;
  readonly from: number;
  /** Length the other side says it has. */
  readonly goal: number;
}

export interface Fetching {
  readonly phase: "fetching";
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

/** Asked for and not yet taken in. Many, so that many short feeds take no more turns than one. */
export const WINDOW = 64;

/** What one session gives at the most: a million envelopes, and some for searching forks. A longer catch-up goes on in the next one. */
export const MAX_SERVED = 16_384;

export const startFetching = (wants: readonly Want[], now: Millis): Step<Fetching> =>
  proceed(
    {
      phase: "fetching",
      wants,
      flying: [],
      landing: [],
      serving: 0,
      served: 0,
      asked: 0,
      weAreDone: false,
      theyAreDone: false,
      deadline: after(now),
    },
    [],
  );

/** What the other side has and we lack: proofs first, so that forked feeds are cut before they are fetched. */
export function wantsOf(ours: FrontierTree, theirs: readonly ToldEntry[], salt: Uint8Array): readonly Want[] {
  const proofs: Want[] = [];
  const chunks: Want[] = [];
  for (const entry of theirs) {
    const own = entryIn(ours, entry.feed);
    const ourFork = own?.forkedAt ?? Infinity;
    // A proof is taken of a feed whose birth is held; of another, the feed comes first and the proof next time.
    if (own !== null && entry.forkedAt !== null && entry.forkedAt < ourFork)
      proofs.push({ what: "proof", feed: entry.feed, from: 0, goal: 0 });
    const fork = Math.min(ourFork, entry.forkedAt ?? Infinity);
    // Forked at birth: its first envelope is asked for all the same, to know whose it is.
    const goal = own === null && fork === 0 ? 1 : Math.min(entry.length, fork);
    const length = Math.min(own?.length ?? 0, fork);
    if (goal > length) chunks.push({ what: "chunk", feed: entry.feed, from: length, goal });
    else if (
      goal === length &&
      goal > 0 &&
      length === own?.length &&
      entry.length === goal &&
      tell(own, salt).mark !== entry.mark
    )
      chunks.push({ what: "chunk", feed: entry.feed, from: Math.max(0, length - MAX_CHUNK_ENVELOPES), goal });
  }
  return [...proofs, ...chunks];
}

export function onFetching(session: Fetching, input: Input, now: Millis): Step<Fetching> {
  const fresh: Fetching = { ...session, deadline: after(now) };
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

function onMessage(session: Fetching, message: SyncMessage): Step<Fetching> {
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
    case "buckets":
    case "outline":
    case "frontier":
      return close("out-of-turn");
    default:
      return assertNever(message);
  }
}

function onDelivered(session: Fetching, outcome: Outcome): Step<Fetching> {
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
function proceed(session: Fetching, outputs: readonly Output[]): Step<Fetching> {
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
  const next: Fetching = { ...session, wants, flying, asked: total, weAreDone: session.weAreDone || isDone };
  return next.weAreDone && next.theyAreDone && next.serving === 0 ? close("complete", all) : open(next, all);
}

const ask = (want: Want): SyncMessage =>
  want.what === "proof" ? { kind: "want-proof", feed: want.feed } : { kind: "want", feed: want.feed, from: want.from };
