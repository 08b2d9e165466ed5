import { beforeAll, describe, expect, test } from "vitest";
import { bytesToHex, utf8ToBytes } from "../../../protocol/codec/bytes.ts";
import { encodeValue } from "../../../protocol/codec/value.ts";
import { epochKeyFrom, keyIdOf, sealBody } from "../../../protocol/crypto/seal.ts";
import { checkSignature, publicKeyOf } from "../../../protocol/crypto/signature.ts";
import { encodeStatement, MAX_DEPS } from "../../../protocol/envelope/body.ts";
import { openEnvelope, type Envelope } from "../../../protocol/envelope/envelope.ts";
import { bindingOf, createBirth, envelopeMessage, idOf } from "../../../protocol/envelope/header.ts";
import { bodyHashOf } from "../../../protocol/envelope/envelope.ts";
import { signMessage } from "../../../protocol/crypto/signature.ts";
import { encodeEvidence } from "../../../protocol/acts/evidence.ts";
import { chunkOf, encodeChunk, linksOf, stripChunk, type Chunk } from "../../../protocol/feed/chunk.ts";
import { actChecks, judge, openLinks, prepareChunk, withVerdict, type Content } from "../../../protocol/space/ingest.ts";
import type { Millis } from "../../../protocol/lang/brand.ts";
import {
  bytesOf,
  chunkOfAll,
  createChance,
  found,
  ingest,
  invite,
  join,
  replicaOf,
  say,
  sayRaw,
  twinOf,
  type Group,
  type Person,
} from "../../people.ts";

const chance = createChance(5);
let group: Group;
let ana: Person;
let feed: Envelope[];
beforeAll(() => {
  const made = found("Ana", chance);
  ({ group, founder: ana } = made);
  feed = [...made.envelopes, say(ana, group, chance, 3, [], { kind: "offer", title: "Bread" })];
});
const context = (more: object = {}) => ({ tag: group.tag, deviceKey: null, relayKeys: [group.epoch.relayPublic], ...more });
const prepare = (chunk: Chunk, more: object = {}) => prepareChunk(context(more), encodeChunk(chunk));
const prepared = (chunk: Chunk, more: object = {}) => {
  const result = prepare(chunk, more);
  if (!result.ok) throw new Error(result.error.kind);
  return result.value;
};
const verdictOf = (chunk: Chunk, more: object = {}) => {
  const result = prepare(chunk, more);
  if (!result.ok) return result.error.kind;
  const judged = judge(result.value, result.value.checks.map(checkSignature));
  return judged.ok ? "judged" : judged.error.kind;
};
const contentOf = (envelope: Envelope, keys = [group.epoch]): Content =>
  openLinks(group.tag, envelope.feed, linksOf(group.tag, chunkOf(envelope)), keys)[0]!.content;

