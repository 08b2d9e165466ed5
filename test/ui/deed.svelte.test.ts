import { expect, test } from "vitest";
import { Deed } from "../../src/ui/read-model/deed.svelte.ts";

type Refusal = { readonly kind: "disk-full" };

test("a deed gives its value, and is not busy before or after", async () => {
  const deed = new Deed<Refusal>();
  const under = deed.run(() => Promise.resolve({ ok: true, value: 7 } as const));
  expect(deed.busy).toBe(true);
  expect(await under).toEqual({ value: 7 });
  expect([deed.busy, deed.failure]).toEqual([false, null]);
});

test("a second tap while it is under way does nothing", async () => {
  const deed = new Deed<Refusal>();
  let acts = 0;
  const act = () => {
    acts += 1;
    return Promise.resolve({ ok: true, value: acts } as const);
  };
  const [first, second] = await Promise.all([deed.run(act), deed.run(act)]);
  expect([first, second, acts]).toEqual([{ value: 1 }, null, 1]);
});

test("a refusal is kept until the next try", async () => {
  const deed = new Deed<Refusal>();
  expect(await deed.run(() => Promise.resolve({ ok: false, error: { kind: "disk-full" } } as const))).toBeNull();
  expect(deed.failure).toEqual({ kind: "disk-full" });
  await deed.run(() => Promise.resolve({ ok: true, value: null } as const));
  expect(deed.failure).toBeNull();
});

test("a cancelled deed is neither done nor refused", async () => {
  const deed = new Deed<Refusal>();
  const under = deed.run(
    (signal) => new Promise<never>((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted")))),
  );
  deed.cancel();
  expect(await under).toBeNull();
  expect([deed.busy, deed.failure]).toEqual([false, null]);
});
