/**
 * Update: what one edit says to Yjs, read without Yjs. The V1 format (yjs 13.6, `encoding.js`), and only the part of it
 * that our documents need:
 *
 *   update  = number of clients (0 or 1) ‖ block? ‖ deletes
 *   block   = number of structs ‖ client ‖ first clock ‖ structs
 *   struct  = info u8 (content 5 bits, keyed 32, right 64, left 128) ‖ left? ‖ right?
 *             ‖ if neither: 1 ‖ area name, or 0 ‖ id; and, if keyed: key
 *             ‖ content: text (4), type (7: list 0, map 1, text 2), values (8)
 *   deletes = number of clients ‖ for each: client ‖ number of ranges ‖ for each: clock ‖ length
 *
 *   U1  One value has one byte string: numbers are minimal, deletes are in order and do not touch, nothing follows.
 *   U2  Counts are bounded before anything is read for them, and nothing is allocated for what is not there.
 *   U3  Everything else Yjs can read (GC, skip, embeds, formats, documents, XML, JSON, binary, raw deletions) is refused here.
 *   U4  Few structs stand before one that the same update brought, and behind none of them: for each, Yjs goes through all that came
 *       into that gap and that its author had not seen. A thousand held a reader up for seconds.
 *
 * Total and context-free. Whether its author may say it is gate.ts. Numbers are at most 2^53 − 1.
 */
import { decodeUtf8 } from "../codec/utf8.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { createCursor, type Cursor } from "./cursor.ts";
import type { ScanRule } from "./rules.ts";

export interface ItemId {
  readonly client: number;
  readonly clock: number;
}

export type ContainerType = "list" | "map" | "text";

export type StructContent =
  /** `units`: length in UTF-16. */
  | { readonly kind: "text"; readonly units: number }
  | { readonly kind: "type"; readonly type: ContainerType }
  /** One value; what Yjs itself encoded may hold several in a row, which are taken apart before they are written (compose.ts). */
  | { readonly kind: "values"; readonly values: readonly Scalar[] };

export type Scalar = string | number | boolean;

export interface Struct {
  readonly clock: number;
  readonly length: number;
  readonly left: ItemId | null;
  readonly right: ItemId | null;
  /** Only where there is neither left nor right. */
  readonly parent: { readonly area: string } | { readonly item: ItemId } | null;
  /** The struct stands under a key; `key` is written only beside a parent. */
  readonly isKeyed: boolean;
  readonly key: string | null;
  readonly content: StructContent;
  /** Where it stands in the update's bytes. */
  readonly start: number;
  readonly end: number;
  /** Where its content starts. */
  readonly contentAt: number;
}

/** U4, for an update of `client` that starts at `clock`. */
export function isPutBefore({ left, right }: Pick<Struct, "left" | "right">, client: number, clock: number): boolean {
  const isOwn = (id: ItemId | null): boolean => id !== null && id.client === client && id.clock >= clock;
  return isOwn(right) && !isOwn(left);
}

/** The ids that a struct names. */
export const namesOf = ({ left, right, parent }: Struct): readonly ItemId[] =>
  [left, right, parent !== null && "item" in parent ? parent.item : null].filter((id) => id !== null);

export interface DeleteRange extends ItemId {
  readonly length: number;
}

export interface Update {
  readonly bytes: Uint8Array;
  /** Null when there are no structs. */
  readonly client: number | null;
  /** Clock of the first struct; 0 when there is none. */
  readonly clock: number;
  readonly structs: readonly Struct[];
  /** How far the structs reach. */
  readonly length: number;
  readonly deletes: readonly DeleteRange[];
}

export const MAX_UPDATE_BYTES = 49_152;
export const MAX_STRUCTS = 1_024;
export const MAX_DELETE_RANGES = 1_024;
/** U4. */
export const MAX_PUT_BEFORE = 2;

const LEFT = 128;
const RIGHT = 64;
const KEYED = 32;
const TEXT = 4;
const TYPE = 7;
const VALUES = 8;
const CONTENTS: ReadonlySet<number> = new Set([TEXT, TYPE, VALUES]);
const CONTAINERS: readonly ContainerType[] = ["list", "map", "text"];

/** Total. */
export function scanUpdate(bytes: Uint8Array): Result<Update, ScanRule> {
  const at = createCursor(bytes);
  const clients = at.number();
  if (clients > 1) return err("second-author");
  const block = clients === 1 ? scanBlock(at, FOREIGN) : null;
  const deletes = at.problem() === null ? scanDeletes(at) : [];
  const problem = at.problem();
  if (problem !== null) return err(problem);
  if (at.left() > 0) return err("trailing"); // U1
  if (block === null && deletes.length === 0) return err("says-nothing");
  const last = block?.structs.at(-1);
  return ok({
    bytes,
    client: block?.client ?? null,
    clock: block?.clock ?? 0,
    structs: block?.structs ?? [],
    length: block === null || last === undefined ? 0 : last.clock + last.length - block.clock,
    deletes,
  });
}

