/**
 * Signature: one rule, on every path, or replicas split (SECURITY.md 0.1).
 *
 *   G1  The signature is 64 bytes; S < L.
 *   G2  The key is canonical, on the curve, torsion-free and not small-order. That is costly and
 *       checked once, when a key is admitted (`isAdmissibleKey`); `checkSignature` relies on it.
 *   G3  The cofactorless equation holds byte for byte: encode(S·B − k·A) = R. So R is canonical and,
 *       A being of prime order, torsion-free.
 *   G4  A faster verifier (WebCrypto) may replace `checkSignature` only where it agrees with it on
 *       `signatureEdgeCases()`.
 *
 * Nothing here waits: a check is data, and whoever has a faster way carries it out.
 * Source: RFC 8032 5.1; Chalkias et al., "Taming the many EdDSAs". Vectors: test/vectors/signature.json.
 */
import { Point, getPublicKey, hashes, sign } from "@noble/ed25519";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, equalBytes } from "../codec/bytes.ts";

hashes.sha512 = sha512;

export const SIGNATURE_BYTES = 64;
export const PUBLIC_KEY_BYTES = 32;

/** A question whose answer is yes or no, for whoever verifies fastest. */
export interface SignatureCheck {
  readonly key: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** `seed` is the 32-byte secret key of RFC 8032. */
export const signMessage = (seed: Uint8Array, message: Uint8Array): Uint8Array => sign(message, seed);
export const publicKeyOf = (seed: Uint8Array): Uint8Array => getPublicKey(seed);

/**
 * G2. About 0.5 ms. By `@noble/curves`, whose multiplication of a point that is no secret takes half the time of
 * `@noble/ed25519`'s; both are strict, and a test holds the one against the other.
 */
export function isAdmissibleKey(key: Uint8Array): boolean {
  if (key.length !== PUBLIC_KEY_BYTES) return false;
  try {
    const point = ed25519.Point.fromBytes(key, false); // strict: refuses y ≥ p
    return !point.isSmallOrder() && point.isTorsionFree();
  } catch {
    return false; // not on the curve, or not canonical
  }
}

/** The reference verifier: G1 and G3, for an admitted key. About 1 ms. */
export function checkSignature({ key, message, signature }: SignatureCheck): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false; // G1
  const scalar = littleEndian(signature.subarray(32));
  if (scalar >= ORDER) return false; // G1
  const point = decodePoint(key);
  if (point === null) return false;
  const announced = signature.subarray(0, 32);
  const challenge = littleEndian(sha512(concatBytes(announced, key, message))) % ORDER;
  const left = scalar === 0n ? Point.ZERO : Point.BASE.multiply(scalar, false);
  const right = challenge === 0n ? Point.ZERO : point.multiply(challenge, false);
  return equalBytes(left.add(right.negate()).toBytes(), announced); // G3
}

const ORDER = Point.CURVE().n;

function decodePoint(bytes: Uint8Array): Point | null {
  try {
    return Point.fromBytes(bytes, false); // strict: refuses y ≥ p
  } catch {
    return null; // not on the curve, or not canonical
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i -= 1) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return value;
}

function toLittleEndian(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32);
  for (let i = 0, rest = value; i < 32; i += 1, rest >>= 8n) bytes[i] = Number(rest & 255n);
  return bytes;
}

/** A check and what our rule says of it. */
export interface EdgeCase {
  readonly name: string;
  readonly check: SignatureCheck;
  readonly holds: boolean;
}

/** Where correct-looking verifiers disagree, under an admitted key. Costs about 10 ms; run once at a start (G4). */
export function signatureEdgeCases(): readonly EdgeCase[] {
  const seed = new Uint8Array(32).fill(7);
  const key = publicKeyOf(seed);
  const message = new Uint8Array([107, 105, 116, 104]);
  const honest = signMessage(seed, message);
  const half = (from: number): Uint8Array => honest.slice(from, from + 32);
  const scalar = littleEndian(half(32));
  const cases: EdgeCase[] = [
    { name: "an honest signature", check: { key, message, signature: honest }, holds: true },
    {
      name: "another message",
      check: { key, message: new Uint8Array([0, ...message]), signature: honest },
      holds: false,
    },
    {
      name: "S plus the group order",
      check: { key, message, signature: concatBytes(half(0), toLittleEndian(scalar + ORDER)) },
      holds: false,
    },
    {
      name: "S zero, R the identity",
      check: { key, message, signature: concatBytes(Point.ZERO.toBytes(), new Uint8Array(32)) },
      holds: false,
    },
  ];
  const secret = littleEndian(clamped(seed));
  for (const [index, torsion] of SMALL_ORDER.entries()) {
    // R carries a small-order part: the cofactored equation holds, ours does not.
    const r = Point.BASE.multiply(BigInt(1_000 + index));
    const bent = r.add(Point.fromHex(torsion, true)).toBytes();
    const challenge = littleEndian(sha512(concatBytes(bent, key, message))) % ORDER;
    const s = (BigInt(1_000 + index) + challenge * secret) % ORDER;
    const signature = concatBytes(bent, toLittleEndian(s));
    cases.push({ name: `R with a part of small order, ${index}`, check: { key, message, signature }, holds: false });
  }
  return cases;
}

function clamped(seed: Uint8Array): Uint8Array {
  const hashed = sha512(seed).slice(0, 32);
  hashed[0] = (hashed[0] ?? 0) & 248;
  hashed[31] = ((hashed[31] ?? 0) & 127) | 64;
  return hashed;
}

/** Points of order 2, 4 and 8 (RFC 8032 encoding). */
const SMALL_ORDER = [
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
] as const;
