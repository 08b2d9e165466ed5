/** Wild: an update taken apart so that every part can be changed, and written again without asking whether it may be. */
import type { ItemId, Struct, Update } from "../../protocol/documents/update.ts";
import { leb, raw, said, type Bytes } from "../protocol/documents/hostile.ts";

export interface WildStruct {
  left: ItemId | null;
  right: ItemId | null;
  area: string | null;
  parent: ItemId | null;
  key: string | null;
  isKeyed: boolean;
  ref: number;
  content: Bytes;
  /** In clocks. */
  length: number;
}
export interface WildUpdate {
  client: number;
  clock: number;
  structs: WildStruct[];
  /** More or fewer than there are, when it lies. */
  count: number | null;
  deletes: { client: number; ranges: { clock: number; length: number }[] }[];
  /** How many blocks: 1, unless something is wrong. */
  blocks: number;
}

export function wildOf(update: Update): WildUpdate {
  const { client, clock, structs, bytes } = update;
  const deletes: WildUpdate["deletes"] = [];
  for (const range of update.deletes) {
    const last = deletes.at(-1);
    const own = { clock: range.clock, length: range.length };
    if (last?.client === range.client) last.ranges.push(own);
    else deletes.push({ client: range.client, ranges: [own] });
  }
  return {
    client: client ?? 0,
    clock,
    structs: structs.map((struct) => wildStruct(struct, bytes)),
    count: null,
    deletes,
    blocks: client === null ? 0 : 1,
  };
}

const wildStruct = (struct: Struct, bytes: Uint8Array): WildStruct => ({
  left: struct.left,
  right: struct.right,
  area: struct.parent !== null && "area" in struct.parent ? struct.parent.area : null,
  parent: struct.parent !== null && "item" in struct.parent ? struct.parent.item : null,
  key: struct.key,
  isKeyed: struct.isKeyed,
  ref: (bytes[struct.start] ?? 0) & 31,
  content: [...bytes.subarray(struct.contentAt, struct.end)],
  length: struct.length,
});

/** The same words at another place: ids of `update`'s own that name its client from `clock` on move along. */
export function movedTo(update: WildUpdate, client: number, clock: number): WildUpdate {
  const move = (id: ItemId | null): ItemId | null =>
    id !== null && id.client === update.client && id.clock >= update.clock
      ? { client, clock: id.clock - update.clock + clock }
      : id;
  const structs = update.structs.map((struct) => ({
    ...struct,
    left: move(struct.left),
    right: move(struct.right),
    parent: move(struct.parent),
  }));
  return { ...update, client, clock, structs };
}

const id = ({ client, clock }: ItemId): Bytes => [...leb(client), ...leb(clock)];

export function bytesOf({ client, clock, structs, count, deletes, blocks }: WildUpdate): Uint8Array {
  const bytes: number[] = [...leb(blocks)];
  for (let index = 0; index < Math.min(blocks, 2); index += 1) {
    bytes.push(...leb(count ?? structs.length), ...leb(client), ...leb(clock));
    for (const struct of structs) bytes.push(...structBytes(struct));
  }
  bytes.push(...leb(deletes.length));
  for (const { client: of, ranges } of deletes) {
    bytes.push(...leb(of), ...leb(ranges.length));
    for (const range of ranges) bytes.push(...leb(range.clock), ...leb(range.length));
  }
  return new Uint8Array(bytes);
}

function structBytes({ left, right, area, parent, key, isKeyed, ref, content }: WildStruct): Bytes {
  const info = ref + (left === null ? 0 : 128) + (right === null ? 0 : 64) + (isKeyed ? 32 : 0);
  const bytes = [info, ...(left === null ? [] : id(left)), ...(right === null ? [] : id(right))];
  if (left === null && right === null) {
    if (parent !== null) bytes.push(0, ...id(parent));
    else bytes.push(1, ...said(raw(area ?? "")));
    if (isKeyed) bytes.push(...said(raw(key ?? "")));
  }
  return [...bytes, ...content];
}
