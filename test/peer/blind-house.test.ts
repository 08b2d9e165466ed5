/** What a hearth takes on from strangers, and what gives way. */
import { expect, test } from "vitest";
import { epochKeyFrom, type Tag } from "../../protocol/index.ts";
import { openBlindHouse } from "../../src/hearth/blind-house.ts";
import { HELLO_PROTOCOL, sayHello } from "../../src/net/hello-driver.ts";
import { openMemoryShelf } from "../../src/storage/memory-shelf.ts";
import { never, testJudge, worldBy } from "./home.ts";
import { pipe, wiresBeside } from "./wires.ts";

const tagOf = (n: number): Tag => n.toString(16).padStart(64, "0") as Tag;
const epoch = epochKeyFrom(new Uint8Array(32).fill(5));

async function hearth() {
  const { wires, served } = wiresBeside("stranger", "other");
  const shelf = openMemoryShelf();
  const house = await openBlindHouse({ shelf, judge: testJudge(), world: worldBy(1), wires, log: () => undefined }, never);
  const entrust = async (tag: Tag): Promise<void> => {
    const [theirs, ours] = pipe("stranger", "us");
    const self = {
      role: "member",
      epoch,
      feed: null,
      deviceSeed: null,
      trustsHearth: true,
      nonce: new Uint8Array(32).fill(8),
    } as const;
    const said = sayHello(theirs, tag, self, "stranger", never);
    await served.get(HELLO_PROTOCOL)!(ours);
    await ours.close();
    await said;
  };
  return { house, entrust, shelf };
}

test("a hearth full of empty communities still takes a new one: an empty one gives way", async () => {
  const { house, entrust } = await hearth();
  for (let n = 1; n <= 65; n += 1) await entrust(tagOf(n));
  expect(house.tally().communities).toBe(64);
  expect(house.company.isFellow("stranger", tagOf(65))).toBe(true);
  house.close();
});
