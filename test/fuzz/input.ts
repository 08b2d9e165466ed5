/** One case of the fuzzer, which its seed, its target and its number find again. */
import { diceFor, type Dice } from "./chance.ts";
import { mutateBytes, randomBytes } from "./mutate.ts";
import { targets, type Target } from "./targets.ts";

const everything = targets.flatMap(({ corpus }) => corpus);

/** One in ten knows nothing, one is right, three are bent without grammar, five with it. */
export function inputOf(seed: number, target: Target, number: number): { readonly bytes: Uint8Array; readonly dice: () => Dice } {
  const index = targets.indexOf(target);
  const dice = diceFor(seed, index, number);
  const given = dice.pick(target.corpus);
  const kind = dice.below(10);
  const bent = () => (kind < 5 ? mutateBytes(dice, given, everything) : target.grow(dice, given));
  const bytes = kind === 0 ? randomBytes(dice) : kind === 1 ? given.slice() : bent();
  return { bytes, dice: () => diceFor(seed ^ 1, index, number) };
}
