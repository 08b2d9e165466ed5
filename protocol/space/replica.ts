/**
 * Replica: one community as one device holds it. Takes judged chunks, says what to store, serves what is asked.
 *
 *   L1  State is a function of the set of chunks and proofs taken in; what is stored can rebuild it.
 *   L2  `weigh` tells, `admit` takes: what is counted was stored before, and what is refused is named.
 *   L3  A forked feed counts, and is offered, up to its fork point only (feed/frontier.ts T2).
 *   L4  A replica without keys (a hearth, a porch) does all of this blind.
 *
 * No store in here: segments are handed back to be put on a shelf, and `serve` says what to fetch.
 */
import type { EnvelopeId, FeedId, Tag } from "../crypto/hash.ts";
import { byNoble, type Primitives } from "../crypto/primitives.ts";
import type { SpaceKey } from "../crypto/seal.ts";
import type { Birth } from "../envelope/header.ts";
import {
  MAX_CHUNK_BYTES,
  MAX_CHUNK_ENVELOPES,
  cutChunk,
  joinChunks,
  linksOf,
  parseChunk,
  type Chunk,
  type Placed,
} from "../feed/chunk.ts";
import { relate, type Feed } from "../feed/feed.ts";
import { assertNever } from "../lang/assert-never.ts";
import type { ForkProof } from "../feed/fork.ts";
import type { FrontierEntry } from "../feed/frontier.ts";
import { EMPTY_TREE, digestOf, entriesOf, withEntry, type FrontierTree } from "../feed/frontier-tree.ts";
import { createCommunity, type Community } from "./community.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { openLinks, type Opened } from "./ingest.ts";

/** A chunk whose checks held, with what its bodies opened to. */
export interface Judged {
  readonly chunk: Chunk;
  readonly links: readonly Placed[];
  readonly opened: readonly Opened[];
  /** The chunk's own, where they are at hand: written again it would be the same (chunk.ts C1). */
  readonly bytes?: Uint8Array;
}

/** What a judged chunk would do here. */
export type Weighed =
  | { readonly kind: "known" }
  /** Put `segment` on the shelf, then `admit`; the feed will end at `length`, with `head`. */
  | { readonly kind: "grows"; readonly segment: Chunk; readonly head: EnvelopeId; readonly length: number }
  | { readonly kind: "gap"; readonly missingFrom: number }
  /** Two stories at `seq`: fetch our chunk from there, and make the proof of both. `theirs` starts at `seq`. */
  | { readonly kind: "fork"; readonly seq: number; readonly theirs: Chunk }
  /** Their story parted before this chunk: ask them from `askFrom`. */
  | { readonly kind: "fork-below"; readonly askFrom: number }
  /** The feed ends at its fork point, and the chunk lies behind it. */
  | { readonly kind: "closed" };

export interface Replica {
  readonly tag: Tag;
  readonly version: () => number;
  readonly community: Community;
  readonly feed: (id: FeedId) => Feed | null;
  readonly feeds: () => Iterable<Feed>;
  /** Says what a chunk would do, and changes nothing: the shelf comes first. */
  readonly weigh: (judged: Judged) => Weighed;
  /** Takes in what `weigh` called `known` or `grows`. */
  readonly admit: (judged: Judged) => void;
  /** A proof whose checks held. False when it tells nothing new. */
  readonly takeProof: (proof: ForkProof) => boolean;
  readonly proof: (feed: FeedId) => ForkProof | null;
  readonly forks: () => ReadonlyMap<FeedId, number>;
  readonly frontier: () => readonly FrontierEntry[];
  /** The same, to be compared part by part; never changed, another one after each change. */
  readonly frontierTree: () => FrontierTree;
  readonly digest: () => string;
  readonly fingerprint: () => string | null;
  readonly tally: () => { readonly feeds: number; readonly envelopes: number };
}

interface HeldFeed {
  readonly id: FeedId;
  readonly birth: Birth;
  readonly ids: EnvelopeId[];
}

