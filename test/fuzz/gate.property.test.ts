/** A short run of the gate's fuzzer beside the fast tests; and the proof that its trial would tell. */
import { expect, test } from "vitest";
import { runs } from "../runs.ts";
import { fuzzGate } from "./gate.ts";

test("whatever comes to the gate, honest people are let in, every rule stops something, and what is let in does no harm", () => {
  const cases = runs(3_000, 6_000);
  const outcome = fuzzGate({ cases, seed: 20_260_101, only: null, tell: () => undefined });
  expect(outcome.violations).toEqual([]);
  expect([...outcome.refused].filter(([, times]) => times === 0)).toEqual([]);
  expect(outcome.tried).toBeGreaterThan(cases / 120);
  expect(outcome.honest).toBeGreaterThan(cases / 60);
});
