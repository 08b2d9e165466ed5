/**
 * The promise, exhaustively. Every set of up to two acts from every device, of three from three devices, and every story of four
 * acts that count, in every order, gives one life, and it is the one an oracle reads off the rules.
 */
import { describe, expect, test } from "vitest";
import {
  MAX_DEPTH,
  PLACES,
  PROMISE_STATES,
  lifeOf,
  placeOf,
  type Parties,
  type PromiseState,
  type Step,
} from "../../../protocol/acts/promise.ts";
import type { Millis } from "../../../protocol/lang/brand.ts";
import { COMMIT, DEVICES, KINDS, ana, bo, cy, giving, orders, setsOf, step, storiesOf, taking } from "./lives.ts";
import { runs } from "../../runs.ts";
import { oracle } from "./promise-oracle.ts";

const stateOf = (parties: Parties, steps: readonly Step[]) => lifeOf(COMMIT, parties, steps).state;

describe("P1: the table of turns is total", () => {
  const allowed = (parties: Parties, author = ana) =>
    PLACES.flatMap((above) =>
      KINDS.flatMap((kind) =>
        [ana, bo, cy].flatMap((who) => {
          const place = placeOf(above, author, kind, who, parties);
          return place === null ? [] : [`${above}: ${kind} by ${who[0]!} is ${place}`];
        }),
      ),
    );
  test("Ana gives, and wrote the act above: every place, act and speaker", () => {
    expect(allowed(giving)).toEqual([
      "commit: accept by b is agreement",
      "commit: decline by b is refusal",
      "commit: withdraw by a is taken-back",
      "agreement: withdraw by a is called-off",
      "agreement: withdraw by b is called-off",
      "agreement: fulfil by a is fulfilment",
      "agreement: amend by a is amendment",
      "agreement: amend by b is amendment",
      "agreement: dispute by a is dispute",
      "agreement: dispute by b is dispute",
      "amendment: accept by b is agreement",
      "amendment: decline by b is refusal",
      "amendment: withdraw by a is taken-back",
      "fulfilment: acknowledge by b is receipt",
      "fulfilment: amend by a is correction",
      "fulfilment: amend by b is correction",
      "fulfilment: dispute by a is dispute",
      "fulfilment: dispute by b is dispute",
      "correction: accept by b is corrected",
      "correction: decline by b is refusal",
      "correction: withdraw by a is taken-back",
      "corrected: amend by a is correction",
      "corrected: amend by b is correction",
      "corrected: dispute by a is dispute",
      "corrected: dispute by b is dispute",
      "receipt: dispute by a is dispute",
      "receipt: dispute by b is dispute",
      "called-off: dispute by a is dispute",
      "called-off: dispute by b is dispute",
      "dispute: withdraw by a is settled",
    ]);
  });
  test("when the roles turn, only who does and who thanks turns with them", () => {
    const turned = allowed(taking).filter((line) => !allowed(giving).includes(line));
    expect(turned).toEqual(["agreement: fulfil by b is fulfilment", "fulfilment: acknowledge by a is receipt"]);
  });
  test("an act out of turn changes nothing", () => {
    expect(stateOf(giving, [step("1", "accept", "ana 1", COMMIT)])).toBe("proposed");
    expect(stateOf(giving, [step("1", "fulfil", "ana 1", COMMIT)])).toBe("proposed");
    expect(stateOf(giving, [step("1", "acknowledge", "bo 1", "nobody knows")])).toBe("proposed");
    const outsider = [step("1", "accept", "bo 1", COMMIT), step("2", "fulfil", "cy", "1"), step("3", "acknowledge", "bo 1", "2")];
    expect(stateOf(giving, outsider)).toBe("agreed");
  });
  test("a row of changes of mind counts down to its depth, and no further", () => {
    const steps = Array.from({ length: MAX_DEPTH + 2 }, (_, i) =>
      step(String(i), i % 2 === 0 ? "accept" : "amend", i % 2 === 0 ? "bo 1" : "ana 1", i === 0 ? COMMIT : String(i - 1), {
        seq: i,
        ...(i % 2 === 0 ? {} : { quantity: i }),
      }),
    );
    const life = lifeOf(COMMIT, giving, steps);
    expect(life.counted).toHaveLength(MAX_DEPTH);
    expect(life.terms.quantity).toBe(MAX_DEPTH - 3); // the last amendment has no answer that counts
    expect(life.proposals.map(({ id }) => id)).toEqual([String(MAX_DEPTH - 1)]);
  });
});

