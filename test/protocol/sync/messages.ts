/** Any sync message, well formed. */
import fc from "fast-check";
import type { EnvelopeId, FeedId } from "../../../protocol/crypto/hash.ts";
import type { SyncMessage } from "../../../protocol/sync/message.ts";

const name = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString("hex"));
const feed = name as fc.Arbitrary<FeedId>;
const bytes = fc.uint8Array({ maxLength: 80 });
const held = fc.record({
  feed,
  length: fc.integer({ min: 1, max: 9 }),
  head: name.filter((hex) => !/^0+$/.test(hex)) as fc.Arbitrary<EnvelopeId>,
  forkedAt: fc.constantFrom(null, 9, 0xffff_fffe),
});
const unheld = fc.record({ feed, length: fc.constant(0), head: fc.constant(null), forkedAt: fc.constantFrom(null, 0, 5) });
export const messages: fc.Arbitrary<SyncMessage> = fc.oneof(
  fc.record({ kind: fc.constant("digest" as const), digest: name }),
  fc.record({
    kind: fc.constant("frontier" as const),
    more: fc.boolean(),
    entries: fc.array(fc.oneof(held, unheld), { maxLength: 4 }),
  }),
  fc.record({ kind: fc.constant("want" as const), feed, from: fc.nat(0xffff_ffff) }),
  fc.record({ kind: fc.constantFrom("none" as const, "want-proof" as const), feed }),
  fc.record({ kind: fc.constantFrom("chunk" as const, "proof" as const), bytes }),
  fc.constant<SyncMessage>({ kind: "done" }),
);
