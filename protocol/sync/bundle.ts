/**
 * Bundle: chunks and fork proofs of one community in a file (`.kith`), sealed as they are.
 *
 *   bundle = "KITH" ‖ version u8 = 1 ‖ tag 32 ‖ items ‖ 0 u8 ‖ number of items u32 ‖ digest 32
 *   item   = 1 u8 (a chunk) | 2 u8 (a fork proof) ‖ length u32 ‖ its bytes
 *
 *   B1  Whoever reads keeps one item at a time: one that announces more than its kind may have is refused before its bytes come.
 *   B2  A bundle vouches for nothing in it. Each item is judged as if a peer had given it (space/ingest.ts), and stands alone:
 *       what came before a break is good.
 *   B3  The digest is a chain, d0 = H(bundle, the 37 bytes of the head), d(i) = H(bundle, d(i-1) ‖ item i). It tells a whole file
 *       from one cut short or damaged; it is no signature.
 *   B4  One encoding: the same items in the same order are the same bytes. A writer puts a feed's chunks in their order, and proofs
 *       behind all chunks; a reader takes any order.
 *
 * Who holds no key learns from it what a blind carrier learns. What its items mean to a community is the replica's to say.
 */
import { concatBytes, equalBytes, u32ToBytes, utf8ToBytes } from "../codec/bytes.ts";
import { DOMAINS } from "../crypto/domains.ts";
import { hashOf, nameToBytes, tagFromBytes, type Tag } from "../crypto/hash.ts";
import { MAX_CHUNK_BYTES } from "../feed/chunk.ts";
import { MAX_PROOF_BYTES } from "../feed/fork.ts";
import { err, ok, type Result } from "../lang/result.ts";

export interface BundleItem {
  readonly kind: "chunk" | "proof";
  readonly bytes: Uint8Array;
}

export interface Bundle {
  readonly tag: Tag;
  readonly items: readonly BundleItem[];
}

export type BundleError =
  | { readonly kind: "not-a-bundle" }
  | { readonly kind: "newer-bundle"; readonly version: number }
  | { readonly kind: "malformed-bundle"; readonly at: "item" | "end" | "trailing" }
  /** The file ends before its end mark: get it again. */
  | { readonly kind: "cut-short" };

const MAGIC = utf8ToBytes("KITH");
const VERSION = 1;
const HEAD_BYTES = 37;
const END_BYTES = 36;
const END = 0;
const KINDS = ["chunk", "proof"] as const;
const MAX_BYTES = { chunk: MAX_CHUNK_BYTES, proof: MAX_PROOF_BYTES };

// ---- writing

/** How far a bundle is written. */
export interface BundleWriter {
  readonly items: number;
  readonly digest: Uint8Array;
}

export interface BundlePart {
  readonly bytes: Uint8Array;
  readonly writer: BundleWriter;
}

export function startBundle(tag: Tag): BundlePart {
  const bytes = concatBytes(MAGIC, new Uint8Array([VERSION]), nameToBytes(tag));
  return { bytes, writer: { items: 0, digest: hashOf(DOMAINS.bundle, bytes) } };
}

export function addToBundle({ items, digest }: BundleWriter, { kind, bytes }: BundleItem): BundlePart {
  if (bytes.length < 1 || bytes.length > MAX_BYTES[kind]) throw new Error(`a ${kind} of ${bytes.length} bytes`);
  const item = concatBytes(new Uint8Array([KINDS.indexOf(kind) + 1]), u32ToBytes(bytes.length), bytes);
  return { bytes: item, writer: { items: items + 1, digest: hashOf(DOMAINS.bundle, digest, item) } };
}

export const endBundle = ({ items, digest }: BundleWriter): Uint8Array =>
  concatBytes(new Uint8Array([END]), u32ToBytes(items), digest);

export function encodeBundle({ tag, items }: Bundle): Uint8Array {
  const start = startBundle(tag);
  const parts = [start.bytes];
  let { writer } = start;
  for (const item of items) {
    const part = addToBundle(writer, item);
    parts.push(part.bytes);
    writer = part.writer;
  }
  return concatBytes(...parts, endBundle(writer));
}

// ---- reading

