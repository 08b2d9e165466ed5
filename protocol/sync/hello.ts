/**
 * Hello: before anything else, two connected peers show each other what they may know of a community.
 *
 *   A → B  1 open      recognition 32 ‖ role u8 ‖ nonce 32
 *   B → A  2 answer    role u8 ‖ nonce 32 ‖ recognition 32 (zeros: none) ‖ proof 32 (zeros: none)
 *   A → B  3 prove     proof 32 (zeros: none) ‖ who
 *   B → A  4 close     who
 *   who = 0 (nobody) | 1 ‖ feed 32 ‖ signature 64 | 2 ‖ tag 32 ‖ relay key 32
 *   recognition = HMAC(tag, side ‖ nonce of A ‖ H(PeerId of A) ‖ H(PeerId of B) ‖ at B: nonce of B)
 *
 *   W0  Who does not know the tag does not learn it from a hello, nor see that two hellos are of one community.
 *       Both sides show that they know it (`knows`): only then is anything else of the community said to them.
 *   W1  proof = HMAC(hello key of the epoch, side ‖ tag ‖ both PeerIds ‖ both nonces): it shows that one holds
 *       the key, to this peer, now.
 *   W2  Nobody says who they are before the other has proved the key. `who` 1 is a device signature over
 *       the transcript; whose device, the reader knows from the feed.
 *   W3  A peer that proves nothing is *blind*: it may carry and fetch ciphertext, no more.
 *   W4  To a blind hearth that it chose, a member hands tag and public relay key, so that the hearth can tell
 *       admitted feeds. A hearth answers whoever it does not recognise, to give them the occasion.
 *   W5  Any message out of turn ends the hello; a hello has one deadline.
 *
 * The signature is left as a check for the driver, because only it knows the feed's device.
 */
import { concatBytes, equalBytes, equalSecretBytes, isAllZero, utf8ToBytes } from "../codec/bytes.ts";
import { createReader, type Reader } from "../codec/reader.ts";
import { DOMAINS } from "../crypto/domains.ts";
import { feedIdFromBytes, hashOf, macOf, nameToBytes, prefixOf, tagFromBytes, type FeedId, type Tag } from "../crypto/hash.ts";
import type { EpochKey } from "../crypto/seal.ts";
import { signMessage, type SignatureCheck } from "../crypto/signature.ts";
import { assertNever } from "../lang/assert-never.ts";
import { err, ok, type Result } from "../lang/result.ts";

export type PeerRole = "member" | "hearth";

export type Who =
  | { readonly kind: "nobody" }
  | { readonly kind: "device"; readonly feed: FeedId; readonly signature: Uint8Array }
  | { readonly kind: "relay-key"; readonly tag: Tag; readonly relayKey: Uint8Array };

export type HelloMessage =
  | { readonly kind: "open"; readonly recognition: Uint8Array; readonly role: PeerRole; readonly nonce: Uint8Array }
  | {
      readonly kind: "answer";
      readonly role: PeerRole;
      readonly nonce: Uint8Array;
      readonly recognition: Uint8Array | null;
      readonly proof: Uint8Array | null;
    }
  | { readonly kind: "prove"; readonly proof: Uint8Array | null; readonly who: Who }
  | { readonly kind: "close"; readonly who: Who };

export type HelloMessageError = { readonly kind: "malformed-hello"; readonly at: "kind" | "fields" | "trailing" };

/** What one brings to a hello. */
export interface HelloSelf {
  readonly role: PeerRole;
  /** Null on a hearth or a porch. */
  readonly epoch: EpochKey | null;
  readonly feed: FeedId | null;
  readonly deviceSeed: Uint8Array | null;
  /** W4: the other end is a hearth of our choice. */
  readonly trustsHearth: boolean;
  /** 32 bytes by chance, used once. */
  readonly nonce: Uint8Array;
}

/** The two ends of the connection, as libp2p names them. */
export interface HelloEnds {
  readonly opener: string;
  readonly answerer: string;
}

/** What came of it. */
export interface Acquaintance {
  readonly role: PeerRole;
  /** The other knows the tag, or has just been entrusted with it (W0, W4). */
  readonly knows: boolean;
  /** The other holds the epoch key (W1). */
  readonly proved: boolean;
  /** The other's feed and what its device must have signed; null when it said nobody. */
  readonly device: { readonly feed: FeedId; readonly check: (deviceKey: Uint8Array) => SignatureCheck } | null;
  /** W4, at a hearth. */
  readonly entrusted: { readonly tag: Tag; readonly relayKey: Uint8Array } | null;
}

const NO_PROOF = new Uint8Array(32);
const KIND = { open: 1, answer: 2, prove: 3, close: 4 } as const;
const ROLES: readonly PeerRole[] = ["member", "hearth"];

interface Transcript {
  readonly tag: Tag;
  readonly ends: HelloEnds;
  readonly openerNonce: Uint8Array;
  readonly answererNonce: Uint8Array;
}
type Side = "opener" | "answerer";

const transcriptBytes = (side: Side, { tag, ends, openerNonce, answererNonce }: Transcript): Uint8Array =>
  concatBytes(new Uint8Array([side === "opener" ? 1 : 2]), nameToBytes(tag), endsBytes(ends), openerNonce, answererNonce);

