/**
 * Changes: a document's history for people. Which moments there were, and what is otherwise now than it was then.
 *
 *   W1  Moments are prefixes of one order: every edit behind what it builds on, else by claimed time, then id. So they are the same
 *       on every device that has the same edits.
 *   W2  A letter is there or not, then and now, by its own item; so what was moved reads as removed and added. Who added a letter is
 *       known of each; who removed it is not kept by Yjs.
 */
import * as Y from "yjs";
import type { FeedId } from "../crypto/hash.ts";
import { goneUpdate } from "./encode.ts";
import { createDoc, groundOf, rootOf, type Ground } from "./ground.ts";
import { hung, voided } from "./hang.ts";
import { areasOf, BLOCK_KINDS, subjectOf, type BlockKind, type DocumentName } from "./kinds.ts";
import { clockIn } from "./past.ts";
import type { Decided, Replay } from "./replay.ts";
import { scanUpdate, textOf, type ItemId } from "./update.ts";

export interface TextRun {
  readonly kind: "kept" | "added" | "removed";
  readonly text: string;
  /** Whose feed added it; null for what was there then, and where that is not known. */
  readonly by: FeedId | null;
}

export interface BlockChange {
  readonly kind: "kept" | "added" | "removed" | "changed";
  readonly block: BlockKind;
  readonly runs: readonly TextRun[];
}

/** W1. What was refused is left out. */
export function inOrder(replay: Replay): readonly Decided[] {
  const queues = new Map<number, Decided[]>();
  for (const each of replay.decided()) {
    if (typeof each.verdict !== "string" || each.verdict === "stranger") continue;
    const queue = queues.get(each.past.client);
    if (queue === undefined) queues.set(each.past.client, [each]);
    else queue.push(each);
  }
  const placed = new Map<number, number>();
  const ordered: Decided[] = [];
  const heads = new Map([...queues].map(([client]) => [client, 0]));
  const isReady = ({ past }: Decided): boolean => [...past.others].every(([client, clock]) => (placed.get(client) ?? 0) >= clock);
  for (;;) {
    let next: Decided | null = null;
    for (const [client, head] of heads) {
      const first = queues.get(client)?.[head];
      if (first !== undefined && isReady(first) && (next === null || isEarlier(first, next))) next = first;
    }
    if (next === null) return ordered; // no cycle can leave one behind: a past names what was written before
    ordered.push(next);
    placed.set(next.past.client, next.past.own);
    heads.set(next.past.client, (heads.get(next.past.client) ?? 0) + 1);
  }
}

const isEarlier = ({ edit: one }: Decided, { edit: other }: Decided): boolean =>
  one.at < other.at || (one.at === other.at && one.id < other.id);

/** `upTo`: how many of `inOrder` make the moment to compare with. */
export function changesSince(replay: Replay, name: DocumentName, upTo: number): readonly BlockChange[] {
  const subject = subjectOf(name);
  if (subject === null) throw new Error("a document's name is parsed before it is opened");
  const then = createDoc(subject.kind, 0);
  const ground = groundOf(then, subject.kind);
  for (const each of inOrder(replay).slice(0, upTo)) putBack(then, ground, each);
  const snapshot = Y.snapshot(then);
  const wasThere = ({ client, clock }: ItemId): boolean =>
    clock < (snapshot.sv.get(client) ?? 0) && !Y.isDeleted(snapshot.ds, Y.createID(client, clock));
  const look: Look = { wasThere, feedOf: replay.feedOf };
  return areasOf(subject.kind).flatMap((area): readonly BlockChange[] => {
    const now = rootOf(replay.doc, area);
    if (now instanceof Y.Text) return changeOf("heading", runsIn(look, now));
    if (now instanceof Y.Array) return blockChanges(look, now);
    const before = rootOf(then, area);
    return before instanceof Y.Map ? valueChanges(before, now) : [];
  });
}

function putBack(doc: Y.Doc, ground: Ground, { edit, verdict, past }: Decided): void {
  const scanned = scanUpdate(edit.update);
  if (!scanned.ok) return;
  const { value } = scanned;
  const update =
    verdict === "counts" ? hung(ground, past, value) : verdict === "void" ? voided(ground, value) : goneUpdate(value);
  if (update !== null) Y.applyUpdate(doc, update);
}

