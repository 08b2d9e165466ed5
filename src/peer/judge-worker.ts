/** The judge in a worker of its own, so that hashing, verifying and opening never block a frame. */
import type { IngestContext, Result, SignatureCheck } from "../../protocol/index.ts";
import { createJudge } from "./judge.ts";
import { chooseVerifier } from "./verify.ts";

export type JudgeRequest =
  | { readonly id: number; readonly kind: "judge"; readonly context: IngestContext; readonly bytes: Uint8Array }
  | { readonly id: number; readonly kind: "verify"; readonly checks: readonly SignatureCheck[] };

export interface JudgeReply {
  readonly id: number;
  readonly answer: Result<unknown, unknown> | readonly boolean[];
}

// Missing on plain-http origins, whatever the types say.
const subtle = globalThis.crypto.subtle as SubtleCrypto | undefined;
const ready = chooseVerifier(subtle).then(createJudge);

self.addEventListener("message", ({ data }: MessageEvent<JudgeRequest>) => {
  // A bug in here becomes an `error` event at the client: a question that is never answered would hold up a session.
  ready
    .then(async (judge) => {
      const answer = data.kind === "judge" ? await judge.judge(data.context, data.bytes) : await judge.verify(data.checks);
      self.postMessage({ id: data.id, answer } satisfies JudgeReply);
    })
    .catch(reportError);
});
