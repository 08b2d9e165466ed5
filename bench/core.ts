/** The hot paths of the protocol, on one core, with real keys: 10,000 offers by 100 people (BENCH.md's W in our own form). */
import { webcrypto } from "node:crypto";
import {
  MAX_CHUNK_ENVELOPES,
  chunkOf,
  createReplica,
  encodeChunk,
  encodeEnvelope,
  joinChunks,
  parseChunk,
  parseEnvelope,
  type Envelope,
} from "../protocol/index.ts";
import { createJudge } from "../src/peer/judge.ts";
import { chooseVerifier } from "../src/peer/verify.ts";
import { createChance, found, heads, invite, join, replicaOf, say, type Person } from "../test/people.ts";

const AUTHORS = 100;
const RECORDS = 10_000;

export type Progress = (line: string) => void;
export type Figures = Readonly<Record<string, number>>;

export async function benchCore(progress: Progress): Promise<Figures> {
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
  progress(`writing ${RECORDS} offers by ${AUTHORS} people`);
  const details = "Every Thursday after six, bring what is broken and we look at it together. ".repeat(3).trim();
  const writing = clock();
  for (let i = 0; i < RECORDS; i += 1) {
    const author = authors[i % AUTHORS];
    if (author === undefined) throw new Error("an author for each");
    const offer = { kind: "offer", title: `Mending, the ${i}. time`, details } as const;
    byAuthor[i % AUTHORS]?.push(say(author, group, chance, 10 + i, [opening.act.id], offer));
  }
  const writeSeconds = writing();

  const chunks = byAuthor.flatMap((feed) =>
    Array.from({ length: Math.ceil(feed.length / MAX_CHUNK_ENVELOPES) }, (_, at) =>
      encodeChunk(joinChunks(feed.slice(at * MAX_CHUNK_ENVELOPES, (at + 1) * MAX_CHUNK_ENVELOPES).map(chunkOf))),
    ),
  );
  const single = byAuthor.flat().slice(0, 2_000).map(encodeEnvelope);
  const parsing = clock();
  for (const bytes of single) parseEnvelope(bytes);
  const parseSeconds = parsing();
  const chunkParsing = clock();
  for (const bytes of chunks) parseChunk(bytes);
  const chunkSeconds = chunkParsing();

  progress("catching up: judge, open, fold");
  const judge = createJudge(await chooseVerifier(webcrypto.subtle as SubtleCrypto));
  const replica = createReplica(group.tag);
  const catching = clock();
  for (const bytes of chunks) {
    const judged = await judge.judge(
      { tag: group.tag, deviceKey: null, relayKeys: [group.epoch.relayPublic], keys: [group.epoch] },
      bytes,
    );
    if (!judged.ok) throw new Error(`a chunk of our own was refused: ${judged.error.kind}`);
    replica.admit(judged.value);
  }
  const lastRead = replica.community.posts().length;
  const catchSeconds = catching();
  if (lastRead !== RECORDS) throw new Error(`read ${lastRead} of ${RECORDS}`);

  const printing = clock();
  replica.fingerprint();
  const fingerprintSeconds = printing();
  const bodies = byAuthor.flat().reduce((sum, { body }) => sum + body.length, 0);
  const wire = chunks.reduce((sum, { length }) => sum + length, 0);
  return {
    records: RECORDS,
    authors: AUTHORS,
    writesPerSecond: Math.round(RECORDS / writeSeconds),
    envelopesParsedPerSecond: Math.round(single.length / parseSeconds),
    chunkRecordsParsedPerSecond: Math.round(RECORDS / chunkSeconds),
    catchUpRecordsPerSecond: Math.round(RECORDS / catchSeconds),
    fingerprintMs: Math.round(fingerprintSeconds * 1_000),
    wireBytesOverBodyPerRecord: Math.round(((wire - bodies) / byAuthor.flat().length) * 100) / 100,
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1_000),
  };
}

/** Seconds since it was made. */
function clock(): () => number {
  const from = performance.now();
  return () => (performance.now() - from) / 1_000;
}
