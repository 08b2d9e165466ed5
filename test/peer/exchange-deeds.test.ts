/**
 * Giving and asking, as one person's app says it and another's shows it:
 *   Ana founds, Bo and Cy come in. Whatever one says is carried to the others before they look.
 */
import { describe, expect, test } from "vitest";
import { MAX_QUANTITY, MAX_TITLE_UNITS, type EnvelopeId } from "../../protocol/index.ts";
import { communityView } from "../../src/peer/view.ts";
import { PLAIN, ask, deedsOf, foundHome, inviteFrom, joinHome, never, NOON, valueOf } from "./home.ts";
import { said, step, threesome, type Person } from "./threesome.ts";

const outOfTurn = { ok: false, error: { kind: "out-of-turn" } };
const invalid = (field: string, problem: string) => ({ ok: false, error: { kind: "invalid", field, problem } });

describe("what is said", () => {
  test("a post with something that cannot stand is not written", async () => {
    const { membership, holding } = await foundHome({ seed: 1 });
    const { post } = deedsOf(membership);
    const before = holding.replica.digest();
    const trying = (change: Partial<typeof PLAIN>) => post(membership.tag, { ...PLAIN, ...change }, never);
    expect(await trying({ title: "" })).toEqual(invalid("title", "empty"));
    expect(await trying({ title: "t".repeat(MAX_TITLE_UNITS + 1) })).toEqual(invalid("title", "too-long"));
    expect(await trying({ where: "\ud800" })).toEqual(invalid("where", "unreadable"));
    for (const quantity of [0, -1, 1.5, Number.NaN, MAX_QUANTITY + 1])
      expect(await trying({ quantity })).toEqual(invalid("quantity", "out-of-range"));
    expect(holding.replica.digest()).toBe(before);
  });
  test("what was left empty is not said at all", async () => {
    const { membership, holding } = await foundHome({ seed: 1 });
    const id = valueOf(await deedsOf(membership).post(membership.tag, { ...PLAIN, title: " Soup ", details: "  " }, never));
    expect(holding.replica.community.post(id)?.post.act).toEqual({ kind: "request", title: "Soup" });
  });
  test("nobody promises to themselves, answers what is not there, or speaks before they are in", async () => {
    const ana = await foundHome({ seed: 1 });
    const bo = await joinHome(await inviteFrom(ana), "Bo", { seed: 2 });
    const { tag } = ana.membership;
    const mine = await ask(ana.membership, "Soup");
    const nowhere = "0".repeat(64) as EnvelopeId;
    const notFound = { ok: false, error: { kind: "not-found" } };
    const deeds = deedsOf(ana.membership);
    expect(await deeds.promise(tag, mine, said(""), never)).toEqual(outOfTurn);
    expect(await deeds.promise(tag, nowhere, said(""), never)).toEqual(notFound);
    expect(await deeds.step(tag, nowhere, "accept", step(), never)).toEqual(notFound);
    expect(await deeds.revise(tag, nowhere, PLAIN, never)).toEqual(notFound);
    expect(await deeds.respond(tag, mine, ana.membership.root.id, "To myself", never)).toEqual(outOfTurn);
    expect(await deedsOf(bo.membership).post(tag, PLAIN, never)).toEqual({ ok: false, error: { kind: "not-a-member" } });
  });
});

describe("versions", () => {
  test("an author says it anew, closes it and opens it again; another cannot", async () => {
    const { people, spread, tag } = await threesome();
    const [ana, bo] = people;
    const id = await ask(ana.home.membership, "Soup");
    await spread();
    expect(await bo.deeds.revise(tag, id, PLAIN, never)).toEqual(outOfTurn);
    expect(await bo.deeds.closePost(tag, id, "met", "", never)).toEqual(outOfTurn);
    valueOf(await ana.deeds.revise(tag, id, { ...PLAIN, title: "Soup and bread", quantity: 2 }, never));
    valueOf(await ana.deeds.closePost(tag, id, "over", "The day is gone", never));
    await spread();
    expect(bo.post()).toMatchObject({
      title: "Soup and bread",
      quantity: 2,
      closed: { why: "over", words: "The day is gone" },
      canPromise: false,
      canChange: false,
    });
    expect(await bo.deeds.promise(tag, id, said(""), never)).toEqual(outOfTurn);
    valueOf(await ana.deeds.reopenPost(tag, id, never));
    expect(await ana.deeds.reopenPost(tag, id, never)).toEqual(outOfTurn);
    await spread();
    expect(bo.post()).toMatchObject({ title: "Soup and bread", quantity: 2, closed: null, canPromise: true });
  });
  test("X1: a promise stays on the terms it was made on", async () => {
    const { people, spread, tag } = await threesome();
    const [ana, bo, cy] = people;
    const id = await ask(ana.home.membership, "Soup");
    await spread();
    valueOf(await bo.deeds.promise(tag, id, said(""), never));
    valueOf(await ana.deeds.revise(tag, id, { ...PLAIN, title: "Soup for twenty" }, never));
    await spread();
    valueOf(await cy.deeds.promise(tag, id, said(""), never));
    await spread();
    const pinned = ana.post().promises.map(({ giver, pinned: terms }) => [giver.name, terms?.title ?? null]);
    expect(pinned.sort()).toEqual([
      ["Bo", "Soup"],
      ["Cy", null],
    ]);
  });
});

