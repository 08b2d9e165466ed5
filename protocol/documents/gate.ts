/**
 * The write gate: whether an update changes only what its author may change, decided before Yjs sees a byte of it.
 *
 *   G1  One author: the structs bear the feed's own client, right behind what it wrote before in this document.
 *   G2  Its author had seen what it names: neighbours, parents, deletions (past.ts).
 *   G3  Parent and key of a struct are those of its neighbours, both of them; only a struct without neighbours names its parent.
 *   G4  Its neighbours stood side by side in what its author had seen. Yjs believes any two; but replicas that get two such
 *       structs in another order then differ for ever, with equal clocks. Under a key nothing is right of a new value; behind
 *       which one it comes is not its author's to say (hang.ts).
 *       Nor does it stand, or a deletion begin or end, within a letter: Yjs breaks both halves, even of what is void.
 *   G5  It stands in an area of this kind of document, under a key and in a slot that allow it (kinds.ts).
 *   G6  Its author may write that area. What a new value under a key replaces stands under the same key, so it is theirs to replace.
 *   G7  Every deletion lies in an area that its author may write.
 *   G8  What lost its ground drags along whatever names it; it stands nowhere, so G3 to G6 have nothing to say about it.
 *
 * The answer follows from the update, its author's past and claims, and items that stand where they stand: never from what else
 * has come, or when. That its dependencies are here, and what becomes of the answer, is replay.ts.
 */
import type { MemberId } from "../crypto/hash.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { childSlot, isContainer, within, type Ground, type Holder, type Place } from "./ground.ts";
import { fitsSlot, type DocumentSubject } from "./kinds.ts";
import { clockIn, type Past } from "./past.ts";
import type { GateRule } from "./rules.ts";
import { namesOf, textOf, type ItemId, type Struct, type Update } from "./update.ts";

/** What a feed says of itself in its join. */
export interface Claim {
  readonly member: MemberId;
  readonly isSteward: boolean;
}

type Located = Place | "gone";

/** `past` is the author's, with all that the edit itself says it saw. */
export function gate(ground: Ground, subject: DocumentSubject, claim: Claim, past: Past, update: Update): Result<void, GateRule> {
  if (update.client !== null && update.client !== past.client) return err("foreign-author"); // G1
  if (update.client !== null && update.clock !== past.own) return err("not-next"); // G1
  const own = createOwn(ground, past, update);
  for (const struct of update.structs) {
    const rule = checkStruct(struct, own, ground, subject, claim);
    if (rule !== null) return err(rule);
  }
  for (const range of update.deletes) {
    if (range.clock + range.length > own.seenUpTo(range.client)) return err("unknown-delete"); // G2
    if (cutsLetter({ client: range.client, clock: range.clock + range.length - 1 }, range, own)) return err("half-letter"); // G4
    // What the update brings itself stands where its author may write.
    const length = range.client === past.client ? Math.min(range.length, past.own - range.clock) : range.length;
    if (length <= 0) continue;
    for (const place of ground.placesIn(range, length)) if (!mayWrite(place, subject, claim)) return err("delete-not-yours"); // G7
  }
  return ok(undefined);
}

function checkStruct(struct: Struct, own: Own, ground: Ground, subject: DocumentSubject, claim: Claim): GateRule | null {
  const { left, right } = struct;
  if (!namesOf(struct).every((id) => own.isKnown(id, struct.clock))) return "unknown-neighbour"; // G2
  const place = locate(struct, own, ground);
  if (typeof place === "string") {
    if (place !== "gone") return place;
    own.lose(struct); // G8
    return null;
  }
  if (struct.isKeyed !== (place.key !== null)) return "key-mark"; // G3
  const wrong = checkSlot(struct, place);
  if (wrong !== null) return wrong;
  if (!mayWrite(place, subject, claim)) return "not-yours"; // G6
  const next = place.key === null ? own.next(place, left) : null;
  if (next === null ? right !== null : right === null || !isSame(next, right)) return "not-adjacent"; // G4
  if (cutsLetter(left, right, own)) return "half-letter"; // G4
  own.put(struct, place);
  return null;
}

/** A cut behind the first half of a letter, or before the second. Null: no cut on that side. */
function cutsLetter(behind: ItemId | null, before: ItemId | null, own: Own): boolean {
  const isWithin = (id: ItemId | null, from: number): boolean => {
    const unit = id === null ? null : own.unitAt(id);
    return unit !== null && unit >= from && unit < from + 0x400;
  };
  return isWithin(behind, 0xd800) || isWithin(before, 0xdc00);
}

