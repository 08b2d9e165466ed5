/**
 * What is told by gossip: one byte that says of which kind, then an envelope, a fork proof or a whisper; sealed to those who
 * know the community's tag (protocol/crypto/seal.ts K5), because gossip reaches whoever connects.
 */
import {
  chunkOf,
  concatBytes,
  encodeChunk,
  encodeEnvelope,
  openGossip,
  parseEnvelope,
  parseWhisper,
  sealGossip,
  type Envelope,
  type SealedWhisper,
  type Tag,
} from "../../protocol/index.ts";

export type GossipMessage =
  /** An envelope, as the chunk that a holding takes. */
  | { readonly kind: "chunk" | "proof"; readonly bytes: Uint8Array }
  | { readonly kind: "whisper"; readonly whisper: SealedWhisper }
  /** What a newer Kith may say: not ours to judge. */
  | { readonly kind: "newer" }
  | { readonly kind: "malformed" };

const KIND = { envelope: 1, proof: 2, whisper: 3 } as const;

/** `nonce`: 24 bytes by chance, never used twice. */
export const gossipOf = (envelope: Envelope, nonce: Uint8Array): Uint8Array =>
  sealGossip(envelope.tag, nonce, concatBytes(new Uint8Array([KIND.envelope]), encodeEnvelope(envelope)));
export const gossipOfProof = (tag: Tag, proof: Uint8Array, nonce: Uint8Array): Uint8Array =>
  sealGossip(tag, nonce, concatBytes(new Uint8Array([KIND.proof]), proof));
export const gossipOfWhisper = (tag: Tag, whisper: Uint8Array, nonce: Uint8Array): Uint8Array =>
  sealGossip(tag, nonce, concatBytes(new Uint8Array([KIND.whisper]), whisper));

/** Total. An envelope of another community does not belong into this one's topic. */
export function readGossip(sealed: Uint8Array, tag: Tag): GossipMessage {
  const bytes = openGossip(tag, sealed);
  if (bytes === null) return { kind: "malformed" };
  const body = bytes.subarray(1);
  if (bytes[0] === KIND.proof) return { kind: "proof", bytes: body };
  if (bytes[0] === KIND.whisper) {
    const whisper = parseWhisper(body);
    return whisper.ok ? { kind: "whisper", whisper: whisper.value } : { kind: "malformed" };
  }
  if (bytes[0] !== KIND.envelope) return { kind: "newer" };
  const envelope = parseEnvelope(body);
  if (!envelope.ok) return { kind: envelope.error.kind === "newer-version" ? "newer" : "malformed" };
  return envelope.value.tag === tag ? { kind: "chunk", bytes: encodeChunk(chunkOf(envelope.value)) } : { kind: "malformed" };
}
