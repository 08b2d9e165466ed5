/**
 * Whisper: where somebody is in a document, and what they have typed there and not settled. Said, heard and forgotten.
 *
 *   whisper    = feed 32 ‖ nonce 24 ‖ ciphertext ‖ signature 64
 *   ciphertext = XChaCha20-Poly1305(whisper key of the epoch, nonce, padded, tag ‖ feed ‖ key commitment)   (crypto/seal.ts K6)
 *   signature  = by the feed's device, over D(sign-whisper) ‖ tag ‖ feed ‖ nonce ‖ ciphertext
 *
 *   Q1  It is at most 4,096 bytes; whatever the shape allows fits.
 *   Q2  It is signed as it travels, so that a hearth, which cannot read it, can tell whose it is before it passes it on.
 *   Q3  One meaning has one form: the record is closed, who has gone says nothing else, and words stand at a spot.
 *   Q4  Of one feed at most ten a second are taken, and ten at once after a rest.
 *   Q5  `n` rises with every whisper of a feed: what was repeated, or overtaken, is dropped.
 *
 * Nothing here decides whether the feed speaks for a member and has told one story (the caller asks authority and replica),
 * or how long a whisper is shown (src/peer/whispers.ts). It is a preview: no document and no act ever depends on one.
 * Wire format: protocol/README.md 9.5. Vectors: test/vectors/whisper.json.
 */
import { concatBytes } from "../codec/bytes.ts";
import { createReader } from "../codec/reader.ts";
import { list, mapped, optional, record, text, uint, type Read, type Shape, type ShapeError } from "../codec/shape.ts";
import { decodeValue, encodeValue, type ValueError } from "../codec/value.ts";
import { DOMAINS } from "../crypto/domains.ts";
import { feedIdFromBytes, nameToBytes, prefixOf, type FeedId, type Tag } from "../crypto/hash.ts";
import {
  MIN_PADDED_BYTES,
  BODY_OVERHEAD_BYTES,
  openWhisper,
  sealWhisper,
  type EpochKey,
  type OpenError,
} from "../crypto/seal.ts";
import { SIGNATURE_BYTES, signMessage, type SignatureCheck } from "../crypto/signature.ts";
import type { Millis } from "../lang/brand.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { MAX_KEY_UNITS } from "./kinds.ts";

/** A character or an item of a `Y.Doc`, as Yjs names it. */
export interface WhisperItem {
  /** Up to 2^53 − 1. */
  readonly client: number;
  readonly clock: number;
}

/** Where in a document somebody is. */
export interface WhisperSpot {
  readonly area: string;
  /** The item that holds the text; null for a text that is an area itself. */
  readonly text: WhisperItem | null;
  /** The character just before; null at the start. */
  readonly after: WhisperItem | null;
}

export type Whisper = {
  /** Name of the document. */
  readonly doc: string;
  /** Q5. Milliseconds of the speaker's clock, or one more than the last: never the same twice. */
  readonly n: number;
} & (
  | {
      readonly kind: "here";
      /** Null: they look, and are nowhere in particular. Then `words` is empty (Q3). */
      readonly spot: WhisperSpot | null;
      /** What is typed at `spot` and not settled. */
      readonly words: string;
    }
  | { readonly kind: "gone" }
);

export const MAX_WHISPER_BYTES = 4_096;
export const MAX_WHISPERED_UNITS = 1_000;
const MAX_DOC_UNITS = 128;
const FEED_BYTES = 32;
const MIN_WHISPER_BYTES = FEED_BYTES + BODY_OVERHEAD_BYTES + MIN_PADDED_BYTES + SIGNATURE_BYTES;

/** A whisper as it travels. */
export interface SealedWhisper {
  readonly feed: FeedId;
  /** Nonce and ciphertext. */
  readonly sealed: Uint8Array;
  readonly signature: Uint8Array;
}

export type WhisperLayoutError = { readonly kind: "too-large" | "cut-short"; readonly bytes: number };
export type WhisperError = OpenError | ValueError | ShapeError;

/** Who whispers. */
export interface WhisperVoice {
  readonly tag: Tag;
  readonly feed: FeedId;
  readonly deviceSeed: Uint8Array;
  readonly epoch: EpochKey;
}

/** `nonce` is 24 bytes by chance, never used twice. What does not keep to the bounds is refused by all who hear it. */
export function writeWhisper({ tag, feed, deviceSeed, epoch }: WhisperVoice, nonce: Uint8Array, whisper: Whisper): Uint8Array {
  const sealed = sealWhisper(epoch, bindingOf(tag, feed), nonce, encodeWhisper(whisper));
  return concatBytes(nameToBytes(feed), sealed, signMessage(deviceSeed, signedBytes(tag, feed, sealed)));
}

/** The layout alone; nothing is read. Total. */
export function parseWhisper(bytes: Uint8Array): Result<SealedWhisper, WhisperLayoutError> {
  if (bytes.length > MAX_WHISPER_BYTES) return err({ kind: "too-large", bytes: bytes.length }); // Q1
  const reader = createReader(bytes);
  const feed = reader.take(FEED_BYTES);
  const sealed = reader.take(Math.max(0, reader.left() - SIGNATURE_BYTES));
  const signature = reader.take(SIGNATURE_BYTES);
  if (bytes.length < MIN_WHISPER_BYTES || feed === null || sealed === null || signature === null)
    return err({ kind: "cut-short", bytes: bytes.length });
  return ok({ feed: feedIdFromBytes(feed), sealed, signature });
}

