/**
 * In person: the line that two people show or paste to each other to connect where no hearth is, one each way.
 *
 *   line  = base64url of bytes ‖ the first 4 bytes of H(in-person, bytes)
 *   bytes = version u8 = 1 ‖ kind u8 = 0: offer | 1: answer ‖ name of its offer 8
 *           ‖ peer 32 ‖ fingerprint 32 ‖ length u8 ‖ ufrag ‖ length u8 ‖ password ‖ count u8 ‖ ways
 *   way   = 1 ‖ IPv4 4 ‖ port u16 | 2 ‖ IPv6 16 ‖ port u16 | 3 ‖ uuid 16 of an mDNS name ‖ port u16
 *
 *   L1  A line is at most 1,000 letters, whatever is in it. One value, one line.
 *   L2  An answer names its offer: the first 8 bytes of the same hash over the offer's bytes. So an answer to another
 *       offer, or to a changed one, is known before anything is dialled.
 *   L3  `peer` is the Ed25519 key of the node: what comes up has to prove it, whoever carried the line.
 *   L4  Nothing in it names a person or a community. It is no secret, but who changes it on its way can be in the middle;
 *       that the two lines arrived as they were sent is for the people to compare.
 *   L5  The check is the same in every version: what it does not fit is no line, or a damaged one, and never a newer one.
 *
 * It does not decide how long a line is good, nor what WebRTC makes of it: src/net/in-person-*.ts.
 * Spec: README 9.7. Vectors: test/vectors/in-person.json.
 */
import { base64urlnopad } from "@scure/base";
import { bytesToHex, concatBytes, equalBytes, hexToBytes, u16ToBytes, utf8ToBytes } from "../codec/bytes.ts";
import { createReader, type Reader } from "../codec/reader.ts";
import { DOMAINS } from "../crypto/domains.ts";
import { hashOf } from "../crypto/hash.ts";
import { err, ok, type Result } from "../lang/result.ts";

/** Where to knock, in the order in which the browser named them. */
export interface Way {
  readonly kind: "ip4" | "ip6" | "mdns";
  /** 4 bytes, 16 bytes, or the 16 bytes of a uuid. */
  readonly host: Uint8Array;
  /** 1 to 65,535. */
  readonly port: number;
}

interface Ends {
  /** Ed25519 public key of the node, behind its PeerId. */
  readonly peer: Uint8Array;
  /** SHA-256 of the certificate that DTLS will show. */
  readonly fingerprint: Uint8Array;
  /** ICE's user fragment and password (RFC 8839, 5.4). */
  readonly ufrag: string;
  readonly password: string;
  /** May be empty on one side: the other one is then knocked at from nowhere known. */
  readonly ways: readonly Way[];
}
export type Offer = Ends & { readonly kind: "offer" };
/** `to`: the name of its offer, 8 bytes in hex. */
export type Answer = Ends & { readonly kind: "answer"; readonly to: string };
export type Line = Offer | Answer;

export type LineError =
  | { readonly kind: "too-large"; readonly bytes: number }
  | { readonly kind: "not-base64url" | "newer-version" }
  /** Cut off, or a letter is another one. */
  | { readonly kind: "damaged" }
  | { readonly kind: "malformed"; readonly at: "head" | "ice" | "way" | "trailing" };

export const MAX_LINE_UNITS = 1_000;
export const MAX_WAYS = 8;
const VERSION = 1;
const NAME_BYTES = 8;
const KEY_BYTES = 32;
const CHECK_BYTES = 4;
const WAYS = ["ip4", "ip6", "mdns"] as const;
const HOST_BYTES: Readonly<Record<Way["kind"], number>> = { ip4: 4, ip6: 16, mdns: 16 };
/** RFC 8839: at least 4 and 22 letters; browsers use up to 8 and 32. */
const UFRAG = { least: 4, most: 32 };
const PASSWORD = { least: 22, most: 64 };
const ICE_LETTERS = /^[A-Za-z0-9+/]+$/;

