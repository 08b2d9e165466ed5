/**
 * The work W of BENCH.md in our own form: 10,000 signed, sealed offers by 100 people, ten fields and about 275 bytes of JSON each.
 * Keys by seed, so that every run has the same bytes. Each names one authority act that its author knew.
 */
import {
  MAX_CHUNK_ENVELOPES,
  NEEDS,
  POST_FORMS,
  chunkOf,
  encodeChunk,
  joinChunks,
  type AidAct,
  type Envelope,
  type FeedId,
  type Millis,
} from "../protocol/index.ts";
import { createChance, found, heads, invite, join, replicaOf, say, type Group, type Person } from "../test/people.ts";

export const AUTHORS = 100;
export const RECORDS = 10_000;

type Offer = Extract<AidAct, { kind: "offer" }>;

export interface Work {
  readonly group: Group;
  /** Each feed from its start: what its author needed to come in, then their records. */
  readonly byAuthor: readonly (readonly Envelope[])[];
  /** The feeds as they travel. */
  readonly chunks: readonly { readonly feed: FeedId; readonly bytes: Uint8Array }[];
  /** What was said, in the order in which it was said. */
  readonly records: readonly { readonly author: number; readonly record: Offer & { readonly at: Millis } }[];
  readonly writesPerSecond: number;
}

const START = 1_750_000_000_000;

export function writeWork(): Work {
  const chance = createChance(7);
  const { group, founder, envelopes } = found("Ana", chance);
  const opening = invite(founder, group, chance, 2, heads(replicaOf(group, envelopes)));
  const authors: Person[] = [founder];
  const byAuthor: Envelope[][] = [[...envelopes, opening.act, opening.keys]];
  for (let i = 1; i < AUTHORS; i += 1) {
    const joined = join(`Person ${i}`, group, chance, 3, opening.secret, opening.act.id);
    authors.push(joined.person);
    byAuthor.push([joined.envelope]);
  }
  const records = Array.from({ length: RECORDS }, (_, index) => ({ author: index % AUTHORS, record: recordOf(index) }));
  const writing = clock();
  for (const { author, record } of records) {
    const { at, ...offer } = record;
    const person = authors[author];
    if (person === undefined) throw new Error("an author for each");
    byAuthor[author]?.push(say(person, group, chance, at, [opening.act.id], offer));
  }
  const writesPerSecond = Math.round(RECORDS / writing());
  const chunks = byAuthor.flatMap((feed) =>
    Array.from({ length: Math.ceil(feed.length / MAX_CHUNK_ENVELOPES) }, (_, at) => {
      const chunk = joinChunks(feed.slice(at * MAX_CHUNK_ENVELOPES, (at + 1) * MAX_CHUNK_ENVELOPES).map(chunkOf));
      return { feed: chunk.feed, bytes: encodeChunk(chunk) };
    }),
  );
  return { group, byAuthor, chunks, records, writesPerSecond };
}

function recordOf(index: number): Offer & { readonly at: Millis } {
  const at = START + index * 1_000;
  return {
    kind: "offer",
    title: `Mending, the ${index}. time`,
    details: "Bring what is broken; we look at it together over tea.",
    needs: [NEEDS[index % NEEDS.length] ?? "rest"],
    form: POST_FORMS[index % POST_FORMS.length] ?? "hours",
    quantity: index % 9,
    when: "Thursdays after six",
    where: "Rose Lane, the old forge",
    // Both are whole milliseconds.
    expires: (at + 604_800_000) as Millis,
    at: at as Millis,
  };
}

/** Seconds since it was made. */
export function clock(): () => number {
  const from = performance.now();
  return () => (performance.now() - from) / 1_000;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
