/**
 * What both worlds set on their libp2p node: security, muxing, services, limits, and who is let in.
 * `browser-node.ts` and `hearth-node.ts` add addresses and transports; neither imports the other's.
 */
import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import type { GossipSub } from "@chainsafe/libp2p-gossipsub";
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { identify, type Identify } from "@libp2p/identify";
import type { Address, ConnectionGater, PrivateKey } from "@libp2p/interface";
import { ping, type Ping } from "@libp2p/ping";
import type { Libp2pOptions } from "libp2p";
import type { Millis } from "../../protocol/index.ts";
import { cameUp } from "./came-up.ts";
import { addressPath, isDialable, rankOf } from "./connection-path.ts";
import { planGossip, type GossipPlan } from "./gossip.ts";
import type { PeerName } from "./wires.ts";

/** What `createBrowserWires` and `createHearthWires` both take. */
export interface WiresOptions {
  readonly now: () => Millis;
  /** 0 ≤ x < 1, for jitter only. */
  readonly chance: () => number;
  /** A 32-byte Ed25519 seed: a hearth keeps its name. Without it the node gets a fresh one. */
  readonly privateKey?: Uint8Array;
}

export type KithServices = { readonly identify: Identify; readonly ping: Ping; readonly pubsub: GossipSub };

/** Peers that are refused for a while (`Wires.hangUp`), by the end of that while. */
export interface Refusals {
  readonly refuse: (peer: PeerName, until: Millis) => void;
  readonly isRefused: (peer: PeerName) => boolean;
}

export interface Limits {
  readonly maxConnections: number;
  /** New connections a second from one host: a community centre is one host. */
  readonly inboundConnectionThreshold: number;
  readonly maxIncomingPendingConnections: number;
}

/** Refusals are few and short; the oldest goes first when somebody makes it many. */
const MAX_REFUSED = 1_024;

export function createRefusals(now: () => Millis): Refusals {
  const untilByPeer = new Map<PeerName, Millis>();
  return {
    refuse: (peer, until) => {
      untilByPeer.delete(peer);
      untilByPeer.set(peer, until);
      const oldest = untilByPeer.keys().next().value;
      if (untilByPeer.size > MAX_REFUSED && oldest !== undefined) untilByPeer.delete(oldest);
    },
    isRefused: (peer) => {
      const until = untilByPeer.get(peer);
      if (until === undefined) return false;
      if (now() < until) return true;
      untilByPeer.delete(peer);
      return false;
    },
  };
}

export interface Shared {
  readonly gossip: GossipPlan;
  readonly refusals: Refusals;
  readonly libp2p: Required<Pick<Libp2pOptions<KithServices>, "services">> & Libp2pOptions<KithServices>;
}

export async function sharedOptions({ now, privateKey }: WiresOptions, limits: Limits): Promise<Shared> {
  const gossip = planGossip();
  const refusals = createRefusals(now);
  return {
    gossip,
    refusals,
    libp2p: {
      start: false,
      ...(privateKey === undefined ? {} : { privateKey: await keyFromSeed(privateKey) }),
      // The library's own would name browser and version to every neighbour.
      nodeInfo: { name: "kith", version: "1", userAgent: "kith/1" },
      connectionEncrypters: [noise()],
      streamMuxers: [yamux({ maxInboundStreams: 64, maxOutboundStreams: 128 })],
      connectionGater: gaterFor(refusals),
      connectionManager: {
        ...limits,
        addressSorter: (a: Address, b: Address) =>
          Math.sign(rankOf(addressPath(a.multiaddr)) - rankOf(addressPath(b.multiaddr))) as -1 | 0 | 1,
        addressDialTimeout: 5_000,
        maxParallelDials: 6,
        maxPeerAddrsToDial: 16,
        inboundUpgradeTimeout: 10_000,
        // `keep-near.ts` comes back to hearths, with its own rhythm; the library would call at addresses that are dead.
        reconnectRetries: 0,
        // Nothing is looked up at a public resolver.
        resolvers: {},
      },
      // A neighbour that vanished without a word (a closed laptop) is noticed within half a minute.
      connectionMonitor: {
        enabled: true,
        pingInterval: 15_000,
        protocolPrefix: "kith",
        pingTimeout: { minTimeout: 5_000, maxTimeout: 15_000 },
      },
      services: {
        identify: identify({ protocolPrefix: "ipfs", maxMessageSize: 16_384 }),
        ping: ping({ protocolPrefix: "kith" }),
        pubsub: gossip.service,
      },
    },
  };
}

/** Our own rule, in the place of the library's, which forbids plain WebSockets and private addresses in browsers. */
function gaterFor({ isRefused }: Refusals): ConnectionGater {
  return {
    denyDialPeer: (peer) => isRefused(peer.toString()),
    denyDialMultiaddr: (address) => !isDialable(address),
    denyInboundEncryptedConnection: async (peer, raw) => isRefused(peer.toString()) || !(await cameUp(raw)),
    denyInboundUpgradedConnection: (peer) => isRefused(peer.toString()),
    denyOutboundEncryptedConnection: async (_peer, raw) => !(await cameUp(raw)),
    denyOutboundUpgradedConnection: (peer) => isRefused(peer.toString()),
    denyInboundRelayedConnection: (_relay, peer) => isRefused(peer.toString()),
    // Addresses that a neighbour tells of itself or others: only what we would dial is remembered.
    filterMultiaddrForPeer: (_peer, address) => isDialable(address),
  };
}

const keyFromSeed = (seed: Uint8Array): Promise<PrivateKey> => generateKeyPairFromSeed("Ed25519", seed);
