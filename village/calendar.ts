/** The village's own time: it begins on a Monday in spring, and its people sleep at night. */
import type { Millis } from "../protocol/index.ts";
import type { Chance } from "./chance.ts";

const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** 30 March 2026, 00:00 UTC. */
export const STARTS = 1_774_828_800_000 as Millis; // a time of our own making: no clock is asked

/** UTC; the village lives two hours ahead of it. */
const WAKES = 5 * HOUR_MS;
const SLEEPS = 20 * HOUR_MS;

export const plus = (at: Millis, ms: number): Millis => (at + ms) as Millis; // a time moved on is a time

export const timeOn = (chance: Chance, day: number): Millis =>
  plus(STARTS, day * DAY_MS + WAKES + chance.below((SLEEPS - WAKES) / 1_000) * 1_000);

/** Some hours later, when people are awake. */
export function later(chance: Chance, at: Millis, fromHours: number, toHours: number): Millis {
  const moved = plus(at, (chance.between(fromHours * 60, toHours * 60) * 60 + chance.below(60)) * 1_000);
  const midnight = moved - ((moved - STARTS) % DAY_MS);
  const hour = moved - midnight;
  if (hour >= WAKES && hour < SLEEPS) return moved;
  const morning = hour < WAKES ? midnight : midnight + DAY_MS;
  return (morning + WAKES + chance.below(120) * MINUTE_MS) as Millis; // within the village's own calendar
}
