/** Listens in where a page meets the network, from before its first line: what it opens, and the bytes it hands to data channels. */
import type { BrowserContext, Page } from "playwright-core";

export interface Tapped {
  /** Addresses of WebSockets. */
  readonly sockets: readonly string[];
  /** How many ICE servers each peer connection was given. */
  readonly iceServers: readonly number[];
  /** What went out on data channels, as Latin-1, the first of each. */
  readonly sent: readonly string[];
}

declare global {
  interface Window {
    tapped: { sockets: string[]; iceServers: number[]; sent: string[] };
  }
}

/** Messages that are kept: more than a first catch-up of two people takes. */
const KEPT = 2_000;

export function tap(context: BrowserContext): Promise<unknown> {
  return context.addInitScript((kept) => {
    const tapped: Window["tapped"] = { sockets: [], iceServers: [], sent: [] };
    window.tapped = tapped;
    window.WebSocket = new Proxy(WebSocket, {
      construct: (Native, [url, ...rest]: [string, ...string[]]) => {
        tapped.sockets.push(String(url));
        return new Native(url, ...rest);
      },
    });
    window.RTCPeerConnection = new Proxy(RTCPeerConnection, {
      construct: (Native, [configuration]: [RTCConfiguration?]) => {
        tapped.iceServers.push(configuration?.iceServers?.length ?? 0);
        return new Native(configuration);
      },
    });
    const send = RTCDataChannel.prototype.send as (this: RTCDataChannel, bytes: Uint8Array<ArrayBuffer>) => void;
    RTCDataChannel.prototype.send = function (this: RTCDataChannel, bytes: unknown) {
      if (bytes instanceof Uint8Array && tapped.sent.length < kept) tapped.sent.push(String.fromCharCode(...bytes));
      send.call(this, bytes as Uint8Array<ArrayBuffer>);
    };
  }, KEPT);
}

export const tappedBy = (page: Page): Promise<Tapped> => page.evaluate(() => window.tapped);
