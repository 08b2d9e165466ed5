/** Bundles: the chunks of a small community and the proof of a fork, in one file. */
import { encodeChunk } from "../../protocol/feed/chunk.ts";
import { encodeForkProof } from "../../protocol/feed/fork.ts";
import type { Tag } from "../../protocol/crypto/hash.ts";
import { encodeBundle, type BundleItem } from "../../protocol/sync/bundle.ts";
import { chunkOfAll } from "../people.ts";
import { buildVillage } from "../protocol/space/village.ts";
import { hex, join, u32 } from "./second-path.ts";
import type { Accepted, Refused, VectorFile } from "./vector.ts";

export function bundles(): Readonly<Record<string, VectorFile>> {
  const { group, feeds, proof } = buildVillage(2026);
  const chunks = feeds.map((feed): BundleItem => ({ kind: "chunk", bytes: encodeChunk(chunkOfAll(feed)) }));
  const make = (name: string, tag: Tag, items: readonly BundleItem[]): Accepted => ({
    name, parser: "bundle", bytes: hex(encodeBundle({ tag, items })), tag, items: items.map(({ kind, bytes }) => ({ map: [["kind", kind], ["bytes", { bytes: hex(bytes) }]] })),
  });
  const one: BundleItem = { kind: "chunk", bytes: new Uint8Array([1, 2, 3]) };
  const whole = encodeBundle({ tag: group.tag, items: [one] });
  const head = whole.subarray(0, 37);
  const edited = (at: number, value: number): Uint8Array => { const bytes = whole.slice(); bytes[at] = value; return bytes; };
  const refuse = (name: string, bytes: Uint8Array, error: string): Refused => ({ name, parser: "bundle", bytes: hex(bytes), error });
  return {
    bundle: {
      about: "\"KITH\" ‖ 1 ‖ tag ‖ items (kind u8 ‖ length u32 ‖ bytes) ‖ 0 ‖ number of items u32 ‖ digest; what the items hold is not read here",
      accepted: [make("nothing in it", group.tag, []), make("one item", group.tag, [one]), make("a village, and the proof of a fork", group.tag, [...chunks, { kind: "proof", bytes: encodeForkProof(proof) }])],
      refused: [
        refuse("nothing", new Uint8Array(0), "cut-short"), refuse("half a head", head.subarray(0, 20), "cut-short"), refuse("a head alone", head, "cut-short"), refuse("no end", whole.subarray(0, 45), "cut-short"),
        refuse("half an item", whole.subarray(0, 43), "cut-short"), refuse("half an end", whole.subarray(0, whole.length - 1), "cut-short"),
        refuse("other letters", edited(3, 0x49), "not-a-bundle"), refuse("another version", edited(4, 2), "newer-bundle"), refuse("an item of kind 3", edited(37, 3), "malformed-bundle item"),
        refuse("an item of no bytes", join(head, new Uint8Array([1]), u32(0)), "malformed-bundle item"), refuse("a chunk too long", join(head, new Uint8Array([1]), u32(1_048_577)), "malformed-bundle item"),
        refuse("a proof too long", join(head, new Uint8Array([2]), u32(32_769)), "malformed-bundle item"), refuse("another item", edited(42, 9), "malformed-bundle end"),
        refuse("another tag", edited(5, (head[5] ?? 0) ^ 1), "malformed-bundle end"), refuse("another number of items", edited(49, 2), "malformed-bundle end"),
        refuse("another digest", edited(whole.length - 1, (whole.at(-1) ?? 0) ^ 1), "malformed-bundle end"), refuse("a byte behind", new Uint8Array([...whole, 0]), "malformed-bundle trailing"),
      ],
    },
  };
}
