/** What survives closing on this device only: half-written asks, one for each community, and what was typed last in documents. */
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
}

export interface Drafts {
  readonly read: (tag: string) => DraftRecord | null;
  readonly write: (tag: string, draft: DraftRecord) => void;
  readonly forget: (tag: string) => void;
  readonly keepsakes: Keepsakes;
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
  const place = (tag: string) => `kith.draft.${tag}`;
  const attempt = <T>(act: (shelf: Shelf) => T): T | null => {
    try {
      return shelf && act(shelf);
    } catch {
      return null; // a full or forbidden shelf only shortens a draft's life
    }
  };
  return {
    read: (tag) => parseDraft(memory.get(tag) ?? attempt((open) => open.getItem(place(tag)))),
    write: (tag, draft) => {
      const text = JSON.stringify(draft);
      memory.set(tag, text);
      attempt((open) => open.setItem(place(tag), text));
    },
    forget: (tag) => {
      memory.delete(tag);
      attempt((open) => open.removeItem(place(tag)));
    },
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

function parseDraft(text: string | null): DraftRecord | null {
  const found = text === null ? null : parseJson(text);
  if (typeof found !== "object" || found === null) return null;
  const fields = new Map<string, unknown>(Object.entries(found));
  const words = (name: string) => {
    const value = fields.get(name);
    return typeof value === "string" ? value : "";
  };
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
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
