/** Chance by seed: one generator with 64 bits of state (splitmix64), so that the same seed tells the same story on every machine. */
export interface Chance {
  /** Whole, from 0 on, lower than `limit`. */
  readonly below: (limit: number) => number;
  /** Whole, both ends among them. */
  readonly between: (from: number, to: number) => number;
  /** True once in `times`, on average. */
  readonly once: (times: number) => boolean;
  readonly pick: <T>(items: readonly T[]) => T;
  readonly shuffled: <T>(items: readonly T[]) => readonly T[];
  readonly bytes: (length: number) => Uint8Array;
}

const STEP = 0x9e3779b97f4a7c15n;

/** `seed`: a safe integer from 0 on. */
export function createChance(seed: number): Chance {
  let state = BigInt(seed);
  const word = (): bigint => {
    state = BigInt.asUintN(64, state + STEP);
    let mixed = state;
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    return mixed ^ (mixed >> 31n);
  };
  /** 53 bits over a limit far below them: the unevenness is smaller than anybody could see. */
  const below = (limit: number): number => Number(word() >> 11n) % limit;
  return {
    below,
    between: (from, to) => from + below(to - from + 1),
    once: (times) => below(times) === 0,
    pick: (items) => itemAt(items, below(items.length)),
    shuffled: (items) => {
      const rest = [...items];
      for (let i = rest.length - 1; i > 0; i -= 1) {
        const j = below(i + 1);
        const [one, other] = [itemAt(rest, i), itemAt(rest, j)];
        rest[i] = other;
        rest[j] = one;
      }
      return rest;
    },
    bytes: (length) => {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; at += 8) {
        let value = word();
        for (let i = at; i < Math.min(at + 8, length); i += 1, value >>= 8n) bytes[i] = Number(value & 255n);
      }
      return bytes;
    },
  };
}

export function itemAt<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new Error(`there is no item ${index} among ${items.length}`);
  return item;
}

/** Draws every item once before any comes again. */
export function createDeck<T>(chance: Chance, items: readonly T[]): () => T {
  let rest: readonly T[] = [];
  return () => {
    if (rest.length === 0) rest = chance.shuffled(items);
    const drawn = itemAt(rest, 0);
    rest = rest.slice(1);
    return drawn;
  };
}
