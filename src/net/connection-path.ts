/** What an address or a connection says about the way it takes, and which of several ways to one peer is best. Pure. */
import type { Connection as LibConnection } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import type { ConnectionPath } from "./wires.ts";

/** Best first. Between browsers nobody stands in between; to a hearth both ways carry the same. */
const RANK: readonly ConnectionPath[] = [
  "browser-direct",
  "in-person",
  "hearth-websocket",
  "hearth-webrtc",
  "other",
  "through-relay",
];

export const rankOf = (path: ConnectionPath): number => RANK.indexOf(path);

type Way = Pick<LibConnection, "limits" | "remoteAddr" | "status">;

export function pathOf(connection: Omit<Way, "status">): ConnectionPath {
  return connection.limits === undefined ? addressPath(connection.remoteAddr) : "through-relay";
}

/** The way that dialling this address would give. An incoming browser connection names only "/webrtc/p2p/…". */
export function addressPath(address: Multiaddr): ConnectionPath {
  const parts = new Set(address.getComponents().map(({ name }) => name));
  if (parts.has("memory")) return "in-person";
  if (parts.has("webrtc")) return "browser-direct";
  if (parts.has("p2p-circuit")) return "through-relay";
  if (parts.has("webrtc-direct")) return "hearth-webrtc";
  if (parts.has("ws") || parts.has("wss")) return "hearth-websocket";
  return "other";
}

/**
 * What Kith dials at all: no plain TCP, no QUIC, and no `dnsaddr`, which the library would ask a public resolver for.
 * Who was connected in person is no address: only two people with two new lines come there again.
 */
export const isDialable = (address: Multiaddr): boolean =>
  !["other", "in-person"].includes(addressPath(address)) && address.getComponents().every(({ name }) => name !== "dnsaddr");

/** Of the open connections to one peer, the best; `null` when there is none. */
export function bestOf<W extends Way>(ways: readonly W[]): W | null {
  const open = ways.filter(({ status }) => status === "open");
  return open.reduce<W | null>(
    (best, next) => (best === null || rankOf(pathOf(next)) < rankOf(pathOf(best)) ? next : best),
    null,
  );
}
