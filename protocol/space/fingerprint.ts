/**
 * Fingerprint: 32 bytes that are equal on two devices exactly when they see the same community.
 *
 *   It hashes what counts, in ascending order of ids, each part behind its number:
 *   rules version, tag; members (id, steward or not, feeds); invitations (id, closed or not);
 *   promises (id of the commit, number of the state); ids of all acts that count; fork points.
 *
 *   Q1  Nothing that a clock, an arrival order or a device could change goes in.
 *   Q2  While a body is absent without an `erase`, there is none: *incomplete*.
 */
import { PROMISE_STATES } from "../acts/promise.ts";
import { RULES_VERSION } from "../authority/acts.ts";
import { bytesToHex } from "../codec/bytes.ts";
import { encodeValue, type Value } from "../codec/value.ts";
import { DOMAINS } from "../crypto/domains.ts";
import { hashAll, nameToBytes, type FeedId, type Tag } from "../crypto/hash.ts";
import type { Community } from "./community.ts";

/** 64 hex digits; null while incomplete (Q2) or before the genesis is known. `forks`: fork point by feed. */
export function fingerprintOf(tag: Tag, community: Community, forks: ReadonlyMap<FeedId, number>): string | null {
  const authority = community.authority();
  if (authority.genesis === null || community.tally().absent > 0) return null;
  const members = sorted(authority.members.values()).map((member): Value => [
    nameToBytes(member.id),
    member.isSteward,
    member.feeds.map(nameToBytes),
  ]);
  const invites = sorted(authority.invites.values()).map((invite): Value => [nameToBytes(invite.id), invite.closed]);
  const promises = community
    .posts()
    .flatMap((post) => post.promises)
    .map((promise) => ({ id: promise.commit.id, state: promise.life.state }));
  const states = sorted(promises).map(({ id, state }): Value => [nameToBytes(id), PROMISE_STATES.indexOf(state)]);
  const closed = [...forks].sort(([left], [right]) => (left < right ? -1 : 1));
  const ids = [...community.countedIds()].sort();
  const parts = [
    encodeValue([RULES_VERSION, nameToBytes(tag)]),
    ...[members, invites, states].flatMap((part) => [encodeValue(part.length), ...part.map(encodeValue)]),
    encodeValue(ids.length),
    ...ids.map(nameToBytes),
    encodeValue(closed.length),
    ...closed.map(([feed, seq]) => encodeValue([nameToBytes(feed), seq])),
  ];
  return bytesToHex(hashAll(DOMAINS.fingerprint, parts));
}

const sorted = <T extends { readonly id: string }>(items: Iterable<T>): readonly T[] =>
  [...items].sort((left, right) => (left.id < right.id ? -1 : 1));
