/** What Node 20 lacks and libp2p needs, before any test is loaded. The hearth has the same in src/platform. */
Promise.withResolvers ??= function withResolvers<T>() {
  let resolve!: PromiseWithResolvers<T>["resolve"]; // set at once by the constructor below
  let reject!: PromiseWithResolvers<T>["reject"];
  const promise = new Promise<T>((resolveIt, rejectIt) => {
    resolve = resolveIt;
    reject = rejectIt;
  });
  return { promise, resolve, reject };
};

Promise.try ??= async function tryIt<T, U extends unknown[]>(
  callback: (...args: U) => T | PromiseLike<T>,
  ...args: U
): Promise<Awaited<T>> {
  return await callback(...args);
};