describe("I1: nothing before the tail is verified, and a birth is admitted", () => {
  test("an honest chunk is judged, by two signatures at a birth and one after it", () => {
    expect(verdictOf(chunkOfAll(feed))).toBe("judged");
    expect(prepared(chunkOfAll(feed)).checks).toHaveLength(2);
    const later = prepared(chunkOf(feed[1]!), { deviceKey: ana.writer.birth.deviceKey });
    expect([later.checks.length, later.newKeys.length]).toEqual([1, 0]);
  });
  test("a tail signed by another hand is refused", () => {
    expect(verdictOf({ ...chunkOfAll(feed), signature: feed[1]!.signature })).toBe("bad-signature");
  });
  test("a chunk whose verdicts are missing or too few is refused", () => {
    const value = prepared(chunkOfAll(feed));
    for (const verdicts of [[], [true], [true, false], [true, true, true]])
      expect(judge(value, verdicts)).toMatchObject({ error: { kind: "bad-signature" } });
  });
  test("a feed admitted under a relay key nobody knows is refused before any signature", () => {
    const stranger = epochKeyFrom(chance(32));
    expect(verdictOf(chunkOfAll(feed), { relayKeys: [stranger.relayPublic] })).toBe("not-admitted");
    expect(verdictOf(chunkOfAll(feed), { relayKeys: [] })).toBe("not-admitted");
    expect(verdictOf(chunkOfAll(feed), { relayKeys: null })).toBe("judged"); // a porch knows none yet
  });
  test("an admission that the relay key did not sign is refused", () => {
    const seed = chance(32);
    const { feed: id, birth } = createBirth(group.tag, epochKeyFrom(chance(32)), publicKeyOf(seed), chance(32));
    const forged = { ...birth, relayKey: group.epoch.relayPublic };
    const place = { tag: group.tag, feed: id, seq: 0, prev: null, birth: forged };
    expect(verdictOf(chunkOf(openEnvelope(seed, place, new Uint8Array([1]))))).toBe("bad-signature");
  });
  test("a birth does not name a feed of another community", () => {
    expect(verdictOf(chunkOfAll(feed), { tag: "00".repeat(32) })).toBe("foreign-feed-name");
  });
  test("the middle of an unknown feed asks for its birth", () => {
    expect(prepare(chunkOf(feed[1]!))).toEqual({ ok: false, error: { kind: "unknown-feed", feed: feed[0]!.feed } });
  });
  test("a device key of small order is not admitted, whatever verifies under it", () => {
    const key = new Uint8Array(32);
    key[0] = 1;
    const { feed: id, birth } = createBirth(group.tag, group.epoch, key, chance(32));
    const envelope = openEnvelope(chance(32), { tag: group.tag, feed: id, seq: 0, prev: null, birth }, new Uint8Array([1]));
    const value = prepared(chunkOf(envelope));
    expect(
      judge(
        value,
        value.checks.map(() => true),
      ),
    ).toEqual({ ok: false, error: { kind: "inadmissible-key" } });
  });
  test("nor is a relay key of small order on a porch", () => {
    const seed = chance(32);
    const made = createBirth(group.tag, group.epoch, publicKeyOf(seed), chance(32));
    const birth = { ...made.birth, relayKey: new Uint8Array(32) };
    const envelope = openEnvelope(seed, { tag: group.tag, feed: made.feed, seq: 0, prev: null, birth }, new Uint8Array([1]));
    const value = prepared(chunkOf(envelope), { relayKeys: null });
    expect(
      judge(
        value,
        value.checks.map(() => true),
      ),
    ).toEqual({ ok: false, error: { kind: "inadmissible-key" } });
  });
});

describe("I2: a body that does not parse is void, and the chain goes on", () => {
  test.each<readonly [string, () => Uint8Array, string]>([
    ["no value", () => new Uint8Array([255]), "not-canonical"],
    ["no statement", () => encodeValue([1]), "malformed at "],
    [
      "deps out of order",
      () =>
        encodeStatement({ form: "act", at: 1 as Millis, deps: [feed[0]!.id, feed[0]!.id], act: new Map([["kind", "offer"]]) }),
      "unsorted-deps",
    ],
    [
      "more than sixteen deps",
      () =>
        encodeStatement({
          form: "act",
          at: 1 as Millis,
          deps: Array(MAX_DEPS + 1).fill(feed[0]!.id),
          act: new Map([["kind", "x"]]),
        }),
      "malformed at deps",
    ],
    [
      "an offer without title",
      () => encodeStatement({ form: "act", at: 1 as Millis, deps: [], act: new Map([["kind", "offer"]]) }),
      "malformed at act.title",
    ],
    [
      "a genesis of newer rules",
      () => encodeStatement({ form: "act", at: 1 as Millis, deps: [], act: new Map([["kind", "genesis"]]) }),
      "malformed at act.random",
    ],
  ])("%s", (_, make, why) => {
    const twin = twinOf(ana);
    const bad = sayRaw(twin, group, chance, make());
    const next = say(twin, group, chance, 9, [], { kind: "offer", title: "Jam" });
    expect(contentOf(bad)).toEqual({ kind: "void", why });
    const replica = replicaOf(group, [...feed, bad, next]);
    expect(replica.community.posts().map(({ post }) => post.act.title)).toEqual(["Jam", "Bread"]);
  });
  test("a body that its key does not open, and bad padding, are void", () => {
    const forged = (body: (fields: Envelope) => Uint8Array): Envelope => {
      const fields = { ...feed[2]!, keyId: keyIdOf(group.epoch, feed[2]!.feed, 2) };
      const made = body(fields);
      const bodyHash = bodyHashOf(made);
      const id = idOf(bindingOf(fields), bodyHash);
      return { ...fields, id, bodyHash, body: made, signature: signMessage(ana.writer.deviceSeed, envelopeMessage(id)) };
    };
    expect(contentOf(forged(() => new Uint8Array(300)))).toEqual({ kind: "void", why: "wrong-seal" });
    expect(contentOf(forged(() => sealBody(group.epoch, new Uint8Array(1), chance(24), utf8ToBytes("x"))))).toEqual({
      kind: "void",
      why: "wrong-seal",
    });
  });
  test("open bodies that hold no key boxes are void", () => {
    const { writer } = ana;
    const place = { tag: group.tag, feed: writer.feed, seq: writer.length, prev: writer.head, birth: null };
    expect(contentOf(openEnvelope(writer.deviceSeed, place, encodeValue(1)))).toMatchObject({ kind: "void" });
  });
  test("the verdict does not depend on what else came in the chunk: a key id of another span names no key", () => {
    const twin = twinOf(ana);
    const late: Envelope[] = [];
    while (twin.writer.length < 256) late.push(sayRaw(twin, group, chance, encodeValue(1)));
    const { writer } = twin;
    const fields = { tag: group.tag, feed: writer.feed, seq: 256, prev: writer.head, keyId: late[0]!.keyId, birth: null };
    const plain = encodeStatement({
      form: "act",
      at: 1 as Millis,
      deps: [],
      act: new Map([
        ["kind", "offer"],
        ["title", "Smuggled"],
      ]),
    });
    const body = sealBody(group.epoch, bindingOf(fields), chance(24), plain);
    const bodyHash = bodyHashOf(body);
    const id = idOf(bindingOf(fields), bodyHash);
    const smuggled: Envelope = { ...fields, id, bodyHash, body, signature: signMessage(writer.deviceSeed, envelopeMessage(id)) };
    const together = chunkOfAll([late.at(-1)!, smuggled]);
    expect(openLinks(group.tag, writer.feed, linksOf(group.tag, together), [group.epoch])[1]!.content).toEqual(
      contentOf(smuggled),
    );
    expect(contentOf(smuggled)).toEqual({ kind: "sealed" });
  });
});

