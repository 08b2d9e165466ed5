/**
 * Manifest: what a cached `Y.Doc` was put together from. One's own bytes, never from a peer; what cannot be read is no manifest.
 *
 *   version u8 ‖ number of rules u8 ‖ ground: length u32, bytes ‖ for each edit: id 32 ‖ verdict u8
 */
import { decodeUtf8 } from "../codec/utf8.ts";
import { concatBytes, u32ToBytes, utf8ToBytes } from "../codec/bytes.ts";
import { createReader } from "../codec/reader.ts";
import { envelopeIdFromBytes, nameToBytes, type EnvelopeId } from "../crypto/hash.ts";
import { RULES } from "./rules.ts";
import type { Decided, Verdict } from "./replay.ts";

export interface Manifest {
  /** Lines, to be compared (replay.ts R9). */
  readonly ground: readonly string[];
  readonly verdicts: ReadonlyMap<EnvelopeId, Verdict>;
}

const VERSION = 1;
const PLAIN = ["counts", "void", "lost-ground", "stranger"] as const;

export function writeManifest(ground: readonly string[], decided: readonly Decided[]): Uint8Array {
  const raw = utf8ToBytes(ground.join("\n"));
  const rows = decided.map(({ edit, verdict }) => concatBytes(nameToBytes(edit.id), new Uint8Array([codeOf(verdict)])));
  return concatBytes(new Uint8Array([VERSION, RULES.length]), u32ToBytes(raw.length), raw, ...rows);
}

const codeOf = (verdict: Verdict): number =>
  typeof verdict === "string" ? PLAIN.indexOf(verdict) : PLAIN.length + RULES.indexOf(verdict.refused);

export function readManifest(bytes: Uint8Array): Manifest | null {
  const reader = createReader(bytes);
  // Rules are numbered by their place in the list: another list takes nothing up.
  if (reader.u8() !== VERSION || reader.u8() !== RULES.length) return null;
  const ground = reader.take(reader.u32() ?? Infinity);
  if (ground === null) return null;
  const verdicts = new Map<EnvelopeId, Verdict>();
  while (reader.left() > 0) {
    const id = reader.take(32);
    const verdict = verdictOf(reader.u8());
    if (id === null || verdict === null) return null;
    verdicts.set(envelopeIdFromBytes(id), verdict);
  }
  return {
    ground: decodeUtf8(ground, 0, ground.length)
      .split("\n")
      .filter((line) => line !== ""),
    verdicts,
  };
}

function verdictOf(code: number | null): Verdict | null {
  if (code === null) return null;
  const rule = RULES[code - PLAIN.length];
  return PLAIN[code] ?? (rule === undefined ? null : { refused: rule });
}
