/** Authority acts that came after the first version: an invitation for one, and the acceptance that lets somebody in. */
import { authorityActToValue, type AuthorityAct } from "../../protocol/authority/acts.ts";
import { encodeValue, type Value, type ValueMap } from "../../protocol/codec/value.ts";
import type { EnvelopeId } from "../../protocol/crypto/hash.ts";
import { encodeStatement } from "../../protocol/envelope/body.ts";
import type { Millis } from "../../protocol/lang/brand.ts";
import { hex } from "./second-path.ts";
import { toWritten, type Accepted, type Refused, type VectorFile } from "./vector.ts";

const fill = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte);
const id = (byte: number): EnvelopeId => hex(fill(byte)) as EnvelopeId;
const acts: readonly (readonly [string, AuthorityAct])[] = [
  ["an invitation for one", { kind: "invite", door: "single", key: fill(11), exchange: fill(12), expires: 1_800_000_000_000 as Millis }],
  ["accept-join", { kind: "accept-join", invite: id(13), join: id(14) }],
];

export function authority(): Readonly<Record<string, VectorFile>> {
  const common = { at: 1_700_000_000_000 as Millis, deps: [id(1), id(14)] };
  const asMap = (act: ValueMap): ValueMap =>
    new Map<string, Value>([["at", common.at], ["deps", common.deps.map((dep) => Buffer.from(dep, "hex"))], ["act", act]]);
  const accepted = acts.map(([name, act]): Accepted => {
    const value = authorityActToValue(act);
    return { name, parser: "statement", value: toWritten(asMap(value)), bytes: hex(encodeStatement({ form: "act", ...common, act: value })) };
  });
  const [invite, accept] = acts.map(([, act]) => authorityActToValue(act)) as [ValueMap, ValueMap];
  const refusals: readonly (readonly [string, Value, string])[] = [
    ["a door that is none", new Map<string, Value>([...invite, ["door", "ajar"]]), "malformed act.door unknown-choice"],
    ["an acceptance of no join", new Map<string, Value>([["kind", "accept-join"], ["invite", fill(13)]]), "malformed act.join missing"],
    ["an acceptance with a field more", new Map<string, Value>([...accept, ["words", "welcome"]]), "malformed act unexpected"],
  ];
  const refused = refusals.map(([name, value, error]): Refused => ({ name, parser: "act", bytes: hex(encodeValue(value)), error }));
  return { authority: { about: "Later authority acts as statements", accepted, refused } };
}
