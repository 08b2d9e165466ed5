/** The network of a browser, in a chunk of its own: loaded after the first paint. */
import { ok } from "../../protocol/index.ts";
import { createBrowserWires } from "../net/browser-node.ts";
import { keepNear } from "../net/keep-near.ts";
import { createNeighbourhood } from "../net/neighbourhood.ts";
import { realWorld } from "../platform/world.ts";
import type { StartNetwork } from "./network.ts";

export const startBrowserNetwork: StartNetwork = async ({ mayAsk }, signal) => {
  const started = await createBrowserWires({ now: realWorld.now, chance: realWorld.jitter }, signal);
  if (!started.ok) return started;
  const wires = started.value;
  const near = keepNear({ wires, chance: realWorld.jitter });
  const neighbourhood = await createNeighbourhood({ wires, now: realWorld.now, chance: realWorld.jitter, mayAsk });
  const nudge = (): void => {
    near.nudge();
    neighbourhood.refresh();
  };
  // Neighbours notice a page that says goodbye at once; one that is just gone, after a while.
  // A page that is only put aside comes back with its connections, or dials anew.
  const leave = ({ persisted }: PageTransitionEvent): void => void (persisted || wires.close());
  addEventListener("online", nudge);
  addEventListener("pagehide", leave);
  return ok({
    wires,
    inPerson: wires.inPerson,
    mark: near.mark,
    statedBy: wires.statedBy,
    seek: neighbourhood.seek,
    refresh: neighbourhood.refresh,
    close: async () => {
      removeEventListener("online", nudge);
      removeEventListener("pagehide", leave);
      neighbourhood.close();
      near.close();
      await wires.close();
    },
  });
};
