/**
 * `npm run fuzz -- parsers`: hostile bytes at every door of the core.
 *
 * A violation is: a throw; an answer that is no typed Result; accepted bytes that are written again differently; a case
 * over HARD_MS; a parser whose 99.9th percentile is over P999_MS; memory that grows past its bounds. Each is printed
 * with what finds it again, and the run ends with code 1.
 */
import { setFlagsFromString, getHeapStatistics } from "node:v8";
import { runInNewContext } from "node:vm";
import { diceFor } from "./chance.ts";
import { inputOf } from "./input.ts";
import { bombs, targets, type Target } from "./targets.ts";

const HARD_MS = 50;
const P999_MS = 1;
/** One case may allocate this much, all of its copies and strings included. */
const CASE_BYTES = 32 * 2 ** 20;
/** What a parser may keep when all its cases are over. */
const KEPT_BYTES = 16 * 2 ** 20;
/** Until the engine has compiled what is hot, time says nothing. */
const WARM_UP = 500;
const MAX_SHOWN = 20;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void; // there since the flag above
const used = (): number => {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
};

interface Violation {
  readonly parser: string;
  readonly number: number;
  readonly what: string;
  readonly input: string;
}
interface Outcome {
  readonly parser: string;
  readonly cases: number;
  readonly accepted: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p999Ms: number;
  readonly slowestMs: number;
  readonly slowestCase: number;
  readonly slowestBytes: number;
  readonly keptBytes: number;
  readonly slowestBomb: { readonly name: string; readonly ms: number };
  readonly violations: number;
}

export const parserNames = targets.map(({ name }) => name);

const violations: Violation[] = [];
let violated = 0;
let [started, told, done, seed, isJson] = [0, 0, 0, 0, false];
const say = (line: string): void => (isJson ? undefined : console.log(line));

/** Once a process. True when nothing was wrong. */
export function fuzzParsers(options: { cases: number; seed: number; only: string | null; isJson: boolean }): boolean {
  const chosen = targets.filter(({ name }) => options.only === null || name === options.only);
  [started, seed, isJson] = [performance.now(), options.seed, options.isJson];
  told = started;
  say(`parsers: seed ${seed}, ${options.cases} cases at ${chosen.length} parsers`);
  const outcomes = chosen.map((target) => run(target, Math.ceil(options.cases / chosen.length)));
  summarise(outcomes, (performance.now() - started) / 1000);
  return violated === 0;
}

function run(target: Target, count: number): Outcome {
  collect();
  const before = used();
  const violatedBefore = violated;
  const slowestBomb = meetBombs(target);
  const times = new Float64Array(count);
  const refused = new Map<string, number>();
  let accepted = 0;
  let slowest = { ms: 0, number: 0, bytes: 0 };
  for (let number = 0; number < count; number += 1) {
    const { bytes, dice } = inputOf(seed, target, number);
    const copy = bytes.slice();
    const heap = number % 16 === 0 ? used() : 0;
    const at = performance.now();
    const reception = attempt(target, number, bytes, dice);
    let ms = performance.now() - at;
    if (heap > 0 && used() - heap > CASE_BYTES) violate(target, number, `${used() - heap} bytes allocated`, bytes);
    if (reception === null) continue;
    if ("refused" in reception) refused.set(reception.refused, (refused.get(reception.refused) ?? 0) + 1);
    else {
      accepted += 1;
      if (target.exact && Buffer.compare(reception.accepted, bytes) !== 0)
        violate(target, number, "written again differently", bytes);
    }
    if (Buffer.compare(copy, bytes) !== 0) violate(target, number, "the input was changed", copy);
    // Another process or the collector may have had the core: a slow case is slow every time.
    for (let again = 0; again < 3 && ms > P999_MS; again += 1) {
      const start = performance.now();
      attempt(target, number, bytes, dice);
      ms = Math.min(ms, performance.now() - start);
    }
    if (number >= WARM_UP || count <= WARM_UP) {
      times[number] = ms;
      if (ms > slowest.ms) slowest = { ms, number, bytes: bytes.length };
      if (ms > HARD_MS) violate(target, number, `${ms.toFixed(1)} ms`, bytes);
    }
    done += 1;
    if (performance.now() - told > 3_000) progress(target, number, count);
  }
  times.sort();
  const p999Ms = times[Math.floor(count * 0.999)] ?? 0;
  if (p999Ms > P999_MS) violate(target, -1, `99.9th percentile ${p999Ms.toFixed(2)} ms`, new Uint8Array());
  collect();
  const keptBytes = Math.max(0, used() - before - times.byteLength);
  if (keptBytes > KEPT_BYTES) violate(target, -1, `${keptBytes} bytes kept`, new Uint8Array());
  return {
    parser: target.name,
    cases: count,
    accepted,
    refused: Object.fromEntries([...refused].sort(([, left], [, right]) => right - left)),
    p50Ms: times[Math.floor(count / 2)] ?? 0,
    p999Ms,
    slowestMs: slowest.ms,
    slowestCase: slowest.number,
    slowestBytes: slowest.bytes,
    keptBytes,
    slowestBomb,
    violations: violated - violatedBefore,
  };
}

