/**
 * Authority, first version: who belongs to a community, and which feeds speak for whom.
 *
 *   A1  The genesis is seq 0 of one feed, and the only act whose hash gives the tag. Its founder is the
 *       first steward, and belongs whatever becomes of that feed: the genesis counts even behind a fork point.
 *   A2  A feed speaks for a member from its own `join`, which stands at seq 0, or at seq 1 behind a genesis.
 *       A feed's later joins say nothing.
 *   A3  A founder's join names the genesis and needs no proof; its member is the founder.
 *   A4  Any other join names an invitation, which also stands among its `deps`; it proves to know that
 *       invitation's key, and agrees to this community.
 *   A5  An invitation counts if its author's feed spoke for a member by its own causal past.
 *   A6  A closed invitation lets only those joins stand that a closing act names. The feed that made it or the
 *       steward's may close it; the steward's closings, if there are any, are the only ones that name.
 *   A7  What a void join let in falls with it.
 *   A9  By an invitation for one, that join stands which the first `accept-join` in the feed of the invitation names: its
 *       maker's feed orders who came first, so that two who used it apart never both come in. Until then a join waits.
 *   A8  Nothing here reads a clock. Expiry makes the inviter's app write the closing.
 *
 * Verdicts come from an act's own past; standing (A6, forks) is a function of the set: both are the same
 * whatever the order of arrival. Signatures were checked before (space/ingest.ts).
 * Removal, roles, rolls and more devices are rules of a later version.
 */
import type { EnvelopeId, FeedId, MemberId, Tag } from "../crypto/hash.ts";
import { tagOf } from "../crypto/hash.ts";
import { bytesToHex, equalBytes } from "../codec/bytes.ts";
import { assertNever } from "../lang/assert-never.ts";
import type { Millis } from "../lang/brand.ts";
import { push } from "../lang/push.ts";
import { communityOf, type AuthorityAct, type CloseInvite, type Genesis, type Invite, type Join } from "./acts.ts";

/** An authority act where it stands. */
export interface AuthorityRecord<A extends AuthorityAct = AuthorityAct> {
  readonly id: EnvelopeId;
  readonly feed: FeedId;
  readonly seq: number;
  readonly at: Millis;
  readonly deps: readonly EnvelopeId[];
  /** Device key of the feed, from its birth. */
  readonly deviceKey: Uint8Array;
  readonly act: A;
}

export interface MemberRecord {
  readonly id: MemberId;
  /** Empty when no join of theirs stands. */
  readonly name: string;
  readonly joinedAt: Millis;
  readonly feeds: readonly FeedId[];
  readonly isSteward: boolean;
}

export interface InviteRecord {
  readonly id: EnvelopeId;
  readonly by: MemberId;
  readonly at: Millis;
  readonly act: Invite;
  readonly feed: FeedId;
  readonly closed: boolean;
  readonly joined: readonly MemberId[];
  /** A9: the join that its maker accepted; null while there is none. */
  readonly accepted: EnvelopeId | null;
  /** A9: joins that stand if they are accepted; empty when none can be any more. */
  readonly waiting: readonly AuthorityRecord<Join>[];
}

export interface Authority {
  readonly genesis: AuthorityRecord<Genesis> | null;
  readonly members: ReadonlyMap<MemberId, MemberRecord>;
  readonly memberByFeed: ReadonlyMap<FeedId, MemberId>;
  /** X25519 key of the device behind a feed. */
  readonly exchangeByFeed: ReadonlyMap<FeedId, Uint8Array>;
  readonly invites: ReadonlyMap<EnvelopeId, InviteRecord>;
  /** Records no other record names in its deps: what the next act should name. Newest claim first. */
  readonly heads: readonly EnvelopeId[];
}

export const NO_AUTHORITY: Authority = {
  genesis: null,
  members: new Map(),
  memberByFeed: new Map(),
  exchangeByFeed: new Map(),
  invites: new Map(),
  heads: [],
};

const isKind =
  <K extends AuthorityAct["kind"]>(kind: K) =>
  (record: AuthorityRecord): record is AuthorityRecord<Extract<AuthorityAct, { kind: K }>> =>
    record.act.kind === kind;

