/** Builds the browser app into dist/, and knows when it is not needed. */
import { existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { root, run, tools } from "./run.mjs";

const dist = join(root, "dist");
const page = join(dist, "index.html");
const sources = ["src", "protocol", "public", "index.html", "demo.html", "vite.config.ts", "package-lock.json"];

/**
 * Builds beside dist/ and swaps at the end, so an interrupted build is never taken for a finished one.
 *
 * @returns {Promise<{ built: boolean, code: number, output: string, seconds: number }>}
 */
export async function buildIfStale() {
  if (!isStale()) return { built: false, code: 0, output: "", seconds: 0 };
  const next = join(root, `dist-next-${process.pid}`);
  const started = new Date();
  const { code, output, seconds } = await run(process.execPath, [tools.vite, "build", "--outDir", next, "--emptyOutDir"]);
  if (code === 0) {
    utimesSync(join(next, "index.html"), started, started); // what changed during the build is newer than it
    rmSync(dist, { recursive: true, force: true });
    renameSync(next, dist);
  } else rmSync(next, { recursive: true, force: true });
  return { built: true, code, output, seconds };
}

export function isStale() {
  return !existsSync(page) || newest() > statSync(page).mtimeMs;
}

/** Folders count too: their time moves when a file in them appears or goes. */
function newest() {
  let latest = 0;
  const look = (/** @type {string} */ path) => {
    const stat = statSync(path);
    latest = Math.max(latest, stat.mtimeMs);
    if (stat.isDirectory()) for (const name of readdirSync(path)) look(join(path, name));
  };
  for (const source of sources) if (existsSync(join(root, source))) look(join(root, source));
  return latest;
}
