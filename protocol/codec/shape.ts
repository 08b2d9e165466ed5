/**
 * Shape: what a value must look like, said once, read and written by the same words.
 *
 *   H1  `read(write(x))` is `x`, and `write(read(v))` is `v` for a closed record.
 *   H2  Reading never throws; its error names the field and what was wrong with it.
 *   H3  A closed record refuses fields it does not know; an open one passes over them (an act of
 *       a newer app that an older one can still follow).
 *
 * Bounds are part of a shape: text and bytes in length, lists in number.
 */
import { err, ok, type Result } from "../lang/result.ts";
import type { Value, ValueMap } from "./value.ts";

export interface ShapeError {
  readonly kind: "malformed";
  /** Path of the field, such as "act.title". */
  readonly at: string;
  readonly problem: "missing" | "unexpected" | "wrong-type" | "too-long" | "too-short" | "out-of-range" | "unknown-choice";
}

export interface Shape<T> {
  readonly read: (value: Value, at: string) => Result<T, ShapeError>;
  readonly write: (value: T) => Value;
}

/** What a shape reads. */
export type Read<S> = S extends Shape<infer T> ? T : never;

const wrong = (at: string, problem: ShapeError["problem"]): Result<never, ShapeError> => err({ kind: "malformed", at, problem });

/** Length in UTF-16 units, after refusing lone surrogates, which have no UTF-8. */
export const text = (minUnits: number, maxUnits: number): Shape<string> => ({
  read: (value, at) => {
    if (typeof value !== "string" || LONE_SURROGATE.test(value)) return wrong(at, "wrong-type");
    if (value.length > maxUnits) return wrong(at, "too-long");
    return value.length < minUnits ? wrong(at, "too-short") : ok(value);
  },
  write: (value) => value,
});
const LONE_SURROGATE = /\p{Surrogate}/u;

export const uint = (max: number): Shape<number> => ({
  read: (value, at) => {
    if (typeof value !== "number") return wrong(at, "wrong-type");
    return Number.isSafeInteger(value) && value >= 0 && value <= max ? ok(value) : wrong(at, "out-of-range");
  },
  write: (value) => value,
});

export const bytes = (minLength: number, maxLength = minLength): Shape<Uint8Array> => ({
  read: (value, at) => {
    if (!(value instanceof Uint8Array)) return wrong(at, "wrong-type");
    if (value.length > maxLength) return wrong(at, "too-long");
    return value.length < minLength ? wrong(at, "too-short") : ok(value);
  },
  write: (value) => value,
});

export const choice = <const T extends string>(...allowed: readonly T[]): Shape<T> => ({
  read: (value, at) => {
    if (typeof value !== "string") return wrong(at, "wrong-type");
    const found = allowed.find((one) => one === value);
    return found === undefined ? wrong(at, "unknown-choice") : ok(found);
  },
  write: (value) => value,
});

export const list = <T>(item: Shape<T>, maxItems: number, minItems = 0): Shape<readonly T[]> => ({
  read: (value, at) => {
    if (!Array.isArray(value)) return wrong(at, "wrong-type");
    if (value.length > maxItems) return wrong(at, "too-long");
    if (value.length < minItems) return wrong(at, "too-short");
    const read: T[] = [];
    // Array.isArray loses the element type; every element of a Value array is a Value.
    for (const [index, one] of (value as readonly Value[]).entries()) {
      const result = item.read(one, `${at}[${index}]`);
      if (!result.ok) return result;
      read.push(result.value);
    }
    return ok(read);
  },
  write: (value) => value.map(item.write),
});

/** One type on the wire, another in the code: an id is bytes there and branded hex here. */
export const mapped = <A, B>(inner: Shape<A>, from: (value: A) => B, to: (value: B) => A): Shape<B> => ({
  read: (value, at) => {
    const result = inner.read(value, at);
    return result.ok ? ok(from(result.value)) : result;
  },
  write: (value) => inner.write(to(value)),
});

/** Any value, kept as it is (already bounded by the decoder). */
export const anything: Shape<Value> = { read: (value) => ok(value), write: (value) => value };

interface Optional<T> {
  readonly optional: Shape<T>;
}
/** The key may be absent; null is not a way to say so. */
export const optional = <T>(shape: Shape<T>): Optional<T> => ({ optional: shape });

type Field = Shape<unknown> | Optional<unknown>;
export type FieldsRead<F> = {
  readonly [K in keyof F as F[K] extends { readonly optional: unknown } ? never : K]: F[K] extends Shape<infer T> ? T : never;
} & {
  readonly [K in keyof F as F[K] extends { readonly optional: unknown } ? K : never]?: F[K] extends {
    readonly optional: Shape<infer T>;
  }
    ? T
    : never;
};
type Flat<T> = { [K in keyof T]: T[K] };

/** A map with these fields. `closed` refuses others (H3). */
export function record<const F extends Record<string, { read: unknown } | { optional: unknown }>>(
  fields: F,
  manners: "closed" | "open" = "closed",
): Shape<Flat<FieldsRead<F>>> {
  // F's constraint is loose so that inference works; each entry is a Shape or an Optional by its two makers.
  const entries = Object.entries(fields) as unknown as readonly (readonly [string, Field])[];
  return {
    read: (value, at) => {
      if (!(value instanceof Map)) return wrong(at, "wrong-type");
      const map = value as ValueMap;
      const read: Record<string, unknown> = {};
      let known = 0;
      for (const [name, field] of entries) {
        const path = at === "" ? name : `${at}.${name}`;
        const found = map.get(name);
        if (found === undefined) {
          if ("optional" in field) continue;
          return wrong(path, "missing");
        }
        known += 1;
        const result = ("optional" in field ? field.optional : field).read(found, path);
        if (!result.ok) return result;
        read[name] = result.value;
      }
      if (manners === "closed" && known !== map.size) return wrong(at, "unexpected"); // H3
      // Every field was read by its own shape just above.
      return ok(read as Flat<FieldsRead<F>>);
    },
    write: (whole) => {
      const map = new Map<string, Value>();
      for (const [name, field] of entries) {
        const part = (whole as Record<string, unknown>)[name];
        if (part === undefined) continue;
        map.set(name, ("optional" in field ? field.optional : field).write(part));
      }
      return map;
    },
  };
}
