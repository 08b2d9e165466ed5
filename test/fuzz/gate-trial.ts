/**
 * Trial: a hostile update that the gate lets in, put into copies of the document beside all honest edits that do not build on what it
 * takes the place of. What must hold then does not ask the gate: nothing waits inside Yjs, no root is new, nothing else than its author
 * may write reads otherwise, and whoever gets the edits in another order, or reloads, has the same down to the last deleted letter.
 */
import * as Y from "yjs";
import type { EnvelopeId, FeedId } from "../../protocol/crypto/hash.ts";
import { contentOf } from "../../protocol/documents/content.ts";
import { createDoc } from "../../protocol/documents/ground.ts";
import { areasOf } from "../../protocol/documents/kinds.ts";
import type { Edit, Replay } from "../../protocol/documents/replay.ts";
import type { Millis } from "../../protocol/lang/brand.ts";
import { emptyShelf, put, replayOf, type Shelf } from "../protocol/documents/scribes.ts";
import type { Dice } from "./chance.ts";
import type { Case } from "./gate-mutants.ts";
import { claimOf, FEEDS, numberOf, type Scene } from "./scene.ts";
import { skeletonOf } from "./skeleton.ts";

const HOSTILE = "f0".repeat(32) as EnvelopeId;

export interface Trials {
  /** Null when all is as it must be. */
  readonly run: (tried: Case, dice: Dice) => string | null;
}

export function trialsOf(scene: Scene): Trials {
  const { name, subject } = scene;
  const baselines = new Map<string, string>();

  /** The edits of `feed` before `index`, then `edit`; all of the others. */
  function editsWith(feed: FeedId, index: number, edit: Edit | null, order: readonly FeedId[]): readonly (readonly Edit[])[] {
    return order.map((other) => {
      const all = (scene.byFeed.get(other) ?? []).map((written) => written.edit);
      return other === feed ? [...all.slice(0, index), ...(edit === null ? [] : [edit])] : all;
    });
  }
  function replayWith(
    lists: readonly (readonly Edit[])[],
    shelf: Shelf,
    pace: "at once" | "one by one",
    live: Y.Doc | null = null,
  ): Replay {
    const replay = replayOf(name, shelf, numberOf);
    if (live !== null) replay.doc.on("update", (update: Uint8Array) => Y.applyUpdate(live, update));
    for (const edit of lists.flat()) {
      put(shelf, edit);
      if (pace === "one by one") replay.advance();
    }
    replay.advance();
    return replay;
  }
  /** What the author may not write, as it reads. */
  function beyond(doc: Y.Doc, feed: FeedId): string {
    const { member, isSteward } = claimOf(feed);
    const content = contentOf(doc, name);
    return areasOf(subject.kind)
      .map((area) => {
        const value = content.get(area.name);
        const isTheirs =
          area.writers === "members" ||
          (area.writers === "owner" && member === subject.owner) ||
          (area.writers === "stewards" && isSteward);
        if (isTheirs) return "";
        const shown =
          value instanceof Map ? [...value].filter(([key]) => area.writers !== "key-holder" || key !== member).sort() : value;
        return `${area.name} ${JSON.stringify(shown, (_, part: unknown) => (part instanceof Map ? [...part] : part))}`;
      })
      .join("\n");
  }
  function baselineOf(feed: FeedId, index: number): string {
    const key = `${feed} ${index}`;
    const known = baselines.get(key);
    if (known !== undefined) return known;
    const found = beyond(replayWith(editsWith(feed, index, null, FEEDS), emptyShelf(), "at once").doc, feed);
    baselines.set(key, found);
    return found;
  }
  const verdicts = (replay: Replay): string =>
    replay
      .decided()
      .map(({ edit, verdict }) => `${edit.id} ${JSON.stringify(verdict)}`)
      .sort()
      .join();

  function run({ feed, index, seen, bytes }: Case, dice: Dice): string | null {
    const seq = scene.byFeed.get(feed)?.[index]?.edit.seq ?? (scene.byFeed.get(feed)?.at(-1)?.edit.seq ?? -1) + 1;
    const edit: Edit = { id: HOSTILE, feed, seq, at: 9_999 as Millis, seen, update: bytes };
    // Somebody may have fallen meanwhile, or told two stories: then all must agree still.
    const ends = dice.once(4)
      ? { fallen: dice.pick(FEEDS), fork: dice.once(2) ? dice.pick(FEEDS) : null, at: dice.below(4) }
      : null;
    const shelf = (): Shelf => {
      const empty = emptyShelf();
      if (ends !== null) empty.fallen.add(ends.fallen);
      if (ends !== null && ends.fork !== null) empty.forks.set(ends.fork, ends.at);
      return empty;
    };
    const order = dice.once(2) ? FEEDS : [...FEEDS].reverse();
    const live = createDoc(subject.kind, 0);
    const first = replayWith(editsWith(feed, index, edit, order), shelf(), "at once");
    // The others' first, one at a time; then the hostile feed's.
    const last = [...[...order].reverse().filter((other) => other !== feed), feed];
    const other = replayWith(editsWith(feed, index, edit, last), shelf(), "one by one", live);

    const skeleton = skeletonOf(first.doc, subject.kind);
    const reloaded = createDoc(subject.kind, 0);
    Y.applyUpdate(reloaded, Y.encodeStateAsUpdate(other.doc));
    for (const doc of [first.doc, other.doc, live, reloaded]) {
      if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null) return "something waits inside Yjs";
      if (doc.share.size !== areasOf(subject.kind).length) return `roots: ${[...doc.share.keys()].join(" ")}`;
      if (skeletonOf(doc, subject.kind) !== skeleton)
        return `${doc === other.doc ? "another order" : doc === live ? "live" : "reloaded"} differs:\n${skeleton}\n${skeletonOf(doc, subject.kind)}`;
    }
    if (verdicts(first) !== verdicts(other)) return `verdicts differ:\n${verdicts(first)}\n${verdicts(other)}`;
    if (ends !== null) return null;
    const verdict = first.decided().find((each) => each.edit === edit)?.verdict;
    if (verdict !== "counts") return `accepted alone, and ${JSON.stringify(verdict)} in its place`;
    if (beyond(first.doc, feed) !== baselineOf(feed, index)) return "what is not its author's reads otherwise";
    return null;
  }
  return { run };
}
