/**
 * Looks at every screen in every state, and says what a machine can say about it: accessibility, overflow, errors.
 *
 *   npx tsx test/ui/look.ts [part of a name]      pictures go to $KITH_SHOTS, else /tmp/kith-shots
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { chromium, type Page } from "playwright-core";
import { build, preview } from "vite";
import { looks } from "./look/looks.ts";

const SHOTS = process.env["KITH_SHOTS"] ?? "/tmp/kith-shots";
const OUT = `${SHOTS}-app`;
const only = process.argv[2] ?? "";
const sizes = [
  { name: "phone", width: 390, height: 844 },
  { name: "desk", width: 1280, height: 800 },
] as const;

rmSync(SHOTS, { recursive: true, force: true });
mkdirSync(SHOTS, { recursive: true });
const root = join(import.meta.dirname, "look");
await build({
  configFile: false,
  root,
  base: "./",
  logLevel: "warn",
  plugins: [svelte({ configFile: false })],
  build: { outDir: OUT, emptyOutDir: true, target: "es2022" },
});
const server = await preview({
  configFile: false,
  root,
  logLevel: "warn",
  build: { outDir: OUT },
  preview: { port: 4199, host: "127.0.0.1" },
});
const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
  ],
});

const troubles: string[] = [];
try {
  for (const look of looks.filter((each) => each.name.includes(only))) {
    for (const theme of ["light", "dark"] as const) {
      for (const size of sizes) await see(look.name, look.at, look.act, theme, size);
    }
    await narrow(look.name, look.at, look.act);
  }
} finally {
  await browser.close();
  await server.close();
}
console.log(troubles.length === 0 ? "nothing to complain about" : troubles.join("\n"));
process.exit(troubles.length === 0 ? 0 : 1);

type Act = ((page: Page) => Promise<void>) | undefined;

async function see(name: string, at: string, act: Act, theme: "light" | "dark", size: (typeof sizes)[number]): Promise<void> {
  const label = `${name}-${size.name}-${theme}`;
  await withPage(label, at, act, { colorScheme: theme, viewport: size, reducedMotion: "reduce" }, async (page) => {
    await page.screenshot({ path: join(SHOTS, `${label}.png`), fullPage: true });
    const { violations } = await new AxeBuilder({ page })
      .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
      .analyze();
    for (const found of violations) {
      troubles.push(
        `${label}: ${found.id}: ${found.help}: ${found.nodes
          .map((node) => node.html)
          .join(" | ")
          .slice(0, 300)}`,
      );
    }
  });
}

/** WCAG 1.4.10 at 320 px, once more with text at 200 %, and mirrored with long words. */
async function narrow(name: string, at: string, act: Act): Promise<void> {
  const twiceTheText = "html { font-size: 34px !important; }";
  for (const [label, search, css] of [
    [`${name}-320`, "", ""],
    [`${name}-320-big`, "", twiceTheText],
    [`${name}-320-rtl`, "words=qps-plocm&", ""],
  ] as const) {
    const there = at.replace("?", `?${search}`);
    await withPage(label, there, search === "" ? act : undefined, { viewport: { width: 320, height: 640 } }, async (page) => {
      if (css) await page.addStyleTag({ content: css });
      const [wide, culprit] = await page.evaluate(() => {
        const limit = document.documentElement.clientWidth;
        const beyond = [...document.querySelectorAll("body *")].find((element) => {
          const box = element.getBoundingClientRect();
          return !element.closest(".unseen, [popover]") && (box.right > limit + 1 || box.left < -1);
        });
        return [document.documentElement.scrollWidth - limit, beyond?.outerHTML.slice(0, 160) ?? ""] as const;
      });
      if (wide > 0 || culprit) troubles.push(`${label}: ${wide} px too wide: ${culprit}`);
      if (label.endsWith("rtl") || css) await page.screenshot({ path: join(SHOTS, `${label}.png`) });
    });
  }
}

async function withPage(
  label: string,
  at: string,
  act: Act,
  options: Parameters<typeof browser.newContext>[0],
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on("pageerror", (thrown) => troubles.push(`${label}: threw ${thrown.message}`));
  page.on("console", (line) => {
    if (line.type() === "error" || line.type() === "warning") troubles.push(`${label}: console: ${line.text()}`);
  });
  try {
    await page.goto(`http://127.0.0.1:4199/${at}`);
    // The opening has a heading of its own, which is not seen; a page may come a moment after it.
    await page.locator(at.includes("scenario=opening") ? "h1" : "h1:not(.unseen)").waitFor({ state: "attached" });
    await act?.(page);
    await page.waitForTimeout(60);
    await use(page);
  } catch (thrown) {
    troubles.push(`${label}: ${String(thrown).split("\n")[0]}`);
  } finally {
    await context.close();
  }
}
