/** A home for tests: one person's membership on a shelf in memory, with a clock that stands until it is moved. */
import {
  epochKeyFrom,
  memberRootFrom,
  type Door,
  type EnvelopeId,
  type FeedId,
  type Millis,
  type Result,
} from "../../protocol/index.ts";
import type { World } from "../../src/platform/world.ts";
import * as deeds from "../../src/peer/deeds.ts";
import type { ExchangeDeeds, PostDraft } from "../../src/peer/exchange.ts";
import { createExchangeDeeds } from "../../src/peer/exchange-deeds.ts";
import type { Holding } from "../../src/peer/holding.ts";
import { readLink } from "../../src/peer/house.ts";
import { createJudge, type Judge } from "../../src/peer/judge.ts";
import { createMembership, type Membership } from "../../src/peer/membership.ts";
import { createRegistry, type CommunityRecord } from "../../src/peer/registry.ts";
import { openMemoryShelf, type MemoryShelf } from "../../src/storage/memory-shelf.ts";
import type { Shelf } from "../../src/storage/shelf.ts";
import { createChance } from "../people.ts";
import { verifyWithNode } from "../verify-with-node.ts";

export const never = new AbortController().signal;
export const NOON = 1_750_000_000_000;

export interface TestWorld extends World {
  readonly wait: (ms: number) => void;
}

/** Nothing that is put off ever runs. */
export function worldBy(seed: number): TestWorld {
  const chance = createChance(seed);
  let now = NOON;
  return {
    now: () => now as Millis,
    bytes: chance,
    jitter: chance.next,
    later: () => () => undefined,
    wait: (ms) => void (now += ms),
  };
}

export const testJudge = (): Judge => createJudge(async (checks) => checks.map(verifyWithNode));

export function valueOf<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(`not ok: ${JSON.stringify(result.error)}`);
  return result.value;
}

export interface Home {
  readonly membership: Membership;
  readonly holding: Holding;
  readonly world: TestWorld;
  readonly shelf: MemoryShelf;
  /** The membership again, from what the shelf holds: after a new start, or in a second tab. */
  readonly again: (shelf: MemoryShelf, judge?: Judge) => Promise<Membership>;
}

interface HomeOptions {
  readonly seed: number;
  readonly shelf?: MemoryShelf;
  readonly judge?: Judge;
  /** What the membership sees of the shelf. */
  readonly seen?: (shelf: Shelf) => Shelf;
  readonly changed?: () => void;
}

function settle(record: CommunityRecord, world: TestWorld, entropy: Uint8Array, options: HomeOptions): Home {
  const shelf = options.shelf ?? openMemoryShelf();
  const createOn = (on: Shelf, from: CommunityRecord, judge: Judge): Membership =>
    createMembership(from, {
      shelf: on,
      registry: createRegistry(on),
      judge,
      world,
      root: memberRootFrom(entropy),
      changed: options.changed ?? (() => undefined),
      tell: () => undefined,
      keyed: () => undefined,
    });
  const membership = createOn(options.seen?.(shelf) ?? shelf, record, options.judge ?? testJudge());
  return {
    membership,
    get holding() {
      return membership.holding;
    },
    world,
    shelf,
    again: async (on, judge = testJudge()) => {
      const { records } = await createRegistry(on).communities(never);
      const found = records.find(({ tag }) => tag === record.tag);
      if (found === undefined) throw new Error("the shelf has no record of it");
      const reborn = createOn(on, found, judge);
      await reborn.open(never);
      return reborn;
    },
  };
}

export async function foundHome(options: HomeOptions): Promise<Home> {
  const world = worldBy(options.seed);
  const entropy = world.bytes(16);
  const form = { community: "Rose Lane", purpose: "Neighbours.", myName: "Ana" };
  const made = valueOf(deeds.foundCommunity(form, memberRootFrom(entropy), world, epochKeyFrom));
  const home = settle(made.record, world, entropy, options);
  valueOf(await createRegistry(home.shelf).keepCommunity(made.record, never));
  await home.membership.open(never);
  valueOf(await home.membership.speak(made.lines(home.membership), never));
  return home;
}

/** Stands on the porch: nothing has come yet. */
export async function joinHome(link: string, name: string, options: HomeOptions): Promise<Home> {
  const world = worldBy(options.seed);
  const entropy = world.bytes(16);
  const { invitation, payload } = valueOf(readLink(link));
  const record = deeds.newRecord(invitation.tag, name, world, { keys: [], invitation: payload });
  const home = settle(record, world, entropy, options);
  valueOf(await createRegistry(home.shelf).keepCommunity(record, never));
  await home.membership.open(never);
  return home;
}

export const inviteFrom = async (home: Home, door: Door = "open"): Promise<string> =>
  valueOf(
    await deeds.invite(home.membership, home.world, door, [], (payload) => `https://kith.example/#/join/${payload}`, never),
  );

/** What a person does here in giving and asking. */
export const deedsOf = (membership: Membership, world: World = worldBy(99)): ExchangeDeeds =>
  createExchangeDeeds((_tag, deed) => deed(membership), world);

export const PLAIN: PostDraft = {
  kind: "request",
  title: "Soup",
  details: "",
  needs: [],
  form: null,
  quantity: null,
  when: "",
  where: "",
  expires: null,
};

export const ask = async (membership: Membership, title: string): Promise<EnvelopeId> =>
  valueOf(await deedsOf(membership).post(membership.tag, { ...PLAIN, title }, never));

/** Hands over all that one holds and the other lacks, feed by feed, as sessions would. */
export async function carry(from: Holding, to: Holding): Promise<void> {
  for (const feed of [...from.replica.feeds()].map(({ id }) => id)) await carryFeed(from, to, feed);
}

export async function carryFeed(from: Holding, to: Holding, feed: FeedId): Promise<void> {
  for (;;) {
    const held = to.replica.feed(feed)?.ids.length ?? 0;
    if (held >= (from.replica.feed(feed)?.ids.length ?? 0)) return;
    const chunk = await from.give(feed, held, never);
    if (chunk === null) return;
    const { kind } = await to.take(chunk, never);
    if (kind !== "grown") return;
  }
}

export function feedOf({ membership }: Pick<Home, "membership">): FeedId {
  const { feed } = membership.helloSelf();
  if (feed === null) throw new Error("it has written nothing yet");
  return feed;
}
