/** Which language, and its words. English is in the first chunk; others come alone, when asked for. */
import { createWords, type Words } from "../words.ts";
import en from "./en.json";

/** `wanted`: what the person chose, then what the browser lists. `qps-ploc` and `qps-plocm` (mirrored) are for testing. */
export async function loadWords(wanted: readonly string[]): Promise<Words> {
  const [first] = wanted;
  if (first === "qps-ploc" || first === "qps-plocm") {
    const { pseudoOf } = await import("./pseudo.ts");
    return createWords("en", first === "qps-plocm" ? "rtl" : "ltr", pseudoOf(en));
  }
  const english = wanted.find((tag) => tag === "en" || tag.startsWith("en-"));
  return createWords(english ?? "en", "ltr", en);
}
