/**
 * One person writing in blocks: what their keys and taps do, and where the caret is. The fields register themselves with `hold`;
 * a change that moves the caret to another block gives that field the focus once it is drawn.
 */
import { tick } from "svelte";
import type { Doc } from "yjs";
import type { BlockKind } from "../../../protocol/index.ts";
import type { Spot } from "../../peer/open-document.ts";
import type { Block, Caret } from "./blocks.ts";
import {
  deleteRange,
  insertBlock,
  MAX_UNITS,
  mergeWithNext,
  mergeWithPrevious,
  moveBlock,
  removeBlock,
  replaceText,
  setKind,
  splitBlock,
} from "./commands.ts";
import type { DocumentModel } from "./document-model.svelte.ts";
import { baseAfter, beside, heirOf, whereChanged } from "./followed.ts";
import { pasteText, typedMark } from "./paste.ts";
import { caretOf, spotOf } from "./spot.ts";
import { changeBetween } from "./text-change.ts";

/** Where the caret comes in: at a place, or on the first or last line below or above where it was. */
export type Entry = number | { readonly line: "first" | "last"; readonly x: number };

export interface Field {
  readonly focus: (entry: Entry) => void;
}

/** What is selected in the field that has the focus, in words that last while others write. */
interface Selection {
  readonly block: string;
  readonly from: number;
  readonly to: number;
  readonly start: Spot | null;
  readonly end: Spot | null;
}

export class Writing {
  readonly #model: DocumentModel;
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- asked by keys only; nothing drawn depends on it
  readonly #fields = new Map<string, Field>();
  /** What each block said before one wrote in it, brought up to date with what others changed. */
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- as above
  readonly #bases = new Map<string, string>();
  /** By a block that is gone, the one that goes on for it. */
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- as above
  readonly #heirs = new Map<string, string>();
  #known: readonly Block[];
  #selection: Selection | null = null;
  #toolsOf = $state<string | null>(null);

