/**
 * The same two ways by plain js-libp2p with nothing of ours but the repair without which its WebRTC dial hangs: what they cost a
 * page on this machine at this moment. It is told in its address whom to dial; a page of ours has to find that out.
 */
import "../../../src/net/webrtc-repairs.ts";
import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import { circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import { identify } from "@libp2p/identify";
import { webRTC } from "@libp2p/webrtc";
import { webSockets } from "@libp2p/websockets";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";

export interface PlainOrder {
  readonly hearth: string;
  readonly member: string;
}

declare global {
  interface Window {
    /** Milliseconds after the page began to load. */
    plain?: { readonly hearth: number; readonly webRtc: number };
  }
}

const order = JSON.parse(decodeURIComponent(location.hash.slice(1))) as PlainOrder;
const libp2p = await createLibp2p({
  addresses: { listen: ["/webrtc"] },
  transports: [webSockets(), webRTC({ rtcConfiguration: { iceServers: [] } }), circuitRelayTransport()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionGater: { denyDialMultiaddr: () => false },
  services: { identify: identify() },
});
await dial(order.hearth);
const hearth = performance.now();
await dial(`${order.hearth}/p2p-circuit/webrtc/p2p/${order.member}`);
const webRtc = performance.now();
await libp2p.stop(); // else it stays in the others' lists for a while
window.plain = { hearth, webRtc };

/** A dial of WebRTC hangs now and then; so does ours (`src/net/dial.ts`), and tries again. */
async function dial(address: string): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      await libp2p.dial(multiaddr(address), { signal: AbortSignal.timeout(4_000) });
      return;
    } catch (error) {
      if (tried === 3) throw error;
    }
  }
}
