/**
 * Company: the neighbours who share a community with us. Says hello, keeps them in sync, tells gossip (hearing.ts hears it).
 * Owns its subscriptions, timers and streams; `close` ends them. The wires belong to whoever made them.
 *
 *   N1  Nothing but hello is served to a peer before its hello for that community (SECURITY 2.11).
 *   N2  Gossip is a hint, the session is the guarantee: whoever is missing something, asks.
 *   N3  Who sends what is provably bad loses score and connection; who is merely behind or ahead does not.
 *   N4  "Has it" is said of a neighbour only after a session found both equal (`equalAt`).
 */
import {
  NONCE_BYTES,
  SESSION_NONCE_BYTES,
  parseTag,
  bytesToHex,
  hexToBytes,
  topicOf,
  writeWhisper,
  type Acquaintance,
  type Envelope,
  type FeedId,
  type HelloSelf,
  type Millis,
  type PeerRole,
  type Tag,
  type Whisper,
} from "../../protocol/index.ts";
import type { World } from "../platform/world.ts";
import { HELLO_MS, HELLO_PROTOCOL, hearHello, sayHello } from "../net/hello-driver.ts";
import { driveSession, type SessionEnd } from "../net/session-driver.ts";
import { someOf } from "../net/some-of.ts";
import type { PeerName, Wire, Wires } from "../net/wires.ts";
import { gossipOf, gossipOfWhisper } from "./gossip-message.ts";
import { createHearing, type OnWhisper } from "./hearing.ts";
import { feedNamedIn, type Holding } from "./holding.ts";
import { createLines } from "./peer-lines.ts";
import { outcomeOf } from "./reception.ts";
import { createTimers, ended } from "./timers.ts";
import type { Verify } from "./verify.ts";

export const SYNC_PROTOCOL = "/kith/sync/1";

/** A neighbour, as far as one community goes. */
export interface Fellow {
  readonly peer: PeerName;
  readonly role: PeerRole;
  /** It holds the epoch key. */
  readonly proved: boolean;
  /** A hearth that this community was entrusted to by us. */
  readonly isOurHearth: boolean;
  /** The feed whose device it showed to be; null while unknown. */
  readonly feed: FeedId | null;
  /** Version of our holding at which both were last equal, and when. */
  readonly equal: { readonly version: number; readonly at: Millis } | null;
}

export interface CompanyDeps {
  readonly wires: Wires;
  readonly world: World;
  readonly verify: Verify;
  readonly holdings: () => readonly Holding[];
  /** What we bring to a hello; null for a community we do not know. `tag` null: for whoever is not recognised (only a hearth answers). */
  readonly selfFor: (tag: Tag | null) => Omit<HelloSelf, "nonce" | "trustsHearth"> | null;
  /** A member entrusted us, a hearth, with a community. False when it is not taken. */
  readonly onEntrusted: (tag: Tag, relayKey: Uint8Array) => boolean;
  /** Whether a peer is a hearth of our choice for this community: it may be told the tag (hello.ts W4). */
  readonly trusts: (tag: Tag, peer: PeerName) => boolean;
  /** Whether to greet a neighbour who has not greeted us; a hearth waits to be asked, but by hearths it was told of. */
  readonly greets: (peer: PeerName) => boolean;
  /** A whisper of somebody else who is a member by now; absent on a hearth, which reads none. */
  readonly onWhisper?: OnWhisper;
  readonly changed: () => void;
  /** A neighbour has shown to share a community with us: it may know others. */
  readonly met: () => void;
}

export interface Company {
  readonly fellows: (tag: Tag) => readonly Fellow[];
  readonly isFellow: (peer: PeerName, tag: Tag) => boolean;
  readonly lastHeard: () => Millis | null;
  /** Holdings came, went, or got a key: listen to their topics, and greet again. */
  readonly refresh: () => void;
  /** Tells neighbours of own envelopes that are stored, and asks soon who has them. */
  readonly tell: (tag: Tag, envelopes: readonly Envelope[]) => Promise<void>;
  /** Seals, signs and tells where we are in a document; nothing of it is kept. Unsaid while we have no feed there. */
  readonly whisper: (tag: Tag, whisper: Whisper) => void;
  /** Closing twice is harmless. */
  readonly close: () => void;
}

