/** What people do to a document, at random, by the very commands of the app's editor. */
import type { MemberId } from "../../protocol/index.ts";
import type { OpenDocument } from "../../src/peer/open-document.ts";
import { BLOCK_KINDS, PROFILE_FACTS } from "../../protocol/documents/kinds.ts";
import { rowsOf, textOf, type Row } from "../../src/ui/editor/blocks.ts";
import {
  deleteRange,
  insertBlock,
  insertText,
  mergeWithNext,
  mergeWithPrevious,
  moveBlock,
  removeBlock,
  replaceText,
  setFact,
  setKind,
  splitBlock,
} from "../../src/ui/editor/commands.ts";
import { pasteText, typedMark } from "../../src/ui/editor/paste.ts";
import { spotOf } from "../../src/ui/editor/spot.ts";
import { onBoundary } from "../../src/ui/editor/text-change.ts";
import { between, drawn, type Chance } from "./chance.ts";

export interface Writer {
  readonly sheet: OpenDocument;
  readonly chance: Chance;
  /** New words, no two alike. */
  readonly words: () => string;
  readonly me: MemberId;
  readonly isSteward: boolean;
}

type Command = (writer: Writer) => void;

/** One thing that a person does there. Says what. */
export function writeOnce(writer: Writer): string {
  const { sheet, chance } = writer;
  const areas = sheet.state().mayWrite;
  const others = Object.keys(beside).filter((area) => areas.includes(area) || area === "undo");
  const isBeside = chance.next() < (others.length > 1 ? 0.25 : 0.12);
  const what = isBeside ? drawn(chance, others) : drawn(chance, ODDS);
  (isBeside ? beside[what] : inBlocks[what])?.(writer);
  return what;
}

/** What only a mistake of an editor could put in: another's area. Nothing that goes with it may be lost. */
export function mistake({ sheet, words, isSteward }: Writer): boolean {
  if (isSteward || !sheet.name.startsWith("entry/")) return false;
  return sheet.edit((doc) => doc.getMap("care").set("keeper", words()));
}

/** Most of what is done is done near the top, so that people meet. */
function anyRow({ sheet, chance }: Writer): Row | null {
  const rows = rowsOf(sheet.live());
  return rows[Math.floor(chance.next() ** 2 * rows.length)] ?? null;
}
const onRow =
  (run: (writer: Writer, row: Row) => void): Command =>
  (writer) => {
    const row = anyRow(writer);
    if (row !== null) run(writer, row);
    else writer.sheet.edit((doc) => insertBlock(doc, null, "paragraph", writer.words()));
  };
const at = (chance: Chance, row: Row): number => between(chance, 0, textOf(row).length);

