/** What is on a shelf, read afresh: the truth that all others must agree with. */
import { epochKeyFrom, type PromiseState, type Replica, type Tag } from "../../protocol/index.ts";
import { createHolding } from "../../src/peer/holding.ts";
import { groupedFingerprint } from "../../src/peer/view.ts";
import type { Shelf } from "../../src/storage/shelf.ts";
import type { Judging } from "./judging.ts";
import { personOn } from "./person.ts";

export interface Audit {
  readonly digest: string;
  /** As the screens show it; null on a hearth, a porch, or while something is missing. */
  readonly fingerprint: string | null;
  readonly ids: ReadonlySet<string>;
  readonly feeds: ReadonlySet<string>;
  readonly forks: string;
  readonly held: number;
  readonly waiting: number;
  readonly broken: number;
  readonly promises: ReadonlyMap<string, PromiseState>;
  readonly ownFeeds: ReadonlySet<string>;
  readonly replica: Replica;
}

/** A replica made from what the shelf holds, with the keys that lie there; trusts nothing that is in memory. */
export async function auditOf(shelf: Shelf, tag: Tag, judging: Judging): Promise<Audit> {
  const { member, keys } = await personOn(shelf, tag);
  const epochs = keys.map(epochKeyFrom);
  const holding = createHolding({
    tag,
    shelf,
    judge: judging.judgeFor(async () => undefined),
    keys: () => epochs,
    relayKeys: () => (epochs.length === 0 ? null : epochs.map((key) => key.relayPublic)),
    ownFeed: () => null,
    changed: () => undefined,
  });
  const broken = await holding.load(new AbortController().signal);
  const { replica } = holding;
  const fingerprint = replica.fingerprint();
  const frontier = replica.frontier();
  const counted = new Map(frontier.map(({ feed, length }) => [feed, length]));
  return {
    digest: replica.digest(),
    fingerprint: fingerprint === null ? null : groupedFingerprint(fingerprint),
    ids: new Set([...replica.feeds()].flatMap(({ id, ids }) => ids.slice(0, counted.get(id)))),
    feeds: new Set(frontier.map(({ feed }) => feed)),
    forks: [...replica.forks()]
      .map(([feed, seq]) => `${feed.slice(0, 8)} at ${seq}`)
      .sort()
      .join(", "),
    held: replica.community.tally().held,
    waiting: epochs.length === 0 ? 0 : replica.community.tally().waiting,
    broken,
    promises: new Map(
      replica.community.posts().flatMap(({ promises }) => promises.map(({ commit, life }) => [commit.id, life.state])),
    ),
    ownFeeds: new Set([...replica.community.authority().memberByFeed].flatMap(([feed, of]) => (of === member ? [feed] : []))),
    replica,
  };
}
