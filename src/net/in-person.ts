/**
 * In person: two nodes connect by one line each way that their people carry (pasted, shown), with no relay, hearth or
 * other server. What comes up is a connection like any other: noise, yamux, and all protocols over it.
 * Owns the links that are not open yet; `close` ends them. Open ones belong to the libp2p node.
 *
 *   I1  At most one offer waits at a time, OFFER_MS; a new one takes its place. Answers wait ANSWER_MS, MAX_ANSWERS at most.
 *   I2  Nothing is dialled for a line that does not fit: unreadable, ours, the other kind, to another offer, with no way.
 *   I3  Both sides end the connection when the other does not prove the key that its line named.
 *   I4  Our ways are only in the lines: nothing of this is a dialable address, remembered, or told to others.
 */
import { publicKeyFromRaw } from "@libp2p/crypto/keys";
import type { ComponentLogger, PeerId, Upgrader } from "@libp2p/interface";
import { peerIdFromPublicKey } from "@libp2p/peer-id";
import { multiaddr, type Multiaddr } from "@multiformats/multiaddr";
import {
  encodeLine,
  equalBytes,
  err,
  nameOfOffer,
  ok,
  parseLine,
  type AnswerLine,
  type Line,
  type OfferLine,
  type Result,
} from "../../protocol/index.ts";
import { ChannelConnection } from "./in-person-connection.ts";
import { describe, endsIn, type OwnEnds } from "./in-person-sdp.ts";
import type { InPerson, InPersonError } from "./in-person-lines.ts";
import { laterByTimer } from "./keep-near.ts";
import { raceAbort } from "./race-abort.ts";
import type { PeerName } from "./wires.ts";

export interface InPersonDeps {
  readonly self: PeerId;
  readonly upgrader: Pick<Upgrader, "upgradeInbound" | "upgradeOutbound">;
  readonly logger: ComponentLogger;
  /** The browser's, or a test's; null where there is none. */
  readonly createLink: (() => RTCPeerConnection) | null;
  readonly later?: (ms: number, run: () => void) => () => void;
}

export const OFFER_MS = 480_000;
export const ANSWER_MS = 180_000;
/** Both browsers are at work by then: what takes longer does not come. */
const CONNECT_MS = 20_000;
const GATHER_MS = 3_000;
const MAX_ANSWERS = 4;
const MAX_REMEMBERED = 16;

/** A peer connection with its one channel, not open yet. */
interface Pending {
  readonly link: RTCPeerConnection;
  readonly channel: RTCDataChannel;
  /** Fires at the deadline, when we close, when it is given up. */
  readonly ending: AbortController;
  /** It has become a connection: from here on only that ends it. */
  readonly keep: () => void;
}

