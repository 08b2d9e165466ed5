/** One wire over a stream that the test holds in its hands: what a hostile or slow other side can do, and what it cannot. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Stream } from "@libp2p/interface";
import { encodeCredit, encodeEnd, encodeFrame, frameCost, WINDOW_COST } from "../../src/net/framed-codec.ts";
import { framedWire, LINGER_MS, STALL_MS } from "../../src/net/framed-wire.ts";
import { MAX_FRAME_BYTES } from "../../src/net/wires.ts";

const forever = new AbortController().signal;
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A stream by hand: `arrive` is the other side, `sent` what went out, `isFull` stops the way out until `drain`. */
function handStream() {
  const events = new EventTarget();
  const state = { sent: [] as Uint8Array[], isFull: false, aborted: null as string | null, isClosed: false };
  const stream = Object.assign(events, {
    status: "open",
    send: (bytes: Uint8Array) => {
      if (state.isClosed || state.aborted !== null) throw new Error("closed");
      state.sent.push(bytes);
      return !state.isFull;
    },
    close: () => {
      state.isClosed = true;
      return Promise.resolve();
    },
    abort: (error: Error) => {
      state.aborted ??= error.message;
    },
  });
  // Not in the literal above: `assign` would read it once.
  Object.defineProperty(stream, "writableNeedsDrain", { get: () => state.isFull });
  return {
    state,
    // The fake has what `framedWire` uses.
    stream: stream as unknown as Stream,
    arrive: (bytes: Uint8Array) => events.dispatchEvent(Object.assign(new Event("message"), { data: bytes })),
    end: () => events.dispatchEvent(new Event("end")),
    close: () => events.dispatchEvent(new Event("close")),
    drain: () => {
      state.isFull = false;
      events.dispatchEvent(new Event("drain"));
    },
  };
}

test("a broken length ends the frames and resets the stream; what came before it can still be read", async () => {
  const hand = handStream();
  const wire = framedWire(hand.stream, "peer");
  hand.arrive(encodeFrame(Uint8Array.of(1)));
  hand.arrive(Uint8Array.of(0x7f, 0xff, 0xff, 0xff));
  expect(await all(wire.frames)).toEqual([Uint8Array.of(1)]);
  expect(hand.state.aborted).toBe("frame-too-large");
  expect(await wire.send(Uint8Array.of(1), forever)).toMatchObject({ error: { kind: "closed" } });
});

test("who sends more than there was room for is reset", () => {
  const hand = handStream();
  framedWire(hand.stream, "peer");
  const frame = encodeFrame(new Uint8Array(MAX_FRAME_BYTES));
  hand.arrive(frame);
  hand.arrive(frame);
  expect(hand.state.aborted).toBeNull();
  hand.arrive(encodeFrame(Uint8Array.of(1)));
  expect(hand.state.aborted).toBe("more frames than there was room for");
});

test("very many tiny frames count too", () => {
  const hand = handStream();
  framedWire(hand.stream, "peer");
  const tiny = encodeFrame(Uint8Array.of(1));
  let accepted = 0;
  while (hand.state.aborted === null) {
    hand.arrive(tiny);
    accepted += 1;
  }
  expect(accepted).toBeLessThan(WINDOW_COST / 1_024 + 2);
});

test.each([
  ["credit for what was not sent", encodeCredit(1)],
  ["more after the end", Uint8Array.from([...encodeEnd(), ...encodeFrame(Uint8Array.of(1))])],
  ["unknown-word", Uint8Array.of(0, 0, 0, 0)],
])("%s resets the stream", (reason, bytes) => {
  const hand = handStream();
  framedWire(hand.stream, "peer");
  hand.arrive(bytes);
  expect(hand.state.aborted).toBe(reason);
});

test("a stream that ends without its end word was cut off", async () => {
  const hand = handStream();
  const wire = framedWire(hand.stream, "peer");
  hand.arrive(encodeFrame(Uint8Array.of(5)).subarray(0, 3));
  hand.end();
  expect(await all(wire.frames)).toEqual([]);
  expect(hand.state.aborted).toBe("cut off");
});

test("the third large frame waits for credit, and goes when it comes", async () => {
  const hand = handStream();
  const wire = framedWire(hand.stream, "peer");
  const large = new Uint8Array(MAX_FRAME_BYTES);
  await wire.send(large, forever);
  await wire.send(large, forever);
  let isSent = false;
  const third = wire.send(large, forever).then((result) => ((isSent = true), result));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(isSent).toBe(false);
  expect(hand.state.sent.length).toBe(2);
  hand.arrive(encodeCredit(frameCost(MAX_FRAME_BYTES)));
  expect(await third).toEqual({ ok: true, value: undefined });
  expect(hand.state.sent.length).toBe(3);
});

