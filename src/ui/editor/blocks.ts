/**
 * Blocks: the list in a document's area `blocks`, read out of Yjs, and found again by id.
 * Total: a kind that is missing or unknown reads as a paragraph, a missing text as empty and not to be written in.
 */
import { Map as YMap, Text as YText, type Array as YArray, type Doc, type ID } from "yjs";
import { BLOCK_KINDS, PROFILE_FACTS, type BlockKind, type ProfileFact } from "../../../protocol/index.ts";

/** A block as a screen has it. Its id is Yjs's name for the item that holds it, "client:clock": it lasts as long as the block. */
export interface Block {
  readonly id: string;
  readonly kind: BlockKind;
  readonly text: string;
  /** False when its text is gone: there is nothing to write in, only something to remove. */
  readonly hasText: boolean;
}

/** A place in a block's text, in UTF-16 units, never inside a character. */
export interface Caret {
  readonly block: string;
  readonly at: number;
}

/** A block where it lies in the live document; holds only until the next change. */
export interface Row {
  readonly index: number;
  readonly id: string;
  readonly map: YMap<unknown>;
  readonly text: YText | null;
}

export type TextRow = Row & { readonly text: YText };

export const blocksIn = (doc: Doc): YArray<unknown> => doc.getArray("blocks");

export function rowsOf(doc: Doc): readonly Row[] {
  return blocksIn(doc)
    .toArray()
    .flatMap((map, index) => {
      if (!(map instanceof YMap) || map._item === null) return [];
      const text: unknown = map.get("text");
      return [{ index, id: nameOf(map._item.id), map, text: text instanceof YText ? text : null }];
    });
}

export const rowOf = (doc: Doc, id: string): Row | null => rowsOf(doc).find((row) => row.id === id) ?? null;

/** Null also for a block that has no text. */
export function textRowOf(doc: Doc, id: string): TextRow | null {
  const row = rowOf(doc, id);
  return row === null || row.text === null ? null : { ...row, text: row.text };
}

export const listBlocks = (doc: Doc): readonly Block[] =>
  rowsOf(doc).map((row) => ({ id: row.id, kind: kindOf(row), text: textOf(row), hasText: row.text !== null }));

export const textOf = (row: Row): string => row.text?.toString() ?? "";

/** Blocks that are as they were stay the same objects, so that only what has changed is drawn anew. */
export function sameWhereEqual(before: readonly Block[], now: readonly Block[]): readonly Block[] {
  const old = new Map(before.map((block) => [block.id, block]));
  return now.map((block) => {
    const was = old.get(block.id);
    return was?.kind === block.kind && was.text === block.text && was.hasText === block.hasText ? was : block;
  });
}

export function kindOf(row: Row): BlockKind {
  const kind = row.map.get("kind");
  return BLOCK_KINDS.find((known) => known === kind) ?? "paragraph";
}

/** What a profile says beside its blocks; empty where nothing was said. */
export function factsOf(doc: Doc): Readonly<Record<ProfileFact, string>> {
  const facts = doc.getMap<unknown>("facts");
  const said = PROFILE_FACTS.map((fact) => [fact, facts.get(fact)] as const);
  // Exactly the facts there are.
  return Object.fromEntries(said.map(([fact, words]) => [fact, typeof words === "string" ? words : ""])) as Record<
    ProfileFact,
    string
  >;
}

export const nameOf = (id: ID): string => `${id.client}:${id.clock}`;
