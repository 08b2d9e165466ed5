/**
 * Between a browser's session description and a line (protocol/sync/in-person.ts): what is not in the line is the same
 * every time, and is put back from a template. Pure.
 */
import { MAX_WAYS, bytesToHex, hexToBytes, type Line, type Way } from "../../protocol/index.ts";

/** What a line needs of a description that a browser made, when all ways were gathered. */
export type OwnEnds = Pick<Line, "fingerprint" | "ufrag" | "password" | "ways">;

/** Null when the browser left something out, or speaks another hash than SHA-256. */
export function endsIn(sdp: string): OwnEnds | null {
  const ufrag = /^a=ice-ufrag:(\S{4,32})\s*$/m.exec(sdp)?.[1];
  const password = /^a=ice-pwd:(\S{22,64})\s*$/m.exec(sdp)?.[1];
  const fingerprint = /^a=fingerprint:sha-256 ((?:[0-9a-f]{2}:){31}[0-9a-f]{2})\s*$/im.exec(sdp)?.[1];
  if (ufrag === undefined || password === undefined || fingerprint === undefined) return null;
  const found = [...sdp.matchAll(/^a=candidate:\S+ 1 udp (\d+) (\S+) (\d+) typ (?:host|srflx)\b/gim)]
    .sort(([, left], [, right]) => Number(right) - Number(left))
    .flatMap(([, , host = "", port = ""]) => wayTo(host, Number(port)) ?? []);
  const ways = [...new Map(found.map((way) => [textOf(way), way])).values()].slice(0, MAX_WAYS);
  return { ufrag, password, fingerprint: hexToBytes(fingerprint.replaceAll(":", "").toLowerCase()), ways };
}

/** The description that the other browser would have made. */
export function describe({ kind, fingerprint, ufrag, password, ways }: Line): RTCSessionDescriptionInit {
  const pairs = bytesToHex(fingerprint).toUpperCase().match(/../g) ?? [];
  const lines = [
    "v=0",
    "o=- 1 2 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    ...ways.map((way, index) => `a=candidate:${index + 1} 1 udp ${priorityOf(index)} ${textOf(way)} typ host`),
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${password}`,
    `a=fingerprint:sha-256 ${pairs.join(":")}`,
    `a=setup:${kind === "offer" ? "actpass" : "active"}`,
    "a=mid:0",
    "a=sctp-port:5000",
    "a=max-message-size:262144",
  ];
  return { type: kind, sdp: `${lines.join("\r\n")}\r\n` };
}

/** RFC 8445, 5.1.2.1: a host's, and the earlier the better. */
const priorityOf = (index: number): number => 126 * 2 ** 24 + (65_535 - index) * 2 ** 8 + 255;

function wayTo(host: string, port: number): Way | null {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return null;
  const ip4 = host.split(".");
  if (ip4.length === 4 && ip4.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256))
    return { kind: "ip4", host: Uint8Array.from(ip4, Number), port };
  const uuid = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.local$/i.exec(host)?.[1];
  if (uuid !== undefined) return { kind: "mdns", host: hexToBytes(uuid.replaceAll("-", "").toLowerCase()), port };
  const ip6 = ip6ToBytes(host);
  return ip6 === null ? null : { kind: "ip6", host: ip6, port };
}

/** `host port`, as a candidate names it. */
function textOf({ kind, host, port }: Way): string {
  if (kind === "ip4") return `${host.join(".")} ${port}`;
  const hex = bytesToHex(host);
  if (kind === "ip6") return `${(hex.match(/.{4}/g) ?? []).join(":")} ${port}`;
  const [a, b, c, d, e] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return `${a}-${b}-${c}-${d}-${e}.local ${port}`;
}

/** RFC 4291, 2.2, without the mixed form, which browsers do not write; a zone makes it no address. */
function ip6ToBytes(text: string): Uint8Array | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [left = [], right = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - left.length - right.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...left, ...Array.from({ length: missing }, () => "0"), ...right];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return hexToBytes(groups.map((group) => group.padStart(4, "0").toLowerCase()).join(""));
}
