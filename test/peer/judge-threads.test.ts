/** Real threads: they answer as the judge right here does, side by side, and one that dies takes only its own questions with it. */
import { expect, onTestFinished, test } from "vitest";
import { encodeChunk, signatureEdgeCases } from "../../protocol/index.ts";
import { createWorkerJudge, type WorkerLike } from "../../src/peer/judge-client.ts";
import { createJudge, type Judge } from "../../src/peer/judge.ts";
import { createThreadJudge } from "../../src/peer/judge-threads.ts";
import { verifyByReference } from "../../src/peer/verify.ts";
import { bytesOf, chunkOfAll, createChance, found, invite, join, say } from "../people.ts";

const chance = createChance(11);
const { group, founder, envelopes } = found("Ana", chance);
const opening = invite(founder, group, chance, 2, []);
const bo = join("Bo", group, chance, 3, opening.secret, opening.act.id);
const offer = say(bo.person, group, chance, 4, [opening.act.id], { kind: "offer", title: "Bread, and a café’s 🥖" });
const whole = encodeChunk(chunkOfAll([bo.envelope, offer]));
const context = { tag: group.tag, deviceKey: null, relayKeys: [group.epoch.relayPublic], keys: [group.epoch] };

/** Of a link, what a thread tells: where it stands and what its id is. */
const plainly = (answer: Awaited<ReturnType<Judge["judge"]>>) =>
  answer.ok ? { ...answer.value, links: answer.value.links.map(({ id, seq }) => ({ id, seq })) } : answer;

test("threads judge as the reference does: what holds, what is bent anywhere, what is sealed to others", async () => {
  const threads = createThreadJudge(2);
  onTestFinished(threads.close);
  const here = createJudge(verifyByReference);
  const bent = Array.from({ length: 12 }, (_, index) =>
    whole.map((byte, at) => (at === Math.floor((index * whole.length) / 12) ? byte ^ 4 : byte)),
  );
  const chunks = [whole, ...bent, whole.slice(0, -1), bytesOf(envelopes[0] ?? offer), new Uint8Array(3)];
  const contexts = [context, { ...context, keys: [] }, { ...context, relayKeys: null }, { ...context, relayKeys: [] }];
  for (const each of contexts) {
    const [theirs, ours] = await Promise.all(
      [threads, here].map((judge) => Promise.all(chunks.map((bytes) => judge.judge(each, bytes)))),
    );
    expect(theirs?.map(plainly)).toEqual(ours?.map(plainly));
  }
  const edges = signatureEdgeCases();
  expect(await threads.verify(edges.map(({ check }) => check))).toEqual(edges.map(({ holds }) => holds));
}, 60_000);

test("two chunks go to two workers, and the loss of one is no loss of the other", async () => {
  const asked: number[][] = [[], []];
  const say: ((kind: string, data: unknown) => void)[] = [];
  const spawn = (): WorkerLike => {
    const me = say.length;
    const listeners = new Map<string, (event: { readonly data: unknown }) => void>();
    say.push((kind, data) => listeners.get(kind)?.({ data }));
    return {
      postMessage: (message) => void asked[me]?.push((message as { id: number }).id),
      addEventListener: (kind: string, listener: (event: { readonly data: unknown }) => void) =>
        void listeners.set(kind, listener),
      terminate: () => undefined,
    };
  };
  const judge = createWorkerJudge(spawn, 2);
  const answers = [judge.judge(context, whole), judge.judge(context, whole)];
  expect(asked.map(({ length }) => length)).toEqual([1, 1]);
  say[0]?.("error", null);
  say[1]?.("message", { id: asked[1]?.[0], answer: { ok: false, error: { kind: "bad-signature" } } });
  expect(await Promise.all(answers)).toEqual([
    { ok: false, error: { kind: "judge-gone" } },
    { ok: false, error: { kind: "bad-signature" } },
  ]);
});
