/** Whispers: as they travel, and what is inside. */
import { encodeValue, type Value } from "../../protocol/codec/value.ts";
import type { FeedId, Tag } from "../../protocol/crypto/hash.ts";
import { epochKeyFrom, sealBody, sealWhisper } from "../../protocol/crypto/seal.ts";
import { encodeWhisper, writeWhisper, type Whisper, type WhisperSpot } from "../../protocol/documents/whisper.ts";
import { hex, join, unhex } from "./second-path.ts";
import type { Accepted, Refused, VectorFile } from "./vector.ts";

const fill = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte);
const [tag, feed] = [hex(fill(1)) as Tag, hex(fill(2)) as FeedId];
const [seed, secret, nonce] = [fill(3), fill(4), fill(5, 24)];
const epoch = epochKeyFrom(secret);
const voice = { tag, feed, deviceSeed: seed, epoch };
const GREATEST = Number.MAX_SAFE_INTEGER;

const item = (client: number, clock: number) => ({ client, clock });
const here = (spot: WhisperSpot | null, words = ""): Whisper => ({ kind: "here", doc: "charter", n: 1_750_000_000_000, spot, words });
const widest: Whisper = {
  kind: "here", doc: "\uffee".repeat(128), n: GREATEST, words: "\uffee".repeat(1_000),
  spot: { area: "\uffee".repeat(64), text: item(GREATEST, GREATEST), after: item(GREATEST, GREATEST) },
};
const said: readonly (readonly [string, Whisper])[] = [
  ["looks", here(null)],
  ["at the start of an area", here({ area: "title", text: null, after: null })],
  ["in a block, behind a letter", here({ area: "blocks", text: item(7, 12), after: item(7, 13) }, "and bread")],
  ["words in four scripts", here({ area: "title", text: null, after: item(9, 0) }, "Hallo Привет 你好 🌱")],
  ["the greatest numbers, the longest words", widest],
  ["gone", { kind: "gone", doc: "charter", n: 1_750_000_000_001 }],
];

function refused(): readonly Refused[] {
  const whole = writeWhisper(voice, nonce, here(null));
  const layout = (name: string, bytes: Uint8Array, error: string): Refused => ({ name, parser: "whisper", bytes: hex(bytes), error });
  const base: readonly (readonly [string, Value])[] = [["doc", "charter"], ["n", 1], ["words", ""]];
  const spot = (...fields: readonly (readonly [string, Value])[]): readonly [string, Value] => ["spot", new Map<string, Value>([["area", "title"], ...fields])];
  const inside = (name: string, error: string, ...fields: readonly (readonly [string, Value])[]): Refused => ({
    name, parser: "whispered", bytes: hex(encodeValue(new Map([...base, ...fields]))), error,
  });
  const sealed = (name: string, bytes: Uint8Array, error: string): Refused =>
    ({ name, parser: `opened-whisper ${hex(secret)} ${tag}`, bytes: hex(join(fill(2), bytes, fill(0, 64))), error });
  const plaintext = encodeWhisper(here(null));
  const right = sealWhisper(epoch, join(fill(1), fill(2)), nonce, plaintext);
  const bent = right.slice();
  bent[40] = (bent[40] ?? 0) ^ 1;
  return [
    layout("nothing", fill(0, 0), "cut-short"), layout("a byte too few", whole.subarray(1), "cut-short"), layout("a byte too many", fill(6, 4_097), "too-large"),
    inside("gone, and yet somewhere", "malformed spot unexpected", ["gone", true], spot()), inside("gone, with words", "malformed words unexpected", ["gone", true], ["words", "x"]),
    inside("gone: false", "malformed gone wrong-type", ["gone", false]), inside("words without a spot", "malformed words unexpected", ["words", "x"]),
    inside("another field", "malformed  unexpected", ["colour", "red"]), inside("another field of a spot", "malformed spot unexpected", spot(["line", 1])),
    inside("no document", "malformed doc too-short", ["doc", ""]), inside("a document's name too long", "malformed doc too-long", ["doc", "x".repeat(129)]),
    inside("an area's name too long", "malformed spot.area too-long", ["spot", new Map([["area", "x".repeat(65)]])]),
    inside("words too long", "malformed words too-long", spot(), ["words", "x".repeat(1_001)]), inside("n below zero", "malformed n out-of-range", ["n", -1]),
    inside("an item of one number", "malformed spot.after too-short", spot(["after", [1]])), inside("an item of three", "malformed spot.text too-long", spot(["text", [1, 2, 3]])),
    inside("a clock below zero", "malformed spot.after[1] out-of-range", spot(["after", [1, -1]])),
    { name: "no words", parser: "whispered", bytes: hex(encodeValue(new Map<string, Value>([["doc", "charter"], ["n", 1]]))), error: "malformed words missing" },
    { name: "a float for n", parser: "whispered", bytes: "a3616ef93c0063646f63617865776f72647360", error: "not-canonical" },
    sealed("a flipped bit", bent, "wrong-seal"), sealed("sealed as a body is", sealBody(epoch, join(fill(1), fill(2)), nonce, plaintext), "wrong-seal"),
    sealed("of another feed", sealWhisper(epoch, join(fill(1), fill(9)), nonce, plaintext), "wrong-seal"),
    sealed("of another community", sealWhisper(epoch, join(fill(9), fill(2)), nonce, plaintext), "wrong-seal"),
    sealed("under another key", sealWhisper(epochKeyFrom(fill(9)), join(fill(1), fill(2)), nonce, plaintext), "wrong-seal"),
    sealed("no value inside", sealWhisper(epoch, join(fill(1), fill(2)), nonce, unhex("ff")), "not-canonical"),
  ];
}

export const whispers = (): Readonly<Record<string, VectorFile>> => ({
  whisper: {
    about: "Whispers as they travel (parser whisper), their plaintext (parser whispered), and opened (parser opened-whisper)",
    accepted: said.flatMap(([name, whisper]): readonly Accepted[] => [
      { name, parser: "whisper", bytes: hex(writeWhisper(voice, nonce, whisper)), tag, feed, seed: hex(seed), epoch: hex(secret), nonce: hex(nonce), plaintext: hex(encodeWhisper(whisper)) },
      { name, parser: "whispered", bytes: hex(encodeWhisper(whisper)) },
    ]),
    refused: refused(),
  },
});
