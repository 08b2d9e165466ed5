/**
 * Two real hearth nodes over loopback:
 *   1. they exchange frames, and a slow reader slows the writer down;
 *   2. they gossip, and a refused message costs its sender;
 *   3. what is broken, too large, dead or closed ends with its own typed error and nothing else.
 */
import { afterEach, expect, test } from "vitest";
import { createHearthWires } from "../../src/net/hearth-node.ts";
import type { NetWires } from "../../src/net/create-wires.ts";
import { MAX_FRAME_BYTES, MAX_GOSSIP_BYTES, type Verdict, type Wire } from "../../src/net/wires.ts";
import type { Millis } from "../../protocol/index.ts";

const started: NetWires[] = [];
const forever = new AbortController().signal;
const clock = { now: () => Date.now() as Millis, chance: Math.random };

async function hearth(listen: readonly string[] = ["/ip4/127.0.0.1/tcp/0/ws"], seed?: number): Promise<NetWires> {
  const key = seed === undefined ? {} : { privateKey: new Uint8Array(32).fill(seed) };
  const result = await createHearthWires({ ...clock, listen, ...key }, forever);
  if (!result.ok) throw new Error(result.error.reason);
  started.push(result.value);
  return result.value;
}

async function pair(): Promise<readonly [NetWires, NetWires]> {
  const [ana, bo] = [await hearth(), await hearth()];
  const dialled = await ana.dial(bo.addresses(), AbortSignal.timeout(5_000));
  expect(dialled).toEqual({ ok: true, value: bo.self });
  return [ana, bo];
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((wires) => wires.close()));
});

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
async function until(holds: () => boolean, what: string, ms = 8_000) {
  const end = Date.now() + ms;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await sleep(10);
  }
}
const bytes = (text: string) => new TextEncoder().encode(text);

test("a hearth with a kept key keeps its name", async () => {
  const first = await hearth(undefined, 7);
  const name = first.self;
  await first.close();
  expect((await hearth(undefined, 7)).self).toBe(name);
});

test("an address that cannot be listened on is a typed failure", async () => {
  const result = await createHearthWires({ ...clock, listen: ["/ip4/203.0.113.1/tcp/4/ws"] }, forever);
  expect(result).toMatchObject({ ok: false, error: { kind: "start-failed" } });
});

test("a connection shows on both sides with its way, and subscribers hear of it", async () => {
  const [ana, bo] = [await hearth(), await hearth()];
  let changes = 0;
  bo.subscribe(() => (changes += 1));
  await ana.dial(bo.addresses(), forever);
  await until(() => bo.connections().length === 1, "the other side");
  expect(ana.connections()).toMatchObject([{ peer: bo.self, path: "hearth-websocket", direction: "outbound" }]);
  expect(bo.connections()).toMatchObject([{ peer: ana.self, path: "hearth-websocket", direction: "inbound" }]);
  expect(changes).toBeGreaterThan(0);
});

test("WebRTC-Direct carries frames too", async () => {
  const [ana, bo] = [await hearth(["/ip4/127.0.0.1/udp/0/webrtc-direct"]), await hearth(["/ip4/127.0.0.1/udp/0/webrtc-direct"])];
  await bo.serve("/kith/echo/1", async (wire) => {
    for await (const frame of wire.frames) await wire.send(frame, forever);
  });
  expect(await ana.dial(bo.addresses(), forever)).toEqual({ ok: true, value: bo.self });
  expect(ana.connections()).toMatchObject([{ path: "hearth-webrtc" }]);
  const wire = await opened(ana, bo, "/kith/echo/1");
  const large = new Uint8Array(MAX_FRAME_BYTES).map((_, at) => at * 7);
  for (let round = 0; round < 4; round += 1) await wire.send(large, forever);
  await wire.close();
  const back = await collect(wire);
  expect(back.length).toBe(4);
  expect(Buffer.from(back[3]!).equals(Buffer.from(large))).toBe(true);
}, 30_000);

