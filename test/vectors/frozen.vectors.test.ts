/** Every frozen vector at its door: accepted ones come back byte for byte, refused ones name their error. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { knock } from "./doors.ts";
import { hex, unhex } from "./second-path.ts";
import { readVectors } from "./vector.ts";

const names = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".json")).map((file) => file.slice(0, -5));
const files = names.map((name) => ({ name, file: readVectors(name) }));

test("there are at least 60 vectors, and at least 20 of them refuse", () => {
  const count = (which: "accepted" | "refused") => files.reduce((sum, { file }) => sum + file[which].length, 0);
  expect(count("accepted") + count("refused")).toBeGreaterThanOrEqual(60);
  expect(count("refused")).toBeGreaterThanOrEqual(20);
});

describe.each(files)("$name", ({ file }) => {
  test("says what it is about, and no name comes twice", () => {
    expect(file.about).not.toBe("");
    for (const which of [file.accepted, file.refused]) expect(new Set(which.map(({ name, parser }) => `${name} ${String(parser)}`)).size).toBe(which.length);
  });
  test.each(file.refused.map((vector) => [vector.name, vector] as const))("refused: %s", (_, { parser, bytes, error }) => {
    expect(knock(parser, unhex(bytes))).toEqual({ refused: error.trimEnd() });
  });
  const accepted = file.accepted.flatMap(({ name, parser, bytes }) =>
    typeof parser === "string" && typeof bytes === "string" ? [[name, parser, bytes] as const] : [],
  );
  if (accepted.length > 0) test("what is accepted comes back byte for byte", () => {
    for (const [name, parser, bytes] of accepted) {
      const reception = knock(parser, unhex(bytes));
      expect([name, "accepted" in reception ? hex(reception.accepted) : reception.refused]).toEqual([name, bytes]);
    }
  });
});
