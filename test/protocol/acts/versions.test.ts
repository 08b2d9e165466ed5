import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Change } from "../../../protocol/acts/aid.ts";
import { versionsOf, type Version } from "../../../protocol/acts/versions.ts";
import type { EnvelopeId } from "../../../protocol/crypto/hash.ts";
import type { Millis } from "../../../protocol/lang/brand.ts";

const id = (name: string) => name as EnvelopeId;
const post: Version<{ kind: "request"; title: string }> = {
  id: id("p"),
  at: 1 as Millis,
  act: { kind: "request", title: "Chairs" },
};
const revise = (name: string, replaces: readonly string[], at: number): Version<Change> => ({
  id: id(name),
  at: at as Millis,
  act: { kind: "revise", post: post.id, replaces: replaces.map(id), title: name },
});
const close = (name: string, replaces: readonly string[], at: number): Version<Change> => ({
  id: id(name),
  at: at as Millis,
  act: { kind: "close", post: post.id, replaces: replaces.map(id), why: "met" },
});
const shown = (...changes: readonly Version<Change>[]) => {
  const { terms, closed, standing } = versionsOf(post, changes);
  return { title: terms.act.title, closed: closed?.id ?? null, standing: standing.map((each) => each.id) };
};

describe("what an offer or request says now", () => {
  test("as it was written, until its author changes it", () => {
    expect(shown()).toEqual({ title: "Chairs", closed: null, standing: ["p"] });
    expect(shown(revise("a", ["p"], 2))).toEqual({ title: "a", closed: null, standing: ["a"] });
    expect(shown(revise("a", ["p"], 2), revise("b", ["a"], 3))).toMatchObject({ title: "b", standing: ["b"] });
  });
  test("V2: two devices apart leave two versions, and one more change brings them together", () => {
    const apart = [revise("a", ["p"], 2), revise("b", ["p"], 3)];
    expect(shown(...apart)).toEqual({ title: "b", closed: null, standing: ["b", "a"] });
    expect(shown(...apart, revise("c", ["a", "b"], 4))).toMatchObject({ title: "c", standing: ["c"] });
  });
  test("V3: a close beats what was said beside it, and a change that replaces the close opens the post again", () => {
    const beside = [revise("a", ["p"], 2), close("x", ["p"], 2)];
    expect(shown(...beside)).toMatchObject({ title: "a", closed: "x" });
    expect(shown(...beside, revise("b", ["a", "x"], 3))).toEqual({ title: "b", closed: null, standing: ["b"] });
  });
  test("V4: a closed post still shows what it said", () => {
    expect(shown(revise("a", ["p"], 2), close("x", ["a"], 3))).toMatchObject({ title: "a", closed: "x" });
    expect(shown(close("x", ["p"], 2), close("y", ["x"], 3))).toMatchObject({ title: "Chairs", closed: "y" });
    expect(shown(close("x", ["nobody knows"], 2))).toMatchObject({ title: "Chairs", closed: "x" });
  });
  test("V4: claims of equal time are told apart by id", () => {
    expect(shown(revise("a", ["p"], 2), revise("b", ["p"], 2)).title).toBe("b");
  });
});

test("order of arrival changes nothing, and something is always shown", () => {
  const names = ["a", "b", "c", "d", "e"];
  const change = (index: number) =>
    fc
      .record({
        replaces: fc.subarray(["p", ...names.slice(0, index)], { minLength: 1 }),
        isClose: fc.boolean(),
        at: fc.nat(3),
      })
      .map(({ replaces, isClose, at }) => (isClose ? close : revise)(names[index]!, replaces, at));
  fc.assert(
    fc.property(fc.tuple(...names.map((_, index) => change(index))), fc.nat(), (changes, turn) => {
      const turned = [...changes.slice(turn % 5), ...changes.slice(0, turn % 5)].reverse();
      expect(shown(...turned)).toEqual(shown(...changes));
      const { standing, closed } = versionsOf(post, changes);
      expect(standing.length).toBeGreaterThan(0);
      expect(closed !== null).toBe(standing.some(({ act }) => act.kind === "close"));
    }),
    { numRuns: 300 },
  );
});
