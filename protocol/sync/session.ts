/**
 * Sync session: two peers hand each other the envelopes and fork proofs the other lacks, then part.
 *
 *   idle ─start─▶ comparing ─few feeds─────────────────────────────────────▶ listing ─all pages─▶ fetching ─done, done─▶ closed
 *                     │  └───many─▶ narrowing ─last depth─▶ outlining ─outline─▶┘
 *                     └─digest equal─▶ closed
 *
 *   S1  `step` is pure: same session, input and time give the same step.
 *   S2  Nothing follows `close`.
 *   S3  Every open phase has a deadline, announced by `wake`; own work in hand puts it off.
 *   S4  Nothing is taken that was not asked for, nothing is asked without progress (fetching.ts), and what is heard before is
 *       bounded: the shorts and outlines of just those buckets that were compared, pages that are full, each feed once.
 *
 * Both sides run the same machine in step: each says its part of a phase, then hears the other's. A session that breaks off
 * leaves what it took, and the next one goes on from there. No socket, store, timer or promise: src/net/session-driver.ts.
 */
import { MAX_FRONTIER_FEEDS, type FrontierEntry } from "../feed/frontier.ts";
import { entriesOf, type Depth, type FrontierTree } from "../feed/frontier-tree.ts";
import { assertNever } from "../lang/assert-never.ts";
import type { Millis } from "../lang/brand.ts";
import { onFetching, startFetching, wantsOf, type Fetching } from "./fetching.ts";
import { FRONTIER_PAGE, type SyncMessage } from "./message.ts";
import {
  ALL_BUCKETS,
  SHORT_BYTES,
  bucketsIn,
  depthsFor,
  differing,
  greetingOf,
  notIn,
  outlineOf,
  saltOf,
  shortsOf,
  tell,
  type Greeting,
  type ToldEntry,
} from "./narrowing.ts";
import { after, close, onTick, open, type Closed, type Input, type Output, type Step } from "./turn.ts";

interface Comparing {
  readonly phase: "comparing";
  readonly ours: FrontierTree;
  readonly greeting: Greeting;
  readonly deadline: Millis;
}
interface Narrowing {
  readonly phase: "narrowing";
  readonly ours: FrontierTree;
  readonly salt: Uint8Array;
  readonly depth: Depth;
  /** Depths still to come. */
  readonly deeper: readonly Depth[];
  /** Numbers of the buckets that are being compared, and what we said of them. */
  readonly buckets: readonly number[];
  readonly shorts: Uint8Array;
  readonly deadline: Millis;
}
interface Outlining {
  readonly phase: "outlining";
  readonly ours: FrontierTree;
  readonly salt: Uint8Array;
  readonly depth: Depth;
  readonly buckets: readonly number[];
  /** What we said of them. */
  readonly rows: readonly Uint8Array[];
  readonly deadline: Millis;
}
interface Listing {
  readonly phase: "listing";
  readonly ours: FrontierTree;
  readonly salt: Uint8Array;
  /** Pages heard so far. */
  readonly theirs: readonly (readonly ToldEntry[])[];
  readonly deadline: Millis;
}
type Open = Comparing | Narrowing | Outlining | Listing | Fetching;

export type Session = { readonly phase: "idle"; readonly ours: FrontierTree; readonly nonce: Uint8Array } | Open | Closed;

/** `nonce`: SESSION_NONCE_BYTES by chance, used once. */
export const startSession = (ours: FrontierTree, nonce: Uint8Array): Session => ({ phase: "idle", ours, nonce });

export function step(session: Session, input: Input, now: Millis): Step<Session> {
  switch (session.phase) {
    case "idle":
      return input.kind === "start" ? greet(session.ours, session.nonce, now) : close("out-of-turn");
    case "comparing":
    case "narrowing":
    case "outlining":
    case "listing":
      if (input.kind === "tick") return onTick(session, now);
      return input.kind === "message" ? onMessage(session, input.message, now) : close("out-of-turn");
    case "fetching":
      return onFetching(session, input, now);
    case "closed":
      return { session, outputs: [] }; // S2
    default:
      return assertNever(session);
  }
}

function greet(ours: FrontierTree, nonce: Uint8Array, now: Millis): Step<Open> {
  const greeting = greetingOf(ours, nonce);
  return open<Open>({ phase: "comparing", ours, greeting, deadline: after(now) }, [say({ kind: "digest", ...greeting })]);
}

