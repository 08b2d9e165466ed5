/** `npm start -- --demo`: a village told anew, and the app's own page over it, as plain files. No hearth is lit: nobody is dialled or carried. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { encodeDemoKeys } from "../src/peer/demo-keys.ts";
import { serveApp } from "../src/hearth/serve-app.ts";
import { DEFAULTS, readSize } from "./arguments.ts";
import { createVillage } from "./create-village.ts";

const USAGE = `kith demo: the app over a village that does not exist. Nothing leaves the page.

  --seed N, --members N, --weeks N    which village           (${DEFAULTS.seed}, ${DEFAULTS.members}, ${DEFAULTS.weeks})
  --app DIR     the built app                                 (dist)
  --host HOST   address to listen on                          (127.0.0.1)
  --port N      first port to try                             (8480)
  --json        one line of JSON when ready, instead of words
  --help        this page
`;

await run();

async function run(): Promise<void> {
  const given = readGiven();
  if (typeof given === "string") return fail(`${given}\n\n${USAGE}`, 2);
  if (given.help) return void process.stdout.write(USAGE);
  const size = readSize(given);
  const port = Number(given.port);
  if (!size.ok) return fail(`${size.error.reason}\n\n${USAGE}`, 2);
  if (!Number.isInteger(port) || port < 1 || port > 65_000)
    return fail(`--port ${given.port} is no port from 1 to 65000\n\n${USAGE}`, 2);
  if (!existsSync(join(given.app, "demo.html"))) return fail(`No app in ${given.app}: build it with \`npm run build\`.\n`, 2);

  const { bundle, keys, fingerprint } = createVillage(size.value);
  const server = await serveApp({
    app: given.app,
    host: given.host,
    port,
    page: "demo.html",
    told: new Map([
      ["demo.kith", { type: "application/octet-stream", body: () => bundle }],
      ["demo.keys.json", { type: "application/json", body: () => encodeDemoKeys(keys) }],
    ]),
    onTaken: (taken) => void process.stderr.write(`Port ${taken} is taken by another program; trying ${taken + 1}.\n`),
  });
  if (!server.ok) return fail(`The demo cannot be served: ${server.error.reason}\n`, 1);
  const address = `http://${given.host.includes(":") ? `[${given.host}]` : given.host}:${server.value.port}/demo.html`;
  const visitor = keys.people[keys.visitor]?.name ?? "";
  process.stdout.write(
    given.json
      ? `${JSON.stringify({ address, pid: process.pid, fingerprint, visitor })}\n`
      : `\nA village that does not exist is open. You are ${visitor}; look around:\n\n  ${address}\n\nNothing there leaves the page. Stop it with Ctrl-C.\n\n`,
  );
  const stop = (): void => void server.value.close().then(() => process.exit(0));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
}

function readGiven() {
  try {
    return parseArgs({
      args: process.argv.slice(2),
      options: {
        members: { type: "string", default: String(DEFAULTS.members) },
        weeks: { type: "string", default: String(DEFAULTS.weeks) },
        seed: { type: "string", default: String(DEFAULTS.seed) },
        app: { type: "string", default: "dist" },
        host: { type: "string", default: "127.0.0.1" },
        port: { type: "string", default: "8480" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function fail(words: string, code: number): void {
  process.stderr.write(words);
  process.exitCode = code;
}
