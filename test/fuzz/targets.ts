/** Every door of the core: its corpus, its own kind of mutants, and what happens to bytes there. */
import { aidActToValue, parseAidAct } from "../../protocol/acts/aid.ts";
import { parseTalkAct, talkActToValue } from "../../protocol/acts/talk.ts";
import { authorityActToValue, parseAuthorityAct } from "../../protocol/authority/acts.ts";
import { decodeValue, encodeValue, type Value, type ValueMap } from "../../protocol/codec/value.ts";
import type { FeedId, Tag } from "../../protocol/crypto/hash.ts";
import { epochKeyFrom, paddedLength, openBody, sealWhisper } from "../../protocol/crypto/seal.ts";
import { bodyHashOf } from "../../protocol/envelope/envelope.ts";
import { createForkProof, encodeForkProof } from "../../protocol/feed/fork.ts";
import { encodeChunk, parseChunk, stripChunk, type Chunk, type ChunkEntry } from "../../protocol/feed/chunk.ts";
import type { Result } from "../../protocol/lang/result.ts";
import { encodeBundle, type BundleItem } from "../../protocol/sync/bundle.ts";
import { prepareChunk } from "../../protocol/space/ingest.ts";
import { knock, receive, type KindOfError, type Reception } from "../vectors/doors.ts";
import { hash, hex, join, u32, unhex, xseal, type Plain } from "../vectors/second-path.ts";
import { named, readVectors, textOf } from "../vectors/vector.ts";
import type { Dice } from "./chance.ts";
import { encodeLoosely, mutateBytes, mutateValue } from "./mutate.ts";

export interface Target {
  readonly name: string;
  readonly corpus: readonly Uint8Array[];
  /** A mutant that keeps enough of the grammar to come far. */
  readonly grow: (dice: Dice, seed: Uint8Array) => Uint8Array;
  /** Throws only on a bug of the door. */
  readonly knock: (bytes: Uint8Array, dice: Dice) => Reception;
  /** Whether what was accepted has to come back byte for byte. */
  readonly exact: boolean;
}

const files = [
  "codec",
  "body",
  "envelope",
  "chunk",
  "fork",
  "sync",
  "hello",
  "invitation",
  "seal",
  "whisper",
  "exchange",
  "authority",
  "bundle",
  "in-person",
].map(readVectors);
const village = named(readVectors("community"), "village");
const TAG = textOf(village, "tag") as Tag;
const epoch = epochKeyFrom(unhex(textOf(village, "epoch")));
const BINDING = new Uint8Array(117).fill(4);

/** Both what is accepted at a door and what is refused. */
const corpusOf = (parser: string): readonly Uint8Array[] =>
  files.flatMap(({ accepted, refused }) =>
    [...accepted, ...refused].flatMap((vector) =>
      typeof vector["parser"] === "string" && vector["parser"].split(" ")[0] === parser && typeof vector["bytes"] === "string"
        ? [unhex(vector["bytes"])]
        : [],
    ),
  );
const values = [
  ...files[0]!.accepted.map((vector) => unhex(textOf(vector, "bytes"))),
  ...corpusOf("value"),
  ...corpusOf("statement"),
  ...corpusOf("keys"),
];
const acts = corpusOf("statement").flatMap((bytes) => {
  const value = decodeValue(bytes);
  const act = value.ok && value.value instanceof Map ? (value.value as ValueMap).get("act") : undefined;
  return act === undefined ? [] : [encodeValue(act)];
});
const chunks = [...corpusOf("chunk"), ...(village["chunks"] as readonly string[]).map(unhex)];
const envelopes = corpusOf("envelope");

const growValue = (dice: Dice, seed: Uint8Array): Uint8Array => {
  const value = decodeValue(seed);
  let plain: Plain = value.ok ? value.value : 0;
  for (let times = dice.below(3); times >= 0; times -= 1) plain = mutateValue(dice, plain);
  return encodeLoosely(dice, plain);
};

