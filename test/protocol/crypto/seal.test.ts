import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes } from "../../../protocol/codec/bytes.ts";
import type { FeedId } from "../../../protocol/crypto/hash.ts";
import {
  BODY_OVERHEAD_BYTES,
  BOX_BYTES,
  HINT_BYTES,
  KEY_ID_SPAN,
  MIN_PADDED_BYTES,
  commitmentOf,
  epochKeyFrom,
  exchangePairFrom,
  keyIdOf,
  openBody,
  openKeyBox,
  paddedLength,
  sealBody,
  sealKeyBox,
} from "../../../protocol/crypto/seal.ts";
import { derive, mac, u32, unhex, xShared, xopen, xseal } from "../../vectors/second-path.ts";

const key = epochKeyFrom(new Uint8Array(32).fill(1));
const other = epochKeyFrom(new Uint8Array(32).fill(2));
const nonce = new Uint8Array(24).fill(3);
const binding = new Uint8Array(117).fill(4);
const text = new TextEncoder().encode("Soup on Thursday?");
const feed = "0b".repeat(32) as FeedId;
const wrongSeal = { ok: false, error: { kind: "wrong-seal" } };
const badPadding = { ok: false, error: { kind: "bad-padding" } };
/** A sealed body with any padded plaintext. */
const sealAnything = (padded: Uint8Array) =>
  concatBytes(nonce, xseal(key.secret, nonce, concatBytes(binding, key.commitment), padded));

describe("K1: one ciphertext, one key, one place", () => {
  const body = sealBody(key, binding, nonce, text);
  test("it is the XChaCha20-Poly1305 of the draft", () => {
    const padded = new Uint8Array(MIN_PADDED_BYTES);
    padded.set([0, 0, 0, text.length, ...text]);
    expect(xopen(key.secret, nonce, concatBytes(binding, key.commitment), body.subarray(24))).toEqual(padded);
    expect(body).toEqual(sealAnything(padded));
  });
  test("it opens under its key, before its header", () =>
    expect(openBody(key, binding, body)).toEqual({ ok: true, value: text }));
  test("another key does not open it", () => expect(openBody(other, binding, body)).toEqual(wrongSeal));
  test("another header does not open it", () => {
    const moved = binding.slice();
    moved[70] = 9;
    expect(openBody(key, moved, body)).toEqual(wrongSeal);
  });
  test("a body that does not name its key's commitment does not open", () => {
    const bare = concatBytes(nonce, xchacha20poly1305(key.secret, nonce, binding).encrypt(new Uint8Array(256)));
    expect(openBody(key, binding, bare)).toEqual(wrongSeal);
    const foreign = concatBytes(binding, other.commitment);
    expect(
      openBody(key, binding, concatBytes(nonce, xchacha20poly1305(key.secret, nonce, foreign).encrypt(new Uint8Array(256)))),
    ).toEqual(wrongSeal);
  });
  test("a flipped bit, a cut and an empty body do not open", () => {
    fc.assert(
      fc.property(fc.nat(body.length * 8 - 1), (bit) => {
        const bent = body.slice();
        bent[bit >> 3]! ^= 1 << (bit & 7);
        expect(openBody(key, binding, bent)).toEqual(wrongSeal);
      }),
    );
    for (let length = 0; length < body.length; length += 9)
      expect(openBody(key, binding, body.subarray(0, length))).toEqual(wrongSeal);
  });
});

describe("K2: key ids", () => {
  test("name one key, feed and span of 256", () => {
    expect(keyIdOf(key, feed, 0)).toBe(
      Buffer.from(mac(key.secret, "key-id", unhex(feed), u32(0)).subarray(0, 16)).toString("hex"),
    );
    expect(keyIdOf(key, feed, KEY_ID_SPAN - 1)).toBe(keyIdOf(key, feed, 0));
    const ids = [
      keyIdOf(key, feed, 0),
      keyIdOf(key, feed, KEY_ID_SPAN),
      keyIdOf(other, feed, 0),
      keyIdOf(key, "0c".repeat(32) as FeedId, 0),
    ];
    expect(new Set(ids).size).toBe(4);
  });
});

