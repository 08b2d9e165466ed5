/**
 * Ingest: from a stranger's bytes to opened statements, in steps that wait for nobody.
 *
 *   prepareChunk ──▶ checks (data; someone verifies) ──▶ openLinks ──▶ actChecks (data) ──▶ replica.ts
 *
 *   I1  Nothing is opened, stored, shown or passed on before the tail that covers it is verified, and
 *       at a birth: the feed's name, its device key (signature.ts G2) and its admission.
 *   I2  A body that does not parse is void, and the chain goes on. The verdict is a pure function of the
 *       envelope and the keys held.
 *   I3  A body under no key we hold is sealed to us: kept, counted and carried.
 *   I4  An act that needs signatures of its own (a join; the evidence of an accept) is void unless they hold.
 *   I5  In this version nothing is erased, so a chunk whose bodies are not all there is not taken in: what is held
 *       is whole, and can be asked from somebody else.
 *   I6  What is sealed under a circle's key is private: it is read in that circle (acts/talk.ts) and nowhere else.
 *
 * Whether the chunk continues what is held is feed/feed.ts; what the acts mean is authority/ and community.ts.
 */
import type { AidAct } from "../acts/aid.ts";
import { parseAidAct } from "../acts/aid.ts";
import { parseEvidence } from "../acts/evidence.ts";
import { parseTalkAct, type TalkAct } from "../acts/talk.ts";
import { bytesToHex } from "../codec/bytes.ts";
import { nameToBytes, type EnvelopeId, type FeedId, type Tag } from "../crypto/hash.ts";
import { byNoble, type Primitives } from "../crypto/primitives.ts";
import { KEY_ID_SPAN, OPEN_KEY_ID, keyIdOf, openBody, type CircleKey, type KeyId, type SpaceKey } from "../crypto/seal.ts";
import { isAdmissibleKey, type SignatureCheck } from "../crypto/signature.ts";
import { parseAuthorityAct, invitationCheck, type AuthorityAct } from "../authority/acts.ts";
import { certificateCheck } from "../authority/certificate.ts";
import { parseDocumentName, type DocumentName } from "../documents/kinds.ts";
import { parseKeyBoxes, parseStatement, type KeyBoxes, type Seen } from "../envelope/body.ts";
import { admissionCheck, isNamedByBirth } from "../envelope/header.ts";
import { linksOf, parseChunk, tailCheck, type Chunk, type ChunkError, type Link } from "../feed/chunk.ts";
import type { Millis } from "../lang/brand.ts";
import { err, ok, type Result } from "../lang/result.ts";

/** What an envelope turned out to hold. */
export type Content =
  | { readonly kind: "authority"; readonly at: Millis; readonly deps: readonly EnvelopeId[]; readonly act: AuthorityAct }
  | AidContent
  | EditContent
  | PrivateContent
  /** An act, or an edit of a document, whose kind this version does not know: kept as it is. */
  | { readonly kind: "opaque"; readonly at: Millis; readonly deps: readonly EnvelopeId[] }
  | { readonly kind: "keys"; readonly keys: KeyBoxes }
  | { readonly kind: "sealed" | "absent" }
  /** It says nothing that counts; `why` is for those who inspect it. */
  | { readonly kind: "void"; readonly why: string };

/** What is in the update is the write gate's to say (documents/), once all that it builds on is here. */
export interface EditContent {
  readonly kind: "edit";
  readonly at: Millis;
  readonly deps: readonly EnvelopeId[];
  readonly seen: readonly Seen[];
  readonly doc: DocumentName;
  readonly update: Uint8Array;
}

/** Sealed under the key of a circle: it says nothing in the community, whatever it says. */
export interface PrivateContent {
  readonly kind: "private";
  /** The commitment of that key, in hex. */
  readonly key: string;
  readonly at: Millis;
  /** Null: it does not open, parse or fit, or its kind is unknown here. */
  readonly act: TalkAct | null;
}

export interface AidContent {
  readonly kind: "aid";
  readonly at: Millis;
  readonly deps: readonly EnvelopeId[];
  readonly act: AidAct;
  /** What an `accept` or `acknowledge` takes up, from its evidence. */
  readonly takesUp?: TakenUp;
}

/** A statement that stands by another's act, even where its own feed does not (acts/aid.ts X4). */
export interface TakenUp {
  readonly id: EnvelopeId;
  readonly feed: FeedId;
  readonly seq: number;
  readonly content: AidContent;
  readonly check: SignatureCheck;
}

export interface Opened {
  readonly id: EnvelopeId;
  readonly seq: number;
  readonly content: Content;
}

/** What the ingest must know of the replica; small, so that it can be handed to a worker. */
export interface IngestContext {
  readonly tag: Tag;
  /** Device key of the chunk's feed if it is known. */
  readonly deviceKey: Uint8Array | null;
  /** Relay keys under which new feeds are admitted, each admissible; null on a porch, where none is known yet. */
  readonly relayKeys: readonly Uint8Array[] | null;
  readonly keys: readonly SpaceKey[];
}

