/** How a device finds the keys of circles in the log, and what they open. */
import { expect, test } from "vitest";
import { circleIdOf, circleKeyFrom, communityOf, exchangePairFrom, type BoxPlace, type FeedId } from "../../protocol/index.ts";
import { readLink } from "../../src/peer/house.ts";
import type { Line } from "../../src/peer/own-lines.ts";
import { bytesOf, createChance, join, say, talk, type Group } from "../people.ts";
import { NOON, ask, carry, deedsOf, foundHome, inviteFrom, never, valueOf } from "./home.ts";
import { said, threesome, type Person } from "./threesome.ts";

const groupOf = ({ home: { membership, holding } }: Pick<Person, "home">): Group => ({
  tag: membership.tag,
  id: communityOf(holding.replica.community.authority().genesis!.act),
  epoch: membership.epoch()!,
});
const opening = (person: Person, other: Person, seed: number): readonly Line[] => {
  const { membership } = person.home;
  const key = membership.circles.create(new Uint8Array(32).fill(seed));
  const readers = [membership, other.home.membership].map((each) => each.certificate().exchange);
  const members = [membership.root.id, other.home.membership.root.id].sort();
  return [
    {
      kind: "keys",
      make: (place) => ({ commitment: key.commitment, boxes: membership.sealBoxes(place, readers, key.secret) }),
    },
    { kind: "talk", key, act: { kind: "circle", form: "pair", members } },
  ];
};
test("C1: who opens circle after circle costs another eight keys, and has all of their own after a new start", async () => {
  const { people, spread } = await threesome();
  const [ana, bo, cy] = people;
  for (let seed = 1; seed <= 10; seed += 1) valueOf(await bo.home.membership.speak(opening(bo, ana, seed), never));
  await spread();
  const circlesOf = ({ home }: Person) => home.holding.replica.community.circles.all().length;
  expect([circlesOf(ana), circlesOf(bo), circlesOf(cy)]).toEqual([8, 10, 0]);
  const reborn = await bo.home.again(bo.home.shelf.twin());
  expect(reborn.holding.replica.community.circles.all()).toHaveLength(10);
});
test("C2: a disk that could not be read when the key came is read at the next look", async () => {
  const { people, spread, tag } = await threesome();
  const [ana, bo] = people;
  const id = await ask(ana.home.membership, "Soup");
  await spread();
  valueOf(await bo.deeds.respond(tag, id, ana.home.membership.root.id, "Where?", never));
  await carry(bo.home.holding, ana.home.holding);
  await expect(ana.home.membership.advance(AbortSignal.abort())).rejects.toThrow();
  await ana.home.membership.advance(never);
  expect(ana.post().talks.map(({ messages }) => messages.map(({ words }) => words))).toEqual([["Where?"]]);
});
test("C2: what the other said before the circle itself came is read when it comes", async () => {
  const { people, spread } = await threesome();
  const [ana, bo] = people;
  const id = await ask(ana.home.membership, "Soup");
  await spread();
  // Bo speaks in it from another device, whose feed is here first; then the key comes, and then the circle.
  const { invitation } = valueOf(readLink(await inviteFrom(ana.home)));
  const chance = createChance(8);
  const group = groupOf(ana);
  const { membership } = bo.home;
  const second = join("Bo", group, chance, NOON, invitation.secret, invitation.invite, membership.root);
  const key = circleKeyFrom(new Uint8Array(32).fill(1));
  const circle = circleIdOf(key.commitment, [ana, bo].map(({ home }) => home.membership.root.id).sort());
  const where = talk(second.person, key, chance, NOON, { kind: "response", circle, on: id, words: "Where?" });
  for (const envelope of [second.envelope, where]) await ana.home.holding.take(bytesOf(envelope), never);
  for (const line of opening(bo, ana, 1)) {
    valueOf(await membership.speak([line], never));
    await carry(bo.home.holding, ana.home.holding);
    await ana.home.membership.advance(never);
  }
  expect(ana.post().talks.map(({ messages }) => messages.map(({ words }) => words))).toEqual([["Where?"]]);
});
test("C1: a box with the community's own key makes no circle of it", async () => {
  const { people, spread } = await threesome();
  const [ana, bo] = people;
  const { membership } = bo.home;
  const { commitment, secret } = membership.epoch()!;
  const boxOf = (place: Parameters<typeof membership.sealBox>[0]) =>
    membership.sealBoxes(place, [ana.home.membership.certificate().exchange], secret);
  valueOf(await membership.speak([{ kind: "keys", make: (place) => ({ commitment, boxes: boxOf(place) }) }], never));
  await spread();
  expect(ana.home.membership.circles.held()).toEqual([]);
});
test("who has no key that can be sealed to is not written to in vain", async () => {
  const ana = await foundHome({ seed: 1 });
  const { tag, root } = ana.membership;
  const { invitation } = valueOf(readLink(await inviteFrom(ana)));
  const chance = createChance(7);
  const group = groupOf({ home: ana });
  const { invite, secret } = invitation;
  const mute = join("Mute", group, chance, NOON, secret, invite, undefined, new Uint8Array(32)); // shares all-zero with everybody
  const offer = say(mute.person, group, chance, NOON, [], { kind: "offer", title: "Pears" });
  for (const envelope of [mute.envelope, offer]) await ana.holding.take(bytesOf(envelope), never);
  const deeds = deedsOf(ana.membership);
  const before = ana.holding.replica.digest();
  const nobody = { ok: false, error: { kind: "nobody-to-read" } };
  expect(await deeds.respond(tag, offer.id, mute.person.root.id, "Hello?", never)).toEqual(nobody);
  expect(await deeds.promise(tag, offer.id, said("My number", "parties"), never)).toEqual(nobody);
  expect(ana.holding.replica.digest()).toBe(before);
  valueOf(await deeds.promise(tag, offer.id, said("In the open"), never)); // what is for all needs no key of theirs
  expect(root.id).not.toBe(mute.person.root.id);
});
test("what is said to one person is never sealed for a circle of theirs with somebody else, whoever sent us its key", async () => {
  const { people, spread, tag } = await threesome();
  const [ana, bo, cy] = people;
  const id = await ask(ana.home.membership, "Soup");
  await spread();
  const key = circleKeyFrom(new Uint8Array(32).fill(1));
  const { membership } = bo.home;
  const readers = [ana, bo, cy].map(({ home }) => home.membership.certificate().exchange);
  const members = [membership.root.id, cy.home.membership.root.id].sort();
  const boxes: Line = {
    kind: "keys",
    make: (place) => ({ commitment: key.commitment, boxes: membership.sealBoxes(place, readers, key.secret) }),
  };
  valueOf(await membership.speak([boxes, { kind: "talk", key, act: { kind: "circle", form: "pair", members } }], never));
  await spread();
  expect(ana.home.membership.circles.held()).toHaveLength(1);
  valueOf(await ana.deeds.respond(tag, id, cy.home.membership.root.id, "For you alone", never));
  await spread();
  const heard = ({ home }: Person) =>
    home.holding.replica.community.circles.all().flatMap(({ responses }) => responses.map(({ act }) => act.words));
  expect([heard(cy), heard(bo)]).toEqual([["For you alone"], []]);
});
test("C2: the other's box of the same key does not keep the opener's words away after a new start", async () => {
  const { people, spread, tag } = await threesome();
  const [ana, bo] = people;
  const id = await ask(bo.home.membership, "Soup");
  await spread();
  valueOf(await ana.deeds.respond(tag, id, bo.home.membership.root.id, "I have leeks", never));
  await spread();
  const [key] = bo.home.membership.circles.held();
  const readers = [ana, bo].map(({ home }) => home.membership.certificate().exchange);
  const boxes = {
    kind: "keys",
    make: (place: BoxPlace) => ({
      commitment: key!.commitment,
      boxes: bo.home.membership.sealBoxes(place, readers, key!.secret),
    }),
  } as const;
  valueOf(await bo.home.membership.speak([boxes], never));
  await spread();
  for (const { home } of [ana, bo]) {
    const reborn = await home.again(home.shelf.twin());
    const words = reborn.holding.replica.community.circles
      .all()
      .flatMap(({ responses }) => responses.map(({ act }) => act.words));
    expect(words).toEqual(["I have leeks"]);
  }
});
test("a member with more devices than anybody has is still written to, and what was said can be read by its author", async () => {
  const { people, spread, tag } = await threesome();
  const [ana, bo] = people;
  const id = await ask(bo.home.membership, "Soup");
  await spread();
  // As if Bo had joined with 520.
  const { members, exchangeByFeed } = ana.home.holding.replica.community.authority();
  const record = members.get(bo.home.membership.root.id)!;
  const chance = createChance(3);
  const made = Array.from({ length: 520 }, (_, at) => at.toString(16).padStart(64, "0") as FeedId);
  for (const feed of made) (exchangeByFeed as Map<FeedId, Uint8Array>).set(feed, exchangePairFrom(chance(32)).public);
  Object.assign(record, { feeds: [...record.feeds, ...made] });
  valueOf(await ana.deeds.respond(tag, id, bo.home.membership.root.id, "I have leeks", never));
  const reborn = await ana.home.again(ana.home.shelf.twin());
  expect(reborn.holding.replica.community.circles.all().flatMap(({ responses }) => responses)).toHaveLength(1);
});
