/**
 * Bombs: the heaviest that one edit of 48 KiB can say, in the worst document for it. Each takes at most 20 ms of this process's own
 * time, the best of some tries: the machine has other things to do, and a bomb is heavy every time. Alone, because the time of a
 * process is that of all its threads.
 */
import * as Y from "yjs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { clientOf } from "../../../protocol/documents/client.ts";
import { gate } from "../../../protocol/documents/gate.ts";
import { createDoc, groundOf, type Ground } from "../../../protocol/documents/ground.ts";
import { hung, voided } from "../../../protocol/documents/hang.ts";
import { subjectOf, type DocumentKind } from "../../../protocol/documents/kinds.ts";
import type { Past } from "../../../protocol/documents/past.ts";
import { MAX_PUT_BEFORE, MAX_UPDATE_BYTES, scanUpdate, type ItemId } from "../../../protocol/documents/update.ts";
import { bestOf } from "../../best-of.ts";
import { feedBy, memberBy } from "./scribes.ts";
import { any, block, deletions, leb, letters, struct, update, value, type Bytes, type Head } from "./hostile.ts";
import { ENTRY, MAL, NOTES } from "./stage.ts";

const LIMIT_MS = 20;
const TRIES = 12;
const ANA = clientOf(feedBy(0));
const of = (client: number, clock: number): ItemId => ({ client, clock });
const claim = { member: memberBy(2), isSteward: false };

/** Of this process, whatever else the machine does meanwhile. */
function ownMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
const took = (work: () => void): number => bestOf(TRIES, LIMIT_MS, work, ownMs);

/** A title of 20,000 letters that Yjs cannot join: every other one is deleted. */
const ragged = (kind: DocumentKind): Y.Doc => {
  const doc = createDoc(kind, ANA);
  doc.getText("title").insert(0, "ab".repeat(10_000));
  doc.transact(() => {
    for (let at = 0; at < 10_000; at += 1) doc.getText("title").delete(at, 1);
  });
  return doc;
};
/** 20,000 values under one key, one after the other, of which Yjs can join none. */
const worn = (): Y.Doc => {
  const doc = createDoc("entry", ANA);
  doc.transact(() => {
    for (let at = 0; at < 10_000; at += 1) {
      doc.getMap("facts").set("a", at);
      doc.getMap("facts").set("b", at);
    }
  });
  return doc;
};
const notes = subjectOf(NOTES)!;
const entry = subjectOf(ENTRY)!;
const seen = (upTo: number): Past => ({ client: MAL, own: 0, others: new Map([[ANA, upTo]]), hasHoles: false });
const many = (count: number, made: (n: number) => Bytes): Uint8Array =>
  update([
    block(
      MAL,
      0,
      Array.from({ length: count }, (_, n) => made(n)),
    ),
  ]);

describe("at the scanner", () => {
  const bombs: readonly (readonly [string, Uint8Array])[] = [
    ["one text of 48 KiB", update([block(MAL, 0, [struct({ area: "title" }, letters("x".repeat(MAX_UPDATE_BYTES - 40)))])])],
    ["one text of the widest letters", update([block(MAL, 0, [struct({ area: "title" }, letters("🌱".repeat(12_270)))])])],
    ["one value of 48 KiB", update([block(MAL, 0, [struct({ area: "facts", key: "a" }, value("ü".repeat(24_000)))])])],
    ["a key of 48 KiB", update([block(MAL, 0, [struct({ area: "facts", key: "ü".repeat(24_000) }, value("x"))])])],
    ["1,024 structs", many(1_024, (n) => struct(n === 0 ? { area: "title" } : { left: of(MAL, n - 1) }, letters("x")))],
    ["1,024 ranges", update([], deletions([ANA, ...Array.from({ length: 1_024 }, (_, n): [number, number] => [2 * n, 1])]))],
    [
      "1,024 clients that delete",
      update([], deletions(...Array.from({ length: 1_024 }, (_, n): [number, [number, number]] => [2 ** 50 - n, [0, 1]]))),
    ],
    ["a promise of 2^28 structs", new Uint8Array([1, ...leb(2 ** 28), 1, 0])],
    ["a promise of 2^53 letters", update([block(MAL, 0, [struct({ area: "title" }, { ref: 4, bytes: leb(2 ** 53 - 1) })])])],
    [
      "a promise of 2^53 values",
      update([block(MAL, 0, [struct({ area: "facts", key: "a" }, { ref: 8, bytes: leb(2 ** 53 - 1) })])]),
    ],
    ["48 KiB of the longest numbers", new Uint8Array(MAX_UPDATE_BYTES).fill(255)],
    ["48 KiB of ones", new Uint8Array(MAX_UPDATE_BYTES).fill(1)],
    [
      "48 KiB of clients that delete nothing",
      new Uint8Array([0, ...leb(40_000), ...Array<number>(MAX_UPDATE_BYTES - 8).fill(0)]),
    ],
    [
      "as many values as there is room for",
      update([block(MAL, 0, [struct({ area: "facts", key: "a" }, any(...Array<Bytes>(40_000).fill([120])))])]),
    ],
  ];
  test.each(bombs)("%s: %#", (_name, bytes) => {
    expect(took(() => void scanUpdate(bytes))).toBeLessThan(LIMIT_MS);
  });
});

