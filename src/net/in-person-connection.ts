/**
 * One data channel as the raw connection that libp2p puts noise and yamux on. Owns channel and peer connection: its end
 * is theirs, and theirs is its end.
 *
 *   O1  A message on the channel has at most MAX_MESSAGE_BYTES; whoever sends waits while MAX_BUFFERED_BYTES have not left.
 *   O2  Until the channel is open nothing is sent, and "failed" is not the end: the other side may not have begun yet.
 */
import type { AbortOptions, Logger, MessageStreamDirection } from "@libp2p/interface";
import { AbstractMultiaddrConnection, type SendResult } from "@libp2p/utils";
import type { Multiaddr } from "@multiformats/multiaddr";

export const MAX_MESSAGE_BYTES = 16_384;
const MAX_BUFFERED_BYTES = 1_048_576;
const LOW_BYTES = 262_144;
/** Goodbyes of yamux are sent first, if they go quickly. */
const LINGER_MS = 500;

/** The parts of the browser's objects that are used. */
export type Channel = Pick<
  RTCDataChannel,
  "addEventListener" | "send" | "close" | "readyState" | "bufferedAmount" | "bufferedAmountLowThreshold" | "binaryType"
>;
export type Link = Pick<RTCPeerConnection, "addEventListener" | "connectionState" | "close">;

export interface ChannelInit {
  readonly channel: Channel;
  readonly link: Link;
  readonly remoteAddr: Multiaddr;
  readonly direction: MessageStreamDirection;
  readonly log: Logger;
}

// eslint-disable-next-line no-restricted-syntax -- @libp2p/utils keeps the buffers and states of a raw connection in a class to extend
export class ChannelConnection extends AbstractMultiaddrConnection {
  readonly #channel: Channel;
  readonly #link: Link;
  #hasOpened = false;

  constructor({ channel, link, ...init }: ChannelInit) {
    super({ ...init, maxMessageSize: MAX_MESSAGE_BYTES });
    this.#channel = channel;
    this.#link = link;
    channel.binaryType = "arraybuffer";
    channel.bufferedAmountLowThreshold = LOW_BYTES;
    const onOpen = (): void => {
      this.#hasOpened = true;
      this.#drained();
    };
    channel.addEventListener("open", onOpen);
    if (channel.readyState === "open") onOpen();
    // Chromium may deliver a message before it says that the channel is open.
    channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      if (data instanceof ArrayBuffer) this.onData(new Uint8Array(data));
      else this.abort(new Error("text where bytes were due"));
    });
    channel.addEventListener("bufferedamountlow", () => this.#drained());
    channel.addEventListener("close", () => this.#ended());
    link.addEventListener("connectionstatechange", () => {
      const { connectionState } = link;
      if (connectionState === "closed" || (connectionState === "failed" && this.#hasOpened)) this.#ended(); // O2
    });
    this.addEventListener("close", () => link.close());
  }

  override sendData(bytes: { readonly byteLength: number; readonly subarray: () => Uint8Array }): SendResult {
    if (this.#channel.readyState !== "open") return { sentBytes: 0, canSendMore: false }; // O2
    // A copy: what stands in libp2p's list may be written over, and its type may be shared memory.
    this.#channel.send(Uint8Array.from(bytes.subarray()));
    return { sentBytes: bytes.byteLength, canSendMore: this.#channel.bufferedAmount < MAX_BUFFERED_BYTES }; // O1
  }

  override async sendClose(options?: AbortOptions): Promise<void> {
    for (
      let waited = 0;
      this.#channel.readyState === "open" && this.#channel.bufferedAmount > 0 && waited < LINGER_MS;
      waited += 20
    )
      await new Promise((resolve) => setTimeout(resolve, 20));
    this.#link.close();
    options?.signal?.throwIfAborted();
  }

  override sendReset(): void {
    this.#link.close();
  }

  /** A data channel cannot be told to wait. What a reader is slow to take is bounded above: by yamux's windows and the wires' credit. */
  override sendPause(): void {
    return;
  }
  override sendResume(): void {
    return;
  }

  #drained(): void {
    if (this.writableNeedsDrain) this.safeDispatchEvent("drain");
  }

  #ended(): void {
    this.onTransportClosed();
    this.#link.close();
  }
}