/** Heavy inputs have no percentile, only the hard limit. */
function meetBombs(target: Target): { readonly name: string; readonly ms: number } {
  let slowest = { name: "", ms: 0 };
  for (const [index, [name, bytes]] of bombs.entries()) {
    let ms = Infinity;
    for (let again = 0; again < 3; again += 1) {
      const at = performance.now();
      const reception = attempt(target, -2 - index, bytes, () => diceFor(seed, 0, 0));
      ms = Math.min(ms, performance.now() - at);
      if (reception !== null && "accepted" in reception && target.exact && Buffer.compare(reception.accepted, bytes) !== 0)
        violate(target, -2 - index, `${name}: written again differently`, bytes);
    }
    if (ms > HARD_MS) violate(target, -2 - index, `${name}: ${ms.toFixed(1)} ms`, bytes);
    if (ms > slowest.ms) slowest = { name, ms };
  }
  return slowest;
}

/** Null when it threw or gave no typed answer. */
function attempt(target: Target, number: number, bytes: Uint8Array, dice: () => ReturnType<typeof diceFor>) {
  try {
    const reception = target.knock(bytes, dice());
    if ("accepted" in reception ? reception.accepted instanceof Uint8Array : reception.refused !== "") return reception;
    violate(target, number, "no typed answer", bytes);
  } catch (error) {
    violate(target, number, `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`, bytes);
  }
  return null;
}

function violate(target: Target, number: number, what: string, input: Uint8Array): void {
  violated += 1;
  if (violations.length >= MAX_SHOWN) return;
  const violation = { parser: target.name, number, what, input: Buffer.from(input.subarray(0, 4_096)).toString("hex") };
  violations.push(violation);
  say(`VIOLATION at ${target.name}, case ${number} of seed ${seed}: ${what}\n  ${violation.input}`);
}

function progress(target: Target, number: number, count: number): void {
  told = performance.now();
  const rate = Math.round((done / (told - started)) * 1000);
  say(`  ${target.name}: ${number} of ${count}; ${done} cases in all, ${rate}/s, ${violated} violations`);
}

function summarise(outcomes: readonly Outcome[], seconds: number): void {
  if (isJson) {
    console.log(JSON.stringify({ suite: "parsers", seed, cases: done, seconds, violated, violations, parsers: outcomes }));
    return;
  }
  for (const {
    parser,
    cases: count,
    accepted,
    refused,
    p50Ms,
    p999Ms,
    slowestMs,
    slowestCase,
    slowestBytes,
    slowestBomb,
  } of outcomes) {
    const times = `p50 ${(p50Ms * 1000).toFixed(0)} µs, p99.9 ${p999Ms.toFixed(2)} ms, slowest ${slowestMs.toFixed(2)} ms (case ${slowestCase}, ${slowestBytes} bytes), heaviest bomb ${slowestBomb.ms.toFixed(1)} ms (${slowestBomb.name})`;
    console.log(`${parser}: ${count} cases, ${accepted} accepted; ${times}`);
    const kinds = new Map<string, number>();
    for (const [error, count_] of Object.entries(refused)) {
      const kind = error.startsWith("(") ? error : (error.split(" ")[0] ?? error);
      kinds.set(kind, (kinds.get(kind) ?? 0) + count_);
    }
    console.log(`  refused: ${[...kinds].map(([kind, count_]) => `${kind} ${count_}`).join(", ")}`);
  }
  console.log(`${done} cases in ${seconds.toFixed(1)} s, ${violated} violations, seed ${seed}`);
}
