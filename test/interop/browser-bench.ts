/** What browser interop tests stand on: the bundled page over HTTP, a Chromium with fresh contexts, hearths as processes. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { build } from "vite";
import type { PageOrder } from "./page/page.ts";
import type { PlainOrder } from "./page/plain.ts";

/** Set by `scripts/e2e.mjs`: only then is there a network that ends at this machine, and a browser. */
export const chromiumHere = process.env.KITH_IN_NAMESPACE === "1" ? process.env.KITH_CHROMIUM : undefined;

export interface HearthProcess {
  readonly self: string;
  readonly addresses: readonly string[];
  readonly kill: () => Promise<void>;
}

export interface BrowserBench {
  readonly origin: string;
  /** A page in a context of its own: other storage, other name. */
  readonly openPage: (order: PageOrder) => Promise<Page>;
  /** How long plain js-libp2p takes for the same. */
  readonly measurePlain: (order: PlainOrder) => Promise<NonNullable<Window["plain"]>>;
  readonly close: () => Promise<void>;
}

export async function startBench(executablePath: string): Promise<BrowserBench> {
  const outDir = mkdtempSync(join(tmpdir(), "kith-page-"));
  await build({
    configFile: false,
    root: join(import.meta.dirname, "page"),
    base: "./",
    logLevel: "error",
    build: {
      outDir,
      target: "es2022",
      chunkSizeWarningLimit: 5_000,
      rollupOptions: { input: ["index.html", "plain.html"].map((name) => join(import.meta.dirname, "page", name)) },
    },
  });
  const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript" };
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://x").pathname;
    try {
      const body = readFileSync(join(outDir, path === "/" ? "index.html" : path.slice(1)));
      response.writeHead(200, { "content-type": types[extname(path)] ?? "text/html" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const browser: Browser = await chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--allow-loopback-in-peer-connection",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
      "--disable-quic",
    ],
  });
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    openPage: async (order) => {
      const context = await browser.newContext({ permissions: ["microphone"] });
      const page = await context.newPage();
      page.on("pageerror", (error) => console.error("in the page:", error.message));
      await page.goto(`${origin}/#${encodeURIComponent(JSON.stringify(order))}`);
      return page;
    },
    measurePlain: async (order) => {
      const context = await browser.newContext({ permissions: ["microphone"] });
      const page = await context.newPage();
      page.on("pageerror", (error) => console.error("in the plain page:", error.message));
      await page.goto(`${origin}/plain.html#${encodeURIComponent(JSON.stringify(order))}`);
      const told = await page.waitForFunction(() => window.plain, undefined, { polling: 100 });
      const plain = await told.jsonValue();
      await context.close();
      if (plain === undefined) throw new Error("waited for until it is there");
      return plain;
    },
    close: async () => {
      await browser.close();
      server.close();
      rmSync(outDir, { recursive: true, force: true });
    },
  };
}

export async function startHearth(options: {
  listen: readonly string[];
  seed: number;
  topics: readonly string[];
}): Promise<HearthProcess> {
  const child: ChildProcess = spawn(
    process.execPath,
    ["--import", "tsx", join(import.meta.dirname, "hearth-process.ts"), JSON.stringify(options)],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const told = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.once("exit", () => reject(new Error("the hearth ended before it began")));
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
    });
  });
  const { self, addresses } = JSON.parse(told) as { self: string; addresses: string[] };
  return {
    self,
    addresses,
    kill: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once("exit", () => resolve());
        child.kill("SIGKILL");
      }),
  };
}
