/** The node of a browser: dials hearths, is reachable for other browsers through them, listens nowhere. Bundled by Vite. */
import "../platform/promise-polyfill.ts";
import "./webrtc-repairs.ts";
import { noise } from "@chainsafe/libp2p-noise";
import { circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import { webRTC, webRTCDirect } from "@libp2p/webrtc";
import { webSockets } from "@libp2p/websockets";
import { createLibp2p } from "libp2p";
import type { Result } from "../../protocol/index.ts";
import { freshKey, noiseCrypto } from "./browser-keys.ts";
import type { InPerson } from "./in-person-lines.ts";
import { createInPerson } from "./in-person.ts";
import { startWires, type NetWires, type StartFailed } from "./create-wires.ts";
import { sharedOptions, type KithServices, type WiresOptions } from "./libp2p-shared.ts";

/** Room for the members one talks to, their devices and a few hearths. */
const LIMITS = { maxConnections: 40, inboundConnectionThreshold: 20, maxIncomingPendingConnections: 20 };

/** Starts a browser's node. Aborting stops it and rejects. */
export function createBrowserWires(options: WiresOptions, signal: AbortSignal): Promise<Result<NetWires, StartFailed>> {
  return startWires(options, signal, async () => {
    const shared = await sharedOptions(options, LIMITS);
    const made = options.privateKey === undefined ? await freshKey() : undefined;
    const libp2p = await createLibp2p<KithServices & { readonly inPerson: InPerson }>({
      ...shared.libp2p,
      ...(made === undefined ? {} : { privateKey: made }),
      connectionEncrypters: [noise({ crypto: noiseCrypto })],
      services: {
        ...shared.libp2p.services,
        inPerson: ({ peerId, upgrader, logger }) => createInPerson({ self: peerId, upgrader, logger, createLink }),
      },
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
    const { pubsub, inPerson } = libp2p.services;
    return { libp2p, gossip: shared.gossip.over(pubsub), refusals: shared.refusals, inPerson };
  });
}

/** No STUN: people side by side need nobody to tell them where they are. Missing where WebRTC was taken out of the browser. */
const createLink = typeof RTCPeerConnection === "function" ? () => new RTCPeerConnection({ iceServers: [] }) : null;
