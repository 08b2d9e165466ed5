/** Chance for a fuzzer: sfc32, 128 bits of state, seeded anew for every case, so that each can be found again by its number. */
export interface Dice {
  /** An integer in [0, below). */
  readonly below: (below: number) => number;
  /** True once in `times`. */
  readonly once: (times: number) => boolean;
  readonly bytes: (length: number) => Uint8Array;
  readonly pick: <T>(from: readonly T[]) => T;
}

export function diceFor(seed: number, target: number, number: number): Dice {
  let [a, b, c, d] = [seed | 0, target | 0, number | 0, 1];
  const word = (): number => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i += 1) word();
  const below = (limit: number): number => Math.floor((word() / 2 ** 32) * limit);
  return {
    below,
    once: (times) => below(times) === 0,
    bytes: (length) => {
      const bytes = new Uint8Array(length);
      for (let i = 0; i < length; i += 4) {
        const value = word();
        for (let j = 0; j < 4 && i + j < length; j += 1) bytes[i + j] = value >>> (8 * j);
      }
      return bytes;
    },
    pick: <T>(from: readonly T[]): T => {
      const one = from[below(from.length)];
      if (one === undefined) throw new Error("nothing to pick from");
      return one;
    },
  };
}
