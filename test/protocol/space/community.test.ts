import { beforeAll, describe, expect, test } from "vitest";
import { createReplica } from "../../../protocol/space/replica.ts";
import { chunkOf } from "../../../protocol/feed/chunk.ts";
import { encodeEvidence } from "../../../protocol/acts/evidence.ts";
import type { Envelope } from "../../../protocol/envelope/envelope.ts";
import type { Commit } from "../../../protocol/acts/aid.ts";
import {
  bytesOf,
  createChance,
  found,
  invite,
  join,
  replicaOf,
  say,
  takeIn,
  twinOf,
  type Group,
  type Person,
} from "../../people.ts";
import { buildVillage } from "./village.ts";

const chance = createChance(6);
let group: Group;
let ana: Person;
let bo: Person;
let base: Envelope[];
let request: Envelope;
beforeAll(() => {
  const made = found("Ana", chance);
  ({ group, founder: ana } = made);
  const door = invite(ana, group, chance, 2, [made.envelopes[1]!.id]);
  const guest = join("Bo", group, chance, 3, door.secret, door.act.id);
  bo = guest.person;
  request = say(bo, group, chance, 4, [], { kind: "request", title: "Chairs" });
  base = [...made.envelopes, door.act, door.keys, guest.envelope, request];
});
const promisesWith = (...more: readonly Envelope[]) =>
  replicaOf(group, [...base, ...more])
    .community.posts()
    .flatMap(({ promises }) => promises);
const promising = (who: Person, act: Omit<Commit, "kind">, at = 5) => say(who, group, chance, at, [], { kind: "commit", ...act });

describe("X2: a commit joins the author of the post and whoever answers it", () => {
  const people = () => ({ giver: ana.root.id, receiver: bo.root.id });
  test("who answers a request gives, and who answers an offer receives", () => {
    expect(promisesWith(promising(twinOf(ana), { on: request.id, ...people() }))).toHaveLength(1);
    const offer = say(twinOf(bo), group, chance, 5, [], { kind: "offer", title: "Pears" });
    const taken = promising(twinOf(ana), { on: offer.id, giver: bo.root.id, receiver: ana.root.id });
    expect(promisesWith(offer, taken)).toHaveLength(1);
  });
  test("roles exchanged, a stranger named, or oneself alone: no promise", () => {
    const wrong = [
      { giver: bo.root.id, receiver: ana.root.id },
      { giver: ana.root.id, receiver: ana.root.id },
      { giver: bo.root.id, receiver: bo.root.id },
    ];
    for (const parties of wrong) expect(promisesWith(promising(twinOf(ana), { on: request.id, ...parties }))).toEqual([]);
    expect(promisesWith(promising(twinOf(bo), { on: request.id, giver: bo.root.id, receiver: bo.root.id }))).toEqual([]);
  });
  test("X1: a commit on what is no post hangs nowhere", () => {
    const commit = promising(twinOf(ana), { on: base[1]!.id, ...people() });
    const replica = replicaOf(group, [...base, commit]);
    expect(replica.community.promise(commit.id)).toBeNull();
    expect(replica.community.post(base[1]!.id)).toBeNull();
  });
});