/** After this an inbound peer that has not greeted is greeted. */
const PATIENCE_MS = 700;
const NO_PROOF_MS = 30_000;
const ROUND_MS = 30_000;
const ASK_AFTER_MS = 120;
const MAX_ASKED = 8;
const SESSION_MS = 600_000;
const BANISH_MS = 60_000;
/** Sessions in a row that may end without equality before the next round: a neighbour that holds what we refuse. */
const MAX_AGAIN = 3;

export function createCompany(deps: CompanyDeps): Company {
  const { wires, world } = deps;
  const timers = createTimers(world);
  const { soon, within } = timers;
  const fellows = new Map<PeerName, Map<Tag, Fellow>>();
  const hails = createLines();
  const sessions = new Map<string, { again: boolean }>();
  const met = new Set<PeerName>();
  const unequal = new Map<string, number>();
  let heard: Millis | null = null;

  const holdingOf = (tag: Tag): Holding | undefined => deps.holdings().find((holding) => holding.tag === tag);
  const { receive, listenTo, ...hearing } = createHearing({
    wires,
    world,
    verify: deps.verify,
    holdingOf,
    epochOf: (tag) => deps.selfFor(tag)?.epoch ?? null,
    ownFeed: (tag) => deps.selfFor(tag)?.feed ?? null,
    askAgain: (peer, tag) => meetAgain(peer, tag), // N2
    heard: () => (heard = world.now()),
    onWhisper: deps.onWhisper ?? (() => undefined),
    closed: timers.closed,
  });
  const isNear = (peer: PeerName): boolean =>
    wires.connections().some((connection) => connection.peer === peer && connection.path !== "through-relay");
  /** Work that nobody waits for; it ends with us, and what goes wrong in it ends only itself. */
  const apart = (job: Promise<unknown>): void => void job.catch(() => undefined);

  function update(peer: PeerName, tag: Tag, change: Partial<Fellow> & Pick<Fellow, "role" | "proved" | "isOurHearth">): void {
    const known = fellows.get(peer) ?? new Map<Tag, Fellow>();
    const before = known.get(tag);
    known.set(tag, { peer, feed: null, equal: null, ...before, ...change });
    fellows.set(peer, known);
    heard = world.now();
    deps.changed();
  }

  // ---- hello

  const selfFor = (tag: Tag | null, peer: PeerName): HelloSelf | null => {
    const self = deps.selfFor(tag);
    const trustsHearth = tag !== null && deps.trusts(tag, peer);
    return self === null ? null : { ...self, trustsHearth, nonce: world.bytes(32) };
  };

  /** One after the other: a peer serves few streams at once, and always the same communities would be left over. */
  const hail = (peer: PeerName, tag: Tag): Promise<void> =>
    hails.add(peer, tag, () =>
      within(HELLO_MS, async (signal) => {
        const self = selfFor(tag, peer);
        const opened = self === null ? null : await wires.open(peer, HELLO_PROTOCOL, signal);
        if (self === null || opened?.ok !== true) return;
        const said = await sayHello(opened.value, tag, self, wires.self, signal).finally(opened.value.close);
        if (said.ok) await welcome(peer, tag, said.value);
      }),
    );

  async function onHello(wire: Wire): Promise<void> {
    const host = {
      tags: () => deps.holdings().map(({ tag }) => tag),
      selfFor: (tag: Tag | null) => selfFor(tag, wire.peer),
    };
    const answered = await within(HELLO_MS, (signal) => hearHello(wire, host, wires.self, signal));
    if (!answered.ok) {
      if (answered.error.kind === "malformed" || answered.error.kind === "out-of-turn") punish(wire.peer);
      return;
    }
    await welcome(wire.peer, answered.value.tag, answered.value.met);
  }

  async function welcome(peer: PeerName, tag: Tag, acquaintance: Acquaintance): Promise<void> {
    const { entrusted, knows } = acquaintance;
    if (!knows) return; // N1: nothing of a community is said to one who has not shown to know it
    if (entrusted !== null && !deps.onEntrusted(entrusted.tag, entrusted.relayKey)) return;
    const holding = holdingOf(tag);
    if (holding === undefined) return;
    listenTo(holding);
    const { device } = acquaintance;
    const deviceKey = device === null ? undefined : holding.replica.feed(device.feed)?.birth.deviceKey;
    let feed: FeedId | null = null;
    if (device !== null && deviceKey !== undefined) {
      const [holds] = await deps.verify([device.check(deviceKey)]);
      if (holds !== true) return punish(peer);
      feed = device.feed;
    } // a device whose feed is not here yet has shown nothing: it is greeted again once the feed has come (`confirm`)
    met.add(peer);
    const isOurHearth = acquaintance.role === "hearth" && deps.trusts(tag, peer);
    const isNew = !isFellow(peer, tag);
    wires.regard(peer, isOurHearth ? 60 : acquaintance.proved ? 20 : 0);
    update(peer, tag, { role: acquaintance.role, proved: acquaintance.proved, isOurHearth, feed });
    meetAgain(peer, tag);
    if (isNew) deps.met();
  }

  function punish(peer: PeerName): void {
    wires.regard(peer, -100);
    fellows.delete(peer);
    apart(wires.hangUp(peer, BANISH_MS));
    deps.changed();
  }

  // ---- sessions

  function meetAgain(peer: PeerName, tag: Tag): void {
    const key = `${peer} ${tag}`;
    const running = sessions.get(key);
    if (running !== undefined) {
      running.again = true;
      return;
    }
    const state = { again: false };
    sessions.set(key, state);
    apart(
      session(peer, tag).finally(() => {
        sessions.delete(key);
        if (state.again && !timers.closed.aborted && isFellow(peer, tag)) meetAgain(peer, tag);
      }),
    );
  }

  async function session(peer: PeerName, tag: Tag): Promise<void> {
    const holding = holdingOf(tag);
    if (holding === undefined || !isFellow(peer, tag)) return;
    await within(SESSION_MS, async (signal) => {
      const opened = await wires.open(peer, SYNC_PROTOCOL, signal);
      if (!opened.ok) return;
      try {
        const sent = await opened.value.send(hexToBytes(tag), signal);
        if (sent.ok) await converse(opened.value, holding, signal);
      } finally {
        await opened.value.close();
      }
    });
  }

  async function onSession(wire: Wire): Promise<void> {
    if (!fellows.has(wire.peer)) return; // N1
    const frames = wire.frames[Symbol.asyncIterator]();
    const first = await within(HELLO_MS, (signal) => Promise.race([frames.next(), ended(signal)]));
    const tag = first.done === true ? null : parseTag(bytesToHex(first.value));
    const holding = tag === null ? undefined : holdingOf(tag);
    if (tag === null || holding === undefined || !isFellow(wire.peer, tag)) return; // N1
    await within(SESSION_MS, (signal) =>
      converse({ ...wire, frames: { [Symbol.asyncIterator]: () => frames } }, holding, signal),
    );
  }

  async function converse(wire: Wire, holding: Holding, signal: AbortSignal): Promise<void> {
    const { peer } = wire;
    const { tag, replica } = holding;
    const version = holding.version();
    const end = await driveSession(
      wire,
      replica.frontierTree(),
      world.bytes(SESSION_NONCE_BYTES),
      {
        now: world.now,
        later: world.later,
        load: (feed, from, abort) => holding.give(feed, from, abort),
        loadProof: (feed) => holding.giveProof(feed),
        deliver: async (feed, bytes, abort) =>
          feedNamedIn(bytes) === feed ? outcomeOf(await receive(holding, bytes, abort)) : { kind: "refused" },
        deliverProof: async (_feed, bytes, abort) => {
          const taken = await holding.takeProof(bytes, abort);
          return { kind: taken === "refused" ? "refused" : "settled" };
        },
      },
      signal,
    );
    onEnd(peer, tag, version, end);
  }

  function onEnd(peer: PeerName, tag: Tag, version: number, end: SessionEnd): void {
    const fellow = fellows.get(peer)?.get(tag);
    if (fellow === undefined) return;
    switch (end) {
      case "equal":
        unequal.delete(`${peer} ${tag}`);
        return update(peer, tag, { ...fellow, equal: { version, at: world.now() } }); // N4
      case "complete":
        update(peer, tag, fellow);
        if (holdingOf(tag)?.version() !== version) askAround(tag);
        return confirm(fellow, tag);
      case "refused":
      case "malformed":
      case "out-of-turn":
        return punish(peer); // N3
      case "too-many-feeds": // others can have filled it
      case "timed-out":
      case "hung-up":
        return;
      default:
        return end satisfies never;
    }
  }

  /** What we said, and what came by a session and not by gossip, is for the others too. */
  const asking = new Set<Tag>();
  function askAround(tag: Tag): void {
    if (asking.has(tag)) return;
    asking.add(tag);
    soon(ASK_AFTER_MS, () => {
      asking.delete(tag);
      for (const { peer } of someOf(fellowsOf(tag), MAX_ASKED, world.jitter)) meetAgain(peer, tag);
    });
  }

  /** After an exchange, another session shows whether both are equal now; who has no name yet may have one by now. */
  function confirm({ peer, proved, feed }: Fellow, tag: Tag): void {
    const key = `${peer} ${tag}`;
    const times = (unequal.get(key) ?? 0) + 1;
    unequal.set(key, times);
    if (times <= MAX_AGAIN) soon(20, () => (proved && feed === null ? apart(hail(peer, tag)) : meetAgain(peer, tag)));
  }

  // ---- who is near

  function isFellow(peer: PeerName, tag: Tag): boolean {
    return fellows.get(peer)?.has(tag) ?? false;
  }

  function greetAll(again: boolean): void {
    for (const { peer, direction } of wires.connections()) {
      if (!isNear(peer) || !deps.greets(peer)) continue;
      for (const { tag } of deps.holdings()) {
        if (isFellow(peer, tag) && !again) continue;
        if (direction === "outbound" || again) apart(hail(peer, tag));
        else soon(PATIENCE_MS, () => !isFellow(peer, tag) && isNear(peer) && apart(hail(peer, tag)));
      }
    }
  }

  let known = new Set<PeerName>();
  function look(): void {
    const near = new Set(wires.connections().flatMap(({ peer }) => (isNear(peer) ? [peer] : [])));
    for (const peer of [...met, ...fellows.keys()])
      if (!near.has(peer)) {
        met.delete(peer);
        fellows.delete(peer);
      }
    const fresh = [...near].filter((peer) => !known.has(peer));
    known = near;
    for (const peer of fresh)
      soon(NO_PROOF_MS, () => !met.has(peer) && isNear(peer) && deps.holdings().length > 0 && wires.regard(peer, -100));
    if (fresh.length > 0) greetAll(false);
    deps.changed();
  }

  function round(): void {
    unequal.clear();
    greetAll(false); // a hello that was lost is said again
    for (const { tag } of deps.holdings()) {
      const known = fellowsOf(tag);
      const chosen = known[Math.floor(world.jitter() * known.length)];
      if (chosen !== undefined) meetAgain(chosen.peer, tag); // N2
    }
    soon(ROUND_MS * (0.75 + world.jitter() / 2), round);
  }

  const fellowsOf = (tag: Tag): readonly Fellow[] => [...fellows.values()].flatMap((byTag) => byTag.get(tag) ?? []);

  apart(wires.serve(HELLO_PROTOCOL, onHello));
  apart(wires.serve(SYNC_PROTOCOL, onSession));
  const unsubscribe = wires.subscribe(look);
  for (const holding of deps.holdings()) listenTo(holding);
  look();
  soon(ROUND_MS, round);

  return {
    fellows: fellowsOf,
    isFellow,
    lastHeard: () => heard,
    refresh: () => {
      for (const holding of deps.holdings()) listenTo(holding);
      greetAll(true);
    },
    tell: async (tag, envelopes) => {
      for (const envelope of envelopes) await wires.publish(topicOf(tag), gossipOf(envelope, world.bytes(NONCE_BYTES)));
      askAround(tag); // N4
    },
    whisper: (tag, whisper) => {
      const { epoch = null, feed = null, deviceSeed = null } = deps.selfFor(tag) ?? {};
      if (epoch === null || feed === null || deviceSeed === null) return;
      const bytes = writeWhisper({ tag, feed, deviceSeed, epoch }, world.bytes(NONCE_BYTES), whisper);
      apart(wires.publish(topicOf(tag), gossipOfWhisper(tag, bytes, world.bytes(NONCE_BYTES))));
    },
    close: () => {
      if (timers.closed.aborted) return;
      timers.close();
      unsubscribe();
      hearing.close();
    },
  };
}
