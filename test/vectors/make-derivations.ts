/** Codec, names, signatures and seals: what bytes are made of. */
import { encodeValue, type Value } from "../../protocol/codec/value.ts";
import { communityIdOf, envelopeIdOf, feedIdOf, tagOf, topicOf, type FeedId } from "../../protocol/crypto/hash.ts";
import { epochKeyFrom, exchangePairFrom, keyIdOf, sealBody, sealKeyBox } from "../../protocol/crypto/seal.ts";
import { isAdmissibleKey, publicKeyOf, signMessage, signatureEdgeCases } from "../../protocol/crypto/signature.ts";
import { memberRootFrom } from "../../protocol/authority/certificate.ts";
import { inviteKeysFrom } from "../../protocol/authority/invitation.ts";
import { bodyHashOf } from "../../protocol/envelope/envelope.ts";
import { hex, unhex } from "./second-path.ts";
import { toWritten, type Accepted, type Refused, type VectorFile } from "./vector.ts";

const fill = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte);
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function codec(): VectorFile {
  const values: readonly (readonly [string, Value])[] = [
    ["zero", 0], ["one byte", 24], ["two bytes", 256], ["four bytes", 65_536], ["eight bytes", 4_294_967_296], ["the greatest", Number.MAX_SAFE_INTEGER],
    ["minus one", -1], ["the least", Number.MIN_SAFE_INTEGER], ["true", true], ["null", null], ["empty text", ""], ["text of four scripts", "Hallo Привет 你好 🌱"],
    ["bytes", fill(7, 3)], ["a list in a list", [1, [2, []]]], ["a map, short keys first", new Map<string, Value>([["bb", 1], ["a", 2], ["c", new Map()]])],
    ["keys by their UTF-8", new Map<string, Value>([["😀", 1], ["\uff61x", 2]])], ["a key named __proto__", new Map<string, Value>([["__proto__", 1]])],
  ];
  const refused: readonly (readonly [string, string, string])[] = [
    ["a float", "f93e00", "not-canonical"], ["an integer as a float", "f93c00", "not-canonical"], ["a tag", "c000", "not-canonical"],
    ["undefined", "f7", "not-canonical"], ["an indefinite list", "9fff", "not-canonical"], ["a long head", "1800", "not-canonical"],
    ["keys out of order", "a2616201616101", "not-canonical"], ["a key twice", "a2616101616101", "not-canonical"], ["a number as key", "a10101", "not-canonical"],
    ["a byte behind", "0000", "not-canonical"], ["not UTF-8", "61ff", "not-canonical"], ["past 2^53", "1b0020000000000000", "not-canonical"],
    ["nothing", "", "cut-short"], ["a list that promises 2^32", "9affffffff", "cut-short"], ["thirteen lists deep", `${"81".repeat(13)}00`, "too-deep"],
  ];
  return {
    about: "RFC 8949 core deterministic CBOR of integers, text, bytes, booleans, null, lists and maps with text keys",
    accepted: values.map(([name, value]) => ({ name, value: toWritten(value), bytes: hex(encodeValue(value)) })),
    refused: refused.map(([name, bytes, error]) => ({ name, parser: "value", bytes, error })),
  };
}

function names(): VectorFile {
  const act = encodeValue(new Map([["kind", "genesis"]]));
  const community = communityIdOf(act);
  const tag = tagOf(community);
  return {
    about: "SHA-256 with the domain and a zero byte in front",
    accepted: [
      { name: "community", of: hex(act), result: community },
      { name: "tag", of: community, result: tag },
      { name: "feed", tag, deviceKey: hex(fill(1)), random: hex(fill(2)), result: feedIdOf(tag, fill(1), fill(2)) },
      { name: "envelope", of: hex(fill(3, 149)), result: envelopeIdOf(fill(3, 149)) },
      { name: "body", of: hex(fill(4, 5)), result: hex(bodyHashOf(fill(4, 5))) },
      { name: "topic", of: tag, result: topicOf(tag) },
    ],
    refused: [],
  };
}