/** Only the structs of what Yjs itself encoded for one client; whatever follows them is not looked at. */
export function scanOwnStructs(bytes: Uint8Array): readonly Struct[] | null {
  const at = createCursor(bytes);
  const clients = at.number();
  if (clients === 0) return [];
  const block = clients === 1 ? scanBlock(at, OWN) : null;
  return at.problem() === null ? (block?.structs ?? null) : null;
}

/** Of a struct that holds text. */
export function textOf(bytes: Uint8Array, { contentAt, end }: Struct): string {
  const from = textStart(bytes, contentAt);
  return decodeUtf8(bytes, from, end);
}
/** Behind the number that says how long a text is. */
export function textStart(bytes: Uint8Array, contentAt: number): number {
  let at = contentAt;
  while ((bytes[at] ?? 0) >= 128) at += 1;
  return at + 1;
}

interface Bounds {
  readonly structs: number;
  readonly putBefore: number;
  readonly values: number;
}
const FOREIGN: Bounds = { structs: MAX_STRUCTS, putBefore: MAX_PUT_BEFORE, values: 1 };
const OWN: Bounds = { structs: Infinity, putBefore: Infinity, values: Infinity };

function scanBlock(at: Cursor, bounds: Bounds) {
  const count = at.number();
  const client = at.number();
  const clock = at.number();
  if (count === 0) at.fail("says-nothing");
  if (count > bounds.structs) at.fail("too-many-structs"); // U2
  const structs: Struct[] = [];
  let next = clock;
  let putBefore = 0;
  for (let index = 0; index < count && at.problem() === null; index += 1) {
    const struct = scanStruct(at, next, bounds);
    next += struct.length;
    if (isPutBefore(struct, client, clock)) putBefore += 1;
    if (putBefore > bounds.putBefore) at.fail("too-many-structs"); // U4
    structs.push(struct);
  }
  return { client, clock, structs };
}

function scanStruct(at: Cursor, clock: number, bounds: Bounds): Struct {
  const start = at.position();
  const info = at.byte();
  if (!CONTENTS.has(info & 31)) at.fail("unknown-content"); // U3, before the rest of it is read as what it is not
  const left = (info & LEFT) === 0 ? null : scanId(at);
  const right = (info & RIGHT) === 0 ? null : scanId(at);
  const isKeyed = (info & KEYED) !== 0;
  const hasParent = left === null && right === null;
  const parent = hasParent ? scanParent(at) : null;
  const key = hasParent && isKeyed ? at.text() : null;
  const contentAt = at.position();
  const content = scanContent(at, info & 31, bounds);
  const length = content.kind === "text" ? content.units : content.kind === "values" ? content.values.length : 1;
  return { clock, length, left, right, parent, isKeyed, key, content, start, end: at.position(), contentAt };
}

const scanId = (at: Cursor): ItemId => ({ client: at.number(), clock: at.number() });

function scanParent(at: Cursor): Struct["parent"] {
  const isArea = at.number();
  if (isArea > 1) at.fail("long-number"); // Yjs reads any other number as yes
  return isArea === 0 ? { item: scanId(at) } : { area: at.text() };
}

function scanContent(at: Cursor, kind: number, bounds: Bounds): StructContent {
  switch (kind) {
    case TEXT:
      return { kind: "text", units: at.skipText() };
    case TYPE: {
      const type = CONTAINERS[at.number()];
      if (type === undefined) at.fail("unknown-content"); // U3: XML
      return { kind: "type", type: type ?? "list" };
    }
    case VALUES:
      return { kind: "values", values: scanValues(at, bounds) };
    default:
      return { kind: "values", values: [] }; // it has failed already
  }
}

function scanValues(at: Cursor, bounds: Bounds): readonly Scalar[] {
  const count = at.number();
  // Under a key stands one value; lists of values are not in our documents.
  if (count === 0 || count > bounds.values) at.fail("bad-value");
  const values: Scalar[] = [];
  for (let index = 0; index < count && at.problem() === null; index += 1) values.push(at.value());
  return values;
}

function scanDeletes(at: Cursor): readonly DeleteRange[] {
  const deletes: DeleteRange[] = [];
  const clients = at.number();
  let before = Infinity;
  for (let index = 0; index < clients && at.problem() === null; index += 1) {
    const client = at.number();
    if (client >= before) at.fail("deletes-unordered"); // U1: clients descend, as Yjs writes them
    before = client;
    const ranges = at.number();
    if (ranges === 0) at.fail("deletes-unordered");
    if (deletes.length + ranges > MAX_DELETE_RANGES) at.fail("too-many-deletes");
    let end = -1;
    for (let range = 0; range < ranges && at.problem() === null; range += 1) {
      const clock = at.number();
      const length = at.number();
      if (clock <= end || length === 0) at.fail("deletes-unordered");
      end = clock + length;
      deletes.push({ client, clock, length });
    }
  }
  return deletes;
}
