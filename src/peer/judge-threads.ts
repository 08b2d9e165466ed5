/** The judge of a peer in Node: one client, several threads. */
import { Worker } from "node:worker_threads";
import { createWorkerJudge, type WorkerLike } from "./judge-client.ts";
import type { Judge } from "./judge.ts";

/** Owns its threads; `close` ends them. */
export const createThreadJudge = (threads: number): Judge =>
  createWorkerJudge(() => likeAPage(new Worker(new URL("./judge-thread-start.mjs", import.meta.url), { execArgv: [] })), threads);

function likeAPage(worker: Worker): WorkerLike {
  const on = (kind: string, listener: (event: { readonly data: unknown }) => void): void =>
    void worker.on(kind, (data: unknown) => listener({ data }));
  return {
    postMessage: (message) => worker.postMessage(message),
    addEventListener: (kind: string, listener: (event: { readonly data: unknown }) => void) => {
      on(kind, listener);
      if (kind === "error") on("exit", listener); // a thread can end without an error
    },
    terminate: () => void worker.terminate(),
  };
}
