import { describe, expect, test } from "vitest";
import { NEEDS, aidActToValue, parseAidAct, type AidAct } from "../../../protocol/acts/aid.ts";
import { unfitIn } from "../../../protocol/space/writer.ts";
import type { Value } from "../../../protocol/codec/value.ts";
import type { EnvelopeId, MemberId } from "../../../protocol/crypto/hash.ts";
import type { Millis } from "../../../protocol/lang/brand.ts";
import { authorityActToValue, parseAuthorityAct } from "../../../protocol/authority/acts.ts";
import { genesis } from "../authority/records.ts";

const id = "0a".repeat(32) as EnvelopeId;
const [giver, receiver] = ["0b".repeat(32) as MemberId, "0c".repeat(32) as MemberId];
const evidence = new Uint8Array([1]);
const acts: readonly AidAct[] = [
  {
    kind: "offer",
    title: "Bread",
    details: "Rye",
    needs: ["subsistence"],
    form: "goods",
    quantity: 3,
    when: "Fridays",
    where: "the mill",
    expires: 9 as Millis,
  },
  { kind: "request", title: "A lift" },
  { kind: "commit", on: id, giver, receiver, quantity: 1, due: 5 as Millis, words: "gladly" },
  { kind: "accept", parent: id, evidence, words: "thanks" },
  { kind: "decline", parent: id },
  { kind: "withdraw", parent: id, words: "ill" },
  { kind: "fulfil", parent: id },
  { kind: "acknowledge", parent: id, evidence },
  { kind: "fulfil", parent: id, quantity: 2, rest: "open", aside: new Uint8Array(32).fill(1) },
  { kind: "amend", parent: id, quantity: 0, due: 7 as Millis, words: "another day" },
  { kind: "dispute", parent: id, aside: new Uint8Array(32).fill(2) },
  { kind: "revise", post: id, replaces: [id], title: "A lift to town", quantity: 2 },
  { kind: "close", post: id, replaces: [id], why: "met", words: "found" },
];
const read = (entries: Iterable<readonly [string, Value]>) => {
  const result = parseAidAct(new Map(entries));
  return result === null ? "another kind" : result.ok ? result.value : `${result.error.at}: ${result.error.problem}`;
};
const changed = (act: AidAct, name: string, value: Value) => read([...aidActToValue(act), [name, value]]);

test.each(acts)("$kind comes back as it was written", (act) => {
  expect(parseAidAct(aidActToValue(act))).toEqual({ ok: true, value: act });
  expect(unfitIn(act)).toBeNull();
});

test("X1, X2: a commit pins what it answers and names both", () => {
  const [, , commit] = acts as [AidAct, AidAct, AidAct];
  for (const field of ["on", "giver", "receiver"]) {
    expect(read([...aidActToValue(commit)].filter(([name]) => name !== field))).toBe(`act.${field}: missing`);
    expect(changed(commit, field, new Uint8Array(31))).toBe(`act.${field}: too-short`);
  }
});

test("X3, X4: answers name a parent; accept and acknowledge carry evidence", () => {
  for (const act of acts.slice(3, 11))
    expect(read([...aidActToValue(act)].filter(([name]) => name !== "parent"))).toBe("act.parent: missing");
  for (const act of [acts[3]!, acts[7]!]) {
    expect(read([...aidActToValue(act)].filter(([name]) => name !== "evidence"))).toBe("act.evidence: missing");
    expect(changed(act, "evidence", new Uint8Array(0))).toBe("act.evidence: too-short");
    expect(changed(act, "evidence", new Uint8Array(40_001))).toBe("act.evidence: too-long");
  }
});

test("X6: a change names its post and what it replaces", () => {
  for (const act of acts.slice(11)) {
    for (const field of ["post", "replaces"])
      expect(read([...aidActToValue(act)].filter(([name]) => name !== field))).toBe(`act.${field}: missing`);
    expect(changed(act, "replaces", [])).toBe("act.replaces: too-short");
    expect(changed(act, "replaces", Array(9).fill(new Uint8Array(32)))).toBe("act.replaces: too-long");
  }
  expect(changed(acts[12]!, "why", "bored")).toBe("act.why: unknown-choice");
});

test("X7: the hash of private words is 32 bytes", () => {
  for (const act of acts.slice(2, 11)) expect(changed(act, "aside", new Uint8Array(31))).toBe("act.aside: too-short");
});

describe("X5: fields", () => {
  test("of a newer app are passed over", () => expect(changed(acts[1]!, "mood", "bright")).toEqual(acts[1]));
  test.each<readonly [string, Value, string]>([
    ["title", "", "too-short"],
    ["title", "x".repeat(141), "too-long"],
    ["details", "x".repeat(2_001), "too-long"],
    ["needs", ["thrift"], "unknown-choice"],
    ["needs", NEEDS.slice(0, 4), "too-long"],
    ["form", "money", "unknown-choice"],
    ["quantity", -1, "out-of-range"],
    ["quantity", 1_000_001, "out-of-range"],
    ["when", 5, "wrong-type"],
    ["expires", "soon", "wrong-type"],
    ["quantity", 1.5, "out-of-range"],
  ])("%s that is known must be right: %j", (name, value, problem) => expect(changed(acts[0]!, name, value)).toMatch(problem));
  test("a kind nobody knows is no aid act, nor is one of Object's own names", () => {
    for (const kind of ["song", "toString", "__proto__", "constructor", ""]) expect(read([["kind", kind]])).toBe("another kind");
    expect([read([]), read([["kind", 1]]), read([["kind", "invite"]])]).toEqual(Array(3).fill("another kind"));
  });
});

describe("authority acts", () => {
  test("have closed fields", () => {
    expect(parseAuthorityAct(authorityActToValue(genesis))).toEqual({ ok: true, value: genesis });
    expect(parseAuthorityAct(new Map([...authorityActToValue(genesis), ["mood", 1]]))).toMatchObject({
      error: { problem: "unexpected" },
    });
  });
  test("of newer rules ask for an update", () => {
    expect(parseAuthorityAct(new Map([...authorityActToValue(genesis), ["rules", 2]]))).toEqual({
      ok: false,
      error: { kind: "newer-rules", rules: 2 },
    });
  });
  test("are four kinds, none of them one of Object's own names", () => {
    for (const kind of ["offer", "hasOwnProperty", "__proto__"]) expect(parseAuthorityAct(new Map([["kind", kind]]))).toBeNull();
  });
});
