/**
 * Ground: what stands in a document as far as it was put together, for those who ask where an item is. It reads a `Y.Doc` that
 * holds only what the gate let in, and never changes it.
 *
 *   B1  An item's area, slot and key never change; the order of two items of one container never changes either. So what is
 *       asked here has one answer, however much else has come.
 *   B2  An item that lost its ground (replay.ts) is `gone`: it has an id and a length, and stands nowhere.
 */
import * as Y from "yjs";
import { MAX_KEY_UNITS, areasOf, slotUnder, type Area, type DocumentKind, type Slot, type ValueSlot } from "./kinds.ts";
import type { ItemId } from "./update.ts";

export type ContainerSlot = Exclude<Slot, ValueSlot>;

/** A list, map or text that things stand in. */
export interface Holder {
  readonly area: Area;
  readonly slot: ContainerSlot;
  /** Null for one that the update at the gate makes itself. */
  readonly type: Y.AbstractType<unknown> | null;
}

/** In a list or text `key` is null. */
export interface Place {
  readonly holder: Holder;
  readonly key: string | null;
}

export interface Ground {
  readonly area: (name: string) => Holder | null;
  /** Of an item that is there. */
  readonly placeOf: (id: ItemId) => Place | "gone";
  /** A UTF-16 unit of a text; null for all else. */
  readonly unitAt: (id: ItemId) => number | null;
  /** What an item holds; null for text and values. */
  readonly holderIn: (id: ItemId) => Holder | "gone" | null;
  /** In a list or text: the first id right of `left` (null: from the start) of which `sees` says yes. */
  readonly nextSeen: (holder: Holder, left: ItemId | null, sees: (id: ItemId) => boolean) => ItemId | null;
  /** In a map: the last id under a key that is below its client's `upTo`. */
  readonly lastUnder: (holder: Holder, key: string, upTo: (client: number) => number) => ItemId | null;
  /** The places that a range of one client touches, gone ones left out. */
  readonly placesIn: (from: ItemId, length: number) => Iterable<Place>;
}

/** Before the key of what is void (hang.ts). Longer than keys are. */
export const ASIDE = "\u0000".repeat(MAX_KEY_UNITS + 1);

/** A document with its areas made beforehand (kinds.ts Z1). `client`: under which a caller will write; 0 for readers. */
export function createDoc(kind: DocumentKind, client: number): Y.Doc {
  const doc = new Y.Doc({ gc: false, guid: kind });
  doc.clientID = client;
  for (const area of areasOf(kind)) rootOf(doc, area);
  return doc;
}

export function rootOf(doc: Y.Doc, { name, slot }: Area): Y.Array<unknown> | Y.Map<unknown> | Y.Text {
  return slot.type === "list" ? doc.getArray(name) : slot.type === "map" ? doc.getMap(name) : doc.getText(name);
}

export function groundOf(doc: Y.Doc, kind: DocumentKind): Ground {
  const holders = new Map<Y.AbstractType<unknown>, Holder>();
  const areas = new Map<string, Holder>();
  for (const area of areasOf(kind)) {
    // A root is whatever it was made as; Yjs's own types for it differ in their events only.
    const type = rootOf(doc, area) as unknown as Y.AbstractType<unknown>;
    const holder: Holder = { area, slot: area.slot, type };
    areas.set(area.name, holder);
    holders.set(type, holder);
  }

  const find = (id: ItemId): Y.Item | "gone" => {
    const item = Y.getItem(doc.store, Y.createID(id.client, id.clock)) as Y.Item | Y.GC;
    return item instanceof Y.Item ? item : "gone"; // B2
  };

  function holderOf(type: Y.AbstractType<unknown>): Holder {
    const known = holders.get(type);
    if (known !== undefined) return known;
    const item = type._item;
    if (item === null) throw new Error("a document has no other roots than its areas");
    const made = within(placeOfItem(item), type);
    holders.set(type, made);
    return made;
  }
  const placeOfItem = (item: Y.Item): Place => ({
    // `parent` of an item that stands somewhere is a type; ids and names are resolved when Yjs takes it in.
    holder: holderOf(item.parent as Y.AbstractType<unknown>),
    key: item.parentSub === null || !item.parentSub.startsWith(ASIDE) ? item.parentSub : item.parentSub.slice(ASIDE.length),
  });

  return {
    area: (name) => areas.get(name) ?? null,
    placeOf: (id) => {
      const item = find(id);
      return item === "gone" ? item : placeOfItem(item);
    },
    unitAt: (id) => {
      const item = find(id);
      return item !== "gone" && item.content instanceof Y.ContentString
        ? item.content.str.charCodeAt(id.clock - item.id.clock)
        : null;
    },
    holderIn: (id) => {
      const item = find(id);
      if (item === "gone") return item;
      return item.content instanceof Y.ContentType ? holderOf(item.content.type as Y.AbstractType<unknown>) : null;
    },
    nextSeen: (holder, left, sees) => {
      let item = left === null ? (holder.type?._start ?? null) : null;
      if (left !== null) {
        const found = find(left);
        if (found === "gone") return null;
        const next = { client: left.client, clock: left.clock + 1 };
        if (next.clock < found.id.clock + found.length && sees(next)) return next;
        item = found.right;
      }
      while (item !== null && !sees(item.id)) item = item.right;
      return item === null ? null : { client: item.id.client, clock: item.id.clock };
    },
    lastUnder: (holder, key, upTo) => {
      for (let item = holder.type?._map.get(key) ?? null; item !== null; item = item.left) {
        const { client, clock } = item.id;
        const seen = Math.min(clock + item.length, upTo(client));
        if (seen > clock) return { client, clock: seen - 1 };
      }
      return null;
    },
    placesIn: function* ({ client, clock }, length) {
      const structs = doc.store.clients.get(client) ?? [];
      const end = clock + length;
      for (let index = Y.findIndexSS(structs, clock); index < structs.length; index += 1) {
        const struct = structs[index];
        if (struct === undefined || struct.id.clock >= end) return;
        if (struct instanceof Y.Item) yield placeOfItem(struct);
      }
    },
  };
}

/** The holder that a container at `place` is; the gate saw to it that its slot holds something. */
export function within(place: Place, type: Y.AbstractType<unknown> | null): Holder {
  const slot = childSlot(place);
  if (slot === null || !isContainer(slot)) throw new Error("a container stands only where its slot is one");
  return { area: place.holder.area, slot, type };
}

/** What may stand at a place; null: nothing. */
export function childSlot({ holder: { slot }, key }: Place): Slot | null {
  switch (slot.type) {
    case "map":
      return key === null ? null : slotUnder(slot, key);
    case "list":
      return key === null ? slot.of : null;
    case "text":
      return null; // letters only, which gate.ts knows
  }
}

export const isContainer = (slot: Slot): slot is ContainerSlot =>
  slot.type === "text" || slot.type === "list" || slot.type === "map";