describe("P2: of the answers one feed gives to one act, the first counts", () => {
  const both = (first: "accept" | "decline", second: "accept" | "decline") => [
    step("1", first, "bo 1", COMMIT, { seq: 4 }),
    step("2", second, "bo 1", COMMIT, { seq: 9 }),
  ];
  test("whichever came first in the feed", () => {
    expect(stateOf(giving, both("accept", "decline"))).toBe("agreed");
    expect(stateOf(giving, both("accept", "decline").reverse())).toBe("agreed");
    expect(stateOf(giving, both("decline", "accept"))).toBe("declined");
  });
  test("two feeds have a first each, and a refusal wins", () => {
    expect(stateOf(giving, [step("1", "accept", "bo 1", COMMIT), step("2", "decline", "bo 2", COMMIT)])).toBe("declined");
  });
});

describe("P3: precedence of what was written apart", () => {
  const accept = step("1", "accept", "bo 1", COMMIT);
  const part = step("6", "fulfil", "ana 1", "1", { rest: "open" });
  const fulfil = step("2", "fulfil", "ana 1", "1");
  const kept = step("3", "acknowledge", "bo 1", "2");
  const cancel = step("4", "withdraw", "bo 2", "1");
  const decline = step("5", "decline", "bo 2", COMMIT);
  test.each<readonly [PromiseState, readonly Step[]]>([
    ["proposed", []],
    ["agreed", [accept]],
    ["underway", [accept, part]],
    ["done", [accept, part, fulfil]],
    ["declined", [accept, part, fulfil, decline]],
    ["withdrawn", [accept, part, fulfil, decline, cancel]],
    ["kept", [accept, part, fulfil, decline, cancel, kept]],
  ])("%s", (state, steps) => expect(stateOf(giving, steps)).toBe(state));
  test("a part that was acknowledged keeps no promise, and stands when the rest is called off", () => {
    const steps = [accept, part, step("7", "acknowledge", "bo 1", "6"), cancel];
    const { state, parts } = lifeOf(COMMIT, giving, steps);
    expect([state, parts]).toEqual([
      "withdrawn",
      [{ id: "6", quantity: null, isLast: false, isAcknowledged: true, correctAt: "6" }],
    ]);
  });
});

describe("P5: what both changed", () => {
  const accept = step("1", "accept", "bo 1", COMMIT);
  const first = { quantity: 3, due: 10 as Millis };
  const amend = (id: string, by: string, parent: string, more: Partial<Step>) => step(id, "amend", by, parent, more);
  test("nothing changes by one side's word", () => {
    const life = lifeOf(COMMIT, giving, [accept, amend("2", "ana 1", "1", { quantity: 2 })], first);
    expect([life.terms, life.agreement, life.proposals]).toEqual([
      first,
      "1",
      [{ id: "2", by: ana, place: "amendment", part: null }],
    ]);
  });
  test("X8: what an amendment leaves out stays, and the next one builds on it", () => {
    const steps = [
      accept,
      amend("2", "ana 1", "1", { quantity: 2 }),
      step("3", "accept", "bo 1", "2"),
      amend("4", "bo 1", "3", { due: 99 as Millis }),
      step("5", "accept", "ana 1", "4"),
    ];
    const life = lifeOf(COMMIT, giving, steps, first);
    expect([life.terms, life.agreement, life.proposals]).toEqual([{ quantity: 2, due: 99 }, "5", []]);
  });
  test("a correction that waits names what was done, also behind another correction", () => {
    const steps = [
      accept,
      step("2", "fulfil", "ana 1", "1", { quantity: 1, rest: "open" }),
      step("3", "fulfil", "ana 1", "1", { quantity: 2 }),
      amend("4", "bo 1", "3", { quantity: 1 }),
      step("5", "accept", "ana 1", "4"),
      amend("6", "bo 1", "5", { quantity: 0 }),
      amend("7", "bo 1", "2", { quantity: 0 }),
    ];
    const { proposals } = lifeOf(COMMIT, giving, steps, first);
    expect(proposals.map(({ id, part }) => [id, part]).sort()).toEqual([
      ["6", "3"],
      ["7", "2"],
    ]);
  });
  test.each(["decline", "withdraw"] as const)("what both signed is not undone by one: a %s on another device", (kind) => {
    const ended = step("4", kind, kind === "decline" ? "bo 2" : "ana 1", "2", { seq: 7 });
    const amended = [accept, amend("2", "ana 1", "1", { quantity: 2 }), step("3", "accept", "bo 1", "2")];
    for (const order of orders([...amended, ended]))
      expect(lifeOf(COMMIT, giving, order, first).terms).toEqual({ ...first, quantity: 2 });
  });
  test("what was declined, and never accepted, does not hold", () => {
    const steps = [accept, amend("2", "ana 1", "1", { quantity: 2 }), step("3", "decline", "bo 1", "2")];
    expect(lifeOf(COMMIT, giving, steps, first)).toMatchObject({ terms: first, proposals: [] });
  });
  test("of two agreed apart, one is in force everywhere; a further change under either decides", () => {
    const apart = [
      accept,
      amend("a", "ana 1", "1", { quantity: 7 }),
      amend("b", "bo 2", "1", { quantity: 8 }),
      step("c", "accept", "bo 1", "a"),
      step("d", "accept", "ana 2", "b"),
    ];
    for (const order of orders(apart)) expect(lifeOf(COMMIT, giving, order, first).terms.quantity).toBe(7);
    const further = [...apart, amend("e", "ana 1", "d", { quantity: 9 }), step("f", "accept", "bo 1", "e")];
    expect(lifeOf(COMMIT, giving, further, first).terms.quantity).toBe(9);
  });
  test("a correction changes how much a part was, and erases nothing", () => {
    const steps = [
      accept,
      step("2", "fulfil", "ana 1", "1", { quantity: 3 }),
      step("3", "acknowledge", "bo 1", "2"),
      amend("4", "bo 1", "2", { quantity: 2 }),
      step("5", "accept", "ana 1", "4"),
    ];
    const life = lifeOf(COMMIT, giving, steps, first);
    expect(life.state).toBe("kept");
    expect(life.parts).toEqual([{ id: "2", quantity: 2, isLast: true, isAcknowledged: true, correctAt: "5" }]);
    expect(life.counted).toHaveLength(5);
  });
});