describe("at the gate, over a document of 20,000 items", () => {
  const title = groundOf(ragged("notes"), "notes");
  const facts = groundOf(worn(), "entry");
  const bombs: readonly (readonly [string, DocumentKind, Ground, Past, Uint8Array])[] = [
    ["1,024 letters beside letters", "notes", title, seen(20_000), many(1_024, (n) => struct(between(n * 19), letters("x")))],
    [
      "letters, each before the last one, at a start that its author had not seen",
      "notes",
      title,
      seen(0),
      many(MAX_PUT_BEFORE + 1, (n) => struct(n === 0 ? { area: "title" } : { right: of(MAL, n - 1) }, letters("x"))),
    ],
    [
      "1,024 letters, each behind the last one, behind the one letter that was seen",
      "notes",
      title,
      seen(1),
      many(1_024, (n) => struct({ left: n === 0 ? of(ANA, 0) : of(MAL, n - 1) }, letters("x"))),
    ],
    ["a letter on the far side of all", "notes", title, seen(1), many(1, () => struct({ right: of(ANA, 0) }, letters("x")))],
    [
      "1,024 ranges over all",
      "notes",
      title,
      seen(20_000),
      update([], deletions([ANA, ...Array.from({ length: 1_024 }, (_, n): [number, number] => [19 * n, 18])])),
    ],
    ["one range over all", "notes", title, seen(20_000), update([], deletions([ANA, [0, 20_000]]))],
    [
      "1,024 letters of its own, each deleted",
      "notes",
      title,
      seen(0),
      update(
        [
          block(
            MAL,
            0,
            Array.from({ length: 1_024 }, (_, n) =>
              struct(n === 0 ? { area: "title" } : { left: of(MAL, 2 * n - 1) }, letters("xy")),
            ),
          ),
        ],
        deletions([MAL, ...Array.from({ length: 1_024 }, (_, n): [number, number] => [2 * n, 1])]),
      ),
    ],
    [
      "1,024 values behind 10,000 that were not seen",
      "entry",
      facts,
      seen(0),
      many(1_024, (n) => struct({ area: "facts", key: n % 2 === 0 ? "a" : "b" }, value("x"))),
    ],
    [
      "1,024 values behind 10,000 of which the first was seen",
      "entry",
      facts,
      seen(2),
      many(1_024, (n) => struct({ left: of(ANA, n % 2), isKeyed: true }, value("x"))),
    ],
    ["1,024 keys", "entry", facts, seen(0), many(1_024, (n) => struct({ area: "facts", key: `k${n}` }, value("x")))],
  ];
  function between(clock: number): Head {
    return { left: of(ANA, clock), right: of(ANA, clock + 1) };
  }
  test.each(bombs)("%s", (_name, kind, ground, past, bytes) => {
    expect(bytes.length).toBeLessThanOrEqual(MAX_UPDATE_BYTES);
    const scanned = scanUpdate(bytes);
    if (!scanned.ok) throw new Error(scanned.error);
    const judge = () => gate(ground, kind === "notes" ? notes : entry, claim, past, scanned.value);
    expect(judge()).toEqual({ ok: true, value: undefined });
    expect(took(() => void judge())).toBeLessThan(LIMIT_MS);
    expect(took(() => void hung(ground, past, scanned.value))).toBeLessThan(LIMIT_MS);
    expect(took(() => void voided(ground, scanned.value))).toBeLessThan(LIMIT_MS);
  });
});