describe("K3: padding", () => {
  test("short answers weigh the same", () => {
    expect(new Set([0, 1, 100, 252].map((length) => sealBody(key, binding, nonce, new Uint8Array(length)).length))).toEqual(
      new Set([296]),
    );
  });
  test("Padmé: never less, at most 12 % more, idempotent, monotone, few sizes", () => {
    fc.assert(
      fc.property(fc.integer({ min: MIN_PADDED_BYTES, max: 100_000 }), (length) => {
        const padded = paddedLength(length);
        expect(padded).toBeGreaterThanOrEqual(length);
        expect(padded / length).toBeLessThanOrEqual(1.12);
        expect(paddedLength(padded)).toBe(padded);
        expect(paddedLength(length + 1)).toBeGreaterThanOrEqual(padded);
      }),
    );
    const sizes = new Set(Array.from({ length: 65_536 }, (_, length) => paddedLength(length)));
    expect(sizes.size).toBeLessThan(130);
  });
  test("Padmé of the paper: these lengths become these", () => {
    expect([257, 300, 1_000, 4_097, 65_000].map(paddedLength)).toEqual([272, 304, 1_024, 4_352, 65_536]);
  });
  test("any text comes back", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 3_000 }),
        (plain) => void expect(openBody(key, binding, sealBody(key, binding, nonce, plain))).toEqual({ ok: true, value: plain }),
      ),
      { numRuns: 40 },
    );
  });
  const padded = (length: number, announced: number) => {
    const bytes = new Uint8Array(length);
    bytes.set(u32(announced));
    return bytes;
  };
  test.each([
    ["a length past the end", padded(256, 253)],
    ["the greatest length", padded(256, 0xffff_ffff)],
    ["2^32 - 4", padded(256, 0xffff_fffc)],
    ["more padding than Padmé gives", padded(512, 10)],
    ["less than the smallest size", padded(8, 4)],
    ["nothing at all", new Uint8Array(0)],
    ["three bytes", new Uint8Array(3)],
  ])("%s is bad padding", (_, plain) => expect(openBody(key, binding, sealAnything(plain))).toEqual(badPadding));
  test("a byte hidden in the padding is bad padding", () => {
    const hiding = padded(256, 10);
    hiding[255] = 1;
    expect(openBody(key, binding, sealAnything(hiding))).toEqual(badPadding);
  });
});

describe("K4: boxes", () => {
  const writer = exchangePairFrom(new Uint8Array(32).fill(5));
  const reader = exchangePairFrom(new Uint8Array(32).fill(6));
  const stranger = exchangePairFrom(new Uint8Array(32).fill(7));
  const place = { feed, seq: 3 };
  const box = sealKeyBox(writer.secret, reader.public, place, nonce, key.secret)!;
  const open = (boxes: Uint8Array, at = place, commitment = key.commitment) =>
    openKeyBox(reader.secret, writer.public, at, commitment, boxes);
  test("the reader finds the box among others and adopts the key", () => {
    const forStranger = sealKeyBox(writer.secret, stranger.public, place, nonce, key.secret)!;
    expect(box.length).toBe(BOX_BYTES);
    expect(open(concatBytes(forStranger, box))).toEqual(key);
    expect(open(forStranger)).toBeNull();
  });
  test("the hint is the MAC of the place under the shared secret", () => {
    const shared = xShared(writer.secret, reader.public);
    expect(box.subarray(0, HINT_BYTES)).toEqual(mac(shared, "key-hint", unhex(feed), u32(3)).slice(0, 8));
    const aead = derive(shared, "key-box", unhex(feed), u32(3));
    expect(xopen(aead, nonce, key.commitment, box.subarray(32))).toEqual(key.secret);
  });
  test("a box moved to another envelope or feed is nobody's", () => {
    expect(open(box, { feed, seq: 4 })).toBeNull();
    expect(open(box, { feed: "0c".repeat(32) as FeedId, seq: 3 })).toBeNull();
  });
  test("a key that does not fit the commitment is not adopted", () => {
    expect(open(box, place, other.commitment)).toBeNull();
    // Sealed by a liar: the associated data is the announced commitment, the key inside another's.
    const shared = xShared(writer.secret, reader.public);
    const aead = derive(shared, "key-box", unhex(feed), u32(3));
    const lie = concatBytes(box.subarray(0, HINT_BYTES), nonce, xseal(aead, nonce, key.commitment, other.secret));
    expect(open(lie)).toBeNull();
    expect(commitmentOf(other.secret)).not.toEqual(key.commitment);
  });
  test("a box that was tampered with, and one by accident of the hint, do not hide the true one", () => {
    const bent = box.slice();
    bent[BOX_BYTES - 1]! ^= 1;
    expect(open(bent)).toBeNull();
    expect(open(concatBytes(bent, box))).toEqual(key);
  });
  test("a key of small order shares no secret: no box, and none is opened", () => {
    expect(sealKeyBox(writer.secret, new Uint8Array(32), place, nonce, key.secret)).toBeNull();
    expect(openKeyBox(reader.secret, new Uint8Array(32), place, key.commitment, box)).toBeNull();
  });
  test("whatever the boxes are, opening them does not throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (boxes) => void expect(open(boxes)).toBeNull()),
      { numRuns: 30 },
    );
  });
});

test("what is derived from an epoch key is told apart, and a body needs no less than its overhead", () => {
  expect(new Set([key.secret, key.commitment, key.relaySeed, key.helloKey].map(String)).size).toBe(4);
  expect(BODY_OVERHEAD_BYTES).toBe(40);
});
