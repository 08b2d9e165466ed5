import { beforeAll, describe, expect, test } from "vitest";
import { concatBytes, hexToBytes, u32ToBytes } from "../../../protocol/codec/bytes.ts";
import { OPEN_KEY_ID, keyIdOf } from "../../../protocol/crypto/seal.ts";
import { checkSignature } from "../../../protocol/crypto/signature.ts";
import {
  MAX_BODY_BYTES,
  MAX_ENVELOPE_BYTES,
  bodyHashOf,
  encodeEnvelope,
  openEnvelope,
  parseEnvelope,
  sealEnvelope,
  signatureOf,
  type Envelope,
} from "../../../protocol/envelope/envelope.ts";
import { admissionCheck, bindingOf, isNamedByBirth } from "../../../protocol/envelope/header.ts";
import { createChance, found, join, invite, type Group } from "../../people.ts";
import { hash, hex } from "../../vectors/second-path.ts";

let group: Group;
let first: Envelope;
let second: Envelope;
let keys: Envelope;
beforeAll(() => {
  const chance = createChance(1);
  const made = found("Ana", chance);
  group = made.group;
  [first, second] = made.envelopes as [Envelope, Envelope];
  keys = invite(made.founder, group, chance, 2, [second.id]).keys;
});
const edited = (envelope: Envelope, at: number, bytes: Uint8Array): Uint8Array => {
  const whole = encodeEnvelope(envelope);
  whole.set(bytes, at);
  return whole;
};
const refusal = (bytes: Uint8Array) => {
  const result = parseEnvelope(bytes);
  return result.ok ? "accepted" : result.error.kind + ("at" in result.error ? ` at ${result.error.at}` : "");
};
const AT = { tag: 1, feed: 33, seq: 65, prev: 69, keyId: 101, birth: 117 };

describe("E1: one encoding", () => {
  test("what is parsed and written again is the same", () => {
    for (const envelope of [first, second, keys]) {
      expect(parseEnvelope(encodeEnvelope(envelope))).toEqual({ ok: true, value: envelope });
    }
  });
  test("a cut at any field says where", () => {
    const whole = encodeEnvelope(first);
    const kinds = [0, 1, 32, 64, 68, 100, 116, 200, 276, 300, 372, 373].map((length) => refusal(whole.subarray(0, length)));
    expect(kinds).toEqual([
      ...Array<string>(7).fill("malformed at header"),
      "malformed at birth",
      "malformed at birth",
      "malformed at header",
      "malformed at header",
      "malformed at body",
    ]);
  });
  test("a byte behind the body is part of the body, and its hash tells", () => {
    expect(refusal(concatBytes(encodeEnvelope(second), new Uint8Array(1)))).toBe("body-hash-mismatch");
  });
});

describe("E2: the id is the hash of the header, the header holds the hash of the body", () => {
  test("by a second path", () => {
    const bodyHash = hash("body", second.body);
    expect(second.bodyHash).toEqual(bodyHash);
    expect(second.id).toBe(hex(hash("envelope", bindingOf(second), bodyHash)));
  });
  test("a changed body is refused", () => {
    expect(refusal(edited(second, encodeEnvelope(second).length - 1, new Uint8Array([0, 0]).subarray(0, 1)))).toBe(
      "body-hash-mismatch",
    );
  });
  test("the signature is not hashed", () => {
    const parsed = parseEnvelope(edited(second, AT.birth + 32, new Uint8Array(64)));
    expect(parsed.ok && parsed.value.id).toBe(second.id);
  });
  test("the device signs the id, and only this", () => {
    const deviceKey = first.birth!.deviceKey;
    expect(checkSignature(signatureOf(first, deviceKey))).toBe(true);
    expect(checkSignature(signatureOf({ ...first, id: second.id }, deviceKey))).toBe(false);
  });
});

