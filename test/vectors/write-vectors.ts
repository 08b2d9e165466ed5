/**
 * Writes the golden vectors, once: `node --import tsx test/vectors/write-vectors.ts [--thaw]`.
 * They are the bytes on the wire, for ever: a file that is there is not touched without --thaw, and thawing one
 * is a new version of the protocol.
 */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { authority } from "./make-authority.ts";
import { bundles } from "./make-bundles.ts";
import { derivations } from "./make-derivations.ts";
import { envelopes } from "./make-envelopes.ts";
import { exchange } from "./make-exchange.ts";
import { linesOfPeople } from "./make-lines.ts";
import { messages } from "./make-messages.ts";
import { statements } from "./make-statements.ts";
import { whispers } from "./make-whispers.ts";

const thaw = process.argv.includes("--thaw");
let frozen = 0;
for (const [name, file] of Object.entries({ ...derivations(), ...statements(), ...envelopes(), ...messages(), ...whispers(), ...exchange(), ...authority(), ...bundles(), ...linesOfPeople() })) {
  const path = join(import.meta.dirname, `${name}.json`);
  if (existsSync(path) && !thaw) {
    console.log(`${name}.json is frozen`);
    frozen += 1;
    continue;
  }
  writeFileSync(path, `${JSON.stringify(file, null, 1)}\n`);
  console.log(`${name}.json: ${file.accepted.length} accepted, ${file.refused.length} refused`);
}
if (frozen > 0) {
  console.log("Frozen files were left as they are. --thaw writes them anew, and is a new version of the protocol.");
  process.exitCode = 1;
}
