/**
 * Authority acts: who belongs. Their kinds are closed, and so are their fields: a new one is a new
 * version of the rules, which `genesis` names.
 *
 *   genesis       what the community is, its first steward, and the commitment to its first key
 *   join          a person comes in with a device, by an invitation, accepting what the community is
 *   invite        a door: whoever holds its secret may join until it is closed; or one person may, whom its maker lets in
 *   accept-join   the one who comes in by a door for one
 *   close-invite  the door is shut; it names whose joins count
 */
import { bytes, choice, list, optional, record, text, uint, type Read, type Shape, type ShapeError } from "../codec/shape.ts";
import { encodeValue, type ValueMap } from "../codec/value.ts";
import {
  communityIdOf,
  envelopeId,
  memberId,
  nameToBytes,
  prefixOf,
  type CommunityId,
  type EnvelopeId,
  type FeedId,
  type MemberId,
  type Tag,
} from "../crypto/hash.ts";
import { concatBytes } from "../codec/bytes.ts";
import { DOMAINS } from "../crypto/domains.ts";
import { signMessage, type SignatureCheck } from "../crypto/signature.ts";
import { millis } from "../envelope/body.ts";
import { err, type Result } from "../lang/result.ts";
import { certificateShape } from "./certificate.ts";

export const RULES_VERSION = 1;
export const MAX_NAME_UNITS = 60;
export const MAX_COMMUNITY_UNITS = 80;
export const MAX_PURPOSE_UNITS = 500;

/** Whom one closing names; several of one feed name together (A6). */
export const MAX_CLOSING_JOINS = 1_500;

const genesisShape = record({
  kind: choice("genesis"),
  /** 32 bytes by chance: two communities of one name are two. */
  random: bytes(32),
  name: text(1, MAX_COMMUNITY_UNITS),
  purpose: text(0, MAX_PURPOSE_UNITS),
  founder: memberId,
  /** Key commitment of epoch 0. */
  commitment: bytes(32),
  rules: uint(65_535),
});
const joinShape = record({
  kind: choice("join"),
  certificate: certificateShape,
  /** The invitation, or the genesis envelope for the founder. */
  invite: envelopeId,
  /** The invitation's public key and what it signs; the founder needs none. */
  key: optional(bytes(32)),
  proof: optional(bytes(64)),
  /** The community id: its genesis is what one agrees to. */
  agreed: bytes(32),
  name: text(1, MAX_NAME_UNITS),
});
const inviteShape = record({
  kind: choice("invite"),
  /** `open`: for all who hold its secret. `single`: for the one whom an `accept-join` names. */
  door: choice("open", "single"),
  /** Ed25519 and X25519 halves derived from the link's secret. */
  key: bytes(32),
  exchange: bytes(32),
  expires: millis,
});
const acceptJoinShape = record({
  kind: choice("accept-join"),
  invite: envelopeId,
  /** The envelope of the `join`. */
  join: envelopeId,
});
const closeInviteShape = record({
  kind: choice("close-invite"),
  invite: envelopeId,
  joins: list(memberId, MAX_CLOSING_JOINS),
});

export type Genesis = Read<typeof genesisShape>;
export type Join = Read<typeof joinShape>;
export type Invite = Read<typeof inviteShape>;
export type Door = Invite["door"];
export type AcceptJoin = Read<typeof acceptJoinShape>;
export type CloseInvite = Read<typeof closeInviteShape>;
export type AuthorityAct = Genesis | Join | Invite | AcceptJoin | CloseInvite;

const shapes = {
  genesis: genesisShape,
  join: joinShape,
  invite: inviteShape,
  "accept-join": acceptJoinShape,
  "close-invite": closeInviteShape,
} as const;

export type AuthorityError = ShapeError | { readonly kind: "newer-rules"; readonly rules: number };

/** Null when the kind is not an authority act. */
export function parseAuthorityAct(act: ValueMap): Result<AuthorityAct, AuthorityError> | null {
  const kind = act.get("kind");
  if (typeof kind !== "string" || !Object.hasOwn(shapes, kind)) return null;
  // hasOwn has just shown that `kind` is a key of `shapes`.
  const shape = shapes[kind as keyof typeof shapes] as Shape<AuthorityAct>;
  const read = shape.read(act, "act");
  if (read.ok && read.value.kind === "genesis" && read.value.rules !== RULES_VERSION)
    return err({ kind: "newer-rules", rules: read.value.rules });
  return read;
}

export function authorityActToValue(act: AuthorityAct): ValueMap {
  // Each shape writes its own kind; the union of their parameters is what `act` is.
  return (shapes[act.kind] as Shape<AuthorityAct>).write(act) as ValueMap;
}

export const communityOf = (genesis: Genesis): CommunityId => communityIdOf(encodeValue(authorityActToValue(genesis)));

const joinMessage = (tag: Tag, invite: EnvelopeId, feed: FeedId, member: MemberId): Uint8Array =>
  concatBytes(prefixOf(DOMAINS.signJoin), nameToBytes(tag), nameToBytes(invite), nameToBytes(feed), nameToBytes(member));

/** Shows that whoever opens this feed for this member holds the invitation's secret. */
export const proveInvitation = (
  inviteSeed: Uint8Array,
  tag: Tag,
  invite: EnvelopeId,
  feed: FeedId,
  member: MemberId,
): Uint8Array => signMessage(inviteSeed, joinMessage(tag, invite, feed, member));

/** Null when the join gives no key or no proof. */
export const invitationCheck = (tag: Tag, feed: FeedId, join: Join): SignatureCheck | null =>
  join.key === undefined || join.proof === undefined
    ? null
    : {
        key: join.key,
        message: joinMessage(tag, join.invite, feed, join.certificate.member),
        signature: join.proof,
      };