test("frames arrive whole and in order, both ways, after our own half has ended", async () => {
  const [ana, bo] = await pair();
  await bo.serve("/kith/echo/1", async (wire) => {
    const heard: Uint8Array[] = [];
    for await (const frame of wire.frames) heard.push(frame);
    for (const frame of heard) await wire.send(frame, forever);
  });
  const wire = await opened(ana, bo, "/kith/echo/1");
  const frames = [1, 10, 70_000, MAX_FRAME_BYTES, 3].map((size, index) => new Uint8Array(size).fill(index + 1));
  for (const frame of frames) expect(await wire.send(frame, forever)).toEqual({ ok: true, value: undefined });
  await wire.close();
  const back = await collect(wire);
  expect(back.map(({ length }) => length)).toEqual(frames.map(({ length }) => length));
  expect(back.every((frame, index) => frame.every((byte) => byte === index + 1))).toBe(true);
});

test("a slow reader holds the writer back, and both sides keep little", async () => {
  const [ana, bo] = await pair();
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  let read = 0;
  await bo.serve("/kith/slow/1", async (wire) => {
    await held;
    for await (const frame of wire.frames) read += frame.length;
  });
  const wire = await opened(ana, bo, "/kith/slow/1");
  let sent = 0;
  const sending = (async () => {
    for (let round = 0; round < 12; round += 1) {
      if ((await wire.send(new Uint8Array(1_000_000), forever)).ok) sent += 1;
    }
    await wire.close();
  })();
  await sleep(700);
  expect(sent).toBeLessThanOrEqual(2);
  release();
  await sending;
  expect(sent).toBe(12);
  await until(() => read === 12_000_000, "all frames");
});

test("a frame over the limit is refused before it is sent, and the stream goes on", async () => {
  const [ana, bo] = await pair();
  const sizes: number[] = [];
  await bo.serve("/kith/sizes/1", async (wire) => {
    for await (const frame of wire.frames) sizes.push(frame.length);
  });
  const wire = await opened(ana, bo, "/kith/sizes/1");
  expect(await wire.send(new Uint8Array(MAX_FRAME_BYTES + 1), forever)).toMatchObject({ error: { kind: "frame-too-large" } });
  expect(await wire.send(new Uint8Array(5), forever)).toMatchObject({ ok: true });
  await until(() => sizes.length === 1, "the small frame");
  expect(sizes).toEqual([5]);
});

test("one peer gets four streams of a protocol at once; the fifth ends, and a place that is free again is given again", async () => {
  const [ana, bo] = await pair();
  const open: Wire[] = [];
  await bo.serve("/kith/hold/1", async (wire) => {
    open.push(wire);
    await wire.send(bytes("in"), forever);
    for await (const _ of wire.frames);
  });
  const wires = [];
  for (let at = 0; at < 4; at += 1) {
    const wire = await opened(ana, bo, "/kith/hold/1");
    wires.push(wire);
    await firstFrame(wire);
  }
  const fifth = await ana.open(bo.self, "/kith/hold/1", AbortSignal.timeout(5_000));
  if (fifth.ok) expect(await firstFrame(fifth.value)).toBeNull();
  else expect(fifth.error.kind).toBe("refused");
  expect(open.length).toBe(4);
  await wires[0]!.close();
  await until(() => true, "");
  await sleep(200);
  expect(await firstFrame(await opened(ana, bo, "/kith/hold/1"))).not.toBeNull();
});

