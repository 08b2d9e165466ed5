/**
 * One libp2p stream as a `Wire`: whole frames both ways, with credit so that neither side drowns the other.
 * Owns the stream: `close` ends our half (and the stream, once theirs has ended or been silent for LINGER_MS);
 * `breakOff` ends both at once. Nothing that arrives throws (W1).
 */
import type { Stream } from "@libp2p/interface";
import { err, ok, type Result } from "../../protocol/index.ts";
import { createFrameReader, encodeCredit, encodeEnd, encodeFrame, frameCost, WINDOW_COST } from "./framed-codec.ts";
import { raceAbort } from "./race-abort.ts";
import { MAX_FRAME_BYTES, type PeerName, type Wire, type WireError } from "./wires.ts";

/** What `create-wires.ts` holds; only the `Wire` half goes to callers. */
export interface FramedWire extends Wire {
  /** Ends both directions now, for a reason that only the log reads. */
  readonly breakOff: (reason: string) => void;
  /** Resolves when the stream is over, however it ended. */
  readonly over: Promise<void>;
}

/** A sender waits this long for room at the other side, then gives up: a peer that stalls holds nothing of ours for longer. */
export const STALL_MS = 30_000;
/** After our `close`, how long a silent other side may keep the stream. */
export const LINGER_MS = 10_000;
/** Credit is given back in pieces of this size, so that it costs less than 1 ‰ of the bytes. */
const CREDIT_STEP = Math.floor(WINDOW_COST / 4);

