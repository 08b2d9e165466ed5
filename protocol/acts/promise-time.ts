/**
 * Promise time: how a promise stands at a time. Views only: nothing here is in a state or a fingerprint (P4 of promise.ts).
 *
 *   T1  Nothing is confirmed by silence: a *done* that nobody acknowledged for UNCONFIRMED_MS reads unconfirmed, and stays done.
 *   T2  A day after it was due, who promised may be asked gently how it went; after seven it reads silent: closed without word,
 *       and without blame.
 */
import type { Millis } from "../lang/brand.ts";
import type { PromiseLife } from "./promise.ts";

const DAY_MS = 86_400_000;
export const UNCONFIRMED_MS = 14 * DAY_MS;
const GENTLE_MS = DAY_MS;
const SILENT_MS = 7 * DAY_MS;

/** `late`: due has passed. `ask`: and a day more, so that its people may be asked how it went. `silent`: and a week. */
export type PromiseTime = "in-time" | "late" | "ask" | "silent" | "unconfirmed";

/** `doneAt`: when the last fulfilment was claimed; null when there is none. */
export function timeOf(life: PromiseLife, doneAt: Millis | null, now: Millis): PromiseTime {
  if (life.state === "done") return doneAt !== null && now >= doneAt + UNCONFIRMED_MS ? "unconfirmed" : "in-time"; // T1
  const { due } = life.terms;
  if ((life.state !== "agreed" && life.state !== "underway") || due === null || now < due) return "in-time";
  if (now < due + GENTLE_MS) return "late";
  return now < due + SILENT_MS ? "ask" : "silent"; // T2
}
