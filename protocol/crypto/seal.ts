/**
 * Seal: who can read. Epoch keys, what is derived from them, and the boxes they travel in.
 *
 *   K1  A body is nonce (24) ‖ XChaCha20-Poly1305 of the padded plaintext, with the header before
 *       the body hash and the key commitment as associated data.
 *   K2  Only the epoch that the key id names is tried. The key id is a MAC under the epoch key, in the signed header:
 *       it, and not the cipher, is what binds one ciphertext to one key.
 *   K3  Plaintext is u32 length ‖ plaintext ‖ zeros, up to the Padmé size, at least MIN_PADDED_BYTES:
 *       short answers look alike.
 *   K4  A box is hint (8) ‖ nonce (24) ‖ sealed key (48), under the DH of writer and reader, bound to
 *       the writer's feed and seq. The hint tells a reader which box is theirs, and nobody else.
 *   K7  A circle's key is one that travels in boxes too, and seals bodies. Nothing else is derived from it but key ids.
 *   K5  Gossip passes through whoever connects to a node: it is nonce (24) ‖ XChaCha20-Poly1305 under a key from the
 *       community's tag, so that strangers learn neither the tag nor the headers.
 *   K6  A whisper is sealed as a body is, under a key of its own from the epoch secret: nothing that is never stored can
 *       be passed off as something that is, nor the other way round.
 *
 * Nonces and keys come in as parameters; there is no chance in here.
 * Sources: draft-irtf-cfrg-xchacha-03; RFC 7748; Padmé: Nikitin et al., PETS 2019.
 */
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { bytesToHex, concatBytes, equalSecretBytes, isAllZero, u32ToBytes } from "../codec/bytes.ts";
import type { Brand } from "../lang/brand.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { DOMAINS } from "./domains.ts";
import { deriveKey, hashOf, macOf, nameToBytes, type FeedId, type Tag } from "./hash.ts";
import { byNoble, type Primitives } from "./primitives.ts";
import { publicKeyOf } from "./signature.ts";

/** 16 bytes in hex: names a key to those who hold it, and nothing to others. */
export type KeyId = Brand<string, "KeyId">;

/** The key of one epoch of the community, with all that is derived from it. */
export interface EpochKey {
  readonly space: "community";
  readonly secret: Uint8Array;
  readonly commitment: Uint8Array;
  /** Ed25519 seed that signs admission certificates. */
  readonly relaySeed: Uint8Array;
  readonly relayPublic: Uint8Array;
  readonly helloKey: Uint8Array;
}

/** The key of a circle inside the community. It admits no feed and proves nothing in a hello. */
export interface CircleKey {
  readonly space: "circle";
  readonly secret: Uint8Array;
  readonly commitment: Uint8Array;
}

/** Whatever a body may be sealed under. */
export type SpaceKey = EpochKey | CircleKey;

export const KEY_BYTES = 32;
export const NONCE_BYTES = 24;
export const KEY_ID_BYTES = 16;
/** One key id serves this many envelopes of a feed. */
export const KEY_ID_SPAN = 256;
export const MIN_PADDED_BYTES = 256;
const AUTH_TAG_BYTES = 16;
export const BODY_OVERHEAD_BYTES = NONCE_BYTES + AUTH_TAG_BYTES;

/** Envelopes whose body is not sealed (`keys`) carry this key id. */
export const OPEN_KEY_ID = "0".repeat(KEY_ID_BYTES * 2) as KeyId;

/** `secret` is 32 bytes by chance. */
export function epochKeyFrom(secret: Uint8Array): EpochKey {
  const relaySeed = deriveKey(secret, DOMAINS.relayKey);
  return {
    space: "community",
    secret,
    commitment: commitmentOf(secret),
    relaySeed,
    relayPublic: publicKeyOf(relaySeed),
    helloKey: deriveKey(secret, DOMAINS.helloKey),
  };
}

/** `secret` is 32 bytes by chance. */
export const circleKeyFrom = (secret: Uint8Array): CircleKey => ({ space: "circle", secret, commitment: commitmentOf(secret) });

export const commitmentOf = (secret: Uint8Array): Uint8Array => hashOf(DOMAINS.keyCommitment, secret);