/** Folds the whole set, in whatever order it comes. A dep that is not in it is simply not in the past. */
export function foldAuthority(tag: Tag, unordered: readonly AuthorityRecord[]): Authority {
  const records = inCausalOrder(unordered);
  const copies = records.filter(isKind("genesis")).filter((record) => isGenesisOf(tag, record)); // A1
  // Any member can repeat the act in a feed of their own, but only the founder can join behind it.
  const second = new Map(records.filter((record) => record.seq === 1).map((record) => [record.feed, record]));
  const hasFoundersJoin = (copy: AuthorityRecord<Genesis>): boolean => {
    const join = second.get(copy.feed);
    return join !== undefined && isKind("join")(join) && isFoundersJoin(copy, join) && isInPlace(copy, join);
  };
  const genesis = copies.find(hasFoundersJoin) ?? copies[0];
  if (genesis === undefined) return NO_AUTHORITY;
  const closingsOf = new Map<EnvelopeId, AuthorityRecord<CloseInvite>[]>();
  for (const closing of records.filter(isKind("close-invite"))) push(closingsOf, closing.act.invite, closing);
  const accepted = firstAccepted(records);
  const waiting = new Map<EnvelopeId, AuthorityRecord<Join>[]>();
  const joins = new Map<FeedId, AuthorityRecord<Join>>();
  const invites = new Map<EnvelopeId, AuthorityRecord<Invite>>();
  const memo = new Map<EnvelopeId, ReadonlySet<MemberId> | null>();
  const owner = (feed: FeedId): MemberId | null => joins.get(feed)?.act.certificate.member ?? null;

  for (const record of records) {
    switch (record.act.kind) {
      case "genesis":
      case "accept-join":
      case "close-invite":
        break;
      case "invite":
        if (owner(record.feed) !== null) invites.set(record.id, record as AuthorityRecord<Invite>); // A5
        break;
      case "join": {
        const join = record as AuthorityRecord<Join>;
        if (joins.has(record.feed) || !isInPlace(genesis, join)) break; // A2
        if (isFoundersJoin(genesis, join) || mayComeIn(join)) joins.set(record.feed, join);
        break;
      }
      default:
        assertNever(record.act);
    }
  }

  function mayComeIn(join: AuthorityRecord<Join>): boolean {
    const invite = invites.get(join.act.invite);
    if (invite === undefined || !join.deps.includes(invite.id)) return false; // A4
    // A4: the proof under this key was verified before; a join that gives none stays outside.
    if (join.act.key === undefined || join.act.proof === undefined) return false;
    if (!equalBytes(invite.act.key, join.act.key)) return false;
    const named = namedBy(invite);
    if (named !== null && !named.has(join.act.certificate.member)) return false; // A6
    if (invite.act.door === "open") return true;
    const first = accepted.get(placeOf(invite)); // A9
    if (first === undefined) push(waiting, invite.id, join);
    return first === join.id;
  }
  /** A6: whose joins count; null while the door is open. The one steward of this version is the founder's feed. */
  function namedBy(invite: AuthorityRecord<Invite>): ReadonlySet<MemberId> | null {
    const known = memo.get(invite.id);
    if (known !== undefined) return known;
    const all = closingsOf.get(invite.id) ?? [];
    const stewards = all.filter((closing) => closing.feed === genesis?.feed);
    const valid = stewards.length > 0 ? stewards : all.filter((closing) => closing.feed === invite.feed);
    const named = valid.length === 0 ? null : new Set(valid.flatMap((closing) => closing.act.joins));
    memo.set(invite.id, named);
    return named;
  }
  // A1: the founder belongs by the genesis itself, whatever becomes of the feed.
  return publish(genesis, records, joins, invites, {
    isClosed: (invite) => namedBy(invite) !== null,
    acceptedBy: (invite) => accepted.get(placeOf(invite)) ?? null,
    waitingFor: (invite) => waiting.get(invite.id) ?? [],
  });
}

/** A9: which join each feed accepted first, for each invitation. Records of a feed come in its order. */
function firstAccepted(records: readonly AuthorityRecord[]): ReadonlyMap<string, EnvelopeId> {
  const first = new Map<string, EnvelopeId>();
  for (const { feed, act } of records.filter(isKind("accept-join"))) {
    const place = placeOf({ id: act.invite, feed });
    if (!first.has(place)) first.set(place, act.join);
  }
  return first;
}
const placeOf = ({ id, feed }: Pick<AuthorityRecord, "id" | "feed">): string => `${id} ${feed}`;

const isGenesisOf = (tag: Tag, record: AuthorityRecord<Genesis>): boolean =>
  record.seq === 0 && tagOf(communityOf(record.act)) === tag;

/** A2, and that it agrees to this community (A4) and speaks for the device that signs this feed. */
function isInPlace(genesis: AuthorityRecord<Genesis>, join: AuthorityRecord<Join>): boolean {
  const place = join.feed === genesis.feed ? 1 : 0;
  return (
    join.seq === place &&
    bytesToHex(join.deviceKey) === join.act.certificate.device &&
    bytesToHex(join.act.agreed) === communityOf(genesis.act)
  );
}

const isFoundersJoin = (genesis: AuthorityRecord<Genesis>, join: AuthorityRecord<Join>): boolean =>
  join.feed === genesis.feed && join.act.invite === genesis.id && join.act.certificate.member === genesis.act.founder; // A3

