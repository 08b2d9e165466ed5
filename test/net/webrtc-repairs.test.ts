/** What is repaired around @libp2p/webrtc: channels that say what was missed, and connections that end when they have ended. */
import { expect, test } from "vitest";
import { endWithTransport, tellLateListeners } from "../../src/net/webrtc-repairs.ts";

function channel() {
  const target = Object.assign(new EventTarget(), { readyState: "connecting" });
  const become = (state: string) => {
    target.readyState = state;
    target.dispatchEvent(new Event(state === "closed" ? "close" : state));
  };
  // An EventTarget with a state is all that is used.
  tellLateListeners(target as unknown as RTCDataChannel);
  return { target, become };
}
/** As the library waits: with a listener that is put on when it is wanted. */
const waitFor = (target: EventTarget, type: string) =>
  new Promise<void>((resolve) => target.addEventListener(type, () => resolve(), { once: true }));

test("an end before the beginning ends the wait for the beginning, and the wait for the end after it", async () => {
  const { target, become } = channel();
  const opened = waitFor(target, "open");
  become("closed");
  await opened;
  await waitFor(target, "close");
});

test("an end before anybody listened is told", async () => {
  const { target, become } = channel();
  become("open");
  become("closed");
  await waitFor(target, "close");
});

test("a channel that lives tells nothing early", async () => {
  const { target, become } = channel();
  let told = 0;
  target.addEventListener("open", () => (told += 1));
  target.addEventListener("close", () => (told += 1));
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(told).toBe(0);
  become("open");
  expect(told).toBe(1);
});

test("when the other side closes the transport, the connection is closed and says so, once", () => {
  const transport = Object.assign(new EventTarget(), { state: "connected" });
  const connection = Object.assign(new EventTarget(), {
    connectionState: "new",
    sctp: { transport },
    close: () => void (connection.connectionState = "closed"),
  });
  const states: string[] = [];
  endWithTransport(connection as unknown as RTCPeerConnection);
  connection.addEventListener("connectionstatechange", () => states.push(connection.connectionState));
  connection.connectionState = "connected";
  connection.dispatchEvent(new Event("connectionstatechange"));
  transport.dispatchEvent(new Event("statechange"));
  expect(states).toEqual(["connected"]);
  transport.state = "closed";
  transport.dispatchEvent(new Event("statechange"));
  transport.dispatchEvent(new Event("statechange"));
  expect(states).toEqual(["connected", "closed"]);
});
