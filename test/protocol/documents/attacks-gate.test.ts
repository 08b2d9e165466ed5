/** Attacks on the gate: updates that are well formed, and would change what is not their author's, or split replicas for ever. */
import * as Y from "yjs";
import { describe, expect, test } from "vitest";
import { clientOf } from "../../../protocol/documents/client.ts";
import { profileOf, type DocumentName } from "../../../protocol/documents/kinds.ts";
import type { GateRule } from "../../../protocol/documents/rules.ts";
import { feedBy } from "./scribes.ts";
import {
  any,
  block,
  deletions,
  holding,
  letters,
  struct,
  update,
  value,
  type Bytes,
  type Content,
  type Head,
} from "./hostile.ts";
import { ENTRY, MAL, NOTES, makeBlock, memberOf, stageOf, stateOf, type Stage } from "./stage.ts";

const ANA = clientOf(feedBy(0));
const BO = clientOf(feedBy(1));
const of = (client: number, clock: number) => ({ client, clock });

/** Ana: title "hello" (clocks 0–4). Bo: a block (0), its kind (1), its text (2), "text" (3–6); then his line (7). */
function notes(): Stage {
  const stage = stageOf(NOTES);
  stage.honest(stage.ana, (doc) => doc.getText("title").insert(0, "hello"));
  stage.honest(stage.bo, (doc) => makeBlock(doc, "text"));
  stage.honest(stage.bo, (doc) => void doc.getMap("lines").set(memberOf(1), "bread"));
  return stage;
}
/** Ana, the steward: seats (0), who keeps it (1). */
function entry(): Stage {
  const stage = stageOf(ENTRY);
  stage.honest(stage.ana, (doc) => void doc.getMap("facts").set("seats", "two"));
  stage.honest(stage.ana, (doc) => void doc.getMap("care").set("keeper", "ana"));
  return stage;
}
/** Bo's own page: gladToShare (0). */
const PROFILE = profileOf(memberOf(1));
function profile(): Stage {
  const stage = stageOf(PROFILE);
  stage.honest(stage.bo, (doc) => void doc.getMap("facts").set("gladToShare", "bread"));
  return stage;
}

const one = (head: Head, content: Content, clock = 0): Uint8Array => update([block(MAL, clock, [struct(head, content)])]);
const many = (structs: readonly Bytes[], deletes?: Bytes): Uint8Array => update([block(MAL, 0, structs)], deletes);
const LINES = memberOf(1);
const MINE = memberOf(2);

type Ranges = readonly [number, ...(readonly [number, number])[]];
const descending = (...clients: readonly Ranges[]): readonly Ranges[] => [...clients].sort(([left], [right]) => right - left);

