import { expect, test } from "vitest";
import { isOver, turnIn } from "../../src/ui/vocabulary.ts";
import { exchanges } from "./exchanges.ts";
import { posts } from "./street.ts";

const all = { ...posts, ...exchanges };
const turnOf = (name: string) => {
  const post = all[name];
  if (post === undefined) throw new Error(`no post ${name}`);
  return turnIn(post);
};

test.each([
  ["proposed", "accept"],
  ["done", "acknowledge"],
  ["helpers", "answer"],
  ["late", "fulfil"],
] as const)("%s waits for the reader: %s", (name, turn) => {
  expect(turnOf(name)).toBe(turn);
});

test.each(["kept", "withdrawn", "dispute", "silent", "public", "mine"])(
  "%s waits for nobody, though something could be said in it",
  (name) => {
    expect(turnOf(name)).toBeNull();
  },
);

test("closed and past ones are over, whatever was promised in them", () => {
  expect(Object.entries(all).flatMap(([name, post]) => (isOver(post) ? [name] : []))).toEqual(["closed", "expired"]);
});
