/** What a file of vectors looks like. All bytes are hex. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plain } from "./second-path.ts";
import { hex, unhex } from "./second-path.ts";

export interface Accepted {
  readonly name: string;
  readonly [field: string]: Written;
}
export interface Refused {
  readonly name: string;
  /** Which door the bytes knock at. */
  readonly parser: string;
  readonly bytes: string;
  /** The kind of its error, and where it names one more thing, that too. */
  readonly error: string;
}
export interface VectorFile {
  readonly about: string;
  readonly accepted: readonly Accepted[];
  readonly refused: readonly Refused[];
}

export const readVectors = (name: string): VectorFile =>
  JSON.parse(readFileSync(join(import.meta.dirname, `${name}.json`), "utf8")) as VectorFile; // our own frozen file

/** A value of the codec in JSON: bytes are {"bytes": hex}, maps are {"map": [[key, value]]}. */
export type Written =
  | number | string | boolean | null | readonly Written[] | { readonly bytes: string } | { readonly map: readonly (readonly [string, Written])[] };

export function toWritten(value: Plain): Written {
  if (value instanceof Uint8Array) return { bytes: hex(value) };
  if (Array.isArray(value)) return (value as readonly Plain[]).map(toWritten);
  if (value instanceof Map) return { map: [...(value as ReadonlyMap<string, Plain>)].map(([key, item]) => [key, toWritten(item)]) };
  return value as Written; // only the leaves are left
}
const isList = (value: Written): value is readonly Written[] => Array.isArray(value);
export function fromWritten(value: Written): Plain {
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return value.map(fromWritten);
  if ("bytes" in value) return unhex(value.bytes);
  return new Map(value.map.map(([key, item]) => [key, fromWritten(item)]));
}

/** A field that is text, most often hex. */
export function textOf(vector: Accepted, field: string): string {
  const value = vector[field];
  if (typeof value !== "string") throw new Error(`${vector.name} has no text ${field}`);
  return value;
}
export function numberOf(vector: Accepted, field: string): number {
  const value = vector[field];
  if (typeof value !== "number") throw new Error(`${vector.name} has no number ${field}`);
  return value;
}
export const bytesOf = (vector: Accepted, field: string): Uint8Array => unhex(textOf(vector, field));
export const named = (file: VectorFile, name: string): Accepted => {
  const found = file.accepted.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no vector ${name}`);
  return found;
};
