/** The browser app as plain files under dist/: relative, hashed, and asking nobody else for anything. */
import { gzipSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";
import { VitePWA } from "vite-plugin-pwa";

export default defineConfig({
  base: "./",
  plugins: [svelte({ configFile: false }), keptForOffline(), noThirdParty(), sizeReport()],
  build: {
    rollupOptions: { input: ["index.html", "demo.html"] },
    target: "es2022",
    cssTarget: ["chrome100", "safari15"], // makes Vite write fallbacks for oklch() and light-dark()
    assetsInlineLimit: 0, // the content security policy knows no data: URLs
    reportCompressedSize: false, // sizeReport says it once
    chunkSizeWarningLimit: 700, // libp2p, loaded after first paint
  },
  worker: { format: "iife" }, // module workers do not start from file://
});

/** A service worker that keeps the whole app, so that it opens with no hearth in reach. A new version waits until all tabs are closed. */
function keptForOffline() {
  return VitePWA({
    registerType: "prompt",
    injectRegister: false, // src/main.ts does, after the first paint
    manifest: false,
    workbox: {
      globPatterns: ["**/*.{js,css,html,svg}"],
      // A demo is another page, and is asked for anew.
      globIgnores: ["demo.html"],
      navigateFallbackDenylist: [/\/demo\.html$/],
      maximumFileSizeToCacheInBytes: 4_000_000,
      cleanupOutdatedCaches: true,
      clientsClaim: true, // the first visit too is kept, not only the second
      sourcemap: false,
    },
  });
}

/** Refuses a build whose page or styles would fetch from another origin. */
function noThirdParty(): Plugin {
  const foreign =
    /(?:\s(?:src|srcset)\s*=\s*["']?|<link[^>]+href\s*=\s*["']?|url\(\s*["']?|@import\s+["'])(?:https?:)?\/\/[^"')\s>]+/gi;
  return {
    name: "kith-no-third-party",
    apply: "build",
    enforce: "post", // after the page is written
    generateBundle(_options, bundle) {
      for (const [name, file] of Object.entries(bundle)) {
        if (!/\.(html|css)$/.test(name) || file.type !== "asset") continue;
        const found = text(file.source).match(foreign);
        if (found !== null) this.error(`${name} would ask a third party: ${found.join(", ")}`);
      }
    },
  };
}

/** What a first visit loads before it can paint, and what there is altogether, compressed. */
function sizeReport(): Plugin {
  return {
    name: "kith-size-report",
    apply: "build",
    enforce: "post",
    writeBundle(_options, bundle) {
      const bytes = new Map(
        Object.entries(bundle).map(([name, file]) => [name, gzipSync(file.type === "chunk" ? file.code : file.source).length]),
      );
      const first = new Set<string>();
      const visit = (name: string) => {
        const file = bundle[name];
        if (file === undefined || first.has(name)) return;
        first.add(name);
        if (file.type !== "chunk") return;
        file.imports.forEach(visit);
        file.viteMetadata?.importedCss.forEach(visit);
      };
      visit("index.html");
      for (const file of Object.values(bundle))
        if (file.type === "chunk" && file.facadeModuleId?.endsWith("/index.html") === true) visit(file.fileName);
      const sum = (names: Iterable<string>) => [...names].reduce((total, name) => total + (bytes.get(name) ?? 0), 0);
      const kilobytes = (count: number) => `${(count / 1000).toFixed(1)} kB`;
      this.info(
        `first load ${kilobytes(sum(first))} gzip in ${first.size} files; all ${kilobytes(sum(bytes.keys()))} in ${bytes.size}`,
      );
    },
  };
}

const text = (source: string | Uint8Array) => (typeof source === "string" ? source : new TextDecoder().decode(source));
