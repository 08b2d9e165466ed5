/**
 * Replay: one document put together from its edits.
 *
 *   R1  What comes out is a function of the set of edits, fork points and standing; not of the order in which they came.
 *   R2  An edit waits, outside Yjs, until every edit before it in its feed is decided, and all that it says it saw is here.
 *   R3  The gate decides with what the edit's author had seen: what the feed's edits before it had seen, and what this one says.
 *   R4  What is refused says nothing: no clocks, no deletions.
 *   R5  What says that it saw something at or behind a fork point has lost its ground: nobody need hold that branch. So has what
 *       its author writes later and that names what is not known to be seen. Its structs keep their clocks and stand nowhere, its deletions are
 *       void; so is whatever names them (gate.ts G8). Its author is given the text back.
 *   R6  An edit whose feed does not stand (space/) puts its structs down deleted, so that others' neighbours are still there;
 *       its own deletions are void, those of what it would replace among them (hang.ts).
 *   R7  A feed without a join of its own writes in no document; of feeds with one client, see `mayWrite`.
 *
 *   R8  A replay may start from a `Y.Doc` that another one left, with its verdicts: what has a verdict is not put in again. Whoever
 *       hands them in has made sure that the two belong together (library.ts I3).
 *
 *   R9  Each feed is taken as it stood when it was first asked about. Once one stands otherwise, this replay is no longer current, and
 *       another one has to be made: nothing in here is taken back.
 *
 * The `Y.Doc` in here is changed by nobody else, and asked by many. Fork points and standing change rarely: then all is put
 * together anew, in another `Y.Doc` (library.ts).
 */
import * as Y from "yjs";
import type { EnvelopeId, FeedId } from "../crypto/hash.ts";
import type { Seen } from "../envelope/body.ts";
import type { Millis } from "../lang/brand.ts";
import { clientOf } from "./client.ts";
import { goneUpdate } from "./encode.ts";
import { gate, type Claim } from "./gate.ts";
import { createDoc, groundOf } from "./ground.ts";
import { hung, voided } from "./hang.ts";
import type { DocumentKind, DocumentSubject } from "./kinds.ts";
import { clockIn, createPast, joinPasts, withHoles, withOwn, type Past } from "./past.ts";
import type { Rule } from "./rules.ts";
import { namesOf, scanUpdate, type ItemId, type Update } from "./update.ts";

export interface Edit {
  readonly id: EnvelopeId;
  readonly feed: FeedId;
  readonly seq: number;
  readonly at: Millis;
  readonly seen: readonly Seen[];
  readonly update: Uint8Array;
}

export type Verdict = "counts" | "void" | "lost-ground" | "stranger" | { readonly refused: Rule };

export interface Decided {
  readonly edit: Edit;
  readonly verdict: Verdict;
  /** What the feed had seen and written with this edit. */
  readonly past: Past;
}

export interface ReplaySource {
  /** Edits of this document by feed, by ascending seq. The lists may grow at their ends between calls. */
  readonly edits: () => ReadonlyMap<FeedId, readonly Edit[]>;
  /** How much of a feed is here without a hole, at most up to its fork point. */
  readonly lengthOf: (feed: FeedId) => number;
  readonly idAt: (feed: FeedId, seq: number) => EnvelopeId | null;
  /** Infinity when there is none. */
  readonly forkOf: (feed: FeedId) => number;
  /** From the feed's own join; null when it has none. */
  readonly claimOf: (feed: FeedId) => Claim | null;
  readonly stands: (feed: FeedId) => boolean;
  /** R7: false for a feed that lost its client to another. */
  readonly mayWrite: (feed: FeedId) => boolean;
}

export interface Replay {
  readonly kind: DocumentKind;
  readonly doc: Y.Doc;
  /** What would become of the next edits of a feed, had they come: null when all would count. For their author, before they are written. */
  readonly check: (feed: FeedId, ...edits: readonly Pick<Edit, "seen" | "update">[]) => Rule | "too-early" | null;
  /** Goes on with what has come; at most `limit` edits. True when there is more to do at once. */
  readonly advance: (limit?: number) => boolean;
  /** R9: false once another one has to take its place. */
  readonly isCurrent: () => boolean;
  /** What it rests on beside the edits themselves: a line for each feed that it asked about. */
  readonly ground: () => readonly string[];
  /** In the order in which they were put together. */
  readonly decided: () => readonly Decided[];
  readonly waiting: () => number;
  /** What a feed has seen and written so far. */
  readonly pastOf: (feed: FeedId) => Past;
  /** What brought an item, for whoever names it; null for what is not here. */
  readonly broughtBy: (client: number, clock: number) => Decided | null;
  readonly feedOf: (client: number) => FeedId | null;
}