test("closing a wire twice, and the wires twice, is harmless; afterwards everything says closed", async () => {
  const [ana, bo] = await pair();
  await bo.serve("/kith/quiet/1", async (wire) => {
    for await (const _ of wire.frames);
  });
  const wire = await opened(ana, bo, "/kith/quiet/1");
  await wire.close();
  await wire.close();
  expect(await wire.send(bytes("late"), forever)).toMatchObject({ error: { kind: "closed" } });
  await ana.close();
  await ana.close();
  expect(await ana.dial(bo.addresses(), forever)).toMatchObject({ error: { kind: "closed" } });
  expect(await ana.open(bo.self, "/kith/quiet/1", forever)).toMatchObject({ error: { kind: "closed" } });
  expect(await ana.publish("t", bytes("late"))).toMatchObject({ error: { kind: "closed" } });
});

test("an unknown protocol is refused, an unknown peer is unreachable", async () => {
  const [ana, bo] = await pair();
  expect(await ana.open(bo.self, "/kith/nobody/1", AbortSignal.timeout(5_000))).toMatchObject({ error: { kind: "refused" } });
  expect(await ana.open("12D3KooWGatU9DodMMq8iXWvQz1Pu8QSVKhBk5KdbXUpNAMdURWH", "/kith/x/1", forever)).toMatchObject({
    error: { kind: "unreachable" },
  });
});

test("a handler that throws ends its own stream and nothing else", async () => {
  const [ana, bo] = await pair();
  await bo.serve("/kith/bug/1", async () => {
    throw new Error("a bug");
  });
  const wire = await opened(ana, bo, "/kith/bug/1");
  expect(await collect(wire)).toEqual([]);
  expect(ana.connections().length).toBe(1);
});

test("dialling what is dead, unreadable or refused is typed and bounded", async () => {
  const ana = await hearth();
  const other = "12D3KooWGatU9DodMMq8iXWvQz1Pu8QSVKhBk5KdbXUpNAMdURWH";
  const begun = performance.now();
  expect(await ana.dial([`/ip4/127.0.0.1/tcp/1/ws/p2p/${other}`], forever)).toMatchObject({ error: { kind: "unreachable" } });
  expect(performance.now() - begun).toBeLessThan(2_000);
  for (const unreadable of ["", "not an address", "/ip4/127.0.0.1/tcp/22", "/dnsaddr/example.org", "x".repeat(10_000)]) {
    expect(await ana.dial([unreadable], forever)).toEqual({ ok: false, error: { kind: "unreadable-address" } });
  }
  expect(await ana.dial([], forever)).toMatchObject({ error: { kind: "unreadable-address" } });
  expect(await ana.dial(ana.addresses(), forever)).toMatchObject({ error: { kind: "refused" } });
  await expect(ana.dial([`/ip4/127.0.0.1/tcp/1/ws/p2p/${other}`], AbortSignal.abort(new Error("not now")))).rejects.toThrow(
    "not now",
  );
});

test("a dead WebRTC-Direct address is given up after three bounded tries, and at once when aborted", async () => {
  const ana = await hearth();
  const dead = `/ip4/127.0.0.1/udp/9/webrtc-direct/certhash/uEiAwlVC4vYQFsH6DqJ3vCzbXNlBXFZbHpFXMWsqCG7bXZA/p2p/12D3KooWGatU9DodMMq8iXWvQz1Pu8QSVKhBk5KdbXUpNAMdURWH`;
  const begun = performance.now();
  await expect(ana.dial([dead], AbortSignal.timeout(600))).rejects.toThrow();
  expect(performance.now() - begun).toBeLessThan(1_500);
  const result = await ana.dial([dead], forever);
  expect(result.ok).toBe(false);
  expect(performance.now() - begun).toBeLessThan(30_000);
}, 40_000);

test("who was hung up on is refused for that while, both ways", async () => {
  const [ana, bo] = await pair();
  await bo.hangUp(ana.self, 60_000);
  await until(() => ana.connections().length === 0, "the end of the connection");
  expect(await bo.dial(ana.addresses(), forever)).toMatchObject({ error: { kind: "refused" } });
  await ana.dial(bo.addresses(), AbortSignal.timeout(3_000)).catch(() => null);
  await sleep(200);
  expect(bo.connections()).toEqual([]);
});

