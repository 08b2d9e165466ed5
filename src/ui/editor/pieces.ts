/** A block's text cut for the mirror: stretches of one look, and the others' carets between them. Joined, the words are the text. */
import type { OtherCaret } from "../../peer/open-document.ts";
import type { PlacedCaret } from "./placed.ts";
import { segmentsOf } from "./markup.ts";

export type Piece =
  | { readonly kind: "words"; readonly look: "plain" | "emphasis" | "strong" | "link"; readonly text: string }
  /** What they are typing is drawn behind the caret where the text ends, and else on the flag: it must not push the text aside. */
  | { readonly kind: "caret"; readonly other: OtherCaret; readonly flag: string; readonly ghost: string };

export function piecesOf(text: string, carets: readonly PlacedCaret[]): readonly Piece[] {
  const waiting = [...carets].sort((left, right) => left.at - right.at);
  const pieces: Piece[] = [];
  let at = 0;
  const place = (upTo: number) => {
    for (let next = waiting[0]; next !== undefined && next.at <= upTo; next = waiting[0]) {
      const { other } = next;
      const atEnd = next.at >= text.length;
      const flag = atEnd || other.words === "" ? other.person.name : `${other.person.name}: ${other.words}`;
      pieces.push({ kind: "caret", other, flag, ghost: atEnd ? other.words : "" });
      waiting.shift();
    }
  };
  for (const { look, raw } of segmentsOf(text)) {
    let from = 0;
    place(at);
    while (from < raw.length) {
      const cut = Math.min(raw.length, (waiting[0]?.at ?? Infinity) - at);
      pieces.push({ kind: "words", look, text: raw.slice(from, cut) });
      from = cut;
      if (from < raw.length) place(at + from);
    }
    at += raw.length;
  }
  place(Infinity);
  return pieces;
}
