/**
 * Envelope: one statement, signed by one device, at one place in that device's feed.
 *
 *   bytes = header (header.ts) ‖ signature 64 ‖ body
 *
 * Holding an `Envelope` proves:
 *   E1  its bytes are the canonical encoding: parsing and writing again gives the same bytes;
 *   E2  `id` is the hash of the header, the header holds the hash of the body; the signature is not hashed;
 *   E3  `prev` and `birth` stand exactly where D1 and D3 of header.ts want them, and a birth names its feed;
 *   E4  the whole is at most MAX_ENVELOPE_BYTES.
 * It does not prove the signature: `signatureOf` gives that question as data, because the fast way to
 * answer it waits. Nor that `prev` exists (feed/), that the author may speak (authority/), or that the
 * body makes sense (body.ts, acts/).
 *
 * Wire format: protocol/README.md, section 3. Vectors: test/vectors/envelope.json.
 */
import { concatBytes, equalBytes } from "../codec/bytes.ts";
import { createReader } from "../codec/reader.ts";
import { DOMAINS } from "../crypto/domains.ts";
import { envelopeIdFromBytes, feedIdFromBytes, prefixOf, tagFromBytes, type EnvelopeId } from "../crypto/hash.ts";
import { byNoble, type Primitives } from "../crypto/primitives.ts";
import { OPEN_KEY_ID, keyIdOf, sealBody, type SpaceKey } from "../crypto/seal.ts";
import { signMessage, type SignatureCheck } from "../crypto/signature.ts";
import { err, ok, type Result } from "../lang/result.ts";
import {
  BIRTH_BYTES,
  ENVELOPE_VERSION,
  bindingOf,
  birthFromBytes,
  envelopeMessage,
  idOf,
  isNamedByBirth,
  keyIdFromBytes,
  type HeaderFields,
} from "./header.ts";

export interface Envelope extends HeaderFields {
  readonly id: EnvelopeId;
  readonly bodyHash: Uint8Array;
  readonly signature: Uint8Array;
  readonly body: Uint8Array;
}

export type EnvelopeError =
  | { readonly kind: "too-large"; readonly bytes: number }
  /** Made by a newer Kith: update, rather than blame its sender. */
  | { readonly kind: "newer-version"; readonly version: number }
  | { readonly kind: "malformed"; readonly at: "header" | "birth" | "body" }
  | { readonly kind: "prev-seq-mismatch"; readonly seq: number }
  | { readonly kind: "foreign-feed-name" }
  | { readonly kind: "body-hash-mismatch" };

/** 64 KiB: a page of text, and small enough to hold thousands in a phone's memory. */
export const MAX_ENVELOPE_BYTES = 65_536;
/** What is left for a body in the largest header. */
export const MAX_BODY_BYTES = MAX_ENVELOPE_BYTES - 117 - BIRTH_BYTES - 32 - 64;

const BODY_PREFIX = prefixOf(DOMAINS.body);
export const bodyHashOf = (body: Uint8Array, by: Primitives = byNoble): Uint8Array => by.sha256(BODY_PREFIX, body);

/** The only way in for bytes. Total: no byte string makes it throw (fuzzed). Checks run cheapest first. */
export function parseEnvelope(bytes: Uint8Array): Result<Envelope, EnvelopeError> {
  if (bytes.length > MAX_ENVELOPE_BYTES) return err({ kind: "too-large", bytes: bytes.length }); // E4
  const reader = createReader(bytes);
  const version = reader.u8();
  if (version === null) return err({ kind: "malformed", at: "header" });
  if (version !== ENVELOPE_VERSION) return err({ kind: "newer-version", version });
  const tag = reader.take(32);
  const feed = reader.take(32);
  const seq = reader.u32();
  const prev = reader.take(32);
  const keyId = reader.take(16);
  if (tag === null || feed === null || seq === null || prev === null || keyId === null)
    return err({ kind: "malformed", at: "header" });
  const birthBytes = seq === 0 ? reader.take(BIRTH_BYTES) : null;
  if (seq === 0 && birthBytes === null) return err({ kind: "malformed", at: "birth" });
  const bodyHash = reader.take(32);
  const signature = reader.take(64);
  if (bodyHash === null || signature === null) return err({ kind: "malformed", at: "header" });
  const body = reader.take(reader.left());
  if (body === null || body.length === 0 || body.length > MAX_BODY_BYTES) return err({ kind: "malformed", at: "body" });

  const isZero = prev.every((byte) => byte === 0);
  if (isZero !== (seq === 0)) return err({ kind: "prev-seq-mismatch", seq }); // E3
  const fields: HeaderFields = {
    tag: tagFromBytes(tag),
    feed: feedIdFromBytes(feed),
    seq,
    prev: isZero ? null : envelopeIdFromBytes(prev),
    keyId: keyIdFromBytes(keyId),
    birth: birthBytes === null ? null : birthFromBytes(birthBytes),
  };
  if (fields.birth !== null && !isNamedByBirth(fields.tag, fields.feed, fields.birth)) return err({ kind: "foreign-feed-name" }); // E3
  if (!equalBytes(bodyHashOf(body), bodyHash)) return err({ kind: "body-hash-mismatch" }); // E2
  return ok({ ...fields, id: idOf(bindingOf(fields), bodyHash), bodyHash, signature, body }); // E1, E2
}

export const encodeEnvelope = (envelope: Envelope): Uint8Array =>
  concatBytes(bindingOf(envelope), envelope.bodyHash, envelope.signature, envelope.body);

/** The question whether the feed's device said this. `deviceKey` is the feed's, from its birth. */
export const signatureOf = (envelope: Envelope, deviceKey: Uint8Array): SignatureCheck => ({
  key: deviceKey,
  message: envelopeMessage(envelope.id),
  signature: envelope.signature,
});

/** Everything of a header but the key id, which follows from how the body is closed. */
export type Place = Omit<HeaderFields, "keyId">;

/** Seals a plaintext under an epoch and signs it. `nonce`: 24 bytes by chance, never used twice. */
export function sealEnvelope(
  deviceSeed: Uint8Array,
  place: Place,
  key: SpaceKey,
  nonce: Uint8Array,
  plaintext: Uint8Array,
): Envelope {
  const fields: HeaderFields = { ...place, keyId: keyIdOf(key, place.feed, place.seq) };
  return signEnvelope(deviceSeed, fields, sealBody(key, bindingOf(fields), nonce, plaintext));
}

/** Signs a body that stays open to all: only `keys` (key id zero). */
export const openEnvelope = (deviceSeed: Uint8Array, place: Place, body: Uint8Array): Envelope =>
  signEnvelope(deviceSeed, { ...place, keyId: OPEN_KEY_ID }, body);

/** Throws on a body that no reader would take: our own app splits or refuses long texts before this. */
function signEnvelope(deviceSeed: Uint8Array, fields: HeaderFields, body: Uint8Array): Envelope {
  if (body.length > MAX_BODY_BYTES) throw new Error(`E4: a body of ${body.length} bytes`);
  const bodyHash = bodyHashOf(body);
  const id = idOf(bindingOf(fields), bodyHash);
  return { ...fields, id, bodyHash, signature: signMessage(deviceSeed, envelopeMessage(id)), body };
}
