/**
 * Turns: what happens on the way of a promise, beside its bare steps: talk between the two before it, words for one alone, a change
 * that both agree to, parts, a correction, a thing that is seen differently. Each is a few steps put among those that are there.
 */
import type { Millis } from "../protocol/index.ts";
import { HOUR_MS, plus } from "./calendar.ts";
import type { Chance } from "./chance.ts";
import type { Label, Step, Story } from "./story.ts";
import { ASKING, BESIDE, DIFFERENTLY, MISCOUNTED, MOVING, SETTLED, TELLING } from "./words/asides.ts";

export interface Exchange {
  readonly label: Label;
  readonly at: Millis;
  readonly author: number;
  readonly promiser: number;
  readonly giver: number;
  readonly receiver: number;
  /** Of the promise; null when none is said. */
  readonly quantity: number | null;
}

/** Every so many promises of those that can take such a turn. */
const TALKED = 3;
const CONFIDED = 4;
const MOVED = 5;
const IN_PARTS = 3;
const CORRECTED = 8;
const DISPUTED = 14;

/** `bare`: the promise and its answers, in order of time. */
export function withTurns(chance: Chance, exchange: Exchange, bare: Story): Story {
  const steps = [...bare];
  const find = (kind: Step["deed"]["kind"]): number => steps.findIndex(({ deed }) => deed.kind === kind);
  if (chance.once(TALKED)) steps.unshift(...talk(chance, exchange, steps[0]?.at ?? exchange.at));
  if (chance.once(CONFIDED)) confide(steps, find("commit"), exchange.author, chance.pick(BESIDE));
  if (find("fulfil") > 0 && chance.once(MOVED)) move(chance, exchange, steps, find("fulfil"));
  if (find("acknowledge") > 0 && (exchange.quantity ?? 0) > 1 && chance.once(IN_PARTS)) divide(exchange, steps, find("fulfil"));
  const done = find("acknowledge");
  if (done > 0 && exchange.quantity !== null && chance.once(CORRECTED)) steps.push(...correct(chance, exchange, steps));
  if (done > 0 && chance.once(DISPUTED)) steps.push(...dispute(chance, exchange, steps));
  return steps;
}

const between = (from: Millis, to: Millis, part: number): Millis => plus(from, Math.floor((to - from) * part));

function talk(chance: Chance, { label, at, author, promiser }: Exchange, until: Millis): Story {
  const say = (part: number, by: number, to: number, words: string): Step => ({
    at: between(at, until, part),
    by,
    deed: { kind: "respond", on: label, to, words },
  });
  return [say(0.4, promiser, author, chance.pick(ASKING)), say(0.7, author, promiser, chance.pick(TELLING))];
}

function confide(steps: Step[], index: number, to: number, words: string): void {
  const step = steps[index];
  if (step?.deed.kind !== "commit") return;
  const { words: _, ...deed } = step.deed; // what is said to one is not said to all
  steps[index] = { ...step, deed: { ...deed, aside: { to, words } } };
}

/** Before it is done, the two agree on something else; it is done on that. */
function move(chance: Chance, { label, promiser, author, quantity }: Exchange, steps: Step[], index: number): void {
  const [before, fulfil] = [steps[index - 1], steps[index]];
  if (before === undefined || fulfil?.deed.kind !== "fulfil") return;
  const [amend, amended] = [`${label}, amend by ${promiser}`, `${label}, amended by ${promiser}`];
  const change = quantity === null ? { due: fulfil.at } : { quantity: quantity + 1 };
  steps.splice(
    index,
    1,
    {
      at: between(before.at, fulfil.at, 0.3),
      by: promiser,
      as: amend,
      deed: { kind: "amend", to: fulfil.deed.to, words: chance.pick(MOVING), ...change },
    },
    { at: between(before.at, fulfil.at, 0.6), by: author, as: amended, deed: { kind: "accept", to: amend } },
    { ...fulfil, deed: { ...fulfil.deed, to: amended } },
  );
}

/** A part of it first, thanked for; then what is left. */
function divide({ label, giver, receiver, quantity, promiser }: Exchange, steps: Step[], index: number): void {
  const [before, fulfil] = [steps[index - 1], steps[index]];
  if (before === undefined || fulfil?.deed.kind !== "fulfil" || quantity === null) return;
  const part = `${label}, part by ${promiser}`;
  steps.splice(
    index,
    1,
    {
      at: between(before.at, fulfil.at, 0.5),
      by: giver,
      as: part,
      deed: { kind: "fulfil", to: fulfil.deed.to, quantity: 1, rest: "open" },
    },
    { at: between(before.at, fulfil.at, 0.8), by: receiver, deed: { kind: "acknowledge", to: part } },
    { ...fulfil, deed: { ...fulfil.deed, quantity: quantity - 1 } },
  );
}

const lastOf = (steps: readonly Step[]): Step => {
  const last = steps.at(-1);
  if (last === undefined) throw new Error("a promise is a step at least");
  return last;
};
const labelOf = (steps: readonly Step[], kind: "fulfil" | "acknowledge"): Label =>
  steps.findLast(({ deed, as }) => deed.kind === kind && as !== undefined)?.as ?? "";

function correct(chance: Chance, { label, giver, receiver, quantity, promiser }: Exchange, steps: readonly Step[]): Story {
  const amend = `${label}, correction by ${promiser}`;
  const at = lastOf(steps).at;
  return [
    {
      at: plus(at, 5 * HOUR_MS),
      by: giver,
      as: amend,
      deed: {
        kind: "amend",
        to: labelOf(steps, "fulfil"),
        quantity: Math.max(0, (quantity ?? 1) - 1),
        words: chance.pick(MISCOUNTED),
      },
    },
    { at: plus(at, 9 * HOUR_MS), by: receiver, deed: { kind: "accept", to: amend } },
  ];
}

function dispute(chance: Chance, { label, giver, receiver, promiser }: Exchange, steps: readonly Step[]): Story {
  const as = `${label}, seen differently by ${promiser}`;
  const at = lastOf(steps).at;
  const said: Step = {
    at: plus(at, 20 * HOUR_MS),
    by: receiver,
    as,
    deed: { kind: "dispute", to: labelOf(steps, "acknowledge"), aside: { to: giver, words: chance.pick(DIFFERENTLY) } },
  };
  if (chance.once(2)) return [said];
  return [said, { at: plus(at, 70 * HOUR_MS), by: receiver, deed: { kind: "withdraw", to: as, words: chance.pick(SETTLED) } }];
}
