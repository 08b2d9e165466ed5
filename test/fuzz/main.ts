/**
 * `npm run fuzz -- [parsers] [gate] [--cases N] [--seed N] [--json]`: hostile bytes at every door of the core (parsers.ts, where
 * `--only name` chooses one), hostile updates at the write gate (gate.ts, where `--case N` finds one again). Without a name: both.
 *
 * Ends with code 1 when anything was wrong, with 2 when it was asked wrongly.
 */
import { parseArgs } from "node:util";
import { fuzzGate, tellGate } from "./gate.ts";
import { fuzzParsers, parserNames } from "./parsers.ts";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cases: { type: "string" },
    seed: { type: "string" },
    only: { type: "string" },
    case: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const suites = positionals.length > 0 ? positionals : ["parsers", "gate"];
const cases = options.cases === undefined ? null : Number(options.cases);
const seed = Number(options.seed ?? Math.floor(Math.random() * 2 ** 31));
const one = options.case === undefined ? null : Number(options.case);
const isWrong =
  !suites.every((each) => each === "parsers" || each === "gate") ||
  (cases !== null && (!Number.isSafeInteger(cases) || cases < 1)) ||
  !Number.isSafeInteger(seed) ||
  (one !== null && (!Number.isSafeInteger(one) || one < 0)) ||
  (options.only !== undefined && !parserNames.includes(options.only));
if (isWrong) {
  console.error(`Use: fuzz [parsers] [gate] [--cases N] [--seed N] [--case N] [--only ${parserNames.join("|")}] [--json]`);
  process.exit(2);
}

let isFine = true;
if (suites.includes("parsers"))
  isFine = fuzzParsers({ cases: cases ?? 60_000, seed, only: options.only ?? null, isJson: options.json }) && isFine;
if (suites.includes("gate")) {
  const tell = (line: string): void => (options.json ? undefined : console.log(line));
  const outcome = fuzzGate({ cases: cases ?? 20_000, seed, only: one, tell });
  console.log(tellGate(outcome, options.json));
  isFine = outcome.violations.length === 0 && isFine;
}
process.exit(isFine ? 0 : 1);
