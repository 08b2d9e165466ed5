/**
 * The promise, exhaustively. Ana (two devices) promises Bo (two devices) something on Bo's request, so Ana gives; or
 * offers are answered the other way round. Every set of up to three acts (four with an acceptance), from every device, in every order, gives one
 * state, and it is the one an oracle reads off the rules.
 */
import { describe, expect, test } from "vitest";
import {
  PROMISE_STATES,
  askedOf,
  isInTurn,
  lifeOf,
  nextSteps,
  turnOf,
  type Parties,
  type PromiseState,
  type Step,
  type StepKind,
} from "../../../protocol/acts/promise.ts";
import type { EnvelopeId, FeedId, MemberId } from "../../../protocol/crypto/hash.ts";

const [ana, bo, cy] = ["a", "b", "c"].map((who) => who.repeat(64) as MemberId) as [MemberId, MemberId, MemberId];
const COMMIT = "commit" as EnvelopeId;
const giving: Parties = { giver: ana, receiver: bo, promiser: ana };
const taking: Parties = { giver: bo, receiver: ana, promiser: ana };
const KINDS = ["accept", "decline", "withdraw", "fulfil", "acknowledge"] as const;
const DEVICES: readonly (readonly [string, MemberId])[] = [
  ["ana 1", ana],
  ["ana 2", ana],
  ["bo 1", bo],
  ["bo 2", bo],
];
const step = (id: string, kind: Step["kind"], feed: string, by: MemberId, parent: string, seq = 0): Step => ({
  id: id as EnvelopeId,
  feed: feed as FeedId,
  seq,
  by,
  kind,
  parent: parent as EnvelopeId,
});
const stateOf = (parties: Parties, steps: readonly Step[]) => lifeOf(COMMIT, parties, steps).state;

describe("P1: the table of turns is total", () => {
  const allowed = (parties: Parties) =>
    (["commit", ...KINDS] as readonly StepKind[]).flatMap((parent) =>
      KINDS.flatMap((child) =>
        [ana, bo, cy].flatMap((who) => (isInTurn(parent, child, who, parties) ? [`${parent} → ${child} by ${who[0]}`] : [])),
      ),
    );
  test("Ana promises to give: every pair of acts and every speaker", () => {
    expect(allowed(giving)).toEqual([
      "commit → accept by b",
      "commit → decline by b",
      "commit → withdraw by a",
      "accept → withdraw by a",
      "accept → withdraw by b",
      "accept → fulfil by a",
      "fulfil → acknowledge by b",
    ]);
  });
  test("Ana promises to take what Bo offers: the roles turn, the table stays", () => {
    expect(allowed(taking)).toEqual([
      "commit → accept by b",
      "commit → decline by b",
      "commit → withdraw by a",
      "accept → withdraw by a",
      "accept → withdraw by b",
      "accept → fulfil by b",
      "fulfil → acknowledge by a",
    ]);
  });
  test("an act out of turn changes nothing", () => {
    expect(stateOf(giving, [step("1", "accept", "a", ana, COMMIT)])).toBe("proposed");
    expect(stateOf(giving, [step("1", "fulfil", "a", ana, COMMIT)])).toBe("proposed");
    expect(stateOf(giving, [step("1", "acknowledge", "b", bo, "nobody knows")])).toBe("proposed");
    const outsider = [
      step("1", "accept", "b", bo, COMMIT),
      step("2", "fulfil", "c", cy, "1"),
      step("3", "acknowledge", "b", bo, "2"),
    ];
    expect(stateOf(giving, outsider)).toBe("agreed");
  });
});

describe("P2: of the answers one feed gives, the first counts", () => {
  const both = (first: "accept" | "decline", second: "accept" | "decline") => [
    step("1", first, "bo 1", bo, COMMIT, 4),
    step("2", second, "bo 1", bo, COMMIT, 9),
  ];
  test("whichever came first in the feed", () => {
    expect(stateOf(giving, both("accept", "decline"))).toBe("agreed");
    expect(stateOf(giving, both("accept", "decline").reverse())).toBe("agreed");
    expect(stateOf(giving, both("decline", "accept"))).toBe("declined");
  });
  test("two feeds have a first each, and a refusal wins", () => {
    expect(stateOf(giving, [step("1", "accept", "bo 1", bo, COMMIT), step("2", "decline", "bo 2", bo, COMMIT)])).toBe("declined");
  });
});

describe("P3: precedence of what was written apart", () => {
  const accept = step("1", "accept", "bo 1", bo, COMMIT);
  const fulfil = step("2", "fulfil", "ana 1", ana, "1");
  const kept = step("3", "acknowledge", "bo 1", bo, "2");
  const cancel = step("4", "withdraw", "bo 2", bo, "1");
  const decline = step("5", "decline", "bo 2", bo, COMMIT);
  test.each<readonly [PromiseState, readonly Step[]]>([
    ["proposed", []],
    ["agreed", [accept]],
    ["done", [accept, fulfil]],
    ["declined", [accept, fulfil, decline]],
    ["withdrawn", [accept, fulfil, decline, cancel]],
    ["kept", [accept, fulfil, decline, cancel, kept]],
  ])("%s", (state, steps) => expect(stateOf(giving, steps)).toBe(state));
});

