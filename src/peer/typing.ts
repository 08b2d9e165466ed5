/**
 * Typing: the document that an editor changes: all that has settled, and what was typed here since. Owns a `Y.Doc`; `close` lets go of it.
 *
 *   T1  Own structs bear the client of our feed, always: Yjs takes another number when it meets our own structs in what others
 *       bring; so ours is laid aside for each of these, and a change under another number is refused.
 *   T2  What is ours to publish is what the editor and its undo did here, and nothing else. Once anything else has written under our
 *       client the two cannot be told apart: its owner is told (`strayed`) and starts anew.
 *   T3  What comes from the log comes in at once, and is remembered beside our clock, so that one edit says one past
 *       (protocol/documents/compose.ts C3).
 *   T4  Nothing typed is lost when the ground changes: what had not settled goes over to the typing that follows, and where that has
 *       no place for it, it is handed out as text.
 */
import * as Y from "yjs";
import {
  FROM_LOG,
  composeEdits,
  createDoc,
  wordsAmong,
  type Composed,
  type DeleteRange,
  type DocumentKind,
  type Past,
  type Replay,
  type View,
} from "../../protocol/index.ts";
import type { Spot } from "./open-document.ts";

export interface Typing {
  readonly doc: Y.Doc;
  readonly undo: Y.UndoManager;
  readonly edit: (change: (doc: Y.Doc) => void) => void;
  readonly isUnsettled: () => boolean;
  /** False when what was carried over names what is not here (T4). */
  readonly hasGround: () => boolean;
  /** What is unsettled, as edits behind `past`. Null: an editor wrote what no document has. `taken` once they are in the log. */
  readonly compose: (past: Past) => { readonly edits: readonly Composed[]; readonly taken: () => void } | null;
  /** What is unsettled, for the typing that takes the place of this one over another replay. Null when there is nothing. */
  readonly handOver: (past: Past) => Carried | null;
  /** Letters and words that are here and not in the log, text by text (T4). */
  readonly unsettledTexts: () => readonly string[];
  /** Where our caret is for those who have only what is settled, and what we typed before it there. */
  readonly whereFor: (spot: Spot) => { readonly spot: Spot; readonly words: string } | null;
  readonly close: () => void;
}

/** What was typed and not settled (T4). */
export interface Carried {
  readonly updates: readonly Uint8Array[];
  readonly deletes: readonly DeleteRange[];
  readonly views: readonly View[];
}

/** What our own changes are marked with, beside the undo manager itself (T2). */
const EDITOR = "editor";
/** Changes closer together than this are undone in one. */
const UNDO_GROUP_MS = 500;

