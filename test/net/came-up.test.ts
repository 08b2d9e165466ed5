/** A link that nobody is at the other end of is no connection, whatever the library makes of it. */
import type { MultiaddrConnection } from "@libp2p/interface";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { cameUp } from "../../src/net/came-up.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function handLink(first: RTCPeerConnectionState) {
  const link = Object.assign(new EventTarget(), { connectionState: first });
  return {
    // What the library hands over, as far as it is looked at.
    raw: { peerConnection: link } as unknown as MultiaddrConnection,
    become: (state: RTCPeerConnectionState) => {
      link.connectionState = state;
      link.dispatchEvent(new Event("connectionstatechange"));
    },
  };
}

test("what is not over WebRTC, and what is connected, has come up", async () => {
  expect(await cameUp({} as MultiaddrConnection)).toBe(true);
  expect(await cameUp(handLink("connected").raw)).toBe(true);
});

test("a dialler that gave up left a link that is new, and has not come up", async () => {
  const { raw } = handLink("new");
  const asked = cameUp(raw);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await asked).toBe(false);
});

test.each([
  ["connected", true],
  ["failed", false],
  ["closed", false],
] as const)("a link that is %s a moment later is taken for that", async (state, isUp) => {
  const { raw, become } = handLink("connecting");
  const asked = cameUp(raw);
  await vi.advanceTimersByTimeAsync(100);
  become(state);
  expect(await asked).toBe(isUp);
});
