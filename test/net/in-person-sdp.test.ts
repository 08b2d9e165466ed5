/** What browsers write becomes a line and a description again; what they leave out is noticed. */
import { expect, test } from "vitest";
import { encodeLine, parseLine, type OfferLine } from "../../protocol/index.ts";
import { describe, endsIn } from "../../src/net/in-person-sdp.ts";

/** Chromium 156, after gathering, with addresses of another network; `a=` lines it always writes, in its order. */
const CHROMIUM = `v=0\r
o=- 4611731400430051336 2 IN IP4 127.0.0.1\r
s=-\r
t=0 0\r
a=group:BUNDLE 0\r
a=extmap-allow-mixed\r
a=msid-semantic: WMS\r
m=application 40713 UDP/DTLS/SCTP webrtc-datachannel\r
c=IN IP4 192.168.1.7\r
a=candidate:2624760645 1 udp 2122260223 192.168.1.7 40713 typ host generation 0 network-id 1\r
a=candidate:1510613869 1 udp 2122194687 5b1d4f0e-7d3c-4b52-9d5e-1a2b3c4d5e6f.local 51234 typ host generation 0 network-id 2\r
a=candidate:842163049 1 udp 2122131711 fd00::1:9 40001 typ host generation 0 network-id 3\r
a=candidate:3804056029 1 tcp 1518280447 192.168.1.7 9 typ host tcptype active generation 0 network-id 1\r
a=ice-ufrag:s8w/\r
a=ice-pwd:abcdefghijklmnopqrstuv+/\r
a=ice-options:trickle\r
a=fingerprint:sha-256 ${Array.from({ length: 32 }, (_, n) => (n + 160).toString(16).toUpperCase()).join(":")}\r
a=setup:actpass\r
a=mid:0\r
a=sctp-port:5000\r
a=max-message-size:262144\r
`;

test("Chromium's description keeps its ways over UDP, best first, and nothing that differs on every start", () => {
  const ends = endsIn(CHROMIUM);
  expect(ends?.ufrag).toBe("s8w/");
  expect(ends?.password).toBe("abcdefghijklmnopqrstuv+/");
  expect(ends?.fingerprint).toEqual(Uint8Array.from({ length: 32 }, (_, n) => n + 160));
  expect(ends?.ways.map(({ kind, port }) => [kind, port])).toEqual([
    ["ip4", 40_713],
    ["mdns", 51_234],
    ["ip6", 40_001],
  ]);
});

test("what is put back from a line says the same again", () => {
  const ends = endsIn(CHROMIUM);
  if (ends === null) throw new Error("it was read");
  const offer: OfferLine = { kind: "offer", peer: new Uint8Array(32).fill(1), ...ends };
  const carried = parseLine(encodeLine(offer));
  if (!carried.ok) throw new Error(carried.error.kind);
  const { type, sdp = "" } = describe(carried.value);
  expect(type).toBe("offer");
  expect(endsIn(sdp)).toEqual(ends);
  expect(sdp).toContain("a=setup:actpass\r\n");
  expect(sdp).toContain(" 5b1d4f0e-7d3c-4b52-9d5e-1a2b3c4d5e6f.local 51234 typ host\r\n");
  expect(sdp).toContain(" fd00:0000:0000:0000:0000:0000:0001:0009 40001 typ host\r\n");
  expect(describe({ ...carried.value, kind: "answer", to: "00".repeat(8) }).sdp).toContain("a=setup:active\r\n");
});

test("nothing in a line can write a line of its own into the description", () => {
  const ends = endsIn(CHROMIUM);
  const offer = { kind: "offer", peer: new Uint8Array(32), ...ends, ufrag: "aaaa\r\na=candidate:x" } as OfferLine;
  expect(parseLine(encodeLine(offer))).toEqual({ ok: false, error: { kind: "malformed", at: "ice" } });
});

test("a browser that leaves a part out, or uses another hash, makes no line", () => {
  for (const left of [/a=ice-ufrag.*\r\n/, /a=ice-pwd.*\r\n/, /a=fingerprint.*\r\n/])
    expect(endsIn(CHROMIUM.replace(left, ""))).toBeNull();
  expect(endsIn(CHROMIUM.replace("sha-256", "sha-512"))).toBeNull();
});

test("one way is told once, and no more than eight are", () => {
  const more = Array.from({ length: 12 }, (_, n) => `a=candidate:1 1 udp ${2_000 - n} 10.0.0.${n} 4000 typ host\r\n`).join("");
  expect(endsIn(CHROMIUM.replace(/a=candidate.*\r\n/g, "") + more + more)?.ways.map(({ host }) => host[3])).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7,
  ]);
});

test.each(["300.1.1.1", "fe80::1%eth0", "1:2:3", "::1::", "host.example", "1:2:3:4:5:6:7:8:9"])("%s is no way", (host) => {
  expect(endsIn(`${CHROMIUM.replace(/a=candidate.*\r\n/g, "")}a=candidate:1 1 udp 9 ${host} 4000 typ host\r\n`)?.ways).toEqual(
    [],
  );
});
