/**
 * The judge as seen from the main thread: questions to workers, answers by number.
 * Owns the workers. If one dies, its chunks that were to be judged are told so (`judge-gone`), single checks are carried out
 * right here (a signature is never called bad for want of a worker), and a new one is started for the next question.
 */
import { ok, type Result } from "../../protocol/index.ts";
import { judgeGone, type Judge, type JudgeError } from "./judge.ts";
import { hear, type JudgeReply, type JudgeRequest, type Told } from "./judge-desk.ts";
import { verifyByReference } from "./verify.ts";

/** The part of `Worker` that is used. */
export interface WorkerLike {
  readonly postMessage: (message: unknown) => void;
  readonly addEventListener: {
    (kind: "message", listener: (event: { readonly data: unknown }) => void): void;
    (kind: "error" | "messageerror", listener: () => void): void;
  };
  readonly terminate: () => void;
}

interface Waiting {
  readonly answer: (answer: JudgeReply["answer"]) => void;
  readonly give: () => void;
}

type Unnumbered<T> = T extends unknown ? Omit<T, "id"> : never;

/** A question goes to the worker that has the fewest; each is started when all before it have something to do. */
export function createWorkerJudge(spawn: () => WorkerLike, workers = 1): Judge {
  const desks = Array.from({ length: workers }, () => createDesk(spawn));
  let isClosed = false;

  const ask = <T>(question: Unnumbered<JudgeRequest>, gone: () => T | Promise<T>): Promise<T> =>
    new Promise((resolve) => {
      const [desk] = [...desks].sort((left, right) => left.load() - right.load());
      if (isClosed || desk === undefined) return resolve(gone());
      // The worker answers a question of this kind with a value of this type.
      desk.ask(question, { answer: (answer) => resolve(answer as T), give: () => resolve(gone()) });
    });

  return {
    judge: async (context, bytes) => {
      const told = await ask<Result<Told, JudgeError>>({ kind: "judge", context, bytes }, () => judgeGone);
      return told.ok ? ok(hear(told.value, bytes)) : told;
    },
    verify: (checks) => ask<readonly boolean[]>({ kind: "verify", checks }, () => verifyByReference(checks)),
    close: () => {
      isClosed = true;
      for (const desk of desks) desk.close();
    },
  };
}

/** One worker and what it was asked. */
function createDesk(spawn: () => WorkerLike) {
  const waiting = new Map<number, Waiting>();
  let worker: WorkerLike | null = null;
  let lastId = 0;

  /** A worker that was given up already may still have an error on its way. */
  const lose = (dead: WorkerLike | null): void => {
    if (worker !== dead) return;
    worker?.terminate();
    worker = null;
    for (const { give } of [...waiting.values()]) give();
    waiting.clear();
  };
  const start = (): WorkerLike => {
    const fresh = spawn();
    fresh.addEventListener("message", ({ data }) => {
      // Our own worker, of this very build, speaks `JudgeReply`.
      const { id, answer } = data as JudgeReply;
      waiting.get(id)?.answer(answer);
      waiting.delete(id);
    });
    fresh.addEventListener("error", () => lose(fresh));
    fresh.addEventListener("messageerror", () => lose(fresh));
    return fresh;
  };

  return {
    load: () => waiting.size,
    ask: (question: Unnumbered<JudgeRequest>, asker: Waiting): void => {
      try {
        worker ??= start();
      } catch {
        return asker.give(); // where the page may not start workers
      }
      lastId += 1;
      waiting.set(lastId, asker);
      worker.postMessage({ ...question, id: lastId });
    },
    close: () => lose(worker),
  };
}
