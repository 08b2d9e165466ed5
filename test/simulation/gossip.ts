/** Gossip between the nodes of the fake net: each passes on what it accepted, once; some is lost, doubled or late. */
import { createHash } from "node:crypto";
import type { PeerName } from "../../src/net/wires.ts";
import type { Chance } from "./chance.ts";
import { GREY, type Blame, type Link, type NetCounts, type Node, type Weather } from "./node.ts";
import type { Scheduler } from "./scheduler.ts";

export interface GossipDeps {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly nodes: ReadonlyMap<PeerName, Node>;
  readonly weather: () => Weather;
  readonly delay: () => number;
  readonly blames: Blame[];
  readonly counts: NetCounts;
}

const LATE_ODDS = 0.3;

/** Hands a message to all neighbours in its topic; answers how many. */
export type Publish = (from: Node, topic: string, bytes: Uint8Array) => number;

export function createSimGossip({ scheduler, chance, nodes, weather, delay, blames, counts }: GossipDeps): Publish {
  const happens = (odds: number): boolean => odds > 0 && chance.next() < odds;
  const nameOf = (topic: string, bytes: Uint8Array): string => `${topic} ${createHash("sha256").update(bytes).digest("hex")}`;

  function spread(from: Node, topic: string, bytes: Uint8Array, but: PeerName | null): number {
    let reached = 0;
    for (const [peer, link] of from.links) {
      const to = nodes.get(peer);
      if (peer === but || to?.topics.has(topic) !== true || (from.regards.get(peer) ?? 0) <= GREY) continue;
      reached += 1;
      counts.gossip += 1;
      if (happens(weather().gossipLoss)) {
        counts.lost += 1;
        continue;
      }
      send(link, from, to, topic, bytes, false);
      if (!happens(weather().gossipTwice)) continue;
      counts.twice += 1;
      send(link, from, to, topic, bytes, true);
    }
    return reached;
  }

  function send(link: Link, from: Node, to: Node, topic: string, bytes: Uint8Array, again: boolean): void {
    const { gossipLateMs } = weather();
    const late = gossipLateMs > 0 && happens(LATE_ODDS) ? chance.next() * gossipLateMs : 0;
    if (late > 0) counts.late += 1;
    scheduler.after(delay() + late, `${from.name} tells ${to.name}`, () => {
      if (link.isUp) void hear(to, from, topic, bytes, again);
    });
  }

  async function hear(to: Node, from: Node, topic: string, bytes: Uint8Array, again: boolean): Promise<void> {
    const validate = to.topics.get(topic);
    const name = nameOf(topic, bytes);
    if (!to.isAlive || validate === undefined || (to.regards.get(from.name) ?? 0) <= GREY) return;
    if (to.seen.has(name) && !again) return;
    to.seen.add(name);
    // As in src/net/gossip.ts G2: what a validator throws is no fault of the sender.
    const verdict = await validate(bytes.slice(), from.name).catch(() => "ignore" as const);
    if (!to.isAlive) return;
    scheduler.note(`${to.name} ${verdict}s gossip`, bytes);
    if (verdict === "reject") blames.push({ by: to.name, of: from.name, how: "gossip-rejected" });
    if (verdict === "accept" && !again) spread(to, topic, bytes, from.name);
  }

  return (from, topic, bytes) => {
    from.seen.add(nameOf(topic, bytes));
    return spread(from, topic, bytes, null);
  };
}
