/**
 * A hostile neighbour at a real hearth, without our code in it:
 *   1. gossip under names that are properties of every object;
 *   2. gossip over the limit, and of topics nobody joined;
 *   3. streams that open with hostile lengths.
 * And the way gossip goes on when one of two connections to an honest neighbour ends.
 */
import { afterEach, expect, test } from "vitest";
import { startWires, type NetWires } from "../../src/net/create-wires.ts";
import { composeHearth, createHearthWires } from "../../src/net/hearth-node.ts";
import { createHearthCertificate } from "../../src/net/hearth-certificate.ts";
import { MAX_GOSSIP_BYTES } from "../../src/net/wires.ts";
import type { Millis } from "../../protocol/index.ts";
import { rawPeer } from "./raw-peer.ts";

const forever = new AbortController().signal;
const clock = { now: () => Date.now() as Millis, chance: Math.random };
const WS = "/ip4/127.0.0.1/tcp/0/ws";
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function hearth(listen: readonly string[] = [WS]): Promise<NetWires> {
  const result = await createHearthWires({ ...clock, listen }, forever);
  if (!result.ok) throw new Error(result.error.reason);
  closers.push(result.value.close);
  return result.value;
}
async function hostile(at: NetWires) {
  const peer = await rawPeer(at.addresses()[0] ?? "");
  closers.push(peer.close);
  return peer;
}
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const bytes = (text: string) => new TextEncoder().encode(text);

test("a topic called __proto__ touches nothing", async () => {
  const ana = await hearth();
  const peer = await hostile(ana);
  for (const topic of ["__proto__", "constructor", "/kith/gossip/1/__proto__", "toString", ""])
    await peer.gossip(topic, bytes("x"));
  await sleep(300);
  expect(Object.keys(Object.prototype)).toEqual([]);
  const inherited: string[] = [];
  for (const key in {}) inherited.push(key);
  expect(inherited).toEqual([]);
  expect("invalidMessageDeliveries" in {}).toBe(false);
  await ana.publish("still-here", bytes("yes"));
});

test("what is over the limit, or of a topic that was not joined, reaches no validator; the first costs its sender", async () => {
  const ana = await hearth();
  let judged = 0;
  ana.listen("garden", () => ((judged += 1), Promise.resolve("accept")));
  const peer = await hostile(ana);
  await peer.gossip("/kith/gossip/1/elsewhere", bytes("x"));
  await sleep(1_300);
  expect([judged, ana.scoreOf(peer.self) >= 0]).toEqual([0, true]);
  await peer.gossip("/kith/gossip/1/garden", new Uint8Array(MAX_GOSSIP_BYTES + 1));
  await sleep(1_300);
  expect(judged).toBe(0);
  expect(ana.scoreOf(peer.self)).toBeLessThan(-15);
});

test("a proof that the raw neighbour is heard at all: an honest message of its arrives", async () => {
  const ana = await hearth();
  const heard: string[] = [];
  ana.listen(
    "garden",
    (message, from) => (heard.push(`${new TextDecoder().decode(message)} ${from}`), Promise.resolve("accept")),
  );
  const peer = await hostile(ana);
  await peer.gossip("/kith/gossip/1/garden", bytes("hello"));
  await sleep(300);
  expect(heard).toEqual([`hello ${peer.self}`]);
});

test("a stream that opens with a hostile length is reset, and no frame comes of it", async () => {
  const ana = await hearth();
  const frames: number[] = [];
  await ana.serve("/kith/sync/1", async (wire) => {
    for await (const frame of wire.frames) frames.push(frame.length);
  });
  const peer = await hostile(ana);
  for (const head of [
    [0x7f, 0xff, 0xff, 0xff],
    [0, 0, 0, 0],
    [0xff, 0xff, 0xff, 0xfe],
    [0, 0x20, 0, 0],
  ]) {
    await peer.write("/kith/sync/1", Uint8Array.from(head));
  }
  expect(frames).toEqual([]);
  expect(ana.connections().length).toBe(1);
});

test("when one of two connections ends, gossip goes on over the other", async () => {
  const [ana, bo] = [await node(), await node()];
  const heard: string[] = [];
  bo.wires.listen("garden", (message) => (heard.push(new TextDecoder().decode(message)), Promise.resolve("accept")));
  ana.wires.listen("garden", () => Promise.resolve("accept"));
  await Promise.all([ana.wires.dial(bo.wires.addresses(), forever), bo.wires.dial(ana.wires.addresses(), forever)]);
  await sleep(400);
  expect(ana.libp2p.getConnections().length).toBe(2);
  for (const first of [0, 1]) {
    await ana.libp2p.getConnections()[0]?.close();
    await sleep(700);
    expect(ana.wires.connections().length).toBe(1);
    expect(await ana.wires.publish("garden", bytes(`round ${first}`))).toMatchObject({ value: { reached: 1 } });
    await sleep(200);
    if (first === 1) break;
    // The second connection again, made by force, and this time the other one ends.
    await bo.libp2p.dial(ana.libp2p.getMultiaddrs(), { force: true });
    await sleep(300);
  }
  expect(heard).toEqual(["round 0", "round 1"]);

  async function node() {
    const composed = await composeHearth({ ...clock, listen: [WS] });
    const started = await startWires(clock, forever, () => Promise.resolve(composed));
    if (!started.ok) throw new Error(started.error.reason);
    closers.push(started.value.close);
    return { wires: started.value, libp2p: composed.libp2p };
  }
});

test("with a kept key and certificate, a hearth's WebRTC-Direct address is true after a restart", async () => {
  const kept = {
    privateKey: new Uint8Array(32).fill(9),
    certificate: createHearthCertificate(clock.now()),
    listen: ["/ip4/127.0.0.1/udp/47213/webrtc-direct"],
  };
  const start = async () => {
    const result = await createHearthWires({ ...clock, ...kept }, forever);
    if (!result.ok) throw new Error(result.error.reason);
    closers.push(result.value.close);
    return result.value;
  };
  const first = await start();
  const invitation = first.addresses();
  expect(invitation[0]).toContain(kept.certificate.certhash);
  await first.close();
  await sleep(1_000); // libjuice gives the port back a little after it was closed; a new process would not notice
  const second = await start();
  expect(second.addresses()).toEqual(invitation);
  const ana = await hearth(["/ip4/127.0.0.1/udp/0/webrtc-direct"]);
  expect(await ana.dial(invitation, forever)).toEqual({ ok: true, value: second.self });
}, 30_000);