describe("E3, D3: births and anchors", () => {
  test("a first envelope with a prev is refused", () => {
    expect(refusal(edited(first, AT.prev, hexToBytes(second.id)))).toBe("prev-seq-mismatch");
  });
  test("a later envelope without a prev is refused", () => {
    expect(refusal(edited(second, AT.prev, new Uint8Array(32)))).toBe("prev-seq-mismatch");
  });
  test.each([
    ["device key", AT.birth],
    ["random", AT.birth + 32],
    ["feed", AT.feed],
    ["tag", AT.tag],
  ])("a birth does not name another feed: %s", (_, at) =>
    expect(refusal(edited(first, at, new Uint8Array(32)))).toBe("foreign-feed-name"),
  );
  test("another relay key or admission changes the id, for both are hashed", () => {
    for (const at of [AT.birth + 64, AT.birth + 96]) {
      const parsed = parseEnvelope(edited(first, at, new Uint8Array(32)));
      expect(parsed.ok && parsed.value.id).not.toBe(first.id);
    }
  });
  test("the admission is signed by the epoch's relay key over tag, feed and device", () => {
    const check = admissionCheck(first.tag, first.feed, first.birth!);
    expect(check.key).toEqual(group.epoch.relayPublic);
    expect(checkSignature(check)).toBe(true);
    expect(checkSignature(admissionCheck(first.tag, second.id as unknown as typeof first.feed, first.birth!))).toBe(false);
    expect(isNamedByBirth(first.tag, first.feed, first.birth!)).toBe(true);
  });
});

describe("E4: size", () => {
  test("an envelope past 64 KiB is refused by size alone", () => {
    expect(refusal(new Uint8Array(MAX_ENVELOPE_BYTES + 1))).toBe("too-large");
  });
  test("the largest body fits, one byte more throws in our own hand", () => {
    const place = { tag: second.tag, feed: second.feed, seq: 1, prev: first.id, birth: null };
    const seed = new Uint8Array(32).fill(1);
    expect(encodeEnvelope(openEnvelope(seed, place, new Uint8Array(MAX_BODY_BYTES))).length).toBeLessThanOrEqual(
      MAX_ENVELOPE_BYTES,
    );
    expect(() => openEnvelope(seed, place, new Uint8Array(MAX_BODY_BYTES + 1))).toThrow("E4");
    const long = concatBytes(
      encodeEnvelope({
        ...second,
        body: new Uint8Array(MAX_BODY_BYTES + 1),
        bodyHash: bodyHashOf(new Uint8Array(MAX_BODY_BYTES + 1)),
      }),
    );
    expect(refusal(long)).toBe("malformed at body");
  });
});

test("a newer version is told apart from nonsense", () => {
  expect(parseEnvelope(edited(first, 0, new Uint8Array([2])))).toEqual({
    ok: false,
    error: { kind: "newer-version", version: 2 },
  });
});

test("D1, D2: the binding is all before the body hash, in one layout", () => {
  expect(bindingOf(second)).toEqual(encodeEnvelope(second).slice(0, 117));
  expect(bindingOf(first)).toEqual(encodeEnvelope(first).slice(0, 277));
  expect(encodeEnvelope(second).slice(AT.seq, AT.seq + 4)).toEqual(u32ToBytes(1));
});

test("a sealed envelope carries the key id of its place; an open one carries zeros", () => {
  expect(second.keyId).toBe(keyIdOf(group.epoch, second.feed, 1));
  expect(keys.keyId).toBe(OPEN_KEY_ID);
  const place = { tag: second.tag, feed: second.feed, seq: 256, prev: first.id, birth: null };
  const late = sealEnvelope(new Uint8Array(32).fill(1), place, group.epoch, new Uint8Array(24), new Uint8Array(0));
  expect(late.keyId).toBe(keyIdOf(group.epoch, second.feed, 256));
  expect(late.keyId).not.toBe(second.keyId);
});

test("two feeds of one community do not share a key id", () => {
  const chance = createChance(2);
  const made = found("Bo", chance);
  const door = invite(made.founder, made.group, chance, 2, []);
  const { envelope } = join("Cy", made.group, chance, 3, door.secret, door.act.id);
  expect(envelope.keyId).not.toBe(made.envelopes[0]!.keyId);
});
