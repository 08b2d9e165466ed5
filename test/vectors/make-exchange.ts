/** Acts of an exchange that came after the first version of aid, talk inside a circle, and the hash of an aside. */
import { aidActToValue, type AidAct } from "../../protocol/acts/aid.ts";
import { asideHash, talkActToValue, type TalkAct } from "../../protocol/acts/talk.ts";
import { encodeValue, type Value, type ValueMap } from "../../protocol/codec/value.ts";
import { circleIdOf, type EnvelopeId, type MemberId } from "../../protocol/crypto/hash.ts";
import { encodeStatement } from "../../protocol/envelope/body.ts";
import type { Millis } from "../../protocol/lang/brand.ts";
import { hex } from "./second-path.ts";
import { toWritten, type Accepted, type Refused, type VectorFile } from "./vector.ts";

const fill = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte);
const id = (byte: number): EnvelopeId => hex(fill(byte)) as EnvelopeId;
const member = (byte: number): MemberId => hex(fill(byte)) as MemberId;
const aid: readonly AidAct[] = [
  { kind: "revise", post: id(1), replaces: [id(1), id(4)], title: "Chairs for Sunday at ten", quantity: 6 },
  { kind: "close", post: id(1), replaces: [id(5)], why: "met", words: "All found" },
  { kind: "commit", on: id(1), giver: member(2), receiver: member(3), quantity: 2, aside: fill(6) },
  { kind: "fulfil", parent: id(1), quantity: 1, rest: "open" },
  { kind: "amend", parent: id(1), quantity: 3, due: 5 as Millis, words: "another day" },
  { kind: "dispute", parent: id(1), aside: fill(7) },
];
const talk: readonly TalkAct[] = [
  { kind: "circle", form: "pair", members: [member(2), member(3)] },
  { kind: "response", circle: circleIdOf(fill(9), [member(2), member(3)]), on: id(1), words: "Mill Road 7, ring twice" },
  { kind: "aside", circle: circleIdOf(fill(9), [member(2), member(3)]), salt: fill(8), words: "the key is under the pot" },
];

export function exchange(): Readonly<Record<string, VectorFile>> {
  const common = { at: 1_700_000_000_000 as Millis, deps: [id(1), id(2)] };
  const asMap = (act: ValueMap): ValueMap =>
    new Map<string, Value>([["at", common.at], ["deps", common.deps.map((dep) => Buffer.from(dep, "hex"))], ["act", act]]);
  const all = [...aid.map((act) => [act.kind, aidActToValue(act)] as const), ...talk.map((act) => [act.kind, talkActToValue(act)] as const)];
  const asides = [{ salt: fill(8), words: "the key is under the pot" }, { salt: fill(0), words: "ü☕" }];
  const accepted: readonly Accepted[] = [
    ...all.map(([name, act]): Accepted => ({ name, parser: "statement", value: toWritten(asMap(act)), bytes: hex(encodeStatement({ form: "act", ...common, act })) })),
    ...talk.map((act): Accepted => ({ name: `${act.kind}, alone`, parser: "talk", bytes: hex(encodeValue(talkActToValue(act))) })),
    { name: "circle id", commitment: hex(fill(9)), members: [2, 3].map((byte) => hex(fill(byte))), circle: circleIdOf(fill(9), [member(2), member(3)]) },
    ...asides.map(({ salt, words }, index): Accepted => ({ name: `aside hash ${index}`, salt: hex(salt), words, hash: hex(asideHash({ salt, words })) })),
  ];
  const refusals: readonly (readonly [string, string, Value, string])[] = [
    ["a change that replaces nothing", "act", new Map<string, Value>([...aidActToValue(aid[0] as AidAct), ["replaces", []]]), "malformed act.replaces too-short"],
    ["a close without a reason", "act", new Map<string, Value>([["kind", "close"], ["post", fill(1)], ["replaces", [fill(1)]]]), "malformed act.why missing"],
    ["a short hash", "act", new Map<string, Value>([["kind", "dispute"], ["parent", fill(1)], ["aside", fill(7, 31)]]), "malformed act.aside too-short"],
    ["a part of another kind", "act", new Map<string, Value>([["kind", "fulfil"], ["parent", fill(1)], ["rest", "later"]]), "malformed act.rest unknown-choice"],
    ["a pair of one", "talk", new Map<string, Value>([["kind", "circle"], ["form", "pair"], ["members", [fill(2), fill(2)]]]), "malformed act.members out-of-range"],
    ["a pair out of order", "talk", new Map<string, Value>([["kind", "circle"], ["form", "pair"], ["members", [fill(3), fill(2)]]]), "malformed act.members out-of-range"],
    ["a circle of another form", "talk", new Map<string, Value>([["kind", "circle"], ["form", "team"], ["members", [fill(2), fill(3)]]]), "malformed act.form unknown-choice"],
    ["a short salt", "talk", new Map<string, Value>([["kind", "aside"], ["circle", fill(9)], ["salt", fill(8, 31)], ["words", "x"]]), "malformed act.salt too-short"],
    ["a response without words", "talk", new Map<string, Value>([["kind", "response"], ["circle", fill(9)], ["on", fill(1)], ["words", ""]]), "malformed act.words too-short"],
    ["a response in no circle", "talk", new Map<string, Value>([["kind", "response"], ["on", fill(1)], ["words", "x"]]), "malformed act.circle missing"],
    ["an offer is no talk", "talk", new Map<string, Value>([["kind", "offer"], ["title", "x"]]), "another-kind"],
  ];
  const refused = refusals.map(([name, parser, value, error]): Refused => ({ name, parser, bytes: hex(encodeValue(value)), error }));
  return { exchange: { about: "Later acts of an exchange as statements; talk inside a circle; the salted hash of an aside", accepted, refused } };
}
