/** An author's own half of the gate: what was typed comes out as edits that fit, and that say no more than they must. */
import * as Y from "yjs";
import { expect, test } from "vitest";
import type { EnvelopeId, FeedId } from "../../../protocol/crypto/hash.ts";
import { clientOf } from "../../../protocol/documents/client.ts";
import { composeEdits, type Composed } from "../../../protocol/documents/compose.ts";
import { joinPasts, type Past } from "../../../protocol/documents/past.ts";
import type { Edit } from "../../../protocol/documents/replay.ts";
import {
  MAX_DELETE_RANGES,
  MAX_PUT_BEFORE,
  MAX_STRUCTS,
  MAX_UPDATE_BYTES,
  scanUpdate,
} from "../../../protocol/documents/update.ts";
import { MAX_SEEN, encodeStatement, parseStatement } from "../../../protocol/envelope/body.ts";
import type { Millis } from "../../../protocol/lang/brand.ts";
import { createScribe, feedBy, memberBy, nameBy, type Scribe } from "./scribes.ts";
import { block, letters, struct, update } from "./hostile.ts";
import { ENTRY, NOTES } from "./stage.ts";

/** A street of twenty. */
const numberOf = (feed: FeedId): number | null =>
  Array.from({ length: 20 }, (_, number) => number).find((number) => feedBy(number) === feed) ?? null;
const scribe = (number: number, name = NOTES): Scribe => createScribe(name, number, numberOf);
const hear = (who: Scribe, edits: readonly Edit[]): void => edits.forEach((edit) => void who.take(edit));
const scanned = (edits: readonly Edit[]) =>
  edits.map(({ update }) => {
    const found = scanUpdate(update);
    if (!found.ok) throw new Error(found.error);
    return found.value;
  });
/** Somebody else takes it all in, and reads the same. */
function expectRead(from: Scribe, edits: readonly Edit[], others: readonly Edit[] = [], name = NOTES): void {
  const reader = scribe(19, name);
  hear(reader, [...others, ...edits]);
  expect(
    reader
      .replay()
      .decided()
      .filter(({ verdict }) => verdict !== "counts"),
  ).toEqual([]);
  expect(reader.replay().waiting()).toBe(0);
  expect(reader.live.toJSON()).toEqual(from.live.toJSON());
}

test("C1: a long text is cut between letters, and every part fits", () => {
  const ana = scribe(0);
  ana.type((doc) => doc.getText("title").insert(0, `x${"🌱".repeat(40_000)}`));
  const edits = ana.settle();
  expect(edits.length).toBeGreaterThan(3);
  for (const { update } of edits) expect(update.length).toBeLessThanOrEqual(MAX_UPDATE_BYTES);
  expectRead(ana, edits);
});

test("C1: no more structs than fit, and no more of them before one's own", () => {
  const ana = scribe(0);
  ana.type((doc) => {
    for (let n = 0; n < 600; n += 1) doc.getMap("lines").set(memberBy(0), `line ${n}`);
    for (let n = 0; n < 700; n += 1) doc.getText("title").insert(Math.floor(n / 2), String(n % 10));
    for (let n = 0; n < 9; n += 1) doc.getText("title").insert(0, String(n));
  });
  const edits = ana.settle();
  const updates = scanned(edits);
  for (const { structs } of updates) expect(structs.length).toBeLessThanOrEqual(MAX_STRUCTS);
  expect(updates.reduce((sum, { structs }) => sum + structs.length, 0)).toBeGreaterThan(MAX_STRUCTS);
  expect(updates.length).toBeGreaterThan(9 / (MAX_PUT_BEFORE + 1));
  expectRead(ana, edits);
});

test("C1: no more deletions than fit", () => {
  const ana = scribe(0);
  ana.type((doc) => doc.getText("title").insert(0, "ab".repeat(3_000)));
  const first = ana.settle();
  ana.type((doc) => {
    for (let at = 0; at < 3_000; at += 1) doc.getText("title").delete(at, 1);
  });
  const edits = ana.settle();
  expect(edits.length).toBe(Math.ceil(3_000 / MAX_DELETE_RANGES));
  expectRead(ana, [...first, ...edits]);
});

test("C1: a long text and many deletions do not share an edit that they would not fit", () => {
  const ana = scribe(0);
  ana.type((doc) => doc.getText("title").insert(0, "ab".repeat(20_000)));
  const first = ana.settle();
  ana.type((doc) => {
    for (let at = 0; at < 1_000; at += 1) doc.getText("title").delete(at, 1);
    doc.getText("title").insert(doc.getText("title").length, "x".repeat(48_990));
  });
  const edits = ana.settle();
  for (const { update } of edits) expect(update.length).toBeLessThanOrEqual(MAX_UPDATE_BYTES);
  expectRead(ana, [...first, ...edits]);
});

test("C1: values that Yjs put into one struct are taken apart, each as it was", () => {
  const ana = scribe(0, ENTRY);
  const values = ["", "a", "ü🌱".repeat(20), 0, 1, 63, 64, 65, -1, -64, 2 ** 31 - 1, -(2 ** 31 - 1), true, false];
  ana.type((doc) => values.forEach((value) => void doc.getMap("facts").set("seats", value)));
  const edits = ana.settle();
  const found = scanned(edits).flatMap(({ structs }) =>
    structs.flatMap(({ content }) => (content.kind === "values" ? content.values : [])),
  );
  expect(found).toEqual(values);
  expectRead(ana, edits, [], ENTRY);
});

