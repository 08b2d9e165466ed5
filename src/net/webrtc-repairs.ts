/**
 * Two repairs around @libp2p/webrtc 6.0.33, at the one thing of the browser that it uses: `RTCPeerConnection`.
 * Imported for its side effect before @libp2p/webrtc, which takes the constructor when it is loaded.
 *
 *   1. Dialling. Who dials opens a data channel named "init", waits for its "open" and then for its "close". The other side
 *      may close it first, and then neither is still to come: the dial hangs until its timeout, in one case of four when
 *      several run at once. Here that channel repeats to late listeners what they missed.
 *   2. Hanging up. The library ends a connection when its state is "failed", 15 s after the other side has closed it. The
 *      other side's closing is known at once from the DTLS transport; here it ends the connection.
 *
 * TODO: remove 1 when the library waits for open *or* close (private-to-private/initiate-connection.ts), and 2 when it
 * looks at the transport.
 */

/** Only the library's own helper channel; every other channel stays as the browser made it. */
const HELPER_LABEL = "init";

if (typeof globalThis.RTCPeerConnection === "function") {
  // A proxy keeps the static parts (`generateCertificate`) and `instanceof`.
  globalThis.RTCPeerConnection = new Proxy(globalThis.RTCPeerConnection, {
    construct: (Native, [configuration]: [RTCConfiguration?]) => repaired(new Native(configuration)),
  });
}

function repaired(connection: RTCPeerConnection): RTCPeerConnection {
  const create = connection.createDataChannel.bind(connection);
  connection.createDataChannel = (label, options) => {
    const channel = create(label, options);
    if (label === HELPER_LABEL) tellLateListeners(channel);
    return channel;
  };
  endWithTransport(connection);
  return connection;
}

/** Repair 1. After its end, "open" and "close" are sent once more to whoever asks; an end before the beginning counts as both. */
export function tellLateListeners(channel: Pick<RTCDataChannel, "addEventListener" | "dispatchEvent" | "readyState">): void {
  const listen = channel.addEventListener.bind(channel) as (type: string, ...rest: unknown[]) => void;
  let hasOpened = false;
  listen("open", () => (hasOpened = true));
  listen("close", () => {
    if (!hasOpened) channel.dispatchEvent(new Event("open"));
  });
  channel.addEventListener = (type: string, ...rest: unknown[]): void => {
    listen(type, ...rest);
    if (channel.readyState === "closed" && (type === "open" || type === "close")) {
      queueMicrotask(() => channel.dispatchEvent(new Event(type)));
    }
  };
}

/** Repair 2. Closing it ourselves sends no event, so the one that the library waits for is sent with it. */
export function endWithTransport(
  connection: Pick<RTCPeerConnection, "addEventListener" | "dispatchEvent" | "sctp" | "connectionState" | "close">,
): void {
  let isWatched = false;
  connection.addEventListener("connectionstatechange", () => {
    const transport = connection.sctp?.transport;
    if (isWatched || transport === undefined || connection.connectionState !== "connected") return;
    isWatched = true;
    transport.addEventListener("statechange", () => {
      // Its type is generic DOM: narrowed by what is compared.
      if ((transport.state !== "closed" && transport.state !== "failed") || connection.connectionState === "closed") return;
      connection.close();
      connection.dispatchEvent(new Event("connectionstatechange"));
    });
  });
}
