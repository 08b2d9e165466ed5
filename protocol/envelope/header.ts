/**
 * Header: the public part of an envelope, which anybody may read and nobody may change.
 *
 *   version u8 = 1 ‖ tag 32 ‖ feed 32 ‖ seq u32 ‖ prev 32 ‖ key id 16
 *   ‖ at seq 0 only: device key 32 ‖ random 32 ‖ relay key 32 ‖ admission signature 64
 *   ‖ body hash 32
 *
 *   D1  One layout, one encoding: every field has a fixed size, and `seq` says whether a birth follows.
 *   D2  `binding` is all before the body hash: what a seal is bound to.
 *   D3  At seq 0 `prev` is 32 zero bytes, and `feed` is recomputed from tag, device key and random.
 */
import { bytesToHex, concatBytes, hexToBytes, u32ToBytes } from "../codec/bytes.ts";
import { DOMAINS } from "../crypto/domains.ts";
import { envelopeIdFromBytes, feedIdOf, nameToBytes, prefixOf, type EnvelopeId, type FeedId, type Tag } from "../crypto/hash.ts";
import { byNoble, type Primitives } from "../crypto/primitives.ts";
import { signMessage, type SignatureCheck } from "../crypto/signature.ts";
import { OPEN_KEY_ID, type EpochKey, type KeyId } from "../crypto/seal.ts";

export const ENVELOPE_VERSION = 1;
export const BIRTH_BYTES = 160;
/** Without birth; the whole header before the body hash. */
export const BINDING_BYTES = 117;
export const MAX_SEQ = 0xffff_ffff;

/** What seq 0 of a feed carries, so that every reader, blind ones too, can recompute the feed's name. */
export interface Birth {
  readonly deviceKey: Uint8Array;
  readonly random: Uint8Array;
  /** Public half of the relay key under which the feed was admitted. */
  readonly relayKey: Uint8Array;
  /** By the relay key, over (tag, feed, device key). */
  readonly admission: Uint8Array;
}

export interface HeaderFields {
  readonly tag: Tag;
  readonly feed: FeedId;
  readonly seq: number;
  /** Null exactly at seq 0. */
  readonly prev: EnvelopeId | null;
  readonly keyId: KeyId;
  /** Not null exactly at seq 0. */
  readonly birth: Birth | null;
}

const NO_PREV = new Uint8Array(32);

export const birthToBytes = (birth: Birth): Uint8Array =>
  concatBytes(birth.deviceKey, birth.random, birth.relayKey, birth.admission);

/** `bytes` are BIRTH_BYTES long. */
export const birthFromBytes = (bytes: Uint8Array): Birth => ({
  deviceKey: bytes.slice(0, 32),
  random: bytes.slice(32, 64),
  relayKey: bytes.slice(64, 96),
  admission: bytes.slice(96, 160),
});

/** D2. */
export function bindingOf(fields: HeaderFields): Uint8Array {
  return concatBytes(
    new Uint8Array([ENVELOPE_VERSION]),
    nameToBytes(fields.tag),
    nameToBytes(fields.feed),
    u32ToBytes(fields.seq),
    fields.prev === null ? NO_PREV : nameToBytes(fields.prev),
    hexToBytes(fields.keyId),
    fields.birth === null ? new Uint8Array(0) : birthToBytes(fields.birth),
  );
}

const ID_PREFIX = prefixOf(DOMAINS.envelope);
export const idOf = (binding: Uint8Array, bodyHash: Uint8Array, by: Primitives = byNoble): EnvelopeId =>
  envelopeIdFromBytes(by.sha256(ID_PREFIX, binding, bodyHash));

/**
 * `bindingOf` and `idOf` for envelopes of one feed, one after the other: what their headers share is written once.
 * `prev` is the id before the first; a birth stands in none of them.
 */
export function createHeaderRow(tag: Tag, feed: FeedId, prev: EnvelopeId | null, by: Primitives) {
  const row = concatBytes(ID_PREFIX, bindingOf({ tag, feed, seq: 0, prev, keyId: OPEN_KEY_ID, birth: null }), new Uint8Array(32));
  const header = row.subarray(ID_PREFIX.length);
  const view = new DataView(header.buffer, header.byteOffset);
  let named = OPEN_KEY_ID;
  return (seq: number, keyId: KeyId, bodyHash: Uint8Array): { readonly id: EnvelopeId; readonly binding: Uint8Array } => {
    view.setUint32(SEQ_AT, seq);
    if (keyId !== named) header.set(hexToBytes(keyId), KEY_ID_AT);
    named = keyId;
    header.set(bodyHash, BINDING_BYTES);
    const binding = header.slice(0, BINDING_BYTES);
    const id = by.sha256(row);
    header.set(id, PREV_AT);
    return { id: envelopeIdFromBytes(id), binding };
  };
}
const SEQ_AT = 65;
const PREV_AT = 69;
const KEY_ID_AT = 101;

/** What an author signs for an envelope; the signature itself is not hashed. */
export const envelopeMessage = (id: EnvelopeId): Uint8Array => concatBytes(prefixOf(DOMAINS.signEnvelope), nameToBytes(id));

/** D3: the feed's name follows from its birth. */
export const isNamedByBirth = (tag: Tag, feed: FeedId, birth: Birth): boolean =>
  feedIdOf(tag, birth.deviceKey, birth.random) === feed;

const admissionMessage = (tag: Tag, feed: FeedId, deviceKey: Uint8Array): Uint8Array =>
  concatBytes(prefixOf(DOMAINS.signAdmission), nameToBytes(tag), nameToBytes(feed), deviceKey);

/** A feed's birth, admitted by one who holds the epoch key. `random` is 32 bytes by chance. */
export function createBirth(
  tag: Tag,
  epoch: EpochKey,
  deviceKey: Uint8Array,
  random: Uint8Array,
): { readonly feed: FeedId; readonly birth: Birth } {
  const feed = feedIdOf(tag, deviceKey, random);
  const admission = signMessage(epoch.relaySeed, admissionMessage(tag, feed, deviceKey));
  return { feed, birth: { deviceKey, random, relayKey: epoch.relayPublic, admission } };
}

/** Whether the feed may be carried. The caller compares `birth.relayKey` with the keys it knows first. */
export const admissionCheck = (tag: Tag, feed: FeedId, birth: Birth): SignatureCheck => ({
  key: birth.relayKey,
  message: admissionMessage(tag, feed, birth.deviceKey),
  signature: birth.admission,
});

export const keyIdFromBytes = (bytes: Uint8Array): KeyId => bytesToHex(bytes) as KeyId;
