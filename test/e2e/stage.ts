/** What every journey needs: a hearth as its own process, and people in browsers of their own with a profile on disk. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import type { Host } from "./lan.ts";

const CHROMIUM = process.env["KITH_CHROMIUM"] ?? "/usr/bin/chromium";
/** Without a default route, candidates need the microphone permission, and on loopback alone this too. */
const LOOPBACK_TOO = "--allow-loopback-in-peer-connection";
const FLAGS = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
  "--disable-gpu",
];

export interface Hearth {
  readonly address: string;
  /** Of its node, as it tells them. */
  readonly addresses: readonly string[];
  readonly pid: number;
  /** SIGKILL, as a power cut would. Resolves when it is gone. */
  readonly kill: () => Promise<void>;
  /** SIGTERM; resolves with its exit code. */
  readonly stop: () => Promise<number | null>;
  readonly home: string;
}

export interface Person {
  readonly name: string;
  readonly context: BrowserContext;
  readonly page: Page;
  readonly profile: string;
  /** Errors that the page threw, and what its content security policy refused. */
  readonly complaints: readonly string[];
}

export interface Invited {
  readonly dark?: boolean;
  /** False: no media permission. Then a browser tells nobody its addresses where there is no default route. */
  readonly saysWhereItIs?: boolean;
  /** Where the browser runs; here unless said. */
  readonly on?: Pick<Host, "chromium">;
}

/** Everything that a test started, ended by pid and removed at its end. */
export function createStage() {
  const folder = mkdtempSync(join(tmpdir(), "kith-e2e-"));
  const hearths: ChildProcess[] = [];
  const demos: ChildProcess[] = [];
  const contexts = new Set<BrowserContext>();

  async function lightHearth(
    home = join(folder, `hearth-${hearths.length}`),
    port = 8300 + hearths.length * 10,
    on: Pick<Host, "ip" | "there"> = { ip: "127.0.0.1", there: [] },
  ): Promise<Hearth> {
    const hearth = ["--import", "tsx", "src/hearth/main.ts", "--app", "dist", "--home", home];
    const [command = "", ...args] = [...on.there, process.execPath, ...hearth, "--host", on.ip, "--port", String(port), "--json"];
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    hearths.push(child);
    const gone = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const line = await new Promise<string>((resolve, reject) => {
      let text = "";
      child.stdout.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes("\n")) resolve(text);
      });
      void gone.then((code) => reject(new Error(`the hearth ended with ${code} before it was lit`)));
    });
    const { address, addresses, pid } = JSON.parse(line) as Pick<Hearth, "address" | "addresses" | "pid">;
    return {
      address,
      addresses,
      pid,
      home,
      kill: async () => {
        child.kill("SIGKILL");
        await gone;
      },
      stop: () => {
        child.kill("SIGTERM");
        return gone;
      },
    };
  }

  /** `npm start -- --demo`: answers where it is. */
  async function showDemo(port: number, ...asked: readonly string[]): Promise<string> {
    const child = spawn(process.execPath, ["scripts/start.mjs", "--demo", "--json", "--port", String(port), ...asked], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    demos.push(child);
    const line = await new Promise<string>((resolve, reject) => {
      let text = "";
      child.stdout.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        const ready = /^\{.*$/m.exec(text);
        if (ready !== null && text.endsWith("\n")) resolve(ready[0]);
      });
      child.once("exit", (code) => reject(new Error(`the demo ended with ${code} before it was open`)));
    });
    return (JSON.parse(line) as { address: string }).address;
  }

  /** A browser process of its own; the same `name` comes back with the same profile. */
  async function invitePerson(name: string, options: Invited = {}): Promise<Person> {
    const profile = join(folder, `profile-${name}`);
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: options.on?.chromium ?? CHROMIUM,
      headless: true,
      args: options.on === undefined ? [...FLAGS, LOOPBACK_TOO] : FLAGS,
      permissions: options.saysWhereItIs === false ? [] : ["microphone"],
      viewport: { width: 390, height: 844 },
      colorScheme: options.dark === true ? "dark" : "light",
      serviceWorkers: "allow",
    });
    contexts.add(context);
    context.once("close", () => contexts.delete(context));
    const page = context.pages()[0] ?? (await context.newPage());
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (line) => /Content Security Policy/.test(line.text()) && complaints.push(line.text()));
    if (process.env["KITH_SHOW_CONSOLE"] !== undefined) page.on("console", (line) => console.log(`${name}: ${line.text()}`));
    return { name, context, page, profile, complaints };
  }

  /** SIGKILL for a whole browser, as a dead battery would; its profile stays as the disk has it. */
  async function pullThePlug(person: Person): Promise<void> {
    const gone = new Promise<void>((resolve) => person.context.once("close", () => resolve()));
    const pids = execFileSync("pgrep", ["-f", "--", `--user-data-dir=${person.profile}`], { encoding: "utf8" });
    for (const pid of pids.trim().split("\n").map(Number)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // it went with its parent
      }
    }
    await gone;
    // A killed Chromium leaves the lock of its profile behind.
    for (const left of ["SingletonLock", "SingletonCookie", "SingletonSocket"])
      rmSync(join(person.profile, left), { force: true });
  }

  async function close(): Promise<void> {
    await Promise.all([...contexts].map((context) => context.close().catch(() => undefined)));
    for (const child of hearths) if (child.exitCode === null) child.kill("SIGKILL");
    // It passes the signal on to what serves the village.
    for (const child of demos) {
      if (child.exitCode !== null) continue;
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await gone;
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }

  return { lightHearth, showDemo, invitePerson, pullThePlug, close, folder };
}
