import { expect, test } from "vitest";
import {
  chunkOf,
  createBirth,
  encodeChunk,
  epochKeyFrom,
  publicKeyOf,
  writeKeys,
  type EpochKey,
  type FeedId,
} from "../../protocol/index.ts";
import { createHolding, feedNamedIn } from "../../src/peer/holding.ts";
import type { Judge } from "../../src/peer/judge.ts";
import { openMemoryShelf } from "../../src/storage/memory-shelf.ts";
import type { Shelf } from "../../src/storage/shelf.ts";
import { createChance } from "../people.ts";
import { copyOf } from "../simulation/disk.ts";
import { ask, carry, carryFeed, feedOf, foundHome, inviteFrom, joinHome, never, testJudge, type Home } from "./home.ts";

/** Ana founded, Bo joined by link; both hold the same. */
async function pair(options: { readonly seen?: (shelf: Shelf) => Shelf; readonly judge?: Judge } = {}) {
  const ana = await foundHome({ seed: 1 });
  const bo = await joinHome(await inviteFrom(ana), "Bo", { seed: 2, ...options });
  await carry(ana.holding, bo.holding);
  await bo.membership.advance(never);
  await carry(bo.holding, ana.holding);
  return { ana, bo };
}

const lengthAt = (home: Pick<Home, "holding">, feed: FeedId): number => home.holding.replica.feed(feed)?.ids.length ?? 0;
const titles = ({ holding }: Pick<Home, "holding">): readonly string[] =>
  holding.replica.community.posts().map(({ post }) => post.act.title);
async function nextChunk(from: Home, to: Home, feed: FeedId): Promise<Uint8Array> {
  const chunk = await from.holding.give(feed, lengthAt(to, feed), never);
  if (chunk === null) throw new Error("there is nothing to give");
  return chunk;
}

test("what counts was stored before (H1): when the shelf is asked, the replica has not changed yet", async () => {
  const seen: string[] = [];
  let bo: Home | null = null;
  const spying = (shelf: Shelf): Shelf => ({
    ...shelf,
    putForeign: async (...args) => {
      const before = bo?.holding.replica.digest();
      const stored = await shelf.putForeign(...args);
      seen.push(before === bo?.holding.replica.digest() ? "first" : "late");
      return stored;
    },
  });
  const made = await pair({ seen: spying });
  bo = made.bo;
  seen.length = 0;
  await ask(made.ana.membership, "Soup");
  await carry(made.ana.holding, bo.holding);
  expect(seen).toEqual(["first"]);
  expect(titles(bo)).toEqual(["Soup"]);
});

test("a full disk is an answer (H3): nothing is taken in, what is held can be given on, and later it goes on", async () => {
  const { ana, bo } = await pair();
  await ask(ana.membership, "Soup");
  bo.shelf.failNextWrite({ kind: "disk-full" });
  const reception = await bo.holding.take(await nextChunk(ana, bo, feedOf(ana)), never);
  expect(reception).toEqual({ kind: "not-stored", error: { kind: "disk-full" } });
  expect(bo.holding.trouble()).toEqual({ kind: "disk-full" });
  expect(titles(bo)).toEqual([]);
  expect(await bo.holding.give(feedOf(ana), 0, never)).not.toBeNull();

  await carry(ana.holding, bo.holding);
  expect(bo.holding.trouble()).toBeNull();
  expect(titles(bo)).toEqual(["Soup"]);
});

test("from the shelf comes the same state, to the fingerprint", async () => {
  const { ana, bo } = await pair();
  await ask(ana.membership, "Soup");
  await carry(ana.holding, bo.holding);
  const reborn = await bo.again(bo.shelf.twin());
  expect(reborn.holding.replica.digest()).toBe(ana.holding.replica.digest());
  expect(reborn.holding.replica.fingerprint()).toBe(ana.holding.replica.fingerprint());
  expect(reborn.holding.replica.fingerprint()).not.toBeNull();
});

test("two hundred and fifty-six envelopes become one segment, and mean the same", async () => {
  const ana = await foundHome({ seed: 1 });
  while (lengthAt(ana, feedOf(ana)) < 256) await ask(ana.membership, `Ask ${lengthAt(ana, feedOf(ana))}`);
  const segments = await ana.shelf.range(ana.holding.tag, feedOf(ana), 0, 256, never);
  expect(segments.map(({ count }) => count)).toEqual([256]);
  expect((await ana.again(ana.shelf.twin())).holding.replica.fingerprint()).toBe(ana.holding.replica.fingerprint());
});

test("an act that is written stays written, whatever becomes of the tidying behind it", async () => {
  const failing = (shelf: Shelf): Shelf => ({ ...shelf, range: async () => Promise.reject(new Error("the store is gone")) });
  const ana = await foundHome({ seed: 1, seen: failing });
  while (lengthAt(ana, feedOf(ana)) < 257) await ask(ana.membership, `Ask ${lengthAt(ana, feedOf(ana))}`);
  expect(titles(ana)).toHaveLength(255);
});

