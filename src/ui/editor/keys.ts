/** What keys do in a block's field, beyond what a field does by itself. Tab is never taken. */
import { isOnLine, xOf } from "./mirror.ts";
import type { Writing } from "./writing.svelte.ts";

export interface Where {
  readonly block: string;
  readonly area: HTMLTextAreaElement;
  readonly mirror: HTMLElement;
}

/** Enter, which phones tell of only as what it puts in; and undo from a menu or a shake. To be told before it happens. */
export function entering(
  event: InputEvent,
  block: string,
  area: HTMLTextAreaElement,
  shiftHeld: boolean,
  writing: Writing,
): void {
  const { inputType } = event;
  if (inputType === "historyUndo") writing.undo();
  else if (inputType === "historyRedo") writing.redo();
  else if (!shiftHeld && (inputType === "insertLineBreak" || inputType === "insertParagraph")) {
    writing.split(block, area.selectionStart, area.selectionEnd);
  } else return;
  event.preventDefault();
}

/** All other keys. */
export function pressed(event: KeyboardEvent, { block, area, mirror }: Where, writing: Writing): void {
  if (event.isComposing) return;
  const { selectionStart: start, selectionEnd: end } = area;
  const none = start === end;
  const atStart = none && start === 0;
  const atEnd = none && end === area.value.length;
  const command = event.ctrlKey || event.metaKey;
  const taken = ((): boolean => {
    switch (event.key) {
      case "z":
      case "Z":
        if (!command || event.altKey) return false;
        if (event.shiftKey) writing.redo();
        else writing.undo();
        return true;
      case "y":
        if (!event.ctrlKey || event.altKey) return false;
        writing.redo();
        return true;
      case "Backspace":
        return atStart && writing.mergeUp(block);
      case "Delete":
        return atEnd && writing.mergeDown(block);
      case "ArrowUp":
      case "ArrowDown": {
        const by = event.key === "ArrowUp" ? -1 : 1;
        if (event.altKey) {
          writing.move(block, by, start);
          return true;
        }
        if (command || event.shiftKey || !none || !isOnLine(mirror, start, by < 0 ? "first" : "last")) return false;
        return writing.cross(block, by, { line: by < 0 ? "last" : "first", x: xOf(mirror, start) });
      }
      case "ArrowLeft":
      case "ArrowRight": {
        if (command || event.shiftKey || event.altKey) return false;
        const forward = (event.key === "ArrowRight") === (getComputedStyle(area).direction === "ltr");
        if (forward) return atEnd && writing.cross(block, 1, 0);
        return atStart && writing.cross(block, -1, Infinity);
      }
      default:
        return false;
    }
  })();
  if (taken) event.preventDefault();
}
