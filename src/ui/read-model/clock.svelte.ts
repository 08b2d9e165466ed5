/** The time as the screen needs it: fresh to the minute, ticking only while somebody looks. */
import { createSubscriber } from "svelte/reactivity";
import type { Millis } from "../../../protocol/index.ts";

const TICK_MS = 60_000;

export class Clock {
  readonly #now: () => Millis;
  readonly #track: () => void;

  constructor(now: () => Millis) {
    this.#now = now;
    this.#track = createSubscriber((changed) => {
      const timer = setInterval(changed, TICK_MS);
      return () => clearInterval(timer);
    });
  }

  get now(): Millis {
    this.#track();
    return this.#now();
  }
}
