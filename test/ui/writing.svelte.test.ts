import { tick } from "svelte";
import { expect, test } from "vitest";
import type { Map, Text } from "yjs";
import { CHARTER, type BlockKind } from "../../protocol/index.ts";
import type { Spot } from "../../src/peer/open-document.ts";
import { listBlocks } from "../../src/ui/editor/blocks.ts";
import { insertText, moveBlock, removeBlock } from "../../src/ui/editor/commands.ts";
import { DocumentModel } from "../../src/ui/editor/document-model.svelte.ts";
import { caretOf } from "../../src/ui/editor/spot.ts";
import { Writing } from "../../src/ui/editor/writing.svelte.ts";
import { fixtureDocument, type Sketch } from "./fixture-document.ts";

function started(blocks: readonly (readonly [BlockKind, string])[], state: Sketch["state"] = {}) {
  const open = fixtureDocument(CHARTER, { blocks, state });
  const pointed: (Spot | null)[] = [];
  const model = new DocumentModel({ ...open, point: (spot) => void pointed.push(spot) });
  const told = () => listBlocks(open.doc).map(({ text }) => text);
  const id = (index: number) => listBlocks(open.doc)[index]?.id ?? "none";
  return { open, model, writing: new Writing(model), told, id, pointed };
}

test("a mark typed at the start of a paragraph makes its kind, at the space behind it", () => {
  const { writing, model, id } = started([["paragraph", "#Title"]]);
  expect(writing.typed(id(0), "# Title", 2, "#Title")).toEqual({ block: id(0), at: 0 });
  expect(model.blocks).toMatchObject([{ kind: "heading", text: "Title" }]);
});

test("what is typed while others wrote in the same block lands where it was meant", () => {
  const { writing, open, told, id } = started([["paragraph", "one two"]]);
  open.doc.transact(() => insertText(open.doc, id(0), 0, "zero "));
  expect(writing.typed(id(0), "one X two", 5, "one two")).toEqual({ block: id(0), at: 10 });
  expect(told()).toEqual(["zero one X two"]);
});

test("a selection moves along with what others write, if it is the one we were told of", () => {
  const { writing, open, id } = started([["paragraph", "one two"]]);
  writing.at(id(0), 4, 7);
  open.doc.transact(() => insertText(open.doc, id(0), 0, "zero "));
  expect(writing.selected(id(0), 4, 7)).toEqual([9, 12]);
  expect([writing.selected(id(0), 4, 6), writing.selected("none", 4, 7)]).toEqual([null, null]);
});

test("others are told where one is, and when one has looked away", () => {
  const { writing, open, pointed, id } = started([["paragraph", "one two"]]);
  writing.at(id(0), 4, 4);
  writing.away();
  expect(pointed.map((spot) => spot && caretOf(open.doc, spot))).toEqual([{ block: id(0), at: 4 }, null]);
});

test("Enter is undone by itself, whatever was typed just before it", () => {
  const { writing, model, told, id } = started([["paragraph", "one"]]);
  writing.typed(id(0), "one two", 7, "one");
  writing.split(id(0), 4, 4);
  writing.typed(id(1), "two!", 4, "two");
  expect(told()).toEqual(["one ", "two!"]);
  writing.undo();
  writing.undo();
  expect(told()).toEqual(["one two"]);
  writing.redo();
  expect(model.blocks.map(({ text }) => text)).toEqual(["one ", "two"]);
});

test("a paste that came as typing is cut into steps, and all of it arrives", () => {
  const { writing, told, id } = started([["paragraph", "ab"]]);
  const much = "x".repeat(40_000);
  expect(writing.typed(id(0), `a${much}b`, 40_001, "ab")).toBeNull();
  expect(told()).toEqual([`a${much}b`]);
});

test("where one may not write, nothing changes and nothing is promised", () => {
  const { writing, told, id } = started([["paragraph", "one"]], { mayWrite: [] });
  expect(writing.typed(id(0), "one!", 4, "one")).toBeNull();
  expect([writing.add(null), writing.remove(id(0)), writing.move(id(0), 1, null)]).toEqual([false, false, null]);
  expect(told()).toEqual(["one"]);
});