/** Each record behind its deps and what its feed said before; the rest by id, so the order is a function of the set. */
function inCausalOrder(unordered: readonly AuthorityRecord[]): readonly AuthorityRecord[] {
  const sorted = [...unordered].sort((left, right) => (left.id < right.id ? -1 : 1));
  const byId = new Map(sorted.map((record) => [record.id, record]));
  const inFeed = new Map<FeedId, AuthorityRecord[]>();
  for (const record of sorted) push(inFeed, record.feed, record);
  const before = new Map<EnvelopeId, AuthorityRecord>();
  for (const records of inFeed.values()) {
    records.sort((left, right) => left.seq - right.seq);
    records.forEach((record, index) => {
      const previous = records[index - 1];
      if (previous !== undefined) before.set(record.id, previous);
    });
  }
  const ordered: AuthorityRecord[] = [];
  const placed = new Set<EnvelopeId>();
  // An explicit stack: a long chain of deps must not overflow ours. Hashes cannot form a cycle.
  const stack = sorted.reverse();
  for (let record = stack.pop(); record !== undefined; record = stack.pop()) {
    if (placed.has(record.id)) continue;
    const previous = before.get(record.id);
    const causes = record.deps.map((dep) => byId.get(dep)).filter((cause) => cause !== undefined);
    const missing = (previous === undefined ? causes : [...causes, previous]).filter((cause) => !placed.has(cause.id));
    if (missing.length === 0) {
      placed.add(record.id);
      ordered.push(record);
    } else stack.push(record, ...missing);
  }
  return ordered;
}

function publish(
  genesis: AuthorityRecord<Genesis>,
  records: readonly AuthorityRecord[],
  joins: ReadonlyMap<FeedId, AuthorityRecord<Join>>,
  invites: ReadonlyMap<EnvelopeId, AuthorityRecord<Invite>>,
  doors: {
    readonly isClosed: (invite: AuthorityRecord<Invite>) => boolean;
    readonly acceptedBy: (invite: AuthorityRecord<Invite>) => EnvelopeId | null;
    readonly waitingFor: (invite: AuthorityRecord<Invite>) => readonly AuthorityRecord<Join>[];
  },
): Authority {
  const members = new Map<MemberId, MemberRecord>();
  const memberByFeed = new Map<FeedId, MemberId>();
  const exchangeByFeed = new Map<FeedId, Uint8Array>();
  const feedsBy = new Map<MemberId, FeedId[]>();
  const feedsOf = (member: MemberId): FeedId[] => {
    const known = feedsBy.get(member) ?? [];
    feedsBy.set(member, known);
    return known;
  };
  // By id, so that a member of two feeds has one name everywhere.
  for (const join of [...joins.values()].sort((left, right) => (left.id < right.id ? -1 : 1))) {
    const { member, exchange } = join.act.certificate;
    const known = members.get(member);
    memberByFeed.set(join.feed, member);
    feedsOf(member).push(join.feed);
    exchangeByFeed.set(join.feed, exchange);
    members.set(member, {
      id: member,
      name: known?.name ?? join.act.name,
      joinedAt: known === undefined || join.at < known.joinedAt ? join.at : known.joinedAt,
      feeds: feedsOf(member),
      isSteward: member === genesis.act.founder,
    });
  }
  for (const feeds of feedsBy.values()) feeds.sort();
  const { founder } = genesis.act;
  if (!members.has(founder)) members.set(founder, { id: founder, name: "", joinedAt: genesis.at, feeds: [], isSteward: true });
  const joinsBy = new Map<EnvelopeId, AuthorityRecord<Join>[]>();
  for (const join of joins.values()) push(joinsBy, join.act.invite, join);
  const inviteRecords = new Map<EnvelopeId, InviteRecord>();
  for (const invite of invites.values()) {
    const by = memberByFeed.get(invite.feed);
    if (by === undefined) continue; // A7
    const joined = joinsBy.get(invite.id) ?? [];
    inviteRecords.set(invite.id, {
      id: invite.id,
      by,
      at: invite.at,
      act: invite.act,
      feed: invite.feed,
      closed: doors.isClosed(invite),
      accepted: doors.acceptedBy(invite),
      waiting: doors.waitingFor(invite),
      joined: [...new Set(joined.map((join) => join.act.certificate.member))].sort(),
    });
  }
  return { genesis, members, memberByFeed, exchangeByFeed, invites: inviteRecords, heads: headsOf(records) };
}

function headsOf(records: readonly AuthorityRecord[]): readonly EnvelopeId[] {
  const named = new Set(records.flatMap((record) => record.deps));
  const last = new Map(records.map((record) => [record.feed, record]));
  return [...last.values()]
    .filter(({ id }) => !named.has(id))
    .sort((left, right) => right.at - left.at || (left.id < right.id ? -1 : 1))
    .map(({ id }) => id);
}
