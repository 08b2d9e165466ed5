/**
 * A document as screens have it: a list line, and an open one that can be written in.
 * Implemented by `sheet.ts` (the tab that holds the pen) and `seat.ts` (a window: it reads).
 */
import type { UndoManager, Doc } from "yjs";
import type { DocumentKind, DocumentName, Millis, Result } from "../../protocol/index.ts";
import type { PersonView } from "./person-view.ts";

/** One line of a list; nothing here needs the document to be read. */
export interface DocumentView {
  readonly name: DocumentName;
  readonly kind: DocumentKind;
  /** Who has written in it, the latest first. */
  readonly writers: readonly PersonView[];
  /** Claimed time of the latest edit. */
  readonly changedAt: Millis;
  /** Rises with every edit that comes. */
  readonly edits: number;
}

/** A character or an item of a `Y.Doc`, as Yjs names it. */
export interface ItemId {
  readonly client: number;
  readonly clock: number;
}

/** Where in a document somebody is. */
export interface Spot {
  /** The item that holds the `Y.Text`; null for a text that is an area itself, named by `area`. */
  readonly text: ItemId | null;
  readonly area: string;
  /** The character just before; null at the start of the text. */
  readonly after: ItemId | null;
}

/** Somebody else who looks at the same document. Gone 10 s after they were last heard. */
export interface OtherCaret {
  readonly person: PersonView;
  /** Distinguishes two devices of one person. */
  readonly key: string;
  /** Null: they look, and are nowhere in particular. */
  readonly spot: Spot | null;
  /** What they have typed at `spot` and not settled yet: a preview, not in the document. The caret is behind it. */
  readonly words: string;
}

export interface DocumentState {
  /** `reading`: still being put together. `elsewhere`: another tab writes; here it is read. */
  readonly phase: "reading" | "open" | "elsewhere";
  /** Areas that the reader may write in. Empty: none. */
  readonly mayWrite: readonly string[];
  /** `unsettled`: typed, not yet in the feed (a second of rest, five at most). `failed`: the disk did not take it; it is tried again. */
  readonly saving: "settled" | "unsettled" | "failed";
  /** Of what all have settled; null while something is missing. Equal on two devices: equal content. Sixteen groups of four. */
  readonly fingerprint: string | null;
  /** Edits that wait for what they build on. */
  readonly waiting: number;
  /** Edits that were kept out because they would have changed what is not their author's, by rule of the gate. */
  readonly refused: readonly { readonly rule: string; readonly times: number }[];
  /** What one wrote on ground that fell away (somebody told two stories): to be put in again by hand. */
  readonly returned: readonly string[];
  readonly others: readonly OtherCaret[];
}

/** A moment one can look back to, newest first: a person's edits that followed each other closely. */
export interface VersionView {
  /** Number of edits counted up to and with it: the handle for `changesSince`. */
  readonly upTo: number;
  readonly by: PersonView;
  readonly from: Millis;
  readonly to: Millis;
  readonly edits: number;
}

/** One run of text between then and now. */
export interface ChangeRun {
  readonly kind: "kept" | "added" | "removed";
  readonly text: string;
  /** Who added it; null for what was kept, and for removals (Yjs does not keep who removed). */
  readonly by: PersonView | null;
}

export interface ChangedBlock {
  readonly kind: "kept" | "added" | "removed" | "changed";
  /** As it is now, or was. */
  readonly block: string;
  readonly runs: readonly ChangeRun[];
}

/** An open document as it can be handed to another tab. */
export interface DocumentCopy {
  /** All of it, as a Yjs update. */
  readonly update: Uint8Array;
  readonly state: DocumentState;
}

export interface OpenDocument {
  readonly name: DocumentName;
  /** What an editor binds to. Another object after the document had to be put together anew: ask at every call-back. */
  readonly live: () => Doc;
  readonly undo: () => UndoManager;
  readonly state: () => DocumentState;
  /** After every change of `live`, its content or `state`; at most once a frame. Returns how to stop. */
  readonly subscribe: (changed: () => void) => () => void;
  /** The one way to change `live`: one transaction, under the editor's name. False where it may not be written; then nothing ran. */
  readonly edit: (change: (doc: Doc) => void) => boolean;
  /** Tells the others where one is; null when one looks away. May be called at every keystroke. */
  readonly point: (spot: Spot | null) => void;
  /** Puts what is typed into the feed now. */
  readonly settle: (signal: AbortSignal) => Promise<Result<void, { readonly kind: string }>>;
  readonly versions: () => readonly VersionView[];
  /** What the document says now against what it said then. */
  readonly changesSince: (upTo: number) => readonly ChangedBlock[];
  /** Forgets `state().returned`. */
  readonly dismissReturned: () => void;
  /** Settles and lets go. Closing twice is harmless. */
  readonly close: () => void;
}