const inBlocks: Readonly<Record<string, Command>> = {
  type: onRow(({ sheet, chance, words }, row) => {
    const from = chance.next() < 0.5 ? textOf(row).length : at(chance, row);
    sheet.edit((doc) => insertText(doc, row.id, from, words()));
  }),
  // What the field said is some time ago: others have written since.
  replace: onRow(({ sheet, chance, words }, row) => {
    const shown = textOf(row);
    const from = at(chance, row);
    const to = Math.min(shown.length, from + between(chance, 0, 6));
    const put = words();
    const next = shown.slice(0, from) + put + shown.slice(to);
    sheet.edit((doc) => replaceText(doc, row.id, next, from + put.length, shown));
  }),
  delete: onRow(({ sheet, chance }, row) => {
    const from = at(chance, row);
    sheet.edit((doc) => deleteRange(doc, row.id, from, from + between(chance, 1, 12)));
  }),
  split: onRow(({ sheet, chance }, row) => void sheet.edit((doc) => splitBlock(doc, row.id, at(chance, row)))),
  mergeUp: onRow(({ sheet }, row) => void sheet.edit((doc) => mergeWithPrevious(doc, row.id))),
  mergeDown: onRow(({ sheet }, row) => void sheet.edit((doc) => mergeWithNext(doc, row.id))),
  kind: onRow(({ sheet, chance }, row) => void sheet.edit((doc) => setKind(doc, row.id, drawn(chance, BLOCK_KINDS)))),
  mark: onRow(({ sheet, chance }, row) => {
    const mark = drawn(chance, ["# ", "- ", "> ", "1. "]);
    sheet.edit((doc) => {
      insertText(doc, row.id, 0, mark);
      typedMark(doc, row.id, mark.length);
    });
  }),
  add: onRow(({ sheet, words }, row) => void sheet.edit((doc) => insertBlock(doc, row.id, "paragraph", words()))),
  remove: onRow(({ sheet }, row) => void sheet.edit((doc) => removeBlock(doc, row.id))),
  move: onRow(({ sheet, chance }, row) => void sheet.edit((doc) => moveBlock(doc, row.id, chance.next() < 0.5 ? -1 : 1))),
  paste: onRow((writer, row) => {
    const { sheet, chance } = writer;
    const lines = Array.from({ length: between(chance, 1, 9) }, () => `${drawn(chance, ["", "", "- ", "# "])}${writer.words()}`);
    // Now and then more than one envelope holds.
    if (chance.next() < 0.04) lines.push(`${writer.words()} ${"long ".repeat(between(chance, 3_000, 11_000))}`);
    const from = at(chance, row);
    for (const step of pasteText(row.id, from, from + between(chance, 0, 3), lines.join("\n")).steps) sheet.edit(step);
  }),
};
const ODDS = [
  ...Array.from({ length: 9 }, () => "type"),
  ...["replace", "replace", "replace", "delete", "delete", "split", "split", "mergeUp", "mergeDown", "kind", "mark"],
  ...["add", "add", "remove", "move", "paste"],
];

const FREE_KEYS = ["place", "size", "ünïcode", "count"];
const beside: Readonly<Record<string, Command>> = {
  undo: ({ sheet, chance }) => {
    const undo = sheet.undo();
    if (chance.next() < 0.3) undo.redo();
    else undo.undo();
    if (chance.next() < 0.3) undo.stopCapturing();
  },
  title: ({ sheet, chance, words }) =>
    void sheet.edit((doc) => {
      const title = doc.getText("title");
      const from = onBoundary(title.toString(), between(chance, 0, title.length));
      const to = onBoundary(title.toString(), from + 2);
      if (chance.next() < 0.7 || to === from) title.insert(from, words());
      else title.delete(from, to - from);
    }),
  facts: ({ sheet, chance, words }) =>
    void sheet.edit((doc) => {
      if (sheet.name.startsWith("profile/")) {
        setFact(doc, drawn(chance, PROFILE_FACTS), chance.next() < 0.8 ? words() : "");
        return;
      }
      const facts = doc.getMap<unknown>("facts");
      const key = drawn(chance, FREE_KEYS);
      if (chance.next() < 0.2) facts.delete(key);
      else facts.set(key, drawn<unknown>(chance, [words(), between(chance, -5, 1_000_000), chance.next() < 0.5]));
    }),
  lines: ({ sheet, chance, words, me }) =>
    void sheet.edit((doc) => {
      if (chance.next() < 0.15) doc.getMap("lines").delete(me);
      else doc.getMap("lines").set(me, words());
    }),
  care: ({ sheet, chance, words }) =>
    void sheet.edit((doc) => doc.getMap("care").set(drawn(chance, ["keeper", "policy", "kept"]), words())),
};

/** Somewhere, or nowhere in particular. */
export function pointSomewhere({ sheet, chance }: Pick<Writer, "sheet" | "chance">): void {
  const live = sheet.live();
  const rows = rowsOf(live);
  const row = rows.length === 0 ? null : drawn(chance, rows);
  sheet.point(row === null || chance.next() < 0.1 ? null : spotOf(live, { block: row.id, at: at(chance, row) }));
}
