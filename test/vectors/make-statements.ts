/** Body statements: every kind of act, an edit and key boxes, as value and as bytes. */
import { aidActToValue, type AidAct } from "../../protocol/acts/aid.ts";
import { authorityActToValue, type AuthorityAct } from "../../protocol/authority/acts.ts";
import { encodeValue, type Value, type ValueMap } from "../../protocol/codec/value.ts";
import type { DeviceKey, EnvelopeId, FeedId, MemberId } from "../../protocol/crypto/hash.ts";
import { encodeKeyBoxes, encodeStatement } from "../../protocol/envelope/body.ts";
import type { Millis } from "../../protocol/lang/brand.ts";
import { hex } from "./second-path.ts";
import { toWritten, type Accepted, type Refused, type VectorFile } from "./vector.ts";

const fill = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte);
const id = (byte: number): EnvelopeId => hex(fill(byte)) as EnvelopeId;
const member = (byte: number): MemberId => hex(fill(byte)) as MemberId;
const certificate = { member: member(1), device: hex(fill(2)) as DeviceKey, exchange: fill(3), signature: fill(4, 64) };
const authority: readonly AuthorityAct[] = [
  { kind: "genesis", random: fill(5), name: "Rose Lane", purpose: "Neighbours.", founder: member(1), commitment: fill(6), rules: 1 },
  { kind: "join", certificate, invite: id(7), key: fill(8), proof: fill(9, 64), agreed: fill(10), name: "Bo" },
  { kind: "invite", door: "open", key: fill(11), exchange: fill(12), expires: 1_800_000_000_000 as Millis },
  { kind: "close-invite", invite: id(13), joins: [member(14), member(15)] },
];
const aid: readonly AidAct[] = [
  { kind: "offer", title: "Pears", details: "From the old tree.", needs: ["subsistence", "affection"], form: "goods", quantity: 12, when: "in autumn", where: "by the mill", expires: 9 as Millis },
  { kind: "request", title: "Chairs for Sunday" },
  { kind: "commit", on: id(1), giver: member(2), receiver: member(3), quantity: 6, due: 5 as Millis, words: "gladly" },
  { kind: "accept", parent: id(1), evidence: fill(2, 3), words: "thank you" },
  { kind: "decline", parent: id(1) },
  { kind: "withdraw", parent: id(1), words: "I fell ill" },
  { kind: "fulfil", parent: id(1) },
  { kind: "acknowledge", parent: id(1), evidence: fill(2, 3) },
];

export function statements(): Readonly<Record<string, VectorFile>> {
  const acts: readonly (readonly [string, ValueMap])[] = [
    ...authority.map((act) => [act.kind, authorityActToValue(act)] as const), ...aid.map((act) => [act.kind, aidActToValue(act)] as const),
    ["a kind nobody knows", new Map<string, Value>([["kind", "song"], ["verse", [1, null, true]]])],
  ];
  const common = { at: 1_700_000_000_000 as Millis, deps: [id(1), id(2)] };
  const asMap = (...more: readonly (readonly [string, Value])[]): ValueMap => new Map<string, Value>([["at", common.at], ["deps", common.deps.map((dep) => Buffer.from(dep, "hex"))], ...more]);
  const seen = new Uint8Array([...fill(8), 0, 0, 0, 7, ...fill(9)]);
  const edit = { form: "edit", ...common, seen: [{ feed: hex(fill(8)) as FeedId, seq: 7, id: id(9) }], doc: "notes/soup", update: fill(1, 9) } as const;
  const accepted: readonly Accepted[] = [
    ...acts.map(([name, act]): Accepted => ({ name, parser: "statement", value: toWritten(asMap(["act", act])), bytes: hex(encodeStatement({ form: "act", ...common, act })) })),
    { name: "edit", parser: "statement", value: toWritten(asMap(["seen", seen], ["doc", "notes/soup"], ["update", fill(1, 9)])), bytes: hex(encodeStatement(edit)) },
    { name: "keys", parser: "keys", value: toWritten(new Map([["commitment", fill(1)], ["boxes", fill(2, 160)]])), bytes: hex(encodeKeyBoxes({ commitment: fill(1), boxes: fill(2, 160) })) },
  ];
  const refusals: readonly (readonly [string, string, Value, string])[] = [
    ["deps out of order", "statement", new Map<string, Value>([["at", 1], ["deps", [fill(2), fill(1)]], ["act", new Map([["kind", "x"]])]]), "unsorted-deps"],
    ["seventeen deps", "statement", new Map<string, Value>([["at", 1], ["deps", Array.from({ length: 17 }, (_, i) => fill(i))], ["act", new Map([["kind", "x"]])]]), "malformed deps too-long"],
    ["a place seen cut", "statement", asMap(["seen", seen.subarray(1)], ["doc", "charter"], ["update", fill(1, 9)]), "malformed seen out-of-range"],
    ["a feed seen twice", "statement", asMap(["seen", new Uint8Array([...seen, ...seen])], ["doc", "charter"], ["update", fill(1, 9)]), "unsorted-seen"],
    ["seventeen places seen", "statement", asMap(["seen", new Uint8Array(17 * 68)], ["doc", "charter"], ["update", fill(1, 9)]), "malformed seen too-long"],
    ["an act without kind", "statement", asMap(["act", new Map()]), "malformed act wrong-type"],
    ["a field more", "statement", asMap(["act", new Map([["kind", "x"]])], ["more", 1]), "malformed  unexpected"],
    ["boxes cut", "keys", new Map<string, Value>([["commitment", fill(1)], ["boxes", fill(2, 79)]]), "broken-boxes"],
    ["a commitment cut", "keys", new Map<string, Value>([["commitment", fill(1, 31)], ["boxes", fill(2, 80)]]), "malformed commitment too-short"],
    ["an offer without title", "act", new Map([["kind", "offer"]]), "malformed act.title missing"],
    ["a need that is none", "act", new Map<string, Value>([["kind", "request"], ["title", "x"], ["needs", ["thrift"]]]), "malformed act.needs[0] unknown-choice"],
    ["a genesis with a field more", "act", new Map<string, Value>([...authorityActToValue(authority[0] as AuthorityAct), ["mood", 1]]), "malformed act unexpected"],
    ["newer rules", "act", new Map<string, Value>([...authorityActToValue(authority[0] as AuthorityAct), ["rules", 2]]), "newer-rules"],
  ];
  const refused = refusals.map(([name, parser, value, error]): Refused => ({ name, parser, bytes: hex(encodeValue(value)), error }));
  return { body: { about: "Plaintext of bodies: {at, deps, act}, {at, deps, seen, doc, update}, and open key boxes", accepted, refused } };
}
