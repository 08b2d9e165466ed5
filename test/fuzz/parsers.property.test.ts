/** A short run of the fuzzer beside the fast tests, and one door left open to see that it would tell. */
import { describe, expect, test } from "vitest";
import { inputOf } from "./input.ts";
import { bombs, targets } from "./targets.ts";

const SEED = 20_260_101;

describe.each(targets)("$name", (target) => {
  test("is total: hostile bytes are accepted as they are or refused by name, and never changed", () => {
    const seen = { accepted: 0, refused: 0 };
    const meet = (bytes: Uint8Array, dice: Parameters<typeof target.knock>[1]) => {
      const copy = bytes.slice();
      const reception = target.knock(bytes, dice);
      expect(Buffer.compare(copy, bytes)).toBe(0);
      if ("refused" in reception) {
        seen.refused += 1;
        expect(reception.refused).not.toBe("");
      } else {
        seen.accepted += 1;
        if (target.exact) expect(Buffer.compare(reception.accepted, bytes)).toBe(0);
      }
    };
    for (let number = 0; number < 300; number += 1) {
      const { bytes, dice } = inputOf(SEED, target, number);
      meet(bytes, dice());
    }
    for (const [, bytes] of bombs) meet(bytes, inputOf(SEED, target, 0).dice());
    expect(seen.accepted).toBeGreaterThan(0);
    expect(seen.refused).toBeGreaterThan(0);
  });
});
