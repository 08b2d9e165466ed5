/** A file that was clean is looked at again when anything changed that its types may come from, and only then. */
import { expect, test } from "vitest";
import { keysOf } from "../scripts/lint-keys.mjs";

const house: Readonly<Record<string, string>> = {
  "/lock": "1",
  "/a.ts": 'import { b } from "./b.ts";',
  "/b.ts": 'export type { C } from "./deep/c.ts";\nconst later = () => import("./later.ts");',
  "/deep/c.ts": 'import "../a.ts"; // round and round',
  "/later.ts": "",
  "/Button.svelte": '<script lang="ts">import { b } from "./b.ts";</script>',
  "/Page.svelte": '<script lang="ts">\n  import Button from "./Button.svelte";\n</script>',
  "/script.mjs": '/** @param {import("./later.ts").Later} it */',
  "/alone.ts": "export const one = 1;",
};
const files = Object.keys(house).filter((name) => name !== "/lock");
const keys = (changed: Readonly<Record<string, string>> = {}) => {
  const all = { ...house, ...changed };
  return keysOf(
    Object.keys(all).filter((name) => name !== "/lock"),
    ["/lock"],
    (path) => all[path] ?? null,
  );
};
const changedBy = (changed: Readonly<Record<string, string>>): string[] => {
  const [before, after] = [keys(), keys(changed)];
  return files.filter((file) => before.get(file) !== after.get(file)).sort();
};

test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
  ["nothing", {}, []],
  ["a file that nobody imports", { "/alone.ts": "export const one = 2;" }, ["/alone.ts"]],
  [
    "a type far behind what is imported",
    { "/deep/c.ts": 'import "../a.ts"; export type C = Promise<void>;' },
    ["/Button.svelte", "/Page.svelte", "/a.ts", "/b.ts", "/deep/c.ts"],
  ],
  [
    "what is imported later, or by a comment",
    { "/later.ts": "export type Later = 1;" },
    ["/Button.svelte", "/Page.svelte", "/a.ts", "/b.ts", "/deep/c.ts", "/later.ts", "/script.mjs"],
  ],
  ["a companion that now speaks for a component", { "/Button.svelte.ts": "export default 1;" }, ["/Page.svelte"]],
  ["what is declared for all", { "/new.ts": "declare global {\n  var kith: number;\n}\nexport {};" }, [...files].sort()],
  ["the lock", { "/lock": "2" }, [...files].sort()],
])("%s", (_what, changed, asked) => {
  expect(changedBy(changed)).toEqual(asked);
});