type Attack = readonly [name: string, rule: GateRule, on: () => Stage, bytes: Uint8Array];
const place: readonly Attack[] = [
  ["structs in Bo's name", "foreign-author", notes, update([block(BO, 8, [struct({ area: "title" }, letters("x"))])])],
  ["structs in nobody's name", "foreign-author", notes, update([block(7, 0, [struct({ area: "title" }, letters("x"))])])],
  ["a clock ahead", "not-next", notes, one({ right: of(ANA, 0) }, letters("x"), 1)],
  ["a clock of 2^50, to use them up", "not-next", notes, one({ right: of(ANA, 0) }, letters("x"), 2 ** 50)],
];
const named: readonly Attack[] = [
  ["left of it what nobody wrote", "unknown-neighbour", notes, one({ left: of(ANA, 5) }, letters("x"))],
  ["right of it what nobody wrote", "unknown-neighbour", notes, one({ right: of(7, 0) }, letters("x"))],
  ["inside what nobody wrote", "unknown-neighbour", notes, one({ parent: of(BO, 99) }, letters("x"))],
  ["its own future as a neighbour", "unknown-neighbour", notes, one({ left: of(MAL, 1) }, letters("xx"))],
  ["itself as a parent", "unknown-neighbour", notes, one({ parent: of(MAL, 0), key: "kind" }, value("quote"))],
];
const parents: readonly Attack[] = [
  [
    "between the title and a block's text (a splice)",
    "two-parents",
    notes,
    one({ left: of(ANA, 4), right: of(BO, 3) }, letters("x")),
  ],
  ["between two keys", "two-parents", notes, one({ left: of(BO, 1), right: of(BO, 2), isKeyed: true }, value("quote"))],
  ["a key where its neighbour has none", "key-mark", notes, one({ left: of(ANA, 4), isKeyed: true }, letters("x"))],
  ["no key where its neighbour has one", "key-mark", notes, one({ left: of(BO, 1) }, value("quote"))],
  ["an area of another kind of document", "unknown-area", notes, one({ area: "care", key: "keeper" }, value("mal"))],
  ["an area named as what all objects have", "unknown-area", notes, one({ area: "__proto__" }, letters("x"))],
  ["inside letters", "not-a-container", notes, one({ parent: of(ANA, 0) }, letters("x"))],
  ["inside a value", "not-a-container", notes, one({ parent: of(BO, 1) }, letters("x"))],
  [
    "inside its own letters",
    "not-a-container",
    notes,
    many([struct({ right: of(ANA, 0) }, letters("x")), struct({ parent: of(MAL, 0) }, letters("y"))]),
  ],
];
const slots: readonly Attack[] = [
  ["a map in a text", "wrong-slot", notes, one({ left: of(ANA, 4) }, holding("map"))],
  ["a value in a text", "wrong-slot", notes, one({ left: of(ANA, 4) }, value("x"))],
  ["letters under a key of a text", "wrong-slot", notes, one({ area: "title", key: "x" }, letters("x"))],
  ["letters in a list of blocks", "wrong-slot", notes, one({ left: of(BO, 0) }, letters("x"))],
  ["a list in a list of blocks, and so on without end", "wrong-slot", notes, one({ left: of(BO, 0) }, holding("list"))],
  ["a text as a block", "wrong-slot", notes, one({ left: of(BO, 0) }, holding("text"))],
  ["a key in a list", "wrong-slot", notes, one({ area: "blocks", key: "x" }, holding("map"))],
  ["no key in a map", "wrong-slot", notes, one({ area: "lines" }, value("x"))],
  ["a text where a kind is", "wrong-slot", notes, one({ left: of(BO, 1), isKeyed: true }, holding("text"))],
  ["words where a text is", "wrong-slot", notes, one({ left: of(BO, 2), isKeyed: true }, value("x"))],
  ["a map where a text is", "wrong-slot", notes, one({ left: of(BO, 2), isKeyed: true }, holding("map"))],
  ["a kind that is not in the list", "wrong-slot", notes, one({ left: of(BO, 1), isKeyed: true }, value("script"))],
  ["a number as a kind", "wrong-slot", notes, one({ left: of(BO, 1), isKeyed: true }, any([125, 1]))],
  ["a yes as a line", "wrong-slot", notes, one({ area: "lines", key: MINE }, any([120]))],
  ["a line of 281 units", "wrong-slot", notes, one({ area: "lines", key: MINE }, value("x".repeat(281)))],
  ["a fact of 281 units", "wrong-slot", entry, one({ area: "facts", key: "size" }, value("x".repeat(281)))],
  ["letters as a fact", "wrong-slot", entry, one({ area: "facts", key: "size" }, letters("x"))],
  ["a map as a fact", "wrong-slot", entry, one({ area: "facts", key: "size" }, holding("map"))],
];
const keys: readonly Attack[] = [
  ...["__proto__", "constructor", "prototype"].map((key): Attack => [
    `the key ${key}`,
    "wrong-key",
    entry,
    one({ area: "facts", key }, value("x")),
  ]),
  ["a key of 65 units", "wrong-key", entry, one({ area: "facts", key: "k".repeat(65) }, value("x"))],
  ["a key that stands aside (hang.ts)", "wrong-key", entry, one({ area: "facts", key: `${"\0".repeat(65)}seats` }, value("x"))],
  ["a key of letters and marks apart", "wrong-key", entry, one({ area: "facts", key: "u\u0308" }, value("x"))],
  ["a third key in a block", "wrong-key", notes, one({ parent: of(BO, 0), key: "hasOwnProperty" }, value("x"))],
  ["a third key in a block that all objects have", "wrong-key", notes, one({ parent: of(BO, 0), key: "__proto__" }, value("x"))],
  ["a line under what is no member", "wrong-key", notes, one({ area: "lines", key: "mal" }, value("x"))],
  ["a line under a member in capitals", "wrong-key", notes, one({ area: "lines", key: MINE.toUpperCase() }, value("x"))],
];
const rights: readonly Attack[] = [
  [
    "another's line, its key taken from its neighbour (16 bytes)",
    "not-yours",
    notes,
    one({ left: of(BO, 7), isKeyed: true }, value("nothing")),
  ],
  ["another's line, its key written", "not-yours", notes, one({ area: "lines", key: LINES }, value("nothing"))],
  ["the stewards' area, by one who is none", "not-yours", entry, one({ left: of(ANA, 1), isKeyed: true }, value("mal"))],
  ["a new key in the stewards' area", "not-yours", entry, one({ area: "care", key: "policy" }, value("mine"))],
  ["another's page", "not-yours", profile, one({ left: of(BO, 0), isKeyed: true }, value("nothing"))],
  ["a block on another's page", "not-yours", profile, one({ area: "blocks" }, holding("map"))],
  [
    "a good struct first, then another's line",
    "not-yours",
    notes,
    many([struct({ right: of(ANA, 0) }, letters("x")), struct({ left: of(BO, 7), isKeyed: true }, value("-"))]),
  ],
];
const aside: readonly Attack[] = [
  [
    "a letter two letters wide between its neighbours",
    "not-adjacent",
    notes,
    one({ left: of(ANA, 0), right: of(ANA, 2) }, letters("x")),
  ],
  ["the neighbours the wrong way round", "not-adjacent", notes, one({ left: of(ANA, 2), right: of(ANA, 1) }, letters("x"))],
  ["one neighbour on both sides", "not-adjacent", notes, one({ left: of(ANA, 1), right: of(ANA, 1) }, letters("x"))],
  ["nothing right of it, where something is", "not-adjacent", notes, one({ left: of(ANA, 0) }, letters("x"))],
  ["something right of it that is not first", "not-adjacent", notes, one({ right: of(ANA, 1) }, letters("x"))],
  ["alone in an area that has something", "not-adjacent", notes, one({ area: "title" }, letters("x"))],
  ["alone in a block's text that has something", "not-adjacent", notes, one({ parent: of(BO, 2) }, letters("x"))],
  [
    "between letters of its own, and past one of them",
    "not-adjacent",
    notes,
    many([struct({ right: of(ANA, 0) }, letters("abc")), struct({ left: of(MAL, 0), right: of(MAL, 2) }, letters("x"))]),
  ],
  [
    "where it has itself put something before",
    "not-adjacent",
    notes,
    many([
      struct({ left: of(ANA, 0), right: of(ANA, 1) }, letters("a")),
      struct({ left: of(ANA, 0), right: of(ANA, 1) }, letters("x")),
    ]),
  ],
  [
    "first, where it has itself put something before",
    "not-adjacent",
    notes,
    many([struct({ right: of(ANA, 0) }, letters("a")), struct({ right: of(ANA, 0) }, letters("x"))]),
  ],
  [
    "behind its own end, and not before what stands there",
    "not-adjacent",
    notes,
    many([struct({ left: of(ANA, 0), right: of(ANA, 1) }, letters("a")), struct({ left: of(MAL, 0) }, letters("x"))]),
  ],
  [
    "alone in a text of its own that has something",
    "not-adjacent",
    notes,
    many([
      struct({ parent: of(BO, 0), key: "text" }, holding("text")),
      struct({ parent: of(MAL, 0) }, letters("a")),
      struct({ parent: of(MAL, 0) }, letters("b")),
    ]),
  ],
  ["a value left of the one that stands", "not-adjacent", entry, one({ right: of(ANA, 0), isKeyed: true }, value("x"))],
];
const deleted: readonly Attack[] = [
  ["what nobody wrote", "unknown-delete", notes, update([], deletions([ANA, [4, 2]]))],
  ["what nobody will ever write", "unknown-delete", notes, update([], deletions([7, [2 ** 50, 2 ** 50]]))],
  ["its own future", "unknown-delete", notes, many([struct({ right: of(ANA, 0) }, letters("x"))], deletions([MAL, [0, 2]]))],
  ["another's line", "delete-not-yours", notes, update([], deletions([BO, [7, 1]]))],
  ["all that Bo wrote, his line within", "delete-not-yours", notes, update([], deletions([BO, [0, 8]]))],
  ["what the stewards wrote", "delete-not-yours", entry, update([], deletions([ANA, [1, 1]]))],
  ["another's page", "delete-not-yours", profile, update([], deletions([BO, [0, 1]]))],
  [
    "its own letters and another's line",
    "delete-not-yours",
    notes,
    many([struct({ right: of(ANA, 0) }, letters("x"))], deletions(...descending([MAL, [0, 1]], [BO, [7, 1]]))),
  ],
];

