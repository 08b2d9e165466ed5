import { beforeAll, describe, expect, test } from "vitest";
import { encodeEvidence, parseEvidence } from "../../../protocol/acts/evidence.ts";
import { concatBytes } from "../../../protocol/codec/bytes.ts";
import { checkSignature } from "../../../protocol/crypto/signature.ts";
import { encodeChunk, stripChunk, type Chunk } from "../../../protocol/feed/chunk.ts";
import { cut, storyOf, whole, type Story } from "../feed/feed.fixtures.ts";

let story: Story;
let chunk: Chunk;
let bytes: Uint8Array;
let owner: readonly [Uint8Array, Uint8Array];
beforeAll(() => {
  story = storyOf(1, 5);
  chunk = cut(story, whole(story.envelopes), 2);
  const { deviceKey, random } = story.envelopes[0]!.birth!;
  owner = [deviceKey, random];
  bytes = encodeEvidence(deviceKey, random, chunk);
});
const because = (input: Uint8Array) => {
  const result = parseEvidence(story.group.tag, input);
  return result.ok ? "accepted" : "because" in result.error ? result.error.because : result.error.kind;
};

describe("Y1: it names one statement", () => {
  test("whose id is recomputed, and whose body is there", () => {
    const parsed = parseEvidence(story.group.tag, bytes);
    expect(parsed.ok && parsed.value.id).toBe(story.envelopes[2]!.id);
    expect(parsed.ok && parsed.value.chunk.entries.map(({ body }) => body)).toEqual([story.envelopes[2]!.body, null, null]);
    expect(parsed.ok && encodeEvidence(...owner, parsed.value.chunk)).toEqual(bytes);
  });
  test("another body is another id", () => {
    const entries = chunk.entries.map((entry, i) => (i === 0 ? { ...entry, body: new Uint8Array([1]) } : entry));
    const parsed = parseEvidence(story.group.tag, encodeEvidence(...owner, { ...chunk, entries }));
    expect(parsed.ok && parsed.value.id).not.toBe(story.envelopes[2]!.id);
    expect(parsed.ok && checkSignature(parsed.value.check)).toBe(false);
  });
  test.each<readonly [string, () => Uint8Array, string]>([
    ["no body", () => concatBytes(...owner, encodeChunk(stripChunk(chunk, false))), "bodies"],
    ["all bodies", () => concatBytes(...owner, encodeChunk(chunk)), "bodies"],
    [
      "only a later body",
      () =>
        concatBytes(
          ...owner,
          encodeChunk({ ...chunk, entries: chunk.entries.map((e, i) => (i === 1 ? e : { ...e, body: null })) }),
        ),
      "bodies",
    ],
    ["the device of another feed", () => concatBytes(owner[1], owner[0], bytes.subarray(64)), "feed"],
    ["less than a name", () => bytes.subarray(0, 63), "cut-short"],
    ["a byte more", () => concatBytes(bytes, new Uint8Array(1)), "malformed"],
  ])("%s is none", (_, make, kind) => expect(because(make())).toBe(kind));
});

describe("Y2: its tail is one check", () => {
  test("that holds for what was said, up to the nearest signed envelope", () => {
    const parsed = parseEvidence(story.group.tag, bytes);
    expect(parsed.ok && checkSignature(parsed.value.check)).toBe(true);
  });
  test("and not for a signature from elsewhere", () => {
    const parsed = parseEvidence(
      story.group.tag,
      encodeEvidence(...owner, { ...chunk, signature: story.envelopes[2]!.signature }),
    );
    expect(parsed.ok && checkSignature(parsed.value.check)).toBe(false);
  });
});