describe("V1, R3: versions of a post", () => {
  const people = () => ({ giver: ana.root.id, receiver: bo.root.id });
  const change = (who: Person, kind: "revise" | "close") =>
    say(who, group, chance, 6, [], {
      post: request.id,
      replaces: [request.id],
      ...(kind === "revise" ? { kind, title: "Money" } : { kind, why: "met" }),
    });
  test("V1: what another says about it changes nothing", () => {
    for (const kind of ["revise", "close"] as const) {
      const [post] = replicaOf(group, [...base, change(twinOf(ana), kind)]).community.posts();
      expect([post!.versions.terms.id, post!.versions.closed, post!.changes]).toEqual([request.id, null, []]);
    }
    const [post] = replicaOf(group, [...base, change(twinOf(bo), "close")]).community.posts();
    expect(post!.versions.closed?.act.why).toBe("met");
  });
  test("R3: a commit hangs on a version of its author's, not on a stranger's, and not on a close", () => {
    const on = (version: Envelope) => promisesWith(version, promising(twinOf(ana), { on: version.id, ...people() }, 7)).length;
    const strangers = change(twinOf(ana), "revise");
    const held = { ...twinOf(ana) };
    const [foreign] = [strangers];
    held.writer = { ...held.writer, length: held.writer.length + 1, head: foreign.id };
    expect(promisesWith(foreign, promising(held, { on: foreign.id, ...people() }, 7))).toEqual([]);
    expect(on(change(twinOf(bo), "close"))).toBe(0);
    expect(on(change(twinOf(bo), "revise"))).toBe(1);
  });
});

describe("M2: what counts", () => {
  test("a stranger's act is kept and says nothing", () => {
    const village = buildVillage(2);
    const [eveJoin] = village.feeds[3]!;
    const spam = say(village.people.eve, village.group, chance, 9, [], { kind: "offer", title: "Spam" });
    const replica = replicaOf(village.group, [...village.feeds.slice(0, 2).flat(), eveJoin!, spam]);
    expect(replica.community.posts().map(({ post }) => post.act.title)).toEqual(["Chairs for Sunday"]);
    expect([...replica.community.countedIds()]).not.toContain(spam.id);
    expect(replica.feed(spam.feed)?.ids).toHaveLength(2);
  });
  test("nothing at or behind a fork point counts, and all before it does", () => {
    const village = buildVillage(2);
    const replica = replicaOf(village.group, village.feeds.flat());
    const titles = () =>
      replica.community
        .posts()
        .map(({ post }) => post.act.title)
        .sort();
    expect(titles()).toEqual(["Chairs for Sunday", "Pears", "Plums 1", "Plums 2", "Plums 3"]);
    expect(replica.takeProof(village.laterProof)).toBe(true);
    expect(titles()).toEqual(["Chairs for Sunday", "Pears", "Plums 1"]);
    expect(replica.takeProof(village.proof)).toBe(true);
    expect(titles()).toEqual(["Chairs for Sunday", "Pears"]);
  });
  test("X4: a promise that the other party took up stands behind a fork point, and even before its feed is held", () => {
    const village = buildVillage(2);
    const promised = village.otherStory[0]!.id;
    const replica = replicaOf(village.group, [...village.feeds[0]!, ...village.feeds[1]!, village.feeds[2]![0]!]);
    expect(replica.community.promise(promised)?.life.state).toBe("agreed");
    for (const envelope of village.feeds[2]!) takeIn(replica, village.group, bytesOf(envelope));
    replica.takeProof(village.proof);
    expect(replica.community.promise(promised)?.life.state).toBe("agreed");
  });
  test("X4: a promise that only somebody else took up falls with its feed", () => {
    const village = buildVillage(2);
    const { deviceKey, random } = village.people.cy.writer.birth;
    const evidence = encodeEvidence(deviceKey, random, chunkOf(village.otherStory[0]!));
    const meddling = say(twinOf(village.people.ana), village.group, chance, 40, [], {
      kind: "accept",
      parent: village.otherStory[0]!.id,
      evidence,
    });
    const replica = replicaOf(village.group, [
      ...village.feeds[0]!,
      ...village.feeds[1]!.slice(0, -1),
      ...village.feeds[2]!,
      meddling,
    ]);
    expect(replica.community.promise(village.otherStory[0]!.id)?.life.state).toBe("proposed"); // shown, not yet void
    replica.takeProof(village.proof);
    expect(replica.community.promise(village.otherStory[0]!.id)).toBeNull();
  });
  test("X4: nobody upholds their own promise by another device of theirs", () => {
    const twin = twinOf(ana);
    const door = invite(twin, group, chance, 6, []);
    const laptop = join("Ana's laptop", group, chance, 7, door.secret, door.act.id, ana.root);
    const phone = join("Bo's phone", group, chance, 7, door.secret, door.act.id, bo.root);
    const commit = say(laptop.person, group, chance, 8, [], {
      kind: "commit",
      on: request.id,
      giver: ana.root.id,
      receiver: bo.root.id,
    });
    const evidence = encodeEvidence(laptop.person.writer.birth.deviceKey, laptop.person.writer.birth.random, chunkOf(commit));
    const own = say(twin, group, chance, 9, [], { kind: "accept", parent: commit.id, evidence });
    const replica = replicaOf(group, [...base, door.act, door.keys, laptop.envelope, commit, own, phone.envelope]);
    replica.community.closeAt(commit.feed, 1);
    expect(replica.community.promise(commit.id)).toBeNull();
    takeIn(replica, group, bytesOf(say(phone.person, group, chance, 10, [], { kind: "accept", parent: commit.id, evidence })));
    expect(replica.community.promise(commit.id)?.life.state).toBe("agreed");
  });
  test("the genesis counts behind its feed's fork point, and the founder still belongs", () => {
    const replica = replicaOf(group, base.slice(0, 2));
    replica.community.closeAt(base[0]!.feed, 0);
    expect([...replica.community.authority().members.values()]).toMatchObject([{ id: ana.root.id, isSteward: true, feeds: [] }]);
  });
  test("an act that refers to something not held waits, and stops waiting", () => {
    const commit = promising(twinOf(ana), { on: request.id, giver: ana.root.id, receiver: bo.root.id });
    const replica = createReplica(group.tag);
    for (const envelope of [...base.slice(0, 4), commit]) takeIn(replica, group, bytesOf(envelope));
    expect(replica.community.tally().waiting).toBe(1);
    for (const envelope of base.slice(4)) takeIn(replica, group, bytesOf(envelope));
    expect(replica.community.tally()).toEqual({ held: 7, sealed: 0, private: 0, opaque: 0, void: 0, absent: 0, waiting: 0 });
    expect(replica.community.posts()[0]!.promises).toHaveLength(1);
  });
});