export function createInPerson({ self, upgrader, logger, createLink, later = laterByTimer }: InPersonDeps): InPerson {
  const log = logger.forComponent("kith:in-person");
  const closing = new AbortController();
  const answers = new Set<Pending>();
  const spent: string[] = [];
  let waiting: { readonly name: string; readonly hasWays: boolean; readonly pending: Pending } | null = null;
  const ownKey = self.publicKey?.raw ?? new Uint8Array(0);

  /** Null where this browser makes none. */
  function open(ms: number): Pending | null {
    let link: RTCPeerConnection;
    try {
      if (createLink === null) return null;
      link = createLink();
    } catch {
      return null; // switched off by the person or a policy
    }
    // Made beforehand on both sides: no announcement of it can be lost.
    const channel = link.createDataChannel("kith", { negotiated: true, id: 0 });
    const ending = new AbortController();
    const end = (): void => ending.abort();
    const cancel = later(ms, end);
    const keep = (): void => {
      cancel();
      closing.signal.removeEventListener("abort", end);
    };
    closing.signal.addEventListener("abort", end);
    ending.signal.addEventListener("abort", () => {
      keep();
      link.close();
    });
    return { link, channel, ending, keep };
  }

  function endOffer(): void {
    if (waiting === null) return;
    spent.push(waiting.name);
    spent.splice(0, spent.length - MAX_REMEMBERED);
    waiting = null;
  }

  async function gathered({ link, ending }: Pending, signal: AbortSignal): Promise<OwnEnds | null> {
    const complete = new Promise<void>((resolve) => {
      const look = () => link.iceGatheringState === "complete" && resolve();
      link.addEventListener("icegatheringstatechange", look);
      look();
    });
    await raceAbort(complete, AbortSignal.any([signal, ending.signal, AbortSignal.timeout(GATHER_MS)]));
    signal.throwIfAborted();
    return endsIn(link.localDescription?.sdp ?? "");
  }

  /** The raw connection, ready for what arrives; and whether its channel opened in time. */
  function rawTo(line: Line, { link, channel, ending }: Pending, direction: "inbound" | "outbound") {
    const raw = new ChannelConnection({ channel, link, remoteAddr: addressOf(line), direction, log });
    const opened = new Promise<void>((resolve) => channel.addEventListener("open", () => resolve()));
    return { raw, inTime: (signal: AbortSignal) => raceAbort(opened, AbortSignal.any([signal, ending.signal])) };
  }

  async function read(text: string): Promise<Result<Line, InPersonError>> {
    if (closing.signal.aborted) return err({ kind: "closed" });
    const line = parseLine(text.replace(/\s+/g, ""));
    return line.ok && equalBytes(line.value.peer, ownKey) ? err({ kind: "own-line" }) : line;
  }

  async function makeOffer(signal: AbortSignal): Promise<Result<string, InPersonError>> {
    signal.throwIfAborted();
    if (closing.signal.aborted) return err({ kind: "closed" });
    const pending = open(OFFER_MS);
    if (pending === null) return err({ kind: "unavailable" });
    try {
      await pending.link.setLocalDescription(await pending.link.createOffer());
      const own = await gathered(pending, signal);
      if (own === null || pending.ending.signal.aborted) return fail(pending, { kind: "unavailable" });
      const offer: OfferLine = { kind: "offer", peer: ownKey, ...own };
      waiting?.pending.ending.abort(); // I1
      const name = nameOfOffer(offer);
      waiting = { name, hasWays: own.ways.length > 0, pending };
      pending.ending.signal.addEventListener("abort", () => waiting?.name === name && endOffer());
      return ok(encodeLine(offer));
    } catch (error) {
      return failed(pending, error, signal);
    }
  }

  async function makeAnswer(text: string, signal: AbortSignal): Promise<Result<string, InPersonError>> {
    signal.throwIfAborted();
    const line = await read(text);
    if (!line.ok) return line;
    if (line.value.kind !== "offer") return err({ kind: "not-an-offer" });
    const pending = open(ANSWER_MS);
    if (pending === null) return err({ kind: "unavailable" });
    try {
      const { raw, inTime } = rawTo(line.value, pending, "inbound");
      await pending.link.setRemoteDescription(describe(line.value));
      await pending.link.setLocalDescription(await pending.link.createAnswer());
      const own = await gathered(pending, signal);
      if (own === null || pending.ending.signal.aborted) return fail(pending, { kind: "unavailable" });
      if (own.ways.length + line.value.ways.length === 0) return fail(pending, { kind: "no-way" }); // I2
      answers.add(pending);
      const [oldest] = answers;
      if (answers.size > MAX_ANSWERS) oldest?.ending.abort(); // I1
      pending.ending.signal.addEventListener("abort", () => answers.delete(pending));
      const answer: AnswerLine = { kind: "answer", to: nameOfOffer(line.value), peer: ownKey, ...own };
      // Nobody waits for it: what comes up shows as a connection, and what does not ends by its deadline.
      void receive(raw, inTime, pending).catch(() => pending.ending.abort());
      return ok(encodeLine(answer));
    } catch (error) {
      return failed(pending, error, signal);
    }
  }

  async function receive(
    raw: ChannelConnection,
    inTime: (signal: AbortSignal) => Promise<boolean>,
    pending: Pending,
  ): Promise<void> {
    if (!(await inTime(closing.signal))) return;
    const met = await upgraded(raw, pending, upgrader.upgradeInbound(raw, { signal: boundedBy(pending) }));
    if (met.ok) answers.delete(pending);
    else pending.ending.abort();
  }

  async function finish(text: string, signal: AbortSignal): Promise<Result<PeerName, InPersonError>> {
    signal.throwIfAborted();
    const line = await read(text);
    if (!line.ok) return line;
    if (line.value.kind !== "answer") return err({ kind: "not-an-answer" });
    if (waiting?.name !== line.value.to) return err({ kind: spent.includes(line.value.to) ? "expired" : "foreign" }); // I2
    if (!waiting.hasWays && line.value.ways.length === 0) return err({ kind: "no-way" }); // I2
    const { pending } = waiting;
    endOffer();
    try {
      const { raw, inTime } = rawTo(line.value, pending, "outbound");
      await pending.link.setRemoteDescription(describe(line.value));
      const bound = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]);
      if (!(await inTime(bound))) {
        signal.throwIfAborted();
        return fail(pending, { kind: closing.signal.aborted ? "closed" : "timed-out" });
      }
      const either = AbortSignal.any([signal, boundedBy(pending)]);
      const met = await upgraded(raw, pending, upgrader.upgradeOutbound(raw, { signal: either }));
      if (met.ok) return ok(met.value.remotePeer.toString());
      signal.throwIfAborted();
      return fail(pending, met.error);
    } catch (error) {
      return failed(pending, error, signal);
    }
  }

  /** The link lives on as a connection, or both end now. */
  async function upgraded<T>(
    raw: ChannelConnection,
    { ending, keep }: Pending,
    upgrading: Promise<T>,
  ): Promise<Result<T, InPersonError>> {
    try {
      const result = await upgrading;
      keep();
      return ok(result);
    } catch (error) {
      // Noise refused who came (I3); on a way that was cut, or in a time that was up, libp2p calls it the same.
      const isRefused = raw.status === "open" && !ending.signal.aborted && nameOf(error) === "EncryptionFailedError";
      log("no connection: %o", error);
      raw.abort(error instanceof Error ? error : new Error(String(error)));
      return err({ kind: closing.signal.aborted ? "closed" : isRefused ? "wrong-peer" : "unreachable" });
    }
  }

  const boundedBy = ({ ending }: Pending): AbortSignal => AbortSignal.any([ending.signal, AbortSignal.timeout(CONNECT_MS)]);

  function fail<E extends InPersonError>({ ending }: Pending, error: E): Result<never, E> {
    ending.abort();
    return err(error);
  }

  /** What the browser threw at a description; an abort rejects. */
  function failed({ ending }: Pending, error: unknown, signal: AbortSignal): Result<never, InPersonError> {
    ending.abort();
    signal.throwIfAborted();
    log("no connection: %o", error);
    return err({ kind: closing.signal.aborted ? "closed" : "unreachable" });
  }

  return {
    offer: makeOffer,
    answer: makeAnswer,
    finish,
    close: () => closing.abort(),
  };
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "");

/** I3, I4: names who has to prove their key; nothing dials such an address (`connection-path.ts`). */
const addressOf = ({ peer }: Line): Multiaddr =>
  multiaddr(`/memory/in-person/p2p/${peerIdFromPublicKey(publicKeyFromRaw(peer)).toString()}`);
