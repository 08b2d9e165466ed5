/**
 * Which way words run, as `dir="auto"` decides it: by the first letter. For what stands beside a field, where CSS cannot ask:
 * `:dir()` is built into a list of languages for older browsers, and says nothing about the words.
 */
const RIGHT_TO_LEFT =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Samaritan}\p{Script=Mandaic}\p{Script=Adlam}\p{Script=Hanifi_Rohingya}]/u;

/** Null where there is no letter. */
export function directionOf(text: string): "ltr" | "rtl" | null {
  const first = /\p{L}/u.exec(text)?.[0];
  if (first === undefined) return null;
  return RIGHT_TO_LEFT.test(first) ? "rtl" : "ltr";
}
