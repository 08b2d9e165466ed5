/** An open document as components read it, kept current while any of them does. Binds to no `Y.Doc`: it asks for the live one each time. */
import { createSubscriber } from "svelte/reactivity";
import type { Doc } from "yjs";
import type { ProfileFact } from "../../../protocol/index.ts";
import type { ChangedBlock, DocumentState, OpenDocument, VersionView } from "../../peer/open-document.ts";
import { factsOf, listBlocks, sameWhereEqual, type Block } from "./blocks.ts";
import { placedIn, type PlacedCaret } from "./placed.ts";

/** Told around each change of one's own, so that it is never taken for somebody else's. */
export interface Watcher {
  readonly before: () => void;
  readonly after: () => void;
}

export class DocumentModel {
  readonly open: OpenDocument;
  watcher: Watcher | null = null;
  readonly #track: () => void;
  #blocks: readonly Block[] = [];
  #changed: () => void = () => undefined;
  #takenAway = $state.raw<readonly string[]>([]);

  constructor(open: OpenDocument) {
    this.open = open;
    this.#track = createSubscriber((changed) => {
      this.#changed = changed;
      return open.subscribe(changed);
    });
  }

  get state(): DocumentState {
    this.#track();
    return this.open.state();
  }

  /** Computed at every reading: put it in a `$derived`. */
  get blocks(): readonly Block[] {
    this.#track();
    this.#blocks = sameWhereEqual(this.#blocks, listBlocks(this.open.live()));
    return this.#blocks;
  }

  get facts(): Readonly<Record<ProfileFact, string>> {
    this.#track();
    return factsOf(this.open.live());
  }

  get versions(): readonly VersionView[] {
    this.#track();
    return this.open.versions();
  }

  /** As costly as reading the whole document twice. */
  changesSince(upTo: number): readonly ChangedBlock[] {
    this.#track();
    return this.open.changesSince(upTo);
  }

  /** The others' carets, by block. */
  get carets(): ReadonlyMap<string, readonly PlacedCaret[]> {
    return placedIn(this.open.live(), this.state.others);
  }

  get canUndo(): boolean {
    this.#track();
    return this.open.undo().undoStack.length > 0;
  }

  get canRedo(): boolean {
    this.#track();
    return this.open.undo().redoStack.length > 0;
  }

  /** What one wrote in a block that somebody else took away meanwhile. */
  get takenAway(): readonly string[] {
    return this.#takenAway;
  }

  handBack(words: string): void {
    if (words.trim() !== "") this.#takenAway = [...this.#takenAway, words];
  }

  dismissTakenAway(): void {
    this.#takenAway = [];
  }

  /** One's own change is on the screen at once; others' at the next frame. False where one may not write. */
  edit(change: (doc: Doc) => void): boolean {
    return this.#own(() => this.open.edit(change));
  }

  undo(): void {
    this.#own(() => this.open.undo().undo());
  }

  redo(): void {
    this.#own(() => this.open.undo().redo());
  }

  #own<T>(act: () => T): T {
    this.watcher?.before();
    const done = act();
    if (done !== false) this.#changed();
    this.watcher?.after();
    return done;
  }
}
