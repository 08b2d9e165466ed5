import { expect, test } from "vitest";
import { applyUpdate, Doc, encodeStateAsUpdate } from "yjs";
import { CHARTER } from "../../protocol/index.ts";
import { factsOf, listBlocks } from "../../src/ui/editor/blocks.ts";
import { insertBlock, insertText, removeBlock, setFact, setKind, splitBlock } from "../../src/ui/editor/commands.ts";
import { keepsakeOf, stepsToTakeUp, type Keepsake } from "../../src/ui/editor/keepsake.ts";
import { createDrafts } from "../../src/ui/read-model/drafts.ts";
import { docWith } from "./fixture-document.ts";

const OURS = 7;
const idAt = (doc: Doc, index: number) => listBlocks(doc)[index]?.id ?? "none";
const said = (doc: Doc) => listBlocks(doc).map(({ kind, text }) => `${kind}: ${text}`);

/** As it is read from the feed again, by us. */
function reopened(from: Doc): Doc {
  const doc = new Doc({ gc: false });
  applyUpdate(doc, encodeStateAsUpdate(from));
  doc.clientID = OURS;
  return doc;
}

/** What the feed has, and what is on the screen when the page goes. */
function interrupted(change: (doc: Doc) => void): { readonly feed: Doc; readonly live: Doc; readonly kept: Keepsake } {
  const feed = docWith(
    {
      blocks: [
        ["paragraph", "one two"],
        ["bullet", "three"],
      ],
    },
    CHARTER,
  );
  const live = reopened(feed);
  change(live);
  return { feed, live, kept: keepsakeOf(live) };
}

function takeUp(doc: Doc, kept: Keepsake): number {
  const steps = stepsToTakeUp(doc, kept);
  for (const step of steps) doc.transact(() => step(doc));
  return steps.length;
}

test("whatever was done last comes back as it was: words, Enter, kinds, new blocks, what was taken away, facts", () => {
  const { feed, live, kept } = interrupted((doc) => {
    insertText(doc, idAt(doc, 0), 7, " and more 🌻");
    splitBlock(doc, idAt(doc, 0), 4);
    setKind(doc, idAt(doc, 0), "heading");
    removeBlock(doc, idAt(doc, 2));
    insertBlock(doc, idAt(doc, 1), "quote", "new");
    setFact(doc, "languages", "Tamil");
  });
  const later = reopened(feed);
  takeUp(later, kept);
  expect(said(later)).toEqual(said(live));
  expect(factsOf(later)).toEqual(factsOf(live));
});

test("it joins what others wrote meanwhile", () => {
  const { feed, kept } = interrupted((doc) => insertText(doc, idAt(doc, 0), 7, "!"));
  insertText(feed, idAt(feed, 0), 0, "zero ");
  const later = reopened(feed);
  takeUp(later, kept);
  expect(said(later)).toEqual(["paragraph: zero one two!", "bullet: three"]);
});

test("where the feed has it already, all of it or a part, nothing comes twice", () => {
  const { live, kept } = interrupted((doc) => insertText(doc, idAt(doc, 0), 7, "!"));
  const later = reopened(live);
  takeUp(later, kept);
  expect(said(later)).toEqual(said(live));
});

test("it is let go where more was written since, under another number, or where it is no update", () => {
  const { feed, live, kept } = interrupted((doc) => insertText(doc, idAt(doc, 0), 7, "!"));
  const since = reopened(live);
  insertText(since, idAt(since, 0), 0, "more ");
  expect(takeUp(since, kept)).toBe(0);
  expect(takeUp(reopened(feed), { ...kept, client: OURS + 1 })).toBe(0);
  expect(takeUp(reopened(feed), { ...kept, update: Uint8Array.of(255, 255, 255) })).toBe(0);
});

test("it lasts on the shelf until it is let go; what is damaged there is nothing", () => {
  const kept = new Map<string, string>();
  const shelf = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  const { kept: keepsake } = interrupted((doc) => insertText(doc, idAt(doc, 0), 7, "!"));
  createDrafts(shelf).keepsakes.write("mill.charter", keepsake);
  const { keepsakes } = createDrafts(shelf);
  expect(keepsakes.read("mill.charter")).toEqual(keepsake);
  for (const damaged of ["{", "3", `{"client":1,"upTo":2,"update":"*"}`, `{"client":"1","upTo":2,"update":""}`]) {
    kept.set("kith.typed.mill.charter", damaged);
    expect(keepsakes.read("mill.charter")).toBeNull();
  }
  keepsakes.forget("mill.charter");
  expect(kept.size).toBe(0);
});
