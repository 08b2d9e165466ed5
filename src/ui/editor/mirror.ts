/**
 * Where characters of a field are on the screen. A textarea does not say; the mirror below it, which holds the same words in the
 * same box and nothing else that is text, does.
 */

/** Whether the caret is on the first or the last line as drawn. */
export function isOnLine(mirror: HTMLElement, at: number, line: "first" | "last"): boolean {
  const length = mirror.textContent.length;
  return Math.abs(boxAt(mirror, at).top - boxAt(mirror, line === "first" ? 0 : length).top) < 4;
}

export const xOf = (mirror: HTMLElement, at: number): number => boxAt(mirror, at).left;

const FAR = 600; // characters: more than a line holds

/** The place on the first or last line that is nearest to `x`. */
export function placeNear(mirror: HTMLElement, x: number, line: "first" | "last"): number {
  const length = mirror.textContent.length;
  let best = line === "first" ? 0 : length;
  const top = boxAt(mirror, best).top;
  const step = line === "first" ? 1 : -1;
  for (let at = best, seen = 0; at >= 0 && at <= length && seen < FAR; at += step, seen += 1) {
    const box = boxAt(mirror, at);
    if (Math.abs(box.top - top) >= 4) break;
    if (Math.abs(box.left - x) < Math.abs(boxAt(mirror, best).left - x)) best = at;
  }
  return best;
}

/** The edge before the character at a place, or after the last one. */
function boxAt(mirror: HTMLElement, at: number): { readonly top: number; readonly left: number } {
  const range = document.createRange();
  const [node, offset] = nodeAt(mirror, at);
  if (node === null) return mirror.getBoundingClientRect();
  range.setStart(node, offset);
  range.collapse(true);
  const box = range.getClientRects()[0] ?? range.getBoundingClientRect();
  return { top: box.top, left: box.left };
}

function nodeAt(mirror: HTMLElement, at: number): readonly [Node | null, number] {
  const walker = document.createTreeWalker(mirror, NodeFilter.SHOW_TEXT);
  let left = at;
  let last: readonly [Node | null, number] = [null, 0];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const length = node.nodeValue?.length ?? 0;
    if (left <= length) return [node, left];
    left -= length;
    last = [node, length];
  }
  return last;
}