test("M3: a view once given stays as it was, and the version rises with every change", () => {
  const replica = replicaOf(group, base);
  const { posts, version, authority } = replica.community;
  const before = { posts: posts(), version: version(), authority: authority() };
  expect(posts()).toBe(before.posts);
  const copy = structuredClone({ posts: before.posts, members: before.authority.members });
  const commit = promising(twinOf(ana), { on: request.id, giver: ana.root.id, receiver: bo.root.id });
  takeIn(replica, group, bytesOf(commit));
  expect(version()).toBeGreaterThan(before.version);
  expect({ posts: before.posts, members: before.authority.members }).toEqual(copy);
  expect(posts()).not.toEqual(before.posts);
});

test("R2: an answer that comes before what it answers finds its place when that comes", () => {
  const [first, second] = [twinOf(ana), twinOf(bo)];
  const commit = promising(first, { on: request.id, giver: ana.root.id, receiver: bo.root.id });
  const { deviceKey, random } = ana.writer.birth;
  const accept = say(second, group, chance, 6, [], {
    kind: "accept",
    parent: commit.id,
    evidence: encodeEvidence(deviceKey, random, chunkOf(commit)),
  });
  const fulfil = say(first, group, chance, 7, [], { kind: "fulfil", parent: accept.id });
  const replica = replicaOf(group, base);
  expect(replica.community.posts()[0]!.promises).toEqual([]);
  for (const envelope of [commit, fulfil]) takeIn(replica, group, bytesOf(envelope));
  expect(replica.community.promise(commit.id)?.life.state).toBe("proposed");
  takeIn(replica, group, bytesOf(accept));
  expect(replica.community.promise(commit.id)).toMatchObject({
    life: { state: "done" },
    answers: [{ id: accept.id }, { id: fulfil.id }],
  });
});
