/** Keys made without a table are the keys that the libraries make, and each goes back to the library where the browser has none. */
import { pureJsCrypto } from "@chainsafe/libp2p-noise";
import { ed25519 } from "@noble/curves/ed25519.js";
import { expect, test } from "vitest";
import fc from "fast-check";
import { freshKey, noiseCrypto } from "../../src/net/browser-keys.ts";

test("a pair of a seed is the pair that the library makes of it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
      const [ours, theirs] = [noiseCrypto.generateX25519KeyPairFromSeed(seed), pureJsCrypto.generateX25519KeyPairFromSeed(seed)];
      expect(ours).toEqual(theirs);
    }),
    { numRuns: 20 },
  );
});

test("fresh pairs differ, and two of them share a secret", () => {
  const [ana, bo] = [noiseCrypto.generateX25519KeyPair(), noiseCrypto.generateX25519KeyPair()];
  expect(ana.privateKey).not.toEqual(bo.privateKey);
  expect(noiseCrypto.generateX25519SharedKey(ana.privateKey, bo.publicKey)).toEqual(
    noiseCrypto.generateX25519SharedKey(bo.privateKey, ana.publicKey),
  );
});

test("a fresh key signs what the reference verifies, and is another each time", async () => {
  const [one, other] = [await freshKey(), await freshKey()];
  if (one === undefined || other === undefined) throw new Error("Node makes Ed25519 keys");
  const words = Uint8Array.of(1, 2, 3);
  expect(ed25519.verify(await one.sign(words), words, one.publicKey.raw)).toBe(true);
  expect(ed25519.getPublicKey(one.raw.subarray(0, 32))).toEqual(one.publicKey.raw);
  expect(one.equals(other)).toBe(false);
});

test("where the browser makes none, nothing is made", async () => {
  const without = { generateKey: () => Promise.reject(new DOMException("unknown", "NotSupportedError")) };
  expect(await freshKey(without as unknown as SubtleCrypto)).toBeUndefined();
});
