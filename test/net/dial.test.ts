/** What is dialled, in which order, how often, and how many at once. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { multiaddr } from "@multiformats/multiaddr";
import { addressPath, bestOf, pathOf } from "../../src/net/connection-path.ts";
import { createDialer, peerOf, readAddress, readAddresses, type DialerDeps } from "../../src/net/dial.ts";

const ANA = "12D3KooWGatU9DodMMq8iXWvQz1Pu8QSVKhBk5KdbXUpNAMdURWH";
const HEARTH = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";
const CERT = "certhash/uEiAwlVC4vYQFsH6DqJ3vCzbXNlBXFZbHpFXMWsqCG7bXZA";
const WS = `/ip4/10.0.0.2/tcp/4500/ws/p2p/${HEARTH}`;
const WEBRTC = `/p2p/${HEARTH}/p2p-circuit/webrtc/p2p/${ANA}`;
const forever = new AbortController().signal;

test.each([
  [WS, "hearth-websocket"],
  ["/dns4/hearth.example/tcp/443/tls/ws", "hearth-websocket"],
  ["/dns4/hearth.example/tcp/443/wss", "hearth-websocket"],
  [`/ip4/10.0.0.2/udp/4501/webrtc-direct/${CERT}`, "hearth-webrtc"],
  [WEBRTC, "browser-direct"],
  [`${WS}/p2p-circuit/webrtc/p2p/${ANA}`, "browser-direct"],
  [`/webrtc/p2p/${ANA}`, "browser-direct"],
  [`${WS}/p2p-circuit/p2p/${ANA}`, "through-relay"],
  ["/ip4/10.0.0.2/tcp/4500", "other"],
] as const)("%s is %s", (address, path) => {
  expect(addressPath(multiaddr(address))).toBe(path);
});

test("a connection with limits is a relayed one, whatever its address says", () => {
  expect(pathOf({ remoteAddr: multiaddr(WS), limits: { seconds: 120 } })).toBe("through-relay");
});

test("of several ways the most direct open one is best", () => {
  const relayed = { remoteAddr: multiaddr(`${WS}/p2p-circuit/p2p/${ANA}`), limits: { seconds: 1 }, status: "open" as const };
  const direct = { remoteAddr: multiaddr(WEBRTC), status: "open" as const };
  const closing = { ...direct, status: "closing" as const };
  expect(bestOf([relayed, direct])).toBe(direct);
  expect(bestOf([closing, relayed])).toBe(relayed);
  expect(bestOf([closing])).toBeNull();
});

test("the peer of an address is the one at its end", () => {
  expect(peerOf(multiaddr(WS))).toBe(HEARTH);
  expect(peerOf(multiaddr(WEBRTC))).toBe(ANA);
  expect(peerOf(multiaddr(`${WS}/p2p-circuit`))).toBeNull();
  expect(peerOf(multiaddr("/ip4/10.0.0.2/tcp/4500/ws"))).toBeNull();
});

test("direct ways come first; addresses of two peers are no addresses of one", () => {
  expect(readAddresses([WS, "rubbish", WS.replace("10.0.0.2", "10.0.0.3")])?.length).toBe(2);
  expect(readAddresses([`${WS}/p2p-circuit/p2p/${ANA}`, WEBRTC])?.map(String)[0]).toBe(WEBRTC);
  expect(readAddresses([WS, WEBRTC])).toBeNull();
  expect(readAddresses([])).toBeNull();
});

test("no text makes reading an address throw, and what is read is dialable", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((tail) => `/ip4/1.2.3.4/tcp/${tail}`),
        fc.constant("/dnsaddr/example.org"),
      ),
      (text) => {
        const address = readAddress(text);
        if (address !== null) expect(addressPath(address)).not.toBe("other");
      },
    ),
  );
});

test("no more than three dials are in flight, and all get their turn", async () => {
  let inFlight = 0;
  let most = 0;
  const dialer = dialerOver(async () => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    await new Promise((resolve) => setTimeout(resolve, 5));
    inFlight -= 1;
    return HEARTH;
  });
  const results = await Promise.all(Array.from({ length: 12 }, () => dialer.dial([WS], forever)));
  expect(results.every(({ ok }) => ok)).toBe(true);
  expect(most).toBe(3);
});

test("a WebRTC dial is tried three times, a socket that refuses once", async () => {
  let tries = 0;
  const failing = dialerOver(() => {
    tries += 1;
    return Promise.reject(new Error("no"));
  });
  expect(await failing.dial([WEBRTC], forever)).toEqual({ ok: false, error: { kind: "unreachable" } });
  expect(tries).toBe(3);
  tries = 0;
  expect(await failing.dial([WS], forever)).toEqual({ ok: false, error: { kind: "unreachable" } });
  expect(tries).toBe(1);
});

test("an aborted dial gives its turn back, also one that was still waiting", async () => {
  const open: (() => void)[] = [];
  const dialer = dialerOver(() => new Promise((resolve) => open.push(() => resolve(HEARTH))));
  const first = Array.from({ length: 3 }, () => dialer.dial([WS], forever));
  const aborting = new AbortController();
  const fourth = dialer.dial([WS], aborting.signal);
  const fifth = dialer.dial([WS], forever);
  aborting.abort(new Error("no longer wanted"));
  await expect(fourth).rejects.toThrow("no longer wanted");
  open.splice(0).forEach((finish) => finish());
  await Promise.all(first);
  await new Promise((resolve) => setTimeout(resolve, 1));
  open.splice(0).forEach((finish) => finish());
  expect(await fifth).toEqual({ ok: true, value: HEARTH });
});

test("oneself and those hung up on are refused without a dial", async () => {
  let tries = 0;
  const dialer = createDialer({
    dial: () => ((tries += 1), Promise.reject(new Error("no"))),
    chance: () => 0,
    self: ANA,
    isRefused: (peer) => peer === HEARTH,
  });
  expect(await dialer.dial([WEBRTC], forever)).toEqual({ ok: false, error: { kind: "refused" } });
  expect(await dialer.dial([WS], forever)).toEqual({ ok: false, error: { kind: "refused" } });
  expect(tries).toBe(0);
});

function dialerOver(dial: () => Promise<string>) {
  // Of a connection, the dialer looks only at whose it is.
  const lib = (() => dial().then((peer) => ({ remotePeer: { toString: () => peer } }))) as unknown as DialerDeps["dial"];
  return createDialer({ dial: lib, chance: () => 0, self: "nobody", isRefused: () => false });
}
