/**
 * Bundle: a community to and from a `.kith` file (protocol/sync/bundle.ts). Owns nothing.
 *
 *   Z1  What comes from a file is judged like what comes from a peer (holding.ts): the file vouches for nothing.
 *   Z2  Importing twice changes nothing, and an import that broke off goes on at the next: what is held is known.
 *   Z3  A community is imported into its own holding only.
 */
import {
  addToBundle,
  createBundleReader,
  endBundle,
  parseChunk,
  startBundle,
  type BundleError,
  type BundleItem,
  type FeedId,
  type Tag,
} from "../../protocol/index.ts";
import type { WriteError } from "../storage/shelf.ts";
import { feedNamedIn, type Holding } from "./holding.ts";

export interface Brought {
  /** New here. */
  readonly envelopes: number;
  readonly feeds: number;
  readonly proofs: number;
  /** Items that told nothing new. */
  readonly known: number;
  /** Items that were not taken: what is wrong, what nobody here may read in, and what continues nothing that is held. */
  readonly refused: number;
}

/** Why an import ended before the end of a whole file. What was brought until then stays. */
export type ImportProblem = BundleError | WriteError | { readonly kind: "foreign-community"; readonly tag: Tag };

export interface Imported {
  readonly brought: Brought;
  readonly problem: ImportProblem | null;
}

type Source = Uint8Array | AsyncIterable<Uint8Array>;
type Into = Pick<Holding, "tag" | "replica" | "take" | "takeProof">;

/** One item after the other, so that a file of any size takes the room of one. Aborting rejects. */
export async function importBundle(into: Into, source: Source, signal: AbortSignal): Promise<Imported> {
  const reader = createBundleReader();
  const brought = { envelopes: 0, feeds: 0, proofs: 0, known: 0, refused: 0 };
  for await (const bytes of source instanceof Uint8Array ? [source] : source) {
    const { items, problem } = reader.push(bytes);
    const tag = reader.tag();
    if (tag !== null && tag !== into.tag) return { brought, problem: { kind: "foreign-community", tag } }; // Z3
    for (const item of items) {
      signal.throwIfAborted();
      const failed = await takeItem(into, item, brought, signal);
      if (failed !== null) return { brought, problem: failed };
    }
    if (problem !== null) return { brought, problem };
  }
  return { brought, problem: reader.finish() };
}

type Counts = { -readonly [K in keyof Brought]: Brought[K] };

/** Answers only what makes going on useless: a disk that takes nothing. */
async function takeItem(into: Into, item: BundleItem, counts: Counts, signal: AbortSignal): Promise<WriteError | null> {
  if (item.kind === "proof") {
    const taken = await into.takeProof(item.bytes, signal);
    if (taken === "not-stored") return NOT_STORED;
    counts[taken === "new" ? "proofs" : taken === "known" ? "known" : "refused"] += 1;
    return null;
  }
  const before = lengthOf(into, feedNamedIn(item.bytes));
  const reception = await into.take(item.bytes, signal);
  switch (reception.kind) {
    case "grown":
      counts.envelopes += reception.length - before;
      if (before === 0) counts.feeds += 1;
      return null;
    case "forked":
      counts.proofs += 1;
      return null;
    case "known":
      counts.known += 1;
      return null;
    case "not-stored":
      return reception.error;
    case "gap":
    case "ask-earlier":
    case "closed":
    case "refused":
      counts.refused += 1;
      return null;
    default:
      return reception satisfies never;
  }
}

const NOT_STORED: WriteError = { kind: "storage-failed", reason: "a proof was not stored" };

const lengthOf = ({ replica }: Into, feed: FeedId | null): number => (feed === null ? 0 : (replica.feed(feed)?.ids.length ?? 0));

/** All that is held and counts for others, as a bundle in pieces; feeds by name. What comes meanwhile may be in it. */
export async function* exportBundle(
  from: Pick<Holding, "tag" | "replica" | "give" | "giveProof">,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const start = startBundle(from.tag);
  let { writer } = start;
  yield start.bytes;
  const put = (item: BundleItem): Uint8Array => {
    const part = addToBundle(writer, item);
    writer = part.writer;
    return part.bytes;
  };
  for await (const item of itemsOf(from, signal)) yield put(item);
  yield endBundle(writer);
}

/** Chunks before proofs: a proof is judged by the birth of its feed. */
async function* itemsOf(
  from: Pick<Holding, "replica" | "give" | "giveProof">,
  signal: AbortSignal,
): AsyncGenerator<BundleItem, void, undefined> {
  const frontier = from.replica.frontier();
  for (const { feed, length } of frontier)
    for (let at = 0; at < Math.max(length, 1);) {
      const bytes = await from.give(feed, at, signal);
      const end = bytes === null ? null : endOf(bytes);
      if (bytes === null || end === null) break; // behind a fork point, or a shelf that broke
      yield { kind: "chunk", bytes };
      at = end;
    }
  for (const { feed } of frontier) {
    const proof = from.giveProof(feed);
    if (proof !== null) yield { kind: "proof", bytes: proof };
  }
}

function endOf(bytes: Uint8Array): number | null {
  const chunk = parseChunk(bytes);
  return chunk.ok ? chunk.value.from + chunk.value.entries.length : null;
}
