/** Loads one file of ours with one line replaced (cuts.ts). */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** @type {{ file: string, find: string, put: string } | null} */
let asked = null;

/** @param {{ file: string, find: string, put: string }} cut */
export function initialize(cut) {
  asked = cut;
}

/** @type {import("node:module").LoadHook} */
export async function load(url, context, next) {
  const [path = ""] = url.split("?");
  if (asked === null || !path.endsWith(`/${asked.file}`)) return next(url, context);
  const source = await readFile(fileURLToPath(path), "utf8");
  if (!source.includes(asked.find)) throw new Error(`the guard in ${asked.file} is no longer where it was: ${asked.find}`);
  const { outputText } = ts.transpileModule(
    source.replace(asked.find, () => asked?.put ?? ""),
    {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    },
  );
  return { format: "module", source: outputText, shortCircuit: true };
}
