/**
 * A stream between two nodes of the fake net: whole frames in order, each on its way for a while.
 * Like src/net/framed-wire.ts: a sender with frames under way waits, an end is a word of its own, a break discards.
 */
import { err, ok, type Result } from "../../protocol/index.ts";
import { MAX_FRAME_BYTES, type PeerName, type Wire, type WireError } from "../../src/net/wires.ts";

export interface StreamDeps {
  readonly now: () => number;
  readonly after: (ms: number, label: string, run: () => void) => () => void;
  readonly note: (label: string, bytes?: Uint8Array) => void;
  readonly delay: () => number;
  /** Frames sent over a way that is gone arrive nowhere. */
  readonly isCarried: () => boolean;
  readonly over: () => void;
}

export interface Stream {
  readonly opener: Wire;
  readonly answerer: Wire;
  /** One end, or both, sees the stream gone at once. */
  readonly breakOff: (end?: "opener" | "answerer") => void;
}

const UNDER_WAY = 4;
const LINGER_MS = 10_000;

interface End {
  readonly inbox: Uint8Array[];
  ours: "open" | "ended";
  theirs: "open" | "ended";
  broken: boolean;
  /** Frames that were sent and not read yet. */
  outstanding: number;
  lastArrival: number;
  readonly waiters: Set<() => void>;
}

const createEnd = (): End => ({
  inbox: [],
  ours: "open",
  theirs: "open",
  broken: false,
  outstanding: 0,
  lastArrival: 0,
  waiters: new Set(),
});

export function createStream(deps: StreamDeps, opener: PeerName, answerer: PeerName, label: string): Stream {
  const left = createEnd();
  const right = createEnd();
  let isOver = false;

  const wake = (end: End): void => {
    for (const waiter of [...end.waiters]) waiter();
  };
  const changed = (end: End): Promise<void> =>
    new Promise((resolve) => {
      const waiter = (): void => {
        end.waiters.delete(waiter);
        resolve();
      };
      end.waiters.add(waiter);
    });
  const breakEnd = (end: End): void => {
    if (end.broken) return;
    end.broken = true;
    end.ours = "ended";
    end.theirs = "ended";
    end.inbox.length = 0;
    wake(end);
    settle();
  };
  const settle = (): void => {
    const isDone = (end: End): boolean => end.broken || (end.ours === "ended" && end.theirs === "ended");
    if (isOver || !isDone(left) || !isDone(right)) return;
    isOver = true;
    deps.over();
  };
  /** In order: nothing overtakes what was sent before it. */
  const travel = (from: End, what: string, arrive: () => void): void => {
    from.lastArrival = Math.max(deps.now() + deps.delay(), from.lastArrival);
    deps.after(from.lastArrival - deps.now(), `${label} ${what}`, () => {
      if (deps.isCarried()) arrive();
    });
  };

  function wireOf(me: End, them: End, peer: PeerName, way: string): Wire {
    async function send(frame: Uint8Array, signal: AbortSignal): Promise<Result<void, WireError>> {
      signal.throwIfAborted();
      if (frame.length === 0 || frame.length > MAX_FRAME_BYTES) return err({ kind: "frame-too-large" });
      while (!me.broken && me.ours === "open" && me.outstanding >= UNDER_WAY) {
        const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
        await Promise.race([changed(me), aborted]);
        signal.throwIfAborted();
      }
      if (me.broken || me.ours === "ended") return err({ kind: "closed" });
      me.outstanding += 1;
      const bytes = new Uint8Array(frame);
      deps.note(`${label} ${way} sends`, bytes);
      travel(me, `${way} frame`, () => {
        if (them.broken || them.theirs === "ended") return;
        them.inbox.push(bytes);
        wake(them);
      });
      return ok(undefined);
    }
    async function take(): Promise<Uint8Array | null> {
      for (;;) {
        const frame = me.inbox.shift();
        if (frame !== undefined) {
          them.outstanding -= 1;
          wake(them);
          return frame;
        }
        if (me.theirs === "ended") return null;
        await changed(me);
      }
    }
    return {
      peer,
      send,
      frames: {
        async *[Symbol.asyncIterator]() {
          for (let frame = await take(); frame !== null; frame = await take()) yield frame;
        },
      },
      close: async () => {
        if (me.ours === "ended") return;
        me.ours = "ended";
        wake(me);
        travel(me, `${way} end`, () => {
          if (them.theirs === "ended") return;
          them.theirs = "ended";
          wake(them);
          settle();
        });
        deps.after(LINGER_MS, `${label} ${way} lingers`, () => me.theirs === "open" && breakEnd(me));
        settle();
      },
    };
  }

  return {
    opener: wireOf(left, right, answerer, ">"),
    answerer: wireOf(right, left, opener, "<"),
    breakOff: (end) => {
      if (end !== "answerer") breakEnd(left);
      if (end !== "opener") breakEnd(right);
    },
  };
}
