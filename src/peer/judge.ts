/**
 * Judge: from a stranger's bytes to a chunk whose signatures hold and whose bodies are opened, by the steps of
 * protocol/space/ingest.ts. Runs in a worker (judge-worker.ts) or right here (hearth, tests).
 */
import {
  actChecks,
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
      const opened = openLinks(chunk.feed, links, context.keys);
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
      return withVerdict(entry, answers.every((holds) => holds) && needed.newKeys.every(isAdmissibleKey));
    }),
  );
}

export const judgeGone = err({ kind: "judge-gone" });
