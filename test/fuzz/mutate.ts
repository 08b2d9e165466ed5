/** Mutants: of bytes that know no grammar, of values of the codec, and of their encoding. */
import { encodeByHand, join, type Plain } from "../vectors/second-path.ts";
import type { Dice } from "./chance.ts";

const ODD = [0, 1, 2, 23, 24, 31, 32, 63, 64, 127, 128, 159, 160, 191, 246, 247, 248, 249, 251, 254, 255];
/** Lengths that promise what is not there. */
const BOMBS = [
  "ffff",
  "ffffffff",
  "7fffffff",
  "80000000",
  "00010000",
  "9affffffff",
  "bbffffffffffffffff",
  "5b7fffffffffffffff",
  "7affffffff",
  "ffffffff0f",
  "ffffffff1f",
].map((hex) => new Uint8Array(Buffer.from(hex, "hex")));

/** One to four random changes; `others` are what may be spliced in. */
export function mutateBytes(dice: Dice, seed: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  let bytes: Uint8Array = seed.slice();
  for (let times = 1 + dice.below(4); times > 0; times -= 1) {
    const at = dice.below(bytes.length + 1);
    const length = 1 + dice.below(dice.once(4) ? 64 : 4);
    switch (dice.below(9)) {
      case 0:
      case 1:
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8));
        break;
      case 2:
        if (at < bytes.length) bytes[at] = dice.pick(ODD);
        break;
      case 3:
        bytes = bytes.slice(0, at);
        break;
      case 4:
        bytes = join(bytes.subarray(0, at), dice.bytes(length), bytes.subarray(at));
        break;
      case 5:
        bytes = join(bytes.subarray(0, at), bytes.subarray(at + length));
        break;
      case 6:
        bytes = join(bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at));
        break;
      case 7: {
        const other = dice.pick(others);
        bytes = join(bytes.subarray(0, at), other.subarray(dice.below(other.length + 1)));
        break;
      }
      default: {
        const bomb = dice.pick(BOMBS);
        bytes = dice.once(2)
          ? join(bytes.subarray(0, at), bomb, bytes.subarray(at))
          : join(bytes.subarray(0, at), bomb, bytes.subarray(at + bomb.length));
      }
    }
  }
  return bytes.length > 70_000 ? bytes.slice(0, 70_000) : bytes;
}

/** Random bytes; now and then as many as a whole envelope. */
export const randomBytes = (dice: Dice): Uint8Array =>
  dice.bytes(dice.once(3_000) ? dice.below(70_000) : dice.once(20) ? dice.below(2_000) : dice.below(80));

const KEYS = ["__proto__", "constructor", "prototype", "kind", "at", "deps", "act", "", "x".repeat(300), "toString"];
const leaf = (dice: Dice): Plain =>
  dice.pick<() => Plain>([
    () => null,
    () => true,
    () => 0,
    () => -1,
    () => Number.MAX_SAFE_INTEGER,
    () => dice.below(2 ** 31),
    () => "",
    () => "ü🌱",
    () => "x".repeat(dice.below(700)),
    () => dice.bytes(dice.pick([0, 8, 16, 31, 32, 32, 32, 33, 64, 64, 65, 80])),
    () => dice.pick(["offer", "request", "join", "genesis", "close-invite", "toString", "__proto__"]),
    () => [],
    () => new Map<string, Plain>(),
    () => nested(dice.below(20)),
    () => new Array<Plain>(dice.below(dice.once(300) ? 17_000 : 40)).fill(0),
  ])();
const nested = (depth: number): Plain => {
  let value: Plain = 0;
  for (let i = 0; i < depth; i += 1) value = i % 2 === 0 ? [value] : new Map<string, Plain>([["a", value]]);
  return value;
};

/** One place of a value changed, left out, doubled or added. */
export function mutateValue(dice: Dice, value: Plain): Plain {
  if (dice.once(12)) return leaf(dice);
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string, Plain>)];
    if (entries.length === 0 || dice.once(8)) return new Map([...entries, [dice.pick(KEYS), leaf(dice)]]);
    const at = dice.below(entries.length);
    if (dice.once(8)) return new Map(entries.filter((_, i) => i !== at));
    return new Map(
      entries.map(([key, item], i): [string, Plain] =>
        i === at ? [dice.once(20) ? dice.pick(KEYS) : key, mutateValue(dice, item)] : [key, item],
      ),
    );
  }
  if (Array.isArray(value)) {
    const items = value as readonly Plain[];
    if (items.length === 0 || dice.once(6)) return [...items, items.length > 0 ? dice.pick(items) : leaf(dice)];
    const at = dice.below(items.length);
    return dice.once(6) ? items.filter((_, i) => i !== at) : items.map((item, i) => (i === at ? mutateValue(dice, item) : item));
  }
  if (value instanceof Uint8Array && dice.once(2)) return mutateBytes(dice, value, [value]);
  if (typeof value === "string" && dice.once(2)) return value + value;
  if (typeof value === "number" && dice.once(2)) return value + dice.pick([1, -1, 65_535, 2 ** 32]);
  return leaf(dice);
}

/** Canonical most often, else with one of the liberties that CBOR knows and we do not. */
export function encodeLoosely(dice: Dice, value: Plain): Uint8Array {
  const bytes = encodeByHand(value);
  if (!dice.once(6)) return bytes;
  const first = bytes[0] ?? 0;
  const [major, low] = [first & 0xe0, first & 31];
  switch (dice.below(5)) {
    case 0: // a head longer than needed
      return low < 24 ? join(new Uint8Array([major | 24, low]), bytes.subarray(1)) : bytes;
    case 1: // an indefinite length
      return major >= 0x40 && major <= 0xa0
        ? join(new Uint8Array([major | 31]), bytes.subarray(1), new Uint8Array([255]))
        : bytes;
    case 2: // a tag
      return join(new Uint8Array([0xc0 | dice.below(24)]), bytes);
    case 3: // a float
      return join(new Uint8Array([dice.pick([0xf9, 0xfa, 0xfb])]), dice.bytes(8));
    default: // keys backwards
      return value instanceof Map && low < 24 && value.size > 1
        ? join(
            new Uint8Array([first]),
            ...[...(value as ReadonlyMap<string, Plain>)]
              .reverse()
              .flatMap(([key, item]) => [encodeByHand(key), encodeByHand(item)]),
          )
        : bytes;
  }
}
