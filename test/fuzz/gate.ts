/**
 * `npm run fuzz -- gate [--cases N] [--seed N] [--case N] [--json]`: hostile updates at the write gate, among honest ones.
 *
 * A violation is: an honest edit refused; honest people who do not say the same in the end; a throw; anything that a trial finds
 * wrong (gate-trial.ts) with what was let in; in the end, a rule that stopped too few to trust it. Each is printed with the seed and
 * the case that find it again alone.
 */
import type { FeedId } from "../../protocol/crypto/hash.ts";
import { gate } from "../../protocol/documents/gate.ts";
import { groundOf } from "../../protocol/documents/ground.ts";
import { RULES, type Rule } from "../../protocol/documents/rules.ts";
import { scanUpdate } from "../../protocol/documents/update.ts";
import { diceFor } from "./chance.ts";
import { caseFrom, type Case } from "./gate-mutants.ts";
import { trialsOf } from "./gate-trial.ts";
import { claimOf, NAMES, sceneOf, type Scene } from "./scene.ts";
import { skeletonOf } from "./skeleton.ts";

/** People write anew this often. */
const CASES_A_SCENE = 400;
/** Of those let in, this share is tried: by the case's number. */
const TRIED_OF = 8;
/** A rule must have stopped this many for each of so many cases. */
const CASES_A_FLOOR = 20_000;
/** Honest edits for each that an editor may hand back. */
const HONEST_A_RETURN = 10_000;

export interface GateOutcome {
  readonly seed: number;
  readonly cases: number;
  readonly scenes: number;
  readonly honest: number;
  readonly handedBack: number;
  readonly accepted: number;
  readonly tried: number;
  readonly refused: ReadonlyMap<Rule, number>;
  /** How many of each origin were let in, and how many there were. */
  readonly origins: ReadonlyMap<Case["origin"], readonly [accepted: number, all: number]>;
  readonly seconds: number;
  readonly violations: readonly string[];
}

export interface GateRun {
  readonly cases: number;
  readonly seed: number;
  /** This one alone. */
  readonly only: number | null;
  readonly tell: (line: string) => void;
}

export function fuzzGate({ cases, seed, only, tell }: GateRun): GateOutcome {
  const started = performance.now();
  const refused = new Map<Rule, number>(RULES.map((rule) => [rule, 0]));
  const origins = new Map<Case["origin"], [number, number]>();
  const violations: string[] = [];
  const violate = (number: number, what: string, { feed, bytes }: { feed?: FeedId; bytes?: Uint8Array } = {}): void => {
    const input = bytes === undefined ? "" : `\n  ${Buffer.from(bytes).toString("hex")} by ${feed ?? ""}`;
    violations.push(`seed ${seed}, case ${number}: ${what}${input}`);
    if (violations.length <= 20) tell(`VIOLATION at ${violations.at(-1) ?? ""}`);
  };
  let [honest, handedBack, accepted, tried, scenes, told] = [0, 0, 0, 0, 0, started];
  if (only === null) tell(`gate: seed ${seed}, ${cases} cases`);
  const [from, to] = only === null ? [0, cases] : [only, only + 1];
  let stand: Stand | null = null;
  for (let number = from; number < to; number += 1) {
    const at = Math.floor(number / CASES_A_SCENE);
    if (stand?.at !== at) {
      stand = standAt(seed, at);
      scenes += 1;
      honest += stand.scene.written.length;
      handedBack += stand.scene.handedBack;
      for (const wrong of stand.scene.wrong) violate(number, wrong);
    }
    const dice = diceFor(seed, 2, number);
    const tested = caseFrom(stand.scene, dice);
    const counted = origins.get(tested.origin) ?? [0, 0];
    origins.set(tested.origin, counted);
    counted[1] += 1;
    try {
      const rule = judge(stand, tested);
      if (rule !== null) {
        refused.set(rule, (refused.get(rule) ?? 0) + 1);
        if (tested.origin === "unchanged") violate(number, `an honest edit is ${rule}`, tested);
        continue;
      }
      counted[0] += 1;
      accepted += 1;
      if (number % TRIED_OF !== 0 && only === null) continue;
      tried += 1;
      const wrong = stand.trials.run(tested, dice);
      if (wrong !== null) violate(number, wrong, tested);
    } catch (error) {
      violate(number, `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`, tested);
    }
    if (performance.now() - told > 5_000) {
      told = performance.now();
      const rate = Math.round((number / (told - started)) * 1000);
      tell(
        `  ${number} of ${cases}, ${rate}/s: ${accepted} let in, ${tried} tried, ${honest} honest, ${violations.length} violations`,
      );
    }
  }
  // An editor that hands back what people type is no editor.
  if (handedBack > 1 + honest / HONEST_A_RETURN) violate(-1, `${handedBack} times handed back, of ${honest}`);
  if (only === null)
    for (const [rule, times] of refused)
      if (times < Math.floor(cases / CASES_A_FLOOR)) violate(-1, `${rule} stopped only ${times} of ${cases}`);
  const seconds = (performance.now() - started) / 1000;
  return { seed, cases: to - from, scenes, honest, handedBack, accepted, tried, refused, origins, seconds, violations };
}

/** For people, or one line of JSON. */
export function tellGate(outcome: GateOutcome, isJson: boolean): string {
  const { seed, cases, scenes, honest, handedBack, accepted, tried, refused, origins, seconds, violations } = outcome;
  if (isJson)
    return JSON.stringify({
      suite: "gate",
      ...outcome,
      refused: Object.fromEntries(refused),
      origins: Object.fromEntries(origins),
    });
  const rules = [...refused].map(([rule, times]) => `${rule} ${times}`).join(", ");
  const lets = [...origins].map(([origin, [some, all]]) => `${origin} ${some} of ${all}`).join(", ");
  const rate = Math.round(cases / seconds);
  return [
    `gate: ${cases} cases in ${scenes} scenes with ${honest} honest edits (${handedBack} times handed back); ${accepted} let in (${lets}), ${tried} of them tried`,
    `  refused: ${rules}`,
    `${cases} cases in ${seconds.toFixed(1)} s (${rate}/s), ${violations.length} violations, seed ${seed}`,
  ].join("\n");
}

interface Stand {
  readonly at: number;
  readonly scene: Scene;
  readonly ground: ReturnType<typeof groundOf>;
  readonly trials: ReturnType<typeof trialsOf>;
}
function standAt(seed: number, at: number): Stand {
  const name = NAMES[at % NAMES.length];
  if (name === undefined) throw new Error("there are documents");
  const scene = sceneOf(name, diceFor(seed, 1, at), skeletonOf);
  return { at, scene, ground: groundOf(scene.replay.doc, scene.subject.kind), trials: trialsOf(scene) };
}

/** Against the whole document: what came later, the edit's own feed's among it, must make no difference. */
function judge({ scene, ground }: Stand, { feed, past, bytes }: Case): Rule | null {
  const scanned = scanUpdate(bytes);
  if (!scanned.ok) return scanned.error;
  const judged = gate(ground, scene.subject, claimOf(feed), past, scanned.value);
  return judged.ok ? null : judged.error;
}
