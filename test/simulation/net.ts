/**
 * A net of fake wires (src/net/wires.ts) in virtual time: links that come, go and stall, streams that break,
 * gossip that is lost, doubled and late. Nodes find each other by topic, as the neighbourhood lets them.
 */
import { err, ok, type Millis } from "../../protocol/index.ts";
import type { Connection, PeerName, Wires } from "../../src/net/wires.ts";
import type { Network } from "../../src/peer/network.ts";
import { drawn, type Chance } from "./chance.ts";
import { createSimGossip } from "./gossip.ts";
import { CALM, GREY, type Blame, type Link, type NetCounts, type Node, type NodeOptions, type Weather } from "./node.ts";
import type { Scheduler } from "./scheduler.ts";
import { createStream } from "./stream.ts";

export interface SimNode {
  readonly name: PeerName;
  readonly wires: Wires;
  readonly network: Network;
  /** The process is gone: nothing of it runs any more. */
  readonly kill: () => void;
}

export interface Net {
  readonly join: (options: NodeOptions) => SimNode;
  readonly weather: (weather: Weather) => void;
  /** Who is on which side; null: no partition. */
  readonly part: (sideOf: ((name: PeerName) => number) | null) => void;
  /** Breaks one link, or one stream; false when there is none. */
  readonly breakLink: () => boolean;
  readonly breakStream: () => boolean;
  /** Joins what is apart, whatever neighbours are wanted. */
  readonly bridge: () => void;
  readonly blames: readonly Blame[];
  readonly counts: NetCounts;
}

const MAX_INBOUND = 4;
const OPEN_MS = 10_000;
const LOOK_MS = 7_000;

