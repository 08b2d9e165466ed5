/** The parsers that vectors knock at: what is accepted, written again, and what a refusal is called. */
import { parseAidAct } from "../../protocol/acts/aid.ts";
import { parseTalkAct } from "../../protocol/acts/talk.ts";
import { encodeEvidence, parseEvidence } from "../../protocol/acts/evidence.ts";
import { parseAuthorityAct } from "../../protocol/authority/acts.ts";
import { parseInvitation, type Invitation } from "../../protocol/authority/invitation.ts";
import { decodeValue, encodeValue, type ValueMap } from "../../protocol/codec/value.ts";
import type { Tag } from "../../protocol/crypto/hash.ts";
import { epochKeyFrom, openBody } from "../../protocol/crypto/seal.ts";
import { decodeWhisper, encodeWhisper, parseWhisper, readWhisper } from "../../protocol/documents/whisper.ts";
import { encodeKeyBoxes, encodeStatement, parseKeyBoxes, parseStatement } from "../../protocol/envelope/body.ts";
import { encodeEnvelope, parseEnvelope } from "../../protocol/envelope/envelope.ts";
import { encodeChunk, parseChunk } from "../../protocol/feed/chunk.ts";
import { encodeForkProof, parseForkProof } from "../../protocol/feed/fork.ts";
import type { Result } from "../../protocol/lang/result.ts";
import { encodeBundle, parseBundle } from "../../protocol/sync/bundle.ts";
import { encodeHelloMessage, parseHelloMessage } from "../../protocol/sync/hello.ts";
import { encodeLine, parseLine } from "../../protocol/sync/in-person.ts";
import { encodeSyncMessage, parseSyncMessage } from "../../protocol/sync/message.ts";
import { encodeByHand, join, unhex, type Plain } from "./second-path.ts";

export interface KindOfError {
  readonly kind: string;
}
/** What became of bytes at a door: they came back as they were, or they were refused with this error. */
export type Reception = { readonly accepted: Uint8Array } | { readonly refused: string };

export const receive = <T>(result: Result<T, KindOfError>, encode: (value: T) => Uint8Array): Reception =>
  result.ok ? { accepted: encode(result.value) } : { refused: spell(result.error) };

/** The kind, and what else the error names in words. */
const spell = (error: KindOfError): string =>
  [error.kind, ...["at", "problem", "because"].flatMap((field) => {
    const value = (error as unknown as Readonly<Record<string, unknown>>)[field];
    return typeof value === "string" && error.kind !== "malformed-sync-message" ? [value] : [];
  })].join(" ");

/** A link is written from its parts here, because the door only writes links that it signs. */
function linkByHand({ tag, invite, device, card, ...rest }: Invitation): Uint8Array {
  const fields = { ...rest, tag: unhex(tag), invite: unhex(invite), device: unhex(device), card: new Map<string, Plain>(Object.entries(card)) };
  return new TextEncoder().encode(Buffer.from(encodeByHand(new Map<string, Plain>(Object.entries(fields)))).toString("base64url"));
}

export function knock(parser: string, bytes: Uint8Array): Reception {
  const [door = "", argument = "", more = ""] = parser.split(" ");
  switch (door) {
    case "value":
      return receive(decodeValue(bytes), encodeValue);
    case "statement":
      return receive(parseStatement(bytes), encodeStatement);
    case "keys":
      return receive(parseKeyBoxes(bytes), encodeKeyBoxes);
    case "act": {
      const value = decodeValue(bytes);
      if (!value.ok) return receive(value, encodeValue);
      const act = value.value as ValueMap;
      const read: Result<unknown, KindOfError> | null = parseAuthorityAct(act) ?? parseAidAct(act);
      return read === null ? { refused: "another-kind" } : receive(read, () => encodeValue(act));
    }
    case "talk": {
      const value = decodeValue(bytes);
      const read = value.ok ? parseTalkAct(value.value as ValueMap) : value;
      return read === null ? { refused: "another-kind" } : receive<unknown>(read, () => bytes);
    }
    case "envelope":
      return receive(parseEnvelope(bytes), encodeEnvelope);
    case "chunk":
      return receive(parseChunk(bytes), encodeChunk);
    case "proof":
      return receive(parseForkProof(argument as Tag, bytes), encodeForkProof);
    case "evidence":
      return receive(parseEvidence(argument as Tag, bytes), ({ chunk }) => encodeEvidence(bytes.slice(0, 32), bytes.slice(32, 64), chunk));
    case "bundle":
      return receive(parseBundle(bytes), encodeBundle);
    case "sync":
      return receive(parseSyncMessage(bytes), encodeSyncMessage);
    case "hello":
      return receive(parseHelloMessage(bytes), encodeHelloMessage);
    case "invitation":
      return receive(parseInvitation(new TextDecoder().decode(bytes)), linkByHand);
    case "line":
      return receive(parseLine(new TextDecoder().decode(bytes)), (line) => new TextEncoder().encode(encodeLine(line)));
    case "body":
      return receive(openBody(epochKeyFrom(unhex(argument)), unhex(more), bytes), (plaintext) => plaintext);
    case "whisper":
      return receive(parseWhisper(bytes), ({ feed, sealed, signature }) => join(unhex(feed), sealed, signature));
    case "whispered":
      return receive(decodeWhisper(bytes), encodeWhisper);
    case "opened-whisper": {
      const parsed = parseWhisper(bytes);
      return receive(parsed.ok ? readWhisper(more as Tag, parsed.value, epochKeyFrom(unhex(argument))) : parsed, encodeWhisper);
    }
    default:
      throw new Error(`no door ${door}`);
  }
}
