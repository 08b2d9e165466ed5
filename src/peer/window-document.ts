/**
 * A document as a window shows it: read from the tab that writes, and written in by itself once this tab has the pen.
 * Owns a copy; `close` lets go of it.
 */
import { Doc, UndoManager, applyUpdate } from "yjs";
import { ok, type DocumentName } from "../../protocol/index.ts";
import type { DocumentCopy, DocumentState, OpenDocument } from "./open-document.ts";

export interface WindowDocumentDeps {
  readonly name: DocumentName;
  /** What the writing tab shows; null when it has no such document, or is silent. */
  readonly copy: () => Promise<DocumentCopy | null>;
  /** Calls back when the writing tab has shown something new, and when this tab got the pen. */
  readonly subscribe: (changed: () => void) => () => void;
  /** The document itself, once this tab holds the pen. */
  readonly own: () => OpenDocument | null;
}

const NOTHING: DocumentState = {
  phase: "reading",
  mayWrite: [],
  saving: "settled",
  fingerprint: null,
  waiting: 0,
  refused: [],
  returned: [],
  others: [],
};

export function openInWindow({ name, copy, subscribe, own }: WindowDocumentDeps): OpenDocument {
  const listeners = new Set<() => void>();
  let doc = new Doc({ gc: false });
  let undo = new UndoManager([], { doc });
  let state = NOTHING;
  let inner: OpenDocument | null = null;
  let stopInner = (): void => undefined;
  let isAsking = false;
  let isClosed = false;

  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };
  async function ask(): Promise<void> {
    if (isAsking) return;
    isAsking = true;
    const found = await copy().catch(() => null);
    isAsking = false;
    if (found === null || isClosed || inner !== null) return;
    doc = new Doc({ gc: false });
    applyUpdate(doc, found.update); // our own other tab's, of this very build
    undo = new UndoManager([], { doc });
    state = { ...found.state, phase: found.state.phase === "open" ? "elsewhere" : found.state.phase, mayWrite: [], returned: [] };
    tell();
  }
  function look(): void {
    if (isClosed) return;
    inner ??= own();
    if (inner === null) return void ask();
    stopInner();
    stopInner = inner.subscribe(tell);
    tell();
  }
  const stop = subscribe(look);
  look();

  return {
    name,
    live: () => inner?.live() ?? doc,
    undo: () => inner?.undo() ?? undo,
    state: () => inner?.state() ?? state,
    subscribe: (listener) => {
      const each = (): void => listener();
      listeners.add(each);
      return () => void listeners.delete(each);
    },
    edit: (change) => inner?.edit(change) ?? false,
    point: (spot) => inner?.point(spot),
    settle: async (signal) => inner?.settle(signal) ?? ok(undefined),
    versions: () => inner?.versions() ?? [],
    changesSince: (upTo) => inner?.changesSince(upTo) ?? [],
    dismissReturned: () => inner?.dismissReturned(),
    close: () => {
      isClosed = true;
      stop();
      stopInner();
      inner?.close();
      listeners.clear();
    },
  };
}
