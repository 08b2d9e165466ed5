/** What is being said with an act, or between two, while it is being written. Half-written, it survives closing. */
import type { Millis } from "../../../protocol/index.ts";
import type { StepDraft } from "../../peer/kith.ts";
import { amountIn } from "./amount.ts";
import type { Boxes, BoxRecord } from "./drafts.ts";
import { momentIn } from "./moments.ts";

const EMPTY: BoxRecord = { words: "", readers: "parties", quantity: "", due: "" };

export class Box {
  words = $state("");
  readers = $state<"all" | "parties">("parties");
  quantity = $state("");
  due = $state("");
  /** The moment is half typed. It is not kept. */
  isDuePartial = $state(false);
  readonly #shelf: Boxes;
  readonly #place: string;
  readonly #first: BoxRecord;
  #isLifted = false;

  /** `first`: what stands in it before anybody wrote. */
  constructor(shelf: Boxes, place: string, first: Partial<BoxRecord> = {}) {
    this.#shelf = shelf;
    this.#place = place;
    this.#first = { ...EMPTY, ...first };
    this.#show(shelf.read(place) ?? this.#first);
  }

  /** Whether somebody has begun to write in it. */
  get isBegun(): boolean {
    const { words, readers, quantity, due } = this.#first;
    return this.words !== words || this.readers !== readers || this.quantity !== quantity || this.due !== due;
  }

  get isDueChanged(): boolean {
    return this.due !== this.#first.due;
  }

  get draft(): StepDraft {
    const { words, readers } = this;
    return { words: words.trim(), readers, quantity: this.amount ?? null, due: this.moment, isPart: false };
  }

  /** Without what stood in it before. */
  get changes(): StepDraft {
    const isSame = this.quantity.trim() === this.#first.quantity;
    return { ...this.draft, ...(isSame && { quantity: null }), ...(!this.isDueChanged && { due: null }) };
  }

  /** See `amountIn`; of a correction it may be none at all. */
  get amount(): number | null | undefined {
    return amountIn(this.quantity, 0);
  }

  get moment(): Millis | null {
    return momentIn(this.due);
  }

  /** Call in an effect: every letter goes to the shelf. */
  keep(): void {
    const { words, readers, quantity, due } = this;
    if (this.#isLifted) return;
    if (this.isBegun) this.#shelf.write(this.#place, { words, readers, quantity, due });
    else this.#shelf.forget(this.#place);
  }

  /** It is being sent: off the shelf, so that nothing is said twice. It comes back when `send` answers false. */
  async sent(send: () => Promise<boolean>): Promise<boolean> {
    this.#isLifted = true;
    this.#shelf.forget(this.#place);
    const isDone = await send();
    this.#isLifted = false;
    if (isDone) this.#show(this.#first);
    else this.keep();
    return isDone;
  }

  #show({ words, readers, quantity, due }: BoxRecord): void {
    this.words = words;
    this.readers = readers;
    this.quantity = quantity;
    this.due = due;
  }
}
