/** Who is told what, and who is served: the company of one house, its wires played by hand. */
import { expect, test } from "vitest";
import { hexToBytes, type Tag } from "../../protocol/index.ts";
import { hearHello, HELLO_PROTOCOL, sayHello } from "../../src/net/hello-driver.ts";
import type { Connection } from "../../src/net/wires.ts";
import { createCompany, SYNC_PROTOCOL } from "../../src/peer/company.ts";
import { verifyWithNode } from "../verify-with-node.ts";
import { foundHome, never, type Home } from "./home.ts";
import { pipe, wiresBeside } from "./wires.ts";

/** A company whose one neighbour is `peer`; streams it opens come out at `opened`. */
function companyOf(home: Home, peer: string, path: Connection["path"], trusts: boolean) {
  const { wires, served, opened, hungUp } = wiresBeside(peer, path);
  const company = createCompany({
    wires,
    world: home.world,
    verify: async (checks) => checks.map(verifyWithNode),
    holdings: () => [home.holding],
    selfFor: (tag) => (tag === null ? null : home.membership.helloSelf()),
    onEntrusted: () => false,
    trusts: () => trusts,
    greets: () => true,
    changed: () => undefined,
    met: () => undefined,
  });
  return { company, served, opened, hungUp };
}

const hearthSelf = { role: "hearth", epoch: null, feed: null, deviceSeed: null, trustsHearth: false } as const;
const stranger = { tags: (): readonly Tag[] => [], selfFor: () => ({ ...hearthSelf, nonce: new Uint8Array(32).fill(9) }) };

test("a hearth of somebody else's choice is told nothing, though we are connected to it", async () => {
  const ana = await foundHome({ seed: 1 });
  const { company, opened } = companyOf(ana, "hearth", "hearth-websocket", false);
  await expect.poll(() => opened.length).toBe(1);
  expect(opened[0]?.protocol).toBe(HELLO_PROTOCOL);
  const heard = await hearHello(opened[0]!.wire, stranger, "hearth", never);
  expect(heard).toEqual({ ok: false, error: { kind: "unknown-community" } });
  await new Promise((resolve) => setTimeout(resolve, 50)); // what it might do with the answer, it has done by then
  expect(company.fellows(ana.holding.tag)).toEqual([]);
  expect(opened.map(({ protocol }) => protocol)).not.toContain(SYNC_PROTOCOL); // whose first frame is the tag
  company.close();
});

test("a hearth that was chosen for this community is entrusted with it, and synced with", async () => {
  const ana = await foundHome({ seed: 1 });
  const { company, opened } = companyOf(ana, "hearth", "hearth-websocket", true);
  await expect.poll(() => opened.length).toBe(1);
  const heard = await hearHello(opened[0]!.wire, stranger, "hearth", never);
  expect(heard).toMatchObject({ ok: true, value: { tag: ana.holding.tag } });
  await expect.poll(() => opened.map(({ protocol }) => protocol)).toContain(SYNC_PROTOCOL);
  expect(company.fellows(ana.holding.tag)).toMatchObject([{ role: "hearth", isOurHearth: true, proved: false }]);
  company.close();
});

test("N1: who has not said hello is served no session, even with the tag in hand", async () => {
  const ana = await foundHome({ seed: 1 });
  const { company, served } = companyOf(ana, "other", "browser-direct", false);
  const [theirs, ours] = pipe("other", "us");
  await theirs.send(hexToBytes(ana.holding.tag), never);
  await served.get(SYNC_PROTOCOL)!(ours);
  await ours.close();
  expect(await theirs.frames[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
  company.close();
});

test("N3: a frame that is no hello ends the connection; a hello for another community does not", async () => {
  const ana = await foundHome({ seed: 1 });
  const { company, served, hungUp } = companyOf(ana, "other", "browser-direct", false);
  const hello = served.get(HELLO_PROTOCOL)!;
  const [polite, first] = pipe("other", "us");
  const self = { ...hearthSelf, role: "member", nonce: new Uint8Array(32).fill(8) } as const;
  const said = sayHello(polite, "0c".repeat(32) as Tag, self, "other", never);
  await hello(first);
  await first.close();
  expect(await said).toMatchObject({ ok: false });
  expect(hungUp).toEqual([]);
  const [rude, second] = pipe("other", "us");
  await rude.send(new Uint8Array([99]), never);
  await hello(second);
  expect(hungUp).toEqual(["other"]);
  company.close();
});
