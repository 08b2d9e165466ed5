/** An OpenDocument over a plain `Y.Doc`, for looking at screens and testing them: nothing is gated, sent or kept. */
import { Doc, UndoManager } from "yjs";
import { areasOf } from "../../protocol/documents/kinds.ts";
import { subjectOf, type BlockKind, type DocumentName, type ProfileFact } from "../../protocol/index.ts";
import type { ChangedBlock, DocumentState, OpenDocument, OtherCaret, VersionView } from "../../src/peer/open-document.ts";
import { insertBlock, setFact } from "../../src/ui/editor/commands.ts";
import { listBlocks } from "../../src/ui/editor/blocks.ts";
import { spotOf } from "../../src/ui/editor/spot.ts";

export interface Sketch {
  readonly blocks?: readonly (readonly [BlockKind, string])[];
  readonly facts?: Partial<Record<ProfileFact, string>>;
  readonly state?: Partial<DocumentState>;
  /** Others, each at a place in a block by number. */
  readonly others?: readonly (Omit<OtherCaret, "spot"> & { readonly block: number; readonly at: number })[];
  readonly versions?: readonly VersionView[];
  readonly changes?: readonly ChangedBlock[];
}

export function docWith(sketch: Sketch, name: DocumentName): Doc {
  const doc = new Doc({ gc: false });
  const subject = subjectOf(name);
  for (const area of subject === null ? [] : areasOf(subject.kind)) {
    if (area.slot.type === "text") doc.getText(area.name);
    else if (area.slot.type === "list") doc.getArray(area.name);
    else doc.getMap(area.name);
  }
  doc.transact(() => {
    let last: string | null = null;
    for (const [kind, text] of sketch.blocks ?? []) last = insertBlock(doc, last, kind, text)?.block ?? null;
    for (const [fact, words] of Object.entries(sketch.facts ?? {})) setFact(doc, fact as ProfileFact, words); // its own keys
  });
  return doc;
}

export function fixtureDocument(name: DocumentName, sketch: Sketch): OpenDocument & { readonly doc: Doc } {
  const doc = docWith(sketch, name);
  const editor = Symbol("editor");
  const undo = new UndoManager([...doc.share.values()], { trackedOrigins: new Set([editor]) });
  const listeners = new Set<() => void>();
  let state: DocumentState = {
    phase: "open",
    mayWrite: ["blocks", "facts"],
    saving: "settled",
    fingerprint: "7f3a 91c2 0b1d 44e7 a9c0 13fe 55d2 08b1 e120 77ac 31be f00d 9d41 6c2e b837 25aa",
    waiting: 0,
    refused: [],
    returned: [],
    others: (sketch.others ?? []).map(({ block, at, ...other }) => {
      const id = listBlocks(doc)[block]?.id;
      return { ...other, spot: id === undefined ? null : spotOf(doc, { block: id, at }) };
    }),
    ...sketch.state,
  };
  const show = (change: Partial<DocumentState>) => {
    state = { ...state, ...change };
    for (const changed of listeners) changed();
  };
  doc.on("update", () => show({ saving: "unsettled" }));
  return {
    doc,
    name,
    live: () => doc,
    undo: () => undo,
    state: () => state,
    subscribe: (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    edit: (change) => {
      if (state.phase !== "open" || state.mayWrite.length === 0) return false;
      doc.transact(() => change(doc), editor);
      return true;
    },
    point: () => undefined,
    settle: () => {
      show({ saving: "settled" });
      return Promise.resolve({ ok: true, value: undefined });
    },
    versions: () => sketch.versions ?? [],
    changesSince: () => sketch.changes ?? [],
    dismissReturned: () => show({ returned: [] }),
    close: () => undo.destroy(),
  };
}