describe.each([
  ["who and when", place],
  ["what is named", named],
  ["where it stands", parents],
  ["what may stand there", slots],
  ["keys", keys],
  ["whose it is", rights],
  ["side by side", aside],
  ["deletions", deleted],
] as const)("%s", (_kind, attacks) => {
  test.each(attacks)("%s: refused as %s, and nothing comes of it", (_name, rule, on, bytes) => {
    expect(on().refuse(bytes)).toBe(rule);
  });
});

describe("what members may", () => {
  const allowed: readonly (readonly [name: string, on: () => Stage, bytes: Uint8Array])[] = [
    ["write between letters", notes, one({ left: of(ANA, 0), right: of(ANA, 1) }, letters("x"))],
    ["say their own line", notes, one({ area: "lines", key: MINE }, value("soup"))],
    [
      "set a fact to a number and to a no",
      entry,
      many([
        struct({ left: of(ANA, 0), isKeyed: true }, any([125, 67])),
        struct({ left: of(MAL, 0), isKeyed: true }, any([121])),
      ]),
    ],
    ["set a fact of 280 units under a key of 64", entry, one({ area: "facts", key: "k".repeat(64) }, value("x".repeat(280)))],
    [
      "make a block with all that is in it",
      notes,
      many([
        struct({ left: of(BO, 0) }, holding("map")),
        struct({ parent: of(MAL, 0), key: "kind" }, value("quote")),
        struct({ parent: of(MAL, 0), key: "text" }, holding("text")),
        struct({ parent: of(MAL, 2) }, letters("hi")),
      ]),
    ],
    ["take out a block that Bo made", notes, update([], deletions([BO, [0, 1]]))],
  ];
  test.each(allowed)("%s", (_name, on, bytes) => {
    expect(on().send(bytes)).toBe("counts");
  });

  test("areas of one document are not those of another: what is a member's in one is the steward's in the other", () => {
    const stage = stageOf(`${PROFILE.slice(0, -64)}${memberOf(2)}` as DocumentName);
    expect(stage.send(one({ area: "facts", key: "languages" }, value("all")))).toBe("counts");
    expect(stage.refuse(one({ area: "facts", key: "__proto__" }, value("all"), 1))).toBe("wrong-key");
  });
});

