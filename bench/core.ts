/** The hot paths of the protocol, on one core, with real keys: the work of work.ts. */
import { webcrypto } from "node:crypto";
import { createReplica, encodeEnvelope, parseChunk, parseEnvelope } from "../protocol/index.ts";
import { createJudge } from "../src/peer/judge.ts";
import { chooseVerifier } from "../src/peer/verify.ts";
import { AUTHORS, RECORDS, clock, writeWork } from "./work.ts";

export type Progress = (line: string) => void;
export type Figures = Readonly<Record<string, number>>;

export async function benchCore(progress: Progress): Promise<Figures> {
  progress(`writing ${RECORDS} offers by ${AUTHORS} people`);
  const { group, byAuthor, chunks, writesPerSecond } = writeWork();
  const single = byAuthor.flat().slice(0, 2_000).map(encodeEnvelope);
  const parsing = clock();
  for (const bytes of single) parseEnvelope(bytes);
  const parseSeconds = parsing();
  const chunkParsing = clock();
  for (const { bytes } of chunks) parseChunk(bytes);
  const chunkSeconds = chunkParsing();

  progress("catching up: judge, open, fold");
  const judge = createJudge(await chooseVerifier(webcrypto.subtle as SubtleCrypto));
  const replica = createReplica(group.tag);
  const catching = clock();
  for (const { bytes } of chunks) {
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
  const wire = chunks.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return {
    records: RECORDS,
    authors: AUTHORS,
    writesPerSecond,
    envelopesParsedPerSecond: Math.round(single.length / parseSeconds),
    chunkRecordsParsedPerSecond: Math.round(RECORDS / chunkSeconds),
    catchUpRecordsPerSecond: Math.round(RECORDS / catchSeconds),
    fingerprintMs: Math.round(fingerprintSeconds * 1_000),
    wireBytesOverBodyPerRecord: Math.round(((wire - bodies) / byAuthor.flat().length) * 100) / 100,
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1_000),
  };
}
