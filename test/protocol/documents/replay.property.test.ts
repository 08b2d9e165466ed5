/** Laws of replay and gate among honest people: nothing of theirs is refused, and all come to say the same. */
import fc from "fast-check";
import * as Y from "yjs";
import { expect, test } from "vitest";
import type { FeedId, Tag } from "../../../protocol/crypto/hash.ts";
import { contentOf, documentFingerprint } from "../../../protocol/documents/content.ts";
import type { DocumentName } from "../../../protocol/documents/kinds.ts";
import type { Edit } from "../../../protocol/documents/replay.ts";
import { runs } from "../../runs.ts";
import { createScribe, emptyShelf, feedBy, memberBy, put, replayOf, type Scribe } from "./scribes.ts";

const NAME = "notes/00112233445566778899aabbccddeeff" as DocumentName;
const TAG = "ab".repeat(32) as Tag;
const numberOf = (feed: FeedId): number | null => [0, 1, 2, 3].find((number) => feedBy(number) === feed) ?? null;

type Step =
  | { readonly kind: "insert"; readonly who: number; readonly where: number; readonly text: string }
  | { readonly kind: "delete"; readonly who: number; readonly where: number; readonly count: number }
  | { readonly kind: "block"; readonly who: number; readonly where: number }
  | { readonly kind: "drop"; readonly who: number; readonly where: number }
  | { readonly kind: "kind"; readonly who: number; readonly where: number; readonly to: string }
  | { readonly kind: "line"; readonly who: number; readonly text: string }
  | { readonly kind: "undo" | "redo" | "settle"; readonly who: number }
  | { readonly kind: "hear"; readonly who: number; readonly from: number };

const who = fc.nat(3);
const where = fc.nat(40);
const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant("insert" as const),
        who,
        where,
        text: fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant("delete" as const), who, where, count: fc.integer({ min: 1, max: 6 }) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("block" as const), who, where }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("drop" as const), who, where }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("kind" as const), who, where, to: fc.constantFrom("heading", "bullet", "quote") }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("line" as const), who, text: fc.string({ maxLength: 9 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("undo" as const, "redo" as const), who }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("settle" as const), who }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("hear" as const), who, from: who }) },
  ),
  { minLength: 20, maxLength: 120 },
);

/** As the app's editor: never within a letter. */
function edge(text: Y.Text, wanted: number): number {
  const at = Math.min(wanted, text.length);
  return /[\uDC00-\uDFFF]/.test(text.toString()[at] ?? "") ? at - 1 : at;
}

function carryOut(step: Step, scribes: readonly Scribe[], told: Edit[][]): void {
  const scribe = scribes[step.who]!;
  const blocks = (doc: Y.Doc) => doc.getArray<Y.Map<unknown>>("blocks");
  const textAt = (doc: Y.Doc, place: number): Y.Text => {
    const all = [
      doc.getText("title"),
      ...blocks(doc)
        .toArray()
        .map((block) => block.get("text"))
        .filter((text) => text instanceof Y.Text),
    ];
    return all[place % all.length]!;
  };
  switch (step.kind) {
    case "insert":
      return scribe.type((doc) => {
        const text = textAt(doc, step.where);
        text.insert(edge(text, step.where), step.text.replace(/\p{Surrogate}/gu, "?"));
      });
    case "delete":
      return scribe.type((doc) => {
        const text = textAt(doc, step.where);
        const from = edge(text, step.where);
        text.delete(from, edge(text, from + step.count) - from);
      });
    case "block":
      return scribe.type((doc) => {
        const block = new Y.Map<unknown>();
        block.set("kind", "paragraph");
        block.set("text", new Y.Text("new"));
        blocks(doc).insert(Math.min(step.where, blocks(doc).length), [block]);
      });
    case "drop":
      return scribe.type((doc) => {
        if (blocks(doc).length > 0) blocks(doc).delete(step.where % blocks(doc).length, 1);
      });
    case "kind":
      return scribe.type((doc) => {
        if (blocks(doc).length > 0)
          blocks(doc)
            .get(step.where % blocks(doc).length)
            .set("kind", step.to);
      });
    case "line":
      return scribe.type((doc) => void doc.getMap("lines").set(memberBy(scribe.number), step.text));
    case "undo":
      return void scribe.undo.undo();
    case "redo":
      return void scribe.undo.redo();
    case "settle":
      return void told[step.who]!.push(...scribe.settle());
    case "hear": {
      if (step.from === step.who) return;
      const from = scribes[step.from]!.feed;
      const known = scribe.shelf.lengths.get(from) ?? 0;
      for (const edit of told[step.from]!.slice(known, known + 3)) scribe.take(edit);
      return;
    }
  }
}

const fingerprint = (doc: Y.Doc): string => documentFingerprint(TAG, NAME, contentOf(doc, NAME));

test("whatever honest people type, undo and hear in any order, nothing is refused and all say the same", () => {
  const times = runs(50, 150);
  let [edits, handedBack] = [0, 0];
  fc.assert(
    fc.property(steps, fc.infiniteStream(fc.nat(3)), (plan, turns) => {
      const scribes = [0, 1, 2, 3].map((number) => createScribe(NAME, number, numberOf));
      const told: Edit[][] = [[], [], [], []];
      for (const step of plan) carryOut(step, scribes, told);
      scribes.forEach((scribe, number) => told[number]!.push(...scribe.settle()));
      edits += told.flat().length;
      handedBack += scribes.reduce((sum, scribe) => sum + scribe.handedBack(), 0);
      for (const scribe of scribes)
        scribes.forEach((other, number) => {
          if (other === scribe) return;
          for (const edit of told[number]!.slice(scribe.shelf.lengths.get(other.feed) ?? 0)) scribe.take(edit);
        });
      for (const { replay } of scribes) {
        expect(
          replay()
            .decided()
            .filter(({ verdict }) => verdict !== "counts"),
        ).toEqual([]);
        expect(replay().waiting()).toBe(0);
      }
      expect(new Set(scribes.map(({ replay }) => fingerprint(replay().doc))).size).toBe(1);
      expect(scribes.map(({ live }) => fingerprint(live))).toEqual(scribes.map(({ replay }) => fingerprint(replay().doc)));
      // A stranger who gets them feed by feed, in any order, says the same.
      const shelf = emptyShelf();
      const late = replayOf(NAME, shelf, numberOf);
      const queues = told.map((list) => [...list]);
      while (queues.some((queue) => queue.length > 0)) {
        const queue = queues[turns.next().value]!;
        const edit = queue.shift();
        if (edit !== undefined) put(shelf, edit);
        late.advance();
      }
      expect(late.waiting()).toBe(0);
      expect(fingerprint(late.doc)).toBe(fingerprint(scribes[0]!.replay().doc));
    }),
    { numRuns: times },
  );
  expect(edits).toBeGreaterThan((times * 10) / 3);
  expect(handedBack).toBeLessThan(2); // Yjs's undo (test/fuzz/scene.ts)
});
