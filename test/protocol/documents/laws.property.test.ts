/** Laws of scanner, gate and replay under hostile input: for all bytes, and for any arrival of any mixture of honest and hostile edits. */
import fc from "fast-check";
import * as Y from "yjs";
import { describe, expect, test } from "vitest";
import type { EnvelopeId, FeedId, Tag } from "../../../protocol/crypto/hash.ts";
import { contentOf, documentFingerprint } from "../../../protocol/documents/content.ts";
import { createDoc } from "../../../protocol/documents/ground.ts";
import type { Edit, Replay } from "../../../protocol/documents/replay.ts";
import { scanUpdate, type Update } from "../../../protocol/documents/update.ts";
import type { Millis } from "../../../protocol/lang/brand.ts";
import { diceFor } from "../../fuzz/chance.ts";
import { caseFrom } from "../../fuzz/gate-mutants.ts";
import { FEEDS, NAMES, numberOf, sceneOf, type Scene } from "../../fuzz/scene.ts";
import { skeletonOf } from "../../fuzz/skeleton.ts";
import { bytesOf, wildOf } from "../../fuzz/wild.ts";
import { runs } from "../../runs.ts";
import { emptyShelf, nameBy, put, replayOf } from "./scribes.ts";

const TAG = "ab".repeat(32) as Tag;
const SCENES: readonly Scene[] = [0, 1, 2, 3, 4, 5, 6, 7].map((at) => sceneOf(NAMES[at % 4]!, diceFor(8, 1, at), skeletonOf));
const updates = SCENES.flatMap(({ written }) => written.map(({ update }) => update));
const scenes = fc.constantFrom(...SCENES);

describe("scanner", () => {
  test("arbitrary bytes never throw, and are never changed", () => {
    const nearly = fc
      .tuple(fc.constantFrom(...updates), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
      .map(([{ bytes }, changes]) => {
        const changed = bytes.slice();
        for (const [at, byte] of changes) changed[at % changed.length] = byte;
        return changed;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), nearly), (bytes) => {
        const copy = bytes.slice();
        scanUpdate(bytes);
        expect(bytes).toEqual(copy);
      }),
      { numRuns: runs(1_000, 3_000) },
    );
  });

  test("what is let in has one way to be written: taken apart and written again it is the same", () => {
    let accepted = 0;
    const check = (update: Update): void => {
      accepted += 1;
      expect(bytesOf(wildOf(update))).toEqual(update.bytes);
    };
    updates.forEach(check);
    fc.assert(
      fc.property(scenes, fc.nat(), (scene, number) => {
        const scanned = scanUpdate(caseFrom(scene, diceFor(3, 2, number)).bytes);
        if (scanned.ok) check(scanned.value);
      }),
      { numRuns: runs(800, 1_500) },
    );
    expect(accepted).toBeGreaterThan(300);
  });

  test("what is let in, put into a document that has all it names, leaves nothing waiting and makes no root", () => {
    const times = runs(700, 2_000);
    let applied = 0;
    fc.assert(
      fc.property(scenes, fc.nat(), (scene, number) => {
        const scanned = scanUpdate(caseFrom(scene, diceFor(4, 2, number)).bytes);
        if (!scanned.ok || !isHere(scene.replay.doc, scanned.value)) return;
        applied += 1;
        const doc = createDoc(scene.subject.kind, 0);
        Y.applyUpdate(doc, Y.encodeStateAsUpdate(scene.replay.doc));
        const roots = [...doc.share.keys()];
        Y.applyUpdate(doc, scanned.value.bytes);
        expect([doc.store.pendingStructs, doc.store.pendingDs]).toEqual([null, null]);
        expect([...doc.share.keys()]).toEqual(roots);
      }),
      { numRuns: times },
    );
    expect(applied).toBeGreaterThan(times / 20);
  });
});

/** All that an update names lies below what `doc` has, its areas are there, and its own structs come next. */
function isHere(doc: Y.Doc, update: Update): boolean {
  const vector = Y.decodeStateVector(Y.encodeStateVector(doc));
  const upTo = (client: number): number => (client === update.client ? update.clock + update.length : (vector.get(client) ?? 0));
  if (update.client !== null && update.clock !== (vector.get(update.client) ?? 0)) return false;
  const names = update.structs.flatMap(({ left, right, parent, clock }) =>
    [left, right, parent !== null && "item" in parent ? parent.item : null].flatMap((id) =>
      id === null ? [] : [{ ...id, before: clock }],
    ),
  );
  return (
    names.every(({ client, clock, before }) => clock < (client === update.client ? before : upTo(client))) &&
    update.structs.every(({ parent }) => parent === null || !("area" in parent) || doc.share.has(parent.area)) &&
    // Plain Yjs throws where a parent holds nothing; the gate looks that up.
    update.structs.every(({ parent }) => parent === null || "area" in parent) &&
    update.deletes.every(({ client, clock, length }) => clock + length <= upTo(client))
  );
}

