/** The way from an empty shell to a Kith one can use. Owns nothing; the Kith is closed by who composed it. */
import type { Component } from "svelte";
import type { Result } from "../../../protocol/index.ts";
import type { Kith } from "../../peer/kith.ts";
import { KithModel } from "./kith-model.svelte.ts";

export type OpenKith = () => Promise<Result<Kith, { readonly kind: string }>>;

/** What is shown once Kith is open; loaded beside it, so that the first paint waits for neither. */
export type Rooms = Component<{ model: KithModel }>;

export type OpeningPhase =
  | { readonly kind: "opening" }
  | { readonly kind: "ready"; readonly model: KithModel; readonly Rooms: Rooms }
  /** `why` is `part-not-loaded` when a piece of the app itself did not arrive; else the error's own kind. */
  | { readonly kind: "failed"; readonly why: string };

export class Opening {
  #phase = $state.raw<OpeningPhase>({ kind: "opening" });

  get phase(): OpeningPhase {
    return this.#phase;
  }

  async start(open: OpenKith, load: () => Promise<{ readonly default: Rooms }>): Promise<void> {
    try {
      const [opened, rooms] = await Promise.all([open(), load()]);
      this.#phase = opened.ok
        ? { kind: "ready", model: new KithModel(opened.value), Rooms: rooms.default }
        : { kind: "failed", why: opened.error.kind };
    } catch (thrown) {
      // The screen says what to do; the browser's own log keeps what happened.
      reportError(thrown);
      this.#phase = { kind: "failed", why: "part-not-loaded" };
    }
  }
}
