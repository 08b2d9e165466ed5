/**
 * `Promise.withResolvers` and `Promise.try` where Node 20 lacks them: libp2p 3 calls both.
 * Imported for its side effect, before anything that starts a node. Does nothing where they exist.
 */

/** As in ECMAScript 2024 (27.2.4.9). */
function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve!: (value: T | PromiseLike<T>) => void;
  let reject!: (reason?: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** As in ECMAScript 2025 (27.2.4.8): what `step` throws at once becomes a rejection too. */
function attempt<T, Args extends unknown[]>(step: (...args: Args) => T | PromiseLike<T>, ...args: Args): Promise<Awaited<T>> {
  return new Promise((resolve) => {
    // What `step` returns is awaited by `resolve`; the types cannot say that the two are one.
    resolve(step(...args) as Awaited<T>);
  });
}

define("withResolvers", withResolvers);
define("try", attempt);

function define(name: "withResolvers" | "try", value: unknown): void {
  if (typeof Reflect.get(Promise, name) === "function") return;
  Object.defineProperty(Promise, name, { value, configurable: true, enumerable: false, writable: true });
}