describe("between two", () => {
  test("they write to each other about a post, and the third sees nothing of it", async () => {
    const { people, spread, tag } = await threesome();
    const [ana, bo, cy] = people;
    const id = await ask(ana.home.membership, "Soup");
    await spread();
    valueOf(await bo.deeds.respond(tag, id, ana.home.membership.root.id, "Where do you live?", never));
    await spread();
    valueOf(await ana.deeds.respond(tag, id, bo.home.membership.root.id, "Mill Road 7", never));
    await spread();
    const talk = (person: Person) =>
      person.post().talks.map(({ with: other, messages }) => [other.name, messages.map(({ by, words }) => [by.name, words])]);
    const words = [
      ["Bo", "Where do you live?"],
      ["Ana", "Mill Road 7"],
    ];
    expect(talk(bo)).toEqual([["Ana", words]]);
    expect(talk(ana)).toEqual([["Bo", words]]);
    expect(talk(cy)).toEqual([]);
    expect(cy.home.holding.replica.community.tally().sealed).toBe(3);
    expect(
      JSON.stringify(communityView({ membership: cy.home.membership, fellows: [], now: cy.home.world.now() })),
    ).not.toContain("Mill");
    const prints = people.map(({ home }) => home.holding.replica.fingerprint());
    expect(new Set(prints).size).toBe(1);
    // One circle serves for both, and for all they say later.
    expect(ana.home.holding.replica.community.circles.all()).toHaveLength(1);
    expect(ana.home.holding.replica.community.keyBoxes()).toHaveLength(2); // the invitation's, and theirs
  });
  test("talk about a post is with its author", async () => {
    const { people, spread, tag } = await threesome();
    const [ana, bo, cy] = people;
    const id = await ask(ana.home.membership, "Soup");
    await spread();
    expect(await bo.deeds.respond(tag, id, cy.home.membership.root.id, "Psst", never)).toEqual(outOfTurn);
    expect(await bo.deeds.respond(tag, id, ana.home.membership.root.id, "  ", never)).toEqual(invalid("talk", "empty"));
  });
  test("two who open a circle to each other at once hear each other in both", async () => {
    const { people, spread, tag } = await threesome();
    const [ana, bo] = people;
    const id = await ask(ana.home.membership, "Soup");
    await spread();
    valueOf(await bo.deeds.respond(tag, id, ana.home.membership.root.id, "I am coming", never));
    valueOf(await ana.deeds.respond(tag, id, bo.home.membership.root.id, "Are you coming?", never));
    await spread();
    valueOf(await ana.deeds.respond(tag, id, bo.home.membership.root.id, "Good", never));
    await spread();
    for (const { post } of [ana, bo])
      expect(post().talks.map(({ messages }) => messages.map(({ words }) => words).sort())).toEqual([
        ["Are you coming?", "Good", "I am coming"],
      ]);
    expect(ana.home.holding.replica.community.circles.all()).toHaveLength(2);
  });
  test("C2 (seed 2): who spoke in one circle before opening another reads all of it after a new start", async () => {
    const { people, spread, tag } = await threesome();
    const [ana, bo, cy] = people;
    const idOf = (person: Person) => person.home.membership.root.id;
    const id = await ask(bo.home.membership, "Soup");
    await spread();
    valueOf(await ana.deeds.respond(tag, id, idOf(bo), "Where?", never));
    await spread();
    valueOf(await bo.deeds.respond(tag, id, idOf(ana), "Here", never));
    valueOf(await bo.deeds.respond(tag, id, idOf(cy), "Would you, too?", never));
    await spread();
    const reborn = await bo.home.again(bo.home.shelf.twin());
    const { posts } = communityView({ membership: reborn, fellows: [], now: bo.home.world.now() });
    const words = posts[0]!.talks.map(({ with: other, messages }) => [other.name, messages.map((one) => one.words)]);
    expect(words.sort()).toEqual([
      ["Ana", ["Where?", "Here"]],
      ["Cy", ["Would you, too?"]],
    ]);
  });
  test("words beside a promise are for the two, and that there are some is for all", async () => {
    const { people, spread, tag } = await threesome();
    const [ana, bo, cy] = people;
    const id = await ask(ana.home.membership, "Soup");
    await spread();
    const commit = valueOf(await bo.deeds.promise(tag, id, said("My number is 0170", "parties"), never));
    await spread();
    valueOf(await ana.deeds.step(tag, commit, "accept", step({ words: "Thank you!" }), never));
    await spread();
    const steps = (person: Person) => person.promise().steps.map(({ words, aside, hasAside }) => [words, aside, hasAside]);
    expect(steps(ana)).toEqual([
      ["", "My number is 0170", true],
      ["Thank you!", null, false],
    ]);
    expect(steps(bo)).toEqual(steps(ana));
    expect(steps(cy)).toEqual([
      ["", null, true],
      ["Thank you!", null, false],
    ]);
  });
  test("after a new start everything between the two is there again, and the pen goes on", async () => {
    const { people, spread, tag } = await threesome();
    const [ana, bo] = people;
    const id = await ask(ana.home.membership, "Soup");
    await spread();
    valueOf(await bo.deeds.respond(tag, id, ana.home.membership.root.id, "Where?", never));
    await spread();
    for (const { home, post } of [ana, bo]) {
      const reborn = await home.again(home.shelf.twin());
      const view = communityView({ membership: reborn, fellows: [], now: home.world.now() });
      expect(view.posts[0]!.talks.map(({ messages }) => messages.map(({ words }) => words))).toEqual([["Where?"]]);
      expect(view.fingerprint).toBe(
        communityView({ membership: home.membership, fellows: [], now: home.world.now() }).fingerprint,
      );
      expect(post().talks).toHaveLength(1);
    }
    const reborn = await ana.home.again(ana.home.shelf.twin());
    valueOf(await deedsOf(reborn, ana.home.world).respond(tag, id, bo.home.membership.root.id, "Here", never));
    expect(reborn.holding.replica.community.circles.all()).toHaveLength(1); // the key was found again, not made anew
  });
});

