/** Attacks on what is void: a fallen member's edits, and what was built on a branch that fell. */
import * as Y from "yjs";
import { describe, expect, test } from "vitest";
import { clientOf } from "../../../protocol/documents/client.ts";
import { contentOf } from "../../../protocol/documents/content.ts";
import { subjectOf, type DocumentName } from "../../../protocol/documents/kinds.ts";
import { createReplay, type Edit, type Replay, type ReplaySource, type Verdict } from "../../../protocol/documents/replay.ts";
import { createScribe, editOf, emptyShelf, feedBy, memberBy, put, replayOf, type Scribe, type Shelf } from "./scribes.ts";
import { block, deletions, letters, struct, update, value } from "./hostile.ts";
import { ENTRY, MAL, NOTES, makeBlock, numberOf, stageOf, stateOf } from "./stage.ts";

const [ANA, BO] = [clientOf(feedBy(0)), clientOf(feedBy(1))];
const of = (client: number, clock: number) => ({ client, clock });

interface Ends {
  readonly fallen?: readonly Scribe[];
  readonly forks?: readonly (readonly [Scribe, number])[];
  /** Edits that this replica does not hold. */
  readonly without?: readonly Edit[];
}
/** All edits that Ana has, put together anew. */
function anew(name: DocumentName, { shelf: { edits } }: Scribe, { fallen = [], forks = [], without = [] }: Ends): Replay {
  const shelf = emptyShelf();
  for (const { feed } of fallen) shelf.fallen.add(feed);
  for (const [{ feed }, seq] of forks) shelf.forks.set(feed, seq);
  for (const list of edits.values()) for (const edit of list) if (!without.includes(edit)) put(shelf, edit);
  const replay = replayOf(name, shelf, numberOf);
  replay.advance();
  return replay;
}
const read = ({ doc }: Replay, name: DocumentName, area: string): unknown => contentOf(doc, name).get(area);
const verdictsOf = (replay: Replay, { feed }: Scribe): readonly Verdict[] =>
  replay.decided().flatMap(({ edit, verdict }) => (edit.feed === feed ? [verdict] : []));

describe("standing that has fallen", () => {
  test("a void edit says nothing, deletes nothing, and what others put beside it is still there; back again, all counts", () => {
    const stage = stageOf(NOTES);
    const { ana, bo, mal } = stage;
    stage.honest(ana, (doc) => doc.getText("title").insert(0, "plan"));
    stage.honest(mal, (doc) => doc.getText("title").insert(4, " evil"));
    stage.honest(mal, (doc) => doc.getText("title").delete(0, 2));
    stage.honest(bo, (doc) => doc.getText("title").insert(doc.getText("title").length, " at six"));
    const fallen = anew(NOTES, ana, { fallen: [mal] });
    expect(read(fallen, NOTES, "title")).toBe("plan at six");
    expect(verdictsOf(fallen, mal)).toEqual(["void", "void"]);
    expect(verdictsOf(fallen, bo)).toEqual(["counts"]);
    expect(read(anew(NOTES, ana, {}), NOTES, "title")).toBe("an evil at six");
  });

  test("the value that a void one stood behind under a key is still there", () => {
    const stage = stageOf(ENTRY);
    stage.honest(stage.ana, (doc) => doc.getMap("facts").set("seats", "two"));
    stage.honest(stage.mal, (doc) => doc.getMap("facts").set("seats", "none"));
    expect(read(anew(ENTRY, stage.ana, { fallen: [stage.mal] }), ENTRY, "facts")).toEqual(new Map([["seats", "two"]]));
    expect(read(anew(ENTRY, stage.ana, {}), ENTRY, "facts")).toEqual(new Map([["seats", "none"]]));
  });

  test("a value set behind a void one counts, whether or not its author knew", () => {
    const stage = stageOf(ENTRY);
    const { ana, bo, mal } = stage;
    stage.honest(ana, (doc) => doc.getMap("facts").set("seats", "two"));
    stage.honest(mal, (doc) => doc.getMap("facts").set("seats", "none"));
    stage.honest(mal, (doc) => doc.getMap("facts").set("seats", "not one"));
    stage.honest(bo, (doc) => doc.getMap("facts").set("seats", "three"));
    const fallen = anew(ENTRY, ana, { fallen: [mal] });
    expect(read(fallen, ENTRY, "facts")).toEqual(new Map([["seats", "three"]]));
    // Bo again, now that his app knows; what he writes is let in where Mal still stands, too.
    const again = createScribe(ENTRY, 1, numberOf);
    again.shelf.fallen.add(mal.feed);
    for (const edit of [...ana.shelf.edits.values()].flat()) again.take(edit);
    again.type((doc) => doc.getMap("facts").set("seats", "four"));
    for (const edit of again.settle()) ana.take(edit);
    expect(verdictsOf(ana.replay(), bo)).toEqual(["counts", "counts"]);
    for (const ends of [{}, { fallen: [mal] }])
      expect(read(anew(ENTRY, ana, ends), ENTRY, "facts")).toEqual(new Map([["seats", "four"]]));
  });

  test("a block's text that a void edit set anew still reads as it did, and is written on", () => {
    const stage = stageOf(NOTES);
    const { ana, bo, mal } = stage;
    const blockOf = (doc: Y.Doc) => doc.getArray<Y.Map<Y.Text>>("blocks").get(0);
    stage.honest(ana, (doc) => makeBlock(doc, "we meet at six"));
    stage.honest(mal, (doc) => void blockOf(doc).set("text", new Y.Text("gone")));
    stage.honest(bo, (doc) => blockOf(doc).get("text")?.insert(4, "!")); // into what will fall
    const fallen = anew(NOTES, ana, { fallen: [mal] });
    expect((read(fallen, NOTES, "blocks") as readonly Map<string, unknown>[])[0]?.get("text")).toBe("we meet at six");
    expect(verdictsOf(fallen, bo)).toEqual(["counts"]);
  });

  test("a void edit's values in an area of its own and in its own blocks stand aside as well", () => {
    const stage = stageOf(NOTES);
    const { ana, mal } = stage;
    stage.honest(mal, (doc) => makeBlock(doc, "mine"));
    stage.honest(ana, (doc) => void doc.getArray<Y.Map<unknown>>("blocks").get(0).set("kind", "quote"));
    const fallen = anew(NOTES, ana, { fallen: [mal] });
    expect(read(fallen, NOTES, "blocks")).toEqual([]);
    expect(verdictsOf(fallen, ana)).toEqual(["counts"]);
  });
});

