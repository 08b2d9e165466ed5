import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anything, bytes, choice, list, mapped, optional, record, text, uint } from "../../../protocol/codec/shape.ts";
import type { Value } from "../../../protocol/codec/value.ts";
import { values } from "./values.ts";

const place = record({ name: text(1, 5), floor: optional(uint(9)) });
const open = record({ name: text(1, 5) }, "open");
const problem = (shape: typeof place | typeof open, entries: readonly (readonly [string, Value])[]) => {
  const read = shape.read(new Map(entries), "act");
  return read.ok ? "fine" : `${read.error.at}: ${read.error.problem}`;
};

test("H1: what is written is read back, and the other way round", () => {
  const shape = record({
    a: text(0, 20),
    b: optional(uint(255)),
    c: bytes(0, 9),
    d: list(choice("x", "y"), 3),
    e: mapped(
      uint(9),
      (n) => n + 1,
      (n) => n - 1,
    ),
    f: anything,
  });
  const whole = fc.record(
    {
      a: fc.string({ maxLength: 20 }),
      b: fc.nat(255),
      c: fc.uint8Array({ maxLength: 9 }),
      d: fc.array(fc.constantFrom("x", "y"), { maxLength: 3 }),
      e: fc.integer({ min: 1, max: 10 }),
      f: values,
    },
    { requiredKeys: ["a", "c", "d", "e", "f"] },
  );
  fc.assert(
    fc.property(whole, (value) => {
      const written = shape.write(value);
      const read = shape.read(written, "");
      expect(read).toEqual({ ok: true, value });
      expect(read.ok && shape.write(read.value)).toEqual(written);
    }),
  );
});

test("H2: no value makes a shape throw, and the error names the field", () => {
  const shape = record({ a: list(record({ b: text(1, 2) }), 3), c: bytes(2), d: choice("x") });
  fc.assert(
    fc.property(values, (value) => {
      const read = shape.read(value, "");
      if (!read.ok) expect(read.error.kind).toBe("malformed");
    }),
  );
  expect(shape.read(new Map<string, Value>([["a", [new Map([["b", "abc"]])]]]), "")).toEqual({
    ok: false,
    error: { kind: "malformed", at: "a[0].b", problem: "too-long" },
  });
});

describe("H3: manners", () => {
  test("a closed record refuses a field it does not know", () =>
    expect(
      problem(place, [
        ["name", "a"],
        ["z", 1],
      ]),
    ).toBe("act: unexpected"));
  test("an open record passes over it", () =>
    expect(
      problem(open, [
        ["name", "a"],
        ["z", 1],
      ]),
    ).toBe("fine"));
});

test("each bound names itself", () => {
  expect(problem(place, [])).toBe("act.name: missing");
  expect(problem(place, [["name", null]])).toBe("act.name: wrong-type");
  expect(problem(place, [["name", ""]])).toBe("act.name: too-short");
  expect(problem(place, [["name", "abcdef"]])).toBe("act.name: too-long");
  expect(
    problem(place, [
      ["name", "a"],
      ["floor", null],
    ]),
  ).toBe("act.floor: wrong-type");
  expect(
    problem(place, [
      ["name", "a"],
      ["floor", 10],
    ]),
  ).toBe("act.floor: out-of-range");
  expect(
    problem(place, [
      ["name", "a"],
      ["floor", -1],
    ]),
  ).toBe("act.floor: out-of-range");
  expect(place.read([], "act")).toMatchObject({ error: { problem: "wrong-type" } });
  expect(text(0, 9).read("\ud800", "t")).toMatchObject({ error: { problem: "wrong-type" } });
  expect(choice("x").read("y", "c")).toMatchObject({ error: { problem: "unknown-choice" } });
  expect(bytes(2).read(new Uint8Array(1), "b")).toMatchObject({ error: { problem: "too-short" } });
  expect(bytes(2).read(new Uint8Array(3), "b")).toMatchObject({ error: { problem: "too-long" } });
  expect(list(uint(1), 1).read([0, 0], "l")).toMatchObject({ error: { problem: "too-long" } });
  expect(list(uint(1), 2, 1).read([], "l")).toMatchObject({ error: { problem: "too-short" } });
});
