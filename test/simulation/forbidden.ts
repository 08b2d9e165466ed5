/** What the tested code must not reach for in a run: the clock, the timers and the chance of the machine. */

const OURS = /\/(src|protocol)\//;

/**
 * Tells `fail` of every use by our own code, and undoes itself. Others may go on: whoever runs us, and noble, which
 * blinds its sums by chance and comes to the same.
 */
export function forbid(fail: (reason: string) => void): () => void {
  const undo = [
    watch(Date, "now"),
    watch(Math, "random"),
    watch(globalThis, "setTimeout"),
    watch(globalThis, "setInterval"),
    watch(AbortSignal, "timeout"),
    watch(crypto, "getRandomValues"),
  ];
  return () => undo.forEach((back) => back());

  function watch<T extends object>(owner: T, name: string & keyof T): () => void {
    const before: unknown = owner[name];
    if (typeof before !== "function") throw new Error(`there is no ${name} to watch`);
    const watched = function (this: unknown, ...args: readonly unknown[]): unknown {
      const caller = (new Error().stack ?? "").split("\n")[2] ?? "";
      if (OURS.test(caller)) fail(`${name} of the machine was used: ${caller.trim()}`);
      return Reflect.apply(before, this, args);
    };
    Object.defineProperty(owner, name, { value: watched, configurable: true, writable: true });
    return () => void Object.defineProperty(owner, name, { value: before, configurable: true, writable: true });
  }
}