describe("inside Yjs, over the same documents", () => {
  const FAR = 2 ** 53 - 5; // the highest client has the longest way
  const base = { notes: Y.encodeStateAsUpdate(ragged("notes")), entry: Y.encodeStateAsUpdate(worn()) };
  const by = (structs: readonly Bytes[], deletes?: Bytes): Uint8Array => update([block(FAR, 0, structs)], deletes);
  const letter = (n: number, head: (n: number) => Head): Bytes => struct(head(n), letters("x"));
  const before = (count: number): Uint8Array =>
    by(
      Array.from({ length: count }, (_, n) =>
        letter(n, () => ({ left: of(ANA, 0), ...(n === 0 ? {} : { right: of(FAR, n - 1) }) })),
      ),
    );
  const opened = (kind: keyof typeof base): Y.Doc => {
    const doc = createDoc(kind, 0);
    Y.applyUpdate(doc, base[kind]);
    return doc;
  };
  const tookIn = (kind: keyof typeof base, bytes: Uint8Array, tries: number): { bomb: number; opening: number } => {
    let [bomb, opening] = [Infinity, Infinity];
    for (let again = 0; again < tries && bomb >= LIMIT_MS; again += 1) {
      const start = ownMs();
      const doc = opened(kind);
      const between = ownMs();
      Y.applyUpdate(doc, bytes);
      [bomb, opening] = [Math.min(bomb, ownMs() - between), Math.min(opening, between - start)];
    }
    return { bomb, opening };
  };
  afterEach(() => void vi.restoreAllMocks());
  const bombs: readonly (readonly [string, keyof typeof base, Uint8Array])[] = [
    ["as many letters before its own as the scanner lets in", "notes", before(MAX_PUT_BEFORE + 1)],
    [
      "1,024 letters behind its own",
      "notes",
      by(Array.from({ length: 1_024 }, (_, n) => letter(n, () => ({ left: n === 0 ? of(ANA, 0) : of(FAR, n - 1) })))),
    ],
    [
      "1,024 letters beside letters",
      "notes",
      by(Array.from({ length: 1_024 }, (_, n) => letter(n, () => ({ left: of(ANA, 19 * n), right: of(ANA, 19 * n + 1) })))),
    ],
    [
      "1,024 ranges over all",
      "notes",
      update([], deletions([ANA, ...Array.from({ length: 1_024 }, (_, n): [number, number] => [19 * n, 18])])),
    ],
    [
      "1,024 values behind the last",
      "entry",
      by(
        Array.from({ length: 1_024 }, (_, n) =>
          struct({ left: n === 0 ? of(ANA, 19_998) : of(FAR, n - 1), isKeyed: true }, value("x")),
        ),
      ),
    ],
    ["a value behind the first of 10,000", "entry", by([struct({ left: of(ANA, 0), isKeyed: true }, value("x"))])],
  ];
  test.each(bombs)("%s", (_name, kind, bytes) => {
    expect(scanUpdate(bytes).ok).toBe(true);
    const { bomb, opening } = tookIn(kind, bytes, TRIES);
    expect(bomb).toBeLessThan(Math.max(LIMIT_MS, 8 * opening)); // a machine that is that slow just now opens it slowly too
  });

  test("letters before one's own make Yjs walk over the document once each, and the scanner lets in three", () => {
    expect(scanUpdate(before(3)).ok).toBe(true);
    expect(scanUpdate(before(4))).toEqual({ ok: false, error: "too-many-structs" });
    const doc = opened("notes");
    const steps = vi.spyOn(Set.prototype, "add"); // Yjs keeps in sets what it passes, each in two
    Y.applyUpdate(doc, before(3));
    expect(steps.mock.calls.length).toBeGreaterThan(40_000); // or they are kept elsewhere by now, and this counts nothing
    expect(steps.mock.calls.length).toBeLessThan(3 * 2 * 20_000);
  });

  test("40 letters, each before the last one, hold Yjs up for long; the scanner does not let them in", () => {
    expect(scanUpdate(before(MAX_PUT_BEFORE + 2))).toEqual({ ok: false, error: "too-many-structs" });
    expect(tookIn("notes", before(40), 2).bomb).toBeGreaterThan(5 * LIMIT_MS);
  });
});
