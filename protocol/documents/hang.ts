/**
 * Hang: what becomes of values under keys when an edit is put into a document.
 *
 * Yjs deletes what a new value under a key replaces, by itself and for good. Were void values to replace others, a fallen member
 * could take away whatever stands under keys. So they stand aside, and what says that it stands behind them stands elsewhere:
 *
 *   H1  A void value hangs under a key that nobody reads. It keeps its id, and ground.ts knows its true place.
 *   H2  A value that counts hangs behind the last value of its key that counts and that its author had seen, whichever it names.
 *       So values of a key stand side by side as gate.ts G4 asks, with and without the void ones; and who had them on the screen
 *       and who had not is let in alike.
 *   H3  Text and lists are left as they are: a void letter is a deleted one.
 */
import { concatBytes, utf8ToBytes } from "../codec/bytes.ts";
import { blockToBytes, deletesToBytes, idToBytes, numberToBytes } from "./encode.ts";
import { ASIDE, type Ground, type Place } from "./ground.ts";
import { clockIn, type Past } from "./past.ts";
import type { ItemId, Struct, Update } from "./update.ts";

/** An update that the gate let in, as it is put into a document. Null when it says nothing. */
export function hung(ground: Ground, past: Past, update: Update): Uint8Array {
  if (!update.structs.some(({ isKeyed }) => isKeyed)) return update.bytes;
  const own = update.client ?? past.client;
  const lastOwn = new Map<string, ItemId>();
  const upTo = (client: number): number => (client === own ? update.clock : clockIn(past, client));
  let hasMoved = false;
  const structs = spotsOf(ground, update).map(({ struct, spot }) => {
    if (spot === null) return bytesOf(update, struct);
    const name = JSON.stringify([spot.parent, spot.key]);
    const holder = holderAt(ground, update, spot.parent);
    const left = lastOwn.get(name) ?? (holder === null ? null : ground.lastUnder(holder, spot.key, upTo)); // H2
    lastOwn.set(name, { client: own, clock: struct.clock });
    if (left === null ? struct.left === null : struct.left?.client === left.client && struct.left.clock === left.clock)
      return bytesOf(update, struct);
    hasMoved = true;
    return concatBytes(left === null ? underKey(struct, update, spot) : behind(struct, update, left), contentOf(struct, update));
  });
  if (!hasMoved) return update.bytes;
  const first = { client: own, clock: update.clock };
  return concatBytes(blockToBytes(structs.length, first, structs), deletesToBytes(update.deletes));
}

/** The structs of an update, deleted at once, and none of its own deletions (replay.ts R6). Null when nothing is left. */
export function voided(ground: Ground, update: Update): Uint8Array | null {
  const { client, clock, length } = update;
  if (client === null) return null;
  const structs = spotsOf(ground, update).map(
    ({ struct, spot }) =>
      spot === null
        ? bytesOf(update, struct)
        : concatBytes(underKey(struct, update, { ...spot, key: ASIDE + spot.key }), contentOf(struct, update)), // H1
  );
  return concatBytes(blockToBytes(structs.length, { client, clock }, structs), deletesToBytes([{ client, clock, length }]));
}

type Parent = NonNullable<Struct["parent"]>;

interface Spot {
  readonly parent: Parent;
  readonly key: string;
}

/** Where the structs under keys stand; null for all else, and for what stands nowhere. */
function spotsOf(ground: Ground, update: Update): readonly { readonly struct: Struct; readonly spot: Spot | null }[] {
  // A struct under a key is one clock long.
  const own = new Map<number, Spot | null>();
  return update.structs.map((struct) => {
    const spot = struct.isKeyed ? spotOf(struct) : null;
    own.set(struct.clock, spot);
    return { struct, spot };
  });

  function spotOf({ parent, key, left }: Struct): Spot | null {
    if (parent !== null && key !== null) return { parent, key };
    if (left === null) return null;
    if (isIn(update, left)) return own.get(left.clock) ?? null;
    const place = ground.placeOf(left);
    return place === "gone" || place.key === null ? null : { parent: parentOf(place), key: place.key };
  }
}

function parentOf({ holder: { type, area } }: Place): Parent {
  const item = type?._item ?? null;
  return item === null ? { area: area.name } : { item: { client: item.id.client, clock: item.id.clock } };
}

/** Null for what the update brings itself, and for what stands nowhere. */
function holderAt(ground: Ground, update: Update, parent: Parent) {
  const holder = "area" in parent ? ground.area(parent.area) : isIn(update, parent.item) ? null : ground.holderIn(parent.item);
  return holder === "gone" ? null : holder;
}

const isIn = ({ client, clock }: Update, id: ItemId): boolean => id.client === client && id.clock >= clock;
const bytesOf = ({ bytes }: Update, { start, end }: Struct): Uint8Array => bytes.subarray(start, end);
const contentOf = ({ contentAt, end }: Struct, { bytes }: Update): Uint8Array => bytes.subarray(contentAt, end);

const LEFT = 128;
const KEYED = 32;
const kindOf = ({ start }: Struct, { bytes }: Update): number => (bytes[start] ?? 0) & 31;

const behind = (struct: Struct, update: Update, left: ItemId): Uint8Array =>
  new Uint8Array([kindOf(struct, update) | KEYED | LEFT, ...idToBytes(left)]);

function underKey(struct: Struct, update: Update, { parent, key }: Spot): Uint8Array {
  const name = (text: string): readonly number[] => {
    const bytes = utf8ToBytes(text);
    return [...numberToBytes(bytes.length), ...bytes];
  };
  const where = "area" in parent ? [1, ...name(parent.area)] : [0, ...idToBytes(parent.item)];
  return new Uint8Array([kindOf(struct, update) | KEYED, ...where, ...name(key)]);
}
