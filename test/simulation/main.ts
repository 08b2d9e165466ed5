/**
 * `npm run sim -- [--seeds N [--from K]] [--seed K] [--full] [--kind KIND] [--break GUARD] [--json] [--print]`
 * What it does and how to read it: README.md.
 */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { guards, type GuardName, type SeedKind } from "./guards.ts";
import { runSeed, type RunOptions, type RunResult } from "./run.ts";

/** In every run without arguments, beside a fresh one. */
const FIXED = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const FULL = 1_000;
const SAY_MS = 4_000;
const KINDS: readonly SeedKind[] = ["plain", "fork", "restored", "hostile"];

const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    seed: { type: "string" },
    from: { type: "string" },
    full: { type: "boolean" },
    json: { type: "boolean" },
    print: { type: "boolean" },
    kind: { type: "string" },
    break: { type: "string" },
  },
});

const say = (line: string): void => void (values.json === true ? undefined : console.log(line));
const whole = (text: string, name: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`--${name} takes a whole number, not ${text}`);
  return number;
};

function seedsAsked(): readonly number[] {
  if (values.seed !== undefined) return [whole(values.seed, "seed")];
  const fresh = randomInt(2 ** 32); // printed, so that it can be replayed
  if (values.seeds === undefined && values.full !== true) return [...FIXED, fresh];
  const from = values.from === undefined ? 1 : whole(values.from, "from");
  const number = values.seeds === undefined ? FULL : whole(values.seeds, "seeds");
  return [...Array.from({ length: Math.max(0, number - 1) }, (_, index) => from + index), fresh];
}

function optionsAsked(): RunOptions {
  const broken = values.break;
  if (broken !== undefined && !(broken in guards)) throw new Error(`--break takes one of ${Object.keys(guards).join(", ")}`);
  const kind = KINDS.find((one) => one === values.kind);
  return {
    ...(broken === undefined ? {} : { broken: broken as GuardName }), // it is in the table
    ...(kind === undefined ? {} : { kind }),
    ...(values.print === true ? { print: (line: string) => console.log(line) } : {}),
  };
}

const replay = (seed: number): string =>
  `npm run sim -- --seed ${seed}${values.kind === undefined ? "" : ` --kind ${values.kind}`}${values.break === undefined ? "" : ` --break ${values.break}`}`;

function totalsOf(results: readonly RunResult[]) {
  const sum = (of: (result: RunResult) => number): number => results.reduce((all, result) => all + of(result), 0);
  const faults: Record<string, number> = {};
  for (const result of results)
    for (const [kind, times] of Object.entries(result.faults)) faults[kind] = (faults[kind] ?? 0) + times;
  const settled = results.map(({ settledMs }) => settledMs).sort((left, right) => left - right);
  return {
    seeds: results.length,
    kinds: Object.fromEntries(KINDS.map((kind) => [kind, results.filter((result) => result.kind === kind).length])),
    peers: sum(({ peers }) => peers),
    actsTried: sum(({ acts }) => acts.tried),
    actsSaved: sum(({ acts }) => acts.saved),
    streams: sum(({ streams }) => streams),
    events: sum(({ events }) => events),
    virtualHours: Math.round(sum(({ virtualMs }) => virtualMs) / 36_000) / 100,
    settledMs: { median: settled[settled.length >> 1] ?? 0, longest: settled.at(-1) ?? 0 },
    faults,
    failed: results
      .filter(({ failures }) => failures.length > 0)
      .map(({ seed, kind, failures }) => ({ seed, kind, failures, replay: replay(seed) })),
  };
}

const seeds = seedsAsked();
const options = optionsAsked();
const began = performance.now();
const results: RunResult[] = [];
let said = began;
for (const seed of seeds) {
  const result = await runSeed(seed, options);
  results.push(result);
  if (results.length === 1) {
    const again = await runSeed(seed, options);
    if (again.trace !== result.trace)
      results.push({ ...again, failures: [`the same seed ran in two ways: ${result.trace} and ${again.trace}`] });
  }
  for (const failure of result.failures) say(`  seed ${seed} (${result.kind}): ${failure}\n    ${replay(seed)}`);
  if (performance.now() - said > SAY_MS) {
    said = performance.now();
    const acts = results.reduce((sum, one) => sum + one.acts.saved, 0);
    say(
      `${results.length} of ${seeds.length} seeds, ${acts} acts, ${results.filter(({ failures }) => failures.length > 0).length} failed`,
    );
  }
}

const totals = totalsOf(results);
const seconds = Math.round((performance.now() - began) / 100) / 10;
if (values.json === true)
  console.log(
    JSON.stringify({ ...totals, seconds, runs: results.map(({ seed, trace, settledMs }) => ({ seed, trace, settledMs })) }),
  );
else {
  say(
    `${totals.seeds} seeds (${Object.entries(totals.kinds)
      .map(([kind, number]) => `${number} ${kind}`)
      .join(", ")}), ${totals.peers} peers, ` +
      `${totals.actsSaved} acts saved of ${totals.actsTried} tried, ${totals.streams} streams, ${totals.events} events, ${totals.virtualHours} h of virtual time`,
  );
  say(
    `faults: ${Object.entries(totals.faults)
      .map(([kind, number]) => `${number} ${kind}`)
      .join(", ")}`,
  );
  say(`equal again after healing: median ${totals.settledMs.median / 1_000} s, longest ${totals.settledMs.longest / 1_000} s`);
  say(`fresh seed ${seeds.at(-1)}; seed ${seeds[0]} ran twice with the trace ${results[0]?.trace}`);
  say(
    totals.failed.length === 0
      ? `All ${totals.seeds} streets agree and nobody lost a word (${seconds} s).`
      : `${totals.failed.length} of ${totals.seeds} streets went wrong (${seconds} s). The first: ${totals.failed[0]?.replay}`,
  );
}
process.exitCode = totals.failed.length === 0 ? 0 : 1;