const endsBytes = (ends: HelloEnds): Uint8Array =>
  concatBytes(hashOf(DOMAINS.helloPeer, utf8ToBytes(ends.opener)), hashOf(DOMAINS.helloPeer, utf8ToBytes(ends.answerer)));

const OPENER_SIDE = new Uint8Array([1]);
const ANSWERER_SIDE = new Uint8Array([2]);
const recognitionByOpener = (tag: Tag, nonce: Uint8Array, ends: HelloEnds): Uint8Array =>
  macOf(nameToBytes(tag), DOMAINS.helloTag, OPENER_SIDE, nonce, endsBytes(ends));
/** Fresh by the opener's nonce: it cannot be repeated by one who does not know the tag. */
const recognitionByAnswerer = ({ tag, ends, openerNonce, answererNonce }: Transcript): Uint8Array =>
  macOf(nameToBytes(tag), DOMAINS.helloTag, ANSWERER_SIDE, openerNonce, endsBytes(ends), answererNonce);

/** W0: whether an opening is about this community. */
export const recognises = (open: OpenMessage, tag: Tag, ends: HelloEnds): boolean =>
  equalSecretBytes(open.recognition, recognitionByOpener(tag, open.nonce, ends));

/** W1. */
const proofOf = (epoch: EpochKey | null, side: Side, transcript: Transcript): Uint8Array | null =>
  epoch === null ? null : macOf(epoch.helloKey, DOMAINS.helloProof, transcriptBytes(side, transcript));

function holds(epoch: EpochKey | null, side: Side, transcript: Transcript, proof: Uint8Array | null): boolean {
  const expected = proofOf(epoch, side, transcript);
  return expected !== null && proof !== null && equalSecretBytes(expected, proof);
}

const signedBytes = (side: Side, transcript: Transcript): Uint8Array =>
  concatBytes(prefixOf(DOMAINS.signHello), transcriptBytes(side, transcript));

/** W2, W4. */
function introduce(self: HelloSelf, side: Side, transcript: Transcript, proved: boolean, theirRole: PeerRole): Who {
  if (proved && self.feed !== null && self.deviceSeed !== null)
    return { kind: "device", feed: self.feed, signature: signMessage(self.deviceSeed, signedBytes(side, transcript)) };
  if (theirRole === "hearth" && self.trustsHearth && self.epoch !== null)
    return { kind: "relay-key", tag: transcript.tag, relayKey: self.epoch.relayPublic };
  return { kind: "nobody" };
}

function meet(
  role: PeerRole,
  knows: boolean,
  proved: boolean,
  who: Who,
  side: Side,
  transcript: Transcript | null,
): Acquaintance {
  return {
    role,
    knows,
    proved,
    device:
      transcript !== null && proved && who.kind === "device"
        ? {
            feed: who.feed,
            check: (deviceKey) => ({ key: deviceKey, message: signedBytes(side, transcript), signature: who.signature }),
          }
        : null,
    entrusted: who.kind === "relay-key" ? who : null,
  };
}

export type OpenMessage = Extract<HelloMessage, { kind: "open" }>;

/** The opener's first message. */
export const openHello = (tag: Tag, self: HelloSelf, ends: HelloEnds): HelloMessage => ({
  kind: "open",
  recognition: recognitionByOpener(tag, self.nonce, ends),
  role: self.role,
  nonce: self.nonce,
});

/** The answerer's first message, and what it must remember. */
export interface Answering {
  /** Null when the community was not recognised (W4). */
  readonly transcript: Transcript | null;
  readonly theirRole: PeerRole;
}
/** `tag` is the community that was recognised; null only at a hearth. */
export function answerHello(
  open: OpenMessage,
  tag: Tag | null,
  self: HelloSelf,
  ends: HelloEnds,
): { readonly reply: HelloMessage; readonly answering: Answering } {
  const transcript: Transcript | null = tag === null ? null : { tag, ends, openerNonce: open.nonce, answererNonce: self.nonce };
  const proof = transcript === null ? null : proofOf(self.epoch, "answerer", transcript);
  return {
    reply: {
      kind: "answer",
      role: self.role,
      nonce: self.nonce,
      recognition: transcript === null ? null : recognitionByAnswerer(transcript),
      proof,
    },
    answering: { transcript, theirRole: open.role },
  };
}

/** The opener's second message; what it knows then still lacks the other's `close`. */
export interface Proving {
  readonly transcript: Transcript;
  readonly theirRole: PeerRole;
  /** W0. */
  readonly theyKnow: boolean;
  readonly theyProved: boolean;
}
export function proveHello(
  tag: Tag,
  answer: Extract<HelloMessage, { kind: "answer" }>,
  self: HelloSelf,
  ends: HelloEnds,
): { readonly reply: HelloMessage; readonly proving: Proving } {
  const transcript: Transcript = { tag, ends, openerNonce: self.nonce, answererNonce: answer.nonce };
  // A reflected nonce would let one proof serve for both sides; the side byte prevents it, this says so early.
  const isFresh = !equalBytes(answer.nonce, self.nonce);
  const showed = answer.recognition !== null && equalSecretBytes(answer.recognition, recognitionByAnswerer(transcript));
  const theyProved = isFresh && showed && holds(self.epoch, "answerer", transcript, answer.proof);
  const who = introduce(self, "opener", transcript, theyProved, answer.role);
  const theyKnow = (isFresh && showed) || who.kind === "relay-key"; // W0, W4
  return {
    reply: { kind: "prove", proof: theyKnow ? proofOf(self.epoch, "opener", transcript) : null, who },
    proving: { transcript, theirRole: answer.role, theyKnow, theyProved },
  };
}

