/** Envelopes, chunks, proofs, evidence, hello, links and the fingerprint, put together by hand from their parts. */
import { describe, expect, test } from "vitest";
import { parseInvitation } from "../../protocol/authority/invitation.ts";
import { epochKeyFrom } from "../../protocol/crypto/seal.ts";
import { parseForkProof } from "../../protocol/feed/fork.ts";
import type { FrontierEntry } from "../../protocol/feed/frontier.ts";
import { frontierDigest } from "../../protocol/feed/frontier-tree.ts";
import { createReplica } from "../../protocol/space/replica.ts";
import type { EnvelopeId, FeedId, Tag } from "../../protocol/crypto/hash.ts";
import { takeIn } from "../people.ts";
import { derive, edPublic, edSign, edVerify, encodeByHand, hash, hex, join, mac, padByHand, u32, unhex, xseal, type Plain } from "./second-path.ts";
import { bytesOf, named, numberOf, readVectors, textOf, type Accepted } from "./vector.ts";

const titled = (name: string) => readVectors(name).accepted.map((vector) => [vector.name, vector] as const);
const u16 = (value: number) => u32(value).subarray(2);
const varint = (value: number): Uint8Array => new Uint8Array(value < 128 ? [value] : value < 16_384 ? [(value & 127) | 128, value >> 7] : [(value & 127) | 128, ((value >> 7) & 127) | 128, value >> 14]);

/** Cuts an envelope's bytes into its fields. */
function fieldsOf(bytes: Uint8Array) {
  const seq = Buffer.from(bytes).readUInt32BE(65);
  const anchor = bytes.subarray(69, 101);
  const end = seq === 0 ? 277 : 117;
  return {
    tag: bytes.subarray(1, 33), feed: bytes.subarray(33, 65), seq, anchor, keyId: bytes.subarray(101, 117), birth: bytes.subarray(117, end),
    bodyHash: bytes.subarray(end, end + 32), signature: bytes.subarray(end + 32, end + 96), body: bytes.subarray(end + 96), header: bytes.subarray(0, end + 32),
  };
}
function chunkByHand(envelopes: readonly Uint8Array[], withBody: (index: number) => boolean): Uint8Array {
  const all = envelopes.map(fieldsOf);
  const first = all[0]!;
  const table = [...new Set(all.map(({ keyId }) => hex(keyId)))];
  const entries = all.map(({ keyId, body, bodyHash }, i) => {
    const index = new Uint8Array([table.indexOf(hex(keyId))]);
    return withBody(i) ? join(index, varint(body.length), body) : join(index, varint(0), bodyHash);
  });
  return join(
    new Uint8Array([1]), first.feed, u32(first.seq), u16(all.length), first.seq === 0 ? first.birth : first.anchor, u16(table.length), ...table.map(unhex), ...entries, all.at(-1)!.signature,
  );
}
const envelopesIn = (vector: Accepted, field: string): readonly Uint8Array[] => (vector[field] as readonly string[]).map(unhex);

test.each(titled("envelope"))("envelope: %s", (_, vector) => {
  const [secret, seed, tag, random] = [bytesOf(vector, "epoch"), bytesOf(vector, "seed"), bytesOf(vector, "tag"), bytesOf(vector, "random")];
  const seq = numberOf(vector, "seq");
  const device = edPublic(seed);
  const feed = hash("feed", tag, device, random);
  const relaySeed = derive(secret, "relay-key");
  const birth = vector["hasBirth"] === true ? join(device, random, edPublic(relaySeed), edSign(relaySeed, "sign-admission", tag, feed, device)) : new Uint8Array(0);
  const isOpen = vector["plaintext"] === undefined;
  const keyId = isOpen ? new Uint8Array(16) : mac(secret, "key-id", feed, u32(seq >> 8)).subarray(0, 16);
  const prev = vector["prev"] === null ? new Uint8Array(32) : bytesOf(vector, "prev");
  const binding = join(new Uint8Array([1]), tag, feed, u32(seq), prev, keyId, birth);
  const body = isOpen
    ? bytesOf(vector, "body")
    : join(bytesOf(vector, "nonce"), xseal(secret, bytesOf(vector, "nonce"), join(binding, hash("key-commitment", secret)), padByHand(bytesOf(vector, "plaintext"))));
  const bodyHash = hash("body", body);
  const id = hash("envelope", binding, bodyHash);
  const signature = edSign(seed, "sign-envelope", id);
  expect([hex(id), hex(feed), hex(signature)]).toEqual([vector["id"], vector["feed"], vector["signature"]]);
  expect(hex(join(binding, bodyHash, signature, body))).toBe(vector["bytes"]);
});

