/**
 * Rules: why the write gate keeps an update out. Each has a test by its name, and is counted where documents are read.
 *
 * The first broken rule is named. An update that breaks one says nothing: it takes no clocks, and its author's next update starts
 * where this one would have.
 */

/** By itself, whoever wrote it (update.ts). */
export const SCAN_RULES = [
  "cut-short",
  /** A number longer than needed, or over 2^53 − 1. */
  "long-number",
  "trailing",
  /** Structs of more than one client. */
  "second-author",
  "says-nothing",
  "too-many-structs",
  /** Content that no document of ours has. */
  "unknown-content",
  "bad-text",
  "bad-value",
  "too-many-deletes",
  "deletes-unordered",
] as const;

/** Against what its author may do, and had seen (gate.ts). */
export const GATE_RULES = [
  /** Structs in another feed's name. */
  "foreign-author",
  /** Not right behind what this feed wrote before. */
  "not-next",
  /** A neighbour or parent that its author had not seen. */
  "unknown-neighbour",
  /** The left neighbour stands elsewhere than the right one. */
  "two-parents",
  /** Between the neighbours stood something that its author had seen. */
  "not-adjacent",
  /** Between the two halves that UTF-16 makes of a letter. */
  "half-letter",
  /** Marked as standing under a key, and its neighbour does not; or the other way. */
  "key-mark",
  "unknown-area",
  /** Its parent holds nothing. */
  "not-a-container",
  /** What may not stand there. */
  "wrong-slot",
  "wrong-key",
  /** In an area that is not its author's to write. */
  "not-yours",
  "unknown-delete",
  "delete-not-yours",
] as const;

export type ScanRule = (typeof SCAN_RULES)[number];
export type GateRule = (typeof GATE_RULES)[number];
export type Rule = ScanRule | GateRule;
export const RULES: readonly Rule[] = [...SCAN_RULES, ...GATE_RULES];
