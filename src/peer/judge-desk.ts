/** What is said between a judge's client (judge-client.ts) and the workers, and how a worker answers it. */
import {
  ok,
  reread,
  type ChunkHead,
  type IngestContext,
  type Judged,
  type Opened,
  type Result,
  type SignatureCheck,
} from "../../protocol/index.ts";
import type { Judge, JudgeError } from "./judge.ts";

export type JudgeRequest =
  | { readonly id: number; readonly kind: "judge"; readonly context: IngestContext; readonly bytes: Uint8Array }
  | { readonly id: number; readonly kind: "verify"; readonly checks: readonly SignatureCheck[] };

export type JudgeReply =
  | { readonly id: number; readonly kind: "judge"; readonly answer: Result<Told, JudgeError> }
  | { readonly id: number; readonly kind: "verify"; readonly answer: readonly boolean[] };

/** What is told of a judged chunk. Its bytes lie with who asked: to copy them back, body by body, would cost as much as to open them. */
export interface Told {
  readonly head: ChunkHead;
  readonly opened: readonly Opened[];
}

export async function answer(judge: Judge, asked: JudgeRequest): Promise<JudgeReply> {
  const { id, kind } = asked;
  if (kind === "verify") return { id, kind, answer: await judge.verify(asked.checks) };
  const judged = await judge.judge(asked.context, asked.bytes);
  return { id, kind, answer: judged.ok ? ok(tell(judged.value)) : judged };
}

const tell = ({ chunk: { feed, from, prev, birth }, opened }: Judged): Told => ({ head: { feed, from, prev, birth }, opened });

/** The other end of `tell`: what was judged was these bytes. */
export const hear = ({ head, opened }: Told, bytes: Uint8Array): Judged => ({
  chunk: reread(head, bytes),
  links: opened,
  opened,
  bytes,
});