export function createReplica(tag: Tag): Replica {
  const feeds = new Map<FeedId, HeldFeed>();
  const proofs = new Map<FeedId, ForkProof>();
  const community = createCommunity(tag);
  let version = 0;
  let tree = EMPTY_TREE;
  const memo = { fingerprint: at<string | null>() };

  const forkOf = (feed: FeedId): number => proofs.get(feed)?.seq ?? Infinity;

  function weigh({ chunk, links }: Judged): Weighed {
    const closedAt = forkOf(chunk.feed);
    if (chunk.from >= closedAt) return { kind: "closed" }; // L3
    const relation = relate(feeds.get(chunk.feed) ?? null, chunk, links);
    switch (relation.kind) {
      case "known":
        return { kind: "known" };
      case "gap":
        return { kind: "gap", missingFrom: relation.missingFrom };
      case "fork":
        return relation.seq >= closedAt
          ? { kind: "closed" }
          : { kind: "fork", seq: relation.seq, theirs: cutChunk(chunk, links, relation.seq) };
      case "fork-below":
        return { kind: "fork-below", askFrom: Math.max(0, relation.from - MAX_CHUNK_ENVELOPES) };
      case "continues": {
        if (relation.from >= closedAt) return { kind: "closed" };
        const segment = cutChunk(chunk, links, relation.from);
        return { kind: "grows", segment, head: lastOf(links).id, length: chunk.from + links.length };
      }
      default:
        return assertNever(relation);
    }
  }

  function admit({ chunk, links, opened }: Judged): void {
    const held = feeds.get(chunk.feed) ?? { id: chunk.feed, birth: birthOf(chunk), ids: [] };
    feeds.set(chunk.feed, held);
    for (const link of links) if (link.seq === held.ids.length) held.ids.push(link.id);
    community.add(chunk.feed, held.birth.deviceKey, opened);
    enter(chunk.feed);
  }

  function takeProof(proof: ForkProof): boolean {
    if (proof.seq >= forkOf(proof.feed)) return false;
    proofs.set(proof.feed, proof);
    community.closeAt(proof.feed, proof.seq);
    enter(proof.feed);
    return true;
  }

  /** L3. */
  function enter(feed: FeedId): void {
    const ids = feeds.get(feed)?.ids ?? [];
    const forkedAt = proofs.get(feed)?.seq ?? null;
    const length = Math.min(ids.length, forkedAt ?? Infinity);
    tree = withEntry(tree, { feed, length, head: ids[length - 1] ?? null, forkedAt });
    version += 1;
  }

  const forks = (): ReadonlyMap<FeedId, number> => new Map([...proofs].map(([feed, proof]) => [feed, proof.seq]));

  return {
    tag,
    version: () => version,
    community,
    feed: (id) => feeds.get(id) ?? null,
    feeds: () => feeds.values(),
    weigh,
    admit,
    takeProof,
    proof: (feed) => proofs.get(feed) ?? null,
    forks,
    frontier: () => entriesOf(tree),
    frontierTree: () => tree,
    digest: () => digestOf(tree),
    fingerprint: () => memo.fingerprint(community.version(), () => fingerprintOf(tag, community, forks())),
    tally: () => ({ feeds: feeds.size, envelopes: tree.envelopes }),
  };
}

/** Remembers one answer for one version. */
function at<T>(): (version: number, make: () => T) => T {
  let known: { readonly version: number; readonly value: T } | null = null;
  return (version, make) => {
    if (known?.version !== version) known = { version, value: make() };
    return known.value;
  };
}

function lastOf<T>(items: readonly T[]): T {
  const last = items.at(-1);
  if (last === undefined) throw new Error("a chunk is never empty");
  return last;
}

function birthOf(chunk: Chunk): Birth {
  // `relate` lets only a chunk from 0 start a feed, and such a chunk carries a birth.
  if (chunk.birth === null) throw new Error("a feed starts with its birth");
  return chunk.birth;
}

/** From one's own shelf: chunks that were judged when they were stored. Null when the bytes are no chunk (a broken disk). */
export function reopen(tag: Tag, bytes: Uint8Array, keys: readonly SpaceKey[], by: Primitives = byNoble): Judged | null {
  const chunk = parseChunk(bytes, by);
  if (!chunk.ok) return null;
  const links = linksOf(tag, chunk.value, by);
  return { chunk: chunk.value, links, opened: openLinks(tag, chunk.value.feed, links, keys, by) };
}

/**
 * One chunk from stored segments of one feed, starting at `from`, as long as the limits allow.
 * Only whole segments end a chunk, because only their last envelope is signed: of a forked feed it may reach
 * behind the fork point, and the receiver, who has the proof by then, counts up to it. Null when nothing fits.
 */
export function chunkFrom(tag: Tag, segments: readonly Uint8Array[], from: number): Chunk | null {
  const parts: Chunk[] = [];
  let envelopes = 0;
  let bytes = 512;
  for (const segment of segments) {
    const parsed = parseChunk(segment);
    if (!parsed.ok) break;
    const end = parsed.value.from + parsed.value.entries.length;
    if (end <= from) continue;
    const part = parsed.value.from < from ? cutChunk(parsed.value, linksOf(tag, parsed.value), from) : parsed.value;
    envelopes += part.entries.length;
    bytes += segment.length;
    if (envelopes > MAX_CHUNK_ENVELOPES || (parts.length > 0 && bytes > MAX_CHUNK_BYTES)) break;
    if (part.from !== (parts.length === 0 ? from : endOf(parts))) break;
    parts.push(part);
  }
  return parts.length === 0 ? null : joinChunks(parts);
}

const endOf = (parts: readonly Chunk[]): number => {
  const last = parts.at(-1);
  return last === undefined ? 0 : last.from + last.entries.length;
};
