/**
 * A second path to the bytes on the wire, that shares no code with protocol/: hashes, MACs and curves by
 * OpenSSL (node:crypto), CBOR and XChaCha20 written here from RFC 8949 and draft-irtf-cfrg-xchacha-03.
 */
import {
  createCipheriv, createDecipheriv, createHash, createHmac, createPrivateKey, createPublicKey, diffieHellman, hkdfSync, sign, verify,
} from "node:crypto";

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
export const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
export const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const domain = (name: string): Uint8Array => new TextEncoder().encode(`kith/1/${name}\0`);

export const hash = (name: string, ...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(createHash("sha256").update(join(domain(name), ...parts)).digest());
export const mac = (key: Uint8Array, name: string, ...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(createHmac("sha256", key).update(join(domain(name), ...parts)).digest());
export const derive = (secret: Uint8Array, name: string, ...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(0), join(domain(name), ...parts), 32));

const ED_SEED = unhex("302e020100300506032b657004220420");
const ED_PUBLIC = unhex("302a300506032b6570032100");
const X_SECRET = unhex("302e020100300506032b656e04220420");
const X_PUBLIC = unhex("302a300506032b656e032100");
const privateKey = (head: Uint8Array, raw: Uint8Array) =>
  createPrivateKey({ key: Buffer.from(join(head, raw)), format: "der", type: "pkcs8" });
const publicKey = (head: Uint8Array, raw: Uint8Array) =>
  createPublicKey({ key: Buffer.from(join(head, raw)), format: "der", type: "spki" });
const rawPublic = (head: Uint8Array, secret: Uint8Array): Uint8Array =>
  new Uint8Array(createPublicKey(privateKey(head, secret)).export({ format: "der", type: "spki" }).subarray(12));

export const edPublic = (seed: Uint8Array): Uint8Array => rawPublic(ED_SEED, seed);
export const edSign = (seed: Uint8Array, name: string, ...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(sign(null, join(domain(name), ...parts), privateKey(ED_SEED, seed)));
export const edVerify = (key: Uint8Array, signature: Uint8Array, name: string, ...parts: readonly Uint8Array[]): boolean =>
  verify(null, join(domain(name), ...parts), publicKey(ED_PUBLIC, key), signature);
export const xPublic = (secret: Uint8Array): Uint8Array => rawPublic(X_SECRET, secret);
export const xShared = (secret: Uint8Array, other: Uint8Array): Uint8Array =>
  new Uint8Array(diffieHellman({ privateKey: privateKey(X_SECRET, secret), publicKey: publicKey(X_PUBLIC, other) }));

const rotate = (value: number, by: number): number => ((value << by) | (value >>> (32 - by))) >>> 0;

/** draft-irtf-cfrg-xchacha-03, 2.2: the ChaCha20 rounds without the final addition. */
export function hchacha20(key: Uint8Array, nonce16: Uint8Array): Uint8Array {
  const words = (bytes: Uint8Array): number[] =>
    Array.from({ length: bytes.length / 4 }, (_, i) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(4 * i, true));
  const state = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, ...words(key.slice()), ...words(nonce16.slice())];
  const at = (i: number): number => state[i] ?? 0;
  const mix = (a: number, b: number, c: number, d: number): void => {
    state[a] = (at(a) + at(b)) >>> 0; state[d] = rotate(at(d) ^ at(a), 16);
    state[c] = (at(c) + at(d)) >>> 0; state[b] = rotate(at(b) ^ at(c), 12);
    state[a] = (at(a) + at(b)) >>> 0; state[d] = rotate(at(d) ^ at(a), 8);
    state[c] = (at(c) + at(d)) >>> 0; state[b] = rotate(at(b) ^ at(c), 7);
  };
  for (let round = 0; round < 10; round += 1) {
    mix(0, 4, 8, 12); mix(1, 5, 9, 13); mix(2, 6, 10, 14); mix(3, 7, 11, 15);
    mix(0, 5, 10, 15); mix(1, 6, 11, 12); mix(2, 7, 8, 13); mix(3, 4, 9, 14);
  }
  const out = new DataView(new ArrayBuffer(32));
  [...state.slice(0, 4), ...state.slice(12)].forEach((word, i) => out.setUint32(4 * i, word, true));
  return new Uint8Array(out.buffer);
}

const inner = (key: Uint8Array, nonce: Uint8Array) =>
  ["chacha20-poly1305", hchacha20(key, nonce.subarray(0, 16)), join(new Uint8Array(4), nonce.subarray(16))] as const;

export function xseal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv(...inner(key, nonce), { authTagLength: 16 });
  cipher.setAAD(aad, { plaintextLength: plaintext.length });
  return join(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
}
/** Throws when the tag does not fit. */
export function xopen(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array {
  const cipher = createDecipheriv(...inner(key, nonce), { authTagLength: 16 });
  cipher.setAAD(aad, { plaintextLength: sealed.length - 16 });
  cipher.setAuthTag(sealed.subarray(-16));
  return join(cipher.update(sealed.subarray(0, -16)), cipher.final());
}

export type Plain = number | string | boolean | null | Uint8Array | readonly Plain[] | ReadonlyMap<string, Plain>;

/** RFC 8949, 4.2.1, for the values of V1. */
export function encodeByHand(value: Plain): Uint8Array {
  if (value === null) return new Uint8Array([0xf6]);
  if (typeof value === "boolean") return new Uint8Array([value ? 0xf5 : 0xf4]);
  if (typeof value === "number") return value < 0 ? head(1, BigInt(-1) - BigInt(value)) : head(0, BigInt(value));
  if (typeof value === "string") {
    const utf8 = new TextEncoder().encode(value);
    return join(head(3, BigInt(utf8.length)), utf8);
  }
  if (value instanceof Uint8Array) return join(head(2, BigInt(value.length)), value);
  if (value instanceof Map) {
    const pairs = [...(value as ReadonlyMap<string, Plain>)].map(([key, item]) => [encodeByHand(key), encodeByHand(item)] as const);
    pairs.sort(([left], [right]) => Buffer.compare(left, right));
    return join(head(5, BigInt(pairs.length)), ...pairs.flat());
  }
  const items = value as readonly Plain[];
  return join(head(4, BigInt(items.length)), ...items.map(encodeByHand));
}

function head(major: number, argument: bigint): Uint8Array {
  const bytes = Buffer.alloc(9);
  bytes.writeBigUInt64BE(argument, 1);
  const width = argument < 24n ? 0 : argument < 256n ? 1 : argument < 65_536n ? 2 : argument < 4_294_967_296n ? 4 : 8;
  const low = width === 0 ? Number(argument) : { 1: 24, 2: 25, 4: 26, 8: 27 }[width];
  return join(new Uint8Array([(major << 5) | low]), bytes.subarray(9 - width));
}

export const u32 = (value: number): Uint8Array => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return new Uint8Array(bytes);
};

/** K3 in other words: keep as many top bits of the length as the number of bits of its exponent, plus one. */
export function padByHand(plaintext: Uint8Array): Uint8Array {
  const whole = join(u32(plaintext.length), plaintext);
  if (whole.length <= 256) return join(whole, new Uint8Array(256 - whole.length));
  const bits = whole.length.toString(2);
  const kept = (bits.length - 1).toString(2).length + 1;
  const step = 2 ** (bits.length - kept);
  return join(whole, new Uint8Array((step - (whole.length % step)) % step));
}
