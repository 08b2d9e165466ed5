/** The documents of the street, in the states a screen must be able to show. */
import type { ChangedBlock, VersionView } from "../../src/peer/open-document.ts";
import type { PersonView } from "../../src/peer/kith.ts";
import type { Sketch } from "./fixture-document.ts";
import { ana, ben, before, chi, dalia, eef } from "./street.ts";

const blocks: Sketch["blocks"] = [
  ["heading", "How we live on Mill Street"],
  ["paragraph", "We are *neighbours first*. We ask before we are desperate, and **saying no is always fine**."],
  ["subheading", "Asking and offering"],
  ["bullet", "An ask is one line. Nobody has to explain why."],
  ["bullet", "Whoever can help says so; whoever asked chooses."],
  ["bullet", "What we agreed is written in Kith, so that nobody has to remember for two."],
  ["subheading", "When something goes wrong"],
  ["number", "Talk to each other first, within a week."],
  ["number", "Then ask a third person both trust."],
  ["quote", "The road to a neighbour’s house is never long."],
  ["paragraph", "كلّ من يسكن هنا مرحّب به، وكلّ لغة تُقرأ هنا. اكتب بلغتك ونحن نساعد في الترجمة."],
  ["paragraph", "The tool list is on [the shed’s page](https://tools.mill-street.example/shed), the key is with Eefje."],
];

const version = (upTo: number, by: PersonView, hours: number, edits: number): VersionView => ({
  upTo,
  by,
  from: before(hours + 0.2),
  to: before(hours),
  edits,
});

const kept = (block: string, text: string): ChangedBlock => ({ kind: "kept", block, runs: [{ kind: "kept", text, by: null }] });
const changes: readonly ChangedBlock[] = [
  kept("heading", "How we live on Mill Street"),
  {
    kind: "changed",
    block: "paragraph",
    runs: [
      { kind: "kept", text: "We are neighbours first. We ask before we are ", by: null },
      { kind: "removed", text: "in trouble", by: null },
      { kind: "added", text: "desperate, and saying no is always fine", by: ben },
      { kind: "kept", text: ".", by: null },
    ],
  },
  kept("subheading", "Asking and offering"),
  kept("bullet", "An ask is one line. Nobody has to explain why."),
  kept("bullet", "Whoever can help says so; whoever asked chooses."),
  kept("subheading", "When something goes wrong"),
  { kind: "removed", block: "number", runs: [{ kind: "removed", text: "Write it on the board by the shed.", by: null }] },
  {
    kind: "added",
    block: "paragraph",
    runs: [{ kind: "added", text: "كلّ من يسكن هنا مرحّب به، وكلّ لغة تُقرأ هنا.", by: dalia }],
  },
  kept("quote", "The road to a neighbour’s house is never long."),
];
const versions = [
  version(61, dalia, 2, 14),
  version(47, ben, 26, 9),
  version(38, ana, 50, 3),
  version(35, eef, 52, 12),
  version(23, chi, 170, 8),
  version(15, ben, 300, 4),
  version(11, ana, 620, 11),
];

const written: Sketch = { blocks, versions, changes };
const others: Sketch["others"] = [
  { person: ben, key: "ben", block: 1, at: 22, words: "" },
  { person: dalia, key: "dalia", block: 5, at: 75, words: " or be reminded" },
];

/** By scenario; `charter` in others than these is `written`. */
export const charters: Readonly<Record<string, Sketch>> = {
  written,
  empty: {},
  together: { ...written, others },
  elsewhere: { ...written, state: { phase: "elsewhere" } },
  reading: { state: { phase: "reading", fingerprint: null } },
  troubled: {
    ...written,
    state: {
      saving: "failed",
      waiting: 2,
      fingerprint: null,
      refused: [
        { rule: "not-yours", times: 2 },
        { rule: "delete-not-yours", times: 1 },
        { rule: "not-adjacent", times: 1 },
      ],
      returned: ["We meet on the first Sunday of the month.\nBring a chair."],
    },
  },
};

export const profileWritten: Sketch = {
  blocks: [
    [
      "paragraph",
      "I came to Mill Street in spring, with *one* suitcase and two cats. I fix bicycles on the pavement on dry days.",
    ],
    ["paragraph", "Ring twice; the bell is slow."],
  ],
  facts: {
    languages: "Nederlands, English, some العربية",
    gladToShare: "Bicycle repair, a long ladder",
    gladToLearn: "Baking bread",
  },
};
