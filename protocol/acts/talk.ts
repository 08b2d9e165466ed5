/**
 * Talk: what people say inside a circle, where only its members can read it.
 *
 *   K1  A circle is opened by a `circle` act, sealed under the circle's own key by one of the members it names. In this
 *       version it is a pair, its members never change, and its key travels in a `keys` envelope to the devices of both.
 *   K2  A circle's name is the hash of its key and its members. What is said in it names it, is sealed under its key, and is
 *       written by one of its members. So two circles under one key, which only a liar makes, share no words.
 *   K3  A `response` is said about a post. Two people have one thread for each.
 *   K4  An `aside` is the private half of a public act: `asideHash` of it stands in that act (X7 of aid.ts). Who holds
 *       both can show what was agreed; who holds the act alone cannot guess it, because of the salt.
 *   K5  A field a reader does not know is passed over; a field it knows must be right.
 */
import { utf8ToBytes } from "../codec/bytes.ts";
import { bytes, choice, list, record, text, type Read, type Shape, type ShapeError } from "../codec/shape.ts";
import type { ValueMap } from "../codec/value.ts";
import { DOMAINS } from "../crypto/domains.ts";
import { circleId, envelopeId, hashOf, memberId } from "../crypto/hash.ts";
import { err, type Result } from "../lang/result.ts";

export const MAX_TALK_UNITS = 2_000;
export const SALT_BYTES = 32;

const circleShape = record({ kind: choice("circle"), form: choice("pair"), members: list(memberId, 2, 2) }, "open");
const responseShape = record(
  { kind: choice("response"), circle: circleId, on: envelopeId, words: text(1, MAX_TALK_UNITS) },
  "open",
);
const asideShape = record(
  { kind: choice("aside"), circle: circleId, salt: bytes(SALT_BYTES), words: text(1, MAX_TALK_UNITS) },
  "open",
);

export type Circle = Read<typeof circleShape>;
export type Response = Read<typeof responseShape>;
export type Aside = Read<typeof asideShape>;
export type TalkAct = Circle | Response | Aside;

const shapes = { circle: circleShape, response: responseShape, aside: asideShape } as const;

/** Null when the kind is none of these. */
export function parseTalkAct(act: ValueMap): Result<TalkAct, ShapeError> | null {
  const kind = act.get("kind");
  if (typeof kind !== "string" || !Object.hasOwn(shapes, kind)) return null;
  // hasOwn has just shown that `kind` is a key of `shapes`.
  const read = (shapes[kind as keyof typeof shapes] as Shape<TalkAct>).read(act, "act");
  if (!read.ok || read.value.kind !== "circle") return read;
  const [one = "", other = ""] = read.value.members;
  return one < other ? read : err({ kind: "malformed", at: "act.members", problem: "out-of-range" });
}

export const talkActToValue = (act: TalkAct): ValueMap =>
  // Each shape writes its own kind; the union of their parameters is what `act` is.
  (shapes[act.kind] as Shape<TalkAct>).write(act) as ValueMap;

/** K4. 32 bytes. */
export const asideHash = (aside: Pick<Aside, "salt" | "words">): Uint8Array =>
  hashOf(DOMAINS.aside, aside.salt, utf8ToBytes(aside.words));