export interface Prepared {
  readonly chunk: Chunk;
  readonly links: readonly Link[];
  readonly deviceKey: Uint8Array;
  /** All must hold (I1). */
  readonly checks: readonly SignatureCheck[];
  /** Keys that are new to us: each must be admissible. */
  readonly newKeys: readonly Uint8Array[];
}

export type IngestError =
  | ChunkError
  /** A chunk from the middle of a feed whose birth is not held: ask from 0. */
  | { readonly kind: "unknown-feed"; readonly feed: FeedId }
  | { readonly kind: "foreign-feed-name" }
  /** Whoever gave it has not, or keeps back, what was said. Another may have it. */
  | { readonly kind: "bodies-missing" }
  | { readonly kind: "not-admitted"; readonly relayKey: string }
  | { readonly kind: "bad-signature" }
  | { readonly kind: "inadmissible-key" };

/** Total. The cheap half: parsing and hashing. */
export function prepareChunk(
  context: Pick<IngestContext, "tag" | "deviceKey" | "relayKeys">,
  bytes: Uint8Array,
  by: Primitives = byNoble,
): Result<Prepared, IngestError> {
  const parsed = parseChunk(bytes, by);
  if (!parsed.ok) return parsed;
  const chunk = parsed.value;
  const { birth } = chunk;
  if (chunk.entries.some((entry) => entry.body === null)) return err({ kind: "bodies-missing" }); // I5
  if (birth !== null && !isNamedByBirth(context.tag, chunk.feed, birth)) return err({ kind: "foreign-feed-name" });
  const deviceKey = context.deviceKey ?? birth?.deviceKey ?? null;
  if (deviceKey === null) return err({ kind: "unknown-feed", feed: chunk.feed });
  if (birth !== null && !isWelcome(context.relayKeys, birth.relayKey))
    return err({ kind: "not-admitted", relayKey: bytesToHex(birth.relayKey) });
  const links = linksOf(context.tag, chunk, by);
  const isNew = birth !== null && context.deviceKey === null;
  return ok({
    chunk,
    links,
    deviceKey,
    checks: [tailCheck(chunk, links, deviceKey), ...(isNew ? [admissionCheck(context.tag, chunk.feed, birth)] : [])],
    // A relay key that we know was found admissible when it became known.
    newKeys: !isNew ? [] : context.relayKeys === null ? [birth.deviceKey, birth.relayKey] : [birth.deviceKey],
  });
}

const isWelcome = (relayKeys: readonly Uint8Array[] | null, key: Uint8Array): boolean =>
  relayKeys === null || relayKeys.some((known) => bytesToHex(known) === bytesToHex(key));

/** What remains to be asked about a prepared chunk, once its checks were carried out. */
export const judge = (prepared: Prepared, verdicts: readonly boolean[]): Result<Prepared, IngestError> =>
  verdicts.length !== prepared.checks.length || !verdicts.every((holds) => holds)
    ? err({ kind: "bad-signature" })
    : prepared.newKeys.every(isAdmissibleKey)
      ? ok(prepared)
      : err({ kind: "inadmissible-key" });

/** Opens every body it can (I2, I3). `links` come from a judged chunk, or from the own shelf. */
export function openLinks(
  tag: Tag,
  feed: FeedId,
  links: readonly Link[],
  keys: readonly SpaceKey[],
  by: Primitives = byNoble,
): readonly Opened[] {
  const find = keyFinder(feed, keys);
  return links.map((link) => ({ id: link.id, seq: link.seq, content: withEvidence(tag, contentOf(link, find, by), keys) }));
}

const TAKEN_UP: Readonly<Record<"accept" | "acknowledge", readonly AidAct["kind"][]>> = {
  accept: ["commit", "amend"],
  acknowledge: ["fulfil"],
};

/** X4: an act that takes something up shows it, opened under a key we hold; else it is void. */
function withEvidence(tag: Tag, content: Content, keys: readonly SpaceKey[]): Content {
  if (content.kind !== "aid" || (content.act.kind !== "accept" && content.act.kind !== "acknowledge")) return content;
  const evidence = parseEvidence(tag, content.act.evidence);
  if (!evidence.ok) return voided(evidence.error);
  const { id, link, chunk, check } = evidence.value;
  if (id !== content.act.parent) return voided({ kind: "evidence-of-another" });
  const shown = contentOf(link, keyFinder(chunk.feed, keys));
  if (shown.kind !== "aid" || !TAKEN_UP[content.act.kind].includes(shown.act.kind))
    return voided({ kind: "evidence-unreadable" });
  return { ...content, takesUp: { id, feed: chunk.feed, seq: link.seq, content: shown, check } };
}

