/** How much: whole pieces or hours, as people type them and as screens say them. */
import type { PostForm } from "../../../protocol/index.ts";
import { MOST } from "../mending.ts";

/** What is counted; `count` where nothing was said. */
export type Unit = "hours" | "pieces" | "count";

export function unitOf(form: PostForm | null): Unit {
  if (form === "hours" || form === "presence") return "hours";
  return form === null ? "count" : "pieces";
}

/** Null when nothing was typed; undefined when it is no whole number in range. Digits of any script are digits. */
export function amountIn(typed: string, least = 1): number | null | undefined {
  const text = typed.normalize("NFKC").trim();
  if (text === "") return null;
  if (!/^\p{Nd}{1,7}$/u.test(text)) return undefined;
  const amount = [...text].reduce((sum, digit) => sum * 10 + valueOf(digit), 0);
  return amount >= least && amount <= MOST.quantity ? amount : undefined;
}

/** Decimal digits lie in Unicode in rows of ten, in order. */
function valueOf(digit: string): number {
  let value = 0;
  for (let code = (digit.codePointAt(0) ?? 0) - 1; value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code)); code -= 1) value += 1;
  return value;
}