describe("replay", () => {
  /** Some of the honest edits of a scene, with hostile ones put in between in the name of any feed. */
  interface Mixture {
    readonly scene: Scene;
    readonly lists: readonly (readonly Edit[])[];
  }
  const mixtures: fc.Arbitrary<Mixture> = fc
    .tuple(scenes, fc.array(fc.tuple(fc.nat(4), fc.nat(12), fc.nat()), { minLength: 1, maxLength: 12 }))
    .map(([scene, hostile]) => {
      const lists = FEEDS.map((feed) => (scene.byFeed.get(feed) ?? []).map(({ edit }): Omit<Edit, "seq"> => edit));
      hostile.forEach(([who, at, number], index) => {
        const { bytes, seen } = caseFrom(scene, diceFor(5, 2, number));
        const id = nameBy<EnvelopeId>(index, 77);
        const own = seen.filter(({ feed }) => feed !== FEEDS[who]);
        lists[who]!.splice(at % (lists[who]!.length + 1), 0, {
          id,
          feed: FEEDS[who]!,
          at: 1 as Millis,
          seen: own,
          update: bytes,
        });
      });
      // Places are counted anew; who says that an edit was seen says it by id.
      const placed = lists.map((list) => list.map((edit, seq): Edit => ({ ...edit, seq })));
      const seqBy = new Map(placed.flat().map((edit) => [edit.id, edit.seq]));
      const aligned = placed.map((list) =>
        list.map((edit) => ({ ...edit, seen: edit.seen.map((seen) => ({ ...seen, seq: seqBy.get(seen.id) ?? seen.seq })) })),
      );
      return { scene, lists: aligned };
    });
  interface Ends {
    readonly forks: readonly (readonly [FeedId, number])[];
    readonly fallen: readonly FeedId[];
  }
  const feeds = fc.constantFrom(...FEEDS);
  const ends: fc.Arbitrary<Ends> = fc.record({
    forks: fc.array(fc.tuple(feeds, fc.nat(8)), { maxLength: 2 }),
    fallen: fc.array(feeds, { maxLength: 2 }),
  });

  function replayed({ scene, lists }: Mixture, { forks, fallen }: Ends, turns: Iterator<number>): Replay {
    const shelf = emptyShelf();
    for (const feed of fallen) shelf.fallen.add(feed);
    for (const [feed, seq] of forks) shelf.forks.set(feed, Math.min(seq, shelf.forks.get(feed) ?? Infinity));
    const replay = replayOf(scene.name, shelf, numberOf);
    const queues = lists.map((list) => [...list]);
    while (queues.some((queue) => queue.length > 0)) {
      const turn = Number(turns.next().value);
      const edit = queues[turn % queues.length]!.shift();
      if (edit !== undefined) put(shelf, edit);
      if (turn % 3 === 0) replay.advance(1 + (turn % 4));
    }
    while (replay.advance(3));
    return replay;
  }
  const outcome = (replay: Replay, { name, subject }: Scene): unknown => ({
    fingerprint: documentFingerprint(TAG, name, contentOf(replay.doc, name)),
    skeleton: skeletonOf(replay.doc, subject.kind),
    verdicts: replay
      .decided()
      .map(({ edit, verdict }) => `${edit.id} ${JSON.stringify(verdict)}`)
      .sort(),
    waiting: replay.waiting(),
  });

  test("R1: with hostile edits, forks and fallen members, what comes out does not ask what came first", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(mixtures, ends, fc.infiniteStream(fc.nat(60)), fc.infiniteStream(fc.nat(60)), (mixture, end, left, right) => {
        const [first, other] = [replayed(mixture, end, left), replayed(mixture, end, right)];
        expect(outcome(first, mixture.scene)).toEqual(outcome(other, mixture.scene));
        expect([first.doc.store.pendingStructs, first.doc.store.pendingDs]).toEqual([null, null]);
        for (const { verdict } of first.decided()) seen.add(typeof verdict === "string" ? verdict : "refused");
      }),
      { numRuns: runs(100, 250) },
    );
    expect([...seen].sort()).toEqual(["counts", "lost-ground", "refused", "void"]);
  });
});
