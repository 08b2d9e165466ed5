/**
 * Device certificate: a member's root key says that this device speaks for them.
 *
 *   The root signs "sign-device" ‖ member ‖ device ‖ exchange key. It is not bound to a community: what a
 *   device writes is bound by the tag in every header.
 */
import { concatBytes } from "../codec/bytes.ts";
import { bytes, record, type Read } from "../codec/shape.ts";
import { DOMAINS } from "../crypto/domains.ts";
import {
  deriveKey,
  deviceKey,
  memberId,
  memberIdFromBytes,
  nameToBytes,
  prefixOf,
  deviceKeyFromBytes,
  type DeviceKey,
  type MemberId,
} from "../crypto/hash.ts";
import { publicKeyOf, signMessage, type SignatureCheck } from "../crypto/signature.ts";

export const certificateShape = record({
  member: memberId,
  device: deviceKey,
  /** X25519: what is sealed to this device is sealed to this. */
  exchange: bytes(32),
  signature: bytes(64),
});
export type DeviceCertificate = Read<typeof certificateShape>;

const message = (member: MemberId, device: DeviceKey, exchange: Uint8Array): Uint8Array =>
  concatBytes(prefixOf(DOMAINS.signDevice), nameToBytes(member), nameToBytes(device), exchange);

/** A member's root, from 16 bytes of chance (which are the member's recovery phrase). Otherwise sleeps. */
export interface MemberRoot {
  readonly id: MemberId;
  readonly seed: Uint8Array;
}

export function memberRootFrom(entropy: Uint8Array): MemberRoot {
  const seed = deriveKey(entropy, DOMAINS.memberRoot);
  return { id: memberIdFromBytes(publicKeyOf(seed)), seed };
}

export function certifyDevice(root: MemberRoot, devicePublic: Uint8Array, exchange: Uint8Array): DeviceCertificate {
  const device = deviceKeyFromBytes(devicePublic);
  return { member: root.id, device, exchange, signature: signMessage(root.seed, message(root.id, device, exchange)) };
}

export const certificateCheck = (certificate: DeviceCertificate): SignatureCheck => ({
  key: nameToBytes(certificate.member),
  message: message(certificate.member, certificate.device, certificate.exchange),
  signature: certificate.signature,
});
