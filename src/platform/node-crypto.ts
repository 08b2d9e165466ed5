/**
 * What Node has built in, for Node only: hashing, opening seals and verifying by OpenSSL, several times as fast as in JavaScript.
 * None of it is used but where it agrees with the reference on every edge case (protocol/crypto: primitives.ts R2, signature.ts G4).
 */
import { Buffer } from "node:buffer";
import { createDecipheriv, createPublicKey, hash, verify, type KeyObject } from "node:crypto";
import { hchacha } from "@noble/ciphers/chacha.js";
import {
  byNoble,
  checkSignature,
  concatBytes,
  equalBytes,
  primitiveEdgeCases,
  signatureEdgeCases,
  type Primitives,
  type SignatureCheck,
} from "../../protocol/index.ts";

/** OpenSSL's, if it keeps to our rules; else the reference. */
export const nodePrimitives = (): Primitives =>
  primitiveEdgeCases().every(({ ask, answer }) => ask(byOpenSsl) === answer) ? byOpenSsl : byNoble;

/** At once, on the thread that asks: for threads that have nothing else to do. */
export function nodeVerifier(): (check: SignatureCheck) => boolean {
  const fast = createVerifier();
  return signatureEdgeCases().every(({ check, holds }) => fast(check) === holds) ? fast : checkSignature;
}

const byOpenSsl: Primitives = {
  sha256: (...parts) =>
    new Uint8Array(hash("sha256", parts.length === 1 && parts[0] !== undefined ? parts[0] : concatBytes(...parts), "buffer")),
  open: openXChaCha,
};

const TAG_BYTES = 16;
/** "expand 32-byte k", as ChaCha's words. */
const SIGMA = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);

/** OpenSSL has ChaCha20-Poly1305 with the nonce of RFC 8439; the X before it is one HChaCha (draft-irtf-cfrg-xchacha-03, 2.3). */
function openXChaCha(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | null {
  if (sealed.length < TAG_BYTES) return null;
  const inner = new Uint32Array(8);
  hchacha(SIGMA, words(key), words(nonce.subarray(0, 16)), inner);
  const rest = new Uint8Array(12);
  rest.set(nonce.subarray(16), 4);
  const decipher = createDecipheriv("chacha20-poly1305", new Uint8Array(inner.buffer), rest, { authTagLength: TAG_BYTES });
  const end = sealed.length - TAG_BYTES;
  decipher.setAAD(aad, { plaintextLength: end });
  decipher.setAuthTag(sealed.subarray(end));
  const opened = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final();
  } catch {
    return null; // the tag does not fit
  }
  return new Uint8Array(opened.buffer, opened.byteOffset, opened.length);
}

/** A copy, so that it starts where words may. */
const words = (bytes: Uint8Array): Uint32Array => new Uint32Array(new Uint8Array(bytes).buffer);

/** By its JWK (RFC 8037): Node takes ten times as long to read the same key from DER. */
const keyFrom = (raw: Uint8Array): KeyObject =>
  createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(raw).toString("base64url") }, format: "jwk" });

function createVerifier(): (check: SignatureCheck) => boolean {
  let last: { readonly raw: Uint8Array; readonly key: KeyObject } | null = null;
  return ({ key: raw, message, signature }) => {
    try {
      if (last === null || !equalBytes(last.raw, raw)) last = { raw, key: keyFrom(raw) };
      return verify(null, message, last.key, signature);
    } catch {
      return false; // not a key at all
    }
  };
}