test("a document that was put together anew is read from its new form", () => {
  const first = fixtureDocument(CHARTER, { blocks: [["paragraph", "before"]] });
  const second = fixtureDocument(CHARTER, { blocks: [["paragraph", "after"]] });
  let live = first.live;
  const model = new DocumentModel({ ...first, live: () => live() });
  live = second.live;
  expect(model.blocks.map(({ text }) => text)).toEqual(["after"]);
});

test("a block that nobody touched stays the same object", () => {
  const { model, writing, id } = started([
    ["paragraph", "one"],
    ["paragraph", "two"],
  ]);
  const before = model.blocks;
  writing.typed(id(0), "one!", 4, "one");
  expect([model.blocks[0] === before[0], model.blocks[1] === before[1]]).toEqual([false, true]);
});

/** As an editor does it: a field for each block, which says where it got the focus. */
function withFields({ writing, open }: ReturnType<typeof started>) {
  const focused: unknown[] = [];
  for (const { id } of listBlocks(open.doc)) writing.hold(id, { focus: (entry) => focused.push([id, entry]) });
  return focused;
}

test("what is typed in a block that somebody else moves goes along with it, and so does the caret", async () => {
  const editor = started([
    ["paragraph", "above"],
    ["paragraph", "one"],
  ]);
  const { writing, open, told, id } = editor;
  writing.typed(id(1), "one two", 7, "one");
  writing.at(id(1), 7, 7);
  const typedIn = id(1);
  open.doc.transact(() => {
    moveBlock(open.doc, typedIn, -1);
    const moved = open.doc.getArray<Map<unknown>>("blocks").get(0).get("text") as Text;
    moved.delete(3, 4); // the mover had not seen it
  });
  const focused = withFields(editor);
  writing.look();
  expect(told()).toEqual(["one two", "above"]);
  expect(writing.typed(typedIn, "one two!", 8, "one two")).toBeNull(); // a key that was still under way
  expect(told()).toEqual(["one two!", "above"]);
  await tick();
  expect(focused.at(-1)).toEqual([id(0), 8]);
});

test("what is typed in a block that somebody else takes away is handed back, and the caret goes into nobody's words", async () => {
  const editor = started([
    ["paragraph", "above"],
    ["paragraph", "one"],
  ]);
  const { writing, model, open, id } = editor;
  const focused = withFields(editor);
  writing.typed(id(1), "one two", 7, "one");
  writing.at(id(1), 7, 7);
  open.doc.transact(() => removeBlock(open.doc, id(1)));
  writing.look();
  await tick();
  expect([model.takenAway, focused]).toEqual([[" two"], []]);
  model.dismissTakenAway();
  expect(model.takenAway).toEqual([]);
});

test("where nothing was typed, the caret goes beside the block that somebody took away, though the browser blurs first", async () => {
  const editor = started([
    ["paragraph", "above"],
    ["paragraph", "one"],
  ]);
  const { writing, model, open, id } = editor;
  const focused = withFields(editor);
  const above = id(0);
  writing.at(id(1), 0, 0);
  open.doc.transact(() => removeBlock(open.doc, id(1)));
  writing.away();
  writing.look();
  await tick();
  expect([model.takenAway, focused]).toEqual([[], [[above, 5]]]);
});

test("what one takes away oneself, or undoes, is not handed back", () => {
  const { writing, model, told, id } = started([["paragraph", "one"]]);
  writing.typed(id(0), "one two", 7, "one");
  writing.add(id(0));
  writing.typed(id(1), "three", 5, "");
  writing.remove(id(1));
  writing.undo();
  model.undo();
  writing.look();
  expect([told(), model.takenAway]).toEqual([["one two", ""], []]);
});

test("undo and redo lead the caret to what they changed, and say whether there is more", async () => {
  const editor = started([
    ["paragraph", "one"],
    ["paragraph", "two"],
  ]);
  const { writing, model, id } = editor;
  const focused = withFields(editor);
  expect([model.canUndo, model.canRedo]).toEqual([false, false]);
  writing.typed(id(0), "one more", 8, "one");
  writing.at(id(1), 0, 0);
  writing.undo();
  await tick();
  expect([model.canUndo, model.canRedo]).toEqual([false, true]);
  writing.redo();
  await tick();
  expect(focused).toEqual([
    [id(0), 3],
    [id(0), 8],
  ]);
});
