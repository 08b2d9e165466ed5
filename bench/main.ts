/**
 * `npm run bench -- NAME [--json]`: how fast, in one run. Compares and prints; gates nothing.
 *   core       the hot paths of the protocol in Node: seal, parse, judge, fold, fingerprint
 *   catchup    an empty replica catches up with 10,000 records by 100 people and stores them; Yjs, which believes everybody, beside it
 *   documents  the write gate and Yjs against plain Yjs, in Node: replay, one edit, from a cache
 *   sync       two peers that differ in a few of many feeds: bytes and round trips [--feeds 10000] [--differ 10]
 *   live       two browsers and a hearth in the project's own namespace: load, connect, ask until visible
 */
import { parseArgs } from "node:util";
import { benchCatchup } from "./catchup.ts";
import { benchCore, type Progress } from "./core.ts";
import { benchDocuments } from "./documents.ts";
import { benchLive } from "./live.ts";
import { benchSync } from "./sync.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    feeds: { type: "string", default: "10000" },
    differ: { type: "string", default: "10" },
  },
});
const [name = "core"] = positionals;
const benches = {
  catchup: benchCatchup,
  core: benchCore,
  documents: benchDocuments,
  live: benchLive,
  sync: (progress: Progress) => benchSync(progress, { feeds: Number(values.feeds), differ: Number(values.differ) }),
} as const;

if (!Object.hasOwn(benches, name)) {
  process.stderr.write(`There is no bench "${name}". There are: ${Object.keys(benches).join(", ")}.\n`);
  process.exit(2);
}
// hasOwn has just shown that `name` is one of them.
const figures = await benches[name as keyof typeof benches]((line) => process.stderr.write(`${line}\n`));
if (values.json) process.stdout.write(`${JSON.stringify({ name, ...figures })}\n`);
else for (const [what, figure] of Object.entries(figures)) process.stdout.write(`${what.padEnd(34)} ${String(figure)}\n`);
process.exit(0);
