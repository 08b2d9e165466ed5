/** Moments as date and time fields have them, in the time zone of the device. */
import type { Millis } from "../../../protocol/index.ts";

const two = (count: number) => String(count).padStart(2, "0");

/** "2026-05-14" */
export function dayField(at: Millis): string {
  const date = new Date(at);
  return `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** "2026-05-14T17:30" */
export function momentField(at: Millis): string {
  const date = new Date(at);
  return `${dayField(at)}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The last millisecond of the day in a date field; null when it is empty or no day. */
export function dayEnd(field: string): Millis | null {
  return /^\d{4}-\d\d-\d\d$/.test(field) ? momentIn(`${field}T23:59:59.999`) : null;
}

/** Null when the field is empty or no moment. */
export function momentIn(field: string): Millis | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(field)) return null;
  const at = new Date(field).getTime(); // without a zone: the device's
  return Number.isSafeInteger(at) && at >= 0 ? (at as Millis) : null; // a whole number of milliseconds since 1970, as Millis is
}
