/**
 * Keys of a browser's node, made without a table. The reference library makes one of the curve's base point before its first
 * key: 200 ms of a page's start in a browser that has compiled nothing yet, for the three keys that a page makes.
 */
import { pureJsCrypto, type ICryptoInterface } from "@chainsafe/libp2p-noise";
import { privateKeyFromRaw } from "@libp2p/crypto/keys";
import type { PrivateKey } from "@libp2p/interface";
import { x25519 } from "@noble/curves/ed25519.js";
import { base64urlnopad } from "@scure/base";
import { concatBytes } from "../../protocol/index.ts";

const keyPair = (privateKey: Uint8Array) => ({
  privateKey,
  // The ladder that the shared secret takes anyway; the base point is the number 9 (RFC 7748, 6.1).
  publicKey: x25519.scalarMult(privateKey, x25519.GuBytes),
});

/** The library's own but for how its two kinds of key pairs come to be: the same pairs (`test/net/browser-keys.test.ts`). */
export const noiseCrypto: ICryptoInterface = {
  ...pureJsCrypto,
  generateX25519KeyPair: () => keyPair(x25519.utils.randomSecretKey()),
  generateX25519KeyPairFromSeed: keyPair,
};

/** A fresh Ed25519 key by the browser itself; undefined where it makes none (plain http, older browsers): libp2p makes its own then. */
export async function freshKey(subtle: SubtleCrypto | undefined = globalThis.crypto.subtle): Promise<PrivateKey | undefined> {
  try {
    // In the list of web standards since 2025; a browser without it throws.
    const pair = (await subtle?.generateKey({ name: "Ed25519" }, true, ["sign"])) as CryptoKeyPair | undefined;
    const jwk = pair && (await subtle?.exportKey("jwk", pair.privateKey));
    if (jwk?.d === undefined || jwk.x === undefined) return undefined;
    return privateKeyFromRaw(concatBytes(base64urlnopad.decode(jwk.d), base64urlnopad.decode(jwk.x)));
  } catch {
    return undefined;
  }
}
