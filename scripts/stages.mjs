/** What `npm run check` and `npm test` share: a stage, its two lines, and how its tests are counted. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, run, tools } from "./run.mjs";

/**
 * @typedef {object} Outcome
 * @property {string} stage
 * @property {number} passed
 * @property {number} failed 0 exactly when the stage is fine
 * @property {string[]} notRun one reason for each thing that this machine, or a `skip`, left out
 * @property {number} seconds
 * @property {string} output shown only when something failed
 *
 * @typedef {{ code: number, output: string, seconds: number }} Ran
 * @typedef {Omit<Outcome, "stage">} Count
 * @typedef {object} Stage
 * @property {string} name
 * @property {() => Promise<Count>} run
 */

/** A command that is right or wrong as a whole. @param {string} name @param {readonly string[]} nodeArgs @returns {Stage} */
export function nodeStage(name, nodeArgs, needs = "") {
  return {
    name,
    run: async () => {
      if (needs !== "" && !existsSync(join(root, needs))) return nothing(`${needs} does not exist`);
      return asOne(await run(process.execPath, nodeArgs));
    },
  };
}

/** Vitest on the named projects. @param {string} name @param {readonly string[]} projects @param {NodeJS.ProcessEnv} [env] @returns {Stage} */
export function vitestStage(name, projects, env = {}) {
  const only = projects.flatMap((each) => ["--project", each]);
  return { name, run: () => countVitest((args) => run(process.execPath, [...args, ...only], { env })) };
}

/**
 * Runs vitest through `start` and counts by its own report, never by its printed lines.
 *
 * @param {(args: string[]) => Promise<Ran | { notRun: string }>} start gets Node's arguments up to where filters go
 * @param {{ show?: boolean }} [options]
 * @returns {Promise<Count>}
 */
export async function countVitest(start, { show = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "kith-report-"));
  const file = join(folder, "report.json");
  const reporters = [`--reporter=${show ? "verbose" : "default"}`, "--reporter=json", `--outputFile.json=${file}`];
  try {
    const ran = await start([tools.vitest, "run", "--config", "vitest.config.ts", ...reporters]);
    if ("notRun" in ran) return { passed: 0, failed: 0, notRun: [ran.notRun], seconds: 0, output: "" };
    return { ...countReport(file, ran.code), seconds: ran.seconds, output: ran.output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} file @param {number} code */
function countReport(file, code) {
  if (!existsSync(file)) return { passed: 0, failed: 1, notRun: [] };
  const report = JSON.parse(readFileSync(file, "utf8"));
  const count = { passed: 0, failed: 0, notRun: /** @type {string[]} */ ([]) };
  for (const suite of report.testResults) {
    const failedBefore = count.failed;
    for (const test of suite.assertionResults) {
      if (test.status === "passed") count.passed += 1;
      else if (test.status === "failed") count.failed += 1;
      else count.notRun.push(`${test.fullName} (${test.status})`);
    }
    // A file that breaks before its first test has no test to count.
    if (suite.status === "failed" && count.failed === failedBefore) count.failed += 1;
  }
  // An error outside every test, or no test at all, fails the run without failing a test.
  if (code !== 0 && count.failed === 0) count.failed = 1;
  return count;
}

/** @param {Ran} ran @returns {Count} */
export function asOne({ code, output, seconds }) {
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, notRun: [], seconds, output };
}

/** A stage with nothing to run has failed: a missing folder must not look like success. @param {string} output @returns {Count} */
export const nothing = (output) => ({ passed: 0, failed: 1, notRun: [], seconds: 0, output });

/**
 * Runs stages in order, `atOnce` at a time, with a line at the start and one at the end of each.
 *
 * @param {readonly Stage[]} stages
 * @param {{ atOnce?: number, json?: boolean }} [options]
 * @returns {Promise<Outcome[]>} in the order of `stages`
 */
export async function runStages(stages, { atOnce = 1, json = false } = {}) {
  /** @type {Outcome[]} */
  const outcomes = new Array(stages.length);
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < stages.length; index = next++) {
      const stage = /** @type {Stage} */ (stages[index]);
      if (!json) console.log(`start  ${stage.name}`);
      const outcome = { stage: stage.name, ...(await stage.run()) };
      outcomes[index] = outcome;
      if (json) console.log(JSON.stringify(outcome));
      else printEnd(outcome);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, stages.length) }, worker));
  return outcomes;
}

/** @param {Outcome} outcome */
function printEnd({ stage, passed, failed, notRun, seconds, output }) {
  const word = failed > 0 ? "FAILED" : notRun.length > 0 && passed === 0 ? "NOT RUN" : "ok";
  const counts = passed + failed > 1 ? `, ${passed} passed, ${failed} failed` : "";
  console.log(`${word.padEnd(6)} ${stage} in ${seconds.toFixed(1)} s${counts}`);
  if (failed > 0) console.log(output.trimEnd().replace(/^/gm, "       "));
}

/** Ends with the line that machines read. @param {readonly Outcome[]} outcomes @returns {number} the exit code */
export function conclude(outcomes) {
  const notRun = outcomes.flatMap((each) => each.notRun.map((reason) => `${each.stage}: ${reason}`));
  const passed = outcomes.reduce((sum, each) => sum + each.passed, 0);
  let failed = outcomes.reduce((sum, each) => sum + each.failed, 0);
  if (notRun.length > 0) {
    console.log(`not run: ${notRun.length}`);
    for (const reason of notRun) console.log(`  ${reason}`);
    if (isCi()) {
      console.log("in CI, what was not run counts as failed");
      failed += notRun.length;
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

export const isCi = () => process.env.CI !== undefined && !["", "0", "false"].includes(process.env.CI);
