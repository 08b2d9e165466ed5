/** `npm run e2e -- NAME`: the journeys in a real browser, in a network that ends at this machine. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildIfStale, isStale } from "./build-app.mjs";
import { chromiumPath } from "./chromium-path.mjs";
import { ensureIproute } from "./iproute.mjs";
import { inNamespace } from "./in-namespace.mjs";
import { root } from "./run.mjs";
import { ensureDependencies } from "./setup.mjs";
import { asOne, conclude, countVitest, nothing, runStages } from "./stages.mjs";

const TIMEOUT_MS = 30 * 60_000;

/** The app as it is served; counted as one, because a build that breaks is a failure of its own. */
export const buildStage = { name: "build", run: async () => asOne(await buildIfStale()) };

/**
 * Tests of one vitest project that need the namespace, and the browser where there is one.
 *
 * @param {"e2e" | "interop"} project
 * @param {{ name?: string, show?: boolean }} [options] `name`: only files whose name begins so
 */
export function browserStage(project, { name = "", show = false } = {}) {
  const folder = `test/${project}`;
  return {
    name: name === "" ? project : `${project} ${name}`,
    run: async () => {
      if (!hasTests(folder)) return nothing(`${folder} has no tests`);
      if (project === "e2e" && isStale()) return nothing("the app is not built, so there is nothing to look at");
      const chromium = await chromiumPath({ install: true });
      if ("missing" in chromium && project === "e2e") {
        return { passed: 0, failed: 0, notRun: [chromium.missing], seconds: 0, output: "" };
      }
      if (project === "e2e") await ensureIproute();
      const env = { KITH_IN_NAMESPACE: "1", ...("path" in chromium && { KITH_CHROMIUM: chromium.path }) };
      const start = (/** @type {string[]} */ args) =>
        inNamespace(process.execPath, [...args, "--project", project, `${folder}/${name}`], { env, show, timeoutMs: TIMEOUT_MS });
      return countVitest(start, { show });
    },
  };
}

/** @param {string} folder */
export function hasTests(folder) {
  const path = join(root, folder);
  return (
    existsSync(path) && readdirSync(path, { recursive: true, encoding: "utf8" }).some((each) => /\.(test|e2e)\.ts$/.test(each))
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await ensureDependencies();
  const build = await runStages([buildStage]);
  if (build.some((each) => each.failed > 0)) process.exit(conclude(build));
  const tests = await runStages([browserStage("e2e", { name: process.argv[2] ?? "", show: true })]);
  process.exit(conclude(tests));
}