test("P6: a dispute changes no state, and only its author settles it", () => {
  const steps = [step("1", "accept", "bo 1", COMMIT), step("2", "fulfil", "ana 1", "1"), step("3", "dispute", "bo 1", "2")];
  const life = (...more: readonly Step[]) => lifeOf(COMMIT, giving, [...steps, ...more]);
  expect([life().state, life().disputes.map(({ id, by }) => [id, by])]).toEqual(["done", [["3", bo]]]);
  expect(life(step("4", "withdraw", "ana 1", "3")).disputes).toHaveLength(1);
  const settled = life(step("4", "withdraw", "bo 2", "3"));
  expect([settled.state, settled.disputes]).toEqual(["done", []]); // the settling withdraws no promise
});

describe("exhaustive", () => {
  const told = (parties: Parties, steps: readonly Step[]) => {
    const life = lifeOf(COMMIT, parties, steps);
    return JSON.stringify({
      state: life.state,
      counted: life.counted.map(({ id, place }) => [id, place]).sort(),
      quantities: Object.fromEntries(life.parts.map(({ id, quantity }) => [id, quantity]).sort()),
      open: life.proposals.map(({ id }) => id).sort(),
      disputes: life.disputes.map(({ id }) => id).sort(),
    });
  };
  const expected = (parties: Parties, steps: readonly Step[]) => {
    const { state, places, quantities, open, disputes } = oracle(parties, steps);
    const counted = [...places].filter(([, place]) => place !== null).sort();
    return JSON.stringify({ state, counted, quantities: Object.fromEntries(Object.entries(quantities).sort()), open, disputes });
  };
  const compare = (parties: Parties, steps: readonly Step[]) => {
    const wanted = expected(parties, steps);
    for (const order of orders(steps)) {
      const found = told(parties, order);
      if (found !== wanted) expect({ order, found }).toEqual({ order, found: wanted });
    }
  };
  test.each([0, 1, 2])("every set of %i acts, in every order, gives the oracle's life", (size) => {
    for (const parties of [giving, taking]) for (const steps of setsOf(size, DEVICES)) compare(parties, steps);
  });
  test("every set of three acts from three devices, in every order", () => {
    let sets = 0;
    for (const steps of setsOf(3, [DEVICES[0]!, ...DEVICES.slice(2)])) {
      sets += 1;
      compare(giving, steps);
    }
    expect(sets).toBeGreaterThan(20_000);
  });
  test("every story of up to five acts that count, in some orders (in check, of four)", () => {
    const seen = new Set<PromiseState>();
    let stories = 0;
    for (const size of runs(4, 5) === 5 ? [3, 4, 5] : [3, 4])
      for (const steps of storiesOf(size, giving)) {
        stories += 1;
        const wanted = expected(giving, steps);
        for (const order of [steps, [...steps].reverse(), [...steps.slice(2), ...steps.slice(0, 2)]]) {
          const found = told(giving, order);
          if (found !== wanted) expect({ order, found }).toEqual({ order, found: wanted });
        }
        seen.add(lifeOf(COMMIT, giving, steps).state);
      }
    expect(stories).toBeGreaterThan(runs(1_000, 10_000));
    expect([...seen].sort()).toEqual(PROMISE_STATES.filter((state) => state !== "proposed" && state !== "underway").sort());
  });
});
