/** What is said between a judge's client (judge-client.ts) and the workers, and how a worker answers it. */
import type { IngestContext, Result, SignatureCheck } from "../../protocol/index.ts";
import type { Judge } from "./judge.ts";

export type JudgeRequest =
  | { readonly id: number; readonly kind: "judge"; readonly context: IngestContext; readonly bytes: Uint8Array }
  | { readonly id: number; readonly kind: "verify"; readonly checks: readonly SignatureCheck[] };

export interface JudgeReply {
  readonly id: number;
  readonly answer: Result<unknown, unknown> | readonly boolean[];
}

export async function answer(judge: Judge, asked: JudgeRequest): Promise<JudgeReply> {
  const said = asked.kind === "judge" ? await judge.judge(asked.context, asked.bytes) : await judge.verify(asked.checks);
  return { id: asked.id, answer: said };
}