/** Q2: what has to hold before anything else is done with it. */
export const whisperCheck = (tag: Tag, whisper: SealedWhisper, deviceKey: Uint8Array): SignatureCheck => ({
  key: deviceKey,
  message: signedBytes(tag, whisper.feed, whisper.sealed),
  signature: whisper.signature,
});

/** `wrong-seal`: under a key that is not this one. Every error makes the whisper void, and blames nobody who passed it on. */
export function readWhisper(tag: Tag, whisper: SealedWhisper, epoch: EpochKey): Result<Whisper, WhisperError> {
  const opened = openWhisper(epoch, bindingOf(tag, whisper.feed), whisper.sealed);
  return opened.ok ? decodeWhisper(opened.value) : opened;
}

const bindingOf = (tag: Tag, feed: FeedId): Uint8Array => concatBytes(nameToBytes(tag), nameToBytes(feed));
const signedBytes = (tag: Tag, feed: FeedId, sealed: Uint8Array): Uint8Array =>
  concatBytes(prefixOf(DOMAINS.signWhisper), bindingOf(tag, feed), sealed);

// ---- what is said

const item: Shape<WhisperItem> = mapped(
  list(uint(Number.MAX_SAFE_INTEGER), 2, 2),
  ([client = 0, clock = 0]) => ({ client, clock }), // the list has two, by its shape
  ({ client, clock }) => [client, clock],
);
const yes: Shape<true> = {
  read: (value, at) => (value === true ? ok(true) : err({ kind: "malformed", at, problem: "wrong-type" })),
  write: (value) => value,
};
const whisperShape = record({
  doc: text(1, MAX_DOC_UNITS),
  n: uint(Number.MAX_SAFE_INTEGER),
  gone: optional(yes),
  spot: optional(record({ area: text(1, MAX_KEY_UNITS), text: optional(item), after: optional(item) })),
  words: text(0, MAX_WHISPERED_UNITS),
});

export function encodeWhisper(whisper: Whisper): Uint8Array {
  const { doc, n } = whisper;
  if (whisper.kind === "gone") return encodeValue(whisperShape.write({ doc, n, gone: true, words: "" }));
  const { spot, words } = whisper;
  return encodeValue(whisperShape.write({ doc, n, ...(spot === null ? {} : { spot: spotToWire(spot) }), words }));
}

/** The plaintext. Total. */
export function decodeWhisper(bytes: Uint8Array): Result<Whisper, ValueError | ShapeError> {
  const value = decodeValue(bytes, MAX_WHISPER_BYTES);
  if (!value.ok) return value;
  const read = whisperShape.read(value.value, "");
  if (!read.ok) return read;
  const { doc, n, gone, spot, words } = read.value;
  if (gone === true && spot !== undefined) return err({ kind: "malformed", at: "spot", problem: "unexpected" }); // Q3
  if (spot === undefined && words !== "") return err({ kind: "malformed", at: "words", problem: "unexpected" }); // Q3
  return ok(gone === true ? { kind: "gone", doc, n } : { kind: "here", doc, n, spot: spotFromWire(spot), words });
}

type WireSpot = NonNullable<Read<typeof whisperShape>["spot"]>;
const spotToWire = ({ area, text: holder, after }: WhisperSpot): WireSpot => ({
  area,
  ...(holder === null ? {} : { text: holder }),
  ...(after === null ? {} : { after }),
});
const spotFromWire = (spot: WireSpot | undefined): WhisperSpot | null =>
  spot === undefined ? null : { area: spot.area, text: spot.text ?? null, after: spot.after ?? null };

// ---- how often

/** What is remembered of a feed that whispers. */
export interface WhisperPace {
  /** The greatest `n` that was taken; −1: none, or none that we could read. */
  readonly n: number;
  /** Milliseconds of rest it has in store, at `at` of the hearer's clock. */
  readonly rest: number;
  readonly at: Millis;
}

/** Q4: each whisper takes a tenth of a second of rest, of which one second can be in store. */
const REST_FOR_ONE_MS = 100;
const MAX_REST_MS = 1_000;
const NO_TIME = 0 as Millis; // minted here: no clock has shown it

/** Of a feed that was never heard. */
export const NEW_PACE: WhisperPace = { n: -1, rest: MAX_REST_MS, at: NO_TIME };

/** A clock that was set back gives all the rest there is, rather than none for as long as it was set back. */
const restAt = ({ rest, at }: WhisperPace, now: Millis): number =>
  now < at ? MAX_REST_MS : Math.min(MAX_REST_MS, rest + (now - at));

/** Whether one more may be taken: asked before its signature costs anything. */
export const hasRest = (pace: WhisperPace, now: Millis): boolean => restAt(pace, now) >= REST_FOR_ONE_MS; // Q4

/** The pace after one more was taken, at `now` of the hearer's clock. `n` is null where it cannot be read. */
export function takeWhisper(
  pace: WhisperPace,
  n: number | null,
  now: Millis,
): Result<WhisperPace, { readonly kind: "stale" | "too-fast" }> {
  if (n !== null && n <= pace.n) return err({ kind: "stale" }); // Q5: first, so that a repeated one takes nobody's rest
  if (!hasRest(pace, now)) return err({ kind: "too-fast" }); // Q4
  return ok({ n: n ?? pace.n, rest: restAt(pace, now) - REST_FOR_ONE_MS, at: now });
}