describe("I3: a body under no key we hold is kept sealed", () => {
  test("with no key, and with another community's", () => {
    for (const keys of [[], [epochKeyFrom(chance(32))]]) expect(contentOf(feed[2]!, keys)).toEqual({ kind: "sealed" });
  });
  test("an absent body is absent, an edit and an unknown kind opaque", () => {
    const chunk = chunkOf(feed[2]!);
    const bare = { ...chunk, entries: chunk.entries.map((entry) => ({ ...entry, body: null })) };
    expect(openLinks(group.tag, chunk.feed, linksOf(group.tag, bare), [group.epoch])[0]!.content).toEqual({ kind: "absent" });
    const edit = sayRaw(
      twinOf(ana),
      group,
      chance,
      encodeStatement({ form: "edit", at: 1 as Millis, deps: [], seen: [], doc: "d", update: new Uint8Array(1) }),
    );
    const song = sayRaw(
      twinOf(ana),
      group,
      chance,
      encodeStatement({ form: "act", at: 2 as Millis, deps: [], act: new Map([["kind", "song"]]) }),
    );
    expect([contentOf(edit), contentOf(song)]).toEqual([
      { kind: "opaque", at: 1, deps: [] },
      { kind: "opaque", at: 2, deps: [] },
    ]);
  });
});