/** Another body, seq or tag, with the hash of the body made right again. */
function growEnvelope(dice: Dice, seed: Uint8Array): Uint8Array {
  const bytes = seed.slice();
  const at = dice.pick([0, 33, 65, 69, 101, 117, 181, 213]);
  if (!dice.once(3))
    bytes.set(dice.bytes(Math.max(0, Math.min(dice.pick([1, 4, 16, 32]), bytes.length - at))), Math.min(at, bytes.length));
  const end = bytes.length > 69 && bytes.subarray(65, 69).every((byte) => byte === 0) ? 277 : 117;
  if (bytes.length < end + 97) return bytes;
  const body = dice.once(3) ? dice.bytes(1 + dice.below(300)) : bytes.slice(end + 96);
  const whole = join(bytes.subarray(0, end + 96), body);
  whole.set(bodyHashOf(body), end);
  return whole;
}

function chunkFrom(dice: Dice, seed: Uint8Array): Chunk {
  const parsed = parseChunk(seed);
  const first = parsed.ok ? parsed : parseChunk(chunks[0]!);
  if (!first.ok) throw new Error("the corpus begins with a chunk");
  const chunk = first.value;
  const entry = (): ChunkEntry => {
    const old = dice.pick(chunk.entries);
    const body = dice.bytes(1 + dice.below(dice.once(2_000) ? 65_163 : 40));
    const isNew = dice.once(2);
    return {
      keyId: dice.once(3) ? (hex(dice.bytes(16)) as typeof old.keyId) : old.keyId,
      body: isNew ? body : old.body,
      bodyHash: isNew ? bodyHashOf(body) : old.bodyHash,
    };
  };
  const entries = dice.once(3) ? chunk.entries : Array.from({ length: 1 + dice.below(dice.once(4_000) ? 256 : 6) }, entry);
  const from = chunk.from === 0 ? 0 : 1 + dice.below(dice.once(4) ? 0xffff_fffe : 1_000);
  return { ...chunk, entries, from, feed: dice.once(5) ? (hex(dice.bytes(32)) as FeedId) : chunk.feed };
}
const growChunk = (dice: Dice, seed: Uint8Array): Uint8Array => {
  const bytes = encodeChunk(chunkFrom(dice, seed));
  return dice.once(3) ? mutateBytes(dice, bytes, chunks) : bytes;
};

const proofs = corpusOf("proof");
const first = parseChunk(chunks[0]!);
const birth = first.ok ? first.value.birth : null;
/** A fork of the village's own feed: two chunks at one seq, whatever they hold. */
function growProof(dice: Dice): Uint8Array {
  if (birth === null) throw new Error("the corpus begins with a birth");
  const [one, other] = [chunkFrom(dice, dice.pick(chunks)), chunkFrom(dice, dice.pick(chunks))].map((chunk) => ({
    ...chunk,
    feed: first.ok ? first.value.feed : chunk.feed,
  })) as [Chunk, Chunk];
  const aligned = { ...other, from: one.from, prev: one.prev, birth: one.birth };
  const proof = createForkProof(TAG, birth.deviceKey, birth.random, one, aligned);
  const bytes = proof.ok ? encodeForkProof(proof.value) : dice.pick(proofs);
  return dice.once(2) ? mutateBytes(dice, bytes, proofs) : bytes;
}
function growEvidence(dice: Dice, seed: Uint8Array): Uint8Array {
  if (birth === null || !first.ok) throw new Error("the corpus begins with a birth");
  const chunk = stripChunk({ ...chunkFrom(dice, dice.pick(chunks)), feed: first.value.feed }, true);
  const bytes = dice.once(4) ? seed : join(birth.deviceKey, birth.random, encodeChunk(chunk));
  return dice.once(3) ? mutateBytes(dice, bytes, chunks) : bytes;
}

/** Sealed rightly, padded anyhow. */
function growBody(dice: Dice): Uint8Array {
  const announced = dice.pick([0, 5, 252, 253, 300, 0xffff_ffff, 0xffff_fffc, dice.below(2_000)]);
  const right = paddedLength((announced > 60_000 ? 10 : announced) + 4);
  const padded = new Uint8Array(dice.once(3) ? dice.below(700) : right);
  if (padded.length >= 4) padded.set(u32(announced));
  if (dice.once(3) && padded.length > 0) padded[padded.length - 1 - dice.below(Math.min(8, padded.length))] = dice.below(256);
  const nonce = dice.bytes(24);
  const sealed = join(nonce, xseal(epoch.secret, nonce, join(BINDING, epoch.commitment), padded));
  return dice.once(5) ? mutateBytes(dice, sealed, [sealed]) : sealed;
}
/** Opening tells the plaintext; closing it again with the same nonce has to give the same body. */
function knockBody(bytes: Uint8Array): Reception {
  const opened = openBody(epoch, BINDING, bytes);
  if (!opened.ok) return { refused: opened.error.kind };
  const padded = new Uint8Array(paddedLength(opened.value.length + 4));
  padded.set(u32(opened.value.length));
  padded.set(opened.value, 4);
  const nonce = bytes.subarray(0, 24);
  return { accepted: join(nonce, xseal(epoch.secret, nonce, join(BINDING, epoch.commitment), padded)) };
}

