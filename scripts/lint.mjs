/**
 * The linter for `npm run check`: all that `npm run lint` looks at, without what was clean under the same key (lint-keys.mjs).
 * In CI, and after a new install, there is nothing to go by and everything is looked at.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { ESLint } from "eslint";
import { keysOf } from "./lint-keys.mjs";
import { root } from "./run.mjs";
import { isCi } from "./stages.mjs";

const memory = join(root, "node_modules/.cache/kith/lint.json");
const everywhere = ["package-lock.json", "eslint.config.js", "tsconfig.json", "protocol/tsconfig.json"].map((name) =>
  join(root, name),
);

const eslint = new ESLint({ cwd: root });
const keyByFile = keysOf(await lintable(), everywhere);
const clean = isCi() ? {} : remembered();
const asked = [...keyByFile].filter(([file, key]) => clean[relative(root, file)] !== key).map(([file]) => file);
const results = asked.length === 0 ? [] : await eslint.lintFiles(asked);

const spotless = new Set(results.filter(({ messages }) => messages.length === 0).map(({ filePath }) => filePath));
const still = [...keyByFile].filter(([file]) => !asked.includes(file) || spotless.has(file));
mkdirSync(dirname(memory), { recursive: true });
writeFileSync(memory, JSON.stringify(Object.fromEntries(still.map(([file, key]) => [relative(root, file), key]))));

const text = await (await eslint.loadFormatter("stylish")).format(results);
if (text !== "") console.log(text);
console.log(`${asked.length} of ${keyByFile.size} files looked at`);
process.exitCode = results.some(({ errorCount }) => errorCount > 0) ? 1 : 0;

/** What `eslint .` would take. */
async function lintable() {
  const found = readdirSync(root, { withFileTypes: true })
    .filter(({ name }) => name !== "node_modules" && name !== ".git")
    .flatMap((each) =>
      each.isDirectory()
        ? readdirSync(join(root, each.name), { recursive: true, encoding: "utf8" }).map((path) => join(root, each.name, path))
        : [join(root, each.name)],
    )
    .filter((path) => /\.(?:[cm]?js|ts|svelte)$/.test(path));
  const ignored = await Promise.all(found.map((file) => eslint.isPathIgnored(file)));
  return found.filter((_, index) => ignored[index] === false).sort();
}

/** @returns {Record<string, string>} */
function remembered() {
  try {
    return JSON.parse(readFileSync(memory, "utf8"));
  } catch {
    return {};
  }
}
