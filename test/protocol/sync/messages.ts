/** Any sync message, well formed. */
import fc from "fast-check";
import type { FeedId } from "../../../protocol/crypto/hash.ts";
import type { SyncMessage } from "../../../protocol/sync/message.ts";

const name = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString("hex"));
const feed = name as fc.Arbitrary<FeedId>;
const bytes = fc.uint8Array({ maxLength: 80 });
const hex = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes).toString("hex"));
const held = fc.record({
  feed,
  length: fc.integer({ min: 1, max: 9 }),
  forkedAt: fc.constantFrom(null, 9, 0xffff_fffe),
  mark: hex(8),
});
const unheld = fc.record({
  feed,
  length: fc.constant(0),
  forkedAt: fc.constantFrom(null, 0, 5),
  mark: fc.constant("00".repeat(8)),
});
/** Short hashes of two bytes. */
const shorts = (most: number) => fc.nat(most).chain((n) => fc.uint8Array({ minLength: 2 * n, maxLength: 2 * n }));
export const messages: fc.Arbitrary<SyncMessage> = fc.oneof(
  fc.record({ kind: fc.constant("digest" as const), digest: name, feeds: fc.nat(0xffff_ffff), nonce: hex(8) }),
  fc.record({
    kind: fc.constant("frontier" as const),
    more: fc.boolean(),
    entries: fc.array(fc.oneof(held, unheld), { maxLength: 4 }),
  }),
  fc.record({ kind: fc.constant("want" as const), feed, from: fc.nat(0xffff_ffff) }),
  fc.record({ kind: fc.constantFrom("none" as const, "want-proof" as const), feed }),
  fc.record({ kind: fc.constantFrom("chunk" as const, "proof" as const), bytes }),
  fc.constant<SyncMessage>({ kind: "done" }),
  fc.record({ kind: fc.constant("buckets" as const), shorts: shorts(300) }),
  fc.record({ kind: fc.constant("outline" as const), rows: fc.array(shorts(200), { maxLength: 4 }) }),
);
