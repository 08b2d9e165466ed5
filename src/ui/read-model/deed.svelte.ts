/** One thing a person is doing: busy while it is under way, and why when it was refused. */
import type { Result } from "../../../protocol/index.ts";

export type Unexpected = { readonly kind: "unexpected" };

export class Deed<E extends { readonly kind: string }> {
  #busy = $state(false);
  #failure = $state.raw<E | Unexpected | null>(null);
  #abort = new AbortController();

  get busy(): boolean {
    return this.#busy;
  }

  get failure(): E | Unexpected | null {
    return this.#failure;
  }

  /** Resolves with the value, or null when refused, cancelled, or when the same deed is still under way (a double tap). */
  async run<T>(act: (signal: AbortSignal) => Promise<Result<T, E>>): Promise<{ readonly value: T } | null> {
    if (this.#busy) return null;
    this.#busy = true;
    this.#failure = null;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    try {
      const result = await act(signal);
      if (result.ok) return { value: result.value };
      this.#failure = result.error;
    } catch (thrown) {
      if (!signal.aborted) {
        // A bug, not an answer: the person gets a sentence, the browser's own log the rest.
        reportError(thrown);
        this.#failure = { kind: "unexpected" };
      }
    } finally {
      this.#busy = false;
    }
    return null;
  }

  /** Only for what may be left half-way, such as dialling. What is being written is never cancelled by leaving a page. */
  cancel(): void {
    this.#abort.abort();
  }
}