/** G3. */
function locate({ left, right, parent, key }: Struct, own: Own, ground: Ground): Located | GateRule {
  if (parent !== null) {
    const holder =
      "area" in parent ? (ground.area(parent.area) ?? "unknown-area") : (own.holderIn(parent.item) ?? "not-a-container");
    return typeof holder === "string" ? holder : { holder, key };
  }
  const places = [left, right].flatMap((id) => (id === null ? [] : [own.placeOf(id)]));
  if (places.includes("gone")) return "gone"; // G8
  const [first, second] = places as Place[]; // none is gone
  if (first === undefined) throw new Error("a struct without a parent has a neighbour");
  const isOne = second === undefined || (first.holder === second.holder && first.key === second.key);
  return isOne ? first : "two-parents";
}

/** G5. */
function checkSlot({ content }: Struct, place: Place): GateRule | null {
  if (place.holder.slot.type === "text") return place.key === null && content.kind === "text" ? null : "wrong-slot";
  const slot = childSlot(place);
  if (slot === null) return place.holder.slot.type === "map" && place.key !== null ? "wrong-key" : "wrong-slot";
  if (isContainer(slot)) return content.kind === "type" && content.type === slot.type ? null : "wrong-slot";
  return content.kind === "values" && content.values.every((value) => fitsSlot(slot, value)) ? null : "wrong-slot";
}

/** G6, G7. */
export function mayWrite({ holder: { area }, key }: Place, { owner }: DocumentSubject, claim: Claim): boolean {
  switch (area.writers) {
    case "members":
      return true;
    case "owner":
      return claim.member === owner;
    case "stewards":
      return claim.isSteward;
    case "key-holder":
      return key === claim.member;
  }
}

const isSame = (left: ItemId, right: ItemId): boolean => left.client === right.client && left.clock === right.clock;

/** The update at the gate, over the ground: its own structs are not there yet, and stand in here. */
interface Own {
  readonly seenUpTo: (client: number) => number;
  readonly isKnown: (id: ItemId, before: number) => boolean;
  readonly placeOf: (id: ItemId) => Located;
  readonly unitAt: (id: ItemId) => number | null;
  readonly holderIn: (id: ItemId) => Holder | "gone" | null;
  readonly next: (place: Place, left: ItemId | null) => ItemId | null;
  readonly put: (struct: Struct, place: Place) => void;
  readonly lose: (struct: Struct) => void;
}

function createOwn(ground: Ground, past: Past, update: Update): Own {
  const placed: { readonly struct: Struct; readonly place: Located }[] = [];
  const holders = new Map<number, Holder>();
  /** Right neighbours that changed: by the id left of them, or by the container they are first in. */
  const nextOf = new Map<string, ItemId | null>();
  const firstIn = new Map<Holder, ItemId>();
  const texts = new Map<Struct, string>();
  const { client } = past;
  const isOwn = (id: ItemId): boolean => id.client === client && id.clock >= past.own;
  const sees = (id: ItemId): boolean => id.clock < clockIn(past, id.client);
  const name = ({ client: of, clock }: ItemId): string => `${of} ${clock}`;

  /** Structs are in order of clocks. */
  function structAt(clock: number) {
    let low = 0;
    let high = placed.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((placed[middle]?.struct.clock ?? 0) <= clock) low = middle;
      else high = middle - 1;
    }
    const found = placed[low];
    if (found === undefined) throw new Error("only structs before this one are named");
    return found;
  }

  function unitIn(struct: Struct, clock: number): number | null {
    if (struct.content.kind !== "text") return null;
    const text = texts.get(struct) ?? textOf(update.bytes, struct);
    texts.set(struct, text);
    return text.charCodeAt(clock - struct.clock);
  }

  return {
    seenUpTo: (of) => (of === client ? past.own + update.length : clockIn(past, of)),
    isKnown: (id, before) => (id.client === client ? id.clock < before : sees(id)),
    placeOf: (id) => (isOwn(id) ? structAt(id.clock).place : ground.placeOf(id)),
    unitAt: (id) => (isOwn(id) ? unitIn(structAt(id.clock).struct, id.clock) : ground.unitAt(id)),
    holderIn: (id) => {
      if (!isOwn(id)) return ground.holderIn(id);
      return structAt(id.clock).place === "gone" ? "gone" : (holders.get(id.clock) ?? null);
    },
    next: (place, left) => {
      const changed = left === null ? firstIn.get(place.holder) : nextOf.get(name(left));
      if (changed !== undefined) return changed;
      if (left !== null && isOwn(left)) return { client, clock: left.clock + 1 }; // within one struct: its end was put in `nextOf`
      return ground.nextSeen(place.holder, left, sees);
    },
    put: (struct, place) => {
      const { clock, length, left, right, content } = struct;
      placed.push({ struct, place });
      if (content.kind === "type") holders.set(clock, within(place, null));
      if (place.key !== null) return;
      if (left !== null) nextOf.set(name(left), { client, clock });
      else firstIn.set(place.holder, { client, clock });
      nextOf.set(name({ client, clock: clock + length - 1 }), right);
    },
    lose: (struct) => void placed.push({ struct, place: "gone" }),
  };
}
