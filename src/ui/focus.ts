/** Where the focus goes when the control that had it is gone, so that the keyboard and the reader's voice are not sent back to the top. */

const FRAMES = 30; // half a second: longer, and the person has gone on by themselves

/** Takes the reader to a field that is there, or about to be, wherever the focus is. */
export function focusField(id: string): void {
  requestAnimationFrame(() => {
    const field = document.getElementById(id);
    field?.closest("details")?.setAttribute("open", "");
    field?.scrollIntoView({ block: "center" });
    field?.focus({ preventScroll: true });
  });
}

/** Call after what `id` names was asked to appear. It gets the focus once nothing else has it, else never. */
export function focusSoon(id: string, frames = FRAMES): void {
  requestAnimationFrame(() => {
    const target = document.getElementById(id);
    if (target !== null && document.activeElement === document.body) target.focus();
    else if (frames > 0) focusSoon(id, frames - 1);
  });
}