/** The fields are within their bounds: they come from our own browser or from `parseLine`. */
export function encodeLine(line: Line): string {
  const bytes = lineToBytes(line);
  return base64urlnopad.encode(concatBytes(bytes, checkOf(bytes)));
}

/** How an answer names this offer (L2). */
export const nameOfOffer = (offer: Offer): string => bytesToHex(nameOf(lineToBytes(offer)));

/** Total. White space has been taken out: messengers break long lines. */
export function parseLine(text: string): Result<Line, LineError> {
  if (text.length > MAX_LINE_UNITS) return err({ kind: "too-large", bytes: text.length }); // L1
  let raw: Uint8Array;
  try {
    raw = base64urlnopad.decode(text);
  } catch {
    return err({ kind: "not-base64url" }); // the library throws on letters, lengths and padding it does not know
  }
  const bytes = raw.subarray(0, Math.max(0, raw.length - CHECK_BYTES));
  if (!equalBytes(raw.subarray(bytes.length), checkOf(bytes))) return err({ kind: "damaged" }); // L5
  const [version] = bytes;
  if (version !== undefined && version !== VERSION) return err({ kind: "newer-version" });
  return readLine(createReader(bytes));
}

function lineToBytes(line: Line): Uint8Array {
  return concatBytes(
    line.kind === "offer" ? new Uint8Array([VERSION, 0]) : concatBytes(new Uint8Array([VERSION, 1]), hexToBytes(line.to)),
    line.peer,
    line.fingerprint,
    textToBytes(line.ufrag),
    textToBytes(line.password),
    new Uint8Array([line.ways.length]),
    ...line.ways.map(({ kind, host, port }) => concatBytes(new Uint8Array([WAYS.indexOf(kind) + 1]), host, u16ToBytes(port))),
  );
}

function readLine(reader: Reader): Result<Line, LineError> {
  reader.u8(); // the version, which the caller has looked at
  const kind = reader.u8();
  const to = kind === 1 ? reader.take(NAME_BYTES) : null;
  const [peer, fingerprint] = [reader.take(KEY_BYTES), reader.take(KEY_BYTES)];
  const isKnown = kind === 0 || (kind === 1 && to !== null);
  if (!isKnown || peer === null || fingerprint === null) return err({ kind: "malformed", at: "head" });
  const [ufrag, password] = [readText(reader, UFRAG), readText(reader, PASSWORD)];
  if (ufrag === null || password === null) return err({ kind: "malformed", at: "ice" });
  const count = reader.u8();
  if (count === null || count > MAX_WAYS) return err({ kind: "malformed", at: "way" });
  const ways: Way[] = [];
  for (let read = 0; read < count; read += 1) {
    const way = readWay(reader);
    if (way === null) return err({ kind: "malformed", at: "way" });
    ways.push(way);
  }
  if (reader.left() > 0) return err({ kind: "malformed", at: "trailing" });
  const ends = { peer, fingerprint, ufrag, password, ways };
  return ok(to === null ? { kind: "offer", ...ends } : { kind: "answer", to: bytesToHex(to), ...ends });
}

function readText(reader: Reader, { least, most }: { readonly least: number; readonly most: number }): string | null {
  const length = reader.u8();
  if (length === null || length < least || length > most) return null;
  const bytes = reader.take(length);
  if (bytes === null) return null;
  const text = String.fromCharCode(...bytes);
  return ICE_LETTERS.test(text) ? text : null;
}

function readWay(reader: Reader): Way | null {
  const kind = WAYS[(reader.u8() ?? 0) - 1];
  if (kind === undefined) return null;
  const host = reader.take(HOST_BYTES[kind]);
  const port = reader.u16();
  return host === null || port === null || port === 0 ? null : { kind, host, port };
}

const textToBytes = (text: string): Uint8Array => concatBytes(new Uint8Array([text.length]), utf8ToBytes(text));
const nameOf = (bytes: Uint8Array): Uint8Array => hashOf(DOMAINS.inPerson, bytes).subarray(0, NAME_BYTES);
const checkOf = (bytes: Uint8Array): Uint8Array => nameOf(bytes).subarray(0, CHECK_BYTES);
