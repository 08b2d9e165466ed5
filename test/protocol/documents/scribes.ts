/**
 * Scribes: people who write in one document, each with a replica of their own, for tests of the gate and of replays. No crypto and
 * no feeds on a shelf: an envelope is an id by its place. Real Yjs, the real gate, the real replay.
 */
import * as Y from "yjs";
import { bytesToHex } from "../../../protocol/codec/bytes.ts";
import type { EnvelopeId, FeedId, MemberId } from "../../../protocol/crypto/hash.ts";
import { clientOf } from "../../../protocol/documents/client.ts";
import { composeEdits, type Composed, type View } from "../../../protocol/documents/compose.ts";
import { createDoc } from "../../../protocol/documents/ground.ts";
import { subjectOf, type DocumentName } from "../../../protocol/documents/kinds.ts";
import { createReplay, type Edit, type Replay, type ReplaySource } from "../../../protocol/documents/replay.ts";
import type { DeleteRange } from "../../../protocol/documents/update.ts";
import type { Seen } from "../../../protocol/envelope/body.ts";
import type { Millis } from "../../../protocol/lang/brand.ts";

/** A name of 32 bytes by a number, spread so that clients differ in all their bits. */
export function nameBy<T extends string>(seed: number, salt: number): T {
  let state = (seed * 2_654_435_761 + salt * 40_503 + 12_345) >>> 0;
  const bytes = Uint8Array.from({ length: 32 }, () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return state >>> 24;
  });
  return bytesToHex(bytes) as T;
}
export const feedBy = (number: number): FeedId => nameBy<FeedId>(number, 1);
export const memberBy = (number: number): MemberId => nameBy<MemberId>(number, 2);

/** What one replica has of a street's feeds. */
export interface Shelf {
  readonly edits: Map<FeedId, Edit[]>;
  /** How much of each feed is here. */
  readonly lengths: Map<FeedId, number>;
  readonly forks: Map<FeedId, number>;
  readonly fallen: Set<FeedId>;
}

export const emptyShelf = (): Shelf => ({ edits: new Map(), lengths: new Map(), forks: new Map(), fallen: new Set() });

/** `scribes`: number of each by feed; the first is the steward. */
export function replayOf(name: DocumentName, shelf: Shelf, numberOf: (feed: FeedId) => number | null): Replay {
  const subject = subjectOf(name);
  if (subject === null) throw new Error(`no document is named ${name}`);
  return createReplay(subject, sourceOf(shelf, numberOf));
}

export const sourceOf = (shelf: Shelf, numberOf: (feed: FeedId) => number | null): ReplaySource => ({
  edits: () => shelf.edits,
  lengthOf: (feed) => Math.min(shelf.lengths.get(feed) ?? 0, shelf.forks.get(feed) ?? Infinity),
  idAt: (feed, seq) => idIn(shelf.edits.get(feed) ?? [], seq),
  forkOf: (feed) => shelf.forks.get(feed) ?? Infinity,
  claimOf: (feed) => {
    const number = numberOf(feed);
    return number === null ? null : { member: memberBy(number), isSteward: number === 0 };
  },
  stands: (feed) => !shelf.fallen.has(feed),
  mayWrite: () => true,
});

/** Mostly an envelope is an edit, so that its seq is its place. */
const idIn = (edits: readonly Edit[], seq: number): EnvelopeId | null =>
  (edits[seq]?.seq === seq ? edits[seq] : edits.find((edit) => edit.seq === seq))?.id ?? null;

export function put(shelf: Shelf, edit: Edit): void {
  const list = shelf.edits.get(edit.feed) ?? [];
  shelf.edits.set(edit.feed, list);
  list.push(edit);
  shelf.lengths.set(edit.feed, edit.seq + 1);
}

