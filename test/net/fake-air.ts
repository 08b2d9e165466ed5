/**
 * Peer connections by hand: two that have each other's description open their channel, as browsers do, with nothing but
 * this file between them. What goes wrong on a real way is what the test does to it.
 */
import type { OwnEnds } from "../../src/net/in-person-sdp.ts";
import { describe, endsIn } from "../../src/net/in-person-sdp.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef";

/** A value of a state that will be another one later. */
const at = <State>(state: State): State => state;

export interface FakeChannel extends EventTarget {
  readyState: RTCDataChannelState;
  bufferedAmount: number;
  bufferedAmountLowThreshold: number;
  binaryType: string;
  readonly send: (bytes: Uint8Array) => void;
  readonly close: () => void;
}

export interface FakeLink extends EventTarget {
  readonly channel: FakeChannel;
  connectionState: RTCPeerConnectionState;
  readonly close: () => void;
}

export function createAir() {
  const links: { readonly link: FakeLink; local: string; remote: string; peer: FakeLink | null }[] = [];
  const state = {
    /** Nothing leaves a channel while it is held: `bufferedAmount` grows. */
    isHeld: false,
    /** Bytes of the largest message that went over. */
    largest: 0,
    hasWays: true,
    /** All messages, in the order in which they went. */
    said: [] as Uint8Array[],
  };
  const held: (() => void)[] = [];

  const letGo = (): void => {
    state.isHeld = false;
    for (const go of held.splice(0)) go();
  };

  function create(): RTCPeerConnection {
    const number = links.length + 1;
    const own: OwnEnds = {
      fingerprint: new Uint8Array(32).fill(number),
      ufrag: `abc${ALPHABET[number % 32]}`,
      password: "p".repeat(24),
      ways: state.hasWays ? [{ kind: "ip4", host: Uint8Array.of(10, 0, 0, number), port: 4_000 }] : [],
    };
    const entry: (typeof links)[number] = { link: undefined as unknown as FakeLink, local: "", remote: "", peer: null }; // set below
    const channel: FakeChannel = Object.assign(new EventTarget(), {
      readyState: at<RTCDataChannelState>("connecting"),
      bufferedAmount: 0,
      bufferedAmountLowThreshold: 0,
      binaryType: "blob",
      send: (bytes: Uint8Array) => {
        if (channel.readyState !== "open") throw new Error("InvalidStateError");
        state.largest = Math.max(state.largest, bytes.length);
        state.said.push(bytes);
        channel.bufferedAmount += bytes.length;
        const go = (): void => {
          channel.bufferedAmount -= bytes.length;
          entry.peer?.channel.dispatchEvent(Object.assign(new Event("message"), { data: bytes.slice().buffer }));
          if (channel.bufferedAmount <= channel.bufferedAmountLowThreshold) channel.dispatchEvent(new Event("bufferedamountlow"));
        };
        if (state.isHeld) held.push(go);
        else setImmediate(go);
      },
      close: () => undefined,
    });
    const link: FakeLink = Object.assign(new EventTarget(), {
      channel,
      connectionState: at<RTCPeerConnectionState>("new"),
      iceGatheringState: "complete",
      localDescription: null as RTCSessionDescriptionInit | null,
      createDataChannel: () => channel,
      createOffer: () => Promise.resolve(describe({ kind: "offer", peer: new Uint8Array(32), ...own })),
      createAnswer: () => Promise.resolve(describe({ kind: "answer", to: "", peer: new Uint8Array(32), ...own })),
      setLocalDescription: (given: RTCSessionDescriptionInit) => {
        Object.assign(link, { localDescription: given });
        entry.local = own.ufrag;
        meet();
        return Promise.resolve();
      },
      setRemoteDescription: (given: RTCSessionDescriptionInit) => {
        entry.remote = endsIn(given.sdp ?? "")?.ufrag ?? "";
        meet();
        return Promise.resolve();
      },
      close: () => {
        if (link.connectionState === "closed") return;
        link.connectionState = "closed";
        channel.readyState = "closed";
        const { peer } = entry;
        setImmediate(() => {
          channel.dispatchEvent(new Event("close"));
          if (peer === null || peer.connectionState === "closed") return;
          peer.channel.readyState = "closed";
          peer.channel.dispatchEvent(new Event("close"));
        });
      },
    });
    Object.assign(entry, { link });
    links.push(entry);
    // The fake has what `in-person.ts` uses of it.
    return link as unknown as RTCPeerConnection;
  }

  function meet(): void {
    for (const one of links) {
      const other = links.find((each) => each !== one && each.local === one.remote && each.remote === one.local);
      if (
        other === undefined ||
        one.local === "" ||
        one.remote === "" ||
        one.peer !== null ||
        one.link.connectionState === "closed"
      )
        continue;
      one.peer = other.link;
      other.peer = one.link;
      setImmediate(() => {
        for (const { link } of [one, other]) {
          link.connectionState = "connected";
          link.channel.readyState = "open";
          link.channel.dispatchEvent(new Event("open"));
        }
      });
    }
  }

  return { state, create, letGo, links: () => links.map(({ link }) => link) };
}
