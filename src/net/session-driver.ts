/**
 * Runs one sync session over one wire: the only file where `protocol/sync/session.ts` meets time and I/O.
 * Owns nothing: the caller closes the wire.
 *
 *   V1  Back-pressure, as a reader: what was read and is not taken in weighs at most MAX_UNREAD_BYTES and one frame more.
 *   V2  As a giver: one answer is loaded at a time, and the next when it is sent.
 */
import {
  encodeSyncMessage,
  parseSyncMessage,
  startSession,
  step,
  type CloseReason,
  type FeedId,
  type FrontierTree,
  type Input,
  type Millis,
  type Outcome,
  type Output,
} from "../../protocol/index.ts";
import type { Wire } from "./wires.ts";

export interface SessionDeps {
  readonly now: () => Millis;
  /** Runs something once, after a while; returns its cancellation. */
  readonly later: (ms: number, run: () => void) => () => void;
  /** A chunk of ours from `from` on, or null. */
  readonly load: (feed: FeedId, from: number, signal: AbortSignal) => Promise<Uint8Array | null>;
  readonly loadProof: (feed: FeedId) => Uint8Array | null;
  /** Unverified bytes from a stranger, said to be of `feed`; the receiver judges and stores before it answers. */
  readonly deliver: (feed: FeedId, bytes: Uint8Array, signal: AbortSignal) => Promise<Outcome>;
  readonly deliverProof: (feed: FeedId, bytes: Uint8Array, signal: AbortSignal) => Promise<Outcome>;
}

/** Inputs that wait while we are held up in sending. */
const MAX_UNREAD = 16;
/** V1. Two chunks of the largest size. */
const MAX_UNREAD_BYTES = 2_097_152;

interface Waiting {
  readonly input: Input;
  /** Of the frame it came in (V1). */
  readonly bytes: number;
  readonly workedOff?: () => void;
}

export type SessionEnd = CloseReason | "hung-up" | "malformed";

/** Resolves when the session ends. Aborting stops mid-session and rejects; what was delivered stays delivered. */
export async function driveSession(
  wire: Wire,
  ours: FrontierTree,
  /** By chance, for this session alone. */
  nonce: Uint8Array,
  deps: SessionDeps,
  signal: AbortSignal,
): Promise<SessionEnd> {
  let session = startSession(ours, nonce);
  const inbox: Waiting[] = [{ input: { kind: "start" }, bytes: 0 }];
  let unreadBytes = 0;
  let notify: (() => void) | null = null;
  let ended: SessionEnd | null = null;
  let cancelWake: (() => void) | null = null;
  let isOver = false;
  let readOn: (() => void) | null = null;

  const put = (input: Input, bytes = 0, workedOff = (): void => undefined): void => {
    inbox.push({ input, bytes, workedOff });
    notify?.();
  };
  const end = (how: SessionEnd): void => {
    ended ??= how;
    notify?.();
  };

  const listenOn = (): void => readOn?.();
  const listen = async (): Promise<void> => {
    for await (const frame of wire.frames) {
      const message = parseSyncMessage(frame);
      if (!message.ok) return end("malformed");
      unreadBytes += frame.length;
      put({ kind: "message", message: message.value }, frame.length);
      // V1: a peer that sends and never reads fills its own credit, not our memory; and nothing is read after the end.
      while (!isOver && (inbox.length >= MAX_UNREAD || unreadBytes >= MAX_UNREAD_BYTES))
        await new Promise<void>((resolve) => (readOn = resolve));
      if (isOver) return;
    }
    end("hung-up");
  };
  // Loads and deliveries run beside the conversation. Loads go one after the other; of deliveries only the answers do: the session
  // takes them in order.
  let loading: Promise<void> = Promise.resolve();
  let landing: Promise<void> = Promise.resolve();
  const after = (line: Promise<void>, job: () => Promise<void>): Promise<void> => line.then(job).catch(() => end("hung-up"));
  /** V2. */
  const putAndWait = (input: Input): Promise<void> => new Promise((resolve) => put(input, 0, resolve));

  const perform = async (output: Output, frameBytes: number): Promise<void> => {
    switch (output.kind) {
      case "send": {
        const sent = await wire.send(encodeSyncMessage(output.message), signal);
        if (!sent.ok) end("hung-up");
        return;
      }
      case "load":
        loading = after(loading, async () => {
          const bytes = await deps.load(output.feed, output.from, signal);
          await putAndWait({ kind: "loaded", what: "chunk", feed: output.feed, bytes });
        });
        return;
      case "load-proof":
        loading = after(loading, () =>
          putAndWait({ kind: "loaded", what: "proof", feed: output.feed, bytes: deps.loadProof(output.feed) }),
        );
        return;
      case "deliver":
      case "deliver-proof": {
        const take = output.kind === "deliver" ? deps.deliver : deps.deliverProof;
        // Begun at once, so that two are judged side by side; only their answers wait for one another.
        const taking = take(output.feed, output.bytes, signal);
        taking.catch(() => undefined); // heard in its turn, just below
        landing = after(landing, async () => {
          const outcome = await taking;
          unreadBytes -= frameBytes;
          put({ kind: "delivered", outcome });
        });
        return;
      }
      case "wake":
        cancelWake?.();
        cancelWake = deps.later(Math.max(0, output.at - deps.now()), () => put({ kind: "tick" }));
        return;
      case "close":
        return end(output.reason);
      default:
        return output satisfies never;
    }
  };

  const onAbort = (): void => end("hung-up");
  signal.addEventListener("abort", onAbort);
  void listen().catch(() => end("hung-up"));
  try {
    for (;;) {
      const next = inbox.shift();
      listenOn();
      if (next === undefined) {
        // What has arrived is worked off before an end is heard: a last `done` and the hang-up come together.
        if (ended !== null) break;
        await new Promise<void>((resolve) => (notify = resolve));
        notify = null;
        continue;
      }
      if (signal.aborted || ended === "malformed") break;
      const { session: stepped, outputs } = step(session, next.input, deps.now());
      session = stepped;
      const isLanding = outputs.some(({ kind }) => kind === "deliver" || kind === "deliver-proof");
      if (!isLanding) unreadBytes -= next.bytes;
      for (const output of outputs) await perform(output, next.bytes);
      next.workedOff?.();
      if (session.phase === "closed") {
        ended = session.reason;
        break;
      }
    }
  } finally {
    isOver = true;
    listenOn();
    // Assigned in a callback, which the compiler does not follow.
    (cancelWake as (() => void) | null)?.();
    signal.removeEventListener("abort", onAbort);
  }
  signal.throwIfAborted();
  return ended ?? "hung-up";
}
