/**
 * Judge: from a stranger's bytes to a chunk whose signatures hold and whose bodies are opened, by the steps of
 * protocol/space/ingest.ts. Runs in a worker (judge-worker.ts) or right here (hearth, tests).
 */
import {
  actChecks,
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

export function createJudge(verify: Verify): Judge {
  return {
    verify,
    close: () => undefined,
    judge: async (context, bytes) => {
      const prepared = prepareChunk(context, bytes);
      if (!prepared.ok) return prepared;
      const judged = decide(prepared.value, await verify(prepared.value.checks));
      if (!judged.ok) return judged;
      const { chunk, links } = judged.value;
      const opened = openLinks(context.tag, chunk.feed, links, context.keys);
      return ok({ chunk, links, opened: await withActsVerified(context.tag, chunk.feed, opened, verify) });
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
  return Promise.all(
    opened.map(async (entry) => {
      const needed = actChecks(tag, feed, entry);
      if (needed === null) return entry;
      const answers = await verify(needed.checks);
      return withVerdict(entry, answers.every((holds) => holds) && needed.newKeys.every(isAdmissible));
    }),
  );
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
