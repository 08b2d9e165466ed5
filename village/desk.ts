/** Desk: how villagers write pages: with the app's own typing, composing and gate (src/peer/typing.ts, DESIGN 4.7). */
import * as Y from "yjs";
import { CHARTER, clientOf, profileOf, type DocumentName, type Millis, type Replay } from "../protocol/index.ts";
import { createTyping, type Typing } from "../src/peer/typing.ts";
import type { Log } from "./log.ts";
import type { Change, Page } from "./story.ts";

interface Hand {
  readonly by: number;
  readonly changes: readonly Change[];
}

/** All hands type before the first of them settles. */
export function writePage(log: Log, at: Millis, page: Page, hands: readonly Hand[]): void {
  const [first] = hands;
  if (first === undefined) return;
  const name = page === "charter" ? CHARTER : profileOf(log.villager(first.by).root.id);
  const replay = replayNow(log, name);
  const sheets = hands.map((hand) => ({ ...hand, typing: sitDown(log, hand.by, replay) }));
  for (const { typing, changes } of sheets) for (const change of changes) typing.edit((doc) => applyChange(doc, change));
  for (const { by, typing } of sheets) {
    settle(log, by, at, name, replay, typing);
    typing.close();
  }
}

function replayNow(log: Log, name: DocumentName): Replay {
  const replay = log.replica.community.documents.replay(name);
  while (replay.advance());
  return replay;
}

function sitDown(log: Log, by: number, replay: Replay): Typing {
  const nothing = (): void => undefined;
  return createTyping(replay.kind, clientOf(log.villager(by).feed), replay, null, nothing, nothing);
}

function settle(log: Log, by: number, at: Millis, name: DocumentName, replay: Replay, typing: Typing): void {
  const { feed } = log.villager(by);
  const composed = typing.compose(replay.pastOf(feed));
  if (composed === null) throw new Error("a villager wrote what no document has");
  const refused = replay.check(feed, ...composed.edits);
  if (refused !== null) throw new Error(`a villager's edit does not pass the gate: ${refused}`);
  for (const edit of composed.edits) log.edit(by, at, name, edit);
  composed.taken();
  if (replayNow(log, name) !== replay) throw new Error("the ground of a page changed while it was written");
}

function applyChange(doc: Y.Doc, change: Change): void {
  if ("fact" in change) return void doc.getMap<unknown>("facts").set(change.fact, change.words);
  const blocks = doc.getArray<unknown>("blocks");
  if ("put" in change) {
    const block = new Y.Map<unknown>();
    block.set("kind", change.put);
    block.set("text", new Y.Text(change.text));
    return blocks.push([block]);
  }
  const block = blocks.get(Math.min(change.behind, blocks.length - 1));
  const text: unknown = block instanceof Y.Map ? block.get("text") : null;
  if (text instanceof Y.Text) text.insert(text.length, change.text);
}