type FindKey = (keyId: KeyId, seq: number) => SpaceKey | null;

/** A feed keeps its key ids for 256 envelopes, so one answer serves a run. Circles are many, and asked last. */
function keyFinder(feed: FeedId, keys: readonly SpaceKey[]): FindKey {
  const known = new Map<string, SpaceKey | null>();
  const byId = new Map<KeyId, SpaceKey>();
  const ofCommunity = keys.filter(({ space }) => space === "community");
  const circles = keys.filter(({ space }) => space === "circle");
  let spanOfCircles = -1;
  const circleNamed = (keyId: KeyId, seq: number): SpaceKey | null => {
    const span = Math.floor(seq / KEY_ID_SPAN);
    if (span !== spanOfCircles) {
      spanOfCircles = span;
      byId.clear();
      for (const key of circles) byId.set(keyIdOf(key, feed, seq), key);
    }
    return byId.get(keyId) ?? null;
  };
  return (keyId, seq) => {
    const name = `${Math.floor(seq / KEY_ID_SPAN)} ${keyId}`; // a key id of another span names no key here
    const remembered = known.get(name);
    if (remembered !== undefined) return remembered;
    const found = ofCommunity.find((key) => keyIdOf(key, feed, seq) === keyId) ?? circleNamed(keyId, seq);
    known.set(name, found);
    return found;
  };
}

function contentOf(link: Link, find: FindKey, by: Primitives = byNoble): Content {
  if (link.body === null) return { kind: "absent" };
  if (link.keyId === OPEN_KEY_ID) {
    const keys = parseKeyBoxes(link.body);
    return keys.ok ? { kind: "keys", keys: keys.value } : voided(keys.error);
  }
  const key = find(link.keyId, link.seq);
  if (key === null) return { kind: "sealed" }; // I3
  if (key.space === "circle") return privateContent(key, link, link.body, by);
  const plaintext = openBody(key, link.binding, link.body, by);
  if (!plaintext.ok) return voided(plaintext.error);
  const statement = parseStatement(plaintext.value);
  if (!statement.ok) return voided(statement.error);
  const { at, deps } = statement.value;
  if (statement.value.form === "edit") {
    const { seen, update } = statement.value;
    const doc = parseDocumentName(statement.value.doc);
    return doc === null ? { kind: "opaque", at, deps } : { kind: "edit", at, deps, seen, doc, update };
  }
  const authority = parseAuthorityAct(statement.value.act);
  if (authority !== null) return authority.ok ? { kind: "authority", at, deps, act: authority.value } : voided(authority.error);
  const aid = parseAidAct(statement.value.act);
  if (aid !== null) return aid.ok ? { kind: "aid", at, deps, act: aid.value } : voided(aid.error);
  return { kind: "opaque", at, deps };
}

/** I6. Whatever it is, it is nothing in the community: others see it sealed, and count the same. */
function privateContent(key: CircleKey, link: Link, body: Uint8Array, by: Primitives): PrivateContent {
  const under = bytesToHex(key.commitment);
  const nothing: PrivateContent = { kind: "private", key: under, at: NEVER, act: null };
  const plaintext = openBody(key, link.binding, body, by);
  if (!plaintext.ok) return nothing;
  const statement = parseStatement(plaintext.value);
  if (!statement.ok || statement.value.form !== "act") return nothing;
  const act = parseTalkAct(statement.value.act);
  return { ...nothing, at: statement.value.at, act: act?.ok === true ? act.value : null };
}
const NEVER = 0 as Millis; // before all claims

const voided = (error: { readonly kind: string; readonly at?: unknown }): Content => ({
  kind: "void",
  why: typeof error.at === "string" ? `${error.kind} at ${error.at}` : error.kind,
});

/** What must still be verified before an act counts. */
export interface ActChecks {
  readonly checks: readonly SignatureCheck[];
  /** Each must be admissible. */
  readonly newKeys: readonly Uint8Array[];
}

/** I4. Null for the many that need none. */
export function actChecks(tag: Tag, feed: FeedId, opened: Opened): ActChecks | null {
  const { content } = opened;
  if (content.kind === "aid" && content.takesUp !== undefined)
    return { checks: [content.takesUp.check], newKeys: [content.takesUp.check.key] };
  if (content.kind !== "authority" || content.act.kind !== "join") return null;
  const { certificate } = content.act;
  const invitation = invitationCheck(tag, feed, content.act);
  const root = nameToBytes(certificate.member);
  return invitation === null
    ? { checks: [certificateCheck(certificate)], newKeys: [root] }
    : { checks: [certificateCheck(certificate), invitation], newKeys: [root, invitation.key] };
}

/** I4: void unless all hold. */
export const withVerdict = (opened: Opened, holds: boolean): Opened =>
  holds ? opened : { ...opened, content: { kind: "void", why: "bad-signature in act" } };