describe("what Yjs alone would do", () => {
  test("a line is overwritten by a struct that names no area, no key and no deletion", () => {
    const stage = notes();
    const plain = new Y.Doc({ gc: false });
    Y.applyUpdate(plain, Y.encodeStateAsUpdate(stage.ana.replay().doc));
    Y.applyUpdate(plain, one({ left: of(BO, 7), isKeyed: true }, value("nothing")));
    expect(plain.getMap("lines").toJSON()).toEqual({ [LINES]: "nothing" });
  });

  test("structs over known clocks: a live replica and a reloaded one say different things; the gate asks for the next clock", () => {
    const [first, overlap] = [one({ area: "title" }, letters("abc")), one({ area: "title" }, letters("zwxy"))];
    const live = new Y.Doc();
    Y.applyUpdate(live, first);
    Y.applyUpdate(live, overlap);
    const later = new Y.Doc();
    Y.applyUpdate(later, overlap);
    Y.applyUpdate(later, first);
    expect(live.getText("title").toString()).not.toBe(later.getText("title").toString());
    const stage = stageOf(NOTES);
    expect(stage.send(first)).toBe("counts");
    expect(stage.refuse(overlap)).toBe("not-next");
  });

  test("neighbours that never stood side by side: replicas differ for ever, with equal clocks; the gate lets none of them in", () => {
    const base = update([block(3, 0, [struct({ area: "title" }, letters("abcd"))])]);
    const before = update([block(5, 0, [struct({ right: of(3, 1) }, letters("X"))])]); // "a" stands left of "b"
    const wide = update([block(6, 0, [struct({ left: of(3, 0), right: of(3, 2) }, letters("Y"))])]); // "b" stands between
    const [first, other] = [
      [base, before, wide],
      [base, wide, before],
    ].map((order) => {
      const plain = new Y.Doc();
      for (const each of order) Y.applyUpdate(plain, each);
      return plain;
    }) as [Y.Doc, Y.Doc];
    expect([first, other].map((doc) => doc.getText("title").toString())).toEqual(["aYXbcd", "aXbYcd"]);
    expect(Y.encodeStateVector(first)).toEqual(Y.encodeStateVector(other));
    expect(notes().refuse(one({ right: of(ANA, 1) }, letters("X")))).toBe("not-adjacent");
    expect(notes().refuse(one({ left: of(ANA, 0), right: of(ANA, 2) }, letters("Y")))).toBe("not-adjacent");
  });

  test("nesting without end: a document of 20,000 lists cannot be written out; here a list has no list in it", () => {
    const deep = update([
      block(
        7,
        0,
        Array.from({ length: 20_000 }, (_, n) =>
          struct(n === 0 ? { area: "blocks" } : { parent: of(7, n - 1) }, holding("list")),
        ),
      ),
    ]);
    const plain = new Y.Doc();
    Y.applyUpdate(plain, deep);
    expect(() => plain.getArray("blocks").toJSON()).toThrow(RangeError);
    expect(notes().refuse(deep)).toBe("too-many-structs");
    expect(
      notes().refuse(
        many([struct({ left: of(BO, 0) }, holding("map")), struct({ parent: of(MAL, 0), key: "text" }, holding("list"))]),
      ),
    ).toBe("wrong-slot");
  });
});