describe("values of a key that name another than the last", () => {
  const first = update([block(BO, 0, [struct({ area: "facts", key: "seats" }, value("one"))])]);
  const both = (): { readonly ana: Scribe; readonly edits: readonly Edit[] } => {
    const ana = createScribe(ENTRY, 0, numberOf);
    const start = editOf(feedBy(1), 0, 1, { update: first, seen: [] });
    const seen = [{ feed: feedBy(1), seq: 0, id: start.id }];
    const second = editOf(feedBy(1), 1, 2, {
      update: update([block(BO, 1, [struct({ left: of(BO, 0), isKeyed: true }, value("two"))])]),
      seen: [],
    });
    // Mal has seen both, and says that theirs stands behind nothing; and then behind the first.
    const late = { ...seen[0]!, seq: 1, id: second.id };
    const third = editOf(feedBy(2), 0, 3, {
      update: update([block(MAL, 0, [struct({ area: "facts", key: "seats" }, value("three"))])]),
      seen: [late],
    });
    const fourth = editOf(feedBy(2), 1, 4, {
      update: update([block(MAL, 1, [struct({ left: of(BO, 0), isKeyed: true }, value("four"))])]),
      seen: [],
    });
    return { ana, edits: [start, second, third, fourth] };
  };

  test("stand behind the last that their author had seen, on every replica", () => {
    const { ana, edits } = both();
    for (const edit of edits) ana.take(edit);
    expect(
      ana
        .replay()
        .decided()
        .map(({ verdict }) => verdict),
    ).toEqual(Array(4).fill("counts"));
    expect(ana.live.getMap("facts").get("seats")).toBe("four");
    const items = [];
    for (let item = ana.live.getMap("facts")._map.get("seats") ?? null; item !== null; item = item.left) items.push(item.length);
    expect(items.reduce((sum, length) => sum + length, 0)).toBe(4);
  });

  test("stand in the order of their update, whichever of its own they name", () => {
    const ana = createScribe(ENTRY, 0, numberOf);
    const three = ["one", "two", "three"].map((words, n) =>
      struct(n < 2 ? { area: "facts", key: "seats" } : { left: of(MAL, 0), isKeyed: true }, value(words)),
    );
    ana.take(editOf(feedBy(2), 0, 1, { update: update([block(MAL, 0, three)]), seen: [] }));
    expect(
      ana
        .replay()
        .decided()
        .map(({ verdict }) => verdict),
    ).toEqual(["counts"]);
    expect(ana.live.getMap("facts").get("seats")).toBe("three");
  });

  test("one that its author had not seen wins or loses by its client, on every replica alike", () => {
    const { edits } = both();
    const unseen = editOf(feedBy(0), 0, 3, {
      update: update([block(ANA, 0, [struct({ area: "facts", key: "seats" }, value("ana's"))])]),
      seen: [],
    });
    const outcomes = [
      [...edits, unseen],
      [unseen, ...edits],
    ].map((order) => {
      const shelf = emptyShelf();
      const replay = replayOf(ENTRY, shelf, numberOf);
      for (const edit of order) {
        put(shelf, edit);
        replay.advance();
      }
      return read(replay, ENTRY, "facts");
    });
    expect(outcomes[0]).toEqual(outcomes[1]);
  });
});

