/**
 * Document ground: what a community's envelopes tell its documents. Which envelope stands where, who a feed says it is, and whether
 * it stands.
 *
 *   J1  A feed's claim is its own first join, at seq 0 or 1, whose certificate names the feed's own device (A2 of authority.ts). It
 *       does not change, whatever becomes of the join. The one steward of this version is the founder.
 *   J2  A feed is here as far as it is held without a hole, and at most up to its fork point.
 */
import type { Authority } from "../authority/authority.ts";
import type { Join } from "../authority/acts.ts";
import { bytesToHex } from "../codec/bytes.ts";
import type { EnvelopeId, FeedId, MemberId } from "../crypto/hash.ts";
import { createClients } from "../documents/clients.ts";
import { createLibrary, type Library } from "../documents/library.ts";

export interface DocumentGround {
  readonly library: Library;
  /** Every envelope that is here, of whatever content. */
  readonly note: (feed: FeedId, seq: number, id: EnvelopeId) => void;
  /** Every authority act, with what it names. */
  readonly noteAct: (act: NotedAct) => void;
  readonly closeAt: (feed: FeedId, seq: number) => void;
}

export interface NotedAct {
  readonly id: EnvelopeId;
  readonly feed: FeedId;
  readonly seq: number;
  readonly deps: readonly EnvelopeId[];
  /** Only for a join. */
  readonly join: Join | null;
  readonly deviceKey: Uint8Array;
}

interface Held {
  readonly ids: (EnvelopeId | undefined)[];
  length: number;
}

export function createDocumentGround(authority: () => Authority): DocumentGround {
  const heldBy = new Map<FeedId, Held>();
  const forks = new Map<FeedId, number>();
  const joinBy = new Map<FeedId, { readonly act: NotedAct; readonly member: MemberId }>();
  const acts = new Map<EnvelopeId, NotedAct>();

  const forkOf = (feed: FeedId): number => forks.get(feed) ?? Infinity;
  const clients = createClients((feed, other) => {
    const [join, later] = [joinBy.get(feed), joinBy.get(other)];
    return join !== undefined && later !== undefined && isInPast(join.act.id, later.act);
  });

  function isInPast(wanted: EnvelopeId, act: NotedAct): boolean {
    const visited = new Set<EnvelopeId>();
    const stack = [...act.deps];
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      if (id === wanted) return true;
      const found = visited.has(id) ? undefined : acts.get(id);
      visited.add(id);
      if (found === undefined) continue;
      const earlier = [...acts.values()].filter(({ feed, seq }) => feed === found.feed && seq < found.seq);
      stack.push(...found.deps, ...earlier.map((each) => each.id));
    }
    return false;
  }

  const library = createLibrary({
    lengthOf: (feed) => Math.min(heldBy.get(feed)?.length ?? 0, forkOf(feed)), // J2
    idAt: (feed, seq) => heldBy.get(feed)?.ids[seq] ?? null,
    forkOf,
    claimOf: (feed) => {
      const member = joinBy.get(feed)?.member;
      return member === undefined ? null : { member, isSteward: authority().genesis?.act.founder === member };
    },
    stands: (feed) => authority().memberByFeed.has(feed),
    mayWrite: clients.mayWrite,
  });

  return {
    library,
    note: (feed, seq, id) => {
      const held = heldBy.get(feed) ?? { ids: [], length: 0 };
      heldBy.set(feed, held);
      held.ids[seq] ??= id;
      while (held.ids[held.length] !== undefined) held.length += 1;
    },
    noteAct: (act) => {
      acts.set(act.id, act);
      const { join, feed, seq } = act;
      if (join === null || seq > 1 || (joinBy.get(feed)?.act.seq ?? 2) < seq) return;
      if (join.certificate.device !== bytesToHex(act.deviceKey)) return; // J1
      joinBy.set(feed, { act, member: join.certificate.member });
      clients.add(feed);
    },
    closeAt: (feed, seq) => {
      if (seq >= forkOf(feed)) return;
      forks.set(feed, seq);
    },
  };
}
