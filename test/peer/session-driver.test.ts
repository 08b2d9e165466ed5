/** The part of the driver that a hostile neighbour meets; the conversation itself is test/protocol/sync. */
import { expect, test } from "vitest";
import {
  encodeSyncMessage,
  ok,
  parseSyncMessage,
  treeOf,
  type EnvelopeId,
  type FeedId,
  type FrontierEntry,
  type Millis,
} from "../../protocol/index.ts";
import { driveSession, type SessionDeps } from "../../src/net/session-driver.ts";
import type { Wire } from "../../src/net/wires.ts";

const deps: SessionDeps = {
  now: () => 0 as Millis,
  later: () => () => undefined,
  load: async () => null,
  loadProof: () => null,
  deliver: async () => ({ kind: "settled" }),
  deliverProof: async () => ({ kind: "settled" }),
};
const never = new AbortController().signal;
const digest = encodeSyncMessage({ kind: "digest", digest: "a".repeat(64), feeds: 1, nonce: "b".repeat(16) });
const nothing = treeOf([]);
const nonce = new Uint8Array(8);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Sends `frame` for ever, and counts how many were read. */
function floodOf(frame: Uint8Array, send: Wire["send"]) {
  let taken = 0;
  const frames: AsyncIterable<Uint8Array> = {
    async *[Symbol.asyncIterator]() {
      for (;;) {
        if (taken % 8 === 0) await turn();
        taken += 1;
        yield frame;
      }
    },
  };
  const wire: Wire = { peer: "flood", frames, send, close: async () => undefined };
  return { wire, taken: () => taken };
}

test("a peer that sends without end and reads nothing fills no memory", async () => {
  const ending = new AbortController();
  const stuck: Wire["send"] = (_frame, signal) =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const { wire, taken } = floodOf(digest, stuck);
  const session = driveSession(wire, nothing, nonce, deps, ending.signal);
  for (let waited = 0; waited < 50; waited += 1) await turn();
  expect(taken()).toBeLessThan(32);
  ending.abort(new Error("over"));
  await expect(session).rejects.toThrow("over");
});

test("after the end of a session nothing more is read from its wire", async () => {
  const { wire, taken } = floodOf(digest, async () => ok(undefined));
  expect(await driveSession(wire, nothing, nonce, deps, never)).toBe("out-of-turn"); // a second digest answers nothing
  const then = taken();
  for (let waited = 0; waited < 50; waited += 1) await turn();
  expect(taken()).toBeLessThanOrEqual(then + 1);
});

test("a frame that is no message ends the session as malformed, and a stream that ends as hung up", async () => {
  const wireOf = (...frames: readonly Uint8Array[]): Wire => ({
    peer: "other",
    frames: (async function* () {
      yield* frames;
    })(),
    send: async () => ok(undefined),
    close: async () => undefined,
  });
  expect(await driveSession(wireOf(new Uint8Array([255])), nothing, nonce, deps, never)).toBe("malformed");
  expect(await driveSession(wireOf(), nothing, nonce, deps, never)).toBe("hung-up");
});

// ---- V1, V2: what an exchange may keep in memory

const MIB = 1_048_576;
const entry = (n: number): FrontierEntry => ({
  feed: n.toString(16).padStart(64, "0") as FeedId,
  length: 1,
  head: "7".repeat(64) as EnvelopeId,
  forkedAt: null,
});
const many = Array.from({ length: 40 }, (_, n) => entry(n + 1));
const greeting = encodeSyncMessage({ kind: "digest", digest: "a".repeat(64), feeds: 40, nonce: "b".repeat(16) });
const frontierOf = (entries: readonly FrontierEntry[]) =>
  encodeSyncMessage({
    kind: "frontier",
    more: false,
    entries: entries.map(({ feed, length }) => ({ feed, length, forkedAt: null, mark: "c".repeat(16) })),
  });

/** Says these frames, counts how many were read, and stays silent after them. */
function scripted(frames: readonly Uint8Array[], send: Wire["send"]) {
  let read = 0;
  const wire: Wire = {
    peer: "other",
    frames: (async function* () {
      for (const frame of frames) {
        read += 1;
        yield frame;
      }
      await new Promise(() => undefined);
    })(),
    send,
    close: async () => undefined,
  };
  return { wire, read: () => read };
}

test("V1: a reader that is slow in taking in stops reading once two large chunks wait", async () => {
  const ending = new AbortController();
  const chunk = encodeSyncMessage({ kind: "chunk", bytes: new Uint8Array(MIB) });
  const asked: string[] = [];
  const send: Wire["send"] = async (frame) => (asked.push(parseKind(frame)), ok(undefined));
  const { wire, read } = scripted([greeting, frontierOf(many), ...Array<Uint8Array>(40).fill(chunk)], send);
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const slow: SessionDeps = { ...deps, deliver: async () => (await held, { kind: "settled" }) };
  const session = driveSession(wire, nothing, nonce, slow, ending.signal);
  for (let waited = 0; waited < 50; waited += 1) await turn();
  expect(asked.filter((kind) => kind === "want")).toHaveLength(40);
  expect(read()).toBeLessThanOrEqual(2 + 3);
  release();
  for (let waited = 0; waited < 200; waited += 1) await turn();
  expect(read()).toBe(42);
  ending.abort(new Error("over"));
  await expect(session).rejects.toThrow("over");
});

test("V2: to one who asks for much and reads nothing, one answer is loaded at a time", async () => {
  const ending = new AbortController();
  const wants = many.slice(0, 30).map(({ feed }) => encodeSyncMessage({ kind: "want", feed, from: 0 }));
  let loads = 0;
  const lavish: SessionDeps = { ...deps, load: async () => ((loads += 1), new Uint8Array(MIB)) };
  let sent = 0;
  const send: Wire["send"] = (frame, signal) =>
    parseKind(frame) !== "chunk" || (sent += 1) <= 2
      ? Promise.resolve(ok(undefined))
      : new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const { wire } = scripted([greeting, frontierOf([]), ...wants], send);
  const session = driveSession(wire, treeOf(many), nonce, lavish, ending.signal);
  for (let waited = 0; waited < 100; waited += 1) await turn();
  expect([sent, loads]).toEqual([3, 3]);
  ending.abort(new Error("over"));
  await expect(session).rejects.toThrow("over");
});

function parseKind(frame: Uint8Array): string {
  const message = parseSyncMessage(frame);
  return message.ok ? message.value.kind : "none";
}