/** One person at one device: types into `live`, settles into edits, takes in those of others. */
export interface Scribe {
  readonly number: number;
  readonly feed: FeedId;
  readonly client: number;
  readonly shelf: Shelf;
  readonly live: Y.Doc;
  readonly undo: Y.UndoManager;
  readonly replay: () => Replay;
  readonly type: (change: (doc: Y.Doc) => void) => void;
  /** What was typed since the last time, as edits of one's own feed; already taken in here. */
  readonly settle: () => readonly Edit[];
  readonly take: (edit: Edit) => void;
  /** How often what was typed was no edit that the gate would let in, and was handed back instead (src/peer/sheet.ts L2). */
  readonly handedBack: () => number;
}

export const OWN = "editor";

export function createScribe(name: DocumentName, number: number, numberOf: (feed: FeedId) => number | null): Scribe {
  const subject = subjectOf(name);
  if (subject === null) throw new Error(`no document is named ${name}`);
  const { kind } = subject;
  const feed = feedBy(number);
  const client = clientOf(feed);
  const shelf = emptyShelf();
  const replay = replayOf(name, shelf, numberOf);
  let [live, undo] = sit();
  let handedBack = 0;
  let deletes: DeleteRange[] = [];
  let at = 0;
  const viewNow = (): View => {
    const vector = Y.decodeStateVector(Y.encodeStateVector(replay.doc));
    return { from: Y.getState(live.store, client), upTo: (of) => vector.get(of) ?? 0 };
  };
  let views: View[] = [viewNow()];
  replay.doc.on("update", (update: Uint8Array) => {
    views.push(viewNow());
    live.clientID = 0; // else Yjs takes our own edits for another's, and says so
    Y.applyUpdate(live, update, "log");
    live.clientID = client;
  });

  /** Sits down at what the replay says. */
  function sit(): [Y.Doc, Y.UndoManager] {
    const doc = createDoc(kind, 0);
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(replay.doc), "log");
    doc.clientID = client;
    doc.on("afterTransaction", (transaction: Y.Transaction) => {
      if (!transaction.local) return;
      for (const [of, ranges] of transaction.deleteSet.clients)
        for (const { clock, len } of ranges) deletes.push({ client: of, clock, length: len });
    });
    const roots = [...doc.share.values()] as Y.AbstractType<unknown>[];
    return [doc, new Y.UndoManager(roots as never, { trackedOrigins: new Set([OWN]), captureTimeout: 0 })];
  }

  function settle(): readonly Edit[] {
    const past = replay.pastOf(feed);
    const vector = Y.decodeStateVector(Y.encodeStateVector(live));
    vector.set(client, past.own);
    const structs = Y.encodeStateAsUpdate(live, encodeVector(vector));
    const composed = composeEdits(structs, deletes, past, views, replay);
    if (composed === null) throw new Error("an honest editor wrote what no document has");
    deletes = [];
    if (replay.check(feed, ...composed) !== null) {
      handedBack += 1;
      [live, undo] = sit();
      views = [viewNow()];
      return [];
    }
    views = [viewNow()];
    return composed.map((each) => {
      const edit = editOf(feed, shelf.lengths.get(feed) ?? 0, (at += 1), each);
      take(edit);
      return edit;
    });
  }
  function take(edit: Edit): void {
    put(shelf, edit);
    replay.advance();
  }
  return {
    number,
    feed,
    client,
    shelf,
    get live() {
      return live;
    },
    get undo() {
      return undo;
    },
    replay: () => replay,
    type: (change) => live.transact(() => change(live), OWN),
    settle,
    take,
    handedBack: () => handedBack,
  };
}

let lastId = 0;
export const editOf = (
  feed: FeedId,
  seq: number,
  at: number,
  { update, seen }: { update: Uint8Array; seen: readonly Seen[] },
): Edit => ({
  id: nameBy<EnvelopeId>((lastId += 1), 3),
  feed,
  seq,
  at: at as Millis,
  seen,
  update,
});

export function encodeVector(vector: ReadonlyMap<number, number>): Uint8Array {
  const bytes: number[] = [];
  const write = (value: number): void => {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    bytes.push(rest);
  };
  write(vector.size);
  for (const [client, clock] of vector) {
    write(client);
    write(clock);
  }
  return new Uint8Array(bytes);
}
export type { Composed };