test("without credit a send gives up after its bound, and the stream with it", async () => {
  vi.useRealTimers();
  const hand = handStream();
  const wire = framedWire(hand.stream, "peer", { stallMs: 50 });
  const large = new Uint8Array(MAX_FRAME_BYTES);
  await wire.send(large, forever);
  await wire.send(large, forever);
  expect(await wire.send(large, forever)).toMatchObject({ error: { kind: "timed-out" } });
  expect(hand.state.aborted).toBe("stalled");
  expect(STALL_MS).toBeLessThanOrEqual(30_000);
});

test("a way out that is full holds the send until it drains", async () => {
  const hand = handStream();
  const wire = framedWire(hand.stream, "peer");
  hand.state.isFull = true;
  let isSent = false;
  const sending = wire.send(Uint8Array.of(1), forever).then(() => (isSent = true));
  await vi.advanceTimersByTimeAsync(10);
  expect(isSent).toBe(false);
  hand.drain();
  await sending;
});

test("an aborted send rejects with the signal's reason, sends nothing, and leaves the next one in order", async () => {
  const hand = handStream();
  const wire = framedWire(hand.stream, "peer");
  hand.state.isFull = true;
  const first = wire.send(Uint8Array.of(1), forever);
  const aborting = new AbortController();
  const second = wire.send(Uint8Array.of(2), aborting.signal);
  const third = wire.send(Uint8Array.of(3), forever);
  aborting.abort(new Error("not wanted any more"));
  hand.drain();
  await expect(second).rejects.toThrow("not wanted any more");
  expect(await Promise.all([first, third])).toMatchObject([{ ok: true }, { ok: true }]);
  expect(hand.state.sent.map((bytes) => bytes[4])).toEqual([1, 3]);
});

test("reading gives credit back in steps, also after our own half has ended", async () => {
  const hand = handStream();
  const wire = framedWire(hand.stream, "peer");
  await wire.close();
  const frames = wire.frames[Symbol.asyncIterator]();
  for (let round = 0; round < 5; round += 1) {
    hand.arrive(encodeFrame(new Uint8Array(MAX_FRAME_BYTES)));
    await frames.next();
  }
  expect(hand.state.aborted).toBeNull();
  expect(hand.state.sent.map((bytes) => [...bytes])).toEqual([
    [...encodeEnd()],
    ...Array(5).fill([...encodeCredit(frameCost(MAX_FRAME_BYTES))]),
  ]);
});

test("after our end, a silent other side is let go; one that still talks is heard out", async () => {
  const hand = handStream();
  const wire = framedWire(hand.stream, "peer");
  await wire.close();
  await vi.advanceTimersByTimeAsync(LINGER_MS - 10);
  hand.arrive(encodeFrame(Uint8Array.of(1)));
  await vi.advanceTimersByTimeAsync(LINGER_MS * 3);
  expect(hand.state.aborted).toBeNull(); // the frame is unread, and that is our doing
  const frames = wire.frames[Symbol.asyncIterator]();
  expect((await frames.next()).value).toEqual(Uint8Array.of(1));
  await vi.advanceTimersByTimeAsync(LINGER_MS * 2);
  expect(hand.state.aborted).toBe("silent after our end");
  expect((await frames.next()).done).toBe(true);
});

test("both ends end the stream politely, once, and leave no timer", async () => {
  const hand = handStream();
  const wire = framedWire(hand.stream, "peer");
  hand.arrive(encodeEnd());
  expect(await all(wire.frames)).toEqual([]);
  await wire.close();
  await wire.close();
  await wire.over;
  expect(hand.state).toMatchObject({ isClosed: true, aborted: null });
  expect(vi.getTimerCount()).toBe(0);
});

test("leaving the loop early keeps the rest for the next loop", async () => {
  const hand = handStream();
  const wire = framedWire(hand.stream, "peer");
  for (const byte of [1, 2, 3]) hand.arrive(encodeFrame(Uint8Array.of(byte)));
  hand.arrive(encodeEnd());
  for await (const frame of wire.frames) {
    expect(frame).toEqual(Uint8Array.of(1));
    break;
  }
  expect(await all(wire.frames)).toEqual([Uint8Array.of(2), Uint8Array.of(3)]);
});

async function all(frames: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const read: Uint8Array[] = [];
  for await (const frame of frames) read.push(frame);
  return read;
}
