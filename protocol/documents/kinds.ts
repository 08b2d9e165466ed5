/**
 * Kinds: what documents there are, of which areas each is made, and who may write where.
 *
 *   A document is named `<kind>` or `<kind>/<subject>`:
 *     charter                 what the community is for and how it lives
 *     profile/<member, hex>   what a member says of themselves
 *     notes/<16 bytes, hex>   of a gathering or a talk, written together
 *     entry/<16 bytes, hex>   one thing of the commons
 *
 *   Z1  Every kind has a fixed list of areas: Yjs roots whose type is fixed too. There are no others.
 *   Z2  What may stand where is a slot; a slot that is not listed stays empty. Slots do not nest without end, so neither does
 *       a document (its depth is at most 4).
 *   Z3  Keys are short, composed (NFC), and never one of those that mean something to JavaScript objects.
 *   Z4  Areas are written by all members, by the member the document is about, by stewards, or key by key by the member whose
 *       id the key is.
 *
 * Whether an update keeps to this is decided in gate.ts.
 */
import type { Brand } from "../lang/brand.ts";
import { parseMemberId, type MemberId } from "../crypto/hash.ts";

export type DocumentKind = "charter" | "profile" | "notes" | "entry";
export type DocumentName = Brand<string, "DocumentName">;

/** Who may write an area (Z4). */
export type Writers = "members" | "owner" | "stewards" | "key-holder";

export type Slot =
  | { readonly type: "text" }
  | { readonly type: "list"; readonly of: Slot }
  | { readonly type: "map"; readonly keys: Keys; readonly of: Readonly<Record<string, Slot>> | Slot }
  | ValueSlot;

/** A scalar that a key is set to. */
export type ValueSlot =
  | { readonly type: "words"; readonly maxUnits: number }
  | { readonly type: "choice"; readonly of: readonly string[] }
  /** Words, a whole number or a yes or no. */
  | { readonly type: "fact" };

/** `listed`: those of `of`. `free`: any that Z3 allows. `member`: ids of members, in hex. */
export type Keys = "listed" | "free" | "member";

export interface Area {
  readonly name: string;
  readonly writers: Writers;
  readonly slot: Exclude<Slot, ValueSlot>;
}

export const BLOCK_KINDS = ["paragraph", "heading", "subheading", "bullet", "number", "quote"] as const;
export type BlockKind = (typeof BLOCK_KINDS)[number];

/** What a profile says beside its blocks. */
export const PROFILE_FACTS = ["languages", "gladToShare", "gladToLearn"] as const;
export type ProfileFact = (typeof PROFILE_FACTS)[number];
export const MAX_FACT_UNITS = 280;
export const MAX_KEY_UNITS = 64;

/** A list of maps {kind, text}: a block whose kind is gone reads as a paragraph, one without text as empty. */
const BLOCKS: Exclude<Slot, ValueSlot> = {
  type: "list",
  of: { type: "map", keys: "listed", of: { kind: { type: "choice", of: BLOCK_KINDS }, text: { type: "text" } } },
};
const words = { type: "words", maxUnits: MAX_FACT_UNITS } as const;

const AREAS: Readonly<Record<DocumentKind, readonly Area[]>> = {
  charter: [{ name: "blocks", writers: "members", slot: BLOCKS }],
  profile: [
    { name: "blocks", writers: "owner", slot: BLOCKS },
    {
      name: "facts",
      writers: "owner",
      slot: { type: "map", keys: "listed", of: { languages: words, gladToShare: words, gladToLearn: words } },
    },
  ],
  notes: [
    { name: "title", writers: "members", slot: { type: "text" } },
    { name: "blocks", writers: "members", slot: BLOCKS },
    // One line each: what I received.
    { name: "lines", writers: "key-holder", slot: { type: "map", keys: "member", of: words } },
  ],
  entry: [
    { name: "title", writers: "members", slot: { type: "text" } },
    { name: "blocks", writers: "members", slot: BLOCKS },
    { name: "facts", writers: "members", slot: { type: "map", keys: "free", of: { type: "fact" } } },
    {
      name: "care",
      writers: "stewards",
      slot: { type: "map", keys: "listed", of: { keeper: words, policy: words, kept: words } },
    },
  ],
};

export interface DocumentSubject {
  readonly kind: DocumentKind;
  /** Whose profile it is; null for the other kinds. */
  readonly owner: MemberId | null;
}

const NAMES = /^(?:(charter)|(profile)\/([0-9a-f]{64})|(notes|entry)\/[0-9a-f]{32})$/;

/** Null for what this version does not know: an edit of it is kept, and not read. */
export function subjectOf(name: string): DocumentSubject | null {
  const match = NAMES.exec(name);
  if (match === null) return null;
  const [, charter, profile, member, other] = match;
  if (charter !== undefined) return { kind: "charter", owner: null };
  if (profile !== undefined) {
    const owner = parseMemberId(member ?? "");
    return owner === null ? null : { kind: "profile", owner };
  }
  return { kind: other === "notes" ? "notes" : "entry", owner: null };
}

export const parseDocumentName = (text: string): DocumentName | null =>
  subjectOf(text) === null ? null : (text as DocumentName);
export const CHARTER = "charter" as DocumentName;
export const profileOf = (member: MemberId): DocumentName => `profile/${member}` as DocumentName;

export const areasOf = (kind: DocumentKind): readonly Area[] => AREAS[kind];

/** The slot behind a key of a map, or null where it may not stand (Z2, Z3). */
export function slotUnder(map: Extract<Slot, { type: "map" }>, key: string): Slot | null {
  switch (map.keys) {
    case "listed":
      // `of` of a map with listed keys is a record of slots, and its own keys are asked only.
      return Object.hasOwn(map.of, key) ? ((map.of as Readonly<Record<string, Slot>>)[key] ?? null) : null;
    case "member":
      return /^[0-9a-f]{64}$/.test(key) ? (map.of as Slot) : null;
    case "free":
      return isFreeKey(key) ? (map.of as Slot) : null;
  }
}

const FORBIDDEN: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const isFreeKey = (key: string): boolean =>
  key.length >= 1 && key.length <= MAX_KEY_UNITS && !FORBIDDEN.has(key) && key.normalize("NFC") === key; // Z3

/** A value that a slot takes. */
export function fitsSlot(slot: ValueSlot, value: string | number | boolean): boolean {
  switch (slot.type) {
    case "words":
      return typeof value === "string" && value.length <= slot.maxUnits;
    case "choice":
      return typeof value === "string" && slot.of.includes(value);
    case "fact":
      return typeof value !== "string" || value.length <= MAX_FACT_UNITS;
  }
}
