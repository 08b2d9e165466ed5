import { describe, expect, test } from "vitest";
import { encodeValue, type Value } from "../../../protocol/codec/value.ts";
import type { EnvelopeId, FeedId } from "../../../protocol/crypto/hash.ts";
import { BOX_BYTES } from "../../../protocol/crypto/seal.ts";
import {
  MAX_DEPS,
  MAX_KEY_BOXES,
  encodeKeyBoxes,
  encodeStatement,
  parseKeyBoxes,
  parseStatement,
  type Seen,
  type Statement,
} from "../../../protocol/envelope/body.ts";
import type { Millis } from "../../../protocol/lang/brand.ts";

const id = (n: number) => n.toString(16).padStart(64, "0") as EnvelopeId;
const place = (n: number): Seen => ({ feed: id(n) as unknown as FeedId, seq: 2 ** 32 - n, id: id(9) });
const raw = (n: number) => new Uint8Array(32).fill(n);
const act = new Map<string, Value>([["kind", "offer"]]);
const map = (...entries: readonly (readonly [string, Value])[]) => encodeValue(new Map(entries));
const refusal = (bytes: Uint8Array) => {
  const read = parseStatement(bytes);
  return read.ok ? "accepted" : read.error.kind === "malformed" ? `${read.error.at}: ${read.error.problem}` : read.error.kind;
};

describe("B1: a statement is an act or an edit and nothing else", () => {
  const statements: readonly Statement[] = [
    { form: "act", at: 5 as Millis, deps: [id(1), id(2)], act },
    { form: "edit", at: 0 as Millis, deps: [], seen: [place(1), place(2)], doc: "notes", update: new Uint8Array([1]) },
  ];
  test.each(statements)("$form comes back as it was written", (statement) => {
    expect(parseStatement(encodeStatement(statement))).toEqual({ ok: true, value: statement });
  });
  test.each<readonly [string, Uint8Array, string]>([
    ["both", map(["at", 1], ["deps", []], ["act", act], ["update", new Uint8Array(1)]), ": unexpected"],
    ["an act with a field more", map(["at", 1], ["deps", []], ["act", act], ["x", 1]), ": unexpected"],
    ["neither", map(["at", 1], ["deps", []]), "seen: missing"],
    ["an act without a kind", map(["at", 1], ["deps", []], ["act", new Map()]), "act: wrong-type"],
    ["an act whose kind is a number", map(["at", 1], ["deps", []], ["act", new Map([["kind", 1]])]), "act: wrong-type"],
    [
      "an edit without update",
      map(["at", 1], ["deps", []], ["seen", new Uint8Array(0)], ["doc", "d"], ["update", new Uint8Array(0)]),
      "update: too-short",
    ],
    ["a list", encodeValue([1]), ": wrong-type"],
    ["nothing", new Uint8Array(0), "cut-short"],
  ])("%s is none", (_, bytes, expected) => expect(refusal(bytes)).toBe(expected));
  test("an act of a kind nobody knows is kept as it is", () => {
    const unknown = new Map<string, Value>([
      ["kind", "song"],
      ["verse", 3],
    ]);
    const read = parseStatement(map(["at", 1], ["deps", []], ["act", unknown]));
    expect(read).toMatchObject({ ok: true, value: { form: "act", act: unknown } });
  });
});

test("B2: a claim of time is a whole number up to the year 10889", () => {
  expect(refusal(map(["at", -1], ["deps", []], ["act", act]))).toBe("at: out-of-range");
  expect(refusal(map(["at", 281_474_976_710_656], ["deps", []], ["act", act]))).toBe("at: out-of-range");
  expect(refusal(map(["at", 281_474_976_710_655], ["deps", []], ["act", act]))).toBe("accepted");
});

describe("B3: deps ascend, without repetition, at most sixteen", () => {
  const withDeps = (deps: readonly Value[]) => refusal(map(["at", 1], ["deps", deps], ["act", act]));
  test("ascending", () => expect(withDeps([raw(1), raw(2)])).toBe("accepted"));
  test("descending", () => expect(withDeps([raw(2), raw(1)])).toBe("unsorted-deps"));
  test("repeated", () => expect(withDeps([raw(1), raw(1)])).toBe("unsorted-deps"));
  test("sixteen and seventeen", () => {
    const many = Array.from({ length: MAX_DEPS + 1 }, (_, n) => raw(n));
    expect([withDeps(many.slice(1)), withDeps(many)]).toEqual(["accepted", "deps: too-long"]);
  });
  test("an id is 32 bytes", () => expect(withDeps([new Uint8Array(31)])).toBe("deps[0]: too-short"));
});

describe("B4: key boxes", () => {
  const keys = (boxes: number) => ({ commitment: raw(1), boxes: new Uint8Array(boxes) });
  test("come back as they were written", () => {
    for (const boxes of [0, BOX_BYTES, MAX_KEY_BOXES * BOX_BYTES])
      expect(parseKeyBoxes(encodeKeyBoxes(keys(boxes)))).toEqual({ ok: true, value: keys(boxes) });
  });
  test("are whole, and at most five hundred", () => {
    expect(parseKeyBoxes(encodeKeyBoxes(keys(BOX_BYTES - 1)))).toEqual({
      ok: false,
      error: { kind: "broken-boxes", bytes: BOX_BYTES - 1 },
    });
    expect(parseKeyBoxes(encodeKeyBoxes(keys((MAX_KEY_BOXES + 1) * BOX_BYTES)))).toMatchObject({
      error: { at: "boxes", problem: "too-long" },
    });
    expect(parseKeyBoxes(map(["commitment", raw(1)], ["boxes", new Uint8Array(0)], ["x", 1]))).toMatchObject({
      error: { problem: "unexpected" },
    });
  });
});
