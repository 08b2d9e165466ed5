/** A page with nothing but the wires, for tests: what `src/net` does in a real browser. */
import { createBrowserWires } from "../../../src/net/browser-node.ts";
import type { NetWires } from "../../../src/net/create-wires.ts";
import { keepNear, type KeepNear } from "../../../src/net/keep-near.ts";
import { createNeighbourhood, type Neighbourhood } from "../../../src/net/neighbourhood.ts";
import type { Connection, Wire } from "../../../src/net/wires.ts";
import type { Millis } from "../../../protocol/index.ts";

export interface PageKith {
  readonly self: string;
  /** Milliseconds after the page began to load at which a way of this kind was first seen. */
  readonly firstAt: Partial<Record<Connection["path"], number>>;
  readonly heard: { readonly text: string; readonly latency: number }[];
  readonly connections: () => readonly Connection[];
  readonly addresses: () => readonly string[];
  readonly join: (topic: string) => void;
  readonly neighboursIn: (topic: string) => readonly string[];
  readonly publish: (topic: string, count: number, bytes: number, everyMs: number) => Promise<number>;
  readonly nudge: () => void;
  readonly close: () => Promise<void>;
  readonly refresh: () => void;
  /** Sends frames to a peer that echoes; resolves with the seconds it took, or the error's kind. */
  readonly echo: (peer: string, count: number, bytes: number) => Promise<number | string>;
  /** Sends to a peer that does not read for `holdMs`; resolves with how many frames had gone out by then, and at the end. */
  readonly push: (peer: string, count: number, bytes: number, holdMs: number) => Promise<readonly [number, number]>;
}

/** What the page is told in its address, after "#": it starts by itself, as the app does. */
export interface PageOrder {
  readonly hearths: readonly (readonly string[])[];
  readonly topic: string;
}

declare global {
  interface Window {
    kith: PageKith;
  }
}

const forever = new AbortController().signal;
const clock = { now: () => Date.now() as Millis, chance: Math.random };
const HEAD_BYTES = 16;

const order = JSON.parse(decodeURIComponent(location.hash.slice(1))) as PageOrder;
await start(order);

async function start({ hearths, topic }: PageOrder): Promise<void> {
  const started = await createBrowserWires(clock, forever);
  if (!started.ok) throw new Error(started.error.reason);
  const wires = started.value;
  const firstAt: PageKith["firstAt"] = {};
  wires.subscribe(() => {
    for (const { path } of wires.connections()) firstAt[path] ??= performance.now();
  });
  await serveEcho(wires);
  const near: KeepNear = keepNear({ wires, chance: Math.random });
  const neighbourhood: Neighbourhood = await createNeighbourhood({ wires, ...clock, mayAsk: () => true });
  const topics: string[] = [];
  const heard: PageKith["heard"] = [];
  near.mark([hearths]);
  window.kith = {
    self: wires.self,
    firstAt,
    heard,
    connections: wires.connections,
    addresses: wires.addresses,
    neighboursIn: wires.neighboursIn,
    nudge: near.nudge,
    close: async () => {
      near.close();
      neighbourhood.close();
      await wires.close();
    },
    refresh: neighbourhood.refresh,
    join: (topic) => {
      wires.listen(topic, (bytes) => {
        const sentAt = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0);
        heard.push({ text: String(new DataView(bytes.buffer, bytes.byteOffset).getUint32(8)), latency: instant() - sentAt });
        return Promise.resolve("accept");
      });
      topics.push(topic);
      neighbourhood.seek(topics);
    },
    publish: async (topic, count, bytes, everyMs) => {
      let reached = 0;
      for (let at = 0; at < count; at += 1) {
        const message = crypto.getRandomValues(new Uint8Array(Math.max(bytes, HEAD_BYTES)));
        const view = new DataView(message.buffer);
        view.setFloat64(0, instant());
        view.setUint32(8, at);
        const result = await wires.publish(topic, message);
        if (result.ok) reached = Math.max(reached, result.value.reached);
        if (everyMs > 0) await new Promise((resolve) => setTimeout(resolve, everyMs));
      }
      return reached;
    },
    echo: async (peer, count, bytes) => {
      const wire = await wires.open(peer, "/kith/test-echo/1", forever);
      if (!wire.ok) return wire.error.kind;
      const begun = performance.now();
      const frame = new Uint8Array(bytes).fill(7);
      const sending = (async () => {
        for (let at = 0; at < count; at += 1) await wire.value.send(frame, forever);
        await wire.value.close();
      })();
      let back = 0;
      for await (const each of wire.value.frames) back += each.length === bytes && each[bytes - 1] === 7 ? 1 : 0;
      await sending;
      return back === count ? (performance.now() - begun) / 1_000 : `only ${back} of ${count} came back`;
    },
    push: async (peer, count, bytes, holdMs) => {
      const opened = await wires.open(peer, "/kith/test-hold/1", forever);
      if (!opened.ok) throw new Error(opened.error.kind);
      let sent = 0;
      const sending = (async () => {
        await opened.value.send(Uint8Array.of(holdMs >> 8, holdMs & 255), forever);
        for (let at = 0; at < count; at += 1) sent += (await opened.value.send(new Uint8Array(bytes), forever)).ok ? 1 : 0;
        await opened.value.close();
      })();
      await new Promise((resolve) => setTimeout(resolve, holdMs * 0.7));
      const early = sent;
      await sending;
      for await (const _ of opened.value.frames);
      return [early, sent];
    },
  };
  window.kith.join(topic);
}

async function serveEcho(wires: NetWires): Promise<void> {
  await wires.serve("/kith/test-echo/1", async (wire) => {
    for await (const frame of wire.frames) await wire.send(frame, forever);
  });
  await wires.serve("/kith/test-hold/1", async (wire: Wire) => {
    const frames = wire.frames[Symbol.asyncIterator]();
    const first = await frames.next();
    const [high = 0, low = 0] = (first.value ?? []) as Iterable<number>;
    await new Promise((resolve) => setTimeout(resolve, high * 256 + low));
    while ((await frames.next()).done !== true);
  });
}

/** One clock for all pages of a machine. */
function instant(): number {
  return performance.timeOrigin + performance.now();
}
