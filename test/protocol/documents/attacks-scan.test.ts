/** Attacks on the scanner: bytes that say what no document of ours needs, or say it in another way than the one there is. */
import * as Y from "yjs";
import { describe, expect, test } from "vitest";
import type { ScanRule } from "../../../protocol/documents/rules.ts";
import { scanUpdate } from "../../../protocol/documents/update.ts";
import {
  any,
  block,
  deletions,
  leb,
  letters,
  raw,
  said,
  struct,
  update,
  value,
  words,
  type Bytes,
  type Content,
} from "./hostile.ts";
import { ENTRY, MAL, NOTES, stageOf, stateOf } from "./stage.ts";

const titled = (content: Content): Uint8Array => update([block(MAL, 0, [struct({ area: "title" }, content)])]);
const fact = (content: Content, key = "seats"): Uint8Array => update([block(MAL, 0, [struct({ area: "facts", key }, content)])]);
const good = struct({ area: "title" }, letters("hi"));
/** Two letters of Mal's, and then these deletions. */
const then = (deletes: Bytes): Uint8Array => update([block(MAL, 0, [good])], deletes);

type Attack = readonly [name: string, rule: ScanRule, bytes: Uint8Array];
const numbers: readonly Attack[] = [
  ["nothing", "cut-short", new Uint8Array()],
  ["the end is missing", "cut-short", titled(letters("hello")).slice(0, -3)],
  ["a text that claims more than is left", "cut-short", titled({ ref: 4, bytes: [...leb(2 ** 40), 65] })],
  ["a number with a zero behind it", "long-number", update([[...leb(1, 1), ...leb(MAL), ...leb(0), ...good]])],
  ["a client written long", "long-number", update([[...leb(1), ...leb(MAL, 1), ...leb(0), ...good]])],
  [
    "a clock of 2^53, beyond exact integers",
    "long-number",
    update([[1, ...leb(MAL), ...Array<number>(7).fill(128), 16, ...good]]),
  ],
  ["a number of ten bytes", "long-number", new Uint8Array([1, 1, ...Array<number>(9).fill(255), 1, ...good, 0])],
  [
    "an area marked with 2, which Yjs reads as an id's mark",
    "long-number",
    update([block(MAL, 0, [[4, 2, ...said(raw("title")), ...letters("x").bytes]])]),
  ],
  ["a byte behind the end", "trailing", new Uint8Array([...titled(letters("hi")), 0])],
  ["a second update behind the first", "trailing", new Uint8Array([...titled(letters("hi")), ...titled(letters("hi"))])],
];
const blocks: readonly Attack[] = [
  [
    "two blocks of one client, of which Yjs takes the last",
    "second-author",
    update([block(MAL, 0, [good]), block(MAL, 0, [good])]),
  ],
  ["a second author's block", "second-author", update([block(MAL, 0, [good]), block(7, 0, [good])])],
  ["2^40 clients", "second-author", new Uint8Array([...leb(2 ** 40), 1, 1])],
  ["nothing said", "says-nothing", update([])],
  ["a block of no structs", "says-nothing", update([block(MAL, 0, [])])],
  ["seven bytes that claim 2^28 structs", "too-many-structs", new Uint8Array([1, ...leb(2 ** 28), 1, 0])],
  ["1,025 structs", "too-many-structs", update([block(MAL, 0, Array<Bytes>(1_025).fill(good))])],
];
const contents: readonly Attack[] = [
  ["a collected struct (GC)", "unknown-content", update([block(MAL, 0, [[0, ...leb(5)]])])],
  ["a collected struct of 2^50 clocks", "unknown-content", update([block(MAL, 0, [[0, ...leb(2 ** 50)]])])],
  ["a hole (Skip)", "unknown-content", update([block(MAL, 0, [[10, ...leb(5)]])])],
  ["content that is deleted already", "unknown-content", titled({ ref: 1, bytes: leb(3) })],
  ["JSON", "unknown-content", titled({ ref: 2, bytes: [1, ...said(raw("1"))] })],
  ["binary", "unknown-content", titled({ ref: 3, bytes: said([1, 2]) })],
  ["an embed", "unknown-content", titled({ ref: 5, bytes: said(raw("{}")) })],
  ["a format", "unknown-content", titled({ ref: 6, bytes: [...said(raw("bold")), ...said(raw("true"))] })],
  ["a subdocument", "unknown-content", titled({ ref: 9, bytes: [...said(raw("guid")), 118, 0] })],
  ["a number of content that Yjs has not", "unknown-content", titled({ ref: 31, bytes: [] })],
  ["an XML element", "unknown-content", titled({ ref: 7, bytes: [3, ...said(raw("script"))] })],
  ["an XML fragment", "unknown-content", titled({ ref: 7, bytes: [4] })],
  ["XML text", "unknown-content", titled({ ref: 7, bytes: [6] })],
];
const texts: readonly Attack[] = [
  ["no letters", "bad-text", titled(letters(""))],
  ["an area without a name", "bad-text", update([block(MAL, 0, [struct({ area: "" }, letters("x"))])])],
  ["a key without a name", "bad-text", fact(value("x"), "")],
  ["half a letter (a lone surrogate)", "bad-text", titled({ ref: 4, bytes: said([0xed, 0xa0, 0x80]) })],
  ["a letter written longer than needed", "bad-text", titled({ ref: 4, bytes: said([0xc0, 0xaf]) })],
  ["a letter of three bytes written longer than needed", "bad-text", titled({ ref: 4, bytes: said([0xe0, 0x80, 0xaf]) })],
  ["a letter of four bytes written longer than needed", "bad-text", titled({ ref: 4, bytes: said([0xf0, 0x80, 0x80, 0xaf]) })],
  ["a letter beyond Unicode", "bad-text", titled({ ref: 4, bytes: said([0xf4, 0x90, 0x80, 0x80]) })],
  ["a letter that begins as no letter does any more", "bad-text", titled({ ref: 4, bytes: said([0xf5, 0x80, 0x80, 0x80]) })],
  [
    "a letter that goes on behind its text",
    "bad-text",
    new Uint8Array([...titled({ ref: 4, bytes: said([0xf0, 0x9f, 0x8c]) }).slice(0, -1), 0xb1, 1, 1, 0, 1]),
  ],
  ["a letter that breaks off", "bad-text", titled({ ref: 4, bytes: said([0xf0, 0x9f, 0x8c]) })],
  ["a letter whose third byte is another's", "bad-text", titled({ ref: 4, bytes: said([0xe2, 0x82, 0x41]) })],
  ["a byte that begins nothing", "bad-text", titled({ ref: 4, bytes: said([0x80]) })],
  [
    "half a letter in a key",
    "bad-text",
    update([block(MAL, 0, [[8 + 32, 1, ...said(raw("facts")), ...said([0xed, 0xa0, 0x80]), ...value("x").bytes]])]),
  ],
  ["half a letter in a value", "bad-text", fact(any([119, ...said([0xed, 0xb0, 0x80])]))],
];
const values: readonly Attack[] = [
  ["an object with __proto__", "bad-value", fact(any([118, 1, ...said(raw("__proto__")), 118, 1, ...said(raw("isAdmin")), 120]))],
  ["a list in a list in a list", "bad-value", fact(any([117, 1, 117, 1, 117, 0]))],
  ["undefined", "bad-value", fact(any([127]))],
  ["null", "bad-value", fact(any([126]))],
  ["a float", "bad-value", fact(any([124, 63, 128, 0, 0]))],
  ["a double that is not a number", "bad-value", fact(any([123, 127, 248, 0, 0, 0, 0, 0, 0]))],
  ["a bigint", "bad-value", fact(any([122, 0, 0, 0, 0, 0, 0, 0, 1]))],
  ["bytes", "bad-value", fact(any([116, 1, 1]))],
  ["minus zero", "bad-value", fact(any([125, 64]))],
  ["a whole number over 31 bits", "bad-value", fact(any([125, 128, 128, 128, 128, 16]))],
  ["a whole number that never ends", "bad-value", fact(any([125, ...Array<number>(12).fill(255)]))],
  ["a whole number written longer than needed", "bad-value", fact(any([125, 129, 0]))],
  ["two values in one", "bad-value", fact(any(words("a"), words("b")))],
  ["no value", "bad-value", fact(any())],
  ["2^40 values", "bad-value", fact({ ref: 8, bytes: [...leb(2 ** 40), ...words("a")] })],
];
const deletes: readonly Attack[] = [
  [
    "1,025 ranges",
    "too-many-deletes",
    then(deletions([MAL, ...Array.from({ length: 1_025 }, (_, n): [number, number] => [2 * n, 1])])),
  ],
  ["2^40 ranges", "too-many-deletes", then([1, ...leb(MAL), ...leb(2 ** 40)])],
  ["2^40 clients that delete", "cut-short", then([...leb(2 ** 40)])],
  ["reversed ranges", "deletes-unordered", then(deletions([MAL, [1, 1], [0, 1]]))],
  ["overlapping ranges", "deletes-unordered", then(deletions([MAL, [0, 2], [1, 1]]))],
  ["ranges that touch", "deletes-unordered", then(deletions([MAL, [0, 1], [1, 1]]))],
  ["one range twice", "deletes-unordered", then(deletions([MAL, [0, 1], [0, 1]]))],
  ["an empty range", "deletes-unordered", then(deletions([MAL, [0, 0]]))],
  ["a client without ranges", "deletes-unordered", then(deletions([MAL]))],
  ["one client twice", "deletes-unordered", then(deletions([MAL, [0, 1]], [MAL, [1, 1]]))],
  ["clients that ascend", "deletes-unordered", then(deletions([3, [0, 1]], [MAL, [0, 1]]))],
];

