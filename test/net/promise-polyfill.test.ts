/** What Node 20 lacks, made ours: taken away first, so that the test means the same on every Node. */
import { expect, test, vi } from "vitest";

test("withResolvers and try are put where they are missing, and are what the language says", async () => {
  const kept = { withResolvers: Reflect.get(Promise, "withResolvers") as unknown, try: Reflect.get(Promise, "try") as unknown };
  Reflect.deleteProperty(Promise, "withResolvers");
  Reflect.deleteProperty(Promise, "try");
  try {
    vi.resetModules();
    await import("../../src/platform/promise-polyfill.ts");
    const { promise, resolve } = Promise.withResolvers<number>();
    resolve(7);
    expect(await promise).toBe(7);
    expect(await Promise.try((left: number, right: number) => left + right, 3, 4)).toBe(7);
    await expect(
      Promise.try(() => {
        throw new Error("at once");
      }),
    ).rejects.toThrow("at once");
    expect(Object.keys(Promise)).toEqual([]);
  } finally {
    for (const [name, value] of Object.entries(kept))
      Object.defineProperty(Promise, name, { value, configurable: true, writable: true, enumerable: false });
  }
});
