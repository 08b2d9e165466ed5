/** Tabs of one profile: a channel and locks as a browser gives them, and a pen that only says what it was asked. */
import { expect, test } from "vitest";
import { err, ok, type Tag } from "../../protocol/index.ts";
import { realWorld, type World } from "../../src/platform/world.ts";
import type { Kith, KithView } from "../../src/peer/kith.ts";
import { takeSeat } from "../../src/peer/seat.ts";

/** Web Locks for one name, as far as the seat uses them. */
function createLocks(): LockManager {
  const waiting: (() => void)[] = [];
  let isHeld = false;
  const hold = async (run: (lock: Lock | null) => unknown): Promise<void> => {
    isHeld = true;
    await run({ name: "kith-pen", mode: "exclusive" });
    isHeld = false;
    waiting.shift()?.();
  };
  const request = (
    _name: string,
    options: { readonly ifAvailable?: boolean; readonly signal?: AbortSignal },
    run: (lock: Lock | null) => unknown,
  ): Promise<unknown> => {
    if (!isHeld) return hold(run);
    if (options.ifAvailable === true) return Promise.resolve(run(null));
    return new Promise((resolve, reject) => {
      const granted = (): void => resolve(hold(run));
      waiting.push(granted);
      options.signal?.addEventListener("abort", () => {
        const at = waiting.indexOf(granted);
        if (at >= 0) waiting.splice(at, 1);
        reject(options.signal?.reason);
      });
    });
  };
  return { request } as unknown as LockManager; // the one function that is used
}

const viewNamed = (name: string): KithView => ({
  seat: "pen",
  communities: [{ name, fingerprint: null } as KithView["communities"][number]], // what the test reads of it
  network: { state: "on", reason: null, neighbours: [], lastHeard: null },
  storage: { state: "ok", usedBytes: null, quotaBytes: null, persistent: null },
});

function penOf(first: string) {
  const listeners = new Set<() => void>();
  let view = viewNamed(first);
  const asked: string[] = [];
  const kith = {
    view: () => view,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    found: async (form: { readonly community: string }) => {
      asked.push(form.community);
      return ok("a".repeat(64) as Tag);
    },
    close: async () => undefined,
  } as unknown as Kith; // the functions that the test uses
  const show = (name: string): void => {
    view = viewNamed(name);
    for (const listener of listeners) listener();
  };
  return { kith, asked, show };
}

let channels = 0;
/** A world in which no wait is longer than half a second. */
const hurried: World = { ...realWorld, later: (ms, run) => realWorld.later(Math.min(ms, 500), run) };
function profile(locks: LockManager | null = createLocks(), world: World = realWorld) {
  channels += 1;
  const name = `seat-${channels}`;
  return (openPen: () => Promise<Awaited<ReturnType<Parameters<typeof takeSeat>[0]["openPen"]>>>) =>
    takeSeat({ name, locks, channel: () => new BroadcastChannel(name), world, openPen });
}
function opened<T>(seat: { readonly ok: true; readonly value: T } | { readonly ok: false }): T {
  if (!seat.ok) throw new Error("no seat");
  return seat.value;
}
const named = (kith: Kith): string | undefined => kith.view().communities[0]?.name;
const noPen = async (): Promise<never> => Promise.reject(new Error("a window opens no pen"));

test("one tab holds the pen, the other shows its view and passes on what is said", async () => {
  const open = profile();
  const pen = penOf("Rose Lane");
  const first = opened(await open(async () => ok(pen.kith)));
  const second = opened(await open(noPen));
  expect(second.view().seat).toBe("window");
  expect(named(second)).toBe("Rose Lane");
  expect((await second.found({ community: "Mill", purpose: "", myName: "Ana" }, new AbortController().signal)).ok).toBe(true);
  expect(pen.asked).toEqual(["Mill"]);
  pen.show("Rose Street");
  await expect.poll(() => named(second)).toBe("Rose Street");
  await second.close();
  await first.close();
});

test("a window that asked before the pen had opened is shown its view as soon as it has", async () => {
  const open = profile();
  const pen = penOf("Rose Lane");
  let letGo = (): void => undefined;
  const opening = open(async () => {
    await new Promise<void>((resolve) => (letGo = resolve));
    return ok(pen.kith);
  });
  const second = opened(await open(noPen));
  expect(named(second)).toBeUndefined();
  letGo();
  const first = opened(await opening);
  await expect.poll(() => named(second)).toBe("Rose Lane");
  await second.close();
  await first.close();
});

test("when the pen goes, one window takes over, and the others follow the new one", async () => {
  const open = profile();
  const [old, fresh] = [penOf("Old"), penOf("New")];
  const first = opened(await open(async () => ok(old.kith)));
  const second = opened(await open(async () => ok(fresh.kith)));
  const third = opened(await open(noPen));
  await first.close();
  await expect.poll(() => named(second)).toBe("New");
  expect(second.view().seat).toBe("pen");
  await expect.poll(() => named(third)).toBe("New");
  fresh.show("Newer");
  await expect.poll(() => named(third)).toBe("Newer");
  await third.close(); // first, or it would be next
  await second.close();
});

test("a window that was closed does not take over", async () => {
  const open = profile();
  const [old, fresh] = [penOf("Old"), penOf("New")];
  const first = opened(await open(async () => ok(old.kith)));
  let opens = 0;
  const second = opened(
    await open(async () => {
      opens += 1;
      return ok(fresh.kith);
    }),
  );
  const third = opened(await open(async () => ok(fresh.kith)));
  await second.close();
  await first.close();
  await expect.poll(() => third.view().seat).toBe("pen");
  expect(opens).toBe(0);
  await third.close();
});

test.each([
  ["answers why not", async () => err({ kind: "locked" })],
  ["throws", async () => Promise.reject(new Error("the store is gone"))],
] as const)("a tab whose store %s leaves the pen to the next one", async (_how, openPen) => {
  const open = profile();
  await open(openPen).catch(() => undefined);
  const pen = penOf("Rose Lane");
  const next = opened(await open(async () => ok(pen.kith)));
  expect(next.view().seat).toBe("pen");
  await next.close();
});

test("where there are no locks, a window takes over once nobody answers any more", async () => {
  const open = profile(null, hurried);
  const old = penOf("Rose Lane");
  const first = opened(await open(async () => ok(old.kith)));
  const fresh = penOf("Rose Lane, again");
  const second = opened(await open(async () => ok(fresh.kith)));
  expect(second.view().seat).toBe("window");
  await first.close();
  await expect.poll(() => second.view().seat, { timeout: 8_000 }).toBe("pen");
  expect(named(second)).toBe("Rose Lane, again");
  await second.close();
});