test("a chunk that was judged before the key came is judged again, and does not stay sealed", async () => {
  let letGo = (): void => undefined;
  let isSlow = false;
  const quick = testJudge();
  const slow: Judge = {
    ...quick,
    judge: async (context, bytes) => {
      const answer = quick.judge(context, bytes);
      if (isSlow) await new Promise<void>((resolve) => (letGo = resolve));
      return answer;
    },
  };
  const ana = await foundHome({ seed: 1 });
  const cy = await joinHome(await inviteFrom(ana), "Cy", { seed: 3 });
  await carry(ana.holding, cy.holding);
  await cy.membership.advance(never);
  await ask(cy.membership, "Soup");
  await carry(cy.holding, ana.holding);

  const bo = await joinHome(await inviteFrom(ana), "Bo", { seed: 2, judge: slow });
  await carryFeed(ana.holding, bo.holding, feedOf(ana));
  isSlow = true;
  const taking = bo.holding.take(await nextChunk(ana, bo, feedOf(cy)), never); // on the porch: all is sealed
  isSlow = false;
  await bo.membership.advance(never); // the key comes
  letGo();
  expect((await taking).kind).toBe("grown");
  expect(titles(bo)).toEqual(["Soup"]);
  expect(bo.holding.replica.community.tally().sealed).toBe(0);
});

test("a feed that only a porch welcomed is left out once the key is here (H6)", async () => {
  const ana = await foundHome({ seed: 1 });
  const bo = await joinHome(await inviteFrom(ana), "Bo", { seed: 2 });
  await carry(ana.holding, bo.holding);
  const stranger = strangersFeed(ana);
  expect((await bo.holding.take(stranger, never)).kind).toBe("grown");
  expect([...bo.holding.replica.feeds()]).toHaveLength(2);

  const before = bo.holding.version();
  await bo.membership.advance(never);
  expect([...bo.holding.replica.feeds()].map(({ id }) => id).sort()).toEqual([feedOf(ana), feedOf(bo)].sort());
  expect(bo.holding.version()).toBeGreaterThan(before);
  expect((await bo.holding.take(stranger, never)).kind).toBe("refused");
  expect(await bo.holding.give(feedNamedIn(stranger)!, 0, never)).toBeNull(); // nor is it handed on
  // The same feed's other story, which all others have, comes in its place.
  const story = strangersFeed(ana, ana.membership.epoch());
  expect(feedNamedIn(story)).toBe(feedNamedIn(stranger));
  expect((await ana.holding.take(story, never)).kind).toBe("grown");
  const shelf = openMemoryShelf();
  const porch = blindOver(shelf, ana);
  await porch.take(stranger, never);
  const inside = blindOver(shelf.twin(), ana, 100, [ana.membership.epoch()!.relayPublic]);
  await inside.load(never);
  expect((await inside.take(story, never)).kind).toBe("closed"); // as long as the first one lies there
  await inside.dropLeftOut(never);
  expect((await inside.take(story, never)).kind).toBe("grown");
  expect((await bo.holding.take(story, never)).kind).toBe("grown");
  expect((await bo.again(bo.shelf.twin())).holding.replica.feed(feedNamedIn(story)!)).not.toBeNull();
});

test("one's own feed heard of beyond what is held (H5): it is taken in, and nothing more is written", async () => {
  const { ana, bo } = await pair();
  const copy = await bo.again(await copyOf(bo.shelf)); // an older state of the profile, restored
  await ask(bo.membership, "Written before the loss");
  await carry(bo.holding, ana.holding);
  expect(copy.holding.isOwnElsewhere()).toBe(false);

  await carry(ana.holding, copy.holding);
  expect(copy.holding.isOwnElsewhere()).toBe(true);
  expect(titles(copy)).toEqual(["Written before the loss"]);
  const said = await copy.speak(
    [{ kind: "keys", make: () => ({ commitment: new Uint8Array(32), boxes: new Uint8Array() }) }],
    never,
  );
  expect(said).toEqual({ ok: false, error: { kind: "stale-writer", stored: null } });
  expect(copy.holding.replica.digest()).toBe(ana.holding.replica.digest());
});

test("two stories of one feed become a proof (H4): stored, told on, and the same for everybody", async () => {
  const { ana, bo } = await pair();
  const copy = await bo.again(await copyOf(bo.shelf));
  await ask(bo.membership, "One story");
  await ask(copy, "Another story");
  await carry(bo.holding, ana.holding);
  const fork = lengthAt(bo, feedOf(bo)) - 1;
  const other = await copy.holding.give(feedOf(bo), fork, never);
  const reception = await ana.holding.take(other ?? new Uint8Array(), never);
  expect(reception.kind).toBe("forked");
  expect([...ana.holding.replica.forks()]).toEqual([[feedOf(bo), fork]]);
  expect(titles(ana)).toEqual([]);
  expect(await ana.holding.give(feedOf(bo), fork, never)).toBeNull();

  const proof = ana.holding.giveProof(feedOf(bo)) ?? new Uint8Array();
  expect(reception).toEqual({ kind: "forked", proof });
  expect(await bo.holding.takeProof(proof, never)).toBe("new");
  expect(await bo.holding.takeProof(proof, never)).toBe("known");
  expect(bo.holding.isOwnElsewhere()).toBe(true); // behind one's own fork nothing counts, so nothing is written
  const reborn = await ana.again(ana.shelf.crash());
  expect([...reborn.holding.replica.forks()]).toEqual([[feedOf(bo), fork]]);
});

