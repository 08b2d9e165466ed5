/**
 * `/kith/peers/1`: who else is in this topic? One frame each way, then the stream ends. Owns nothing.
 *
 *   request  UTF-8 topic, 1 to 96 bytes
 *   answer   u8 count ≤ 32, then per peer: u8 1 when it has been with the answerer for SETTLED_MS, else 0; u8 length; its name in ASCII
 *
 * Names only, no addresses: who asks reaches a named peer through the hearths that both are connected to, so no
 * answer can make a browser dial a host of the answerer's choice. Knowing the topic is what entitles to ask; the
 * caller may ask for more (`mayAsk`).
 */
import { err, ok, type Millis, type Result } from "../../protocol/index.ts";
import type { NetWires } from "./create-wires.ts";
import { someOf } from "./some-of.ts";
import type { PeerName, WireError } from "./wires.ts";

export const PEERS_PROTOCOL = "/kith/peers/1";
export const MAX_PEERS_TOLD = 32;
const MAX_TOPIC_BYTES = 96;
const ASK_MS = 5_000;
/** Who is longer there than this has asked long ago, and does not know of a newcomer. */
export const SETTLED_MS = 3_000;

/** Ed25519 names as libp2p writes them: an identity multihash in base58. */
const NAME = /^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/;

export interface ToldPeer {
  readonly name: PeerName;
  readonly isSettled: boolean;
}

export type PeersError = WireError | { readonly kind: "unreadable-answer" };

export interface PeerExchangeDeps {
  readonly wires: Pick<NetWires, "self" | "serve" | "open" | "connections" | "neighboursIn">;
  readonly now: () => Millis;
  readonly chance: () => number;
  /** Says no to a peer that must not learn who is in a topic; such a peer is told of nobody. */
  readonly mayAsk: (peer: PeerName, topic: string) => boolean;
}

/** Answers those who ask, for as long as the wires are open. */
export async function servePeers({ wires, now, chance, mayAsk }: PeerExchangeDeps): Promise<void> {
  const isSettled = (name: PeerName) =>
    wires.connections().some(({ peer, since }) => peer === name && now() - since >= SETTLED_MS);
  await wires.serve(PEERS_PROTOCOL, async (wire) => {
    const bound = AbortSignal.timeout(ASK_MS);
    for await (const frame of wire.frames) {
      const topic = parseTopic(frame);
      if (topic === null) return;
      const told = mayAsk(wire.peer, topic) ? wires.neighboursIn(topic).filter((name) => name !== wire.peer) : [];
      // An aborted answer is the asker's loss; the stream ends either way.
      await wire.send(
        encodePeers(someOf(told, MAX_PEERS_TOLD, chance).map((name) => ({ name, isSettled: isSettled(name) }))),
        bound,
      );
      return;
    }
  });
}

/** Asks one connected peer. Never itself, never the asker; possibly peers that are gone by now. */
export async function askPeers(
  wires: Pick<NetWires, "self" | "open">,
  peer: PeerName,
  topic: string,
  signal: AbortSignal,
): Promise<Result<readonly ToldPeer[], PeersError>> {
  const bound = AbortSignal.timeout(ASK_MS);
  const either = AbortSignal.any([signal, bound]);
  try {
    const opened = await wires.open(peer, PEERS_PROTOCOL, either);
    if (!opened.ok) return opened;
    const wire = opened.value;
    const sent = await wire.send(new TextEncoder().encode(topic), either);
    if (!sent.ok) return sent;
    await wire.close();
    const answer = await firstFrame(wire.frames, either);
    if (answer === null) return err({ kind: "closed" });
    const peers = parsePeers(answer);
    return peers.ok ? ok(peers.value.filter(({ name }) => name !== wires.self && name !== peer)) : peers;
  } catch (error) {
    signal.throwIfAborted();
    if (bound.aborted) return err({ kind: "timed-out" });
    throw error;
  }
}

export function encodePeers(peers: readonly ToldPeer[]): Uint8Array {
  const told = peers.filter(({ name }) => NAME.test(name)).slice(0, MAX_PEERS_TOLD);
  const bytes: number[] = [told.length];
  for (const { name, isSettled } of told) bytes.push(isSettled ? 1 : 0, name.length, ...new TextEncoder().encode(name));
  return Uint8Array.from(bytes);
}

/** Every byte is accounted for, every name is one, and none comes twice. */
export function parsePeers(bytes: Uint8Array): Result<readonly ToldPeer[], { readonly kind: "unreadable-answer" }> {
  const unreadable = err({ kind: "unreadable-answer" });
  const [count] = bytes;
  if (count === undefined || count > MAX_PEERS_TOLD) return unreadable;
  const peers: ToldPeer[] = [];
  let at = 1;
  for (let index = 0; index < count; index += 1) {
    const [settled, length] = [bytes[at], bytes[at + 1]];
    const end = at + 2 + (length ?? 0);
    if (settled === undefined || settled > 1 || length === undefined || end > bytes.length) return unreadable;
    const name = String.fromCharCode(...bytes.subarray(at + 2, end));
    if (!NAME.test(name) || peers.some((peer) => peer.name === name)) return unreadable;
    peers.push({ name, isSettled: settled === 1 });
    at = end;
  }
  return at === bytes.length ? ok(peers) : unreadable;
}

function parseTopic(frame: Uint8Array): string | null {
  if (frame.length === 0 || frame.length > MAX_TOPIC_BYTES) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(frame);
  } catch {
    // Not UTF-8, so not a topic.
    return null;
  }
}

async function firstFrame(frames: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Uint8Array | null> {
  const aborted = new Promise<never>((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }),
  );
  const next = await Promise.race([frames[Symbol.asyncIterator]().next(), aborted]);
  return next.done === true ? null : next.value;
}
