/** `npm run check`: types, lint, format, architecture and the fast tests. `--json` prints one JSON line a stage. */
import { availableParallelism } from "node:os";
import { pathToFileURL } from "node:url";
import { tools } from "./run.mjs";
import { ensureDependencies } from "./setup.mjs";
import { conclude, nodeStage, runStages, vitestStage } from "./stages.mjs";

const cache = "node_modules/.cache/kith";
const tsc = (/** @type {string} */ project, /** @type {string} */ name) => [
  tools.tsc,
  "--noEmit",
  "-p",
  project,
  "--incremental",
  "--tsBuildInfoFile",
  `${cache}/${name}.tsbuildinfo`,
  "--pretty",
  "false",
];

/** Longest first, so that two cores end together. */
export const checkStages = [
  nodeStage("lint", [tools.eslint, "."]),
  vitestStage("fast tests", ["fast", "runes"]),
  nodeStage("svelte-check", [tools.svelteCheck, "--tsconfig", "./tsconfig.json", "--fail-on-warnings", "--output", "human"]),
  nodeStage("types", tsc("tsconfig.json", "world")),
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
  nodeStage("types of protocol", tsc("protocol/tsconfig.json", "protocol")),
];

export const checkAtOnce = Math.max(2, Math.floor(availableParallelism() / 2));

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const json = process.argv.includes("--json");
  await ensureDependencies();
  const started = performance.now();
  const outcomes = await runStages(checkStages, { atOnce: checkAtOnce, json });
  if (json) process.exit(outcomes.some((each) => each.failed > 0) ? 1 : 0);
  console.log(`checked in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  process.exit(conclude(outcomes));
}
