/**
 * A desk: the documents that one person has open in one life of their device, and what they wrote there.
 *
 *   Every stretch of words that is typed holds a letter that is typed nowhere else. Once a sheet has said `settled`, or
 *   its ground changed under what was typed, that letter is owed: it is in the document or its history for good, or was handed back.
 */
import * as Y from "yjs";
import { contentOf, documentFingerprint, type DocumentName, type Tag } from "../../protocol/index.ts";
import type { OpenDocument } from "../../src/peer/open-document.ts";
import { groupedFingerprint } from "../../src/peer/view.ts";
import { between, drawn, type Chance } from "./chance.ts";
import type { Device } from "./person.ts";

export interface Owed {
  readonly letter: string;
  readonly name: DocumentName;
  readonly by: string;
  /** In virtual ms, when it was found settled. */
  readonly at: number;
}

/** What all desks of one run share. */
export interface Ledger {
  readonly owed: Map<string, Owed>;
  /** Letters that were handed back to somebody. */
  readonly returned: Set<string>;
  readonly counts: { commands: number; mistakes: number; handedBack: number; handedBackByUndo: number };
  readonly now: () => number;
  readonly fail: (reason: string) => void;
  readonly words: (chance: Chance) => string;
}

export interface Page {
  readonly sheet: OpenDocument;
  /** After words were put in: those that are there by now. */
  readonly wrote: (what: string, words: readonly string[]) => void;
  readonly look: () => void;
  readonly close: () => void;
}

export interface Desk {
  readonly pages: ReadonlyMap<DocumentName, Page>;
  readonly open: (name: DocumentName) => Page | null;
}

const FIRST_LETTER = 0x4e00;
const LETTERS = 0x5200;
const FILL = ["", " ", " we help", " ünï", " 🌿", " a b c", "\u0301"];

export function createLedger(now: () => number, fail: (reason: string) => void): Ledger {
  let next = 0;
  return {
    owed: new Map(),
    returned: new Set(),
    counts: { commands: 0, mistakes: 0, handedBack: 0, handedBackByUndo: 0 },
    now,
    fail,
    words: (chance) => {
      if ((next += 1) >= LETTERS) throw new Error("more words than letters");
      return `${String.fromCharCode(FIRST_LETTER + next)}${drawn(chance, FILL)}${"x".repeat(between(chance, 0, 3))}`;
    },
  };
}

const MARKED = /[\u4e00-\u9fff]/g;
export const lettersIn = (text: string): readonly string[] => text.match(MARKED) ?? [];

/** All that a document ever held, or still shows. What stands nowhere is not among it. */
export function lettersOf(doc: Y.Doc, which: "ever" | "shown" = "ever"): ReadonlySet<string> {
  const found = new Set<string>();
  for (const structs of doc.store.clients.values())
    for (const struct of structs) {
      if (!(struct instanceof Y.Item) || (which === "shown" && struct.deleted)) continue;
      const { content } = struct;
      if (content instanceof Y.ContentString) for (const letter of lettersIn(content.str)) found.add(letter);
      if (content instanceof Y.ContentAny)
        for (const value of content.arr as readonly unknown[])
          if (typeof value === "string") for (const letter of lettersIn(value)) found.add(letter);
    }
  return found;
}

export const fingerprintOf = (tag: Tag, name: DocumentName, doc: Y.Doc): string =>
  groupedFingerprint(documentFingerprint(tag, name, contentOf(doc, name)));

export function createDesk(device: Device, tag: Tag, ledger: Ledger): Desk {
  const pages = new Map<DocumentName, Page>();
  const start = device.starts();

  function open(name: DocumentName): Page | null {
    const known = pages.get(name);
    if (known !== undefined) return known;
    const sheet = device.starts() === start ? (device.kith()?.openDocument(tag, name) ?? null) : null;
    if (sheet === null) return null;
    const page = createPage(sheet);
    pages.set(name, page);
    return page;
  }

  function createPage(sheet: OpenDocument): Page {
    const { name } = sheet;
    /** Typed here and not said to be settled. */
    const pending = new Set<string>();
    let lastReturned: readonly string[] = [];
    let isClosed = false;
    /** Since all was settled. Yjs may put what it brings back between neighbours that are none; then all that is unsettled is handed back. */
    let hasUndone = false;
    let live = sheet.live();

    const owe = (letter: string): void => void ledger.owed.set(letter, { letter, name, by: device.name, at: ledger.now() });
    function look(): void {
      const state = sheet.state();
      if (state.returned !== lastReturned) {
        lastReturned = state.returned;
        for (const text of lastReturned)
          for (const letter of lettersIn(text)) {
            if (!ledger.returned.has(letter)) ledger.counts[hasUndone ? "handedBackByUndo" : "handedBack"] += 1;
            ledger.returned.add(letter);
          }
      }
      const before = live;
      live = sheet.live();
      if (before !== live && pending.size > 0) {
        const [shown, held] = [lettersOf(before, "shown"), lettersOf(live)];
        for (const letter of pending) {
          if (held.has(letter) || ledger.returned.has(letter)) continue;
          pending.delete(letter);
          if (shown.has(letter)) owe(letter); // it was on the screen, and went with its ground
        }
      }
      if (state.saving === "settled") hasUndone = false;
      if (pending.size === 0 || state.phase !== "open" || state.saving !== "settled") return;
      for (const letter of pending) owe(letter);
      pending.clear();
      if (!isClosed && state.fingerprint !== null && fingerprintOf(tag, name, sheet.live()) !== state.fingerprint)
        ledger.fail(`${device.name} has settled all in ${short(name)}, and shows something else than what is settled`);
    }
    const stop = sheet.subscribe(look);
    return {
      sheet,
      wrote: (what, words) => {
        hasUndone ||= what === "undo";
        const held = lettersOf(sheet.live());
        for (const letter of words.flatMap(lettersIn)) if (held.has(letter)) pending.add(letter);
        look();
      },
      look,
      close: () => {
        stop();
        pages.delete(name);
        isClosed = true;
        sheet.close();
      },
    };
  }

  return { pages, open };
}

export const short = (name: DocumentName): string => name.slice(0, 12);