test.each(titled("chunk"))("chunk: %s", (_, vector) => {
  expect(hex(chunkByHand(envelopesIn(vector, "envelopes"), () => vector["absent"] === false))).toBe(vector["bytes"]);
});

test.each(titled("bundle"))("bundle: %s", (_, vector) => {
  const items = (vector["items"] as readonly { map: readonly [readonly [string, string], readonly [string, { bytes: string }]] }[]).map(({ map: [[, kind], [, { bytes }]] }) => {
    const raw = unhex(bytes);
    return join(new Uint8Array([kind === "chunk" ? 1 : 2]), u32(raw.length), raw);
  });
  const head = join(new TextEncoder().encode("KITH"), new Uint8Array([1]), bytesOf(vector, "tag"));
  const digest = items.reduce((before, item) => hash("bundle", before, item), hash("bundle", head));
  expect(hex(join(head, ...items, new Uint8Array([0]), u32(items.length), digest))).toBe(vector["bytes"]);
});

describe("fork.json", () => {
  test("a proof: two chunks without bodies, the lower first id first", () => {
    const vector = named(readVectors("fork"), "two stories of one feed");
    const chunks = ["one", "other"].map((field) => envelopesIn(vector, field)).map((envelopes) => ({
      first: hex(hash("envelope", fieldsOf(envelopes[0]!).header)), bytes: chunkByHand(envelopes, () => false), last: fieldsOf(envelopes.at(-1)!),
    }));
    const [left, right] = chunks.sort((a, b) => (a.first < b.first ? -1 : 1)) as [(typeof chunks)[0], (typeof chunks)[0]];
    const [device, random] = [bytesOf(vector, "deviceKey"), bytesOf(vector, "random")];
    expect(hex(join(new Uint8Array([1]), device, random, u32(left.bytes.length), left.bytes, right.bytes))).toBe(vector["bytes"]);
    for (const { last } of chunks) expect(edVerify(device, last.signature, "sign-envelope", hash("envelope", last.header))).toBe(true);
    expect(hex(hash("feed", fieldsOf(envelopesIn(vector, "one")[0]!).tag, device, random))).toBe(vector["feed"]);
  });
  test("evidence: the first body is there, the others are not", () => {
    const vector = named(readVectors("fork"), "a request and two more");
    const envelopes = envelopesIn(vector, "envelopes");
    expect(hex(join(bytesOf(vector, "deviceKey"), bytesOf(vector, "random"), chunkByHand(envelopes, (i) => i === 0)))).toBe(vector["bytes"]);
    expect(hex(hash("envelope", fieldsOf(envelopes[0]!).header))).toBe(vector["id"]);
  });
});

test.each(titled("hello"))("hello: %s", (name, vector) => {
  const utf8 = (field: string) => new TextEncoder().encode(textOf(vector, field));
  const tag = bytesOf(vector, "tag");
  const ends = join(hash("hello-peer", utf8("opener")), hash("hello-peer", utf8("answerer")));
  const [openerNonce, answererNonce] = [bytesOf(vector, "openerNonce"), bytesOf(vector, "answererNonce")];
  const transcript = (side: number) => join(new Uint8Array([side]), tag, ends, openerNonce, answererNonce);
  const helloKey = derive(bytesOf(vector, "epoch"), "hello-key");
  const isHearth = vector["answererRole"] === "hearth";
  const proof = (side: number) => mac(helloKey, "hello-proof", transcript(side));
  const device = (who: "opener" | "answerer", side: number) =>
    join(new Uint8Array([1]), bytesOf(vector, `${who}Feed`), edSign(bytesOf(vector, `${who}Seed`), "sign-hello", transcript(side)));
  const relay = () => join(new Uint8Array([2]), tag, edPublic(derive(bytesOf(vector, "epoch"), "relay-key")));
  const byHand: Readonly<Record<string, () => Uint8Array>> = {
    open: () => join(new Uint8Array([1]), mac(tag, "hello-tag", new Uint8Array([1]), openerNonce, ends), new Uint8Array([0]), openerNonce),
    answer: () => join(new Uint8Array([2, isHearth ? 1 : 0]), answererNonce, mac(tag, "hello-tag", new Uint8Array([2]), openerNonce, ends, answererNonce), isHearth ? new Uint8Array(32) : proof(2)),
    prove: () => join(new Uint8Array([3]), proof(1), isHearth ? relay() : device("opener", 1)),
    close: () => join(new Uint8Array([4]), isHearth ? new Uint8Array([0]) : device("answerer", 2)),
  };
  expect(hex(byHand[name.split(": ")[1]!]!())).toBe(vector["bytes"]);
});