/** R8. */
export interface Resume {
  readonly doc: Y.Doc;
  readonly verdicts: ReadonlyMap<EnvelopeId, Verdict>;
}

/** What every transaction of this room is marked with. */
export const FROM_LOG = "log";

/** R9. */
interface Standing {
  readonly claim: Claim | null;
  readonly mayWrite: boolean;
  readonly stands: boolean;
  readonly fork: number;
}

interface Line {
  readonly feed: FeedId;
  /** As it was when this feed was first asked about. */
  readonly standing: Standing;
  /** Decided edits of this feed, in order. */
  readonly decided: Decided[];
  /** Which edit of the feed's list is next. */
  next: number;
  past: Past;
}

export function createReplay(
  subject: DocumentSubject,
  source: ReplaySource,
  resume: Resume | null = null,
  clientFor = clientOf,
): Replay {
  const doc = resume?.doc ?? createDoc(subject.kind, 0);
  const ground = groundOf(doc, subject.kind);
  const lines = new Map<FeedId, Line>();
  const feedByClient = new Map<number, FeedId>();
  const decided: Decided[] = [];
  /** Edits that have a verdict and were not come to yet. */
  let unmet = resume?.verdicts.size ?? 0;

  const standingOf = (feed: FeedId): Standing => ({
    claim: source.claimOf(feed),
    mayWrite: source.mayWrite(feed),
    stands: source.stands(feed),
    fork: source.forkOf(feed),
  });
  function lineOf(feed: FeedId): Line {
    const known = lines.get(feed);
    if (known !== undefined) return known;
    const line: Line = { feed, standing: standingOf(feed), decided: [], next: 0, past: createPast(clientFor(feed)) };
    lines.set(feed, line);
    if (line.standing.mayWrite) feedByClient.set(line.past.client, feed);
    return line;
  }

  /** R2, R3: what an author had seen; `wait` while something of it is not here. */
  function pastWith(line: Line, edit: Pick<Edit, "seen">): Past | "wait" {
    let { past } = line;
    for (const seen of edit.seen) {
      if (seen.seq >= source.forkOf(seen.feed)) {
        lineOf(seen.feed); // R9: this rests on its fork
        past = withHoles(past);
        continue;
      }
      // What is not here yet is not asked how it stands: it may stand by the time it comes.
      if (source.lengthOf(seen.feed) <= seen.seq || source.idAt(seen.feed, seen.seq) !== seen.id) return "wait";
      const other = lineOf(seen.feed);
      const list = source.edits().get(seen.feed) ?? [];
      if ((list[other.next]?.seq ?? Infinity) <= seen.seq) return "wait";
      const last = lastUpTo(other.decided, seen.seq);
      if (last !== null) past = joinPasts(past, last.past);
    }
    return past;
  }

  function decide(line: Line, edit: Edit, past: Past): Decided {
    const { claim, mayWrite, stands } = line.standing;
    const scanned = scanUpdate(edit.update);
    const known = resume?.verdicts.get(edit.id); // R8
    if (known !== undefined) {
      unmet -= 1;
      const takesClocks = known === "counts" || known === "void" || known === "lost-ground";
      return {
        edit,
        verdict: known,
        past: takesClocks && scanned.ok ? withOwn(past, past.own + scanned.value.length) : line.past,
      };
    }
    if (claim === null || !mayWrite) return { edit, verdict: "stranger", past: line.past }; // R7
    if (!scanned.ok) return { edit, verdict: { refused: scanned.error }, past: line.past }; // R4
    const update = scanned.value;
    const { client } = line.past;
    if (edit.seen.some((seen) => seen.seq >= source.forkOf(seen.feed)) || namesLost(update, past)) {
      // R5: whether the gate would have let it in cannot be said by who lacks that branch; its place in its feed can.
      if (update.client !== null && update.client !== client)
        return { edit, verdict: { refused: "foreign-author" }, past: line.past };
      if (update.client !== null && update.clock !== past.own) return { edit, verdict: { refused: "not-next" }, past: line.past };
      apply(goneUpdate(update));
      return { edit, verdict: "lost-ground", past: withOwn(past, past.own + update.length) };
    }
    const judged = gate(ground, subject, claim, past, update);
    if (!judged.ok) return { edit, verdict: { refused: judged.error }, past: line.past }; // R4
    apply(stands ? hung(ground, past, update) : voided(ground, update)); // R6
    return { edit, verdict: stands ? "counts" : "void", past: withOwn(past, past.own + update.length) };
  }

  function apply(update: Uint8Array | null): void {
    if (update === null) return;
    Y.applyUpdate(doc, update, FROM_LOG);
    // The gate lets in only what has all its ground: if Yjs finds something missing, one of the two is wrong.
    if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null) throw new Error("R2: an update waits inside Yjs");
  }

  /** As far as one feed goes now. */
  function follow(line: Line, limit: number): number {
    const list = source.edits().get(line.feed) ?? [];
    const end = source.lengthOf(line.feed);
    let count = 0;
    for (let edit = list[line.next]; edit !== undefined && count < limit; edit = list[line.next]) {
      if (edit.seq >= end || (unmet > 0 && resume?.verdicts.has(edit.id) !== true)) break; // R8: what has a verdict first
      const past = pastWith(line, edit);
      if (past === "wait") break;
      const done = decide(line, edit, past);
      line.next += 1;
      line.past = done.past;
      line.decided.push(done);
      decided.push(done);
      count += 1;
    }
    return count;
  }

  function check(feed: FeedId, ...edits: readonly Pick<Edit, "seen" | "update">[]): Rule | "too-early" | null {
    const { claim } = lineOf(feed).standing;
    let line = lineOf(feed);
    let [trial, on] = [doc, ground];
    for (const [index, edit] of edits.entries()) {
      const past = pastWith(line, edit);
      if (past === "wait" || claim === null) return "too-early";
      const scanned = scanUpdate(edit.update);
      if (!scanned.ok) return scanned.error;
      const judged = gate(on, subject, claim, past, scanned.value);
      if (!judged.ok) return judged.error;
      if (index === edits.length - 1) return null;
      if (trial === doc) {
        trial = createDoc(subject.kind, 0);
        Y.applyUpdate(trial, Y.encodeStateAsUpdate(doc));
        on = groundOf(trial, subject.kind);
      }
      Y.applyUpdate(trial, hung(on, past, scanned.value));
      line = { ...line, past: withOwn(past, past.own + scanned.value.length) };
    }
    return null;
  }

  return {
    kind: subject.kind,
    doc,
    check,
    advance: (limit = Infinity) => {
      let left = limit;
      let hasMoved = true;
      doc.transact(() => {
        while (hasMoved && left > 0) {
          hasMoved = false;
          for (const feed of source.edits().keys()) {
            const count = follow(lineOf(feed), left);
            left -= count;
            if (count > 0) hasMoved = true;
          }
        }
      }, FROM_LOG);
      return hasMoved;
    },
    isCurrent: () => [...lines.values()].every(({ feed, standing }) => nameOf(feed, standing) === nameOf(feed, standingOf(feed))),
    ground: () => [...lines.values()].map(({ feed, standing }) => nameOf(feed, standing)).sort(),
    decided: () => decided,
    waiting: () => {
      let waiting = 0;
      for (const [feed, list] of source.edits()) {
        const end = source.forkOf(feed);
        for (let index = lines.get(feed)?.next ?? 0; index < list.length; index += 1)
          if ((list[index]?.seq ?? 0) < end) waiting += 1;
      }
      return waiting;
    },
    pastOf: (feed) => lineOf(feed).past,
    broughtBy: (client, clock) => {
      const line = lines.get(feedByClient.get(client) ?? ("" as FeedId)); // the empty name is no feed's
      return line?.decided[firstWhere(line.decided, ({ past }) => past.own > clock)] ?? null;
    },
    feedOf: (client) => feedByClient.get(client) ?? null,
  };
}

const nameOf = (feed: FeedId, { claim, mayWrite, stands, fork }: Standing): string =>
  `${feed} ${claim === null ? "-" : claim.isSteward ? "s" : "m"}${claim?.member ?? ""} ${mayWrite} ${stands} ${fork}`;

/** R5: something that its author says was seen, and that no replica need hold or know of. */
function namesLost({ structs, deletes }: Update, past: Past): boolean {
  if (!past.hasHoles) return false;
  const isLost = ({ client, clock }: ItemId): boolean => client !== past.client && clock >= clockIn(past, client);
  return (
    structs.some((struct) => namesOf(struct).some(isLost)) ||
    deletes.some(({ client, clock, length }) => isLost({ client, clock: clock + length - 1 }))
  );
}

/** The last decided edit at or before `seq`. */
const lastUpTo = (decided: readonly Decided[], seq: number): Decided | null =>
  decided[firstWhere(decided, ({ edit }) => edit.seq > seq) - 1] ?? null;

/** The first place from which on `holds` does; the length where it never does. */
function firstWhere<T>(items: readonly T[], holds: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && holds(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}
