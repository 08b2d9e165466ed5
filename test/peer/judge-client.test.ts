import { expect, test } from "vitest";
import { signatureEdgeCases, type Tag } from "../../protocol/index.ts";
import { createWorkerJudge, type WorkerLike } from "../../src/peer/judge-client.ts";

/** A worker whose every answer, and death, is ours to choose. */
class FakeWorker implements WorkerLike {
  readonly asked: { readonly id: number; readonly kind: string }[] = [];
  readonly #listeners = new Map<string, ((event: { readonly data: unknown }) => void)[]>();
  isTerminated = false;

  readonly postMessage = (message: unknown): void => void this.asked.push(message as FakeWorker["asked"][number]);
  readonly terminate = (): void => void (this.isTerminated = true);
  readonly addEventListener = (kind: string, listener: (event: { readonly data: unknown }) => void): void => {
    this.#listeners.set(kind, [...(this.#listeners.get(kind) ?? []), listener]);
  };
  say(kind: "message" | "error" | "messageerror", data: unknown = null): void {
    for (const listener of this.#listeners.get(kind) ?? []) listener({ data });
  }
  answer(at: number, answer: unknown): void {
    this.say("message", { id: this.asked[at]?.id, answer });
  }
}

function createStand() {
  const workers: FakeWorker[] = [];
  const judge = createWorkerJudge(() => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker;
  });
  const worker = (at: number): FakeWorker => {
    const found = workers[at];
    if (found === undefined) throw new Error(`there is no worker ${at}`);
    return found;
  };
  return { judge, workers, worker };
}

const context = { tag: "a".repeat(64) as Tag, deviceKey: null, relayKeys: null, keys: [] };
const gone = { ok: false, error: { kind: "judge-gone" } };
const edges = signatureEdgeCases();
const checks = edges.map(({ check }) => check);
const truth = edges.map(({ holds }) => holds);

test("no worker is started before the first question, and one serves them all", async () => {
  const { judge, workers, worker } = createStand();
  expect(workers).toHaveLength(0);
  const answers = [judge.verify([]), judge.verify([])];
  worker(0).answer(0, []);
  worker(0).answer(1, []);
  await Promise.all(answers);
  expect(workers).toHaveLength(1);
});

test("answers find their questions in any order", async () => {
  const { judge, worker } = createStand();
  const [first, second] = [judge.verify(checks.slice(0, 1)), judge.verify(checks.slice(0, 2))];
  worker(0).answer(1, [true, false]);
  worker(0).answer(0, [true]);
  expect([await first, await second]).toEqual([[true], [true, false]]);
});

test.each(["error", "messageerror"] as const)(
  "a worker lost by %s: chunks are told so, checks are carried out here",
  async (how) => {
    const { judge, worker } = createStand();
    const [judged, verified] = [judge.judge(context, new Uint8Array(1)), judge.verify(checks)];
    worker(0).say(how);
    expect(await judged).toEqual(gone);
    expect(await verified).toEqual(truth); // neither "bad" for want of a worker nor waved through
    expect(worker(0).isTerminated).toBe(true);
  },
);

test("the next question after a loss starts a new worker", async () => {
  const { judge, workers, worker } = createStand();
  const lost = judge.judge(context, new Uint8Array(1));
  worker(0).say("error");
  await lost;
  const asked = judge.verify(checks.slice(0, 1));
  worker(1).answer(0, [true]);
  expect(await asked).toEqual([true]);
  expect(workers).toHaveLength(2);
});

test("a late error of the worker that was lost does not end the new one", async () => {
  const { judge, worker } = createStand();
  const lost = judge.judge(context, new Uint8Array(1));
  worker(0).say("error");
  await lost;
  const asked = judge.judge(context, new Uint8Array(1));
  worker(0).say("error");
  worker(1).answer(0, { ok: false, error: { kind: "malformed" } });
  expect(await asked).toEqual({ ok: false, error: { kind: "malformed" } });
  expect(worker(1).isTerminated).toBe(false);
});

test("where workers cannot be started, chunks are told so and checks are carried out here", async () => {
  const judge = createWorkerJudge(() => {
    throw new Error("forbidden by the page's policy");
  });
  expect(await judge.judge(context, new Uint8Array(1))).toEqual(gone);
  expect(await judge.verify(checks)).toEqual(truth);
});

test("close answers everything that waits, and whatever is asked later; closing twice is harmless", async () => {
  const { judge, workers, worker } = createStand();
  const waiting = judge.judge(context, new Uint8Array(1));
  judge.close();
  judge.close();
  expect(await waiting).toEqual(gone);
  expect(await judge.judge(context, new Uint8Array(1))).toEqual(gone);
  expect(worker(0).isTerminated).toBe(true);
  expect(workers).toHaveLength(1);
});
