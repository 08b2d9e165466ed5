/** Pseudo-locales: English stretched and marked (`qps-ploc`), to see what is cut off or was never translated. */
import type { Catalogue, Key } from "../words.ts";

const MARKED: Readonly<Record<string, string>> = {
  a: "á",
  b: "ƀ",
  c: "ç",
  d: "ð",
  e: "é",
  f: "ƒ",
  g: "ĝ",
  h: "ĥ",
  i: "î",
  j: "ĵ",
  k: "ķ",
  l: "ļ",
  m: "ɱ",
  n: "ñ",
  o: "ö",
  p: "þ",
  r: "ŕ",
  s: "š",
  t: "ţ",
  u: "û",
  v: "ṽ",
  w: "ŵ",
  x: "ẋ",
  y: "ý",
  z: "ž",
};

export function pseudoOf(catalogue: Catalogue): Catalogue {
  const entries = Object.entries(catalogue).map(([key, message]) => [key, pseudoMessage(message)] as const);
  // Same keys as the catalogue it was made from.
  return Object.fromEntries(entries) as Record<Key, string>;
}

/** Only what is read aloud changes: argument names, plural words and `#` stay. */
function pseudoMessage(message: string): string {
  return `[${readable(message)}${" ~".repeat(Math.ceil(message.length / 24))}]`;
}

/** Text and `{argument}` alternate; inside `plural` and `select`, so do words and `{branches}`. */
function readable(text: string): string {
  let out = "";
  for (let at = 0; at < text.length;) {
    if (text[at] !== "{") {
      out += MARKED[text.charAt(at)] ?? text.charAt(at);
      at += 1;
      continue;
    }
    const end = closing(text, at);
    const inner = text.slice(at + 1, end);
    out += `{${/^\s*\w+\s*,\s*(plural|select|selectordinal)\s*,/.test(inner) ? branches(inner) : inner}}`;
    at = end + 1;
  }
  return out;
}

function branches(inner: string): string {
  let out = "";
  for (let at = 0; at < inner.length;) {
    if (inner[at] !== "{") {
      out += inner.charAt(at);
      at += 1;
      continue;
    }
    const end = closing(inner, at);
    out += `{${readable(inner.slice(at + 1, end))}}`;
    at = end + 1;
  }
  return out;
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === "{") depth += 1;
    if (text[at] === "}") depth -= 1;
    if (depth === 0) return at;
  }
  return text.length;
}
