/** How much is remembered of those who whisper: a holding played by hand, in which everybody is a member. */
import { expect, test } from "vitest";
import { epochKeyFrom, ok, publicKeyOf, writeWhisper, type FeedId, type Tag } from "../../protocol/index.ts";
import type { Verdict } from "../../src/net/wires.ts";
import { gossipOfWhisper } from "../../src/peer/gossip-message.ts";
import { createHearing } from "../../src/peer/hearing.ts";
import type { Holding } from "../../src/peer/holding.ts";
import { verifyWithNode } from "../verify-with-node.ts";
import { never, worldBy } from "./home.ts";

const tag = "0a".repeat(32) as Tag;
const epoch = epochKeyFrom(new Uint8Array(32).fill(1));
const deviceSeed = new Uint8Array(32).fill(2);
const feedOf = (n: number): FeedId => n.toString(16).padStart(64, "0") as FeedId;

function hearing(maxPaces: number) {
  const world = worldBy(1);
  const birth = { deviceKey: publicKeyOf(deviceSeed) };
  const community = { authority: () => ({ memberByFeed: { has: () => true } }) };
  // Only what a whisper asks of a holding.
  const holding = { tag, replica: { feed: () => ({ birth }), proof: () => null, community } } as unknown as Holding;
  const topics: ((bytes: Uint8Array, from: string) => Promise<Verdict>)[] = [];
  const { listenTo, close } = createHearing({
    wires: {
      listen: (_topic, validate) => {
        topics.push(validate);
        return () => void topics.splice(0);
      },
      publish: async () => ok({ reached: 0 }),
    },
    world,
    verify: async (checks) => checks.map(verifyWithNode),
    holdingOf: () => holding,
    epochOf: () => epoch,
    ownFeed: () => null,
    askAgain: () => undefined,
    heard: () => undefined,
    onWhisper: () => undefined,
    maxPaces,
    closed: never,
  });
  listenTo(holding);
  listenTo(holding);
  const hear = async (feed: number, n: number): Promise<Verdict | undefined> => {
    const voice = { tag, feed: feedOf(feed), deviceSeed, epoch };
    const whisper = writeWhisper(voice, world.bytes(24), { kind: "gone", doc: "charter", n });
    return topics[0]?.(gossipOfWhisper(tag, whisper, world.bytes(24)), "somebody");
  };
  return { hear, close, topics };
}

test("E5: of more feeds than are remembered, the one heard of longest ago is forgotten", async () => {
  const { hear } = hearing(2);
  expect([await hear(1, 1), await hear(2, 1), await hear(1, 2)]).toEqual(["accept", "accept", "accept"]);
  expect(await hear(3, 1)).toBe("accept"); // 2 is forgotten
  expect([await hear(1, 2), await hear(3, 1)]).toEqual(["ignore", "ignore"]);
  expect(await hear(2, 1)).toBe("accept"); // as one never heard
});

test("a topic is listened to once, and no more after closing; closing twice is harmless", () => {
  const { topics, close } = hearing(2);
  expect(topics).toHaveLength(1);
  close();
  close();
  expect(topics).toHaveLength(0);
});
