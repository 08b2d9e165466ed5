import { describe, expect, test } from "vitest";
import { NO_AUTHORITY } from "../../../protocol/authority/authority.ts";
import type { EnvelopeId } from "../../../protocol/crypto/hash.ts";
import { checkSignature } from "../../../protocol/crypto/signature.ts";
import { MAX_DEPS, parseKeyBoxes } from "../../../protocol/envelope/body.ts";
import { signatureOf } from "../../../protocol/envelope/envelope.ts";
import { linksOf, chunkOf } from "../../../protocol/feed/chunk.ts";
import { openLinks } from "../../../protocol/space/ingest.ts";
import { depsFor, writeAct, writeKeys } from "../../../protocol/space/writer.ts";
import type { Millis } from "../../../protocol/lang/brand.ts";
import { createChance, found, say } from "../../people.ts";

const chance = createChance(8);
const { group, founder, envelopes } = found("Ana", chance);
const id = (n: number) => n.toString(16).padStart(64, "0") as EnvelopeId;
const withHeads = (heads: readonly EnvelopeId[]) => ({ ...NO_AUTHORITY, heads });

describe("O1: deps", () => {
  test("are what the act needs and the heads, ascending, each once", () => {
    expect(depsFor(withHeads([id(1), id(3)]), [id(2), id(1)])).toEqual([id(1), id(2), id(3)]);
  });
  test("keep what the act needs when there are more than sixteen heads", () => {
    const heads = Array.from({ length: 20 }, (_, n) => id(n + 1));
    const deps = depsFor(withHeads(heads), [id(99)]);
    expect([deps.length, deps.at(-1)]).toEqual([MAX_DEPS, id(99)]);
    expect([...deps].sort()).toEqual(deps);
  });
});

test("O2: time does not run backwards in a feed", () => {
  const late = say(founder, group, chance, 50, [], { kind: "offer", title: "a" });
  const early = say(founder, group, chance, 20, [], { kind: "offer", title: "b" });
  const opened = [late, early].flatMap((e) => openLinks(group.tag, e.feed, linksOf(group.tag, chunkOf(e)), [group.epoch]));
  expect(opened.map(({ content }) => ("at" in content ? content.at : null))).toEqual([50, 50]);
});

test("each envelope continues the feed, signed by the device, and the old writer still tells the old place", () => {
  const { writer } = founder;
  const written = writeAct(writer, group.epoch, chance(24), 60 as Millis, [], { kind: "offer", title: "c" });
  expect(written.envelope).toMatchObject({ seq: writer.length, prev: writer.head, birth: null, feed: envelopes[0]!.feed });
  expect(written.writer).toEqual({ ...writer, length: writer.length + 1, head: written.envelope.id, lastAt: 60 });
  expect(checkSignature(signatureOf(written.envelope, writer.birth.deviceKey))).toBe(true);
  const keys = { commitment: group.epoch.commitment, boxes: new Uint8Array(0) };
  const box = writeKeys(written.writer, keys);
  expect(parseKeyBoxes(box.envelope.body)).toEqual({ ok: true, value: keys });
  expect([box.writer.lastAt, box.envelope.prev]).toEqual([60, written.envelope.id]);
});

test("only a first envelope carries the birth", () => {
  expect([envelopes[0]!.birth, envelopes[1]!.birth]).toEqual([founder.writer.birth, null]);
});
