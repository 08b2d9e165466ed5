/**
 * Runs a command in a network namespace that has only loopback, so that nothing it does can leave the machine.
 * When the command ends, or is ended, everything that still lives in that namespace goes too, and whatever was started
 * from it in namespaces of its own: a browser starts its processes in groups of their own, and a test may lay a network
 * of several hosts; ending one group would miss both.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { run } from "./run.mjs";

/** `ip` is usual but not everywhere; the same request by hand is three lines of Python. */
const LOOPBACK_BY_PYTHON = `
import fcntl, socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fcntl.ioctl(s, 0x8914, struct.pack("16sH14s", b"lo", 0x1 | 0x40, b""))`;

const INSIDE = `
{ ip link set lo up || /sbin/ip link set lo up || ifconfig lo up || python3 -c "$0"; } >/dev/null 2>&1 ||
  { echo no-loopback >&3; exit 1; }
readlink /proc/self/ns/net >&3
exec 3>&-
exec "$@"`;

let runs = 0;

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, show?: boolean, timeoutMs?: number, signal?: AbortSignal }} [options]
 * @returns {Promise<{ code: number, output: string, seconds: number } | { notRun: string }>}
 */
export async function inNamespace(command, args, options = {}) {
  const unshare = await unshareArgs();
  if (typeof unshare === "string") return { notRun: unshare };
  const inside = ["sh", "-c", INSIDE, LOOPBACK_BY_PYTHON, command, ...args];
  let report = "";
  const mark = `KITH_NAMESPACE_RUN=${process.pid}.${++runs}.${Date.now()}`;
  const [name = "", value = ""] = mark.split("=");
  const sweep = () => endAllIn(report.trim(), mark);
  process.on("exit", sweep); // when we are interrupted
  try {
    const onReport = (/** @type {string} */ text) => void (report += text);
    const { code, output, seconds } = await run("unshare", [...unshare, ...inside], {
      ...options,
      env: { ...options.env, [name]: value },
      onReport,
    });
    if (report.trim() !== "no-loopback") return { code, output, seconds };
    return { notRun: "the loopback device cannot be brought up: install iproute2 (or python3)" };
  } finally {
    process.off("exit", sweep);
    sweep();
  }
}

/** @returns {Promise<string[] | string>} arguments of `unshare`, or why there is no namespace here */
async function unshareArgs() {
  if (process.platform !== "linux") return `a network namespace needs Linux; this is ${process.platform}`;
  // Root in a container may lack the right and still have it in a user namespace of its own.
  const ways = process.getuid?.() === 0 ? ["-n", "-rn"] : ["-rn"];
  let why = "";
  for (const way of ways) {
    const { code, output } = await run("unshare", [way, "--", "sh", "-c", ":"], { timeoutMs: 10_000 });
    if (code === 0) return [way, "--"];
    if (code === 127) return "`unshare` is missing: install util-linux";
    why = `unshare ${way}: ${output.trim() || `code ${code}`}`;
  }
  return `this machine allows no network namespace (${why})`;
}

/**
 * @param {string} namespace as /proc names it, `net:[4026532008]`; anything else is nobody's
 * @param {string} mark stands in the environment of what was started from there
 */
function endAllIn(namespace, mark) {
  if (!/^net:\[\d+\]$/.test(namespace)) return;
  if (namespace === readlinkSync("/proc/self/ns/net")) throw new Error("the command ran in our own namespace");
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const isThere = readlinkSync(`/proc/${name}/ns/net`) === namespace;
      if (isThere || readFileSync(`/proc/${name}/environ`, "latin1").split("\0").includes(mark))
        process.kill(Number(name), "SIGKILL");
    } catch {
      // Gone meanwhile, or someone else's.
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [command, ...args] = process.argv.slice(2);
  if (command === undefined) {
    console.error("usage: node scripts/in-namespace.mjs COMMAND [ARG...]");
    process.exit(2);
  }
  const result = await inNamespace(command, args, { show: true, timeoutMs: 3_600_000 });
  if ("notRun" in result) console.error(`not run: ${result.notRun}`);
  process.exit("notRun" in result ? 1 : result.code);
}
