/**
 * What others wrote, as it may stand in our sentences: nothing in it can turn the text around it, hide, or pile up.
 * Joiners inside words (Persian, emoji) stay. Source: Unicode UAX #9 (bidi controls), UTS #39 (skeletons).
 */

/** Control characters but the line feed, bidi controls, and letters that show nothing. */
const UNSEEN = /(?!\n)\p{Cc}|[\u00AD\u061C\u115F\u1160\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0]/gu;
/** More than four marks on one letter are no language, and cover the lines around. */
const PILED = /(\p{M}{4})\p{M}+/gu;

/** A part of a text: the spaces at its ends belong to it. */
export const visibleText = (raw: string): string => raw.replace(UNSEEN, "").replace(PILED, "$1");
export const plainText = (raw: string): string => visibleText(raw).trim();

/** Two names with one skeleton look alike to a person in a hurry. */
export const skeleton = (name: string): string =>
  name
    .normalize("NFKD")
    .replace(/[\p{M}\p{Z}\p{P}\u200C\u200D]/gu, "")
    .toLocaleLowerCase("und");
