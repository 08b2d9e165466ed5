/**
 * Hearths in the plural, in real libp2p:
 *   1. Ana is at hearth East; Bo joins there, and moves where only hearth West is to be reached.
 *   2. West was told of East (`--neighbour`). What Ana said before, and what she says now, reaches Bo over the two, and his words her.
 *   3. Cleo is at both. East dies: Cleo and Bo go on over West.
 *   4. South is told of East too, and carries nothing: all the while it learns neither tag nor envelope.
 */
import { afterEach, expect, test } from "vitest";
import type { Tag } from "../../protocol/index.ts";
import type { Kith } from "../../src/peer/kith.ts";
import { createRegistry } from "../../src/peer/registry.ts";
import { forever, lightHearth, openPerson, type PersonOptions, type RunningHearth, type RunningPerson } from "./node-house.ts";

const open: { readonly close: () => Promise<void> }[] = [];
const hearth = async (seed: number, neighbours: readonly string[] = []): Promise<RunningHearth> => {
  const lit = await lightHearth(seed, neighbours);
  open.push(lit);
  return lit;
};
const person = async (options: PersonOptions): Promise<RunningPerson> => {
  const opened = await openPerson(options);
  open.push(opened);
  return opened;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ close }) => close()));
});

const valueOf = <T>(result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
const titles = ({ kith }: RunningPerson) => kith.view().communities.flatMap(({ posts }) => posts.map(({ title }) => title));
const standing = ({ kith }: RunningPerson) => kith.view().communities.map((community) => community.standing);
const ask = (kith: Kith, tag: Tag, title: string) =>
  kith.post(
    tag,
    { kind: "request", title, details: "", needs: [], form: null, quantity: null, when: "", where: "", expires: null },
    forever,
  );
const within = { timeout: 60_000, interval: 100 };

test("two hearths carry between members who are each at one of them, and one may die", async () => {
  const east = await hearth(1);
  const south = await hearth(3, east.addresses);
  const only =
    (...hearths: readonly RunningHearth[]) =>
    (address: string) =>
      hearths.some(({ wires }) => address.endsWith(wires.self));
  const ana = await person({ servedBy: east.addresses, reach: only(east) });
  const tag = valueOf(await ana.kith.found({ community: "Rose Lane", purpose: "", myName: "Ana" }, forever));
  await expect.poll(() => east.house.tally().envelopes, within).toBe(2);

  const link = valueOf(await ana.kith.invite(tag, "open", forever));
  const young = await person({ reach: only(east) });
  valueOf(await young.kith.join(link, "Bo", forever));
  await expect.poll(() => standing(young), within).toEqual(["member"]);
  await young.close();

  valueOf(await ask(ana.kith, tag, "while Bo moved")); // no gossip tells West of it: the two hearths must compare
  const west = await hearth(2, east.addresses);
  const bo = await person({ shelf: young.shelf.crash(), servedBy: west.addresses, reach: only(west) });
  await expect.poll(() => titles(bo), within).toEqual(["while Bo moved"]);
  expect([ana.hearths(), bo.hearths()]).toEqual([[east.wires.self], [west.wires.self]]);

  valueOf(await ask(ana.kith, tag, "from the east"));
  await expect.poll(() => titles(bo), within).toContain("from the east");
  valueOf(await ask(bo.kith, tag, "from the west"));
  await expect.poll(() => titles(ana), within).toContain("from the west");

  const cleo = await person({ servedBy: [...east.addresses, ...west.addresses] });
  valueOf(await cleo.kith.join(link, "Cleo", forever));
  await expect.poll(() => standing(cleo), within).toEqual(["member"]);
  await expect.poll(() => [...cleo.hearths()].sort(), within).toEqual([east.wires.self, west.wires.self].sort());
  expect(south.wires.connections().map(({ peer }) => peer)).toEqual([east.wires.self]);
  await east.close();
  await expect.poll(() => cleo.hearths(), within).toEqual([west.wires.self]);
  valueOf(await ask(cleo.kith, tag, "after the fall"));
  await expect.poll(() => titles(bo), within).toContain("after the fall");
  expect(south.house.tally()).toEqual({ communities: 0, feeds: 0, envelopes: 0 });
}, 180_000);

test("who comes back where nobody serves the app goes to the hearths it remembers, by what they signed about themselves", async () => {
  const east = await hearth(4);
  const founder = await person({ servedBy: east.addresses });
  valueOf(await founder.kith.found({ community: "Rose Lane", purpose: "", myName: "Ana" }, forever));
  await expect.poll(() => east.house.tally().envelopes, within).toBe(2);
  const kept = async () => (await createRegistry(founder.shelf).hearths(forever)).met;
  await expect.poll(kept, within).toMatchObject([{ addresses: east.addresses }]);
  await founder.close();

  const again = await person({ shelf: founder.shelf.crash() });
  await expect.poll(() => again.hearths(), within).toEqual([east.wires.self]);
}, 120_000);