  constructor(model: DocumentModel) {
    this.#model = model;
    this.#known = model.blocks;
    model.watcher = { before: () => this.look(), after: () => (this.#known = model.blocks) };
  }

  /** Lets go of the model: call it when the editor goes. */
  close(): void {
    this.#model.watcher = null;
    this.away();
  }

  /** To be called after others have written: what one wrote in a block that is gone goes over to where its words are now. */
  look(): void {
    const [before, now] = [this.#known, this.#model.blocks];
    this.#known = now;
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- gone when this call ends
    const here = new Map(now.map((block) => [block.id, block]));
    for (const block of before) {
      const is = here.get(block.id);
      const base = this.#bases.get(block.id);
      if (is === undefined || base === undefined || is.text === block.text) continue;
      this.#bases.set(block.id, baseAfter(base, block.text, is.text));
    }
    before.forEach((block, index) => {
      if (!here.has(block.id)) this.#follow(block, index, before, now);
    });
  }

  /** The block whose tools are unfolded. */
  get toolsOf(): string | null {
    return this.#toolsOf;
  }

  unfold(block: string | null): void {
    this.#toolsOf = block;
  }

  /** Returns how to let go. */
  hold(block: string, field: Field): () => void {
    this.#fields.set(block, field);
    return () => void this.#fields.delete(block);
  }

  /** The caret or the selection is here now. */
  at(block: string, start: number, end: number): void {
    const doc = this.#model.open.live();
    const spot = (at: number) => spotOf(doc, { block, at });
    this.#selection = { block, from: start, to: end, start: spot(start), end: spot(end) };
    this.#model.open.point(this.#selection.end);
  }

  /** A field that goes loses the focus too, and before anybody looks: where the caret was is still to be known then. */
  away(): void {
    const { block } = this.#selection ?? {};
    if (block !== undefined && !this.#known.some(({ id }) => id === block)) this.#selection = null;
    else if (this.#model.blocks.some(({ id }) => id === block)) this.#selection = null;
    this.#model.open.point(null);
  }

  /**
   * Where a selection is after others have written; null when it is not the one we know: in another block, or moved since, which the
   * browser tells only a moment later.
   */
  selected(block: string, from: number, to: number): readonly [number, number] | null {
    const known = this.#selection;
    if (known === null || known.block !== block || known.from !== from || known.to !== to) return null;
    const [start, end] = [known.start, known.end].map((spot) => spot && caretOf(this.#model.open.live(), spot));
    return start && end ? [start.at, end.at] : null;
  }

  textIn = (block: string): string => this.#model.blocks.find(({ id }) => id === block)?.text ?? "";

  /** `shown` is what the field said before. Answers where the caret stays, or null when another field takes it. */
  typed(block: string, text: string, caret: number, shown: string): Caret | null {
    const change = changeBetween(shown, text, caret);
    this.look();
    const heir = this.#heirs.get(block);
    if (heir !== undefined) {
      // Typed into a field that is just going.
      const after = this.#run((doc) => replaceText(doc, heir, text, caret, shown));
      this.#focus(after);
      return null;
    }
    if (!this.#bases.has(block)) this.#bases.set(block, this.textIn(block));
    if (change.inserted.length > MAX_UNITS) {
      this.paste(block, change.at, change.at + change.removed, change.inserted);
      return null;
    }
    const after = this.#run((doc) => replaceText(doc, block, text, caret, shown));
    if (after === null || !change.inserted.endsWith(" ")) return after;
    return this.#run((doc) => typedMark(doc, block, after.at)) ?? after;
  }

  paste(block: string, from: number, to: number, text: string): void {
    const { steps, caret } = pasteText(block, from, to, text);
    const undo = this.#model.open.undo();
    undo.stopCapturing();
    if (steps.every((step) => this.#model.edit(step))) this.#focus(caret());
    undo.stopCapturing();
  }

  split(block: string, from: number, to: number): void {
    this.#do((doc) => {
      const caret = deleteRange(doc, block, from, to);
      return caret === null ? null : splitBlock(doc, block, caret.at);
    });
  }

  /** False where there is nothing to merge with. */
  mergeUp = (block: string): boolean => this.#do((doc) => mergeWithPrevious(doc, block));
  mergeDown = (block: string): boolean => this.#do((doc) => mergeWithNext(doc, block));
  add = (after: string | null, kind: BlockKind = "paragraph"): boolean => this.#do((doc) => insertBlock(doc, after, kind));
  remove = (block: string): boolean => this.#do((doc) => removeBlock(doc, block));
  setKind = (block: string, kind: BlockKind): void => void this.#apart((doc) => setKind(doc, block, kind));

  /** The caret goes along to `at`; null leaves the focus to the caller, who gets the id of the block that now has the words. */
  move(block: string, by: -1 | 1, at: number | null): string | null {
    const moved = this.#apart((doc) => moveBlock(doc, block, by));
    if (moved === null) return null;
    if (this.#toolsOf === block) this.#toolsOf = moved.block;
    if (at !== null) this.#focus({ block: moved.block, at });
    return moved.block;
  }

  /** To the block above or below; false at the ends. */
  cross(block: string, by: -1 | 1, entry: Entry): boolean {
    const blocks = this.#model.blocks;
    const next = blocks[blocks.findIndex(({ id }) => id === block) + by];
    const field = next === undefined ? undefined : this.#fields.get(next.id);
    field?.focus(entry);
    return field !== undefined;
  }

  /** The caret goes to what came back or went. */
  undo(): void {
    this.#step(() => this.#model.undo());
  }

  redo(): void {
    this.#step(() => this.#model.redo());
  }

  #step(act: () => void): void {
    this.look();
    const before = this.#known;
    act();
    this.#focus(whereChanged(before, this.#known));
  }

  /** What changes more than the words of one block is undone by itself. */
  #apart(change: (doc: Doc) => Caret | null): Caret | null {
    const undo = this.#model.open.undo();
    undo.stopCapturing();
    const caret = this.#run(change);
    undo.stopCapturing();
    return caret;
  }

  #run(change: (doc: Doc) => Caret | null): Caret | null {
    const outcome: { caret: Caret | null } = { caret: null };
    this.#model.edit((doc) => (outcome.caret = change(doc)));
    return outcome.caret;
  }

  #do(change: (doc: Doc) => Caret | null): boolean {
    const caret = this.#apart(change);
    this.#focus(caret);
    return caret !== null;
  }

  #focus(caret: Caret | null): void {
    if (caret === null) return;
    this.#selection = null; // the field that goes must not call for help
    void tick().then(() => this.#fields.get(caret.block)?.focus(caret.at));
  }

  /** A block is gone, and it was not we who took it. */
  #follow(gone: Block, index: number, before: readonly Block[], now: readonly Block[]): void {
    const selection = this.#selection?.block === gone.id ? this.#selection : null;
    const base = this.#bases.get(gone.id);
    this.#bases.delete(gone.id);
    const heir = heirOf(gone, base ?? gone.text, before, now);
    if (heir !== null) {
      this.#heirs.set(gone.id, heir.block.id);
      if (base !== undefined) this.#bases.set(heir.block.id, heir.shift === 0 ? base : heir.block.text);
      if (heir.block.text !== heir.next) {
        this.#model.edit((doc) => replaceText(doc, heir.block.id, heir.next, heir.next.length, heir.block.text));
      }
    } else if (base !== undefined && this.#model.state.saving !== "settled") {
      const lost = changeBetween(base, gone.text, gone.text.length).inserted;
      this.#model.handBack(lost);
      // Whoever is in the middle of a word must not go on in somebody else's paragraph.
      if (selection !== null && lost.trim() !== "") {
        this.#selection = null;
        return;
      }
    }
    if (selection === null) return;
    this.#focus(heir === null ? beside(now, index) : { block: heir.block.id, at: heir.shift + selection.to });
  }
}