const links = corpusOf("invitation");
const growLink = (dice: Dice, seed: Uint8Array): Uint8Array => {
  const raw = new Uint8Array(Buffer.from(Buffer.from(seed).toString("latin1"), "base64url"));
  return new TextEncoder().encode(Buffer.from(growValue(dice, raw)).toString("base64url"));
};

const pasted = corpusOf("line");
/** A line with some of its bytes changed, and most often with the check that then belongs to it. */
function growLine(dice: Dice, seed: Uint8Array): Uint8Array {
  const raw = new Uint8Array(Buffer.from(Buffer.from(seed).toString("latin1"), "base64url"));
  const bytes = mutateBytes(dice, raw.slice(0, -4), [raw]);
  const check = dice.once(6) ? dice.bytes(4) : hash("in-person", bytes).subarray(0, 4);
  return new TextEncoder().encode(Buffer.from(join(bytes, check)).toString("base64url"));
}

function growFrame(dice: Dice, seed: Uint8Array): Uint8Array {
  const kind = 1 + dice.below(11);
  if (dice.once(2)) return mutateBytes(dice, seed, frames);
  const entry = (): Uint8Array =>
    join(
      dice.bytes(32),
      u32(dice.below(3)),
      u32(dice.pick([0, 5, 0xffff_ffff])),
      dice.once(3) ? new Uint8Array(8) : dice.bytes(8),
    );
  const row = (): Uint8Array => {
    const count = dice.below(9);
    return join(new Uint8Array(dice.once(9) ? [count | 128, dice.below(2)] : [count]), dice.bytes(2 * count));
  };
  const many = (part: () => Uint8Array): readonly Uint8Array[] =>
    Array.from({ length: dice.below(dice.once(100) ? 520 : 6) }, part);
  const fields =
    kind === 2
      ? [new Uint8Array([dice.below(3)]), ...many(entry)]
      : kind === 10
        ? many(row)
        : [dice.bytes(dice.pick([0, 1, 2, 32, 33, 36, 44, 64, 96, 97, 128, 512]))];
  return join(new Uint8Array([kind]), ...fields);
}
const frames = [...corpusOf("sync"), ...corpusOf("hello")];
function growHello(dice: Dice, seed: Uint8Array): Uint8Array {
  if (dice.once(2)) return mutateBytes(dice, seed, frames);
  const who = dice.below(4);
  const tail = join(new Uint8Array([who]), dice.bytes([0, 96, 64, 32][who] ?? 0));
  const proof = dice.once(3) ? new Uint8Array(32) : dice.bytes(32);
  const role = new Uint8Array([dice.below(3)]);
  return dice.pick([
    join(new Uint8Array([1]), dice.bytes(32), role, dice.bytes(32)),
    join(new Uint8Array([2]), role, dice.bytes(32), proof),
    join(new Uint8Array([3]), proof, tail),
    join(new Uint8Array([4]), tail),
  ]);
}

const bundles = corpusOf("bundle");
/** Whole as a file, with anything in it; or cut and bent. */
function growBundle(dice: Dice, seed: Uint8Array): Uint8Array {
  if (dice.once(4)) return mutateBytes(dice, seed, bundles);
  const item = (): BundleItem => ({
    kind: dice.once(2) ? "proof" : "chunk",
    bytes: dice.bytes(1 + dice.below(dice.once(500) ? 32_768 : 60)),
  });
  const bytes = encodeBundle({ tag: dice.once(2) ? TAG : WHISPER_TAG, items: Array.from({ length: dice.below(5) }, item) });
  if (!dice.once(3)) bytes[dice.below(bytes.length)] = dice.below(256);
  return dice.once(4) ? bytes.subarray(0, dice.below(bytes.length)) : bytes;
}