describe("I4: a join is void unless its signatures hold", () => {
  const checksOf = (envelope: Envelope) => {
    const [opened] = openLinks(group.tag, envelope.feed, linksOf(group.tag, chunkOf(envelope)), [group.epoch]);
    return { opened: opened!, needed: actChecks(group.tag, envelope.feed, opened!) };
  };
  test("an invited person's: certificate and proof; a founder's: the certificate", () => {
    const door = invite(twinOf(ana), group, chance, 4, [feed[1]!.id]);
    const { needed } = checksOf(join("Bo", group, chance, 5, door.secret, door.act.id).envelope);
    expect(needed?.checks.map(checkSignature)).toEqual([true, true]);
    expect(needed?.newKeys).toHaveLength(2);
    expect(checksOf(feed[1]!).needed?.checks.map(checkSignature)).toEqual([true]);
    expect(checksOf(feed[2]!).needed).toBeNull();
  });
  test("a proof by another secret, and one made for another feed, do not hold", () => {
    const twin = twinOf(ana);
    const door = invite(twin, group, chance, 4, [feed[1]!.id]);
    const forged = join("Eve", group, chance, 5, chance(32), door.act.id);
    const honest = join("Bo", group, chance, 5, door.secret, door.act.id);
    expect(checksOf(forged.envelope).needed?.checks.map(checkSignature)).toEqual([true, true]); // it proves a key, only not the door's
    const [opened] = openLinks(group.tag, honest.envelope.feed, linksOf(group.tag, chunkOf(honest.envelope)), [group.epoch]);
    expect(actChecks(group.tag, forged.envelope.feed, opened!)?.checks.map(checkSignature)).toEqual([true, false]);
    const replica = replicaOf(group, [...feed, door.act, door.keys, forged.envelope, honest.envelope]);
    expect([...replica.community.authority().members.values()].map(({ name }) => name).sort()).toEqual(["Ana", "Bo"]);
  });
  test("a join whose verdict was no is void, and its feed speaks for nobody", () => {
    const door = invite(twinOf(ana), group, chance, 4, [feed[1]!.id]);
    const { envelope } = join("Bo", group, chance, 5, door.secret, door.act.id);
    const { opened } = checksOf(envelope);
    expect(withVerdict(opened, true)).toBe(opened);
    expect(withVerdict(opened, false).content).toEqual({ kind: "void", why: "bad-signature in act" });
    const replica = replicaOf(group, [...feed, door.act, door.keys]);
    const judged = ingest(
      replica,
      bytesOf(envelope),
      [group.epoch],
      (check) =>
        checkSignature(check) &&
        bytesToHex(check.key) !==
          bytesToHex(
            opened.content.kind === "authority" && opened.content.act.kind === "join" ? opened.content.act.key! : check.key,
          ),
    )!;
    replica.admit(judged);
    expect(replica.community.authority().members.size).toBe(1);
  });
});

describe("I4, X4, Y1: an accept shows what it takes up", () => {
  const { deviceKey, random } = { deviceKey: () => ana.writer.birth.deviceKey, random: () => ana.writer.birth.random };
  const commit = () =>
    say(twinOf(ana), group, chance, 5, [], { kind: "commit", on: feed[2]!.id, giver: ana.root.id, receiver: ana.root.id });
  const accepting = (parent: Envelope, evidence: Uint8Array) =>
    say(twinOf(ana), group, chance, 6, [], { kind: "accept", parent: parent.id, evidence });
  const shown = (envelope: Envelope) => encodeEvidence(deviceKey(), random(), chunkOf(envelope));
  test("and counts when its evidence is that statement, signed by an admissible device", () => {
    const given = commit();
    const [opened] = openLinks(group.tag, feed[0]!.feed, linksOf(group.tag, chunkOf(accepting(given, shown(given)))), [
      group.epoch,
    ]);
    expect(opened?.content).toMatchObject({ kind: "aid", takesUp: { id: given.id, content: { act: { kind: "commit" } } } });
    const needed = actChecks(group.tag, feed[0]!.feed, opened!)!;
    expect([needed.checks.map(checkSignature), needed.newKeys]).toEqual([[true], [deviceKey()]]);
  });
  test.each<readonly [string, () => Envelope, string]>([
    ["no chunk", () => accepting(commit(), new Uint8Array(70)), "newer-version"],
    ["evidence of another statement", () => accepting(feed[1]!, shown(commit())), "evidence-of-another"],
    ["evidence of what cannot be accepted", () => accepting(feed[2]!, shown(feed[2]!)), "evidence-unreadable"],
    [
      "evidence under a key nobody holds",
      () => {
        const secret = sayRaw(twinOf(ana), { ...group, epoch: epochKeyFrom(chance(32)) }, chance, encodeValue(1));
        return accepting(secret, shown(secret));
      },
      "evidence-unreadable",
    ],
  ])("%s is void", (_, make, why) => expect(contentOf(make())).toEqual({ kind: "void", why }));
  test("a forged tail is seen in its check", () => {
    const given = commit();
    const [opened] = openLinks(
      group.tag,
      feed[0]!.feed,
      linksOf(group.tag, chunkOf(accepting(given, shown({ ...given, signature: feed[1]!.signature })))),
      [group.epoch],
    );
    expect(actChecks(group.tag, feed[0]!.feed, opened!)?.checks.map(checkSignature)).toEqual([false]);
  });
});

test("I5: a chunk whose bodies are not all there is not taken in, and says that another may have them", () => {
  expect(verdictOf(stripChunk(chunkOfAll(feed), true))).toBe("bodies-missing");
  expect(verdictOf(stripChunk(chunkOfAll(feed), false))).toBe("bodies-missing");
});