describe("a promise with parts", () => {
  async function agreed(quantity: number | null = 3) {
    const all = await threesome();
    const [ana, bo] = all.people;
    const id = valueOf(await ana.deeds.post(all.tag, { ...PLAIN, form: "hours", quantity: 5 }, never));
    await all.spread();
    const commit = valueOf(
      await bo.deeds.promise(all.tag, id, { ...said(""), quantity, due: (NOON + 86_400_000) as never }, never),
    );
    await all.spread();
    valueOf(await ana.deeds.step(all.tag, commit, "accept", step(), never));
    await all.spread();
    return { ...all, ana, bo, commit, id };
  }
  test("is done part by part, and kept with the last", async () => {
    const { ana, bo, commit, tag, spread } = await agreed();
    expect(ana.post().remaining).toBe(2);
    valueOf(await bo.deeds.step(tag, commit, "fulfil", step({ quantity: 1, isPart: true }), never));
    await spread();
    expect(ana.promise()).toMatchObject({ state: "underway", waitingFor: null });
    valueOf(await ana.deeds.step(tag, commit, "acknowledge", step({ words: "Thank you" }), never));
    await spread();
    expect(bo.promise()).toMatchObject({ state: "underway", waitingFor: null });
    expect(bo.promise().next[0]).toBe("fulfil");
    valueOf(await bo.deeds.step(tag, commit, "fulfil", step({ quantity: 2 }), never));
    await spread();
    valueOf(await ana.deeds.step(tag, commit, "acknowledge", step(), never));
    await spread();
    expect(bo.promise()).toMatchObject({
      state: "kept",
      parts: [
        { quantity: 1, isLast: false, isAcknowledged: true },
        { quantity: 2, isLast: true, isAcknowledged: true },
      ],
    });
  });
  test("when it cannot be gone on with, what was given counts and the rest is open again", async () => {
    const { ana, bo, commit, tag, spread } = await agreed();
    valueOf(await bo.deeds.step(tag, commit, "fulfil", step({ quantity: 1, isPart: true }), never));
    await spread();
    valueOf(await ana.deeds.step(tag, commit, "acknowledge", step(), never));
    await spread();
    valueOf(await bo.deeds.step(tag, commit, "withdraw", step({ words: "My back", readers: "parties" }), never));
    await spread();
    expect(ana.promise()).toMatchObject({ state: "withdrawn" });
    expect(ana.promise().steps.at(-1)).toMatchObject({ kind: "withdraw", aside: "My back", place: "called-off" });
    expect(ana.post().remaining).toBe(4);
    expect(bo.post().canPromise).toBe(true);
  });
  test("is amended by both, and a word to an amendment is the other's", async () => {
    const { ana, bo, commit, tag, spread } = await agreed();
    expect(await bo.deeds.step(tag, commit, "amend", step(), never)).toEqual(invalid("quantity", "empty"));
    const amend = valueOf(await bo.deeds.step(tag, commit, "amend", step({ quantity: 2, due: (NOON + 9) as never }), never));
    await spread();
    expect(ana.promise()).toMatchObject({ quantity: 3, proposals: [{ id: amend, quantity: 2, answers: ["accept", "decline"] }] });
    expect(bo.promise().proposals[0]!.answers).toEqual(["withdraw"]);
    expect(await bo.deeds.answer(tag, commit, amend, "accept", said(""), never)).toEqual(outOfTurn);
    valueOf(await ana.deeds.answer(tag, commit, amend, "accept", said(""), never));
    await spread();
    expect(bo.promise()).toMatchObject({ quantity: 2, due: NOON + 9, proposals: [], state: "agreed" });
    expect(ana.post().remaining).toBe(3);
  });
  test("is corrected by both, also after it was kept", async () => {
    const { ana, bo, people, commit, tag, spread } = await agreed();
    const part = valueOf(await bo.deeds.step(tag, commit, "fulfil", step({ quantity: 3 }), never));
    await spread();
    valueOf(await ana.deeds.step(tag, commit, "acknowledge", step(), never));
    await spread();
    expect(await people[2].deeds.correct(tag, commit, part, 2, said(""), never)).toEqual(outOfTurn);
    const correct = valueOf(await bo.deeds.correct(tag, commit, part, 0, said("I left early"), never));
    await spread();
    expect(ana.promise().proposals).toMatchObject([{ place: "correction", part: { quantity: 3 }, quantity: 0 }]);
    valueOf(await ana.deeds.answer(tag, commit, correct, "accept", said(""), never));
    await spread();
    expect(bo.promise()).toMatchObject({ state: "kept", parts: [{ quantity: 0 }], proposals: [] });
  });
  test("is seen differently by one, in words for the other, until they settle it", async () => {
    const { ana, bo, people, commit, tag, spread } = await agreed();
    const dispute = valueOf(
      await bo.deeds.step(tag, commit, "dispute", step({ words: "It was four", readers: "parties" }), never),
    );
    await spread();
    expect(ana.promise().disputes).toMatchObject([{ by: { name: "Bo" }, aside: "It was four", canSettle: false }]);
    expect(people[2].promise().disputes).toMatchObject([{ aside: null, hasAside: true, canSettle: false }]);
    expect(await ana.deeds.answer(tag, commit, dispute, "withdraw", said(""), never)).toEqual(outOfTurn);
    valueOf(await bo.deeds.answer(tag, commit, dispute, "withdraw", said("All is well"), never));
    await spread();
    expect(ana.promise()).toMatchObject({ disputes: [], state: "agreed" });
  });
  test("reads late, then asked, then silent, as the day it was due goes by", async () => {
    const { ana } = await agreed();
    const times = [0, 86_400_000, 86_400_000, 6 * 86_400_000].map((ms) => {
      ana.home.world.wait(ms);
      return ana.promise().time;
    });
    expect(times).toEqual(["in-time", "late", "ask", "silent"]);
  });
});
