/**
 * Which tests run where: `fast` in every check; `runes` too, with Svelte's client, and `alone`, each file in a process of its own,
 * because it measures its process or changes it; the rest in `npm test`. Files of `fast` and `runes` share a thread and what they
 * import: loading it anew for each took twice as long as the tests. So what a test changes outside itself it puts back.
 */
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const runes = "test/**/*.svelte.test.ts";
const alone = "test/**/*.alone.test.ts";
const shared = { pool: "threads", isolate: false } as const;
const slow = ["test/e2e/**", "test/interop/**", "test/simulation/**"];
const setupFiles = ["test/setup.ts"];

export default defineConfig({
  plugins: [svelte({ configFile: false })],
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "fast",
          include: ["test/**/*.test.ts"],
          exclude: [runes, alone, ...slow],
          setupFiles,
          ...shared,
          testTimeout: 20_000, // a property test beside a linter on two cores
        },
      },
      {
        extends: true,
        // Else `$state` is Svelte's server build, which never changes.
        environments: { ssr: { consumer: "client", resolve: { conditions: ["browser", "module", "development|production"] } } },
        test: { name: "runes", include: [runes], exclude: slow, setupFiles, ...shared, testTimeout: 20_000 },
      },
      {
        extends: true,
        test: { name: "alone", include: [alone], exclude: slow, setupFiles, pool: "forks", testTimeout: 30_000 },
      },
      {
        extends: true,
        test: { name: "sim", include: ["test/simulation/**/*.test.ts"], setupFiles, testTimeout: 300_000 },
      },
      {
        extends: true,
        test: {
          name: "interop",
          include: ["test/interop/**/*.test.ts"],
          setupFiles,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.e2e.ts"],
          setupFiles,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
    ],
  },
});
