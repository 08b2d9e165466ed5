/** Finds a Chromium that runs, or gets one: `node scripts/chromium-path.mjs [--install]` prints its path or explains. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { run, tools } from "./run.mjs";

/**
 * @param {{ install: boolean }} options with `install`, a missing browser is installed where we know how
 * @returns {Promise<{ path: string } | { missing: string }>}
 */
export async function chromiumPath({ install }) {
  /** @type {string[]} */
  const tried = [];
  const asked = process.env.CHROMIUM_PATH;
  if (asked) {
    if (await runs(asked)) return { path: asked };
    tried.push(`CHROMIUM_PATH=${asked}: does not run`);
  }
  const found = await firstThatRuns([...systemPaths(), ...(await playwrightPath())], tried);
  if (found !== null) return { path: found };
  if (!install) return { missing: explain(tried) };

  for (const attempt of [installByApt, installByPlaywright]) {
    const outcome = await attempt();
    if (outcome !== null) tried.push(outcome);
    const installed = await firstThatRuns([...systemPaths(), ...(await playwrightPath())], []);
    if (installed !== null) return { path: installed };
  }
  return { missing: explain(tried) };
}

function systemPaths() {
  const names = ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"];
  const folders = (process.env.PATH ?? "").split(delimiter);
  return [
    "/usr/bin/chromium",
    "/usr/bin/google-chrome",
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  ];
}

/** Where Playwright keeps its own; nothing before the dependencies are installed. */
async function playwrightPath() {
  try {
    const { chromium } = await import("playwright-core");
    return [chromium.executablePath()];
  } catch {
    return [];
  }
}

/**
 * @param {readonly string[]} paths
 * @param {string[]} tried gets a line for each that is there and does not run
 */
async function firstThatRuns(paths, tried) {
  for (const path of new Set(paths.filter((each) => existsSync(each)))) {
    if (await runs(path)) return path;
    tried.push(`${path}: is there, but \`--version\` fails`);
  }
  return null;
}

/** Some systems put a stub at the usual place, so being there is not enough. @param {string} path */
async function runs(path) {
  if (!existsSync(path)) return false;
  if (process.platform === "win32") return true; // there, `--version` opens a window
  return (await run(path, ["--version"], { timeoutMs: 20_000 })).code === 0;
}

async function installByApt() {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return null;
  console.error("installing chromium with apt-get, about a minute");
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const wait = ["-o", "DPkg::Lock::Timeout=300"];
  await run("apt-get", [...wait, "update"], { env });
  const packages = ["chromium", "fonts-noto-core", "iproute2"];
  const { code, output } = await run("apt-get", [...wait, "install", "-y", "--no-install-recommends", ...packages], { env });
  return code === 0 ? null : `apt-get install chromium: ${lastLine(output)}`;
}

async function installByPlaywright() {
  if (!existsSync(tools.playwright)) return "playwright install chromium: run `npm ci` first";
  console.error("installing chromium with playwright, about a minute");
  const { code, output } = await run(process.execPath, [tools.playwright, "install", "chromium"], { timeoutMs: 300_000 });
  return code === 0 ? null : `playwright install chromium: ${lastLine(output)}`;
}

/** @param {string} output */
const lastLine = (output) => output.trim().split("\n").at(-1) ?? "";

/** @param {readonly string[]} tried */
function explain(tried) {
  return [
    "no Chromium that runs was found",
    ...tried.map((line) => `  ${line}`),
    "  Set CHROMIUM_PATH to one; or, on Debian as root: apt-get install chromium fonts-noto-core iproute2;",
    "  or: npx playwright-core install chromium; or, by npm alone on Linux: @sparticuz/chromium@143.0.4.",
  ].join("\n");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const result = await chromiumPath({ install: process.argv.includes("--install") });
  if ("path" in result) console.log(result.path);
  else {
    console.error(result.missing);
    process.exit(1);
  }
}