export const keyIdOf = (key: Pick<SpaceKey, "secret">, feed: FeedId, seq: number): KeyId =>
  bytesToHex(
    macOf(key.secret, DOMAINS.keyId, nameToBytes(feed), u32ToBytes(Math.floor(seq / KEY_ID_SPAN))).slice(0, KEY_ID_BYTES),
  ) as KeyId;

export type OpenError = { readonly kind: "wrong-seal" | "bad-padding" };

/** What sealing takes of a key. */
type SealingKey = Pick<SpaceKey, "secret" | "commitment">;

/** `binding` is the header before the body hash (K1). `nonce` is 24 bytes by chance, never used twice. */
export function sealBody(key: SealingKey, binding: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = xchacha20poly1305(key.secret, nonce, concatBytes(binding, key.commitment));
  return concatBytes(nonce, cipher.encrypt(pad(plaintext)));
}

/** `by`: who does the work; the answer is the same (primitives.ts). */
export function openBody(
  key: SealingKey,
  binding: Uint8Array,
  body: Uint8Array,
  by: Primitives = byNoble,
): Result<Uint8Array, OpenError> {
  if (body.length < BODY_OVERHEAD_BYTES) return err({ kind: "wrong-seal" });
  const bound = concatBytes(binding, key.commitment);
  const padded = by.open(key.secret, body.subarray(0, NONCE_BYTES), bound, body.subarray(NONCE_BYTES));
  return padded === null ? err({ kind: "wrong-seal" }) : unpad(padded);
}

const whisperKeyOf = ({ secret, commitment }: EpochKey): SealingKey => ({
  secret: deriveKey(secret, DOMAINS.whisperKey),
  commitment,
});

