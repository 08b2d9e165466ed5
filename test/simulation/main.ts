/**
 * `npm run sim -- [--scenario documents] [--seeds N [--from K]] [--seed K] [--full] [--kind KIND] [--break GUARD] [--json] [--print]`
 * What it does and how to read it: README.md.
 */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { cut, cuts, type CutName } from "./cuts.ts";
import type { GuardName, SeedKind } from "./guards.ts";
import type { RunOptions, RunResult, Scenario } from "./run.ts";

/** In every run without arguments, beside a fresh one. */
const FIXED = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const FULL = 1_000;
const SAY_MS = 4_000;
const SCENARIOS: readonly Scenario[] = ["street", "documents"];
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
    scenario: { type: "string" },
    once: { type: "boolean" },
  },
});

const broken = values.break;
const cutOff = broken !== undefined && broken in cuts ? (broken as CutName) : null; // it is in the table
if (cutOff !== null) cut(cutOff);
// Only now is any of our code loaded.
const [{ guards }, { runSeed }] = await Promise.all([import("./guards.ts"), import("./run.ts")]);

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
  if (broken !== undefined && cutOff === null && !(broken in guards))
    throw new Error(`--break takes one of ${[...Object.keys(guards), ...Object.keys(cuts)].join(", ")}`);
  const kind = KINDS.find((one) => one === values.kind) ?? (cutOff === null ? undefined : cuts[cutOff].kind);
  const scenario = SCENARIOS.find((one) => one === values.scenario) ?? (cutOff === null ? undefined : "documents");
  if (values.scenario !== undefined && scenario !== values.scenario)
    throw new Error(`--scenario takes one of ${SCENARIOS.join(", ")}`);
  return {
    ...(broken === undefined || cutOff !== null ? {} : { broken: broken as GuardName }), // it is in the table
    ...(cutOff === null ? {} : { isCut: true }),
    ...(scenario === undefined ? {} : { scenario }),
    ...(kind === undefined ? {} : { kind }),
    ...(values.print === true ? { print: (line: string) => console.log(line) } : {}),
  };
}

const replay = (seed: number): string =>
  `npm run sim -- ${values.scenario === undefined ? "" : `--scenario ${values.scenario} `}--seed ${seed}${values.kind === undefined ? "" : ` --kind ${values.kind}`}${values.break === undefined ? "" : ` --break ${values.break}`}`;

function added(tables: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const table of tables) for (const [kind, times] of Object.entries(table)) sums[kind] = (sums[kind] ?? 0) + times;
  return sums;
}

function totalsOf(results: readonly RunResult[]) {
  const sum = (of: (result: RunResult) => number): number => results.reduce((all, result) => all + of(result), 0);
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
    faults: added(results.map(({ faults }) => faults)),
    documents: added(results.map(({ documents }) => documents)),
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
  if (results.length === 1 && values.once !== true) {
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
  const listed = (table: Readonly<Record<string, number>>): string =>
    Object.entries(table)
      .filter(([, number]) => number > 0)
      .map(([kind, number]) => `${number} ${kind}`)
      .join(", ");
  say(`faults: ${listed(totals.faults)}`);
  if (values.scenario === "documents") say(`documents: ${listed(totals.documents)}`);
  say(`equal again after healing: median ${totals.settledMs.median / 1_000} s, longest ${totals.settledMs.longest / 1_000} s`);
  say(
    `fresh seed ${seeds.at(-1)}; seed ${seeds[0]} ran ${values.once === true ? "once" : "twice"} with the trace ${results[0]?.trace}`,
  );
  say(
    totals.failed.length === 0
      ? `All ${totals.seeds} streets agree and nobody lost a word (${seconds} s).`
      : `${totals.failed.length} of ${totals.seeds} streets went wrong (${seconds} s). The first: ${totals.failed[0]?.replay}`,
  );
}
process.exitCode = totals.failed.length === 0 ? 0 : 1;
