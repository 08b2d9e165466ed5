/**
 * What is said between two:
 *   1. Ana founds, Bo and Cy come in. Bo asks. Ana opens a pair with Bo, and writes to him about it.
 *   2. Ana promises, with words for Bo alone beside the promise.
 *   3. Cy holds everything but the key of the pair.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { asideHash } from "../../../protocol/acts/talk.ts";
import { createCircles } from "../../../protocol/space/circles.ts";
import { encodeStatement } from "../../../protocol/envelope/body.ts";
import { circleKeyFrom, createBoxReader, type CircleKey } from "../../../protocol/crypto/seal.ts";
import { circleIdOf, type CircleId, type MemberId } from "../../../protocol/crypto/hash.ts";
import type { Envelope } from "../../../protocol/envelope/envelope.ts";
import type { Millis } from "../../../protocol/lang/brand.ts";
import { aidActToValue } from "../../../protocol/acts/aid.ts";
import { authorityActToValue } from "../../../protocol/authority/acts.ts";
import {
  bytesOf,
  createChance,
  found,
  ingest,
  invite,
  join,
  openPair,
  replicaOf,
  say,
  sayRaw,
  takeIn,
  talk,
  twinOf,
  type Group,
  type Person,
} from "../../people.ts";

const chance = createChance(31);
let group: Group;
let ana: Person;
let bo: Person;
let cy: Person;
let request: Envelope;
let key: CircleKey;
let keys: Envelope;
let all: Envelope[];
let circle: CircleId;
const secret = { salt: new Uint8Array(32).fill(7), words: "My number is 0170 1234" };
beforeAll(() => {
  const made = found("Ana", chance);
  ({ group, founder: ana } = made);
  const door = invite(ana, group, chance, 2, [made.envelopes[1]!.id]);
  const [boIn, cyIn] = ["Bo", "Cy"].map((name) => join(name, group, chance, 3, door.secret, door.act.id));
  bo = boIn!.person;
  cy = cyIn!.person;
  request = say(bo, group, chance, 4, [], { kind: "request", title: "Chairs" });
  const pair = openPair(ana, bo, chance, 5);
  ({ key, id: circle } = pair);
  keys = pair.keys;
  const hello = talk(ana, key, chance, 6, { kind: "response", circle, on: request.id, words: "Where do you live?" });
  const answer = talk(bo, key, chance, 7, { kind: "response", circle, on: request.id, words: "Mill Road 7" });
  const words = talk(ana, key, chance, 8, { kind: "aside", circle, ...secret });
  const commit = say(ana, group, chance, 8, [], {
    kind: "commit",
    on: request.id,
    giver: ana.root.id,
    receiver: bo.root.id,
    aside: asideHash(secret),
  });
  all = [
    ...made.envelopes,
    door.act,
    door.keys,
    boIn!.envelope,
    cyIn!.envelope,
    request,
    keys,
    pair.act,
    hello,
    answer,
    words,
    commit,
  ];
});
const said = (envelopes: readonly Envelope[], held: readonly CircleKey[] = [key]) =>
  replicaOf(group, envelopes, held)
    .community.circles.all()
    .map(({ members, responses }) => [members, responses.map(({ by, act }) => [by, act.words])]);
const pairOf = (left: Person, right: Person) => [left.root.id, right.root.id].sort();

test("both read it, in order, and each finds the key in a box of their own", () => {
  const words = [
    [ana.root.id, "Where do you live?"],
    [bo.root.id, "Mill Road 7"],
  ];
  expect(said(all)).toEqual([[pairOf(ana, bo), words]]);
  const [boxes] = replicaOf(group, all).community.keyBoxes().slice(-1);
  const open = (reader: Person) =>
    createBoxReader(reader.exchange.secret)(ana.exchange.public, boxes!, boxes!.keys.commitment, boxes!.keys.boxes);
  expect([open(ana), open(bo), open(cy)]).toEqual([key.secret, key.secret, null]);
});

test("the third carries it, sees that there is something, and counts the same community", () => {
  const [party, third] = [replicaOf(group, all, [key]), replicaOf(group, all)];
  expect(third.community.circles.all()).toEqual([]);
  expect(third.community.tally().sealed).toBe(4);
  expect(third.fingerprint()).toBe(party.fingerprint());
  expect(third.digest()).toBe(party.digest());
  const hash = third.community.posts()[0]!.promises[0]!.commit.act.aside!;
  expect(third.community.circles.aside(hash, ana.root.id, bo.root.id)).toBeNull();
  expect(party.community.circles.aside(hash, ana.root.id, bo.root.id)).toBe(secret.words);
});

test("K4: words are read only as those of the one whose act they stand beside", () => {
  const party = replicaOf(group, all, [key]);
  expect(party.community.circles.aside(asideHash(secret), bo.root.id, ana.root.id)).toBeNull();
  expect(party.community.circles.aside(new Uint8Array(32), ana.root.id, bo.root.id)).toBeNull();
});

test("K4: words said to one are not read as said to another", () => {
  const { circles } = replicaOf(group, all, [key]).community;
  expect(circles.aside(asideHash(secret), ana.root.id, bo.root.id)).toBe(secret.words);
  expect(circles.aside(asideHash(secret), ana.root.id, cy.root.id)).toBeNull();
});

test("K4: words under the key of a circle to which their author does not belong stand beside nothing", () => {
  const meddler = twinOf(cy);
  const other = circleKeyFrom(new Uint8Array(32).fill(9));
  const own = talk(meddler, other, chance, 9, { kind: "circle", form: "pair", members: pairOf(ana, cy) });
  const salted = { salt: new Uint8Array(32).fill(8), words: secret.words };
  const words = talk(meddler, key, chance, 9, { kind: "aside", circle, ...salted });
  const { circles } = replicaOf(group, [...all, own, words], [key, other]).community;
  expect(circles.all()).toHaveLength(2);
  expect(circles.aside(asideHash(salted), cy.root.id, ana.root.id)).toBeNull();
});

test("a key that comes late opens what was sealed, as if it had been there from the start", () => {
  const late = replicaOf(group, all);
  for (const envelope of all) late.admit(ingest(late, bytesOf(envelope), [group.epoch, key])!);
  const early = replicaOf(group, all, [key]);
  expect(late.community.circles.all()).toEqual(early.community.circles.all());
  expect(late.community.tally()).toEqual(early.community.tally());
  expect(late.fingerprint()).toBe(early.fingerprint());
});

describe("K1, K2: whose circle it is", () => {
  test("one that was opened by somebody whom it does not name is none", () => {
    const meddler = twinOf(cy);
    const act = talk(meddler, circleKeyFrom(new Uint8Array(32).fill(9)), chance, 9, {
      kind: "circle",
      form: "pair",
      members: pairOf(ana, bo),
    });
    expect(said([...all, act], [key, circleKeyFrom(new Uint8Array(32).fill(9))])).toHaveLength(1);
  });
  const bridge = "I am Ana, come to the bridge";
  test("a third who got the key says nothing in the circle, and takes nothing from it", () => {
    const eavesdropper = twinOf(cy);
    const open = talk(eavesdropper, key, chance, 9, { kind: "circle", form: "pair", members: pairOf(bo, cy) });
    const own = circleIdOf(key.commitment, pairOf(bo, cy));
    const words = [circle, own].map((id) =>
      talk(eavesdropper, key, chance, 9, { kind: "response", circle: id, on: request.id, words: bridge }),
    );
    const [mine] = said(all);
    const circles = said([...all, open, ...words]);
    expect(circles).toContainEqual(mine);
    expect(circles.find(([members]) => String(members) === String(pairOf(bo, cy)))?.[1]).toEqual([[cy.root.id, bridge]]);
  });
  test("words that name a circle under the key of another are in neither", () => {
    const other = circleKeyFrom(new Uint8Array(32).fill(9));
    const [speaker, third] = [twinOf(ana), twinOf(cy)];
    const open = talk(third, other, chance, 9, { kind: "circle", form: "pair", members: pairOf(ana, cy) });
    const words = talk(speaker, other, chance, 9, { kind: "response", circle, on: request.id, words: bridge });
    const salted = { salt: new Uint8Array(32).fill(8), words: bridge };
    const beside = talk(speaker, other, chance, 9, { kind: "aside", circle, ...salted });
    const { circles } = replicaOf(group, [...all, open, words, beside], [key, other]).community;
    expect(circles.all().flatMap(({ responses }) => responses.map(({ act }) => act.words))).not.toContain(bridge);
    expect(circles.aside(asideHash(salted), ana.root.id, bo.root.id)).toBeNull();
  });
  test("both open it: one circle, once", () => {
    const again = talk(twinOf(bo), key, chance, 9, { kind: "circle", form: "pair", members: pairOf(ana, bo) });
    expect(said([...all, again])).toEqual(said(all));
  });
  test("one that a stranger opened under its name is open once a member opens it", () => {
    const early = talk(twinOf(cy), key, chance, 1, { kind: "circle", form: "pair", members: pairOf(ana, bo) });
    expect(said([early, ...all])).toEqual(said(all));
  });
});

describe("I6: what is sealed under a circle's key says nothing outside it", () => {
  const within = (person: Person, act: Parameters<typeof aidActToValue>[0] | null) => {
    const value =
      act === null ? authorityActToValue({ kind: "close-invite", invite: all[2]!.id, joins: [] }) : aidActToValue(act);
    return sayRaw(
      person,
      { ...group, epoch: key as never },
      chance,
      encodeStatement({ form: "act", at: 9 as Millis, deps: [], act: value }),
    );
  };
  test("an offer, a promise or a closing is not heard by the parties, as it is not by the others", () => {
    const speaker = twinOf(ana);
    const hidden = [
      within(speaker, { kind: "offer", title: "Only for some" }),
      within(speaker, { kind: "commit", on: request.id, giver: ana.root.id, receiver: bo.root.id }),
      within(speaker, null),
      sayRaw(speaker, { ...group, epoch: key as never }, chance, new Uint8Array([1, 2])),
      // The key id fits, and the seal does not.
      sayRaw(speaker, { ...group, epoch: { ...key, commitment: new Uint8Array(32) } as never }, chance, new Uint8Array([1, 2])),
    ];
    const [party, third] = [replicaOf(group, [...all, ...hidden], [key]), replicaOf(group, [...all, ...hidden])];
    for (const { community } of [party, third]) {
      expect(community.posts().map(({ post }) => post.act.title)).toEqual(["Chairs"]);
      expect(community.posts()[0]!.promises).toHaveLength(1);
      expect([...community.authority().invites.values()].map(({ closed }) => closed)).toEqual([false]);
    }
    expect(party.fingerprint()).toBe(third.fingerprint());
    expect(party.community.tally()).toMatchObject({ void: 0, opaque: 0 });
  });
  test("talk in the open is an act of no known kind", () => {
    const speaker = twinOf(ana);
    const open = sayRaw(
      speaker,
      group,
      chance,
      encodeStatement({ form: "act", at: 9 as Millis, deps: [], act: new Map([["kind", "response"]]) }),
    );
    const replica = replicaOf(group, [...all, open]);
    expect(replica.community.tally().opaque).toBe(1);
    expect(replica.community.circles.all()).toEqual([]);
  });
});

test("L1: when the feed that opened it falls, nothing is said in it any more, and its boxes open nothing", () => {
  const replica = replicaOf(group, all, [key]);
  replica.community.closeAt(ana.writer.feed, 4); // before the boxes
  expect(replica.community.circles.all()).toEqual([]);
  expect(replica.community.keyBoxes().map(({ seq }) => seq)).not.toContain(4);
});

test("M2: behind a fork point nothing is said in a circle either", () => {
  const replica = replicaOf(group, all, [key]);
  replica.community.closeAt(bo.writer.feed, 2);
  expect(replica.community.circles.all()[0]!.responses.map(({ by }) => by)).toEqual([ana.root.id]);
  expect(takeIn(replica, group, bytesOf(keys))?.kind).toBe("known");
});

test("thousands of asides that hang on one hash are looked through once, not for each act that names it", () => {
  const tables = createCircles(() => null);
  const act = { kind: "aside", circle: "0c".repeat(32) as CircleId, ...secret } as const;
  for (let at = 0; at < 20_000; at += 1)
    tables.place(
      { id: `${at}` as never, feed: "f" as never, seq: at, content: { kind: "opaque", at: 0 as Millis, deps: [] } },
      "key",
      act,
    );
  const hash = asideHash(secret);
  const start = performance.now();
  for (let times = 0; times < 20_000; times += 1) tables.aside(hash, "a" as MemberId, "b" as MemberId);
  expect(performance.now() - start).toBeLessThan(500); // one by one it takes seconds
});
