/** Any value of the codec (V1), up to a depth. */
import fc from "fast-check";
import type { Value } from "../../../protocol/codec/value.ts";

const leaf: fc.Arbitrary<Value> = fc.oneof(
  fc.maxSafeInteger(),
  fc.nat(300),
  fc.boolean(),
  fc.constant(null),
  fc.string({ unit: "grapheme" }),
  fc.uint8Array({ maxLength: 300 }),
);
export const values = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 5 }),
    fc.array(fc.tuple(fc.string({ unit: "grapheme" }), tie("value")), { maxLength: 5 }).map((pairs) => new Map(pairs)),
  ),
})).value;
