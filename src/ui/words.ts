/**
 * The words of the app in one language: ICU messages by key, and times as people say them.
 * A change of language is a reload, so nothing here is reactive.
 */
import { IntlMessageFormat } from "intl-messageformat";
import type { Millis } from "../../protocol/index.ts";
import type en from "./locales/en.json";

export type Key = keyof typeof en;
export type Catalogue = Readonly<Record<Key, string>>;
export type Values = Readonly<Record<string, string | number | boolean>>;

export interface Words {
  readonly locale: string;
  readonly dir: "ltr" | "rtl";
  readonly t: (key: Key, values?: Values) => string;
  /** "3 hours ago", "in 2 days", "just now". */
  readonly ago: (at: Millis, now: Millis) => string;
  /** Day and time in full, for a title or a narrow doubt. */
  readonly moment: (at: Millis) => string;
  readonly day: (at: Millis) => string;
  /** When something is due: day and time, without more than is needed. */
  readonly due: (at: Millis) => string;
  readonly list: (items: readonly string[]) => string;
}

/** `locale` is a BCP 47 tag that Intl knows; `dir` the direction of its script. */
export function createWords(locale: string, dir: "ltr" | "rtl", catalogue: Catalogue): Words {
  const formats = new Map<Key, IntlMessageFormat>();
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const moments = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" });
  const dues = new Intl.DateTimeFormat(locale, {
    weekday: "long",
    day: "numeric",
    month: "long",
    hour: "numeric",
    minute: "2-digit",
  });
  const days = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" });
  const lists = new Intl.ListFormat(locale, { type: "conjunction" });

  function t(key: Key, values?: Values): string {
    let format = formats.get(key);
    if (format === undefined) {
      format = new IntlMessageFormat(catalogue[key], locale);
      formats.set(key, format);
    }
    return String(format.format(values && isolated(values, dir)));
  }

  return {
    locale,
    dir,
    t,
    ago: (at, now) => {
      const [count, unit] = inUnits(at - now);
      return unit === "second" ? t("time.now") : relative.format(count, unit);
    },
    moment: (at) => moments.format(at),
    day: (at) => days.format(at),
    due: (at) => dues.format(at),
    list: (items) => lists.format(items),
  };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function inUnits(span: number): readonly [number, Intl.RelativeTimeFormatUnit] {
  const size = Math.abs(span);
  if (size < MINUTE) return [0, "second"];
  if (size < HOUR) return [Math.trunc(span / MINUTE), "minute"];
  if (size < DAY) return [Math.trunc(span / HOUR), "hour"];
  if (size < 30 * DAY) return [Math.trunc(span / DAY), "day"];
  if (size < 365 * DAY) return [Math.trunc(span / (30 * DAY)), "month"];
  return [Math.trunc(span / (365 * DAY)), "year"];
}

const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

/** A name written the other way would reorder the sentence around it; fence it in, and only then. */
function isolated(values: Values, dir: "ltr" | "rtl"): Values {
  const fence = ([name, value]: [string, string | number | boolean]) => {
    const foreign = typeof value === "string" && (dir === "rtl" ? /\p{Script=Latin}/u : RIGHT_TO_LEFT).test(value);
    return [name, foreign ? `\u2068${value}\u2069` : value] as const;
  };
  return Object.fromEntries(Object.entries(values).map(fence));
}