export function createNet(scheduler: Scheduler, chance: Chance): Net {
  const nodes = new Map<PeerName, Node>();
  const blames: Blame[] = [];
  const counts: NetCounts = { streams: 0, gossip: 0, lost: 0, twice: 0, late: 0, streamBreaks: 0, linkBreaks: 0 };
  let weather = CALM;
  const publish = createSimGossip({ scheduler, chance, nodes, weather: () => weather, delay: () => delay(), blames, counts });
  let side: ((name: PeerName) => number) | null = null;

  const delay = (): number => weather.latencyMs * (0.25 + 1.5 * chance.next());
  const happens = (odds: number): boolean => odds > 0 && chance.next() < odds;
  const meets = (left: Node, right: Node): boolean => side === null || side(left.name) === side(right.name);
  const alive = (): readonly Node[] => [...nodes.values()].filter((node) => node.isAlive);
  const links = (): readonly Link[] => [
    ...new Set(alive().flatMap((node) => [...node.links.values()].filter((link) => link.isUp))),
  ];

  const tell = (node: Node): void => {
    if (node.isTelling) return;
    node.isTelling = true;
    scheduler.after(1, `${node.name} sees`, () => {
      node.isTelling = false;
      if (node.isAlive) for (const listener of [...node.listeners]) listener();
    });
  };

  const refuses = (node: Node, other: Node): boolean => (node.refused.get(other.name) ?? 0) > scheduler.now();

  function connect(from: Node, to: Node): boolean {
    if (from === to || !from.isAlive || !to.isAlive || !meets(from, to)) return false;
    if (from.links.has(to.name) || to.links.has(from.name) || refuses(from, to) || refuses(to, from)) return false;
    const link: Link = { ends: [from, to], since: scheduler.now(), streams: new Set(), isUp: true };
    from.links.set(to.name, link);
    to.links.set(from.name, link);
    scheduler.note(`${from.name} - ${to.name}`);
    tell(from);
    tell(to);
    return true;
  }

  /** Each end sees it in its own time; who cut it, at once. */
  function cut(link: Link, by: Node | null = null): void {
    if (!link.isUp) return;
    link.isUp = false;
    for (const [index, node] of link.ends.entries()) {
      const other = link.ends[(1 - index) as 0 | 1];
      const see = (): void => {
        for (const stream of link.streams) stream.breakOff(index === 0 ? "opener" : "answerer");
        if (node.links.get(other.name) === link) node.links.delete(other.name);
        tell(node);
      };
      if (node === by) see();
      else scheduler.after(1 + chance.next() * weather.blindMs, `${node.name} loses ${other.name}`, see);
    }
  }

  // ---- streams

  async function open(node: Node, peer: PeerName, protocol: string, signal: AbortSignal) {
    signal.throwIfAborted();
    const link = node.links.get(peer);
    const other = nodes.get(peer);
    if (link === undefined || other === undefined || !node.isAlive) return err({ kind: "unreachable" });
    const arrived = await waited(2 * delay(), `${node.name} opens ${protocol} to ${peer}`, signal);
    if (!arrived) throw signal.reason;
    if (node.links.get(peer) !== link) return err({ kind: "closed" });
    if (!link.isUp) {
      if (!(await waited(OPEN_MS, `${node.name} waits in vain for ${peer}`, signal))) throw signal.reason;
      return err({ kind: "timed-out" });
    }
    const handler = other.handlers.get(protocol);
    if (handler === undefined) return err({ kind: "refused" });
    const key = `${protocol} ${node.name}`;
    const inbound = other.inbound.get(key) ?? 0;
    counts.streams += 1;
    const stream = createStream(
      {
        now: scheduler.now,
        after: scheduler.after,
        note: scheduler.note,
        delay,
        isCarried: () => {
          if (link.isUp && happens(weather.streamBreak)) {
            counts.streamBreaks += 1;
            stream.breakOff();
          }
          return link.isUp;
        },
        over: () => {
          link.streams.delete(stream);
          other.inbound.set(key, (other.inbound.get(key) ?? 1) - 1);
        },
      },
      node.name,
      peer,
      `${node.name} ${protocol} ${peer}`,
    );
    other.inbound.set(key, inbound + 1);
    // Ends are told apart by who opened the link; a break of the link ends both.
    link.streams.add(link.ends[0] === node ? stream : { ...stream, breakOff: (end) => stream.breakOff(swapped(end)) });
    if (inbound >= MAX_INBOUND) stream.breakOff();
    else
      void handler(stream.answerer)
        .then(() => stream.answerer.close())
        .catch(() => stream.breakOff());
    return ok(stream.opener);
  }
  const swapped = (end?: "opener" | "answerer") => (end === undefined ? end : end === "opener" ? "answerer" : "opener");

  /** False when the signal came first. */
  const waited = (ms: number, label: string, signal: AbortSignal): Promise<boolean> =>
    new Promise((resolve) => {
      const cancel = scheduler.after(ms, label, () => {
        signal.removeEventListener("abort", stop);
        resolve(true);
      });
      const stop = (): void => {
        cancel();
        resolve(false);
      };
      signal.addEventListener("abort", stop, { once: true });
    });

  // ---- neighbours

  const shares = (left: Node, right: Node): boolean =>
    left.sought.some((topic) => right.sought.includes(topic) || right.topics.has(topic));

  const isMarked = (node: Node, hearth: Node): boolean =>
    [...node.marked].some((address) => address.endsWith(`/p2p/${hearth.name}`));

  function look(node: Node): void {
    if (!node.isAlive) return;
    for (const hearth of alive()) if (hearth.isHearth && isMarked(node, hearth)) connect(node, hearth);
    const direct = [...node.links.keys()].filter((peer) => nodes.get(peer)?.isHearth === false).length;
    if (direct >= node.wanted) return;
    const near = alive().filter(
      (other) => !other.isHearth && other !== node && !node.links.has(other.name) && shares(node, other),
    );
    if (near.length > 0) connect(node, drawn(chance, near));
  }
  function lookOn(node: Node): void {
    scheduler.after(LOOK_MS * (0.3 + chance.next()), `${node.name} looks`, () => {
      look(node);
      if (node.isAlive) lookOn(node);
    });
  }
  const soonLook = (node: Node): void =>
    void scheduler.after(50 + chance.next() * 400, `${node.name} looks around`, () => look(node));

  function connectionsOf(node: Node): readonly Connection[] {
    return [...node.links].map(([peer, link]): Connection => ({
      peer,
      path: node.isHearth || nodes.get(peer)?.isHearth === true ? "hearth-websocket" : "browser-direct",
      since: (node.now() - (scheduler.now() - link.since)) as Millis, // by this node's own clock
      direction: link.ends[0] === node ? "outbound" : "inbound",
    }));
  }

  function wiresOf(node: Node): Wires {
    return {
      self: node.name,
      addresses: () => [node.name],
      connections: () => (node.isAlive ? connectionsOf(node) : []),
      subscribe: (changed) => {
        const own = (): void => changed();
        node.listeners.add(own);
        return () => void node.listeners.delete(own);
      },
      dial: async () => err({ kind: "unreachable" }),
      hangUp: async (peer, forMillis) => {
        if (!node.isAlive) return;
        scheduler.note(`${node.name} hangs up on ${peer} for ${forMillis}`);
        if (forMillis > 0) {
          blames.push({ by: node.name, of: peer, how: "hung-up" });
          node.refused.set(peer, scheduler.now() + forMillis);
        }
        const link = node.links.get(peer);
        if (link !== undefined) cut(link, node);
      },
      serve: async (protocol, handler) => void node.handlers.set(protocol, handler),
      open: (peer, protocol, signal) => open(node, peer, protocol, signal),
      listen: (topic, validate) => {
        if (node.topics.has(topic)) throw new Error(`already in the topic ${topic}`);
        node.topics.set(topic, validate);
        return () => void node.topics.delete(topic);
      },
      publish: async (topic, bytes) => {
        if (!node.isAlive) return err({ kind: "closed" });
        scheduler.note(`${node.name} publishes`, bytes);
        return ok({ reached: publish(node, topic, bytes) });
      },
      regard: (peer, score) => {
        if (score <= GREY) blames.push({ by: node.name, of: peer, how: "coldly" });
        node.regards.set(peer, score);
      },
      close: async () => leave(node),
    };
  }

  function leave(node: Node): void {
    node.isAlive = false;
    node.topics.clear();
    node.handlers.clear();
    for (const link of [...node.links.values()]) cut(link, node);
    node.links.clear();
    nodes.delete(node.name);
  }

  return {
    join: (options) => {
      if (nodes.has(options.name)) throw new Error(`two nodes called ${options.name}`);
      const node: Node = {
        ...options,
        links: new Map(),
        handlers: new Map(),
        topics: new Map(),
        seen: new Set(),
        listeners: new Set(),
        refused: new Map(),
        regards: new Map(),
        inbound: new Map(),
        marked: new Set(),
        sought: [],
        isAlive: true,
        isTelling: false,
      };
      nodes.set(node.name, node);
      lookOn(node);
      const wires = wiresOf(node);
      return {
        name: node.name,
        wires,
        kill: () => leave(node),
        network: {
          wires,
          mark: (hearths) => {
            for (const address of hearths.flat(2)) node.marked.add(address);
            soonLook(node);
          },
          statedBy: async () => [],
          seek: (topics) => {
            node.sought = topics;
            soonLook(node);
          },
          refresh: () => soonLook(node),
          close: wires.close,
        },
      };
    },
    weather: (next) => void (weather = next),
    part: (sideOf) => {
      side = sideOf;
      for (const link of links()) if (!meets(...link.ends)) cut(link);
    },
    breakLink: () => {
      const up = links();
      if (up.length === 0) return false;
      counts.linkBreaks += 1;
      cut(drawn(chance, up));
      return true;
    },
    breakStream: () => {
      const open = links().flatMap((link) => [...link.streams]);
      if (open.length === 0) return false;
      counts.streamBreaks += 1;
      drawn(chance, open).breakOff();
      return true;
    },
    bridge: () => {
      const honest = alive().filter(({ isLiar }) => !isLiar);
      const [first] = honest;
      if (first === undefined) return;
      const near = new Set<Node>([first]);
      for (const node of near) for (const [peer, link] of node.links) if (link.isUp) add(near, nodes.get(peer));
      for (const node of honest)
        if (!near.has(node) && connect(node, first)) for (const [peer] of node.links) add(near, nodes.get(peer));
    },
    blames,
    counts,
  };
}

/** A path of connections may lead through honest nodes only. */
function add(near: Set<Node>, node: Node | undefined): void {
  if (node !== undefined && !node.isLiar) near.add(node);
}