export function framedWire(stream: Stream, peer: PeerName, { stallMs = STALL_MS, lingerMs = LINGER_MS } = {}): FramedWire {
  const reader = createFrameReader();
  const over = Promise.withResolvers<void>();
  const unread: Uint8Array[] = [];
  let unreadCost = 0;
  let owedCredit = 0;
  /** Cost of our frames that they have not taken yet. */
  let outstanding = 0;
  let ours: "open" | "ended" = "open";
  let theirs: "open" | "ended" = "open";
  let isOver = false;
  let linger: ReturnType<typeof setTimeout> | undefined;
  /** Wakes everyone who waits for a change: room, a frame, the end. */
  let changed = Promise.withResolvers<void>();
  /** The sends, one after the other (W3: at most one frame is in the library's buffer). */
  let lastSend: Promise<unknown> = Promise.resolve();

  const wake = () => {
    changed.resolve();
    changed = Promise.withResolvers<void>();
  };
  const finish = () => {
    if (isOver) return;
    isOver = true;
    theirs = "ended";
    ours = "ended";
    clearTimeout(linger);
    stream.removeEventListener("message", onMessage);
    over.resolve();
    wake();
  };
  const breakOff = (reason: string) => {
    if (isOver) return;
    finish();
    stream.abort(new Error(reason));
  };
  /** Both halves have ended: give the stream back. */
  const settle = () => {
    if (isOver || ours === "open" || theirs === "open") return;
    const unsent = stream.close({ signal: AbortSignal.timeout(lingerMs) });
    unsent.catch(() => stream.abort(new Error("not closed in time")));
    finish();
  };
  const armLinger = () => {
    clearTimeout(linger);
    if (ours === "open" || isOver) return;
    // Frames that our own side has not read yet are no silence of theirs.
    linger = setTimeout(() => (unread.length > 0 ? armLinger() : breakOff("silent after our end")), lingerMs);
  };

  const onMessage = (event: { data: { subarray: () => Uint8Array } }) => {
    if (isOver) return;
    const read = reader.push(event.data.subarray());
    if (!read.ok) return breakOff(read.error.kind);
    for (const item of read.value) {
      if (theirs === "ended" && item.kind !== "credit") return breakOff("more after the end");
      switch (item.kind) {
        case "frame":
          unread.push(item.bytes);
          unreadCost += frameCost(item.bytes.length);
          if (unreadCost > WINDOW_COST) return breakOff("more frames than there was room for");
          break;
        case "credit":
          if (item.cost > outstanding) return breakOff("credit for what was not sent");
          outstanding -= item.cost;
          break;
        case "end":
          theirs = "ended";
          break;
        default:
          item satisfies never;
      }
    }
    armLinger();
    wake();
    settle();
  };
  stream.addEventListener("message", onMessage);
  // "end": the library has handed over all there is. Without an end word before it, the other side was cut off.
  stream.addEventListener("end", () => (theirs === "open" ? breakOff("cut off") : settle()));
  stream.addEventListener("drain", () => wake());
  stream.addEventListener("close", finish);
  if (stream.status !== "open" && stream.status !== "closing") finish();

  /**
   * Hands bytes to the library and waits until it has passed them on; false when the stream is gone or the signal fired.
   * Not by `stream.onDrain`: in @libp2p/utils 7 its promise is made once and stays resolved after the first drain.
   */
  const write = async (bytes: Uint8Array, signal: AbortSignal): Promise<boolean> => {
    try {
      stream.send(bytes);
    } catch {
      // Closed or reset a moment ago: the same as a stream that is gone.
      return false;
    }
    while (!isOver && stream.writableNeedsDrain) {
      if (!(await raceAbort(changed.promise, signal))) return false;
    }
    return !isOver;
  };

  const sendNow = async (frame: Uint8Array, signal: AbortSignal): Promise<Result<void, WireError>> => {
    const cost = frameCost(frame.length);
    const bound = AbortSignal.any([signal, AbortSignal.timeout(stallMs)]);
    const stalled = (): Result<void, WireError> => {
      signal.throwIfAborted();
      if (isOver) return err({ kind: "closed" });
      breakOff("stalled");
      return err({ kind: "timed-out" });
    };
    while (!isOver && ours === "open" && outstanding > 0 && outstanding + cost > WINDOW_COST) {
      if (!(await raceAbort(changed.promise, bound))) return stalled();
    }
    if (isOver || ours === "ended") return err({ kind: "closed" });
    outstanding += cost;
    if (await write(encodeFrame(frame), bound)) return ok(undefined);
    return stalled();
  };

  const send = async (frame: Uint8Array, signal: AbortSignal): Promise<Result<void, WireError>> => {
    signal.throwIfAborted();
    if (frame.length === 0 || frame.length > MAX_FRAME_BYTES) return err({ kind: "frame-too-large" });
    const before = lastSend;
    const mine = (async () => {
      await before;
      signal.throwIfAborted();
      return sendNow(frame, signal);
    })();
    lastSend = mine.catch(() => undefined); // an aborted send is its own caller's matter, not the next one's
    return mine;
  };

  /** The next unread frame, or null at the end. */
  const take = async (): Promise<Uint8Array | null> => {
    for (;;) {
      const frame = unread.shift();
      if (frame !== undefined) {
        const cost = frameCost(frame.length);
        unreadCost -= cost;
        owedCredit += cost;
        if (owedCredit >= CREDIT_STEP && theirs === "open") {
          // Not awaited: four bytes, and a stream that is gone shows as its end.
          void write(encodeCredit(owedCredit), AbortSignal.timeout(stallMs));
          owedCredit = 0;
        }
        return frame;
      }
      if (theirs === "ended") return null;
      await changed.promise;
    }
  };

  /** Leaving the loop early leaves the rest unread for the next loop. */
  const frames: AsyncIterable<Uint8Array> = {
    async *[Symbol.asyncIterator]() {
      for (let frame = await take(); frame !== null; frame = await take()) yield frame;
    },
  };

  const close = async (): Promise<void> => {
    if (ours === "ended") return;
    await lastSend;
    // Read again: another `close` or the end of the stream may have come while waiting.
    if ((ours as string) === "ended") return;
    ours = "ended";
    wake();
    armLinger();
    await write(encodeEnd(), AbortSignal.timeout(lingerMs));
    settle();
  };

  return { peer, send, frames, close, breakOff, over: over.promise };
}
