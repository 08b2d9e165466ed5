/**
 * What a file's lint depends on, as one key: itself, all that it imports, near and far, and what holds everywhere.
 * Rules that ask for types look through imports, so a key of the file alone would call clean what a change elsewhere made wrong.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

const imported = /(?:\bfrom|\bimport)\s*\(?\s*["'](\.[^"']+)["']/g;
const ambient = /^\s*declare (?:global|module)\b/m;

/**
 * @param {readonly string[]} files absolute
 * @param {readonly string[]} everywhere files whose change is a change for all: settings, the lock
 * @param {(path: string) => string | null} [read] null where there is no such file
 * @returns {Map<string, string>} keyByFile
 */
export function keysOf(files, everywhere, read = readIfThere) {
  /** @type {Map<string, { hash: string, imports: readonly string[], isAmbient: boolean }>} */
  const known = new Map();
  const look = (/** @type {string} */ path) => {
    const before = known.get(path);
    if (before) return before;
    const text = read(path);
    const one = {
      hash: text === null ? "none" : hashOf(text),
      imports: [...(text ?? "").matchAll(imported)].flatMap(([, target]) => seenAs(resolve(dirname(path), String(target)))),
      isAmbient: ambient.test(text ?? ""),
    };
    known.set(path, one);
    return one;
  };
  const shared = [...everywhere, ...files.filter((file) => look(file).isAmbient)];
  const reachedFrom = (/** @type {string} */ file) => {
    const reached = new Set([file, ...shared]);
    for (const path of reached) for (const next of look(path).imports) reached.add(next); // a Set is walked to what is added too
    return [...reached].sort();
  };
  return new Map(
    files.map((file) => [
      file,
      hashOf(
        reachedFrom(file)
          .map((path) => `${path} ${look(path).hash}`)
          .join("\n"),
      ),
    ]),
  );
}

/** A component may have a companion that speaks for it to who imports it. @param {string} path */
const seenAs = (path) => (path.endsWith(".svelte") ? [path, `${path}.ts`] : [path]);

/** @param {string} text */
const hashOf = (text) => createHash("sha256").update(text).digest("hex");

/** @param {string} path */
function readIfThere(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
