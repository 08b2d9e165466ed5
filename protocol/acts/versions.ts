/**
 * Versions: what an offer or request says now, as a function of the set of changes its author made.
 *
 *   V1  A change counts if the author of the post wrote it, and it names the post.
 *   V2  A version stands while no change that counts names it in `replaces`. There may be several: two devices wrote apart.
 *       One more change that names them all brings them together.
 *   V3  The post is closed while a `close` stands. A `revise` that replaces it opens the post again.
 *   V4  The terms are those of the newest post or `revise` that stands, by claim, then by the higher id; where only closes
 *       stand, of what they replaced. This is what is shown. A commit pins the version that it names, whatever comes after.
 */
import type { EnvelopeId } from "../crypto/hash.ts";
import type { Millis } from "../lang/brand.ts";
import type { Change, Close, Post, Revise } from "./aid.ts";

export interface Version<A extends Post | Change = Post | Change> {
  readonly id: EnvelopeId;
  readonly at: Millis;
  readonly act: A;
}

export interface Versions {
  /** V4. */
  readonly terms: Version<Post | Revise>;
  /** V3: the newest, if several stand. */
  readonly closed: Version<Close> | null;
  /** V2: what the next change replaces. Newest first. */
  readonly standing: readonly Version[];
}

/** `changes`: those that count (V1), in any order. */
export function versionsOf(post: Version<Post>, changes: readonly Version<Change>[]): Versions {
  const all: ReadonlyMap<EnvelopeId, Version> = new Map([post, ...changes].map((version) => [version.id, version]));
  const replaced = new Set(changes.flatMap(({ act }) => act.replaces));
  const standing = [...all.values()].filter(({ id }) => !replaced.has(id)).sort(newestFirst); // V2
  const closed = standing.find(isClose) ?? null;
  return { terms: termsIn(post, standing, all), closed, standing };
}

/** V4. Ids are hashes of what they name, so nothing replaces itself, and the walk back ends at the post. */
function termsIn(
  post: Version<Post>,
  standing: readonly Version[],
  all: ReadonlyMap<EnvelopeId, Version>,
): Version<Post | Revise> {
  const seen = new Set<EnvelopeId>();
  let level = standing;
  while (level.length > 0) {
    const terms = level.find(isTerms);
    if (terms !== undefined) return terms;
    const before = level.filter(isClose).flatMap(({ act }) => act.replaces.filter((id) => !seen.has(id)));
    for (const id of before) seen.add(id);
    level = [...new Set(before)].flatMap((id) => all.get(id) ?? []).sort(newestFirst);
  }
  return post;
}

const isClose = (version: Version): version is Version<Close> => version.act.kind === "close";
const isTerms = (version: Version): version is Version<Post | Revise> => version.act.kind !== "close";
const newestFirst = (left: Version, right: Version): number => right.at - left.at || (left.id < right.id ? 1 : -1);
