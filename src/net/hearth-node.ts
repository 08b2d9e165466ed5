/** The node of a hearth (Node.js): listens for browsers, lets them find each other, and is a full neighbour itself. Never bundled. */
import "../platform/promise-polyfill.ts";
import "./websocket-polyfill.ts";
import { circuitRelayServer } from "@libp2p/circuit-relay-v2";
import { webRTCDirect, type TransportCertificate } from "@libp2p/webrtc";
import { webSockets } from "@libp2p/websockets";
import { createLibp2p } from "libp2p";
import type { Result } from "../../protocol/index.ts";
import { startWires, type ComposedNode, type NetWires, type StartFailed } from "./create-wires.ts";
import { sharedOptions, type WiresOptions } from "./libp2p-shared.ts";

export interface HearthWiresOptions extends WiresOptions {
  /** Such as "/ip4/0.0.0.0/tcp/4500/ws" and "/ip4/0.0.0.0/udp/4501/webrtc-direct"; port 0 takes a free one. */
  readonly listen: readonly string[];
  /** What to tell others when it is not what we listen on (a public name in front). */
  readonly announce?: readonly string[];
  /** Kept from an earlier start (`hearth-certificate.ts`), so that WebRTC-Direct addresses in invitations stay true. */
  readonly certificate?: TransportCertificate;
  readonly relay?: Partial<RelayLimits>;
}

export interface RelayLimits {
  readonly maxReservations: number;
  /** One relayed connection: enough to exchange offers and candidates some dozen times, too little for data. */
  readonly bytes: bigint;
  readonly ms: number;
}

const LIMITS = { maxConnections: 600, inboundConnectionThreshold: 100, maxIncomingPendingConnections: 64 };
const RELAY: RelayLimits = { maxReservations: 512, bytes: 262_144n, ms: 120_000 };

/** Starts a hearth's node. Aborting stops it and rejects. */
export function createHearthWires(options: HearthWiresOptions, signal: AbortSignal): Promise<Result<NetWires, StartFailed>> {
  return startWires(options, signal, () => composeHearth(options));
}

/** The node before its start; apart only so that a test can look behind the wires. */
export async function composeHearth(options: HearthWiresOptions): Promise<ComposedNode> {
  const shared = await sharedOptions(options, LIMITS);
  const relay = { ...RELAY, ...options.relay };
  const libp2p = await createLibp2p({
    ...shared.libp2p,
    addresses: { listen: [...options.listen], announce: [...(options.announce ?? [])] },
    transports: [
      webSockets(),
      webRTCDirect({
        rtcConfiguration: { iceServers: [] },
        ...(options.certificate === undefined ? {} : { certificate: options.certificate }),
      }),
    ],
    services: {
      ...shared.libp2p.services,
      relay: circuitRelayServer({
        hopTimeout: 10_000,
        maxOutboundStopStreams: 600,
        reservations: { maxReservations: relay.maxReservations, defaultDataLimit: relay.bytes, defaultDurationLimit: relay.ms },
      }),
    },
  });
  return { libp2p, gossip: shared.gossip.over(libp2p.services.pubsub), refusals: shared.refusals };
}