describe.each([
  ["numbers", NOTES, numbers],
  ["blocks", NOTES, blocks],
  ["content", NOTES, contents],
  ["text", ENTRY, texts],
  ["values", ENTRY, values],
  ["deletions", NOTES, deletes],
] as const)("%s", (_kind, name, attacks) => {
  test.each(attacks)("%s: refused as %s, and nothing comes of it", (_name, rule, bytes) => {
    const stage = stageOf(name);
    stage.honest(stage.ana, (doc) => doc.getText("title").insert(0, "hello"));
    expect(scanUpdate(bytes)).toEqual({ ok: false, error: rule });
    expect(stage.refuse(bytes)).toBe(rule);
  });
});

describe("what these would be good for", () => {
  test("a refused edit takes no clock: a good one stands where it would have stood", () => {
    const stage = stageOf(NOTES);
    expect(stage.refuse(titled({ ref: 5, bytes: said(raw("{}")) }))).toBe("unknown-content");
    expect(stage.send(titled(letters("hi")))).toBe("counts");
    expect(stage.ana.live.getText("title").toString()).toBe("hi");
  });

  test("plain Yjs makes roots for an update of which it can take in nothing; the gate never shows it to Yjs", () => {
    const bytes = update([
      block(
        7,
        5,
        ["a", "b", "c"].map((area) => struct({ area }, letters("x"))),
      ),
    ]);
    const plain = new Y.Doc();
    Y.applyUpdate(plain, bytes);
    expect([...plain.share.keys()]).toEqual(["a", "b", "c"]);
    const stage = stageOf(NOTES);
    expect(stage.refuse(bytes)).toBe("foreign-author");
  });

  test("plain Yjs hands out an object whose prototype its author chose", () => {
    const plain = new Y.Doc();
    Y.applyUpdate(plain, fact(any([118, 1, ...said(raw("__proto__")), 118, 1, ...said(raw("isAdmin")), 120])));
    const got = plain.getMap("facts").get("seats") as { readonly isAdmin?: boolean };
    expect([Object.keys(got), got.isAdmin]).toEqual([[], true]);
    expect(Object.hasOwn(Object.prototype, "isAdmin")).toBe(false);
  });

  test("plain Yjs reads two blocks of one client as the last of them alone", () => {
    const bytes = update([
      block(7, 0, [struct({ area: "title" }, letters("aa"))]),
      block(7, 0, [struct({ area: "title" }, letters("b"))]),
    ]);
    const plain = new Y.Doc();
    Y.applyUpdate(plain, bytes);
    expect(plain.getText("title").toString()).toBe("b");
  });

  test("what is canonical is let in: text of every width, and a document that already has Yjs's own mark in it", () => {
    const stage = stageOf(NOTES);
    expect(stage.send(titled(letters("\ufeffaü€🌱\u0000")))).toBe("counts");
    expect(stage.ana.live.getText("title").toString()).toBe("\ufeffaü€🌱\u0000");
    expect(stateOf(stage.ana.live)).toMatchObject({ waiting: [null, null] });
  });
});
