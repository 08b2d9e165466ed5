/** Wires played by hand: one neighbour, streams as pipes, and what was asked of them. */
import { ok } from "../../protocol/index.ts";
import type { Connection, Wire, Wires } from "../../src/net/wires.ts";
import { NOON } from "./home.ts";

/** Two ends of one stream. */
export function pipe(left: string, right: string): readonly [Wire, Wire] {
  const line = () => {
    const waiting: Uint8Array[] = [];
    let isOver = false;
    let wake = (): void => undefined;
    const frames = (async function* () {
      for (;;) {
        const frame = waiting.shift();
        if (frame !== undefined) yield frame;
        else if (isOver) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    })();
    const put = (frame: Uint8Array | null): void => {
      if (frame === null) isOver = true;
      else waiting.push(frame);
      wake();
    };
    return { frames, put };
  };
  const [toLeft, toRight] = [line(), line()];
  const end = (peer: string, from: typeof toLeft, to: typeof toLeft): Wire => ({
    peer,
    frames: from.frames,
    send: async (frame) => {
      to.put(frame);
      return ok(undefined);
    },
    close: async () => to.put(null),
  });
  return [end(right, toLeft, toRight), end(left, toRight, toLeft)];
}

/** What we serve lies in `served`; streams that we open come out at `opened`. */
export function wiresBeside(peer: string, path: Connection["path"]) {
  const served = new Map<string, (wire: Wire) => Promise<void>>();
  const opened: { readonly protocol: string; readonly wire: Wire }[] = [];
  const hungUp: string[] = [];
  const wires: Wires = {
    self: "us",
    addresses: () => [],
    connections: () => [{ peer, path, since: NOON as Connection["since"], direction: "outbound" }],
    subscribe: () => () => undefined,
    dial: async () => ok(peer),
    hangUp: async (name) => void hungUp.push(name),
    serve: async (protocol, handler) => void served.set(protocol, handler),
    open: async (_peer, protocol) => {
      const [ours, theirs] = pipe("us", peer);
      opened.push({ protocol, wire: theirs });
      return ok(ours);
    },
    listen: () => () => undefined,
    publish: async () => ok({ reached: 0 }),
    regard: () => undefined,
    close: async () => undefined,
  };
  return { wires, served, opened, hungUp };
}
