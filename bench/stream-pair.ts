/** Two ends of one stream in this process, with as much of libp2p's `Stream` as the framed wire uses. Counts what passes. */
import type { Stream } from "@libp2p/interface";

/** What WebRTC carries in one message. */
const MESSAGE_BYTES = 16_384;

export interface StreamPair {
  readonly left: Stream;
  readonly right: Stream;
  /** Bytes that `right` has sent. */
  readonly sentByRight: () => number;
}

export function createStreamPair(): StreamPair {
  let sent = 0;
  const left = createEnd(
    () => right,
    () => undefined,
  );
  const right: End = createEnd(
    () => left,
    (bytes) => (sent += bytes),
  );
  // An end has what `framedWire` uses.
  return { left: left as unknown as Stream, right: right as unknown as Stream, sentByRight: () => sent };
}

type End = ReturnType<typeof createEnd>;

function createEnd(other: () => EventTarget, count: (bytes: number) => void) {
  const say = (kind: string, data?: Uint8Array): void =>
    void setImmediate(() => other().dispatchEvent(Object.assign(new Event(kind), { data })));
  return Object.assign(new EventTarget(), {
    status: "open",
    writableNeedsDrain: false,
    /** Each message is a turn of the loop of its own, as it is when it comes from a network. */
    send: (bytes: Uint8Array): boolean => {
      count(bytes.length);
      for (let at = 0; at < bytes.length; at += MESSAGE_BYTES) say("message", bytes.slice(at, at + MESSAGE_BYTES));
      return true;
    },
    close: async (): Promise<void> => say("end"),
    abort: (): void => say("close"),
  });
}
