import { expect, test } from "vitest";
import { RULES } from "../../protocol/documents/rules.ts";
import type { ChangedBlock, OtherCaret } from "../../src/peer/open-document.ts";
import type { Block } from "../../src/ui/editor/blocks.ts";
import { numbersOf, passagesOf } from "../../src/ui/editor/lists.ts";
import { piecesOf } from "../../src/ui/editor/pieces.ts";
import { reasonsOf } from "../../src/ui/editor/refusals.ts";
import { stretchesOf } from "../../src/ui/editor/stretches.ts";
import { ben } from "./street.ts";

const block = (kind: Block["kind"], text = "x"): Block => ({ id: `${kind}${text}`, kind, text, hasText: true });

test("neighbours of one list kind are one list, and empty blocks do not part them", () => {
  const passages = passagesOf([
    block("bullet", "a"),
    block("paragraph", " "),
    block("bullet", "b"),
    block("number"),
    block("quote"),
  ]);
  expect(passages.map((passage) => (passage.list === null ? passage.block.kind : passage.items.length))).toEqual([2, 1, "quote"]);
});

test("numbers begin anew after anything else", () => {
  const kinds = ["number", "number", "paragraph", "number"] as const;
  expect(numbersOf(kinds.map((kind) => block(kind)))).toEqual([1, 2, 0, 1]);
});

const other: OtherCaret = { person: ben, key: "ben", spot: null, words: " soon" };

test("carets cut the text where they are, and what is typed at its end is shown behind it", () => {
  const carets = [9, 2, 4].map((at) => ({ at, other }));
  const pieces = piecesOf("a *bc* d", carets);
  expect(pieces.map((piece) => (piece.kind === "words" ? piece.text : `|${piece.flag}${piece.ghost}|`))).toEqual([
    "a ",
    "|Ben:  soon|",
    "*b",
    "|Ben:  soon|",
    "c*",
    " d",
    "|Ben soon|",
  ]);
});

test("in an empty block there is only the caret", () => {
  expect(piecesOf("", [{ at: 0, other }])).toEqual([{ kind: "caret", other, flag: "Ben", ghost: " soon" }]);
});

test("changed blocks keep one neighbour in sight; longer stretches without change are folded", () => {
  const changed = (kind: ChangedBlock["kind"]): ChangedBlock => ({ kind, block: "paragraph", runs: [] });
  const all = ["kept", "kept", "kept", "changed", "kept", "kept", "removed"].map((kind) => changed(kind as ChangedBlock["kind"]));
  expect(stretchesOf(all).map(({ folded, blocks }) => [folded, blocks.length])).toEqual([
    [true, 2],
    [false, 5],
  ]);
  expect(stretchesOf(all.slice(1)).map(({ folded, blocks }) => [folded, blocks.length])).toEqual([
    [false, 1],
    [false, 5],
  ]);
});

test("every rule of the gate has a reason in plain words, and those of one reason are counted together", () => {
  const refused = RULES.map((rule) => ({ rule, times: 1 }));
  const found = reasonsOf(refused);
  expect(new Map(found.map(({ reason, times }) => [reason, times]))).toEqual(
    new Map([
      ["notTheirs", 2],
      ["otherName", 2],
      ["unsound", RULES.length - 4],
    ]),
  );
});
