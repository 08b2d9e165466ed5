/**
 * Primitives: the two operations that catching up is made of, each once for every envelope, as parameters. A platform that has them
 * built in may hand in its own.
 *
 *   R1  `byNoble` is the reference, and what is used where nothing else is named.
 *   R2  Another may stand in only where it agrees with the reference on all of `primitiveEdgeCases()`.
 *   R3  Total: a seal that does not fit is null, whatever its bytes.
 */
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "../codec/bytes.ts";

export interface Primitives {
  /** Of the parts one behind the other. */
  readonly sha256: (...parts: readonly Uint8Array[]) => Uint8Array;
  /** XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03): key 32, nonce 24, ciphertext with its tag of 16 at the end. */
  readonly open: (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array) => Uint8Array | null;
}

const TAG_BYTES = 16;

export const byNoble: Primitives = {
  sha256: (...parts) => {
    const hash = sha256.create();
    for (const part of parts) hash.update(part);
    return hash.digest();
  },
  open: (key, nonce, aad, sealed) => {
    if (sealed.length < TAG_BYTES) return null;
    try {
      return xchacha20poly1305(key, nonce, aad).decrypt(sealed);
    } catch {
      return null; // the library throws when the tag does not fit
    }
  },
};

/** What the reference answers to a question, in hex; null where a seal does not open. */
export interface PrimitiveEdgeCase {
  readonly name: string;
  readonly ask: (by: Primitives) => string | null;
  readonly answer: string | null;
}

/** Lengths around the blocks of hash, stream and authenticator; seals bent in every part. Run once at a start (R2). */
export function primitiveEdgeCases(): readonly PrimitiveEdgeCase[] {
  const lengths = [0, 1, 15, 16, 17, 55, 56, 63, 64, 65, 127, 128, 256, 1_000];
  const fill = (length: number, from: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (from + index * 7) & 255);
  const [key, nonce, aad] = [fill(32, 1), fill(24, 2), fill(149, 3)];
  const asked = (name: string, ask: PrimitiveEdgeCase["ask"]): PrimitiveEdgeCase => ({ name, ask, answer: ask(byNoble) });
  const opening = (name: string, sealed: Uint8Array, by = key, under = nonce, bound = aad): PrimitiveEdgeCase =>
    asked(name, ({ open }) => {
      const opened = open(by, under, bound, sealed);
      return opened === null ? null : bytesToHex(opened);
    });
  const seal = (length: number, bound = aad): Uint8Array => xchacha20poly1305(key, nonce, bound).encrypt(fill(length, 4));
  const bent = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
  const whole = seal(300);
  return [
    ...lengths.map((length) => asked(`hash of ${length} bytes`, (by) => bytesToHex(by.sha256(fill(length, 0))))),
    asked("hash of parts", (by) => bytesToHex(by.sha256(fill(20, 1), fill(0, 0), fill(300, 2)))),
    ...lengths.map((length) => opening(`a seal over ${length} bytes`, seal(length))),
    ...[0, 1, 16, 117, 277].map((length) =>
      opening(`bound to ${length} bytes`, seal(40, fill(length, 5)), key, nonce, fill(length, 5)),
    ),
    ...[0, 150, 299, 300, 315].map((at) => opening(`byte ${at} bent`, bent(whole, at))),
    ...[0, 15, 16, 17, 315].map((length) => opening(`cut to ${length} bytes`, whole.slice(0, length))),
    opening("bound to something else", whole, key, nonce, bent(aad, 148)),
    opening("another key", whole, bent(key, 31)),
    ...[0, 15, 16, 23].map((at) => opening(`byte ${at} of the nonce bent`, whole, key, bent(nonce, at))),
    opening("a view into more bytes", new Uint8Array([9, 9, ...whole, 9]).subarray(2, 2 + whole.length)),
  ];
}
