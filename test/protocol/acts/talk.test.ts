import { expect, test } from "vitest";
import { asideHash, parseTalkAct, talkActToValue, type TalkAct } from "../../../protocol/acts/talk.ts";
import { unfitIn } from "../../../protocol/space/writer.ts";
import type { Value } from "../../../protocol/codec/value.ts";
import type { CircleId, EnvelopeId, MemberId } from "../../../protocol/crypto/hash.ts";

const [one, other] = ["0b".repeat(32) as MemberId, "0c".repeat(32) as MemberId];
const acts: readonly TalkAct[] = [
  { kind: "circle", form: "pair", members: [one, other] },
  { kind: "response", circle: "0c".repeat(32) as CircleId, on: "0a".repeat(32) as EnvelopeId, words: "Mill Road 7, ring twice" },
  { kind: "aside", circle: "0c".repeat(32) as CircleId, salt: new Uint8Array(32).fill(3), words: "the key is under the pot" },
];
const read = (entries: Iterable<readonly [string, Value]>) => {
  const result = parseTalkAct(new Map(entries));
  return result === null ? "another kind" : result.ok ? result.value : `${result.error.at}: ${result.error.problem}`;
};
const changed = (act: TalkAct, name: string, value: Value) => read([...talkActToValue(act), [name, value]]);

test.each(acts)("$kind comes back as it was written", (act) => {
  expect(parseTalkAct(talkActToValue(act))).toEqual({ ok: true, value: act });
  expect(unfitIn(act)).toBeNull();
});

test("K1: a pair is two different members, in one order", () => {
  const bytes = [one, other].map((name) => Buffer.from(name, "hex")).map((raw) => new Uint8Array(raw));
  expect(changed(acts[0]!, "members", [bytes[1]!, bytes[0]!])).toBe("act.members: out-of-range");
  expect(changed(acts[0]!, "members", [bytes[0]!, bytes[0]!])).toBe("act.members: out-of-range");
  expect(changed(acts[0]!, "members", [bytes[0]!])).toBe("act.members: too-short");
  expect(changed(acts[0]!, "form", "team")).toBe("act.form: unknown-choice");
});

test("K4: a salt is 32 bytes, and one salt or letter more makes another hash", () => {
  expect(changed(acts[2]!, "salt", new Uint8Array(31))).toBe("act.salt: too-short");
  const hashes = [
    asideHash({ salt: new Uint8Array(32), words: "yes" }),
    asideHash({ salt: new Uint8Array(32).fill(1), words: "yes" }),
    asideHash({ salt: new Uint8Array(32), words: "yes." }),
  ];
  expect(new Set(hashes.map((hash) => hash.join())).size).toBe(3);
});

test("K5: fields of a newer app are passed over, and kinds nobody knows are no talk", () => {
  expect(changed(acts[1]!, "mood", "bright")).toEqual(acts[1]);
  for (const kind of ["offer", "song", "toString", "__proto__", ""]) expect(read([["kind", kind]])).toBe("another kind");
});
test("what does not fit is named before it is signed", () => {
  const [circle, response] = acts;
  expect(unfitIn({ ...response!, words: "x".repeat(2_001) } as TalkAct)).toBe("act.words");
  expect(unfitIn({ ...circle!, members: [other, one] } as TalkAct)).toBe("act.members");
});
