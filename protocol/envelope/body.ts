/**
 * Body: what an envelope says once its seal is open.
 *
 *   B1  A sealed body is a statement, `{at, deps, act}` or `{at, deps, seen, doc, update}`, and nothing else.
 *   B2  `at` is the author's claim of the time, for display: order comes from `prev` and `deps`.
 *   B3  `deps` names at most MAX_DEPS authority envelopes its author knew, in ascending order, without repetition.
 *       `seen` names at most MAX_SEEN places in others' feeds that its author had seen, ascending by feed, each feed once. Feed and
 *       seq stand beside the id, so that whoever has a fork proof knows which edits stand on a lost branch without holding it.
 *   B4  An open body is a `keys` envelope: a key commitment and boxes (seal.ts K4).
 *
 * What an act means is for authority/ and acts/; an act of an unknown kind is kept as it is.
 */
import { bytes, list, mapped, record, text, uint, type Shape, type ShapeError } from "../codec/shape.ts";
import { decodeValue, encodeValue, type Value, type ValueError, type ValueMap } from "../codec/value.ts";
import { concatBytes, u32ToBytes } from "../codec/bytes.ts";
import { envelopeId, envelopeIdFromBytes, feedIdFromBytes, nameToBytes, type EnvelopeId, type FeedId } from "../crypto/hash.ts";
import { BOX_BYTES } from "../crypto/seal.ts";
import type { Millis } from "../lang/brand.ts";
import { err, ok, type Result } from "../lang/result.ts";

export const MAX_DEPS = 16;
export const MAX_SEEN = 16;
/** feed 32 ‖ seq u32 ‖ id 32. */
const SEEN_BYTES = 68;
export const MAX_KEY_BOXES = 500;

export interface ActStatement {
  readonly form: "act";
  readonly at: Millis;
  readonly deps: readonly EnvelopeId[];
  /** A map with a text `kind`; read by authority/ and acts/. */
  readonly act: ValueMap;
}

export interface EditStatement {
  readonly form: "edit";
  readonly at: Millis;
  readonly deps: readonly EnvelopeId[];
  /** How far its author had seen those feeds whose structs the update names, where earlier edits had not said so. */
  readonly seen: readonly Seen[];
  readonly doc: string;
  readonly update: Uint8Array;
}

/** An envelope of a foreign feed, by its place and its id. */
export interface Seen {
  readonly feed: FeedId;
  readonly seq: number;
  readonly id: EnvelopeId;
}

export type Statement = ActStatement | EditStatement;

export interface KeyBoxes {
  readonly commitment: Uint8Array;
  /** A whole number of BOX_BYTES. */
  readonly boxes: Uint8Array;
}

export type BodyError =
  | ValueError
  | ShapeError
  | { readonly kind: "unsorted-deps" | "unsorted-seen" }
  | { readonly kind: "broken-boxes"; readonly bytes: number };

/** Year 10889: far enough, and safe in every calendar library. */
const LATEST = 281_474_976_710_655;
export const millis: Shape<Millis> = mapped(
  uint(LATEST),
  (value) => value as Millis,
  (value) => value,
);

const act: Shape<ValueMap> = {
  read: (value, at) =>
    value instanceof Map && typeof (value as ValueMap).get("kind") === "string"
      ? ok(value as ValueMap)
      : err({ kind: "malformed", at, problem: "wrong-type" }),
  write: (value) => value,
};
const deps = list(envelopeId, MAX_DEPS);
const actShape = record({ at: millis, deps, act });
const seenBytes = bytes(0, MAX_SEEN * SEEN_BYTES);
const seen: Shape<readonly Seen[]> = {
  read: (value, at) => {
    const raw = seenBytes.read(value, at);
    if (!raw.ok) return raw;
    if (raw.value.length % SEEN_BYTES !== 0) return err({ kind: "malformed", at, problem: "out-of-range" });
    const places: Seen[] = [];
    for (let from = 0; from < raw.value.length; from += SEEN_BYTES) {
      const seq = new DataView(raw.value.buffer, raw.value.byteOffset + from + 32, 4).getUint32(0);
      places.push({
        feed: feedIdFromBytes(raw.value.slice(from, from + 32)),
        seq,
        id: envelopeIdFromBytes(raw.value.slice(from + 36, from + SEEN_BYTES)),
      });
    }
    return ok(places);
  },
  write: (places) => concatBytes(...places.flatMap(({ feed, seq, id }) => [nameToBytes(feed), u32ToBytes(seq), nameToBytes(id)])),
};
const editShape = record({ at: millis, deps, seen, doc: text(1, 128), update: bytes(1, 49_152) });
const keysShape = record({ commitment: bytes(32), boxes: bytes(0, MAX_KEY_BOXES * BOX_BYTES) });

/** Total. `plaintext` comes from an opened seal, and may still be anything a member wrote. */
export function parseStatement(plaintext: Uint8Array): Result<Statement, BodyError> {
  const value = decodeValue(plaintext);
  if (!value.ok) return value;
  const isAct = value.value instanceof Map && (value.value as ValueMap).has("act");
  const read: Result<Statement, ShapeError> = isAct
    ? tagged("act", actShape.read(value.value, ""))
    : tagged("edit", editShape.read(value.value, ""));
  if (!read.ok) return read;
  if (!isAscending(read.value.deps)) return err({ kind: "unsorted-deps" }); // B3
  if (read.value.form === "act") return read;
  return isAscending(read.value.seen.map(({ feed }) => feed)) ? read : err({ kind: "unsorted-seen" }); // B3
}

const tagged = <F extends string, T>(form: F, read: Result<T, ShapeError>): Result<{ readonly form: F } & T, ShapeError> =>
  read.ok ? ok({ form, ...read.value }) : read;

export function encodeStatement(statement: Statement): Uint8Array {
  const value: Value = statement.form === "act" ? actShape.write(statement) : editShape.write(statement);
  return encodeValue(value);
}

/** Total. `body` is the open body of an envelope whose key id is zero. */
export function parseKeyBoxes(body: Uint8Array): Result<KeyBoxes, BodyError> {
  const value = decodeValue(body);
  if (!value.ok) return value;
  const read = keysShape.read(value.value, "");
  if (!read.ok) return read;
  return read.value.boxes.length % BOX_BYTES === 0 ? read : err({ kind: "broken-boxes", bytes: read.value.boxes.length });
}

export const encodeKeyBoxes = (keys: KeyBoxes): Uint8Array => encodeValue(keysShape.write(keys));

const isAscending = (ids: readonly string[]): boolean => ids.every((id, index) => index === 0 || (ids[index - 1] ?? "") < id);