interface Look {
  readonly wasThere: (id: ItemId) => boolean;
  readonly feedOf: (client: number) => FeedId | null;
}

function blockChanges(look: Look, blocks: Y.Array<unknown>): readonly BlockChange[] {
  const changes: BlockChange[] = [];
  for (let item = blocks._start; item !== null; item = item.right) {
    const then = look.wasThere(item.id);
    if ((!then && item.deleted) || !(item.content instanceof Y.ContentType)) continue;
    const fields = item.content.type._map;
    const kind = BLOCK_KINDS.find((known) => known === lastValue(fields.get("kind"))) ?? "paragraph";
    const content = fields.get("text")?.content;
    const runs = content instanceof Y.ContentType ? runsIn(look, content.type) : [];
    if (!item.deleted && then) changes.push(...changeOf(kind, runs));
    else changes.push({ kind: then ? "removed" : "added", block: kind, runs });
  }
  return changes;
}

function changeOf(block: BlockKind, runs: readonly TextRun[]): readonly BlockChange[] {
  if (runs.length === 0) return [];
  return [{ kind: runs.every(({ kind }) => kind === "kept") ? "kept" : "changed", block, runs }];
}

const lastValue = (item: Y.Item | undefined): unknown => (item?.content instanceof Y.ContentAny ? item.content.arr.at(-1) : null);

/** W2: letter by letter, those alike and side by side as one run. */
function runsIn({ wasThere, feedOf }: Look, text: Pick<Y.AbstractType<unknown>, "_start">): readonly TextRun[] {
  const runs: TextRun[] = [];
  for (let item = text._start; item !== null; item = item.right) {
    if (!(item.content instanceof Y.ContentString)) continue;
    const { client, clock } = item.id;
    for (let unit = 0; unit < item.length; unit += 1) {
      const then = wasThere({ client, clock: clock + unit });
      if (!then && item.deleted) continue;
      const kind = item.deleted ? "removed" : then ? "kept" : "added";
      const by = kind === "added" ? feedOf(client) : null;
      const letter = item.content.str[unit] ?? "";
      const last = runs.at(-1);
      if (last?.kind === kind && last.by === by) runs[runs.length - 1] = { ...last, text: last.text + letter };
      else runs.push({ kind, text: letter, by });
    }
  }
  return runs;
}

function valueChanges(before: Y.Map<unknown>, now: Y.Map<unknown>): readonly BlockChange[] {
  return [...new Set([...before.keys(), ...now.keys()])].flatMap((key): readonly BlockChange[] => {
    const [old, fresh] = [before.get(key), now.get(key)].map((value) => (value === undefined ? "" : String(value)));
    if (old === fresh) return [];
    const runs: readonly TextRun[] = [
      { kind: "removed", text: old ?? "", by: null },
      { kind: "added", text: fresh ?? "", by: null },
    ];
    return [{ kind: "changed", block: "paragraph", runs: runs.filter(({ text }) => text !== "") }];
  });
}

/** Texts that a feed wrote and that stand nowhere any more, because their ground fell away (replay.ts R5, gate.ts G8), in order. */
export function lostTexts(replay: Replay, feed: FeedId): readonly string[] {
  const structs = replay.doc.store.clients.get(replay.pastOf(feed).client) ?? [];
  if (!structs.some((struct) => struct instanceof Y.GC)) return [];
  return replay
    .decided()
    .filter(({ edit, verdict }) => edit.feed === feed && (verdict === "counts" || verdict === "lost-ground"))
    .flatMap(({ edit, past }) => {
      const scanned = scanUpdate(edit.update);
      if (!scanned.ok || scanned.value.client === null) return [];
      const { client } = scanned.value;
      return scanned.value.structs.flatMap((struct) => {
        const { content, clock } = struct;
        if (content.kind === "type" || clock >= clockIn(past, client)) return [];
        const found = Y.getItem(replay.doc.store, Y.createID(client, clock)) as Y.Item | Y.GC;
        if (!(found instanceof Y.GC)) return [];
        return content.kind === "text" ? [textOf(edit.update, struct)] : wordsAmong(content.values);
      });
    });
}

/** What people wrote under keys: not a number, and not the kind of a block. */
export const wordsAmong = (values: readonly unknown[]): readonly string[] =>
  values.filter((value): value is string => typeof value === "string" && !BLOCK_KINDS.some((kind) => kind === value));
