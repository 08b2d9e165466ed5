/** What was typed over one ground, carried over to another that lacks a part of it. */
import * as Y from "yjs";
import { describe, expect, test } from "vitest";
import { lostTexts, wordsAmong, type Replay, type Tag } from "../../protocol/index.ts";
import { createSheet } from "../../src/peer/sheet.ts";
import { createTyping, type Typing } from "../../src/peer/typing.ts";
import { createScribe, emptyShelf, put, replayOf, type Scribe } from "../protocol/documents/scribes.ts";
import { createClock } from "./clock.ts";
import { ENTRY, makeBlock, numberOf } from "../protocol/documents/stage.ts";

const nothing = (): void => undefined;
const typingOf = (on: Replay, { client }: Scribe, carried: ReturnType<Typing["handOver"]> = null): Typing =>
  createTyping("entry", client, on, carried, nothing, nothing);

/** Bo has seen what Mal wrote; then Mal's feed parts before it. */
function partedUnder(type: (doc: Y.Doc) => void): {
  readonly before: Typing;
  readonly after: Typing;
  readonly now: Replay;
  readonly bo: Scribe;
} {
  const [bo, mal] = [createScribe(ENTRY, 1, numberOf), createScribe(ENTRY, 2, numberOf)];
  mal.type((doc) => makeBlock(doc, "two stories"));
  for (const edit of mal.settle()) bo.take(edit);
  const before = typingOf(bo.replay(), bo);
  before.edit(type);
  const shelf = emptyShelf();
  shelf.forks.set(mal.feed, 0);
  for (const edits of bo.shelf.edits.values()) for (const edit of edits) put(shelf, edit);
  const now = replayOf(ENTRY, shelf, numberOf);
  now.advance();
  return { before, after: typingOf(now, bo, before.handOver(bo.replay().pastOf(bo.feed))), now, bo };
}
const textIn = (doc: Y.Doc): Y.Text => doc.getArray<Y.Map<unknown>>("blocks").get(0).get("text") as Y.Text;

describe("T4: ground that fell away", () => {
  test("seed 76: what was deleted there is not deleted once more where it never was", () => {
    const { after, now, bo } = partedUnder((doc) => textIn(doc).delete(0, 3));
    expect(after.hasGround()).toBe(true);
    expect(after.isUnsettled()).toBe(false);
    expect(after.compose(now.pastOf(bo.feed))?.edits).toEqual([]);
  });
  test("what hangs on it has no ground, also without a letter in it", () => {
    const { after } = partedUnder((doc) => doc.getArray<Y.Map<unknown>>("blocks").get(0).set("kind", "heading"));
    expect(after.unsettledTexts()).toEqual([]);
    expect(after.hasGround()).toBe(false);
  });
  test("words under a key are handed out as letters are; the kind of a block is not", () => {
    const { before } = partedUnder((doc) => {
      doc.getMap("facts").set("place", "the shed");
      doc.getMap("facts").set("count", 3);
      makeBlock(doc, "letters");
    });
    expect(before.unsettledTexts()).toEqual(["the shed", "letters"]);
  });
});

test("T2: what our own feed says elsewhere, and comes by the log, is not unsettled here", () => {
  const [bo, there] = [createScribe(ENTRY, 1, numberOf), createScribe(ENTRY, 1, numberOf)];
  const typing = typingOf(bo.replay(), bo);
  there.type((doc) => makeBlock(doc, "by the device that was copied"));
  for (const edit of there.settle()) bo.take(edit);
  expect(typing.isUnsettled()).toBe(false);
  expect(typing.unsettledTexts()).toEqual([]);
});

test("words under a key that lost their ground are handed back", () => {
  const [bo, mal] = [createScribe(ENTRY, 1, numberOf), createScribe(ENTRY, 2, numberOf)];
  mal.type((doc) => doc.getMap("facts").set("place", "the attic"));
  const theirs = mal.settle();
  for (const edit of theirs) bo.take(edit);
  bo.type((doc) => doc.getMap("facts").set("place", "the shed"));
  const mine = bo.settle();
  const shelf = emptyShelf();
  shelf.forks.set(mal.feed, 0);
  for (const edit of [...theirs, ...mine]) put(shelf, edit);
  const now = replayOf(ENTRY, shelf, numberOf);
  now.advance();
  expect(now.decided().map(({ verdict }) => verdict)).toEqual(["lost-ground"]);
  expect(lostTexts(now, bo.feed)).toEqual(["the shed"]);
});

test("wordsAmong: words only", () => {
  expect(wordsAmong(["a", 1, true, "paragraph"])).toEqual(["a"]);
});

test("L4: what fell first and what fell later are each handed back once, whichever was written first", () => {
  const [bo, mal, cy] = [1, 2, 3].map((number) => createScribe(ENTRY, number, numberOf)) as [Scribe, Scribe, Scribe];
  const byKey = (key: string, words: string) => (doc: Y.Doc) => void doc.getMap("facts").set(key, words);
  const all = [mal, cy].flatMap((other, index) => {
    other.type(byKey(`fact ${index}`, "theirs"));
    const theirs = other.settle();
    for (const edit of theirs) bo.take(edit);
    bo.type(byKey(`fact ${index}`, `mine over ${index}`));
    return [...theirs, ...bo.settle()];
  });
  const over = (...forked: readonly Scribe[]): Replay => {
    const shelf = emptyShelf();
    for (const { feed } of forked) shelf.forks.set(feed, 0);
    for (const edit of all) put(shelf, edit);
    const replay = replayOf(ENTRY, shelf, numberOf);
    replay.advance();
    return replay;
  };
  let now = over();
  let look = nothing;
  const sheet = createSheet({
    tag: "" as Tag, // nothing is named by it here
    name: ENTRY,
    binding: { replay: () => now, refresh: nothing, subscribe: (changed) => ((look = changed), nothing) },
    world: createClock().world,
    whispers: null,
    self: () => bo,
    mayWrite: () => ["facts"],
    memberOf: () => null,
    person: () => {
      throw new Error("nobody is shown");
    },
    isIncomplete: () => false,
    write: async () => ({ ok: true, value: undefined }),
  });
  now = over(cy);
  look();
  expect(sheet.state().returned).toEqual(["mine over 1"]);
  now = over(cy, mal);
  look();
  expect(sheet.state().returned).toEqual(["mine over 1", "mine over 0"]);
});
