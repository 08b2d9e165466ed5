/**
 * Clients: which feed writes under a client number when two have the same one, which nobody will see by chance.
 *
 *   Y1  The feed whose join lies in the past of all the others' joins keeps it; the others write in no document.
 *   Y2  Where there is no such feed, none of them does, until they open new feeds.
 */
import type { FeedId } from "../crypto/hash.ts";
import { clientOf } from "./client.ts";

export interface Clients {
  /** A feed with a join of its own. */
  readonly add: (feed: FeedId) => void;
  readonly mayWrite: (feed: FeedId) => boolean;
}

/** `isBefore`: the first feed's join lies in the past of the second's. */
export function createClients(
  isBefore: (feed: FeedId, other: FeedId) => boolean,
  clientFor: (feed: FeedId) => number = clientOf,
): Clients {
  const feedsBy = new Map<number, FeedId[]>();
  return {
    add: (feed) => {
      const client = clientFor(feed);
      feedsBy.set(client, [...(feedsBy.get(client) ?? []).filter((known) => known !== feed), feed]);
    },
    mayWrite: (feed) => (feedsBy.get(clientFor(feed)) ?? []).every((other) => other === feed || isBefore(feed, other)), // Y1, Y2
  };
}