/** K6: nonce ‖ ciphertext. `binding`: what it cannot be moved away from. `nonce` is 24 bytes by chance, never used twice. */
export const sealWhisper = (key: EpochKey, binding: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Uint8Array =>
  sealBody(whisperKeyOf(key), binding, nonce, plaintext);

export const openWhisper = (key: EpochKey, binding: Uint8Array, sealed: Uint8Array): Result<Uint8Array, OpenError> =>
  openBody(whisperKeyOf(key), binding, sealed);

const gossipKeyOf = (tag: Tag): Uint8Array => deriveKey(nameToBytes(tag), DOMAINS.gossipKey);

/** K5. `nonce`: 24 bytes by chance, never used twice. */
export const sealGossip = (tag: Tag, nonce: Uint8Array, message: Uint8Array): Uint8Array =>
  concatBytes(nonce, xchacha20poly1305(gossipKeyOf(tag), nonce).encrypt(message));

/** Null when it was not sealed by one who knows the tag. */
export function openGossip(tag: Tag, bytes: Uint8Array): Uint8Array | null {
  if (bytes.length < BODY_OVERHEAD_BYTES) return null;
  try {
    return xchacha20poly1305(gossipKeyOf(tag), bytes.subarray(0, NONCE_BYTES)).decrypt(bytes.subarray(NONCE_BYTES));
  } catch {
    return null; // the library throws when the tag does not fit
  }
}

/** Padmé: keeps the top bits of the length, so that at most 12 % is added and little is told. */
export function paddedLength(length: number): number {
  if (length <= MIN_PADDED_BYTES) return MIN_PADDED_BYTES;
  const exponent = 31 - Math.clz32(length);
  const free = exponent - (32 - Math.clz32(exponent));
  const step = 2 ** free;
  return Math.ceil(length / step) * step;
}

function pad(plaintext: Uint8Array): Uint8Array {
  const padded = new Uint8Array(paddedLength(plaintext.length + 4));
  padded.set(u32ToBytes(plaintext.length));
  padded.set(plaintext, 4);
  return padded;
}

function unpad(padded: Uint8Array): Result<Uint8Array, OpenError> {
  const [a = 0, b = 0, c = 0, d = 0] = padded;
  const length = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  if (paddedLength(length + 4) !== padded.length) return err({ kind: "bad-padding" }); // K3
  return isAllZero(padded.subarray(length + 4)) ? ok(padded.slice(4, length + 4)) : err({ kind: "bad-padding" });
}

/** An X25519 pair; `seed` is 32 bytes by chance. */
export interface ExchangePair {
  readonly secret: Uint8Array;
  readonly public: Uint8Array;
}
export const exchangePairFrom = (secret: Uint8Array): ExchangePair => ({ secret, public: x25519.getPublicKey(secret) });

export const HINT_BYTES = 8;
export const BOX_BYTES = HINT_BYTES + NONCE_BYTES + KEY_BYTES + AUTH_TAG_BYTES;

/** Where a box stands: boxes cannot be moved to another envelope. */
export interface BoxPlace {
  readonly feed: FeedId;
  readonly seq: number;
}

/** Null when the other key is of small order and shares no secret. */
function shareSecret(mine: Uint8Array, theirs: Uint8Array): Uint8Array | null {
  try {
    return x25519.getSharedSecret(mine, theirs);
  } catch {
    return null; // the library refuses an all-zero result
  }
}

/** Whether anything can be sealed to that key. */
export const isSealable = (writerSecret: Uint8Array, readerPublic: Uint8Array): boolean =>
  shareSecret(writerSecret, readerPublic) !== null;

const placeBytes = (place: BoxPlace): Uint8Array => concatBytes(nameToBytes(place.feed), u32ToBytes(place.seq));
const hintOf = (shared: Uint8Array, place: BoxPlace): Uint8Array =>
  macOf(shared, DOMAINS.keyHint, placeBytes(place)).slice(0, HINT_BYTES);

/** Null when the reader's key is unusable. */
export function sealKeyBox(
  writerSecret: Uint8Array,
  readerPublic: Uint8Array,
  place: BoxPlace,
  nonce: Uint8Array,
  secret: Uint8Array,
): Uint8Array | null {
  const shared = shareSecret(writerSecret, readerPublic);
  if (shared === null) return null;
  const cipher = xchacha20poly1305(deriveKey(shared, DOMAINS.keyBox, placeBytes(place)), nonce, commitmentOf(secret));
  return concatBytes(hintOf(shared, place), nonce, cipher.encrypt(secret));
}

/** Looks through boxes (a whole number of BOX_BYTES) for the reader's, and opens it. */
export type BoxReader = (
  writerPublic: Uint8Array,
  place: BoxPlace,
  commitment: Uint8Array,
  boxes: Uint8Array,
) => Uint8Array | null;

/** One reader for many boxes: what it shares with a writer is computed once (X25519 costs a millisecond). */
export function createBoxReader(readerSecret: Uint8Array): BoxReader {
  const sharedByWriter = new Map<string, Uint8Array | null>();
  const sharedWith = (writerPublic: Uint8Array): Uint8Array | null => {
    const name = bytesToHex(writerPublic);
    const known = sharedByWriter.get(name);
    if (known !== undefined) return known;
    const shared = shareSecret(readerSecret, writerPublic);
    sharedByWriter.set(name, shared);
    return shared;
  };
  return (writerPublic, place, commitment, boxes) => {
    const shared = sharedWith(writerPublic);
    return shared === null ? null : secretIn(shared, place, commitment, boxes);
  };
}

/** Null when none is for this reader, or when what it holds does not fit the commitment. */
function secretIn(shared: Uint8Array, place: BoxPlace, commitment: Uint8Array, boxes: Uint8Array): Uint8Array | null {
  const hint = hintOf(shared, place);
  for (let at = 0; at + BOX_BYTES <= boxes.length; at += BOX_BYTES) {
    if (!equalSecretBytes(boxes.subarray(at, at + HINT_BYTES), hint)) continue;
    const nonce = boxes.subarray(at + HINT_BYTES, at + HINT_BYTES + NONCE_BYTES);
    const cipher = xchacha20poly1305(deriveKey(shared, DOMAINS.keyBox, placeBytes(place)), nonce, commitment);
    try {
      const secret = cipher.decrypt(boxes.subarray(at + HINT_BYTES + NONCE_BYTES, at + BOX_BYTES));
      return equalSecretBytes(commitmentOf(secret), commitment) ? secret : null;
    } catch {
      continue; // a hint by accident, or a box that was tampered with
    }
  }
  return null;
}

/** For one box with an epoch key. Null as `BoxReader`. */
export function openKeyBox(readerSecret: Uint8Array, ...box: Parameters<BoxReader>): EpochKey | null {
  const secret = createBoxReader(readerSecret)(...box);
  return secret === null ? null : epochKeyFrom(secret);
}
