/** What survives closing on this device only: half-written asks and words, and what was typed last in documents. */
import type { Keepsake } from "../editor/keepsake.ts";
import type { Need, PostForm } from "../../../protocol/index.ts";
import { MOST } from "../mending.ts";
import { isNeed, isPostForm } from "../vocabulary.ts";

export const WHEN_CHOICES = ["today", "week", "month", "any", "own"] as const;
export type WhenChoice = (typeof WHEN_CHOICES)[number];

export interface DraftRecord {
  readonly kind: "offer" | "request";
  readonly title: string;
  readonly details: string;
  readonly needs: readonly Need[];
  readonly form: PostForm | null;
  readonly whenChoice: WhenChoice;
  readonly whenOwn: string;
  readonly where: string;
  /** As it was typed, right or not. */
  readonly quantity: string;
  /** As a date field has it. */
  readonly until: string;
}

/** What is being said with an act in a promise, or between two: as it was typed, right or not. */
export interface BoxRecord {
  readonly words: string;
  readonly readers: "all" | "parties";
  readonly quantity: string;
  /** As a date and time field has it. */
  readonly due: string;
}

export interface Drafts {
  /** A new ask lies under its community; a change of one, under its post too. */
  readonly read: (place: string) => DraftRecord | null;
  readonly write: (place: string, draft: DraftRecord) => void;
  readonly forget: (place: string) => void;
  readonly boxes: Boxes;
  readonly keepsakes: Keepsakes;
}

/** By what is answered, and how. */
export interface Boxes {
  readonly read: (place: string) => BoxRecord | null;
  readonly write: (place: string, box: BoxRecord) => void;
  readonly forget: (place: string) => void;
}

/** By document. */
export interface Keepsakes {
  readonly read: (place: string) => Keepsake | null;
  readonly write: (place: string, keepsake: Keepsake) => void;
  readonly forget: (place: string) => void;
}

type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** `shelf` throws or is null in private windows and on some `file:` origins; then drafts last as long as the page. */
export function createDrafts(shelf: Shelf | null): Drafts {
  const memory = new Map<string, string>();
  const attempt = <T>(act: (shelf: Shelf) => T): T | null => {
    try {
      return shelf && act(shelf);
    } catch {
      return null; // a full or forbidden shelf only shortens a draft's life
    }
  };
  const kept = <T>(prefix: string, parse: (text: string | null) => T | null) => ({
    read: (place: string) => {
      const key = prefix + place;
      return parse(memory.get(key) ?? attempt((open) => open.getItem(key)));
    },
    write: (place: string, record: T) => {
      const key = prefix + place;
      const text = JSON.stringify(record);
      memory.set(key, text);
      attempt((open) => open.setItem(key, text));
    },
    forget: (place: string) => {
      const key = prefix + place;
      memory.delete(key);
      attempt((open) => open.removeItem(key));
    },
  });
  return {
    ...kept("kith.draft.", parseDraft),
    boxes: kept("kith.box.", parseBox),
    keepsakes: {
      read: (of) => parseKeepsake(attempt((open) => open.getItem(typedIn(of)))),
      write: (of, { client, upTo, update }) =>
        attempt((open) => open.setItem(typedIn(of), JSON.stringify({ client, upTo, update: inLetters(update) }))),
      forget: (of) => attempt((open) => open.removeItem(typedIn(of))),
    },
  };
}

const typedIn = (document: string) => `kith.typed.${document}`;

function parseKeepsake(text: string | null): Keepsake | null {
  const found = text === null ? null : parseJson(text);
  if (typeof found !== "object" || found === null) return null;
  const { client, upTo, update } = Object.fromEntries(Object.entries(found));
  if (typeof client !== "number" || typeof upTo !== "number" || typeof update !== "string") return null;
  const bytes = inBytes(update);
  return bytes === null ? null : { client, upTo, update: bytes };
}

const inLetters = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

function inBytes(letters: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

function parseBox(text: string | null): BoxRecord | null {
  const fields = fieldsIn(text);
  if (fields === null) return null;
  return {
    words: wordsIn(fields, "words"),
    readers: fields.get("readers") === "all" ? "all" : "parties", // in doubt, to fewer
    quantity: wordsIn(fields, "quantity"),
    due: wordsIn(fields, "due"),
  };
}

function parseDraft(text: string | null): DraftRecord | null {
  const fields = fieldsIn(text);
  if (fields === null) return null;
  const words = (name: string) => wordsIn(fields, name);
  const needs = fields.get("needs");
  const form = fields.get("form");
  return {
    kind: fields.get("kind") === "offer" ? "offer" : "request",
    title: words("title"),
    details: words("details"),
    needs: Array.isArray(needs) ? [...new Set(needs.filter(isNeed))].slice(0, MOST.needs) : [],
    form: isPostForm(form) ? form : null,
    whenChoice: WHEN_CHOICES.find((choice) => choice === fields.get("whenChoice")) ?? "week",
    whenOwn: words("whenOwn"),
    where: words("where"),
    quantity: words("quantity"),
    until: words("until"),
  };
}

function fieldsIn(text: string | null): ReadonlyMap<string, unknown> | null {
  const found = text === null ? null : parseJson(text);
  return typeof found === "object" && found !== null ? new Map<string, unknown>(Object.entries(found)) : null;
}

function wordsIn(fields: ReadonlyMap<string, unknown>, name: string): string {
  const value = fields.get(name);
  return typeof value === "string" ? value : "";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
