/**
 * Runs one command to its end: bounded in time, output kept or shown, and its whole process group ended with it.
 * Node built-ins only, because it also runs before anything is installed.
 */
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder with package.json. Every path here is relative to it. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Entry points of the installed tools, run with this same Node: no shell, no `.cmd` files, no npx. */
export const tools = {
  playwright: join(root, "node_modules/playwright-core/cli.js"),
  prettier: join(root, "node_modules/prettier/bin/prettier.cjs"),
  svelteCheck: join(root, "node_modules/svelte-check/bin/svelte-check"),
  tsc: join(root, "node_modules/typescript/bin/tsc"),
  vite: join(root, "node_modules/vite/bin/vite.js"),
  vitest: join(root, "node_modules/vitest/vitest.mjs"),
};

/**
 * @typedef {object} RunOptions
 * @property {NodeJS.ProcessEnv} [env] added to our own environment
 * @property {boolean} [show] let the output through as it comes, instead of keeping it
 * @property {number} [timeoutMs] after this the group is ended; 10 minutes unless said
 * @property {AbortSignal} [signal] aborting ends the group; the result is then as of a killed command
 * @property {(text: string) => void} [onReport] opens a pipe as descriptor 3 and passes on what is written to it
 *
 * @typedef {object} RunResult
 * @property {number} code 128 + signal number when it was killed
 * @property {string} output standard output and error, interleaved; empty when shown
 * @property {number} seconds
 * @property {boolean} timedOut
 */

/** Kept output may be read by another program, so it has no colours. */
const plain = { NO_COLOR: "1", FORCE_COLOR: "0" };

/** Leaders of the groups that are alive. @type {Set<number>} */
const groups = new Set();

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<RunResult>} never rejects: a command that cannot start has code 127
 */
export function run(command, args, options = {}) {
  const { env = {}, show = false, timeoutMs = 600_000, signal, onReport } = options;
  const started = performance.now();
  return new Promise((resolve) => {
    const through = show ? "inherit" : "pipe";
    /** @type {import("node:child_process").StdioOptions} */
    const stdio = ["ignore", through, through, ...(onReport ? /** @type {const} */ (["pipe"]) : [])];
    // Detached: a group of its own, so that it can be ended as one.
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...(show ? {} : plain), ...env },
      detached: true,
      stdio,
    });
    let output = "";
    let timedOut = false;
    const keep = (/** @type {Buffer} */ chunk) => void (output += chunk.toString());
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    child.stdio[3]?.on("data", (/** @type {Buffer} */ chunk) => onReport?.(chunk.toString()));

    const end = () => endGroup(child.pid);
    const timer = setTimeout(() => {
      timedOut = true;
      end();
    }, timeoutMs);
    signal?.addEventListener("abort", end);
    watch(child.pid);
    if (signal?.aborted) end();

    let settled = false;
    const settle = (/** @type {number} */ code) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      end(); // what it left behind in its group goes with it
      unwatch(child.pid);
      for (const stream of child.stdio) stream?.destroy(); // else a grandchild that holds one keeps us waiting
      if (timedOut) output += `\nended after ${timeoutMs / 1000} s without finishing\n`;
      if (timedOut && show) console.error(`ended after ${timeoutMs / 1000} s without finishing`);
      resolve({ code: timedOut ? 124 : code, output, timedOut, seconds: (performance.now() - started) / 1000 });
    };
    child.on("error", (error) => {
      output += `${error.message}\n`;
      settle(127);
    });
    // `close` waits for the pipes; a grandchild may hold them for ever, so `exit` is given a moment and then wins.
    child.on("exit", (code, killedBy) => {
      const result = code ?? (killedBy === "SIGINT" ? 130 : killedBy === "SIGTERM" ? 143 : 137);
      child.once("close", () => settle(result));
      setTimeout(() => settle(result), 2_000).unref();
    });
  });
}

/** @param {number | undefined} pid leader of the group */
function endGroup(pid) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody left in it.
  }
}

/** While a group is alive, our end is its end; when none is, signals are again the caller's own business. */
const endings = /** @type {const} */ ([
  ["SIGINT", () => process.exit(130)],
  ["SIGTERM", () => process.exit(143)],
  ["SIGHUP", () => process.exit(129)],
]);
const endAll = () => groups.forEach((pid) => endGroup(pid));

/** @param {number | undefined} pid */
function watch(pid) {
  if (pid === undefined) return;
  if (groups.size === 0) {
    process.on("exit", endAll);
    for (const [name, end] of endings) process.on(name, end);
  }
  groups.add(pid);
}

/** @param {number | undefined} pid */
function unwatch(pid) {
  if (pid === undefined || !groups.delete(pid) || groups.size > 0) return;
  process.off("exit", endAll);
  for (const [name, end] of endings) process.off(name, end);
}
