/** Whispers, put together by hand from their parts: the frozen bytes are those of the specification. */
import { expect, test } from "vitest";
import { decodeWhisper, parseWhisper, readWhisper, whisperCheck, writeWhisper } from "../../protocol/documents/whisper.ts";
import type { FeedId, Tag } from "../../protocol/crypto/hash.ts";
import { epochKeyFrom } from "../../protocol/crypto/seal.ts";
import { verifyWithNode } from "../verify-with-node.ts";
import { derive, edPublic, edSign, encodeByHand, hash, hex, join, padByHand, xseal, type Plain } from "./second-path.ts";
import { bytesOf, named, readVectors, textOf } from "./vector.ts";

const file = readVectors("whisper");
const travelling = file.accepted.filter(({ parser }) => parser === "whisper").map((vector) => [vector.name, vector] as const);

test.each(travelling)("%s: sealed and signed as the specification says", (_, vector) => {
  const [tag, feed, seed, secret, nonce] = ["tag", "feed", "seed", "epoch", "nonce"].map((field) => bytesOf(vector, field)) as [
    Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array,
  ];
  const aad = join(tag, feed, hash("key-commitment", secret));
  const ciphertext = xseal(derive(secret, "whisper-key"), nonce, aad, padByHand(bytesOf(vector, "plaintext")));
  const signature = edSign(seed, "sign-whisper", tag, feed, nonce, ciphertext);
  expect(hex(join(feed, nonce, ciphertext, signature))).toBe(vector["bytes"]);

  const parsed = parseWhisper(bytesOf(vector, "bytes"));
  if (!parsed.ok) throw new Error(parsed.error.kind);
  const [named, epoch] = [textOf(vector, "tag") as Tag, epochKeyFrom(secret)];
  expect(verifyWithNode(whisperCheck(named, parsed.value, edPublic(seed)))).toBe(true);
  const read = readWhisper(named, parsed.value, epoch);
  expect(read).toEqual(decodeWhisper(bytesOf(vector, "plaintext")));
  const voice = { tag: named, feed: textOf(vector, "feed") as FeedId, deviceSeed: seed, epoch };
  expect(read.ok && hex(writeWhisper(voice, nonce, read.value))).toBe(vector["bytes"]);
});

test("the plaintext is canonical CBOR of a closed map", () => {
  const plain = (name: string): string => textOf(named({ ...file, accepted: file.accepted.filter(({ parser }) => parser === "whispered") }, name), "bytes");
  const map = (...fields: readonly (readonly [string, Plain])[]) => hex(encodeByHand(new Map(fields)));
  const base = [["doc", "charter"], ["n", 1_750_000_000_000]] as const;
  expect(plain("looks")).toBe(map(...base, ["words", ""]));
  expect(plain("gone")).toBe(map(["doc", "charter"], ["n", 1_750_000_000_001], ["gone", true], ["words", ""]));
  const spot = new Map<string, Plain>([["area", "blocks"], ["text", [7, 12]], ["after", [7, 13]]]);
  expect(plain("in a block, behind a letter")).toBe(map(...base, ["spot", spot], ["words", "and bread"]));
});

test("what is short looks alike, and the widest that can be said fits", () => {
  const sizes = Object.fromEntries(travelling.map(([name, vector]) => [name, bytesOf(vector, "bytes").length]));
  expect([sizes["looks"], sizes["gone"], sizes["words in four scripts"]]).toEqual([392, 392, 392]);
  expect(sizes["the greatest numbers, the longest words"]).toBe(3_848);
});
