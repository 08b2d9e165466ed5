/** The part of the driver that a hostile neighbour meets; the conversation itself is test/protocol/sync. */
import { expect, test } from "vitest";
import { encodeSyncMessage, ok, type Millis } from "../../protocol/index.ts";
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
const digest = encodeSyncMessage({ kind: "digest", digest: "a".repeat(64) });
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
  const session = driveSession(wire, [], deps, ending.signal);
  for (let waited = 0; waited < 50; waited += 1) await turn();
  expect(taken()).toBeLessThan(32);
  ending.abort(new Error("over"));
  await expect(session).rejects.toThrow("over");
});

test("after the end of a session nothing more is read from its wire", async () => {
  const { wire, taken } = floodOf(digest, async () => ok(undefined));
  expect(await driveSession(wire, [], deps, never)).toBe("out-of-turn"); // a second digest answers nothing
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
  expect(await driveSession(wireOf(new Uint8Array([255])), [], deps, never)).toBe("malformed");
  expect(await driveSession(wireOf(), [], deps, never)).toBe("hung-up");
});
