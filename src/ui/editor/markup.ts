/**
 * Light markup: *emphasis*, **strong** and [words](https://…). Everything else is plain text, as typed.
 *
 *   K1  Total: every text has segments, and their `raw` joined is the text.
 *   K2  Linear: a mark that is not closed before the next one, or on its line, is plain text; nothing is looked at twice.
 *   K3  A link leads by http, https, mailto, tel or geo, names no user, and says where it leads.
 *   K4  Marks do not nest, and hold no star or bracket.
 */
export type Segment =
  | { readonly look: "plain" | "emphasis" | "strong"; readonly raw: string; readonly shown: string }
  | { readonly look: "link"; readonly raw: string; readonly shown: string; readonly link: Link };

export interface Link {
  readonly href: string;
  /** The host, the address or the number: what a person checks before they follow it. */
  readonly place: string;
}

/** Of a text as a field holds it. */
export function segmentsOf(text: string): readonly Segment[] {
  const segments: Segment[] = [];
  let plainFrom = 0;
  let at = 0;
  while (at < text.length) {
    const found = text[at] === "*" ? starred(text, at) : text[at] === "[" ? linked(text, at) : null;
    if (found === null) {
      at += text.startsWith("**", at) ? 2 : 1; // K2: the second star of a pair opens nothing by itself
      continue;
    }
    if (at > plainFrom) segments.push(plain(text.slice(plainFrom, at)));
    segments.push(found);
    at += found.raw.length;
    plainFrom = at;
  }
  if (text.length > plainFrom) segments.push(plain(text.slice(plainFrom)));
  return segments;
}

/** Null for what is not a link that may be followed (K3). */
export function linkTo(address: string): Link | null {
  const url = parsed(address);
  if (url === null) return null;
  switch (url.protocol) {
    case "http:":
    case "https:":
      return url.username !== "" || url.password !== "" ? null : { href: url.href, place: url.host };
    case "mailto:":
    case "tel:":
    case "geo:":
      return url.pathname === "" ? null : { href: url.href, place: url.pathname };
    default:
      return null;
  }
}

function parsed(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null; // K1: what is no address is text
  }
}

const plain = (raw: string): Segment => ({ look: "plain", raw, shown: raw });

/** Between one star and the next, or two and the next two; "2*3*4" and "a * b" are sums. */
function starred(text: string, at: number): Segment | null {
  const mark = text.startsWith("**", at) ? "**" : "*";
  const from = at + mark.length;
  const to = upTo(text, from, "*");
  if (to === null || to === from || !text.startsWith(mark, to)) return null;
  const end = to + mark.length;
  const shown = text.slice(from, to);
  if (shown.trim() !== shown || /[0-9A-Za-z*]/.test(`${text[at - 1] ?? ""}${text[end] ?? ""}`)) return null;
  return { look: mark === "**" ? "strong" : "emphasis", raw: text.slice(at, end), shown };
}

function linked(text: string, at: number): Segment | null {
  const to = upTo(text, at + 1, "[]");
  if (to === null || !text.startsWith("](", to)) return null;
  const end = upTo(text, to + 2, "[] ()");
  if (end === null || text[end] !== ")") return null;
  const shown = text.slice(at + 1, to);
  const link = linkTo(text.slice(to + 2, end));
  return link === null || shown.trim() === "" ? null : { look: "link", raw: text.slice(at, end + 1), shown, link };
}

/** Where the first of `stops` is on this line, or null. */
function upTo(text: string, from: number, stops: string): number | null {
  for (let at = from; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (stops.includes(char)) return at;
    if (char === "\n") return null;
  }
  return null;
}
