/**
 * Whether a WebRTC connection that @libp2p/webrtc 6.0.33 hands over has come up at all. Owns nothing once it has answered.
 *
 * Whoever is dialled reads the other's candidates until it is connected, or until the signalling stream ends; that the
 * dialler has given up looks the same to it (private-to-private/util.js), and it makes a connection of a link that nobody
 * is at the other end of. On a LAN without a gateway, where browsers have no way to each other, every dial ends so: the
 * page would say *straight from browser to browser*, and hello, sync and gossip would go into the void for half a minute.
 *
 * TODO: remove when the library looks at the state of the link before it upgrades it.
 */
import type { MultiaddrConnection } from "@libp2p/interface";

/** The link can be up a moment before its state says so. */
const SETTLE_MS = 1_500;

type Link = Pick<RTCPeerConnection, "connectionState" | "addEventListener" | "removeEventListener">;

/** True for every connection that is not over WebRTC: those are open when they are handed over. */
export async function cameUp(raw: MultiaddrConnection): Promise<boolean> {
  const link = linkOf(raw);
  if (link === null || link.connectionState === "connected") return true;
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      link.removeEventListener("connectionstatechange", look);
      resolve(link.connectionState === "connected");
    };
    const look = (): void => void (["connected", "failed", "closed"].includes(link.connectionState) && finish());
    const timer = setTimeout(finish, SETTLE_MS);
    link.addEventListener("connectionstatechange", look);
    look();
  });
}

/** The library keeps it on the connection, in a field that its types do not show. */
function linkOf(raw: MultiaddrConnection): Link | null {
  const link = (raw as { readonly peerConnection?: unknown }).peerConnection;
  return typeof link === "object" && link !== null && "connectionState" in link ? (link as Link) : null;
}
