/** The node of a browser: dials hearths, is reachable for other browsers through them, listens nowhere. Bundled by Vite. */
import "../platform/promise-polyfill.ts";
import "./webrtc-repairs.ts";
import { circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import { webRTC, webRTCDirect } from "@libp2p/webrtc";
import { webSockets } from "@libp2p/websockets";
import { createLibp2p } from "libp2p";
import type { Result } from "../../protocol/index.ts";
import { startWires, type NetWires, type StartFailed } from "./create-wires.ts";
import { sharedOptions, type WiresOptions } from "./libp2p-shared.ts";

/** Room for the members one talks to, their devices and a few hearths. */
const LIMITS = { maxConnections: 40, inboundConnectionThreshold: 20, maxIncomingPendingConnections: 20 };

/** Starts a browser's node. Aborting stops it and rejects. */
export function createBrowserWires(options: WiresOptions, signal: AbortSignal): Promise<Result<NetWires, StartFailed>> {
  return startWires(options, signal, async () => {
    const shared = await sharedOptions(options, LIMITS);
    const libp2p = await createLibp2p({
      ...shared.libp2p,
      // One "/p2p-circuit" for each hearth to be found through: two, so that one may die.
      addresses: { listen: ["/p2p-circuit", "/p2p-circuit", "/webrtc"] },
      transports: [
        webSockets(),
        // No STUN by default: the library's own list is four third parties.
        webRTC({ rtcConfiguration: { iceServers: [] } }),
        webRTCDirect({ rtcConfiguration: { iceServers: [] } }),
        circuitRelayTransport({ reservationCompletionTimeout: 5_000 }),
      ],
    });
    return { libp2p, gossip: shared.gossip.over(libp2p.services.pubsub), refusals: shared.refusals };
  });
}