/** Every set of `size` acts whose parents are the commit or an act of the set. */
function* setsOf(size: number, from: readonly Step[] = []): Generator<readonly Step[]> {
  if (from.length === size) return yield from;
  const parents = [COMMIT, ...from.map(({ id }) => id)];
  for (const parent of parents) {
    for (const kind of KINDS)
      for (const [feed, by] of DEVICES) {
        // Of equal sets, one: later acts do not hang on earlier parents than the act before them.
        const last = from.at(-1);
        const order = (p: string, k: string, f: string) =>
          `${String(parents.indexOf(p as EnvelopeId))}${String(KINDS.indexOf(k as "accept"))}${f}`;
        if (last !== undefined && order(parent, kind, feed) < order(last.parent, last.kind, last.feed)) continue;
        yield* setsOf(size, [
          ...from,
          step(`s${String(from.length)}`, kind, feed, by, parent, from.filter((s) => s.feed === feed).length),
        ]);
      }
  }
}
const orders = <T>(items: readonly T[]): readonly (readonly T[])[] =>
  items.length < 2 ? [items] : items.flatMap((item, i) => orders(items.filter((_, j) => j !== i)).map((rest) => [item, ...rest]));

/** The sentences of P1 to P3, read aloud: an act counts if every act above it does. */
function oracle(parties: Parties, steps: readonly Step[]): PromiseState {
  const asked = parties.promiser === parties.giver ? parties.receiver : parties.giver;
  const counts = (s: Step): boolean => {
    const above = s.parent === COMMIT ? "commit" : steps.find(({ id }) => id === s.parent);
    if (above === undefined || (above !== "commit" && !counts(above))) return false;
    const under = above === "commit" ? "commit" : above.kind;
    switch (s.kind) {
      case "accept":
      case "decline":
        return (
          under === "commit" &&
          s.by === asked &&
          !steps.some(
            (o) => o.parent === s.parent && o.feed === s.feed && o.seq < s.seq && ["accept", "decline"].includes(o.kind),
          )
        );
      case "withdraw":
        return (under === "commit" && s.by === parties.promiser) || under === "accept";
      case "fulfil":
        return under === "accept" && s.by === parties.giver;
      case "acknowledge":
        return under === "fulfil" && s.by === parties.receiver;
    }
  };
  const said = new Set(steps.filter(counts).map(({ kind }) => kind));
  const ladder = [
    ["acknowledge", "kept"],
    ["withdraw", "withdrawn"],
    ["decline", "declined"],
    ["fulfil", "done"],
    ["accept", "agreed"],
  ] as const;
  return ladder.find(([kind]) => said.has(kind))?.[1] ?? "proposed";
}

describe("exhaustive", () => {
  test.each([0, 1, 2])("every set of %i acts, in every order, gives the oracle's state", (size) => {
    for (const parties of [giving, taking])
      for (const steps of setsOf(size)) {
        const expected = oracle(parties, steps);
        for (const order of orders(steps))
          if (stateOf(parties, order) !== expected) expect({ steps: order, state: stateOf(parties, order) }).toBe(expected);
      }
  });
  test("every set of three acts, in every order", () => {
    let sets = 0;
    for (const steps of setsOf(3)) {
      sets += 1;
      const expected = oracle(giving, steps);
      for (const order of orders(steps)) if (stateOf(giving, order) !== expected) expect({ steps: order }).toBe(expected);
    }
    expect(sets).toBeGreaterThan(15_000);
  });
  test("every set of three acts beside an acceptance, of those that count, in every order", () => {
    const accept = step("s0", "accept", "bo 1", bo, COMMIT);
    const seen = new Set<PromiseState>();
    for (const steps of setsOf(4, [accept])) {
      if (lifeOf(COMMIT, giving, steps).counted.length < 4) continue;
      const lives = orders(steps).map((order) => lifeOf(COMMIT, giving, order));
      for (const life of lives) if (JSON.stringify(life) !== JSON.stringify(lives[0])) expect(life).toEqual(lives[0]);
      expect(lives[0]!.state).toBe(oracle(giving, steps));
      seen.add(lives[0]!.state);
    }
    expect([...seen].sort()).toEqual(["declined", "done", "kept", "withdrawn"]);
  });
});

describe("P4 and what comes next", () => {
  test("no clock: a state is a function of acts alone, and each has at most one who speaks next", () => {
    expect(PROMISE_STATES.map((state) => turnOf(state, giving))).toEqual([bo, ana, bo, null, null, null]);
    expect([askedOf(giving), askedOf(taking)]).toEqual([bo, bo]);
  });
  test("what is offered next is in turn, and whoever has the turn is offered something", () => {
    for (const parties of [giving, taking])
      for (const size of [0, 1, 2])
        for (const steps of setsOf(size)) {
          const life = lifeOf(COMMIT, parties, steps);
          for (const member of [ana, bo, cy]) {
            const next = nextSteps(COMMIT, parties, life, member);
            for (const { kind, parent } of next) {
              const after = lifeOf(COMMIT, parties, [...steps, step("next", kind, "new feed", member, parent)]);
              expect(after.counted.map(({ id }) => id)).toContain("next");
              expect(after.state).not.toBe(life.state);
            }
            if (turnOf(life.state, parties) === member) expect(next.length).toBeGreaterThan(0);
            if (member === cy) expect(next).toEqual([]);
          }
        }
  });
  test("help given before a withdrawal was seen can still be acknowledged", () => {
    const steps = [
      step("1", "accept", "b", bo, COMMIT),
      step("2", "fulfil", "a", ana, "1"),
      step("3", "withdraw", "b2", bo, "1"),
    ];
    const life = lifeOf(COMMIT, giving, steps);
    expect(nextSteps(COMMIT, giving, life, bo)).toEqual([{ kind: "acknowledge", parent: "2" }]);
    expect(stateOf(giving, [...steps, step("4", "acknowledge", "b", bo, "2")])).toBe("kept");
  });
});