describe("ground that fell away", () => {
  test("what saw a branch has lost its ground, with or without the branch at hand; its clocks are taken", () => {
    const stage = stageOf(NOTES);
    const { ana, bo, cy } = stage;
    stage.honest(ana, (doc) => doc.getText("title").insert(0, "plan"));
    const branch = stage.honest(bo, (doc) => doc.getText("title").insert(4, "ned"));
    stage.honest(cy, (doc) => doc.getText("title").insert(7, " party"));
    stage.honest(cy, (doc) => doc.getText("title").insert(13, "!")); // names Cy's own alone
    const ends = { forks: [[bo, 0]] } as const;
    const [holding, lacking] = [anew(NOTES, ana, ends), anew(NOTES, ana, { ...ends, without: branch })];
    expect(verdictsOf(holding, cy)).toEqual(["lost-ground", "counts"]);
    expect(verdictsOf(lacking, cy)).toEqual(["lost-ground", "counts"]);
    expect(stateOf(holding.doc)).toEqual(stateOf(lacking.doc));
    expect(read(holding, NOTES, "title")).toBe("plan");
    expect(holding.pastOf(cy.feed).own).toBe(7);
  });

  test("what stands beside lost ground, or inside it, stands nowhere, on whichever side and however deep; the edit counts", () => {
    const stage = stageOf(NOTES);
    const { ana, bo, cy } = stage;
    const blocks = (doc: Y.Doc) => doc.getArray<Y.Map<Y.Text>>("blocks");
    stage.honest(ana, (doc) => doc.getText("title").insert(0, "plan"));
    stage.honest(bo, (doc) => doc.getText("title").insert(2, "X"));
    stage.honest(bo, (doc) => makeBlock(doc, "branch"));
    stage.honest(cy, (doc) => {
      doc.getText("title").insert(3, "Y"); // names Bo's
      makeBlock(doc, "lost"); // too
    });
    stage.honest(cy, (doc) => {
      doc.getText("title").insert(4, "Z"); // between Cy's own, lost, and Ana's
      doc.getText("title").insert(4, "W"); // between two lost
      doc.getText("title").insert(3, "V"); // between Bo's and Cy's
    });
    stage.honest(cy, (doc) => makeBlock(doc, "lost as well"));
    stage.honest(cy, (doc) => blocks(doc).get(2).get("text")?.insert(0, "very ")); // inside it
    stage.honest(cy, (doc) => doc.getText("title").insert(0, "a ")); // before Ana's
    const replay = anew(NOTES, ana, { forks: [[bo, 0]] });
    expect(verdictsOf(replay, cy)).toEqual(["lost-ground", "lost-ground", "counts", "counts", "counts"]);
    expect([read(replay, NOTES, "title"), read(replay, NOTES, "blocks")]).toEqual(["a plan", []]);
    expect(replay.pastOf(cy.feed).own).toBe(cy.replay().pastOf(cy.feed).own);
  });

  test("between lost ground and what stands: nowhere, and what names that in the same edit is nowhere too", () => {
    const stage = stageOf(NOTES);
    const { ana, bo, cy } = stage;
    stage.honest(ana, (doc) => doc.getText("title").insert(0, "plan"));
    stage.honest(cy, (doc) => doc.getText("title").insert(4, "s")); // has seen Ana's
    stage.honest(bo, (doc) => doc.getText("title").insert(2, "X"));
    stage.honest(cy, (doc) => doc.getText("title").insert(3, "Y")); // names Bo's
    stage.honest(cy, (doc) => {
      doc.getText("title").insert(4, "Z"); // between Cy's own, lost, and Ana's
      doc.getText("title").insert(4, "W"); // between two lost, one of this edit
    });
    stage.honest(cy, (doc) => doc.getText("title").insert(0, "a "));
    const replay = anew(NOTES, ana, { forks: [[bo, 0]] });
    expect(verdictsOf(replay, cy)).toEqual(["counts", "lost-ground", "counts", "counts"]);
    expect(read(replay, NOTES, "title")).toBe("a plans");
  });

  test("lost ground is no way around the gate: another's name and another's clock are refused even so", () => {
    const stage = stageOf(NOTES);
    const { ana, bo, mal } = stage;
    const [branch] = stage.honest(bo, (doc) => doc.getText("title").insert(0, "x"));
    const seen = [{ feed: bo.feed, seq: 0, id: branch!.id }];
    const shelf = emptyShelf();
    shelf.forks.set(bo.feed, 0);
    const replay = replayOf(NOTES, shelf, numberOf);
    const send = (seq: number, bytes: Uint8Array) => put(shelf, editOf(mal.feed, seq, 9, { update: bytes, seen }));
    send(0, update([block(ANA, 0, [struct({ area: "title" }, letters("x"))])]));
    send(1, update([block(MAL, 5, [struct({ area: "title" }, letters("x"))])]));
    send(2, update([], deletions([BO, [0, 1]])));
    send(3, update([block(MAL, 0, [struct({ area: "title" }, letters("xyz"))])]));
    replay.advance();
    expect(verdictsOf(replay, mal)).toEqual([
      { refused: "foreign-author" },
      { refused: "not-next" },
      "lost-ground",
      "lost-ground",
    ]);
    expect(read(replay, NOTES, "title")).toBe("");
    expect(replay.pastOf(ana.feed).own).toBe(0);
  });

  test("what names a lost branch without listing it has lost its ground too; once its author knows, they write on", () => {
    const stage = stageOf(NOTES);
    const { ana, bo, cy } = stage;
    stage.honest(ana, (doc) => doc.getText("title").insert(0, "plan"));
    stage.honest(bo, (doc) => doc.getText("title").insert(4, "ned"));
    stage.honest(cy, (doc) => doc.getText("title").insert(7, " party")); // names Bo's
    stage.honest(cy, (doc) => doc.getText("title").insert(7, ",")); // names Bo's and Cy's own
    stage.honest(ana, (doc) => doc.getText("title").insert(7, "!")); // names Bo's; had seen Cy's, which had seen Bo's
    stage.honest(cy, (doc) => doc.getText("title").delete(4, 1)); // Bo's
    stage.honest(cy, (doc) => doc.getText("title").insert(0, "A ")); // names Ana's, seen by way of Bo's
    const again = createScribe(NOTES, 3, numberOf);
    again.shelf.forks.set(bo.feed, 0);
    for (const edit of [...ana.shelf.edits.values()].flat()) put(again.shelf, edit);
    again.replay().advance();
    again.type((doc) => doc.getText("title").insert(0, "The "));
    expect(again.settle().length).toBe(1);
    expect(verdictsOf(again.replay(), cy)).toEqual([...Array<Verdict>(4).fill("lost-ground"), "counts"]);
    expect(verdictsOf(again.replay(), ana)).toEqual(["counts", "lost-ground"]);
    expect(again.live.getText("title").toString()).toBe("The plan");
  });

  test("what its author saw of a lost branch by way of another's edit alone is lost ground too, not a refusal", () => {
    const stage = stageOf(NOTES);
    const { ana, bo, cy } = stage;
    stage.honest(bo, (doc) => doc.getText("title").insert(0, "bo"));
    stage.honest(cy, (doc) => doc.getText("title").insert(2, "cy")); // names Bo's
    stage.honest(ana, (doc) => doc.getText("title").insert(3, "-")); // names Cy's alone
    stage.honest(ana, (doc) => doc.getText("title").insert(1, "-")); // names Bo's, and lists nobody
    const replay = anew(NOTES, ana, { forks: [[bo, 0]] });
    expect(verdictsOf(replay, ana)).toEqual(["counts", "lost-ground"]);
  });

  test("what names nothing of a lost branch still counts, though its author had seen one", () => {
    const stage = stageOf(NOTES);
    const { ana, bo, cy } = stage;
    stage.honest(bo, (doc) => makeBlock(doc, "branch"));
    stage.honest(cy, (doc) => doc.getArray("blocks").delete(0, 1));
    stage.honest(cy, (doc) => doc.getText("title").insert(0, "mine"));
    const replay = anew(NOTES, ana, { forks: [[bo, 0]] });
    expect(verdictsOf(replay, cy)).toEqual(["lost-ground", "counts"]);
    expect(read(replay, NOTES, "title")).toBe("mine");
  });

  test("one who has lost no ground is refused as ever for what was not seen", () => {
    const stage = stageOf(NOTES);
    stage.honest(stage.ana, (doc) => doc.getText("title").insert(0, "plan"));
    expect(stage.refuse(update([block(MAL, 0, [struct({ left: of(BO, 0) }, letters("x"))])]))).toBe("unknown-neighbour");
  });
});

