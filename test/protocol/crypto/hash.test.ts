import { expect, test } from "vitest";
import { DOMAINS } from "../../../protocol/crypto/domains.ts";
import {
  communityIdOf,
  deriveKey,
  envelopeIdOf,
  feedIdOf,
  hashOf,
  macOf,
  parseEnvelopeId,
  parseTag,
  prefixOf,
  tagOf,
  topicOf,
} from "../../../protocol/crypto/hash.ts";
import { derive, hash, hex, mac, unhex } from "../../vectors/second-path.ts";

const bytes = new Uint8Array([1, 2, 3]);

test("D1: no domain string is another's, and none begins another with its zero byte", () => {
  const all = Object.values(DOMAINS);
  expect(new Set(all).size).toBe(all.length);
  for (const one of all) {
    expect(prefixOf(one).at(-1)).toBe(0);
    for (const other of all)
      if (other !== one) expect(Buffer.from(prefixOf(one)).indexOf(Buffer.from(prefixOf(other)))).not.toBe(0);
  }
});

test("hash, MAC and derived key are those of OpenSSL, the domain in front", () => {
  expect(hashOf(DOMAINS.body, bytes, bytes)).toEqual(hash("body", bytes, bytes));
  expect(macOf(bytes, DOMAINS.keyId, bytes)).toEqual(mac(bytes, "key-id", bytes));
  expect(deriveKey(bytes, DOMAINS.relayKey, bytes)).toEqual(derive(bytes, "relay-key", bytes));
});

test("N1, N2: a name is 64 lower-case hex digits of the hash of what it names", () => {
  const community = communityIdOf(bytes);
  expect(community).toBe(hex(hash("community", bytes)));
  const tag = tagOf(community);
  expect(tag).toBe(hex(hash("tag", unhex(community))));
  expect(feedIdOf(tag, bytes, bytes)).toBe(hex(hash("feed", unhex(tag), bytes, bytes)));
  expect(envelopeIdOf(bytes)).toBe(hex(hash("envelope", bytes)));
  expect(topicOf(tag)).toBe(`kith/1/${hex(hash("topic", unhex(tag)))}`);
});

test("N1: what comes from an address bar is a name or nothing", () => {
  const name = "0a".repeat(32);
  expect([parseTag(name), parseEnvelopeId(name)]).toEqual([name, name]);
  for (const wrong of ["", name.toUpperCase(), name.slice(2), `${name}00`, `${name}\n`, "g".repeat(64)])
    expect([parseTag(wrong), parseEnvelopeId(wrong)]).toEqual([null, null]);
});