test("C1, C2: what names more feeds than one edit may is several edits; seventeen in one are no statement", () => {
  const ana = scribe(0);
  const told: Edit[] = [];
  for (let number = 1; number < 19; number += 1) {
    const other = scribe(number);
    other.type((doc) => doc.getMap("lines").set(memberBy(number), "a line"));
    other.type((doc) => doc.getText("title").insert(0, "x"));
    told.push(...other.settle());
  }
  hear(ana, told);
  ana.type((doc) => doc.getText("title").delete(0, 18));
  const edits = ana.settle();
  expect(edits.map(({ seen }) => seen.length)).toEqual([MAX_SEEN, 2]);
  expectRead(ana, edits, told);

  const seen = Array.from({ length: MAX_SEEN + 1 }, (_, n) => ({
    feed: n.toString(16).padStart(64, "0") as FeedId,
    seq: 0,
    id: nameBy<EnvelopeId>(n, 5),
  }));
  const statement = (count: number) =>
    parseStatement(
      encodeStatement({
        form: "edit",
        at: 1 as Millis,
        deps: [],
        seen: seen.slice(0, count),
        doc: NOTES,
        update: edits[0]!.update,
      }),
    );
  expect(statement(MAX_SEEN).ok).toBe(true);
  expect(statement(MAX_SEEN + 1).ok).toBe(false);
});

test("C2: an edit names what it builds on and no more; what was named once is not named again", () => {
  const [ana, bo, cy] = [scribe(0), scribe(1), scribe(3)];
  bo.type((doc) => doc.getText("title").insert(0, "bo"));
  cy.type((doc) => doc.getMap("lines").set(memberBy(3), "cy's"));
  const told = [...bo.settle(), ...cy.settle()];
  hear(ana, told);
  ana.type((doc) => doc.getText("title").insert(2, "!"));
  const first = ana.settle();
  ana.type((doc) => doc.getText("title").insert(0, "?"));
  const second = ana.settle();
  expect(first.map(({ seen }) => seen.map(({ feed }) => feed))).toEqual([[bo.feed]]);
  expect(second.map(({ seen }) => seen)).toEqual([[]]);
  expectRead(ana, [...first, ...second], told);
});

test("C3: what was typed before something came stands in an edit of its own, where what came is named behind it", () => {
  const [ana, bo] = [scribe(0), scribe(1)];
  ana.type((doc) => doc.getText("title").insert(0, "ab"));
  const base = ana.settle();
  hear(bo, base);
  bo.type((doc) => doc.getText("title").insert(1, "-"));
  const came = bo.settle();
  ana.type((doc) => doc.getText("title").insert(1, "1")); // between a and b, where Bo's will be
  hear(ana, came);
  const at = ana.live.getText("title").toString().indexOf("-");
  ana.type((doc) => doc.getText("title").insert(at + 1, "2")); // beside Bo's
  const edits = ana.settle();
  expect(edits.map(({ seen }) => seen.length)).toEqual([0, 1]);
  expectRead(ana, [...base, ...edits], came);
});

test("what no document has comes out as nothing at all", () => {
  const doc = new Y.Doc({ gc: false });
  doc.clientID = clientOf(feedBy(0));
  doc.getText("title").insert(0, "bold", { bold: true });
  const past = scribe(0).replay().pastOf(feedBy(0));
  expect(composeEdits(Y.encodeStateAsUpdate(doc), [], past, [], { broughtBy: () => null })).toBeNull();
});

test("an author's own check looks at every edit, each on the ground of those before it", () => {
  const ana = scribe(0);
  const client = ana.client;
  const [first, good, bad] = [
    update([block(client, 0, [struct({ area: "title" }, letters("ab"))])]),
    update([block(client, 2, [struct({ left: { client, clock: 0 }, right: { client, clock: 1 } }, letters("x"))])]),
    update([block(client, 2, [struct({ left: { client, clock: 1 }, right: { client, clock: 0 } }, letters("x"))])]),
  ].map((bytes): Composed => ({ update: bytes, seen: [] })) as [Composed, Composed, Composed];
  const { check, decided } = ana.replay();
  expect(check(ana.feed, first, good)).toBeNull();
  expect(check(ana.feed, first, bad)).toBe("not-adjacent");
  expect(check(ana.feed, first, good, good)).toBe("not-next");
  expect(check(ana.feed, good)).toBe("not-next");
  expect([decided().length, ana.replay().doc.getText("title").length]).toEqual([0, 0]);
});

test("a past keeps nothing of what others saw of its own feed: two who answer each other all day do not grow each other's", () => {
  const mine: Past = { client: 1, own: 5, others: new Map([[2, 3]]), hasHoles: false };
  const theirs: Past = { client: 2, own: 3, others: new Map([[1, 5]]), hasHoles: false };
  expect(joinPasts(mine, theirs)).toBe(mine);
});
