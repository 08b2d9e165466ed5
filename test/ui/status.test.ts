import { expect, test } from "vitest";
import { ofCopies, statusOf } from "../../src/ui/read-model/status.ts";
import { calm, mill, scenarios } from "./street.ts";

const at = (name: string) => scenarios[name] ?? calm;

test("it tells of the community on the screen", () => {
  expect(statusOf(calm, mill)).toEqual({ kind: "copied", neighbours: 2 });
  expect(statusOf(at("hereOnly"), at("hereOnly").communities[0])).toEqual({ kind: "here-only" });
  expect(statusOf(at("porch"), at("porch").communities[0])).toEqual({ kind: "porch" });
});

test("not saved yet comes before all counting", () => {
  expect(statusOf(calm, { ...mill, copies: { savedHere: false, neighbours: 3, hearths: 0 } })).toEqual({ kind: "saving" });
});

test("on pages about all communities it tells the worst", () => {
  const fewer = { ...mill, copies: { savedHere: true, neighbours: 1, hearths: 0 } };
  expect(statusOf({ ...calm, communities: [mill, fewer] }, undefined)).toEqual({ kind: "copied", neighbours: 1 });
  expect(statusOf({ ...calm, communities: [mill, ...at("hereOnly").communities] }, undefined)).toEqual({ kind: "here-only" });
});

test("a disk that cannot write is said before anything else", () => {
  expect(statusOf(at("storageFailed"), mill)).toEqual({ kind: "storage-failed" });
  expect(statusOf(at("full"), mill)).toEqual({ kind: "storage-full" });
});

test("with no community there is nothing to say", () => {
  expect(statusOf(at("none"), undefined)).toEqual({ kind: "quiet" });
});

test("people who have it come before hearths, and a hearth's sealed copy before none", () => {
  expect(ofCopies({ savedHere: true, neighbours: 1, hearths: 1 })).toEqual({ kind: "copied", neighbours: 1 });
  expect(ofCopies({ savedHere: true, neighbours: 0, hearths: 1 })).toEqual({ kind: "carried" });
  expect(ofCopies({ savedHere: true, neighbours: 0, hearths: 0 })).toEqual({ kind: "here-only" });
});
