/**
 * Feed: one device's envelopes in order, as far as one replica holds them.
 *
 *   F1  `ids[n]` is the id at seq n; the feed is contiguous from 0.
 *   F2  A chunk continues a feed, repeats it, leaves a gap, or tells another story (a fork). Which one
 *       is decided by ids alone, after the chunk's tail was verified.
 */
import type { EnvelopeId, FeedId } from "../crypto/hash.ts";
import type { Birth } from "../envelope/header.ts";
import type { ChunkHead, Placed } from "./chunk.ts";

export interface Feed {
  readonly id: FeedId;
  readonly birth: Birth;
  /** F1. Never empty. */
  readonly ids: readonly EnvelopeId[];
}

export type Relation =
  /** Entries from `from` on are new. */
  | { readonly kind: "continues"; readonly from: number }
  | { readonly kind: "known" }
  /** Not an offence: ask for what is missing. */
  | { readonly kind: "gap"; readonly missingFrom: number }
  /** Two envelopes at `seq`, both within reach: a proof can be made. */
  | { readonly kind: "fork"; readonly seq: number }
  /** The chunk stands on another story; where it parted lies before `from`. */
  | { readonly kind: "fork-below"; readonly from: number };

/** `feed` is null when nothing of it is held yet. */
export function relate(feed: Feed | null, chunk: ChunkHead, links: readonly Placed[]): Relation {
  const ids = feed?.ids ?? [];
  if (chunk.from > ids.length) return { kind: "gap", missingFrom: ids.length };
  if (chunk.from > 0 && ids[chunk.from - 1] !== chunk.prev) return { kind: "fork-below", from: chunk.from };
  for (const { seq, id } of links) {
    const held = ids[seq];
    if (held === undefined) return { kind: "continues", from: seq };
    if (held !== id) return { kind: "fork", seq };
  }
  return { kind: "known" };
}