test("sync messages begin with their kind, and told entries are 48 bytes", () => {
  const { accepted } = readVectors("sync");
  expect(accepted.map((vector) => [vector.name, bytesOf(vector, "bytes")[0], bytesOf(vector, "bytes").length])).toEqual([
    ["digest", 1, 45], ["frontier", 2, 98], ["frontier, more follow", 2, 50], ["want", 3, 37], ["chunk", 4, 6], ["none", 5, 33], ["want-proof", 6, 33], ["proof", 7, 6], ["done", 8, 1], ["buckets", 9, 7], ["outline", 10, 10],
  ]);
  expect(textOf(named(readVectors("sync"), "want"), "bytes")).toBe(`03${"02".repeat(32)}00000102`);
});

test("an invitation's payload: canonical CBOR, the card signed by the device", () => {
  const vector = named(readVectors("invitation"), "an open link");
  const field = (name: string) => bytesOf(vector, name);
  const card = new Map<string, Plain>(["community", "purpose", "inviter", "members", "expires"].map((name) => [name, vector[name] as Plain]));
  const signature = edSign(field("seed"), "sign-card", field("tag"), field("invite"), field("device"), field("exchange"), encodeByHand([card, vector["addresses"] as Plain]));
  const link = encodeByHand(new Map<string, Plain>([
    ["secret", field("secret")], ["tag", field("tag")], ["invite", field("invite")], ["device", field("device")], ["exchange", field("exchange")],
    ["card", card], ["signature", signature], ["addresses", vector["addresses"] as Plain],
  ]));
  const payload = Buffer.from(link).toString("base64url");
  expect(payload).toBe(vector["payload"]);
  expect(parseInvitation(payload)).toMatchObject({ ok: true, value: { invite: vector["invite"], secret: field("secret"), signature } });
});

describe("community.json", () => {
  const vector = named(readVectors("community"), "village");
  const frontier = vector["frontier"] as readonly (readonly [FeedId, number, EnvelopeId | null, number | null])[];
  const entries = frontier.map(([feed, length, head, forkedAt]): FrontierEntry => ({ feed, length, head, forkedAt }));
  test("the frontier digest, whatever order, and of nothing", () => {
    const parts = frontier.map(([feed, length, head, forkedAt]) => join(unhex(feed), u32(length), head === null ? new Uint8Array(32) : unhex(head), u32(forkedAt ?? 0xffff_ffff)));
    // The village's feeds lie each in a bucket of its own.
    const nested = frontier.map(([feed], index) => {
      const leaf = hash("bucket", new Uint8Array([2]), parts[index]!);
      const branch = hash("bucket", new Uint8Array([1, Number.parseInt(feed.slice(2, 3), 16)]), leaf);
      return join(new Uint8Array([Number.parseInt(feed.slice(0, 2), 16)]), branch);
    });
    expect([frontierDigest(entries), frontierDigest([...entries].reverse()), hex(hash("frontier", ...nested))]).toEqual(Array(3).fill(vector["digest"]));
    expect([frontierDigest([]), hex(hash("frontier"))]).toEqual(Array(2).fill(named(readVectors("community"), "nothing held")["digest"]));
  });
  test("the fingerprint, by a replica that takes the chunks in and by hand from what counts", () => {
    const tag = textOf(vector, "tag") as Tag;
    const replica = createReplica(tag);
    const group = { tag, id: "" as never, epoch: epochKeyFrom(bytesOf(vector, "epoch")) };
    for (const bytes of envelopesIn(vector, "chunks")) takeIn(replica, group, bytes);
    const proof = parseForkProof(tag, bytesOf(vector, "proof"));
    expect(proof.ok && replica.takeProof(proof.value)).toBe(true);
    expect([replica.fingerprint(), replica.digest(), replica.frontier()]).toEqual([vector["fingerprint"], vector["digest"], entries]);

    const ids = (written: readonly (readonly (string | number | boolean | readonly string[])[])[]): readonly Plain[] =>
      written.map((row) => row.map((cell): Plain => (typeof cell === "string" ? unhex(cell) : typeof cell === "object" ? cell.map(unhex) : cell)));
    const part = (field: string) => {
      const rows = ids(vector[field] as readonly (readonly string[])[]);
      return join(encodeByHand(rows.length), ...rows.map(encodeByHand));
    };
    const forks = ids(vector["forks"] as readonly (readonly string[])[]).map(encodeByHand);
    const byHand = hash("fingerprint", encodeByHand([1, unhex(tag)]), part("members"), part("invites"), part("promises"), encodeByHand(envelopesIn(vector, "counted").length), ...envelopesIn(vector, "counted"), encodeByHand(forks.length), ...forks);
    expect(hex(byHand)).toBe(vector["fingerprint"]);
  });
});
