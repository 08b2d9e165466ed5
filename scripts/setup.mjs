/** Makes sure that what package-lock.json names is installed. Every other script calls this first. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root, run } from "./run.mjs";

const lock = join(root, "package-lock.json");
const installed = join(root, "node_modules/.package-lock.json"); // npm writes it at the end of every install
const stamp = join(root, "node_modules/.kith-installed");

/** Resolves when everything is in place; ends the process with a plain sentence when that cannot be had. */
export async function ensureDependencies() {
  refuseOldNode();
  if (upToDate()) return;
  console.log("installing what package-lock.json names (npm ci), about a minute");
  const npm = process.env.npm_execpath;
  const [command, args] = npm ? [process.execPath, [npm]] : ["npm", []];
  const { code, output, seconds } = await run(command, [...args, "ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  if (code !== 0) {
    console.error(output.trimEnd());
    console.error(
      `npm ci did not finish (code ${code}); its own words are above. It needs npm and a reachable package registry.` +
        " Once `npm ci` works by hand, run this command again.",
    );
    process.exit(1);
  }
  writeFileSync(stamp, lockHash());
  console.log(`installed in ${seconds.toFixed(0)} s`);
}

/** True when our stamp names this very lock, or when someone's own `npm install` is newer than it. */
function upToDate() {
  if (!existsSync(installed)) return false;
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lockHash()) return true;
  if (statSync(installed).mtimeMs < statSync(lock).mtimeMs) return false;
  writeFileSync(stamp, lockHash());
  return true;
}

function lockHash() {
  return createHash("sha256").update(readFileSync(lock)).digest("hex");
}

function refuseOldNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`Kith needs Node 20.19 or newer; this is ${process.versions.node}. See https://nodejs.org/en/download`);
  process.exit(1);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await ensureDependencies();
