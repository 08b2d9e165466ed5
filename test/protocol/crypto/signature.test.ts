import { Point } from "@noble/ed25519";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  checkSignature,
  isAdmissibleKey,
  publicKeyOf,
  signMessage,
  signatureEdgeCases,
} from "../../../protocol/crypto/signature.ts";
import { verifyWithNode } from "../../verify-with-node.ts";

const seed = new Uint8Array(32).fill(1);
const key = publicKeyOf(seed);
const message = new Uint8Array([1, 2]);
const signature = signMessage(seed, message);
const SMALL_ORDER = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
];
const unhex = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));

test("an honest signature holds, and a message more or less does not", () => {
  expect(checkSignature({ key, message, signature })).toBe(true);
  expect(checkSignature({ key, message: new Uint8Array([1]), signature })).toBe(false);
  expect(checkSignature({ key: publicKeyOf(new Uint8Array(32).fill(2)), message, signature })).toBe(false);
});

describe("G1", () => {
  test.each([0, 63, 65, 128])("a signature of %i bytes does not hold", (length) => {
    const other = new Uint8Array(length);
    other.set(signature.subarray(0, length));
    expect(checkSignature({ key, message, signature: other })).toBe(false);
  });
  test("S of the group order or more does not hold", () => {
    const edge = signatureEdgeCases().find(({ name }) => name.startsWith("S plus"));
    expect(edge && checkSignature(edge.check)).toBe(false);
  });
});

test("G2: what multiplies faster admits the very keys that the reference admits", () => {
  const torsions = SMALL_ORDER.map((hex) => Point.fromHex(hex, true));
  const keys = fc.oneof(
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc
      .tuple(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.constantFrom(...torsions))
      .map(([secret, torsion]) => Point.fromBytes(publicKeyOf(secret)).add(torsion).toBytes()),
  );
  const admits = (raw: Uint8Array): boolean => {
    try {
      const point = Point.fromBytes(raw, false);
      return !point.isSmallOrder() && point.isTorsionFree();
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(keys, (raw) => void expect(isAdmissibleKey(raw)).toBe(admits(raw))),
    { numRuns: 60 },
  );
});

describe("G2: a key is admitted", () => {
  test("when it is a device's own", () => expect(isAdmissibleKey(key)).toBe(true));
  test.each(SMALL_ORDER)("but not of small order: %s", (hex) => expect(isAdmissibleKey(unhex(hex))).toBe(false));
  test("but not with a part of small order", () => {
    for (const torsion of SMALL_ORDER.slice(1)) {
      const bent = Point.fromBytes(key).add(Point.fromHex(torsion, true)).toBytes();
      expect(isAdmissibleKey(bent)).toBe(false);
    }
  });
  test("but not when y is p or more", () => {
    expect(isAdmissibleKey(unhex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"))).toBe(false);
    expect(isAdmissibleKey(unhex("f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"))).toBe(false);
  });
  test("but not off the curve, nor with another length", () => {
    expect(isAdmissibleKey(unhex(`02${"00".repeat(31)}`))).toBe(false);
    for (const length of [0, 31, 33]) expect(isAdmissibleKey(new Uint8Array(length))).toBe(false);
  });
});

test("G3: each edge case, R with a part of small order among them, has its verdict", () => {
  const cases = signatureEdgeCases();
  expect(cases.length).toBeGreaterThanOrEqual(7);
  for (const { name, check, holds } of cases) expect([name, checkSignature(check)]).toEqual([name, holds]);
});

test("G4: OpenSSL agrees on every edge case under an admitted key", () => {
  for (const { name, check, holds } of signatureEdgeCases()) expect([name, verifyWithNode(check)]).toEqual([name, holds]);
});

test("one flipped bit anywhere and it does not hold", () => {
  fc.assert(
    fc.property(fc.nat(511), (bit) => {
      const bent = signature.slice();
      bent[bit >> 3]! ^= 1 << (bit & 7);
      expect(checkSignature({ key, message, signature: bent })).toBe(false);
      expect(verifyWithNode({ key, message, signature: bent })).toBe(false);
    }),
    { numRuns: 60 },
  );
});

test("no key, message or signature makes a check throw", () => {
  const odd = fc.oneof(
    fc.uint8Array({ maxLength: 66 }),
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.constantFrom(...SMALL_ORDER.map(unhex)),
  );
  fc.assert(
    fc.property(odd, fc.uint8Array({ minLength: 64, maxLength: 64 }), fc.boolean(), (oddKey, oddSignature, low) => {
      if (low) oddSignature.fill(0, 50);
      expect([true, false]).toContain(checkSignature({ key: oddKey, message, signature: oddSignature }));
      expect([true, false]).toContain(isAdmissibleKey(oddKey));
    }),
    { numRuns: 60 },
  );
});