describe("what is refused", () => {
  test("says nothing, not even what its author saw: the next edit says it again or has not seen it", () => {
    const stage = stageOf(NOTES);
    stage.honest(stage.ana, (doc) => doc.getText("title").insert(0, "plan"));
    expect(stage.refuse(update([block(MAL, 0, [struct({ left: of(ANA, 0) }, letters("x"))])]))).toBe("not-adjacent");
    const beside = update([block(MAL, 0, [struct({ left: of(ANA, 0), right: of(ANA, 1) }, letters("x"))])]);
    expect(stage.refuse(beside, [])).toBe("unknown-neighbour");
    expect(stage.send(beside)).toBe("counts");
  });
});

/** Notes out of a shelf, by sources of one's own. */
function replayFrom(shelf: Shelf, own: Partial<ReplaySource>): Replay {
  const subject = subjectOf(NOTES);
  if (subject === null) throw new Error("notes are a kind");
  return createReplay(subject, {
    edits: () => shelf.edits,
    lengthOf: (feed) => shelf.lengths.get(feed) ?? 0,
    idAt: () => null,
    forkOf: () => Infinity,
    claimOf: () => ({ member: memberBy(2), isSteward: false }),
    stands: () => true,
    mayWrite: () => true,
    ...own,
  });
}