test("a proof that the disk refuses is not counted, and comes again", async () => {
  const { ana, bo } = await pair();
  const copy = await bo.again(await copyOf(bo.shelf));
  await ask(bo.membership, "One story");
  await ask(copy, "Another story");
  await carry(bo.holding, ana.holding);
  const other = (await copy.holding.give(feedOf(bo), lengthAt(bo, feedOf(bo)) - 1, never)) ?? new Uint8Array();
  ana.shelf.failNextWrite({ kind: "disk-full" });
  expect(await ana.holding.take(other, never)).toEqual({ kind: "not-stored", error: { kind: "disk-full" } });
  expect(ana.holding.replica.forks().size).toBe(0);
  expect((await ana.holding.take(other, never)).kind).toBe("forked");
});

test("a proof of a feed that is not held, and one that proves nothing, change nothing", async () => {
  const { ana, bo } = await pair();
  const copy = await bo.again(await copyOf(bo.shelf));
  await ask(bo.membership, "One story");
  await ask(copy, "Another story");
  await carry(bo.holding, ana.holding);
  await ana.holding.take((await copy.holding.give(feedOf(bo), lengthAt(bo, feedOf(bo)) - 1, never)) ?? new Uint8Array(), never);
  const proof = ana.holding.giveProof(feedOf(bo)) ?? new Uint8Array();
  const cy = await joinHome(await inviteFrom(ana), "Cy", { seed: 3 });
  expect(await cy.holding.takeProof(proof, never)).toBe("unknown-feed");
  expect(
    await bo.holding.takeProof(
      proof.map((byte, at) => (at === proof.length - 1 ? byte ^ 1 : byte)),
      never,
    ),
  ).toBe("refused");
  expect(bo.holding.replica.forks().size).toBe(0);
});

/** A feed under this community's tag, admitted by a key of its own: what a stranger who knows the tag can make. */
/** Under a key of its own; or, of the same name, under the community's. */
function strangersFeed(home: Home, admitted: EpochKey | null = null): Uint8Array {
  const chance = createChance(77);
  const [own, deviceSeed] = [epochKeyFrom(chance(32)), chance(32)];
  const epoch = admitted ?? own;
  const { tag } = home.holding;
  const { feed, birth } = createBirth(tag, epoch, publicKeyOf(deviceSeed), chance(32));
  const writer = { tag, feed, birth, deviceSeed, length: 0, head: null, lastAt: home.world.now() };
  return encodeChunk(chunkOf(writeKeys(writer, { commitment: epoch.commitment, boxes: new Uint8Array() }).envelope));
}

/** A holding that can read nothing and welcomes every feed, as a porch does. */
const blindOver = (shelf: Shelf, home: Home, maxFeeds = 100, relayKeys: readonly Uint8Array[] | null = null) =>
  createHolding({
    tag: home.holding.tag,
    shelf,
    judge: testJudge(),
    keys: () => [],
    relayKeys: () => relayKeys,
    ownFeed: () => null,
    maxFeeds,
    changed: () => undefined,
  });

test("what another tab has stored already is not stored twice, and the rest is: nothing counts that a reload would lose (H1)", async () => {
  const ana = await foundHome({ seed: 1 });
  const shelf = openMemoryShelf();
  const [here, there] = [blindOver(shelf, ana), blindOver(shelf.twin(), ana)];
  await carry(ana.holding, there);
  await ask(ana.membership, "Soup");
  await ask(ana.membership, "A ladder");
  await carry(ana.holding, here); // one chunk, whose first part the other tab has stored
  expect(here.replica.tally()).toEqual(ana.holding.replica.tally());
  const again = blindOver(shelf.twin(), ana);
  await again.load(never);
  expect(again.replica.digest()).toBe(here.replica.digest());
});

test("a chunk that the shelf cannot continue is not counted (H1)", async () => {
  const ana = await foundHome({ seed: 1 });
  const inner = openMemoryShelf();
  const shelf: Shelf = {
    ...inner,
    putForeign: async (_tag, [segment]) => ({ ok: false, error: { kind: "not-contiguous", feed: segment!.feed, from: 0 } }),
  };
  const holding = blindOver(shelf, ana);
  await carry(ana.holding, holding);
  expect(holding.replica.tally().envelopes).toBe(0);
  expect(holding.trouble()).toMatchObject({ kind: "storage-failed" });
});

test("feeds beyond the bound are not taken in, and those that are held go on (H7)", async () => {
  const ana = await foundHome({ seed: 1 });
  const bo = await joinHome(await inviteFrom(ana), "Bo", { seed: 2 });
  await carry(ana.holding, bo.holding);
  await bo.membership.advance(never);
  const small = blindOver(openMemoryShelf(), ana, 1);
  await carry(bo.holding, small);
  expect(small.replica.tally().feeds).toBe(1);
});