function onMessage(session: Exclude<Open, Fetching>, message: SyncMessage, now: Millis): Step<Open> {
  switch (session.phase) {
    case "comparing":
      return message.kind === "digest" ? onDigest(session, message, now) : close("out-of-turn");
    case "narrowing":
      return message.kind === "buckets" ? onShorts(session, message.shorts, now) : close("out-of-turn");
    case "outlining":
      return message.kind === "outline" ? onOutline(session, message.rows, now) : close("out-of-turn");
    case "listing":
      return message.kind === "frontier" ? onPage(session, message.more, message.entries, now) : close("out-of-turn");
    default:
      return assertNever(session);
  }
}

function onDigest({ ours, greeting }: Comparing, theirs: Greeting, now: Millis): Step<Open> {
  if (theirs.digest === greeting.digest) return close("equal");
  if (Math.max(theirs.feeds, ours.feeds) > MAX_FRONTIER_FEEDS) return close("too-many-feeds");
  const salt = saltOf(greeting, theirs);
  const [depth, ...deeper] = depthsFor(ours.feeds, theirs.feeds);
  if (depth === undefined) return list(ours, salt, entriesOf(ours), now);
  return narrow({ ours, salt, depth, deeper, buckets: ALL_BUCKETS }, now);
}

function narrow(at: Pick<Narrowing, "ours" | "salt" | "depth" | "deeper" | "buckets">, now: Millis): Step<Open> {
  const shorts = shortsOf(at.ours, at.salt, at.depth, at.buckets);
  return open<Open>({ phase: "narrowing", ...at, shorts, deadline: after(now) }, [say({ kind: "buckets", shorts })]);
}

function onShorts({ ours, salt, depth, deeper, buckets, shorts }: Narrowing, theirs: Uint8Array, now: Millis): Step<Open> {
  if (theirs.length !== shorts.length) return close("out-of-turn"); // S4
  const differ = differing(shorts, theirs, buckets);
  const [next, ...rest] = deeper;
  if (next !== undefined) return narrow({ ours, salt, depth: next, deeper: rest, buckets: bucketsIn(differ) }, now);
  const rows = outlineOf(ours, salt, depth, differ);
  return open<Open>({ phase: "outlining", ours, salt, depth, buckets: differ, rows, deadline: after(now) }, [
    say({ kind: "outline", rows }),
  ]);
}

function onOutline({ ours, salt, depth, buckets, rows }: Outlining, theirs: readonly Uint8Array[], now: Millis): Step<Open> {
  if (theirs.length !== rows.length) return close("out-of-turn"); // S4
  const shorts = theirs.reduce((sum, row) => sum + row.length / SHORT_BYTES, 0);
  return shorts > MAX_FRONTIER_FEEDS ? close("too-many-feeds") : list(ours, salt, notIn(theirs, rows, ours, depth, buckets), now);
}

/** Tells these entries, in pages of which all but the last are full, and hears the other's. */
function list(ours: FrontierTree, salt: Uint8Array, entries: readonly FrontierEntry[], now: Millis): Step<Open> {
  const pages: Output[] = [];
  for (let at = 0; at === 0 || at < entries.length; at += FRONTIER_PAGE) {
    const page = entries.slice(at, at + FRONTIER_PAGE).map((entry) => tell(entry, salt));
    pages.push(say({ kind: "frontier", more: at + FRONTIER_PAGE < entries.length, entries: page }));
  }
  return open<Open>({ phase: "listing", ours, salt, theirs: [], deadline: after(now) }, pages);
}

function onPage(session: Listing, more: boolean, page: readonly ToldEntry[], now: Millis): Step<Open> {
  // S4: a page that announces another is full, or pages without entries would go on for ever.
  if (more && page.length < FRONTIER_PAGE) return close("out-of-turn");
  if (session.theirs.length * FRONTIER_PAGE + page.length > MAX_FRONTIER_FEEDS) return close("too-many-feeds");
  let last = session.theirs.at(-1)?.at(-1)?.feed ?? "";
  for (const { feed } of page) {
    if (feed <= last) return close("out-of-turn"); // S4: each feed once
    last = feed;
  }
  const theirs = [...session.theirs, page];
  if (more) return open<Open>({ ...session, theirs, deadline: after(now) }, []);
  return startFetching(wantsOf(session.ours, theirs.flat(), session.salt), now);
}

const say = (message: SyncMessage): Output => ({ kind: "send", message });