const whisperEpoch = epochKeyFrom(new Uint8Array(32).fill(4));
const WHISPER_TAG = "01".repeat(32) as Tag;
/** Sealed rightly, with anything a little like a whisper inside. */
function growWhisper(dice: Dice): Uint8Array {
  const feed = new Uint8Array(32).fill(2);
  const said = growValue(dice, dice.pick(corpusOf("whispered"))).subarray(0, 3_000);
  const sealed = sealWhisper(whisperEpoch, join(unhex(WHISPER_TAG), feed), dice.bytes(24), said);
  const whole = join(feed, sealed, dice.bytes(64));
  return dice.once(5) ? mutateBytes(dice, whole, [whole]) : whole;
}

type Act = { readonly kind: string };
/** Acts come as values: what does not decode does not reach them. */
const knockAct =
  <T extends Act>(parse: (act: ValueMap) => Result<T, KindOfError> | null, write: (act: T) => Value) =>
  (bytes: Uint8Array): Reception => {
    const value = decodeValue(bytes);
    if (!value.ok || !(value.value instanceof Map)) return { refused: "(no map)" };
    const read = parse(value.value as ValueMap);
    return read === null ? { refused: "(another kind)" } : receive(read, (act) => encodeValue(write(act)));
  };
/** Reading what was written has to give the same again: an open record leaves out what it does not know. */
const knockOpenAct = <T extends Act>(
  parse: (act: ValueMap) => Result<T, KindOfError> | null,
  write: (act: T) => ValueMap,
): ((bytes: Uint8Array) => Reception) =>
  knockAct(parse, (act) => {
    const written = write(act);
    const again = parse(written);
    if (again?.ok !== true || hex(encodeValue(write(again.value))) !== hex(encodeValue(written)))
      throw new Error("an act did not come back");
    return written;
  });

/** The heaviest that can be said in few bytes; each parser meets all of them once, whatever the seed. */
export const bombs: readonly (readonly [string, Uint8Array])[] = [
  ["the longest list", encodeValue(Array<Value>(16_383).fill(0))],
  ["a list too long", encodeValue(Array<Value>(16_384).fill(0))],
  ["the largest map", encodeValue(new Map(Array.from({ length: 8_191 }, (_, n): [string, Value] => [n.toString(36), 0])))],
  [
    "one key, many times",
    join(new Uint8Array([0xb9, 0x1f, 0xff]), ...Array.from({ length: 8_191 }, () => new Uint8Array([0x61, 0x61, 0]))),
  ],
  ["the longest text", encodeValue("x".repeat(65_530))],
  ["text of the widest letters", encodeValue("🌱".repeat(16_380))],
  ["lists twelve deep, wide", encodeValue(deepAndWide(12))],
  ["sixty thousand lists deep", new Uint8Array(60_000).fill(0x81)],
  ["a promise of 2^63 bytes", new Uint8Array(Buffer.from("5b7fffffffffffffff", "hex"))],
  ["64 KiB of zeros", new Uint8Array(65_536)],
  ["64 KiB and one", new Uint8Array(65_537)],
  ["1 MiB of ones", new Uint8Array(1_048_576).fill(1)],
  ["1 MiB and one", new Uint8Array(1_048_577).fill(1)],
  ["a full chunk", encodeChunk(fullChunk(4_000))],
  ["a full chunk of small bodies", encodeChunk(fullChunk(1))],
  ["a full proof", fullProof()],
  [
    "a full evidence",
    join(
      birth?.deviceKey ?? new Uint8Array(32),
      birth?.random ?? new Uint8Array(32),
      encodeChunk(stripChunk(fullChunk(1), true)),
    ),
  ],
  ["a page of feeds", join(new Uint8Array([2, 0]), new Uint8Array(512 * 72).fill(5))],
  ["8 KiB of letters", new TextEncoder().encode("A".repeat(8_192))],
  [
    "the largest sealed body",
    join(
      new Uint8Array(24),
      xseal(epoch.secret, new Uint8Array(24), join(BINDING, epoch.commitment), join(u32(63_484), new Uint8Array(63_484))),
    ),
  ],
];

