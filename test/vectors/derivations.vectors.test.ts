/** Codec, names, signatures and seals: both our code and the second path give the frozen bytes. */
import { expect, test } from "vitest";
import { decodeValue, encodeValue } from "../../protocol/codec/value.ts";
import { circleIdOf, communityIdOf, envelopeIdOf, feedIdOf, tagOf, topicOf, type CommunityId, type FeedId, type MemberId, type Tag } from "../../protocol/crypto/hash.ts";
import { asideHash } from "../../protocol/acts/talk.ts";
import { epochKeyFrom, exchangePairFrom, keyIdOf, openBody, openKeyBox, sealBody, sealKeyBox } from "../../protocol/crypto/seal.ts";
import { checkSignature, isAdmissibleKey, signMessage } from "../../protocol/crypto/signature.ts";
import { memberRootFrom } from "../../protocol/authority/certificate.ts";
import { inviteKeysFrom } from "../../protocol/authority/invitation.ts";
import { bodyHashOf } from "../../protocol/envelope/envelope.ts";
import { parseStatement, parseKeyBoxes } from "../../protocol/envelope/body.ts";
import { verifyWithNode } from "../verify-with-node.ts";
import { derive, edPublic, encodeByHand, hash, hchacha20, hex, join, mac, padByHand, u32, unhex, xPublic, xShared, xopen, xseal } from "./second-path.ts";
import { bytesOf, fromWritten, named, numberOf, readVectors, textOf, type Accepted } from "./vector.ts";

const seal = readVectors("seal");
const signature = readVectors("signature");
const names = readVectors("names");
const titled = (vectors: readonly Accepted[]) => vectors.map((vector) => [vector.name, vector] as const);

