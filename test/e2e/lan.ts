/**
 * A local network in one machine: a bridge in the test's own namespace, and a namespace for each host with one cable to
 * it. Private addresses, no default route, nobody at the far end. Owns its hosts; `close` takes all of it away again.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chmodSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const CHROMIUM = process.env["KITH_CHROMIUM"] ?? "/usr/bin/chromium";
const PATH = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;
const BRIDGE = "kith-lan";

export interface Host {
  readonly ip: string;
  /** Put before a command, it runs there. */
  readonly there: readonly string[];
  /** A program that starts the browser there. */
  readonly chromium: string;
  /** Runs a short command there; its output. */
  readonly ask: (command: string, ...args: readonly string[]) => string;
}

export interface Lan {
  readonly hosts: readonly Host[];
  /** Closing twice is harmless. */
  readonly close: () => void;
}

/** Why there can be no such network here, or null. Asks by making one that nobody sees. */
export function whyNoLan(): string | null {
  if (process.env["KITH_IN_NAMESPACE"] !== "1") return "only in a namespace of its own: npm run e2e";
  for (const [tool, from] of [
    ["ip", "iproute2"],
    ["nsenter", "util-linux"],
  ] as const)
    if (spawnSync(tool, ["-V"], { env: { ...process.env, PATH } }).error !== undefined)
      return `${tool} is missing: install ${from}`;
  const script = "ip link add name kb type bridge && ip link add name kv type veth peer name kw && ip link set kv master kb";
  const tried = spawnSync("unshare", ["-n", "sh", "-c", script], { env: { ...process.env, PATH }, encoding: "utf8" });
  return tried.status === 0 ? null : `no bridge and cables here (${tried.stderr.trim()})`;
}

/** `folder` is for the small programs that start a browser on a host. */
export async function layLan(folder: string, count: number): Promise<Lan> {
  const anchors: ChildProcess[] = [];
  const close = (): void => {
    // With its last process a namespace goes, and with it its end of the cable; the bridge stays.
    for (const anchor of anchors.splice(0)) anchor.kill("SIGKILL");
    spawnSync("ip", ["link", "del", BRIDGE], { env: { ...process.env, PATH } });
  };
  try {
    run("ip", "link", "add", "name", BRIDGE, "type", "bridge");
    run("ip", "link", "set", BRIDGE, "up");
    const hosts: Host[] = [];
    for (let number = 1; number <= count; number += 1) hosts.push(await addHost(folder, number, anchors));
    return { hosts, close };
  } catch (error) {
    close();
    throw error;
  }
}

async function addHost(folder: string, number: number, anchors: ChildProcess[]): Promise<Host> {
  // It ends when the test does, however that ends: its input ends then.
  const anchor = spawn("unshare", ["-n", "cat"], { stdio: ["pipe", "ignore", "inherit"] });
  anchors.push(anchor);
  const pid = String(anchor.pid);
  const own = readlinkSync("/proc/self/ns/net");
  for (let tries = 0; readlinkSync(`/proc/${pid}/ns/net`) === own; tries += 1) {
    if (tries === 200) throw new Error("no namespace came up");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const there = ["nsenter", "-t", pid, "-n", "--"];
  const ask = (command: string, ...args: readonly string[]): string => run(...there, command, ...args);
  const ip = `10.77.0.${number}`;
  run("ip", "link", "add", "name", `cable${number}`, "type", "veth", "peer", "name", "eth0", "netns", pid);
  run("ip", "link", "set", `cable${number}`, "master", BRIDGE, "up");
  ask("ip", "link", "set", "lo", "up");
  ask("ip", "addr", "add", `${ip}/24`, "dev", "eth0");
  ask("ip", "link", "set", "eth0", "up");
  const chromium = join(folder, `chromium-${number}`);
  writeFileSync(chromium, `#!/bin/sh\nexec ${there.join(" ")} ${CHROMIUM} "$@"\n`);
  chmodSync(chromium, 0o755);
  return { ip, there, chromium, ask };
}

function run(...[command = "", ...args]: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { env: { ...process.env, PATH }, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
  return stdout;
}