test("gossip reaches a neighbour that joined before or after, and says how many it was handed to", async () => {
  const [ana, bo] = await pair();
  await sleep(300);
  const heard: string[] = [];
  const listen = (wires: NetWires) =>
    wires.listen(
      "garden",
      async (message, from) => (
        heard.push(`${new TextDecoder().decode(message)} by ${from === ana.self ? "ana" : "bo"}`),
        "accept"
      ),
    );
  listen(ana);
  await sleep(300);
  const leave = listen(bo);
  await until(() => ana.neighboursIn("garden").length === 1 && bo.neighboursIn("garden").length === 1, "both topics");
  expect(await ana.publish("garden", bytes("hello"))).toEqual({ ok: true, value: { reached: 1 } });
  expect(await bo.publish("garden", bytes("hello back"))).toEqual({ ok: true, value: { reached: 1 } });
  await until(() => heard.length === 2, "both messages");
  expect(heard.sort()).toEqual(["hello back by bo", "hello by ana"]);
  expect(await ana.publish("garden", bytes("hello"))).toEqual({ ok: true, value: { reached: 0 } });
  expect(await ana.publish("nobody-here", bytes("hello"))).toEqual({ ok: true, value: { reached: 0 } });
  leave();
  leave();
  await until(() => ana.neighboursIn("garden").length === 0, "the leaving");
});

test("a message at the limit passes, one over it is refused before it is sent", async () => {
  const [ana, bo] = await pair();
  let largest = 0;
  bo.listen("big", async (message) => ((largest = Math.max(largest, message.length)), "accept"));
  await until(() => ana.neighboursIn("big").length === 1, "the topic");
  expect(await ana.publish("big", new Uint8Array(MAX_GOSSIP_BYTES + 1))).toMatchObject({ error: { kind: "frame-too-large" } });
  expect(await ana.publish("big", new Uint8Array(MAX_GOSSIP_BYTES))).toMatchObject({ value: { reached: 1 } });
  await until(() => largest === MAX_GOSSIP_BYTES, "the largest message");
});

test("rejecting costs the sender, ignoring and throwing do not, and regard counts as given", async () => {
  const [ana, bo] = await pair();
  const verdicts: (Verdict | "throw")[] = ["ignore", "throw", "reject", "reject"];
  let judged = 0;
  bo.listen("strict", async () => {
    const verdict = verdicts[judged++]!;
    if (verdict === "throw") throw new Error("a bug of ours");
    return verdict;
  });
  await until(() => ana.neighboursIn("strict").length === 1, "the topic");
  const scoreAfter = async (text: string, count: number) => {
    await ana.publish("strict", bytes(text));
    await until(() => judged === count, text);
    await sleep(1_100); // the library keeps a sum for one heartbeat
    return bo.scoreOf(ana.self);
  };
  expect(await scoreAfter("ignored", 1)).toBeGreaterThanOrEqual(0);
  expect(await scoreAfter("thrown", 2)).toBeGreaterThanOrEqual(0);
  expect(await scoreAfter("rejected", 3)).toBeLessThan(-15);
  expect(await scoreAfter("rejected again", 4)).toBeLessThan(-70);
  bo.regard(ana.self, 60);
  await sleep(1_100);
  expect(bo.scoreOf(ana.self)).toBeGreaterThan(-30);
}, 30_000);

async function opened(from: NetWires, to: NetWires, protocol: string): Promise<Wire> {
  const result = await from.open(to.self, protocol, AbortSignal.timeout(5_000));
  if (!result.ok) throw new Error(result.error.kind);
  return result.value;
}
async function collect(wire: Wire): Promise<readonly Uint8Array[]> {
  const frames: Uint8Array[] = [];
  for await (const frame of wire.frames) frames.push(frame);
  return frames;
}
async function firstFrame(wire: Wire): Promise<Uint8Array | null> {
  for await (const frame of wire.frames) return frame;
  return null;
}
