import { expect, test } from "vitest";
import { encodeDemoKeys, parseDemoKeys } from "../../src/peer/demo-keys.ts";
import { SMALL, villageOf } from "../villages.ts";

const { keys } = villageOf(SMALL);
const text = encodeDemoKeys(keys);
const file = JSON.parse(text) as Record<string, unknown> & { people: Record<string, unknown>[] };

test("what was written is read", () => {
  expect(parseDemoKeys(text)).toEqual({ ok: true, value: keys });
  expect(file["about"]).toMatch(/public/);
});

const firstWith = (fields: object): object => ({ ...file, people: [{ ...file.people[0], ...fields }, ...file.people.slice(1)] });
test.each<[string, unknown]>([
  ["no JSON", "<html>"],
  ["another version", { ...file, version: 2 }],
  ["no people", { ...file, people: [] }],
  ["a visitor who is not there", { ...file, visitor: 6 }],
  ["a visitor who is no number", { ...file, visitor: "0" }],
  ["no end", { ...file, ends: -1 }],
  ["a tag that is none", { ...file, tag: "AB" }],
  ["half a key", { ...file, epoch: "00" }],
  ["letters that are no hex", { ...file, epoch: "z".repeat(64) }],
  ["a person without a name", firstWith({ name: "" })],
  ["a person without a seed", firstWith({ deviceSeed: undefined })],
  ["short entropy", firstWith({ entropy: "00".repeat(15) })],
  ["a person who is none", { ...file, people: [null, ...file.people] }],
])("refused: %s", (_, wrong) => {
  expect(parseDemoKeys(typeof wrong === "string" ? wrong : JSON.stringify(wrong))).toEqual({
    ok: false,
    error: { kind: "no-demo-keys" },
  });
});
