/**
 * Writer: makes the next envelope of one's own feed. It signs; storing it first, and publishing it after,
 * is the business of whoever holds the pen.
 *
 *   O1  `deps` names the authority heads its author knew, at most MAX_DEPS: what the act needs first, then
 *       the newest by claim. In the envelope the ids ascend.
 *   O2  `at` never runs backwards within a feed.
 */
import { aidActToValue, parseAidAct, type AidAct } from "../acts/aid.ts";
import { parseTalkAct, talkActToValue, type TalkAct } from "../acts/talk.ts";
import { authorityActToValue, parseAuthorityAct, type AuthorityAct } from "../authority/acts.ts";
import type { Authority } from "../authority/authority.ts";
import type { EnvelopeId, FeedId, Tag } from "../crypto/hash.ts";
import type { CircleKey, EpochKey } from "../crypto/seal.ts";
import { MAX_DEPS, encodeKeyBoxes, encodeStatement, type KeyBoxes, type Seen } from "../envelope/body.ts";
import { openEnvelope, sealEnvelope, type Envelope, type Place } from "../envelope/envelope.ts";
import type { Birth } from "../envelope/header.ts";
import type { Millis } from "../lang/brand.ts";

/** One's own feed and the key that writes it. */
export interface Writer {
  readonly tag: Tag;
  readonly feed: FeedId;
  readonly birth: Birth;
  readonly deviceSeed: Uint8Array;
  readonly length: number;
  readonly head: EnvelopeId | null;
  readonly lastAt: Millis;
}

export interface Written {
  readonly envelope: Envelope;
  readonly writer: Writer;
}

const placeOf = (writer: Writer): Place => ({
  tag: writer.tag,
  feed: writer.feed,
  seq: writer.length,
  prev: writer.head,
  birth: writer.length === 0 ? writer.birth : null,
});

const after = (writer: Writer, envelope: Envelope, at: Millis): Written => ({
  envelope,
  writer: { ...writer, length: writer.length + 1, head: envelope.id, lastAt: at },
});

/** `nonce`: 24 bytes by chance. */
export function writeAct(
  writer: Writer,
  epoch: EpochKey,
  nonce: Uint8Array,
  claimed: Millis,
  deps: readonly EnvelopeId[],
  act: AuthorityAct | AidAct,
): Written {
  const at = claimed < writer.lastAt ? writer.lastAt : claimed; // O2
  const statement = encodeStatement({
    form: "act",
    at,
    deps,
    act: isAuthority(act) ? authorityActToValue(act) : aidActToValue(act),
  });
  return after(writer, sealEnvelope(writer.deviceSeed, placeOf(writer), epoch, nonce, statement), at);
}

/** An act inside a circle, under the circle's key. */
export function writeTalk(
  writer: Writer,
  key: CircleKey,
  nonce: Uint8Array,
  claimed: Millis,
  deps: readonly EnvelopeId[],
  act: TalkAct,
): Written {
  const at = claimed < writer.lastAt ? writer.lastAt : claimed; // O2
  const statement = encodeStatement({ form: "act", at, deps, act: talkActToValue(act) });
  return after(writer, sealEnvelope(writer.deviceSeed, placeOf(writer), key, nonce, statement), at);
}

/** An edit, as compose.ts made it; `update` passed the gate of its own author. */
export function writeEdit(
  writer: Writer,
  epoch: EpochKey,
  nonce: Uint8Array,
  claimed: Millis,
  deps: readonly EnvelopeId[],
  edit: { readonly doc: string; readonly seen: readonly Seen[]; readonly update: Uint8Array },
): Written {
  const at = claimed < writer.lastAt ? writer.lastAt : claimed; // O2
  const statement = encodeStatement({ form: "edit", at, deps, ...edit });
  return after(writer, sealEnvelope(writer.deviceSeed, placeOf(writer), epoch, nonce, statement), at);
}

export const writeKeys = (writer: Writer, keys: KeyBoxes): Written =>
  after(writer, openEnvelope(writer.deviceSeed, placeOf(writer), encodeKeyBoxes(keys)), writer.lastAt);

/** Asked before anything is signed: the field that does not fit its act's shape, which everybody would read as void; null when all fit. */
export function unfitIn(act: AuthorityAct | AidAct | TalkAct): string | null {
  const value = isAuthority(act) ? authorityActToValue(act) : isTalk(act) ? talkActToValue(act) : aidActToValue(act);
  const read = parseAuthorityAct(value) ?? parseTalkAct(value) ?? parseAidAct(value);
  if (read === null || read.ok) return null;
  return "at" in read.error ? read.error.at : "act.rules";
}

const TALK_KINDS: ReadonlySet<string> = new Set(["circle", "response", "aside"]);
const isTalk = (act: AidAct | TalkAct): act is TalkAct => TALK_KINDS.has(act.kind);

const AUTHORITY_KINDS: ReadonlySet<string> = new Set(["genesis", "join", "invite", "accept-join", "close-invite"]);
const isAuthority = (act: AuthorityAct | AidAct | TalkAct): act is AuthorityAct => AUTHORITY_KINDS.has(act.kind);

/** O1. `needed`: what this act cannot count without. */
export function depsFor(authority: Authority, needed: readonly EnvelopeId[]): readonly EnvelopeId[] {
  const heads = authority.heads.filter((head) => !needed.includes(head));
  return [...needed, ...heads].slice(0, MAX_DEPS).sort();
}
