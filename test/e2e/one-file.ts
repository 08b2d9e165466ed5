/** The real app as one HTML that runs from `file://`: nothing beside it, no module to fetch, its worker inside. For tests. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { build, type Plugin } from "vite";

const ROOT = join(import.meta.dirname, "..", "..");
/** As `src/peer/open-kith.ts` starts its worker: from a file of its own, which a page from `file://` may not. */
const APART = 'new Worker(new URL("./judge-worker.ts", import.meta.url), { type: "module" })';

function workerInside(): Plugin {
  return {
    name: "kith-worker-inside",
    enforce: "pre",
    transform: (code, id) => {
      if (!id.endsWith("/src/peer/open-kith.ts")) return null;
      if (!code.includes(APART)) throw new Error("the worker is started in another way now");
      return `import JudgeWorker from "./judge-worker.ts?worker&inline";\n${code.replace(APART, "new JudgeWorker()")}`;
    },
  };
}

/** Writes the page to `path`. Takes some seconds. */
export async function buildOneFile(path: string): Promise<void> {
  const outDir = mkdtempSync(join(tmpdir(), "kith-one-file-"));
  try {
    await build({
      configFile: false,
      root: ROOT,
      base: "./",
      logLevel: "error",
      plugins: [workerInside(), svelte({ configFile: false })],
      worker: { format: "iife" },
      build: {
        outDir,
        emptyOutDir: true,
        target: "es2022",
        cssTarget: ["chrome100", "safari15"],
        cssCodeSplit: false,
        assetsInlineLimit: Number.MAX_SAFE_INTEGER,
        chunkSizeWarningLimit: 5_000,
        modulePreload: false,
        rolldownOptions: { output: { codeSplitting: false } },
      },
    });
    const assets = readdirSync(join(outDir, "assets")).map((name) => join(outDir, "assets", name));
    const read = (end: string) => {
      const [only, ...more] = assets.filter((each) => each.endsWith(end));
      if (only === undefined || more.length > 0) throw new Error(`one ${end} was due: ${assets.join(" ")}`);
      return readFileSync(only, "utf8");
    };
    // What would end the element early is written otherwise; in a string both mean the same.
    const script = `<script type="module">${read(".js").replaceAll("</script", "<\\/script")}</script>`;
    const html = readFileSync(join(outDir, "index.html"), "utf8")
      .replace(/<link[^>]+rel="stylesheet"[^>]*>/, () => `<style>${read(".css")}</style>`)
      .replace(/<script[^>]+src=[^>]*><\/script>/, "")
      .replace("</body>", () => `${script}</body>`);
    writeFileSync(path, html);
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}
