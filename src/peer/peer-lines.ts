/** Lines: jobs that are for one peer run one after the other; what waits in a line or runs is not put there twice. Owns nothing but its promises. */
import type { PeerName } from "../net/wires.ts";

export interface Lines {
  /** Resolves, and rejects, with the job; at once when one of that name is in the line. */
  readonly add: (peer: PeerName, name: string, job: () => Promise<void>) => Promise<void>;
}

export function createLines(): Lines {
  const byPeer = new Map<PeerName, Map<string, Promise<void>>>();
  return {
    add: (peer, name, job) => {
      const line = byPeer.get(peer) ?? new Map<string, Promise<void>>();
      if (line.has(name)) return Promise.resolve();
      const last = [...line.values()].at(-1) ?? Promise.resolve();
      const own = last.then(job, job).finally(() => {
        line.delete(name);
        if (line.size === 0) byPeer.delete(peer);
      });
      line.set(name, own);
      byPeer.set(peer, line);
      return own;
    },
  };
}
