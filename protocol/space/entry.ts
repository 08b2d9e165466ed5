/** Entry: one envelope as the fold holds it, and a statement with its author beside it. */
import type { EnvelopeId, FeedId, MemberId } from "../crypto/hash.ts";
import type { Millis } from "../lang/brand.ts";
import type { Content } from "./ingest.ts";

export interface Entry {
  readonly id: EnvelopeId;
  readonly feed: FeedId;
  readonly seq: number;
  readonly content: Content;
}

/** A statement and where it stands. */
export interface Said<T> {
  readonly id: EnvelopeId;
  readonly feed: FeedId;
  readonly seq: number;
  readonly at: Millis;
  readonly by: MemberId;
  readonly act: T;
}

export const byTime = (left: Said<unknown>, right: Said<unknown>): number => left.at - right.at || (left.id < right.id ? -1 : 1);
