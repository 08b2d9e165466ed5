/**
 * What has changed in a text between two looks at it, as one replaced stretch; in UTF-16 units, but never inside a character.
 *
 *   T1  Applied to `before`, the change gives exactly `after`.
 *   T2  Neither it nor what it takes away begins or ends between the halves of a surrogate pair.
 *   T3  Of several changes that explain the same result, the one that ends at the caret is meant: in "aa|a" the second a was typed.
 */

/** `removed` units from `at` on make way for `inserted`. */
export interface TextChange {
  readonly at: number;
  readonly removed: number;
  readonly inserted: string;
}

/** `caret`: where it stands in `after`. */
export function changeBetween(before: string, after: string, caret: number): TextChange {
  const shorter = Math.min(before.length, after.length);
  let tail = 0;
  const behindCaret = Math.min(shorter, Math.max(0, after.length - caret)); // T3
  while (tail < behindCaret && sameFromEnd(before, after, tail)) tail += 1;
  let head = 0;
  while (head < shorter - tail && before[head] === after[head]) head += 1;
  // What was changed far from the caret (a correction, a drop) may end before it.
  while (tail < shorter - head && sameFromEnd(before, after, tail)) tail += 1;
  if (splitsPair(before, head) || splitsPair(after, head)) head -= 1; // T2
  if (splitsPair(before, before.length - tail) || splitsPair(after, after.length - tail)) tail -= 1;
  return { at: head, removed: before.length - tail - head, inserted: after.slice(head, after.length - tail) };
}

/** The same change for a text that has meanwhile become `now`: what others wrote stays, what they took away stays gone. */
export function rebased(change: TextChange, before: string, now: string): TextChange {
  if (before === now) return change;
  const theirs = changeBetween(before, now, now.length);
  const from = movedBy(theirs, change.at);
  const to = Math.max(from, movedBy(theirs, change.at + change.removed));
  return { at: onBoundary(now, from), removed: onBoundary(now, to) - onBoundary(now, from), inserted: change.inserted };
}

/** Where a place in the text before a change is after it. A place in what was taken away is where that was. */
export function movedBy(change: TextChange, at: number): number {
  if (at <= change.at) return at;
  const end = change.at + change.removed;
  return at >= end ? at - change.removed + change.inserted.length : change.at;
}

/** The nearest place at or before `at` that is in the text and not inside a character. */
export function onBoundary(text: string, at: number): number {
  const within = Math.min(Math.max(0, Math.trunc(at) || 0), text.length);
  return splitsPair(text, within) ? within - 1 : within;
}

/** Lone halves of surrogate pairs have no bytes in UTF-8: Yjs would not give them back. */
export const wellFormed = (text: string): string => text.replace(/[\ud800-\udfff]/gu, "\ufffd");

/** In pieces of at most `most` units, none of which ends inside a character. */
export function inPieces(text: string, most: number): readonly string[] {
  const pieces: string[] = [];
  for (let from = 0; from < text.length;) {
    const to = onBoundary(text, from + most);
    pieces.push(text.slice(from, to));
    from = to;
  }
  return pieces;
}

const sameFromEnd = (left: string, right: string, back: number): boolean =>
  left[left.length - 1 - back] === right[right.length - 1 - back];

function splitsPair(text: string, at: number): boolean {
  return at > 0 && at < text.length && isHigh(text.charCodeAt(at - 1)) && isLow(text.charCodeAt(at));
}
const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
