/** K5: gossip is readable by those who know the tag, and by nobody else. */
import { expect, test } from "vitest";
import { openGossip, sealGossip } from "../../../protocol/crypto/seal.ts";
import type { Tag } from "../../../protocol/crypto/hash.ts";

const tag = "0a".repeat(32) as Tag;
const other = "0b".repeat(32) as Tag;
const message = new Uint8Array([1, ...new Uint8Array(32).fill(10), 2, 3]);
const sealed = sealGossip(tag, new Uint8Array(24).fill(7), message);

test("it comes back to who knows the tag", () => expect(openGossip(tag, sealed)).toEqual(message));
test("it shows nothing of what it holds, the tag least of all", () => {
  expect(Buffer.from(sealed).toString("hex")).not.toContain("0a".repeat(32));
});
test("another tag, a flipped bit and bytes too few open nothing", () => {
  expect(openGossip(other, sealed)).toBeNull();
  for (const at of [0, 24, sealed.length - 1]) {
    const bent = sealed.slice();
    bent[at]! ^= 1;
    expect(openGossip(tag, bent)).toBeNull();
  }
  for (const length of [0, 1, 39]) expect(openGossip(tag, sealed.slice(0, length))).toBeNull();
});
