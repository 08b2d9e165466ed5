/** Hostile: updates written by hand, byte by byte. Nothing in here asks Yjs or our own encoder how an update is to look. */
import type { ItemId } from "../../../protocol/documents/update.ts";

export type Bytes = readonly number[];

/** LEB128, and longer than needed when `extra` says so. */
export function leb(value: number, extra = 0): Bytes {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  for (let more = 0; more < extra; more += 1) bytes.push(bytes.pop()! + 128, 0);
  return bytes;
}
export const raw = (text: string): Bytes => [...new TextEncoder().encode(text)];
export const said = (bytes: Bytes): Bytes => [...leb(bytes.length), ...bytes];

export interface Head {
  readonly left?: ItemId;
  readonly right?: ItemId;
  readonly area?: string;
  readonly parent?: ItemId;
  readonly key?: string;
  /** For a struct with a neighbour, whose key is not written. */
  readonly isKeyed?: boolean;
}
/** A content with its number in Yjs. */
export interface Content {
  readonly ref: number;
  readonly bytes: Bytes;
}
export const letters = (text: string): Content => ({ ref: 4, bytes: said(raw(text)) });
export const holding = (type: "list" | "map" | "text"): Content => ({
  ref: 7,
  bytes: leb(["list", "map", "text"].indexOf(type)),
});
export const any = (...values: readonly Bytes[]): Content => ({ ref: 8, bytes: [...leb(values.length), ...values.flat()] });
export const words = (text: string): Bytes => [119, ...said(raw(text))];
export const value = (text: string): Content => any(words(text));

const idBytes = ({ client, clock }: ItemId): Bytes => [...leb(client), ...leb(clock)];

export function struct({ left, right, area, parent, key, isKeyed }: Head, { ref, bytes }: Content): Bytes {
  const info = ref + (left ? 128 : 0) + (right ? 64 : 0) + (key !== undefined || isKeyed === true ? 32 : 0);
  const named = [...(left ? idBytes(left) : []), ...(right ? idBytes(right) : [])];
  if (left === undefined && right === undefined) {
    named.push(...(area !== undefined ? [1, ...said(raw(area))] : [0, ...idBytes(parent!)]));
    if (key !== undefined) named.push(...said(raw(key)));
  }
  return [info, ...named, ...bytes];
}
export const block = (client: number, clock: number, structs: readonly Bytes[], count = structs.length): Bytes => [
  ...leb(count),
  ...leb(client),
  ...leb(clock),
  ...structs.flat(),
];
/** `[client, [clock, length]…]…`, in the order given. */
export const deletions = (...clients: readonly (readonly [number, ...(readonly [number, number])[]])[]): Bytes => [
  ...leb(clients.length),
  ...clients.flatMap(([client, ...ranges]) => [
    ...leb(client),
    ...leb(ranges.length),
    ...ranges.flat().flatMap((each) => leb(each)),
  ]),
];
export const update = (blocks: readonly Bytes[], deletes: Bytes = [0]): Uint8Array =>
  new Uint8Array([...leb(blocks.length), ...blocks.flat(), ...deletes]);
