/**
 * Judge: from a stranger's bytes to a chunk whose signatures hold and whose bodies are opened, by the steps of
 * protocol/space/ingest.ts. Runs in workers (judge-worker.ts in a page, judge-thread.ts in Node) or right here (tests).
 */
import {
  actChecks,
  byNoble,
  bytesToHex,
  err,
  isAdmissibleKey,
  judge as decide,
  ok,
  openLinks,
  prepareChunk,
  withVerdict,
  type FeedId,
  type IngestContext,
  type IngestError,
  type Judged,
  type Opened,
  type Primitives,
  type Result,
  type Tag,
} from "../../protocol/index.ts";
import type { Verify } from "./verify.ts";

export type JudgeError = IngestError | { readonly kind: "judge-gone" };

export interface Judge {
  readonly judge: (context: IngestContext, bytes: Uint8Array) => Promise<Result<Judged, JudgeError>>;
  /** Checks that stand alone: a fork proof, a card, a hello. */
  readonly verify: Verify;
  /** Closing twice is harmless. */
  readonly close: () => void;
}

/** `by`: who hashes and opens (protocol/crypto/primitives.ts). */
export function createJudge(verify: Verify, by: Primitives = byNoble): Judge {
  return {
    verify,
    close: () => undefined,
    judge: async (context, bytes) => {
      const prepared = prepareChunk(context, bytes, by);
      if (!prepared.ok) return prepared;
      const judged = decide(prepared.value, await verify(prepared.value.checks));
      if (!judged.ok) return judged;
      const { chunk, links } = judged.value;
      const opened = openLinks(context.tag, chunk.feed, links, context.keys, by);
      return ok({ chunk, links, bytes, opened: await withActsVerified(context.tag, chunk.feed, opened, verify) });
    },
  };
}

/** Acts that carry signatures of their own count only if these hold. */
export async function withActsVerified(
  tag: Tag,
  feed: FeedId,
  opened: readonly Opened[],
  verify: Verify,
): Promise<readonly Opened[]> {
  const needs = opened.flatMap((entry, index) => {
    const needed = actChecks(tag, feed, entry);
    return needed === null ? [] : [{ entry, index, ...needed }];
  });
  if (needs.length === 0) return opened;
  const answers = await verify(needs.flatMap(({ checks }) => checks)); // all at once: a platform may carry them out side by side
  const judged = [...opened];
  let at = 0;
  for (const { entry, index, checks, newKeys } of needs) {
    const hold = answers.slice(at, at + checks.length);
    at += checks.length;
    const stands = hold.length === checks.length && hold.every((holds) => holds) && newKeys.every(isAdmissible);
    judged[index] = withVerdict(entry, stands);
  }
  return judged;
}

/** Keys come back, with each acceptance of the same person's promises; the answer is pure and costs 1 ms. */
const MAX_REMEMBERED = 4_096;
const admissible = new Map<string, boolean>();
function isAdmissible(key: Uint8Array): boolean {
  const name = bytesToHex(key);
  const known = admissible.get(name) ?? isAdmissibleKey(key);
  if (admissible.size >= MAX_REMEMBERED) admissible.clear();
  admissible.set(name, known);
  return known;
}

export const judgeGone = err({ kind: "judge-gone" });