/** The answerer's last message and what it has learned. */
export function closeHello(
  prove: Extract<HelloMessage, { kind: "prove" }>,
  self: HelloSelf,
  { transcript, theirRole }: Answering,
): { readonly reply: HelloMessage; readonly met: Acquaintance } {
  const proved = transcript !== null && holds(self.epoch, "opener", transcript, prove.proof);
  const who: Who = transcript === null ? { kind: "nobody" } : introduce(self, "answerer", transcript, proved, theirRole);
  return {
    reply: { kind: "close", who },
    met: meet(theirRole, transcript !== null || prove.who.kind === "relay-key", proved, prove.who, "opener", transcript),
  };
}

/** What the opener has learned in the end. */
export const finishHello = (close: Extract<HelloMessage, { kind: "close" }>, proving: Proving): Acquaintance =>
  meet(proving.theirRole, proving.theyKnow, proving.theyProved, close.who, "answerer", proving.transcript);

export function encodeHelloMessage(message: HelloMessage): Uint8Array {
  const kind = new Uint8Array([KIND[message.kind]]);
  switch (message.kind) {
    case "open":
      return concatBytes(kind, message.recognition, roleByte(message.role), message.nonce);
    case "answer":
      return concatBytes(kind, roleByte(message.role), message.nonce, message.recognition ?? NO_PROOF, message.proof ?? NO_PROOF);
    case "prove":
      return concatBytes(kind, message.proof ?? NO_PROOF, whoToBytes(message.who));
    case "close":
      return concatBytes(kind, whoToBytes(message.who));
    default:
      return assertNever(message);
  }
}

const roleByte = (role: PeerRole): Uint8Array => new Uint8Array([ROLES.indexOf(role)]);

function whoToBytes(who: Who): Uint8Array {
  switch (who.kind) {
    case "nobody":
      return new Uint8Array([0]);
    case "device":
      return concatBytes(new Uint8Array([1]), nameToBytes(who.feed), who.signature);
    case "relay-key":
      return concatBytes(new Uint8Array([2]), nameToBytes(who.tag), who.relayKey);
    default:
      return assertNever(who);
  }
}

/** Total. */
export function parseHelloMessage(bytes: Uint8Array): Result<HelloMessage, HelloMessageError> {
  const reader = createReader(bytes);
  const kind = reader.u8();
  if (kind === null || kind < 1 || kind > 4) return err({ kind: "malformed-hello", at: "kind" });
  const message = readHello(kind, reader);
  if (message === null) return err({ kind: "malformed-hello", at: "fields" });
  return reader.left() > 0 ? err({ kind: "malformed-hello", at: "trailing" }) : ok(message);
}

function readHello(kind: number, reader: Reader): HelloMessage | null {
  if (kind === KIND.open) {
    const recognition = reader.take(32);
    const role = readRole(reader);
    const nonce = reader.take(32);
    return recognition && role && nonce && { kind: "open", recognition, role, nonce };
  }
  if (kind === KIND.answer) {
    const role = readRole(reader);
    const nonce = reader.take(32);
    const recognition = readOptional(reader);
    const proof = readOptional(reader);
    if (role === null || nonce === null || recognition === undefined || proof === undefined) return null;
    return { kind: "answer", role, nonce, recognition, proof };
  }
  const proof = kind === KIND.prove ? reader.take(32) : NO_PROOF;
  const who = readWho(reader);
  if (proof === null || who === null) return null;
  return kind === KIND.prove ? { kind: "prove", proof: isAllZero(proof) ? null : proof, who } : { kind: "close", who };
}

/** 32 bytes, of which zeros mean none; undefined when they are not there. */
function readOptional(reader: Reader): Uint8Array | null | undefined {
  const bytes = reader.take(32);
  if (bytes === null) return undefined;
  return isAllZero(bytes) ? null : bytes;
}

const readRole = (reader: Reader): PeerRole | null => ROLES[reader.u8() ?? 255] ?? null;

function readWho(reader: Reader): Who | null {
  const kind = reader.u8();
  if (kind === 0) return { kind: "nobody" };
  if (kind === 1) {
    const feed = reader.take(32);
    const signature = reader.take(64);
    return feed && signature && { kind: "device", feed: feedIdFromBytes(feed), signature };
  }
  const tag = kind === 2 ? reader.take(32) : null;
  const relayKey = reader.take(32);
  return tag && relayKey && { kind: "relay-key", tag: tagFromBytes(tag), relayKey };
}
