/**
 * Hash: SHA-256 with a domain in front, and the names that are made by it.
 *
 *   N1  Every name is 32 bytes; in code it is branded lower-case hex, because bytes cannot be a map key.
 *   N2  communityId = H(community, genesis act), tag = H(tag, communityId),
 *       feedId = H(feed, tag, device key, 32 random bytes), envelopeId = H(envelope, header),
 *       circleId = H(circle, commitment of its key, its members).
 */
import { hmac } from "@noble/hashes/hmac.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "../codec/bytes.ts";
import { bytes, mapped, type Shape } from "../codec/shape.ts";
import type { Brand } from "../lang/brand.ts";
import { DOMAINS, type Domain } from "./domains.ts";

export type CommunityId = Brand<string, "CommunityId">;
/** Whoever knows it may fetch ciphertext, no more. */
export type Tag = Brand<string, "Tag">;
export type FeedId = Brand<string, "FeedId">;
export type EnvelopeId = Brand<string, "EnvelopeId">;
/** A member's root public key. */
export type MemberId = Brand<string, "MemberId">;
/** Of a circle, made of its key's commitment and its members (acts/talk.ts). */
export type CircleId = Brand<string, "CircleId">;
/** A device's public signing key. */
export type DeviceKey = Brand<string, "DeviceKey">;
type Name = CommunityId | Tag | FeedId | EnvelopeId | MemberId | CircleId | DeviceKey;

export const HASH_BYTES = 32;
const ZERO = new Uint8Array([0]);

const prefixes = new Map<string, Uint8Array>();
/** The domain string and its zero byte (D1). */
export function prefixOf(domain: Domain): Uint8Array {
  const known = prefixes.get(domain);
  if (known !== undefined) return known;
  const prefix = concatBytes(utf8ToBytes(domain), ZERO);
  prefixes.set(domain, prefix);
  return prefix;
}

export const hashOf = (domain: Domain, ...parts: readonly Uint8Array[]): Uint8Array => hashAll(domain, parts);

/** The same over very many parts, which must not all become arguments of a call. */
export function hashAll(domain: Domain, parts: Iterable<Uint8Array>): Uint8Array {
  const hash = sha256.create().update(prefixOf(domain));
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** HMAC-SHA-256 (RFC 2104) with the domain in front of the message. */
export const macOf = (key: Uint8Array, domain: Domain, ...parts: readonly Uint8Array[]): Uint8Array =>
  hmac(sha256, key, concatBytes(prefixOf(domain), ...parts));

/** HKDF-SHA-256 (RFC 5869), no salt, the domain and the parts as info. */
export const deriveKey = (secret: Uint8Array, domain: Domain, ...parts: readonly Uint8Array[]): Uint8Array =>
  hkdf(sha256, secret, undefined, concatBytes(prefixOf(domain), ...parts), 32);

export const communityIdOf = (genesisAct: Uint8Array): CommunityId =>
  bytesToHex(hashOf(DOMAINS.community, genesisAct)) as CommunityId;
export const tagOf = (community: CommunityId): Tag => bytesToHex(hashOf(DOMAINS.tag, hexToBytes(community))) as Tag;
export const feedIdOf = (tag: Tag, deviceKey: Uint8Array, random: Uint8Array): FeedId =>
  bytesToHex(hashOf(DOMAINS.feed, hexToBytes(tag), deviceKey, random)) as FeedId;
export const envelopeIdOf = (header: Uint8Array): EnvelopeId => bytesToHex(hashOf(DOMAINS.envelope, header)) as EnvelopeId;
/** The name of a community's gossip topic. */
export const topicOf = (tag: Tag): string => `kith/1/${bytesToHex(hashOf(DOMAINS.topic, hexToBytes(tag)))}`;

/** Bytes of any name. */
export const nameToBytes = (name: Name): Uint8Array => hexToBytes(name);

const named = <N extends Name>(): Shape<N> => mapped(bytes(HASH_BYTES), (raw) => bytesToHex(raw) as N, hexToBytes);
export const envelopeId = named<EnvelopeId>();
export const feedId = named<FeedId>();
export const memberId = named<MemberId>();
export const circleId = named<CircleId>();
export const deviceKey = named<DeviceKey>();
export const tagShape = named<Tag>();

export const tagFromBytes = (raw: Uint8Array): Tag => bytesToHex(raw) as Tag;
export const feedIdFromBytes = (raw: Uint8Array): FeedId => bytesToHex(raw) as FeedId;
export const envelopeIdFromBytes = (raw: Uint8Array): EnvelopeId => bytesToHex(raw) as EnvelopeId;
export const memberIdFromBytes = (raw: Uint8Array): MemberId => bytesToHex(raw) as MemberId;
export const circleIdOf = (commitment: Uint8Array, members: readonly MemberId[]): CircleId =>
  bytesToHex(hashOf(DOMAINS.circle, commitment, ...members.map(hexToBytes))) as CircleId;
export const deviceKeyFromBytes = (raw: Uint8Array): DeviceKey => bytesToHex(raw) as DeviceKey;

const HEX_NAME = /^[0-9a-f]{64}$/;
/** Text from an address bar or a store back to a tag; null when it is none. */
export const parseTag = (hex: string): Tag | null => (HEX_NAME.test(hex) ? (hex as Tag) : null);
export const parseMemberId = (hex: string): MemberId | null => (HEX_NAME.test(hex) ? (hex as MemberId) : null);
export const parseEnvelopeId = (hex: string): EnvelopeId | null => (HEX_NAME.test(hex) ? (hex as EnvelopeId) : null);
