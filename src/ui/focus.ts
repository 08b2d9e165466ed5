/** Where the focus goes when the control that had it is gone, so that the keyboard and the reader's voice are not sent back to the top. */

const FRAMES = 30; // half a second: longer, and the person has gone on by themselves

/** Call after what `id` names was asked to appear. It gets the focus once nothing else has it, else never. */
export function focusSoon(id: string, frames = FRAMES): void {
  requestAnimationFrame(() => {
    const target = document.getElementById(id);
    if (target !== null && document.activeElement === document.body) target.focus();
    else if (frames > 0) focusSoon(id, frames - 1);
  });
}
