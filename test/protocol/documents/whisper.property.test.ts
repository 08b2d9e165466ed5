/** Laws of the whisper, for all that can be said and for all bytes that can arrive; and its pace. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FeedId, Tag } from "../../../protocol/crypto/hash.ts";
import { epochKeyFrom } from "../../../protocol/crypto/seal.ts";
import { publicKeyOf } from "../../../protocol/crypto/signature.ts";
import {
  MAX_WHISPER_BYTES,
  NEW_PACE,
  decodeWhisper,
  encodeWhisper,
  hasRest,
  parseWhisper,
  readWhisper,
  takeWhisper,
  whisperCheck,
  writeWhisper,
  type Whisper,
  type WhisperPace,
} from "../../../protocol/documents/whisper.ts";
import type { Millis } from "../../../protocol/lang/brand.ts";
import { verifyWithNode } from "../../verify-with-node.ts";

const tag = "0a".repeat(32) as Tag;
const feed = "0b".repeat(32) as FeedId;
const deviceSeed = new Uint8Array(32).fill(3);
const deviceKey = publicKeyOf(deviceSeed);
const epoch = epochKeyFrom(new Uint8Array(32).fill(4));
const nonce = new Uint8Array(24).fill(5);
const write = (whisper: Whisper): Uint8Array => writeWhisper({ tag, feed, deviceSeed, epoch }, nonce, whisper);

const text = (minLength: number, maxLength: number) =>
  fc.string({ unit: "binary", minLength, maxLength }).filter(({ length }) => length >= minLength && length <= maxLength);
const whole = fc.maxSafeNat();
const item = fc.option(fc.record({ client: whole, clock: whole }));
const spot = fc.record({ area: text(1, 64), text: item, after: item });
const common = { doc: text(1, 128), n: whole };
const whispers: fc.Arbitrary<Whisper> = fc.oneof(
  fc.record({ kind: fc.constant("here" as const), ...common, spot, words: text(0, 1_000) }),
  fc.record({ kind: fc.constant("here" as const), ...common, spot: fc.constant(null), words: fc.constant("") }),
  fc.record({ kind: fc.constant("gone" as const), ...common }),
);

test("what is said is what is heard, and fits", () => {
  fc.assert(
    fc.property(whispers, (whisper) => {
      const bytes = write(whisper);
      expect(bytes.length).toBeLessThanOrEqual(MAX_WHISPER_BYTES); // Q1
      const parsed = parseWhisper(bytes);
      if (!parsed.ok) throw new Error(parsed.error.kind);
      expect(parsed.value.feed).toBe(feed);
      expect(verifyWithNode(whisperCheck(tag, parsed.value, deviceKey))).toBe(true);
      expect(readWhisper(tag, parsed.value, epoch)).toEqual({ ok: true, value: whisper });
    }),
    { numRuns: 60 },
  );
});

test("whatever byte is bent, the signature does not hold: nobody is told a changed whisper", () => {
  const bytes = write({ kind: "here", doc: "charter", n: 1, spot: null, words: "" });
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const bent = bytes.slice();
      bent[at]! ^= flip;
      const parsed = parseWhisper(bent);
      expect(parsed.ok && verifyWithNode(whisperCheck(tag, parsed.value, deviceKey))).toBe(false);
      const isSealBent = at < bytes.length - 64;
      if (isSealBent) expect(parsed.ok && readWhisper(tag, parsed.value, epoch).ok).toBe(false);
    }),
    { numRuns: 150 },
  );
});

test("Q2: it is signed for its community and its feed", () => {
  const parsed = parseWhisper(write({ kind: "gone", doc: "charter", n: 1 }));
  if (!parsed.ok) throw new Error(parsed.error.kind);
  expect(verifyWithNode(whisperCheck("0c".repeat(32) as Tag, parsed.value, deviceKey))).toBe(false);
  expect(verifyWithNode(whisperCheck(tag, { ...parsed.value, feed: "0d".repeat(32) as FeedId }, deviceKey))).toBe(false);
});

test("no bytes make it throw, and what is taken comes back as it was", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4_200 }), (bytes) => {
      const parsed = parseWhisper(bytes);
      expect(parsed.ok).toBe(bytes.length >= 392 && bytes.length <= 4_096);
      if (parsed.ok) expect(readWhisper(tag, parsed.value, epoch).ok).toBe(false);
      const said = decodeWhisper(bytes);
      if (said.ok) expect(encodeWhisper(said.value)).toEqual(bytes);
    }),
  );
});

describe("the pace", () => {
  const at = (millis: number): Millis => millis as Millis;
  /** How many of these are taken, in turn. */
  const taken = (times: readonly number[]): number => {
    let [pace, count] = [NEW_PACE, 0];
    for (const [n, time] of times.entries()) {
      const next = takeWhisper(pace, n, at(time));
      if (next.ok) [pace, count] = [next.value, count + 1];
    }
    return count;
  };

  test("Q4: ten at once, then one each tenth of a second, however many come", () => {
    expect(taken(Array<number>(50).fill(1_000))).toBe(10);
    expect(taken(Array.from({ length: 1_000 }, (_, ms) => 5_000 + ms))).toBe(10 + 9);
    expect(taken(Array.from({ length: 80 }, (_, i) => i * 125))).toBe(80);
  });
  test("Q4: whatever the times are, no more than ten a second in the long run", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3_000), { maxLength: 200 }), (times) => {
        expect(taken([...times].sort((a, b) => a - b))).toBeLessThanOrEqual(10 + 30);
      }),
    );
  });
  test("Q4: a clock that is set back silences nobody", () => {
    let pace: WhisperPace = NEW_PACE;
    for (let n = 0; n < 10; n += 1) {
      const next = takeWhisper(pace, n, at(1_000_000));
      if (next.ok) pace = next.value;
    }
    expect(hasRest(pace, at(1_000_000))).toBe(false);
    expect(hasRest(pace, at(5))).toBe(true);
  });
  test("Q5: what was heard before, or was overtaken, is stale, and takes no rest", () => {
    const first = takeWhisper(NEW_PACE, 7, at(1_000));
    if (!first.ok) throw new Error(first.error.kind);
    for (const n of [7, 6, 0]) expect(takeWhisper(first.value, n, at(1_000))).toEqual({ ok: false, error: { kind: "stale" } });
    expect(takeWhisper(first.value, 8, at(1_000))).toEqual({ ok: true, value: { n: 8, rest: 800, at: 1_000 } });
  });
  test("Q5: where `n` cannot be read, the last one stays", () => {
    const first = takeWhisper({ n: 7, rest: 1_000, at: at(0) }, null, at(0));
    expect(first).toEqual({ ok: true, value: { n: 7, rest: 900, at: 0 } });
  });
});
