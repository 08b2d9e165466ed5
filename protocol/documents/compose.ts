/**
 * Compose: what was typed since the last edit, as edits that fit: an author's own half of the gate.
 *
 *   C1  Structs come in their order, deletions behind them; each edit keeps to MAX_UPDATE_BYTES, MAX_STRUCTS, MAX_PUT_BEFORE,
 *       MAX_DELETE_RANGES and MAX_SEEN. Long texts are cut between letters, never within one.
 *   C2  `seen` names, for each foreign client that an edit names and its author's edits had not seen so far, the edit that
 *       brought the furthest of what is named. No more: whoever has less can take it in sooner.
 *   C3  One edit says one past for all its structs. So structs that were typed before something came go into an edit of their own
 *       where what comes behind them names it: beside what its author had seen by then, they would not stand side by side (gate.ts G4).
 *   C4  What comes out passes the gate wherever the author's `Y.Doc` held nothing but what the gate had let in, and the author's own typing.
 */
import { decodeUtf8 } from "../codec/utf8.ts";
import { utf8ToBytes, concatBytes } from "../codec/bytes.ts";
import { MAX_SEEN, type Seen } from "../envelope/body.ts";
import { blockToBytes, deletesToBytes, idToBytes, numberToBytes, sortRanges } from "./encode.ts";
import { clockIn, joinPasts, withOwn, type Past } from "./past.ts";
import type { Decided } from "./replay.ts";
import {
  MAX_DELETE_RANGES,
  MAX_PUT_BEFORE,
  MAX_STRUCTS,
  MAX_UPDATE_BYTES,
  isPutBefore,
  scanOwnStructs,
  textStart,
  type DeleteRange,
  type ItemId,
  type Struct,
} from "./update.ts";

export interface Composed {
  readonly update: Uint8Array;
  readonly seen: readonly Seen[];
}

export interface ComposeSource {
  /** The edit that brought an item of another client; null when it is not in the document. */
  readonly broughtBy: (client: number, clock: number) => Decided | null;
}

/** What was in the author's document while typing from one of one's own clocks on. */
export interface View {
  readonly from: number;
  /** How far a client's structs were there. */
  readonly upTo: (client: number) => number;
}

/** Room for the head of a block and the numbers around it. */
const ROOM = 64;
/** A text is cut into pieces of at most this many bytes; a piece and its neighbours fit an edit with ease. */
const MAX_TEXT_BYTES = 16_384;

/**
 * `views`: by `from`, ascending; the first from `past.own` on. `structs`: Yjs's encoding of the author's own structs from `past.own` on, and of no other's (deletions in it are passed over).
 * Null when Yjs wrote something that no document of ours has: a mistake of an editor.
 */
export function composeEdits(
  structs: Uint8Array,
  deletes: readonly DeleteRange[],
  past: Past,
  views: readonly View[],
  source: ComposeSource,
): readonly Composed[] | null {
  const own = scanOwnStructs(structs);
  if (own === null) return null;
  const composed: Composed[] = [];
  let known = past;
  let pieces: Piece[] = [];
  let bytes = ROOM;
  let wanted = new Map<number, Decided>();
  /** Of the first struct in the edit at hand: what came later must not be named beside it. */
  let view: View | null = null;

  const close = (ranges: readonly DeleteRange[]): void => {
    if (pieces.length === 0 && ranges.length === 0) return;
    const first = { client: past.client, clock: known.own };
    const block = blockToBytes(
      pieces.length,
      first,
      pieces.map((piece) => piece.bytes),
    );
    for (const { past: theirs } of wanted.values()) known = joinPasts(known, theirs);
    known = withOwn(known, known.own + pieces.reduce((sum, piece) => sum + piece.length, 0));
    composed.push({ update: concatBytes(block, deletesToBytes(ranges)), seen: [...wanted.values()].map(seenOf).sort(byFeed) });
    pieces = [];
    bytes = ROOM;
    wanted = new Map();
    view = null;
  };
  /** C2. Null when they are more than one edit may name, or came too late for it (C3). */
  const want = (ids: readonly ItemId[]): Map<number, Decided> | null => {
    const more = new Map(wanted);
    for (const { client, clock } of ids) {
      if (client === past.client || clock < clockIn(known, client)) continue;
      const brought = source.broughtBy(client, clock);
      if (brought === null) throw new Error("an author names only what is in the document");
      if (view !== null && brought.past.own > view.upTo(client)) return null;
      if (brought.edit.seq > (more.get(client)?.edit.seq ?? -1)) more.set(client, brought);
    }
    return more.size > MAX_SEEN ? null : more;
  };

  const isFullFor = (piece: Piece): boolean =>
    bytes + piece.bytes.length > MAX_UPDATE_BYTES ||
    pieces.length >= MAX_STRUCTS ||
    (isPutBefore(piece, past.client, known.own) &&
      pieces.filter((other) => isPutBefore(other, past.client, known.own)).length >= MAX_PUT_BEFORE);

  for (const piece of own.flatMap((struct) => piecesOf(struct, structs, past.client))) {
    let more = want(piece.names);
    if (more === null || isFullFor(piece)) {
      close([]);
      more = want(piece.names); // a piece names three ids at most
    }
    wanted = more ?? wanted;
    view ??= views.findLast(({ from }) => from <= piece.clock) ?? null;
    pieces.push(piece);
    bytes += piece.bytes.length;
  }
  let ranges: DeleteRange[] = [];
  for (const range of sortRanges(deletes)) {
    const last = { client: range.client, clock: range.clock + range.length - 1 };
    const isFull = ranges.length >= MAX_DELETE_RANGES || bytes + RANGE_BYTES > MAX_UPDATE_BYTES;
    let more = isFull ? null : want([last]);
    if (more === null) {
      close(ranges);
      ranges = [];
      more = want([last]);
    }
    wanted = more ?? wanted;
    ranges.push(range);
    bytes += RANGE_BYTES;
  }
  close(ranges);
  return composed;
}

