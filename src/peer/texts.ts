/** Texts: what people type, made ready to be signed: trimmed, composed, and neither too long nor unreadable. */
import { err, ok, type Result } from "../../protocol/index.ts";
import type { SayError } from "./exchange.ts";

export type TextProblem = Extract<SayError, { kind: "invalid" }>;

/** Trimmed and composed, so that what looks the same is the same. Lengths in UTF-16 units. */
export function readText(field: string, raw: string, min: number, max: number): Result<string, TextProblem> {
  const text = raw.normalize("NFC").trim();
  if (text.length < min) return err({ kind: "invalid", field, problem: "empty" });
  if (text.length > max) return err({ kind: "invalid", field, problem: "too-long" });
  return /\p{Surrogate}/u.test(text) ? err({ kind: "invalid", field, problem: "unreadable" }) : ok(text);
}

/** All or the first problem. */
export function readTexts<K extends string>(
  fields: Readonly<Record<K, readonly [raw: string, min: number, max: number]>>,
): Result<Readonly<Record<K, string>>, TextProblem> {
  const read: Partial<Record<K, string>> = {};
  // The keys of a record literal are its own K.
  for (const field of Object.keys(fields) as K[]) {
    const [raw, min, max] = fields[field];
    const result = readText(field, raw, min, max);
    if (!result.ok) return result;
    read[field] = result.value;
  }
  return ok(read as Record<K, string>); // every key was read just above
}
