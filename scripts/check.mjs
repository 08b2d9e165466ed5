/** `npm run check`: types, lint, format, architecture and the fast tests. `--json` prints one JSON line a stage. */
import { availableParallelism } from "node:os";
import { pathToFileURL } from "node:url";
import { tools } from "./run.mjs";
import { ensureDependencies } from "./setup.mjs";
import { conclude, isCi, nodeStage, runStages, vitestStage } from "./stages.mjs";

const cache = "node_modules/.cache/kith";

/**
 * Longest first, so that two cores end together. svelte-check reads every file of tsconfig.json as the compiler does, scripts too.
 *
 * @param {{ everyRun?: boolean }} [options] `everyRun`: long campaigns as often as test/runs.ts knows, and not a part of it
 */
export const checkStages = ({ everyRun = false } = {}) => [
  // On both cores: what is linted and typed from a cache leaves the second one free.
  vitestStage("fast tests", ["fast", "runes", "alone"], { VITEST_MAX_WORKERS: "2", ...(everyRun && { KITH_RUNS: "all" }) }),
  nodeStage("lint", ["scripts/lint.mjs"]),
  nodeStage("types", [
    tools.svelteCheck,
    "--tsconfig",
    "./tsconfig.json",
    "--fail-on-warnings",
    "--output",
    "human",
    ...(isCi() ? [] : ["--incremental"]),
  ]),
  nodeStage("format", [
    tools.prettier,
    "--check",
    "--log-level",
    "warn",
    "--cache",
    "--cache-location",
    `${cache}/prettier`,
    ".",
  ]),
  nodeStage("types of protocol", [
    tools.tsc,
    "--noEmit",
    "-p",
    "protocol/tsconfig.json",
    "--incremental",
    "--tsBuildInfoFile",
    `${cache}/protocol.tsbuildinfo`,
    "--pretty",
    "false",
  ]),
];

export const checkAtOnce = Math.max(2, Math.floor(availableParallelism() / 2));

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const json = process.argv.includes("--json");
  await ensureDependencies();
  const started = performance.now();
  const outcomes = await runStages(checkStages(), { atOnce: checkAtOnce, json });
  if (json) process.exit(outcomes.some((each) => each.failed > 0) ? 1 : 0);
  console.log(`checked in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  process.exit(conclude(outcomes));
}
