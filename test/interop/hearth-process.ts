/** A hearth in a process of its own, so that a test can kill it: `node --import tsx hearth-process.ts '{"listen":[…],"seed":7,"topics":[…]}'`. */
import { createHearthWires } from "../../src/net/hearth-node.ts";
import { servePeers } from "../../src/net/peer-exchange.ts";
import type { Millis } from "../../protocol/index.ts";

const { listen, seed, topics } = JSON.parse(process.argv[2] ?? "{}") as { listen: string[]; seed: number; topics: string[] };
const clock = { now: () => Date.now() as Millis, chance: Math.random };
const started = await createHearthWires(
  { ...clock, listen, privateKey: new Uint8Array(32).fill(seed) },
  new AbortController().signal,
);
if (!started.ok) throw new Error(started.error.reason);
const wires = started.value;
await servePeers({ wires, ...clock, mayAsk: () => true });
for (const topic of topics) wires.listen(topic, () => Promise.resolve("accept"));
await wires.serve("/kith/test-echo/1", async (wire) => {
  for await (const frame of wire.frames) await wire.send(frame, AbortSignal.timeout(30_000));
});
console.log(JSON.stringify({ self: wires.self, addresses: wires.addresses() }));
// It ends with the test that started it, also when that test is killed.
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
