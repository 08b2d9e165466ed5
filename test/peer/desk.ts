/** Desks: people's documents over real memberships, for tests; and a street of two to sit at them. */
import * as Y from "yjs";
import { expect } from "vitest";
import type { DocumentName, Whisper } from "../../protocol/index.ts";
import { createDocuments, type Documents } from "../../src/peer/documents.ts";
import type { Membership } from "../../src/peer/membership.ts";
import type { OpenDocument } from "../../src/peer/open-document.ts";
import type { DocumentCache } from "../../src/storage/document-cache.ts";
import { createClock, type Clock } from "./clock.ts";
import { carry, foundHome, inviteFrom, joinHome, never, type Home } from "./home.ts";

export interface Desk {
  readonly documents: Documents;
  readonly clock: Clock;
  readonly said: Whisper[];
}

export function deskOf(membership: Membership, cache: DocumentCache | null = null): Desk {
  const clock = createClock();
  const said: Whisper[] = [];
  return {
    documents: createDocuments({ membership, world: clock.world, cache, publish: (whisper) => said.push(whisper) }),
    clock,
    said,
  };
}

export const blocks = (doc: Y.Doc): Y.Array<Y.Map<unknown>> => doc.getArray("blocks");
export function addBlock(sheet: OpenDocument, text: string): boolean {
  return sheet.edit((doc) => {
    const block = new Y.Map<unknown>();
    block.set("kind", "paragraph");
    block.set("text", new Y.Text(text));
    blocks(doc).insert(blocks(doc).length, [block]);
  });
}
export const textOf = (sheet: OpenDocument, index: number): Y.Text => blocks(sheet.live()).get(index).get("text") as Y.Text;
export const read = (sheet: OpenDocument): readonly string[] =>
  blocks(sheet.live())
    .toArray()
    .map((block) => String(block.get("text")));

/** A cache is asked for without waiting. */
export const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
export async function openSheet(desk: Desk, name: DocumentName): Promise<OpenDocument> {
  const sheet = desk.documents.open(name);
  for (let tries = 0; tries < 20 && sheet.state().phase === "reading"; tries += 1) await later();
  return sheet;
}

/** Ana, who founded, and Bo, whom she let in. */
export async function neighbours(): Promise<readonly [Home, Home]> {
  const ana = await foundHome({ seed: 1 });
  const bo = await joinHome(await inviteFrom(ana), "Bo", { seed: 2 });
  await carry(ana.holding, bo.holding);
  await bo.membership.advance(never);
  await carry(bo.holding, ana.holding);
  expect(bo.membership.standing()).toBe("member");
  return [ana, bo];
}

/** All that one has and the other lacks, both ways; then all look. */
export async function meetAll(ana: Home, bo: Home, desks: readonly Desk[]): Promise<void> {
  await carry(ana.holding, bo.holding);
  await carry(bo.holding, ana.holding);
  for (const { documents } of desks) documents.refresh();
}
