/** Stage: four people at one document, and what becomes of an update that one of them sends to another. */
import * as Y from "yjs";
import { expect } from "vitest";
import type { FeedId } from "../../../protocol/crypto/hash.ts";
import { clientOf } from "../../../protocol/documents/client.ts";
import type { DocumentName } from "../../../protocol/documents/kinds.ts";
import type { Edit, Verdict } from "../../../protocol/documents/replay.ts";
import type { Seen } from "../../../protocol/envelope/body.ts";
import { createScribe, editOf, feedBy, memberBy, type Scribe } from "./scribes.ts";

export const NOTES = "notes/00112233445566778899aabbccddeeff" as DocumentName;
export const ENTRY = "entry/00112233445566778899aabbccddeeff" as DocumentName;

/** Ana (0) is the steward, Bo (1) an honest member, Mal (2) the one who means harm; Cy (3) is honest too. */
export interface Stage {
  readonly ana: Scribe;
  readonly bo: Scribe;
  readonly mal: Scribe;
  readonly cy: Scribe;
  readonly all: readonly Scribe[];
  /** Types as one of them, settles, and brings it to all. */
  readonly honest: (who: Scribe, change: (doc: Y.Doc) => void) => readonly Edit[];
  /** Brings an edit of Mal's to Ana. */
  readonly send: (bytes: Uint8Array, seen?: readonly Seen[]) => Verdict | "waits";
  /** Sends it, and expects that nothing at all came of it. */
  readonly refuse: (bytes: Uint8Array, seen?: readonly Seen[]) => unknown;
  /** What Mal names to have seen all that there is. */
  readonly seen: () => readonly Seen[];
}

export const MAL = clientOf(feedBy(2));
export const numberOf = (feed: FeedId): number | null => [0, 1, 2, 3].find((number) => feedBy(number) === feed) ?? null;
export const memberOf = memberBy;

export function stageOf(name: DocumentName): Stage {
  const all = [0, 1, 2, 3].map((number) => createScribe(name, number, numberOf));
  const [ana, bo, mal, cy] = all as [Scribe, Scribe, Scribe, Scribe];
  let malSeq = 0;
  let at = 1_000;
  const honest = (who: Scribe, change: (doc: Y.Doc) => void): readonly Edit[] => {
    who.type(change);
    const edits = who.settle();
    for (const other of all) if (other !== who) edits.forEach((edit) => void other.take(edit));
    return edits;
  };
  const send = (bytes: Uint8Array, seen: readonly Seen[] = seenBy(ana)): Verdict | "waits" => {
    const edit = editOf(mal.feed, malSeq, (at += 1), { update: bytes, seen });
    malSeq += 1;
    ana.take(edit);
    return (
      ana
        .replay()
        .decided()
        .find((each) => each.edit === edit)?.verdict ?? "waits"
    );
  };
  return {
    ana,
    bo,
    mal,
    cy,
    all,
    honest,
    send,
    refuse: (bytes, seen) => {
      const { doc } = ana.replay();
      const [before, live] = [stateOf(doc), stateOf(ana.live)];
      const verdict = send(bytes, seen);
      expect(stateOf(doc)).toEqual(before);
      expect(stateOf(ana.live)).toEqual(live);
      return typeof verdict === "object" ? verdict.refused : verdict;
    },
    seen: () => seenBy(ana),
  };
}

/** The last edit of every feed but Mal's. */
export const seenBy = ({ shelf }: Scribe): readonly Seen[] =>
  [...shelf.edits]
    .filter(([feed]) => feed !== feedBy(2))
    .map(([feed, edits]) => ({ feed, seq: edits.at(-1)!.seq, id: edits.at(-1)!.id }))
    .sort((left, right) => (left.feed < right.feed ? -1 : 1));

/** All of a document that Yjs knows: what it would write, its roots, and what waits inside it. */
export const stateOf = (doc: Y.Doc): unknown => ({
  written: Buffer.from(Y.encodeStateAsUpdate(doc)).toString("hex"),
  roots: [...doc.share.keys()],
  waiting: [doc.store.pendingStructs, doc.store.pendingDs],
});

/** The first block's map, kind and text, as Bo's `makeBlock` made them. */
export function makeBlock(doc: Y.Doc, text: string): void {
  const made = new Y.Map<unknown>();
  made.set("kind", "paragraph");
  made.set("text", new Y.Text(text));
  doc.getArray("blocks").push([made]);
}