/** Four numbers of eight bytes at most. */
const RANGE_BYTES = 32;

/** One struct as it will be written. */
interface Piece {
  readonly clock: number;
  readonly length: number;
  readonly bytes: Uint8Array;
  readonly left: ItemId | null;
  readonly right: ItemId | null;
  readonly names: readonly ItemId[];
}

/** C1: a struct, or several in its place where one would be too long, or holds more than one value. */
function piecesOf(struct: Struct, bytes: Uint8Array, client: number): readonly Piece[] {
  const { content, left, right, parent } = struct;
  const parentItem = parent !== null && "item" in parent ? [parent.item] : [];
  const names = [left, right, ...parentItem].filter((id) => id !== null);
  const isOne = content.kind === "values" ? content.values.length === 1 : struct.end - struct.contentAt <= MAX_TEXT_BYTES;
  if (isOne)
    return [{ clock: struct.clock, length: struct.length, bytes: bytes.slice(struct.start, struct.end), left, right, names }];
  let clock = struct.clock;
  return cutContent(struct, bytes).map((part, index): Piece => {
    // The first keeps its head; each other one stands right behind the one before.
    const before = { client, clock: clock - 1 };
    const head = index === 0 ? bytes.slice(struct.start, struct.contentAt) : headBehind(struct, before, bytes[struct.start] ?? 0);
    const at = clock;
    clock += part.length;
    return {
      clock: at,
      length: part.length,
      bytes: concatBytes(head, part.bytes),
      left: index === 0 ? left : before,
      right,
      names: index === 0 ? names : right === null ? [] : [right],
    };
  });
}

const LEFT = 128;
const RIGHT = 64;
const headBehind = ({ right }: Struct, left: ItemId, info: number): Uint8Array =>
  new Uint8Array([
    (info & ~RIGHT) | LEFT | (right === null ? 0 : RIGHT),
    ...idToBytes(left),
    ...(right === null ? [] : idToBytes(right)),
  ]);

interface Part {
  readonly length: number;
  readonly bytes: Uint8Array;
}

function cutContent({ content, contentAt, end }: Struct, bytes: Uint8Array): readonly Part[] {
  if (content.kind === "values")
    return content.values.map((value) => ({ length: 1, bytes: new Uint8Array([1, ...valueToBytes(value)]) }));
  const from = textStart(bytes, contentAt);
  const parts: Part[] = [];
  for (let at = from; at < end;) {
    let to = Math.min(end, at + MAX_TEXT_BYTES);
    while (to < end && ((bytes[to] ?? 0) & 0xc0) === 0x80) to -= 1; // between letters
    const text = bytes.slice(at, to);
    parts.push({
      length: decodeUtf8(text, 0, text.length).length,
      bytes: new Uint8Array([...numberToBytes(text.length), ...text]),
    });
    at = to;
  }
  return parts;
}

/** As lib0 writes it (cursor.ts R4). */
function valueToBytes(value: string | number | boolean): readonly number[] {
  if (typeof value === "boolean") return [value ? 120 : 121];
  if (typeof value === "string") {
    const text = utf8ToBytes(value);
    return [119, ...numberToBytes(text.length), ...text];
  }
  const size = Math.abs(value);
  const rest = Math.floor(size / 64);
  return [125, (rest > 0 ? 128 : 0) | (value < 0 ? 64 : 0) | (size % 64), ...(rest > 0 ? numberToBytes(rest) : [])];
}

const seenOf = ({ edit: { feed, seq, id } }: Decided): Seen => ({ feed, seq, id });
const byFeed = (left: Seen, right: Seen): number => (left.feed < right.feed ? -1 : 1);
