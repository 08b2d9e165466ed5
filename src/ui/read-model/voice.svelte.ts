/** The one polite live region: what just happened, for those who do not see it. */
export class Voice {
  #said = $state("");

  get said(): string {
    return this.#said;
  }

  say(sentence: string): void {
    // The same sentence twice must still be read twice.
    this.#said = this.#said === sentence ? `${sentence}\u00a0` : sentence;
  }
}