function deepAndWide(depth: number): Value {
  let value: Value = [];
  for (let i = 0; i < depth - 1; i += 1) value = [value, ...Array<Value>(1_300).fill(0)];
  return value;
}
function fullProof(): Uint8Array {
  if (birth === null) throw new Error("the corpus begins with a birth");
  const proof = createForkProof(TAG, birth.deviceKey, birth.random, fullChunk(1), fullChunk(2));
  if (!proof.ok) throw new Error(JSON.stringify(proof.error));
  return encodeForkProof(proof.value);
}
function fullChunk(bodyBytes: number): Chunk {
  if (!first.ok) throw new Error("the corpus begins with a chunk");
  const body = new Uint8Array(bodyBytes).fill(1);
  const entries = Array.from({ length: 256 }, (_, n): ChunkEntry => ({
    keyId: n.toString(16).padStart(32, "0") as ChunkEntry["keyId"],
    body,
    bodyHash: bodyHashOf(body),
  }));
  return { ...first.value, entries };
}

const at =
  (door: string) =>
  (bytes: Uint8Array): Reception =>
    knock(door, bytes);
const deviceKey = birth?.deviceKey ?? null;

export const targets: readonly Target[] = [
  { name: "decodeValue", corpus: values, grow: growValue, knock: at("value"), exact: true },
  { name: "parseStatement", corpus: corpusOf("statement"), grow: growValue, knock: at("statement"), exact: true },
  { name: "parseKeyBoxes", corpus: corpusOf("keys"), grow: growValue, knock: at("keys"), exact: true },
  {
    name: "parseAuthorityAct",
    corpus: acts,
    grow: growValue,
    knock: knockAct(parseAuthorityAct, authorityActToValue),
    exact: true,
  },
  { name: "parseAidAct", corpus: acts, grow: growValue, knock: knockOpenAct(parseAidAct, aidActToValue), exact: false },
  { name: "parseTalkAct", corpus: acts, grow: growValue, knock: knockOpenAct(parseTalkAct, talkActToValue), exact: false },
  { name: "parseInvitation", corpus: links, grow: growLink, knock: at("invitation"), exact: true },
  { name: "parseLine", corpus: pasted, grow: growLine, knock: at("line"), exact: true },
  { name: "parseEnvelope", corpus: envelopes, grow: growEnvelope, knock: at("envelope"), exact: true },
  { name: "parseChunk", corpus: chunks, grow: growChunk, knock: at("chunk"), exact: true },
  {
    name: "prepareChunk",
    corpus: chunks,
    grow: growChunk,
    exact: true,
    knock: (bytes, dice) =>
      receive(
        prepareChunk(
          { tag: TAG, deviceKey: dice.once(2) ? deviceKey : null, relayKeys: dice.once(2) ? [epoch.relayPublic] : null },
          bytes,
        ),
        ({ chunk }) => encodeChunk(chunk),
      ),
  },
  { name: "parseForkProof", corpus: proofs, grow: growProof, knock: at(`proof ${TAG}`), exact: true },
  { name: "parseEvidence", corpus: corpusOf("evidence"), grow: growEvidence, knock: at(`evidence ${TAG}`), exact: true },
  { name: "parseSyncMessage", corpus: corpusOf("sync"), grow: growFrame, knock: at("sync"), exact: true },
  { name: "parseBundle", corpus: bundles, grow: growBundle, knock: at("bundle"), exact: true },
  { name: "parseHelloMessage", corpus: corpusOf("hello"), grow: growHello, knock: at("hello"), exact: true },
  { name: "parseWhisper", corpus: corpusOf("whisper"), grow: growWhisper, knock: at("whisper"), exact: true },
  { name: "decodeWhisper", corpus: corpusOf("whispered"), grow: growValue, knock: at("whispered"), exact: true },
  {
    name: "readWhisper", // gives back what was inside, not how it was sealed
    corpus: corpusOf("whisper"),
    grow: growWhisper,
    knock: at(`opened-whisper ${hex(whisperEpoch.secret)} ${WHISPER_TAG}`),
    exact: false,
  },
  { name: "openBody", corpus: corpusOf("body"), grow: growBody, knock: knockBody, exact: true },
];
