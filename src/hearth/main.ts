/** A hearth put together: the neighbour who is always in. Serves the app, relays, and carries communities blind. */
import "../platform/promise-polyfill.ts";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import encodeQR from "qr";
import { createHearthWires } from "../net/hearth-node.ts";
import { keepNear } from "../net/keep-near.ts";
import { servePeers } from "../net/peer-exchange.ts";
import { createThreadJudge } from "../peer/judge-threads.ts";
import { byHearth, nameIn } from "../peer/network.ts";
import { realWorld } from "../platform/world.ts";
import { openFileShelf } from "../storage/file-shelf.ts";
import { readArguments, USAGE, type HearthArguments } from "./arguments.ts";
import { openBlindHouse } from "./blind-house.ts";
import { openKeepsakes } from "./keepsakes.ts";
import { serveApp } from "./serve-app.ts";

const CAPACITY_BYTES = 2 * 1024 ** 3;
const STOP_MS = 5_000;
/** The main thread serves; one beside it judges. */
const JUDGE_THREADS = 1;

const stopping = new AbortController();
const read = readArguments(process.argv.slice(2));
if (!read.ok) fail(`${read.error.reason}\n\n${USAGE}`, 2);
else if (read.value === "help") process.stdout.write(USAGE);
else await run(read.value);

async function run({ app, home, host, port, neighbours, json }: HearthArguments): Promise<void> {
  const say = (line: string): void => void (json ? process.stderr : process.stdout).write(`${line}\n`);
  if (!existsSync(join(app, "index.html")))
    return fail(`No app in ${app}: build it first with \`npm run build\`, or use \`npm start\`.`, 2);
  await mkdir(home, { recursive: true });
  const shelf = await openFileShelf({ path: home, capacityBytes: CAPACITY_BYTES }, stopping.signal);
  if (!shelf.ok)
    return fail(
      shelf.error.kind === "locked"
        ? `Another hearth uses ${home}. Stop it, or give this one another --home.`
        : `${home} cannot be opened: ${shelf.error.kind}`,
      1,
    );
  const { seed, certificate } = await openKeepsakes(shelf.value, realWorld.now(), stopping.signal);

  const addresses: { current: () => readonly string[] } = { current: () => [] };
  const server = await serveApp({
    app,
    host,
    port,
    told: new Map([
      ["hearth.json", { type: "application/json", body: () => JSON.stringify({ addresses: addresses.current() }) }],
    ]),
    onTaken: (taken) => say(`Port ${taken} is taken by another program; trying ${taken + 1}.`),
  });
  if (!server.ok) {
    await shelf.value.close();
    return fail(`The app cannot be served: ${server.error.reason}`, 1);
  }

  const wires = await createHearthWires(
    {
      now: realWorld.now,
      chance: realWorld.jitter,
      privateKey: seed,
      certificate,
      listen: await listenNear(host, server.value.port),
    },
    stopping.signal,
  );
  if (!wires.ok) {
    await server.value.close(); // else the process stays, and serves an app without a node
    await shelf.value.close();
    return fail(`The node cannot start: ${wires.error.reason}`, 1);
  }
  addresses.current = () => wires.value.addresses().filter((address) => !address.includes("/p2p-circuit"));

  const judge = createThreadJudge(JUDGE_THREADS);
  const house = await openBlindHouse(
    {
      shelf: shelf.value,
      judge,
      world: realWorld,
      wires: wires.value,
      neighbours: neighbours.flatMap((each) => nameIn(each) ?? []),
      log: say,
    },
    stopping.signal,
  );
  const near = keepNear({ wires: wires.value, chance: realWorld.jitter });
  near.mark(byHearth(neighbours).map((each) => [each])); // every one of them
  await servePeers({ wires: wires.value, now: realWorld.now, chance: realWorld.jitter, mayAsk: house.mayAsk });

  const address = `http://${host.includes(":") ? `[${host}]` : host}:${server.value.port}/`;
  if (json)
    process.stdout.write(
      `${JSON.stringify({ address, peer: wires.value.self, addresses: addresses.current(), pid: process.pid })}\n`,
    );
  else {
    say(`\nThe hearth is lit. Open this address in a browser:\n\n  ${address}\n`);
    say(encodeQR(address, "ascii", { ecc: "low", border: 2 }));
    say("Then found a community, or open a link that a neighbour gave you.");
    say("The hearth carries what is sealed and cannot read it. Stop it with Ctrl-C; people who are connected stay so.\n");
  }

  let isStopping = false;
  const stop = (): void => {
    if (isStopping) process.exit(130);
    isStopping = true;
    setTimeout(() => process.exit(1), STOP_MS).unref();
    void (async () => {
      near.close();
      house.close();
      judge.close();
      await server.value.close();
      await wires.value.close();
      await shelf.value.close();
      stopping.abort();
      process.exit(0);
    })();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}

/** The two ports behind the app's, so that they are the same at the next start; any others when they are taken. */
async function listenNear(host: string, port: number): Promise<readonly string[]> {
  const ip = host.includes(":") ? `/ip6/${host}` : `/ip4/${host}`;
  const { createServer } = await import("node:net");
  const isFree = (tried: number): Promise<boolean> =>
    new Promise((resolve) => {
      const probe = createServer();
      probe.once("error", () => resolve(false));
      probe.listen(tried, host, () => probe.close(() => resolve(true)));
    });
  const { createSocket } = await import("node:dgram");
  const isFreeUdp = (tried: number): Promise<boolean> =>
    new Promise((resolve) => {
      const probe = createSocket(host.includes(":") ? "udp6" : "udp4");
      probe.once("error", () => resolve(false));
      probe.bind(tried, host, () => probe.close(() => resolve(true)));
    });
  const tcp = (await isFree(port + 1)) ? port + 1 : 0;
  const udp = (await isFreeUdp(port + 2)) ? port + 2 : 0;
  return [`${ip}/tcp/${tcp}/ws`, `${ip}/udp/${udp}/webrtc-direct`];
}

function fail(words: string, code: number): void {
  process.stderr.write(`${words}\n`);
  process.exitCode = code;
}
