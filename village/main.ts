/** `npm run village`: writes a village, reads it back as a stranger would, and says what is in it. */
import { writeFileSync } from "node:fs";
import { encodeDemoKeys } from "../src/peer/demo-keys.ts";
import { USAGE, readArguments, type VillageArguments } from "./arguments.ts";
import { createVillage } from "./create-village.ts";
import { readVillage, type Summary } from "./read-village.ts";

const read = readArguments(process.argv.slice(2));
if (!read.ok) fail(`${read.error.reason}\n\n${USAGE}`, 2);
else if (read.value === "help") process.stdout.write(USAGE);
else await run(read.value);

async function run({ out, json, ...size }: VillageArguments): Promise<void> {
  const started = performance.now();
  const village = createVillage(size);
  const written = performance.now();
  const { summary, faults, brought } = await readVillage(village.bundle, village.keys);
  const wrong = [
    ...faults,
    ...(summary.fingerprint === village.fingerprint && summary.fingerprint !== null ? [] : ["read, it is not what was written"]),
    ...(brought.envelopes === summary.envelopes ? [] : [`of ${summary.envelopes} envelopes ${brought.envelopes} came`]),
  ];
  if (wrong.length > 0) return fail(`This village does not hold:\n${wrong.map((each) => `  ${each}\n`).join("")}`, 1);
  const keysFile = `${out.replace(/\.kith$/, "")}.keys.json`;
  try {
    writeFileSync(out, village.bundle);
    writeFileSync(keysFile, encodeDemoKeys(village.keys));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail(`The village cannot be written: ${reason}\nName another place with --out FILE.\n`, 1);
  }
  const seconds = { written: (written - started) / 1_000, read: (performance.now() - written) / 1_000 };
  process.stdout.write(
    json
      ? `${JSON.stringify({ out, keys: keysFile, bytes: village.bundle.length, ...size, ...summary })}\n`
      : tell(summary, village.bundle.length, out, keysFile, seconds),
  );
}

function tell(
  summary: Summary,
  bytes: number,
  out: string,
  keysFile: string,
  seconds: { readonly written: number; readonly read: number },
): string {
  const { members, envelopes, offers, requests, notMaterial, promises, invitations, pages, edits, fingerprint } = summary;
  const all = Object.values(promises).reduce((sum, count) => sum + count, 0);
  const states = Object.entries(promises).map(([state, count]) => `${state} ${count}`);
  return [
    `${out}: ${envelopes} envelopes in ${Math.ceil(bytes / 1_000)} kB, by ${members} people who do not exist`,
    `  invitations ${invitations}; offers ${offers}; requests ${requests}, of which not material ${notMaterial}`,
    `  promises ${all}: ${states.join(", ")}; seen differently ${summary.disputes}; posts closed ${summary.closed}`,
    `  circles of two ${summary.circles}, in which ${summary.betweenTwo} things were said`,
    `  pages ${pages}, in ${edits} edits`,
    `  everything counts; read back by the judge, nothing waits and nothing is void`,
    `  fingerprint ${(fingerprint?.match(/.{4}/g) ?? []).join(" ").toUpperCase()}`,
    `keys, which are public: ${keysFile}`,
    `written in ${seconds.written.toFixed(1)} s, read in ${seconds.read.toFixed(1)} s`,
    "",
  ].join("\n");
}

function fail(words: string, code: number): void {
  process.stderr.write(words);
  process.exitCode = code;
}