function signatures(): VectorFile {
  const seed = fill(9);
  const message = utf8("kith");
  const keys: readonly (readonly [string, string])[] = [
    ["a device's own", hex(publicKeyOf(seed))], ["the identity", `01${"00".repeat(31)}`], ["order 2", `ec${"ff".repeat(30)}7f`], ["order 4", "00".repeat(32)],
    ["order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"], ["y = p", `ed${"ff".repeat(30)}7f`],
    ["y = p + 1", `ee${"ff".repeat(30)}7f`], ["off the curve", `02${"00".repeat(31)}`], ["identity with a sign", `01${"00".repeat(30)}80`],
  ];
  return {
    about: "Ed25519 by the one rule of signature.ts: verdicts of edge cases, and which keys are admitted",
    accepted: [
      { name: "deterministic, RFC 8032", seed: hex(seed), key: hex(publicKeyOf(seed)), message: hex(message), signature: hex(signMessage(seed, message)) },
      ...signatureEdgeCases().map(({ name, check, holds }): Accepted => ({
        name, key: hex(check.key), message: hex(check.message), signature: hex(check.signature), holds,
      })),
      ...keys.map(([name, key]): Accepted => ({ name: `key: ${name}`, key, admitted: isAdmissibleKey(unhex(key)) })),
    ],
    refused: [],
  };
}

function seals(): VectorFile {
  const secret = fill(1);
  const epoch = epochKeyFrom(secret);
  const feed = hex(fill(2)) as FeedId;
  const binding = fill(3, 117);
  const nonce = Uint8Array.from({ length: 24 }, (_, i) => i);
  const writer = fill(4);
  const reader = exchangePairFrom(fill(5));
  const place = { feed, seq: 300 };
  const box = sealKeyBox(writer, reader.public, place, nonce, secret) ?? fill(0);
  const invite = inviteKeysFrom(fill(6));
  const open = (body: Uint8Array, name: string, error: string): Refused => ({ name, parser: `body ${hex(secret)} ${hex(binding)}`, bytes: hex(body), error });
  const short = sealBody(epoch, binding, nonce, utf8("hello"));
  const bent = short.slice();
  bent[60] = (bent[60] ?? 0) ^ 1;
  return {
    about: "HKDF, HMAC, X25519, XChaCha20-Poly1305 and Padmé as seal.ts combines them",
    accepted: [
      { name: "epoch", secret: hex(secret), commitment: hex(epoch.commitment), relaySeed: hex(epoch.relaySeed), relayPublic: hex(epoch.relayPublic), helloKey: hex(epoch.helloKey) },
      ...[0, 255, 256, 70_000].map((seq): Accepted => ({ name: `key id at seq ${String(seq)}`, secret: hex(secret), feed, seq, keyId: keyIdOf(epoch, feed, seq) })),
      ...[utf8(""), utf8("hello"), fill(8, 300), fill(9, 20_000)].map((plaintext, i): Accepted => ({
        name: `body ${String(i)}`, secret: hex(secret), binding: hex(binding), nonce: hex(nonce), plaintext: hex(plaintext), body: hex(sealBody(epoch, binding, nonce, plaintext)),
      })),
      { name: "key box", writer: hex(writer), reader: hex(reader.secret), readerPublic: hex(reader.public), feed, seq: 300, nonce: hex(nonce), secret: hex(secret), box: hex(box) },
      { name: "invitation keys", secret: hex(fill(6)), signSeed: hex(invite.signSeed), signPublic: hex(invite.signPublic), exchangeSecret: hex(invite.exchange.secret), exchangePublic: hex(invite.exchange.public) },
      { name: "member root", entropy: hex(fill(7, 16)), seed: hex(memberRootFrom(fill(7, 16)).seed), member: memberRootFrom(fill(7, 16)).id },
    ],
    refused: [open(bent, "a flipped bit", "wrong-seal"), open(short.subarray(0, 39), "less than nonce and tag", "wrong-seal"), open(fill(0, 296), "nobody's body", "wrong-seal")],
  };
}

export const derivations = (): Readonly<Record<string, VectorFile>> => ({ codec: codec(), names: names(), signature: signatures(), seal: seals() });
