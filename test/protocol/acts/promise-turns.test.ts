import { describe, expect, test } from "vitest";
import { askedOf, lifeOf, type Step } from "../../../protocol/acts/promise.ts";
import { timeOf, UNCONFIRMED_MS } from "../../../protocol/acts/promise-time.ts";
import { answersIn, answersTo, nextSteps, turnOf } from "../../../protocol/acts/promise-turns.ts";
import type { Millis } from "../../../protocol/lang/brand.ts";
import { COMMIT, DEVICES, ana, bo, cy, giving, setsOf, step, storiesOf, taking } from "./lives.ts";

const accept = step("1", "accept", "bo 1", COMMIT);
const nextOf = (steps: readonly Step[], who: typeof ana) =>
  nextSteps(COMMIT, giving, lifeOf(COMMIT, giving, steps), who).map(({ kind, parent }) => `${kind} ${parent}`);

test("N1: what is offered next is in turn, and whoever has the turn is offered something", () => {
  const check = (parties: typeof giving, steps: readonly Step[]) => {
    const life = lifeOf(COMMIT, parties, steps);
    for (const member of [ana, bo, cy]) {
      const feed = member === ana ? "ana 9" : member === bo ? "bo 9" : "cy";
      const next = nextSteps(COMMIT, parties, life, member);
      const answers = [...life.proposals, ...life.disputes].flatMap(({ id }) => answersTo(id, parties, life, member));
      for (const { kind, parent } of [...next, ...answers]) {
        const after = lifeOf(COMMIT, parties, [...steps, step("next", kind, feed, parent)]);
        if (!after.counted.some(({ id }) => id === "next")) expect({ steps, kind, parent, member }).toBe("in turn");
      }
      if (turnOf(life, parties) === member && next.length === 0) expect({ steps, member }).toBe("offered something");
      if (member === cy && next.length + answers.length > 0) expect({ steps }).toBe("offers nothing to a stranger");
    }
  };
  for (const parties of [giving, taking])
    for (const size of [0, 1, 2]) for (const steps of setsOf(size, DEVICES)) check(parties, steps);
  for (const steps of storiesOf(4, giving)) check(giving, steps);
});

describe("the story", () => {
  test("asks the one who was asked first, then the giver, then the receiver", () => {
    expect([askedOf(giving), askedOf(taking)]).toEqual([bo, bo]);
    const states = [[], [accept], [accept, step("2", "fulfil", "ana 1", "1")]];
    expect(states.map((steps) => turnOf(lifeOf(COMMIT, giving, steps), giving))).toEqual([bo, ana, bo]);
  });
  test("of a part: thanks first, and the rest is still the giver's", () => {
    const part = step("2", "fulfil", "ana 1", "1", { rest: "open" });
    expect(nextOf([accept, part], bo)).toEqual(["acknowledge 2", "amend 1", "withdraw 1", "dispute 2"]);
    expect(nextOf([accept, part], ana)).toEqual(["fulfil 1", "amend 1", "withdraw 1", "dispute 2"]);
    const thanked = [accept, part, step("3", "acknowledge", "bo 1", "2")];
    expect(turnOf(lifeOf(COMMIT, giving, thanked), giving)).toBe(ana);
    expect(nextOf(thanked, bo)).toEqual(["amend 1", "withdraw 1", "dispute 3"]);
  });
  test("the last fulfilment is thanked before an earlier part", () => {
    const steps = [accept, step("2", "fulfil", "ana 1", "1", { rest: "open" }), step("3", "fulfil", "ana 1", "1")];
    expect(nextOf(steps, bo)[0]).toBe("acknowledge 3");
  });
  test("goes on from the agreement in force", () => {
    const steps = [accept, step("2", "amend", "ana 1", "1", { quantity: 2 }), step("3", "accept", "bo 1", "2")];
    expect(nextOf(steps, ana)).toEqual(["fulfil 3", "amend 3", "withdraw 3", "dispute 3"]);
  });
  test("help given before a withdrawal was seen can still be acknowledged", () => {
    const steps = [accept, step("2", "fulfil", "ana 1", "1"), step("3", "withdraw", "bo 2", "1")];
    expect(nextOf(steps, bo)).toEqual(["acknowledge 2", "dispute 3"]);
    expect(lifeOf(COMMIT, giving, [...steps, step("4", "acknowledge", "bo 1", "2")]).state).toBe("kept");
  });
  test("a proposal is answered by the other, and taken back by its author; what is settled is answered no more", () => {
    const steps = [accept, step("2", "amend", "ana 1", "1", { quantity: 2 })];
    const kinds = (all: readonly Step[], who: typeof ana) =>
      answersTo("2" as never, giving, lifeOf(COMMIT, giving, all), who).map(({ kind }) => kind);
    expect([kinds(steps, bo), kinds(steps, ana), kinds(steps, cy)]).toEqual([["accept", "decline"], ["withdraw"], []]);
    expect(kinds([...steps, step("3", "decline", "bo 1", "2")], bo)).toEqual([]);
  });
});

describe("P4: time is a view", () => {
  const DAY = 86_400_000;
  const at = (steps: readonly Step[], doneAt: number | null, now: number, due: number | null = 100 * DAY) =>
    timeOf(lifeOf(COMMIT, giving, steps, { quantity: null, due: due as Millis | null }), doneAt as Millis | null, now as Millis);
  test("T2: late, asked after a day, silent after a week; and never without a date", () => {
    const times = [99.9, 100, 100.9, 101, 106.9, 107, 400].map((day) => at([accept], null, day * DAY));
    expect(times).toEqual(["in-time", "late", "late", "ask", "ask", "silent", "silent"]);
    expect(at([accept], null, 400 * DAY, null)).toBe("in-time");
    expect(at([], null, 400 * DAY)).toBe("in-time"); // nobody has agreed to it
  });
  test("T1: silence confirms nothing", () => {
    const done = [accept, step("2", "fulfil", "ana 1", "1")];
    expect(at(done, 5 * DAY, 5 * DAY + UNCONFIRMED_MS - 1)).toBe("in-time");
    expect(at(done, 5 * DAY, 5 * DAY + UNCONFIRMED_MS)).toBe("unconfirmed");
    expect(lifeOf(COMMIT, giving, done).state).toBe("done");
  });
});

test("one who says thousands of times that a part is done costs a glance each", () => {
  const parts = Array.from({ length: 20_000 }, (_, number) => step(`part ${number}`, "fulfil", "ana 1", "1", { rest: "open" }));
  const life = lifeOf(COMMIT, giving, [accept, ...parts]);
  const start = performance.now();
  for (const member of [ana, bo, cy]) nextSteps(COMMIT, giving, life, member);
  expect(performance.now() - start).toBeLessThan(500); // looked for one by one they take half a minute
});
test("one who leaves thousands of proposals open costs as much for each as for one", () => {
  const open = Array.from({ length: 20_000 }, (_, number) => step(`amend ${number}`, "amend", "ana 1", "1"));
  const life = lifeOf(COMMIT, giving, [accept, ...open]);
  const start = performance.now();
  const answersOf = answersIn(giving, life, bo);
  expect(life.proposals.filter(({ id }) => answersOf(id).length === 2)).toHaveLength(20_000);
  expect(performance.now() - start).toBeLessThan(2_000); // looked for one by one they take half a minute
});