test("the second path is itself right: HChaCha20 and XChaCha20-Poly1305 of the draft", () => {
  // draft-irtf-cfrg-xchacha-03, 2.2.1 and A.3.1
  const key = unhex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  expect(hex(hchacha20(key, unhex("000000090000004a0000000031415927")))).toBe("82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc");
  const plaintext = new TextEncoder().encode("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.");
  const sealed = xseal(unhex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"), unhex("404142434445464748494a4b4c4d4e4f5051525354555657"), unhex("50515253c0c1c2c3c4c5c6c7"), plaintext);
  expect(hex(sealed).slice(0, 32)).toBe("bd6d179d3e83d43b9576579493c0e939");
  expect(hex(sealed.subarray(-16))).toBe("c0875924c1c7987947deafd8780acf49");
});

test.each(titled(readVectors("codec").accepted))("codec: %s", (_, vector) => {
  const value = fromWritten(vector["value"] ?? null);
  const bytes = textOf(vector, "bytes");
  expect([hex(encodeValue(value)), hex(encodeByHand(value))]).toEqual([bytes, bytes]);
  expect(decodeValue(unhex(bytes))).toEqual({ ok: true, value });
});

test.each(titled(readVectors("body").accepted))("statement: %s", (_, vector) => {
  const bytes = bytesOf(vector, "bytes");
  expect(hex(encodeByHand(fromWritten(vector["value"] ?? null)))).toBe(hex(bytes));
  expect((vector["parser"] === "keys" ? parseKeyBoxes(bytes) : parseStatement(bytes)).ok).toBe(true);
});

test("names", () => {
  const [community, tag, feed, envelope, body, topic] = ["community", "tag", "feed", "envelope", "body", "topic"].map((name) => named(names, name)) as [Accepted, Accepted, Accepted, Accepted, Accepted, Accepted];
  const expected = [community, tag, feed, envelope, body, topic].map((vector) => textOf(vector, "result"));
  const [device, random] = [bytesOf(feed, "deviceKey"), bytesOf(feed, "random")];
  expect([
    communityIdOf(bytesOf(community, "of")), tagOf(textOf(tag, "of") as CommunityId), feedIdOf(textOf(feed, "tag") as Tag, device, random),
    envelopeIdOf(bytesOf(envelope, "of")), hex(bodyHashOf(bytesOf(body, "of"))), topicOf(textOf(topic, "of") as Tag),
  ]).toEqual(expected);
  expect([
    hash("community", bytesOf(community, "of")), hash("tag", bytesOf(tag, "of")), hash("feed", bytesOf(feed, "tag"), device, random),
    hash("envelope", bytesOf(envelope, "of")), hash("body", bytesOf(body, "of")), hash("topic", bytesOf(topic, "of")),
  ].map(hex)).toEqual(expected.map((name) => name.replace("kith/1/", "")));
});

test.each(titled(signature.accepted.filter(({ holds }) => holds !== undefined)))("signature: %s", (_, vector) => {
  const check = { key: bytesOf(vector, "key"), message: bytesOf(vector, "message"), signature: bytesOf(vector, "signature") };
  expect([checkSignature(check), verifyWithNode(check)]).toEqual([vector["holds"], vector["holds"]]);
});

test.each(titled(signature.accepted.filter(({ admitted }) => admitted !== undefined)))("signature: %s", (_, vector) => {
  expect(isAdmissibleKey(bytesOf(vector, "key"))).toBe(vector["admitted"]);
});

test("signature: signing is deterministic", () => {
  const vector = named(signature, "deterministic, RFC 8032");
  expect(hex(signMessage(bytesOf(vector, "seed"), bytesOf(vector, "message")))).toBe(vector["signature"]);
  expect(hex(edPublic(bytesOf(vector, "seed")))).toBe(vector["key"]);
});

test("circle id", () => {
  const vector = named(readVectors("exchange"), "circle id");
  const members = vector["members"] as unknown as readonly MemberId[]; // as the file was written
  expect(circleIdOf(bytesOf(vector, "commitment"), members)).toBe(vector["circle"]);
  expect(hex(hash("circle", bytesOf(vector, "commitment"), ...members.map(unhex)))).toBe(vector["circle"]);
});

test.each(titled(readVectors("exchange").accepted.filter(({ name }) => name.startsWith("aside hash"))))("%s", (_, vector) => {
  const [salt, words] = [bytesOf(vector, "salt"), textOf(vector, "words")];
  expect(hex(asideHash({ salt, words }))).toBe(vector["hash"]);
  expect(hex(hash("aside", salt, new TextEncoder().encode(words)))).toBe(vector["hash"]);
});

test("epoch: commitment, relay key and hello key", () => {
  const vector = named(seal, "epoch");
  const secret = bytesOf(vector, "secret");
  const epoch = epochKeyFrom(secret);
  const expected = ["commitment", "relaySeed", "relayPublic", "helloKey"].map((field) => vector[field]);
  expect([epoch.commitment, epoch.relaySeed, epoch.relayPublic, epoch.helloKey].map(hex)).toEqual(expected);
  const relaySeed = derive(secret, "relay-key");
  expect([hash("key-commitment", secret), relaySeed, edPublic(relaySeed), derive(secret, "hello-key")].map(hex)).toEqual(expected);
});

test.each(titled(seal.accepted.filter(({ name }) => name.startsWith("key id"))))("%s", (_, vector) => {
  const [secret, seq] = [bytesOf(vector, "secret"), numberOf(vector, "seq")];
  expect(keyIdOf(epochKeyFrom(secret), textOf(vector, "feed") as FeedId, seq)).toBe(vector["keyId"]);
  expect(hex(mac(secret, "key-id", bytesOf(vector, "feed"), u32(seq >> 8))).slice(0, 32)).toBe(vector["keyId"]);
});

test.each(titled(seal.accepted.filter(({ name }) => /^body \d/.test(name))))("%s", (_, vector) => {
  const [secret, binding, nonce, plaintext, body] = ["secret", "binding", "nonce", "plaintext", "body"].map((field) => bytesOf(vector, field)) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const epoch = epochKeyFrom(secret);
  expect(hex(sealBody(epoch, binding, nonce, plaintext))).toBe(hex(body));
  expect(openBody(epoch, binding, body)).toEqual({ ok: true, value: plaintext });
  const associated = join(binding, hash("key-commitment", secret));
  expect(hex(join(nonce, xseal(secret, nonce, associated, padByHand(plaintext))))).toBe(hex(body));
  expect(hex(xopen(secret, nonce, associated, body.subarray(24)))).toBe(hex(padByHand(plaintext)));
});

test("key box", () => {
  const vector = named(seal, "key box");
  const [writer, reader, readerPublic, nonce, secret, box] = ["writer", "reader", "readerPublic", "nonce", "secret", "box"].map((field) => bytesOf(vector, field)) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const place = { feed: textOf(vector, "feed") as FeedId, seq: numberOf(vector, "seq") };
  expect(sealKeyBox(writer, readerPublic, place, nonce, secret)).toEqual(box);
  const epoch = epochKeyFrom(secret);
  expect(openKeyBox(reader, exchangePairFrom(writer).public, place, epoch.commitment, box)).toEqual(epoch);
  expect(hex(xPublic(reader))).toBe(hex(readerPublic));
  const shared = xShared(reader, xPublic(writer));
  const at = join(unhex(place.feed), u32(place.seq));
  const sealed = xseal(derive(shared, "key-box", at), nonce, hash("key-commitment", secret), secret);
  expect(hex(join(mac(shared, "key-hint", at).subarray(0, 8), nonce, sealed))).toBe(hex(box));
});

test("invitation keys and member root", () => {
  const invitation = named(seal, "invitation keys");
  const keys = inviteKeysFrom(bytesOf(invitation, "secret"));
  const expected = ["signSeed", "signPublic", "exchangeSecret", "exchangePublic"].map((field) => invitation[field]);
  expect([keys.signSeed, keys.signPublic, keys.exchange.secret, keys.exchange.public].map(hex)).toEqual(expected);
  const [sign, exchange] = [derive(bytesOf(invitation, "secret"), "invite-sign"), derive(bytesOf(invitation, "secret"), "invite-exchange")];
  expect([sign, edPublic(sign), exchange, xPublic(exchange)].map(hex)).toEqual(expected);
  const root = named(seal, "member root");
  const { seed, id } = memberRootFrom(bytesOf(root, "entropy"));
  expect([hex(seed), id]).toEqual([root["seed"], root["member"]]);
  expect([hex(derive(bytesOf(root, "entropy"), "member-root")), hex(edPublic(seed))]).toEqual([root["seed"], root["member"]]);
});