describe("what is not here", () => {
  test("an edit waits for all of a feed below what it says it saw, though that envelope itself is here", () => {
    const [bo, mal] = [feedBy(1), feedBy(2)];
    const missing = editOf(bo, 0, 1, { update: update([block(BO, 0, [struct({ area: "title" }, letters("b"))])]), seen: [] });
    const late = { feed: bo, seq: 1, id: "ab".repeat(32) as Edit["id"] }; // no edit of this document
    const held = editOf(mal, 0, 2, {
      update: update([block(MAL, 0, [struct({ left: of(BO, 0) }, letters("m"))])]),
      seen: [late],
    });
    const shelf = emptyShelf();
    const replay = replayFrom(shelf, {
      lengthOf: (feed) => (feed === bo && shelf.lengths.has(bo) ? 2 : (shelf.lengths.get(feed) ?? 0)),
      idAt: (feed, seq) => (feed === bo && seq === 1 ? late.id : null),
    });
    put(shelf, held);
    replay.advance();
    expect([replay.decided().length, replay.waiting()]).toEqual([0, 1]);
    put(shelf, missing);
    replay.advance();
    expect(replay.decided().map(({ verdict }) => verdict)).toEqual(["counts", "counts"]);
    expect(read(replay, NOTES, "title")).toBe("bm");
  });

  test("an edit behind a hole of its own feed waits", () => {
    const shelf = emptyShelf();
    const replay = replayOf(NOTES, shelf, numberOf);
    put(shelf, editOf(feedBy(2), 1, 1, { update: update([block(MAL, 0, [struct({ area: "title" }, letters("m"))])]), seen: [] }));
    shelf.lengths.set(feedBy(2), 0);
    replay.advance();
    expect([replay.decided().length, replay.waiting()]).toEqual([0, 1]);
  });
});

describe("who may write at all", () => {
  test("a feed without a join is a stranger: its edits take no clocks, and nobody waits for them", () => {
    const shelf = emptyShelf();
    const replay = replayOf(NOTES, shelf, () => null);
    put(shelf, editOf(feedBy(2), 0, 1, { update: update([block(MAL, 0, [struct({ area: "title" }, letters("x"))])]), seen: [] }));
    replay.advance();
    expect(replay.decided().map(({ verdict }) => verdict)).toEqual(["stranger"]);
    expect([read(replay, NOTES, "title"), replay.pastOf(feedBy(2)).own, replay.waiting()]).toEqual(["", 0, 0]);
  });

  test("a feed that lost its client to another writes nowhere", () => {
    const shelf = emptyShelf();
    const replay = replayFrom(shelf, { mayWrite: () => false });
    put(shelf, editOf(feedBy(2), 0, 1, { update: update([block(MAL, 0, [struct({ area: "title" }, letters("x"))])]), seen: [] }));
    replay.advance();
    expect(replay.decided().map(({ verdict }) => verdict)).toEqual(["stranger"]);
    expect(read(replay, NOTES, "title")).toBe("");
  });
});
