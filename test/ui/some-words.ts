/** Short texts of few letters, so that they repeat; with characters of two units that share a half. */
import fc from "fast-check";

export const someWords = fc
  .array(fc.constantFrom("a", "b", " ", "\n", "é", "😀", "😁", "🐀", "م"), { maxLength: 14 })
  .map((all) => all.join(""));

/** Half a character, standing alone. */
export const lone = /[\ud800-\udfff]/u;
