/**
 * Invitation: what a link, a QR or a file carries, so that a person can see what they join before they do.
 *
 *   canonical CBOR {addresses, card, device, exchange, invite, secret, signature, tag}, as base64url
 *
 *   J1  `secret` (32 bytes by chance) never leaves the link: acts hold only the public halves derived from it.
 *   J2  Card and addresses are signed by the inviting device, whose keys are in the link; after joining, an app
 *       can see that this device is a member's. The device key must be admissible (signature.ts G2).
 *   J3  The key of the community waits in a `keys` envelope of that device, boxed for the link's exchange key.
 */
import { base64urlnopad } from "@scure/base";
import { concatBytes } from "../codec/bytes.ts";
import { bytes, list, record, text, uint, type Read, type ShapeError } from "../codec/shape.ts";
import { decodeValue, encodeValue, type ValueError } from "../codec/value.ts";
import { DOMAINS } from "../crypto/domains.ts";
import { deriveKey, deviceKey, envelopeId, nameToBytes, prefixOf, tagShape } from "../crypto/hash.ts";
import { exchangePairFrom, type ExchangePair } from "../crypto/seal.ts";
import { publicKeyOf, signMessage, type SignatureCheck } from "../crypto/signature.ts";
import { millis } from "../envelope/body.ts";
import { err, type Result } from "../lang/result.ts";
import { MAX_COMMUNITY_UNITS, MAX_NAME_UNITS, MAX_PURPOSE_UNITS } from "./acts.ts";

const cardShape = record({
  community: text(1, MAX_COMMUNITY_UNITS),
  purpose: text(0, MAX_PURPOSE_UNITS),
  inviter: text(1, MAX_NAME_UNITS),
  members: uint(1_000_000),
  expires: millis,
});
export type Card = Read<typeof cardShape>;

export const MAX_ADDRESSES = 4;
const linkShape = record({
  secret: bytes(32),
  tag: tagShape,
  invite: envelopeId,
  device: deviceKey,
  exchange: bytes(32),
  card: cardShape,
  signature: bytes(64),
  addresses: list(text(1, 200), MAX_ADDRESSES),
});
export type Invitation = Read<typeof linkShape>;

export type InvitationError = ValueError | ShapeError | { readonly kind: "not-base64url" };

/** A link with four addresses and the longest card, in three bytes a letter, stays below this. */
export const MAX_LINK_UNITS = 8_192;

/** The two public halves that an `invite` act shows, and their secrets. */
export interface InviteKeys {
  readonly signSeed: Uint8Array;
  readonly signPublic: Uint8Array;
  readonly exchange: ExchangePair;
}
export function inviteKeysFrom(secret: Uint8Array): InviteKeys {
  const signSeed = deriveKey(secret, DOMAINS.inviteSign);
  return { signSeed, signPublic: publicKeyOf(signSeed), exchange: exchangePairFrom(deriveKey(secret, DOMAINS.inviteExchange)) };
}

type Unsigned = Omit<Invitation, "signature">;

const cardMessage = (link: Omit<Unsigned, "secret">): Uint8Array =>
  concatBytes(
    prefixOf(DOMAINS.signCard),
    nameToBytes(link.tag),
    nameToBytes(link.invite),
    nameToBytes(link.device),
    link.exchange,
    encodeValue([cardShape.write(link.card), link.addresses]),
  );

export function encodeInvitation(link: Unsigned, deviceSeed: Uint8Array): string {
  const signature = signMessage(deviceSeed, cardMessage(link));
  return base64urlnopad.encode(encodeValue(linkShape.write({ ...link, signature })));
}

/** Total. The card still waits for its check (J2). */
export function parseInvitation(payload: string): Result<Invitation, InvitationError> {
  if (payload.length > MAX_LINK_UNITS) return err({ kind: "too-large", bytes: payload.length });
  let raw: Uint8Array;
  try {
    raw = base64urlnopad.decode(payload);
  } catch {
    return err({ kind: "not-base64url" }); // the library throws on letters and padding it does not know
  }
  const value = decodeValue(raw);
  return value.ok ? linkShape.read(value.value, "") : value;
}

export const cardCheck = (link: Invitation): SignatureCheck => ({
  key: nameToBytes(link.device),
  message: cardMessage(link),
  signature: link.signature,
});