describe("what the author had not seen", () => {
  test("an area, a key and a neighbour that are there, but that the edit does not say its author saw", () => {
    expect(notes().refuse(one({ left: of(ANA, 0), right: of(ANA, 1) }, letters("x")), [])).toBe("unknown-neighbour");
    expect(notes().refuse(update([], deletions([ANA, [0, 1]])), [])).toBe("unknown-delete");
  });

  test("beside what its author had not seen an edit may stand, and all say the same whatever came first", () => {
    const stage = notes();
    expect(stage.send(one({ area: "title" }, letters("x")), [])).toBe("counts");
    expect(["xhello", "hellox"]).toContain(stage.ana.live.getText("title").toString());
  });

  test("an edit that says it saw what never comes waits, holds up its author alone, and nobody inside Yjs", () => {
    const stage = notes();
    const before = stateOf(stage.ana.replay().doc);
    const never = [{ feed: stage.cy.feed, seq: 5, id: "ab".repeat(32) as never }];
    expect(stage.send(one({ right: of(ANA, 0) }, letters("x")), never)).toBe("waits");
    expect(stage.send(one({ right: of(ANA, 0) }, letters("y")))).toBe("waits");
    expect(stateOf(stage.ana.replay().doc)).toEqual(before);
    expect(stage.ana.replay().waiting()).toBe(2);
    stage.honest(stage.bo, (doc) => doc.getText("title").insert(5, "!"));
    expect(stage.ana.live.getText("title").toString()).toBe("hello!");
  });

  test("an edit that says it saw itself, or its own future, waits", () => {
    const stage = notes();
    expect(
      stage.send(one({ right: of(ANA, 0) }, letters("x")), [{ feed: stage.mal.feed, seq: 0, id: "ab".repeat(32) as never }]),
    ).toBe("waits");
  });

  test("an envelope of another id at that place is not what was seen", () => {
    const stage = notes();
    const wrong = stage.seen().map((seen) => ({ ...seen, id: "cd".repeat(32) as never }));
    expect(stage.send(one({ left: of(ANA, 0), right: of(ANA, 1) }, letters("x")), wrong)).toBe("waits");
  });
});