export function createTyping(
  kind: DocumentKind,
  client: number,
  replay: Replay,
  carried: Carried | null,
  typed: () => void,
  strayed: () => void,
): Typing {
  const doc = createDoc(kind, 0);
  takeIn(Y.encodeStateAsUpdate(replay.doc));
  const roots = [...doc.share.values()];
  const undo = new Y.UndoManager(roots, { trackedOrigins: new Set([EDITOR]), captureTimeout: UNDO_GROUP_MS });
  const isOurs = (transaction: Y.Transaction): boolean =>
    transaction.local && (transaction.origin === EDITOR || transaction.origin === undo); // T2
  let settledTo = ownClock(replay.doc);
  let deletes: DeleteRange[] = [];
  let views: View[] = [viewNow()];
  if (carried !== null) {
    for (const update of carried.updates) takeIn(update);
    doc.store.pendingDs = null; // what was deleted on ground that fell away is not here to be deleted
    deletes = carried.deletes.flatMap((range) => hereOf(range));
    views = [...carried.views, viewNow()];
  }

  function ownClock(of: Y.Doc): number {
    return Y.getState(of.store, client);
  }
  function viewNow(): View {
    const vector = Y.decodeStateVector(Y.encodeStateVector(replay.doc));
    return { from: ownClock(doc), upTo: (of: number) => vector.get(of) ?? 0 };
  }
  function hereOf({ client: of, clock, length }: DeleteRange): readonly DeleteRange[] {
    const here = Math.min(length, Y.getState(doc.store, of) - clock);
    return here > 0 ? [{ client: of, clock, length: here }] : [];
  }
  const isUnsettled = (): boolean => deletes.length > 0 || ownClock(doc) > settledTo;

  /** T1: under no number of ours while our own structs may come back. */
  function takeIn(update: Uint8Array): void {
    doc.clientID = 0;
    Y.applyUpdate(doc, update, FROM_LOG);
    doc.clientID = client;
  }
  const onLog = (update: Uint8Array): void => {
    const wasUnsettled = isUnsettled();
    takeIn(update);
    if (!wasUnsettled) settledTo = ownClock(doc); // what our own feed says that we did not hold
    if (isUnsettled())
      views.push(viewNow()); // T3
    else views = [viewNow()];
  };
  const onBefore = (transaction: Y.Transaction): void => {
    if (transaction.local && doc.clientID !== client) throw new Error("T1: a change in another's name");
  };
  const onAfter = (transaction: Y.Transaction): void => {
    const hasWritten = transaction.deleteSet.clients.size > 0 || ownClock(doc) > (transaction.beforeState.get(client) ?? 0);
    if (!isOurs(transaction)) return void (transaction.local && hasWritten && strayed());
    for (const [of, ranges] of transaction.deleteSet.clients)
      for (const { clock, len } of ranges) deletes.push({ client: of, clock, length: len });
    if (isUnsettled()) typed();
  };
  replay.doc.on("update", onLog);
  doc.on("beforeTransaction", onBefore);
  doc.on("afterTransaction", onAfter);

  /** Ours, and not in the log. */
  const isNew = ({ client: of, clock }: Y.ID): boolean => of === client && clock >= settledTo;

  function textHolding(spot: Spot): Y.Text | null {
    if (spot.text === null) return doc.share.get(spot.area) instanceof Y.Text ? doc.getText(spot.area) : null;
    const item = itemAt(spot.text);
    return item?.content instanceof Y.ContentType && item.content.type instanceof Y.Text ? item.content.type : null;
  }
  function itemAt({ client: of, clock }: { readonly client: number; readonly clock: number }): Y.Item | null {
    if (clock >= Y.getState(doc.store, of)) return null;
    const found = Y.getItem(doc.store, Y.createID(of, clock)) as Y.Item | Y.GC;
    return found instanceof Y.Item ? found : null;
  }

  function composeNow(past: Past): readonly Composed[] | null {
    const vector = Y.decodeStateVector(Y.encodeStateVector(doc)).set(client, past.own);
    return composeEdits(Y.encodeStateAsUpdate(doc, Y.encodeStateVector(vector)), deletes, past, views, replay);
  }

  return {
    doc,
    undo,
    edit: (change) => doc.transact(() => change(doc), EDITOR),
    isUnsettled,
    hasGround: () => doc.store.pendingStructs === null,
    compose: (past) => {
      settledTo = past.own;
      const end = ownClock(doc);
      const taking = [...deletes];
      const edits = composeNow(past);
      if (edits === null) return null;
      return {
        edits,
        taken: () => {
          settledTo = end;
          deletes = deletes.slice(taking.length); // they are only ever added to
          views = views.slice(
            Math.max(
              0,
              views.findLastIndex(({ from }) => from <= end),
            ),
          );
        },
      };
    },
    handOver: (past) => {
      if (!isUnsettled()) return null;
      const edits = composeNow(past);
      return edits === null ? null : { updates: edits.map(({ update }) => update), deletes, views };
    },
    unsettledTexts: () => {
      const texts = new Map<unknown, string>();
      for (const struct of doc.store.clients.get(client) ?? []) {
        if (!(struct instanceof Y.Item) || struct.deleted) continue;
        const from = Math.max(0, settledTo - struct.id.clock);
        const { content, parent } = struct;
        if (content instanceof Y.ContentString && from < struct.length)
          texts.set(parent, (texts.get(parent) ?? "") + content.str.slice(from));
        if (content instanceof Y.ContentAny) for (const words of wordsAmong(content.arr.slice(from))) texts.set(struct, words);
      }
      return [...texts.values()];
    },
    whereFor: (spot) => {
      const text = textHolding(spot);
      if (text === null || (spot.text !== null && isNew(Y.createID(spot.text.client, spot.text.clock)))) return null;
      if (spot.after === null) return { spot, words: "" };
      let words = "";
      let item = itemAt(spot.after);
      let units = item === null ? 0 : spot.after.clock - item.id.clock + 1;
      // Back over what only we have, and over what is deleted, to a letter that others have too.
      while (item !== null) {
        const known = Math.max(0, Math.min(units, settledTo - item.id.clock));
        const isOwn = item.id.client === client;
        if (!isOwn || known > 0) {
          if (isOwn && !item.deleted && item.content instanceof Y.ContentString)
            words = item.content.str.slice(known, units) + words;
          const clock = item.id.clock + (isOwn ? known : units) - 1;
          return { spot: { ...spot, after: { client: item.id.client, clock } }, words };
        }
        if (!item.deleted && item.content instanceof Y.ContentString) words = item.content.str.slice(0, units) + words;
        item = item.left;
        units = item?.length ?? 0;
      }
      return { spot: { ...spot, after: null }, words };
    },
    close: () => {
      replay.doc.off("update", onLog);
      undo.destroy();
      doc.destroy();
    },
  };
}
