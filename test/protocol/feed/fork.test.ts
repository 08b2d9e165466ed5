import { beforeAll, describe, expect, test } from "vitest";
import { concatBytes, u32ToBytes } from "../../../protocol/codec/bytes.ts";
import { checkSignature } from "../../../protocol/crypto/signature.ts";
import { chunkOf, encodeChunk, stripChunk, type Chunk } from "../../../protocol/feed/chunk.ts";
import {
  MAX_PROOF_BYTES,
  createForkProof,
  encodeForkProof,
  parseForkProof,
  proofChecks,
  type ForkProof,
} from "../../../protocol/feed/fork.ts";
import { cut, forkedAt, storyOf, whole, type Story } from "./feed.fixtures.ts";

let story: Story;
let one: Chunk;
let other: Chunk;
let proof: ForkProof;
let deviceKey: Uint8Array;
let random: Uint8Array;
beforeAll(() => {
  story = storyOf(1, 5);
  ({ deviceKey, random } = story.envelopes[0]!.birth!);
  one = cut(story, whole(story.envelopes), 3);
  other = whole(forkedAt(story, 3, 2));
  proof = make(one, other);
});
function make(left: Chunk, right: Chunk): ForkProof {
  const made = createForkProof(story.group.tag, deviceKey, random, left, right);
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return made.value;
}
const parse = (bytes: Uint8Array) => parseForkProof(story.group.tag, bytes);
const byHand = (left: Uint8Array, right: Uint8Array) =>
  concatBytes(new Uint8Array([1]), deviceKey, random, u32ToBytes(left.length), left, right);
const because = (bytes: Uint8Array) => {
  const result = parse(bytes);
  return result.ok ? "accepted" : "because" in result.error ? result.error.because : result.error.kind;
};
const bare = (chunk: Chunk) => encodeChunk(stripChunk(chunk, false));

describe("F1: of one feed, at one seq, behind one prev", () => {
  test("a proof names its feed and the first seq with two envelopes", () => {
    expect([proof.feed, proof.seq]).toEqual([story.envelopes[0]!.feed, 3]);
  });
  test("chunks from different places are none", () => {
    expect(because(byHand(bare(one), bare(chunkOf(story.envelopes[4]!))))).toBe("anchor");
    const later = { ...other, prev: story.envelopes[0]!.id };
    expect(because(byHand(bare(one), bare(later)))).toBe("anchor");
  });
  test("a chunk of another feed is none", () => {
    expect(because(byHand(bare({ ...one, feed: story.group.tag as unknown as typeof one.feed }), bare(other)))).toBe("feed");
  });
  test("a device that does not name the feed is none", () => {
    const bytes = encodeForkProof(proof);
    for (const at of [1, 33]) {
      const bent = bytes.slice();
      bent[at]! ^= 1;
      expect(because(bent)).toBe("feed");
    }
  });
  test("a fork at birth is one too", () => {
    const twins = forkedAt(story, 0, 1);
    const atBirth = make(whole(story.envelopes), chunkOf(twins[0]!));
    expect(atBirth.seq).toBe(0);
    expect(parse(encodeForkProof(atBirth))).toEqual({ ok: true, value: atBirth });
  });
});

describe("F2: one encoding", () => {
  test("what is parsed and written again is the same, whichever story came first", () => {
    expect(make(other, one)).toEqual(proof);
    expect(parse(encodeForkProof(proof))).toEqual({ ok: true, value: proof });
  });
  test("the stories in the other order are refused", () => {
    expect(because(byHand(encodeChunk(proof.right), encodeChunk(proof.left)))).toBe("order");
    expect(because(byHand(encodeChunk(proof.left), encodeChunk(proof.right)))).toBe("accepted");
  });
  test("one story twice is no fork, nor is a story and its own beginning", () => {
    expect(because(byHand(bare(one), bare(one)))).toBe("same");
    expect(because(byHand(bare(one), bare(chunkOf(story.envelopes[3]!))))).toBe("same");
  });
  test("bodies are left out", () => expect(because(byHand(encodeChunk(one), encodeChunk(other)))).toBe("bodies"));
  test("every cut is refused, and a byte behind it", () => {
    const bytes = encodeForkProof(proof);
    for (let length = 0; length < bytes.length; length += 1) expect(because(bytes.subarray(0, length))).not.toBe("accepted");
    expect(because(concatBytes(bytes, new Uint8Array(1)))).toBe("malformed");
  });
  test("a length past the end, another version and a proof past its size are refused", () => {
    const bomb = encodeForkProof(proof);
    bomb.set(u32ToBytes(0xffff_ffff), 65);
    expect(because(bomb)).toBe("cut-short");
    expect(because(new Uint8Array([2, ...bomb.subarray(1)]))).toBe("newer-proof");
    expect(because(new Uint8Array(MAX_PROOF_BYTES + 1))).toBe("too-large");
  });
});

describe("F3: both tails are signed by the device", () => {
  test("an honest proof's checks hold", () => {
    const checks = proofChecks(story.group.tag, proof);
    expect(checks.map(({ key }) => key)).toEqual([deviceKey, deviceKey]);
    expect(checks.map(checkSignature)).toEqual([true, true]);
  });
  test("a story nobody signed is seen in its check", () => {
    const forged = make(one, { ...other, signature: one.signature });
    expect(proofChecks(story.group.tag, forged).map(checkSignature).filter(Boolean)).toHaveLength(1);
  });
  test("two whole feeds of 256 envelopes without bodies fit a proof", () => {
    const entries = Array.from({ length: 256 }, (_, n) => ({
      ...one.entries[0]!,
      keyId: n.toString(16).padStart(32, "0") as never,
    }));
    expect(
      encodeForkProof({ ...proof, left: stripChunk({ ...one, entries }, false), right: stripChunk({ ...other, entries }, false) })
        .length,
    ).toBeLessThan(MAX_PROOF_BYTES);
  });
});