export interface BundleReader {
  /** The items that are complete with these bytes, and what is wrong behind them. After a problem nothing more is read. Total. */
  readonly push: (bytes: Uint8Array) => { readonly items: readonly BundleItem[]; readonly problem: BundleError | null };
  /** Null until the head is read. */
  readonly tag: () => Tag | null;
  /** No more bytes come: null when the bundle was whole. */
  readonly finish: () => BundleError | null;
}

/** What has to come before anything more can be said. */
type Awaited =
  | { readonly part: "head" | "kind" | "end" }
  | { readonly part: "length"; readonly kind: BundleItem["kind"] }
  | { readonly part: "item"; readonly kind: BundleItem["kind"]; readonly length: number }
  | { readonly part: "nothing" };

export function createBundleReader(): BundleReader {
  let waiting: Uint8Array[] = [];
  let held = 0;
  let awaited: Awaited = { part: "head" };
  let tag: Tag | null = null;
  let writer: BundleWriter = { items: 0, digest: new Uint8Array(0) };
  let problem: BundleError | null = null;

  /** One step on; an item when it completes one. */
  function read(bytes: Uint8Array): BundleItem | null {
    switch (awaited.part) {
      case "head": {
        const [start, version] = [bytes.subarray(0, MAGIC.length), bytes[MAGIC.length] ?? 0];
        if (!equalBytes(start, MAGIC)) problem = { kind: "not-a-bundle" };
        else if (version !== VERSION) problem = { kind: "newer-bundle", version };
        else {
          tag = tagFromBytes(bytes.subarray(MAGIC.length + 1));
          writer = startBundle(tag).writer;
          awaited = { part: "kind" };
        }
        return null;
      }
      case "kind": {
        const mark = bytes[0] ?? 0;
        const kind = KINDS[mark - 1];
        if (mark === END) awaited = { part: "end" };
        else if (kind === undefined) problem = { kind: "malformed-bundle", at: "item" };
        else awaited = { part: "length", kind };
        return null;
      }
      case "length": {
        const { kind } = awaited;
        const length = bytes.reduce((value, byte) => value * 256 + byte, 0);
        if (length < 1 || length > MAX_BYTES[kind])
          problem = { kind: "malformed-bundle", at: "item" }; // B1
        else awaited = { part: "item", kind, length };
        return null;
      }
      case "item": {
        const item = { kind: awaited.kind, bytes };
        writer = addToBundle(writer, item).writer;
        awaited = { part: "kind" };
        return item;
      }
      case "end": {
        const isWhole = equalBytes(bytes, endBundle(writer).subarray(1)); // B3
        if (!isWhole) problem = { kind: "malformed-bundle", at: "end" };
        awaited = { part: "nothing" };
        return null;
      }
      case "nothing":
        problem = { kind: "malformed-bundle", at: "trailing" };
        return null;
      default:
        return awaited satisfies never;
    }
  }

  function take(length: number): Uint8Array {
    const all = waiting.length === 1 ? (waiting[0] ?? new Uint8Array(0)) : concatBytes(...waiting);
    waiting = [all.subarray(length)];
    held -= length;
    return new Uint8Array(all.subarray(0, length)); // a copy: an item must not keep the whole file alive
  }

  return {
    tag: () => tag,
    push: (bytes) => {
      const items: BundleItem[] = [];
      if (problem !== null) return { items, problem };
      waiting.push(bytes);
      held += bytes.length;
      while (problem === null && held > 0 && held >= lengthOf(awaited)) {
        const item = read(take(lengthOf(awaited)));
        if (item !== null) items.push(item);
      }
      return { items, problem };
    },
    finish: () => problem ?? (awaited.part === "nothing" ? null : { kind: "cut-short" }),
  };
}

function lengthOf(awaited: Awaited): number {
  switch (awaited.part) {
    case "head":
      return HEAD_BYTES;
    case "length":
      return 4;
    case "item":
      return awaited.length;
    case "end":
      return END_BYTES;
    case "kind":
    case "nothing":
      return 1;
    default:
      return awaited satisfies never;
  }
}

/** A whole file at once. Total. */
export function parseBundle(bytes: Uint8Array): Result<Bundle, BundleError> {
  const reader = createBundleReader();
  const { items } = reader.push(bytes);
  const problem = reader.finish();
  const tag = reader.tag();
  return problem !== null ? err(problem) : tag === null ? err({ kind: "cut-short" }) : ok({ tag, items });
}
