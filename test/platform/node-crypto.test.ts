/** OpenSSL beside the reference: they agree, and what does not agree is not used. */
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { byNoble, primitiveEdgeCases, signatureEdgeCases, type Primitives } from "../../protocol/index.ts";
import { nodePrimitives, nodeVerifier } from "../../src/platform/node-crypto.ts";

const native = nodePrimitives();
const disagreements = (by: Primitives): readonly string[] =>
  primitiveEdgeCases()
    .filter(({ ask, answer }) => ask(by) !== answer)
    .map(({ name }) => name);

test("R2: this Node's own are used, and agree on every edge case", () => {
  expect(native).not.toBe(byNoble);
  expect(disagreements(native)).toEqual([]);
});

test("R3: they agree on hashes, and on seals that fit and that do not", () => {
  const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
  fc.assert(
    fc.property(bytes(32, 32), bytes(24, 24), bytes(0, 300), bytes(0, 700), fc.nat(), (key, nonce, aad, plain, at) => {
      expect(native.sha256(plain)).toEqual(byNoble.sha256(plain));
      const sealed = xchacha20poly1305(key, nonce, aad).encrypt(plain);
      expect(native.open(key, nonce, aad, sealed)).toEqual(plain);
      const bent = sealed.map((byte, index) => (index === at % sealed.length ? byte ^ 64 : byte));
      expect(native.open(key, nonce, aad, bent)).toBeNull();
      expect(native.open(key, nonce, aad, plain)).toEqual(byNoble.open(key, nonce, aad, plain));
    }),
  );
});

test("R2: an opener that does not look at the tag, the binding or the nonce is found out, and so is a wrong hash", () => {
  const lenient = (opens: Primitives["open"]): Primitives => ({ ...byNoble, open: opens });
  expect(disagreements(lenient(() => new Uint8Array(0)))).toContain("cut to 15 bytes");
  expect(disagreements(lenient((key, nonce, _aad, sealed) => byNoble.open(key, nonce, new Uint8Array(149), sealed)))).toContain(
    "bound to 277 bytes",
  );
  const sameNonce: Uint8Array[] = [];
  const forgetful = lenient((key, nonce, aad, sealed) => byNoble.open(key, (sameNonce[0] ??= nonce), aad, sealed));
  expect(disagreements(forgetful)).toEqual(expect.arrayContaining(["byte 0 of the nonce bent", "byte 23 of the nonce bent"]));
  const short = (...parts: readonly Uint8Array[]) => byNoble.sha256(...parts.map((part) => part.subarray(0, 999)));
  expect(disagreements({ ...byNoble, sha256: short })).toEqual(["hash of 1000 bytes"]);
  const first = (...parts: readonly Uint8Array[]) => byNoble.sha256(...parts.slice(0, 1));
  expect(disagreements({ ...byNoble, sha256: first })).toEqual(["hash of parts"]);
});

test("the verifier follows the one rule on every edge case", () => {
  const holdsBy = nodeVerifier();
  expect(signatureEdgeCases().map(({ check }) => holdsBy(check))).toEqual(signatureEdgeCases().map(({ holds }) => holds));
  expect(holdsBy({ key: new Uint8Array(5), message: new Uint8Array(4), signature: new Uint8Array(64) })).toBe(false);
});
