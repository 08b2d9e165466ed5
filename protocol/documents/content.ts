/**
 * Content: what a document says, as people see it; and a fingerprint that is equal exactly when that is.
 *
 *   V1  Read from the document's areas alone: what stands elsewhere, or in a slot that is empty by now, is not there. A block whose
 *       kind is gone is a paragraph, one without text is empty.
 *   V2  The fingerprint hashes this content and nothing of how it came to be: not ids, not clocks, not what was deleted.
 */
import * as Y from "yjs";
import { bytesToHex } from "../codec/bytes.ts";
import { encodeValue, type Value } from "../codec/value.ts";
import { DOMAINS } from "../crypto/domains.ts";
import { hashAll, nameToBytes, type Tag } from "../crypto/hash.ts";
import { rootOf } from "./ground.ts";
import { BLOCK_KINDS, areasOf, slotUnder, subjectOf, type BlockKind, type DocumentName, type Slot } from "./kinds.ts";

export interface BlockContent {
  readonly kind: BlockKind;
  readonly text: string;
}

/** By area. Lists are lists, maps are maps with their keys in order, texts are texts. */
export type DocumentContent = ReadonlyMap<string, Value>;

export function contentOf(doc: Y.Doc, name: DocumentName): DocumentContent {
  const subject = subjectOf(name);
  if (subject === null) throw new Error("a document's name is parsed before it is opened");
  return new Map(areasOf(subject.kind).map((area) => [area.name, read(rootOf(doc, area), area.slot)]));
}

function read(found: unknown, slot: Slot): Value {
  switch (slot.type) {
    case "text":
      return found instanceof Y.Text ? found.toString() : "";
    case "list":
      return found instanceof Y.Array ? found.toArray().map((item: unknown) => read(item, slot.of)) : [];
    case "map": {
      if (!(found instanceof Y.Map)) return new Map();
      const entries = [...found.entries()].flatMap(([key, value]): readonly (readonly [string, Value])[] => {
        const under = slotUnder(slot, key);
        return under === null ? [] : [[key, read(value, under)]];
      });
      return new Map(entries);
    }
    case "words":
    case "choice":
    case "fact":
      // The gate let in only what the slot takes.
      return found as string | number | boolean;
  }
}

/** 64 hex digits. */
export function documentFingerprint(tag: Tag, name: DocumentName, content: DocumentContent): string {
  const areas = [...content].map(([area, value]): Value => [area, value]);
  return bytesToHex(hashAll(DOMAINS.document, [nameToBytes(tag), encodeValue([name, ...areas])]));
}

/** The blocks of an area of blocks, in order. */
export function blocksOf(content: DocumentContent, area = "blocks"): readonly BlockContent[] {
  const blocks = content.get(area);
  return Array.isArray(blocks) ? blocks.map(blockOf) : [];
}

function blockOf(value: Value): BlockContent {
  const kind = value instanceof Map ? BLOCK_KINDS.find((known) => known === value.get("kind")) : undefined;
  const text: unknown = value instanceof Map ? value.get("text") : undefined;
  return { kind: kind ?? "paragraph", text: typeof text === "string" ? text : "" };
}
