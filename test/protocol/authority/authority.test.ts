/** Rules A1 to A8, and histories in which they meet. Ids, feeds and members are named; nothing here is signed. */
import { describe, expect, test } from "vitest";
import { foldAuthority, type Authority } from "../../../protocol/authority/authority.ts";
import type { EnvelopeId } from "../../../protocol/crypto/hash.ts";
import { TAG, communityId, createHistory, feedNamed, genesis, memberNamed, type History } from "./records.ts";

const fold = ({ records }: History): Authority => foldAuthority(TAG, records);
/** Whoever some feed speaks for. */
const membersOf = (history: History) =>
  [...fold(history).members.values()].flatMap(({ name, feeds }) => (feeds.length > 0 ? [name] : [])).sort();
/** Ana founds, opens a door and Bo comes in. */
function street() {
  const history = createHistory();
  const founded = history.found();
  const door = history.invite("ana", "door", [founded]);
  const bo = history.join("bo", door, "door");
  return { history, founded, door, bo };
}

describe("A1: the genesis", () => {
  test("names the community, and its founder is the first steward", () => {
    const { history } = street();
    const authority = fold(history);
    expect(authority.genesis?.act).toBe(genesis);
    expect([...authority.members.values()].map(({ name, isSteward }) => [name, isSteward]).sort()).toEqual([
      ["ana", true],
      ["bo", false],
    ]);
  });
  test("makes its founder belong, whatever becomes of the founder's join", () => {
    const history = createHistory();
    history.add("ana", genesis);
    expect([...fold(history).members.values()]).toEqual(
      [{ id: memberNamed("ana"), name: "", joinedAt: 1, feeds: [], isSteward: true }].map((m) => ({ ...m, joinedAt: 0 })),
    );
  });
  test("without one there is nobody", () => {
    const history = createHistory();
    history.join("ana", history.invite("ana", "door"), "door");
    expect(membersOf(history)).toEqual([]);
  });
  test("of another community says nothing", () => {
    const history = createHistory();
    const first = history.add("ana", { ...genesis, name: "Elsewhere" });
    history.join("ana", first, "");
    expect(fold(history).genesis).toBeNull();
  });
  test("stands at seq 0", () => {
    const history = createHistory();
    history.add("ana", genesis, [], 3);
    expect(fold(history).genesis).toBeNull();
  });
  test.each([0, 65_000])("copied into a member's own feed (id %i) takes nothing over", (copyId) => {
    let number = -1;
    const history = createHistory(() => [copyId, 50, 100, 200, 300, 400, 500][(number += 1)]!);
    const copy = history.add("eve", genesis);
    history.join("eve", copy, "", { member: "ana", device: "ana" }); // Ana's own certificate, copied as well
    const founded = history.found();
    const door = history.invite("ana", "door", [founded]);
    history.join("bo", door, "door");
    history.close("eve", door, []);
    expect(membersOf(history)).toEqual(["ana", "bo"]);
    expect(fold(history).genesis?.feed).toBe(feedNamed("ana"));
  });
});

describe("A2: where a join stands", () => {
  test("a second join in a feed says nothing", () => {
    const { history, door } = street();
    history.join("bo", door, "door", { member: "cy", device: "bo" });
    expect(membersOf(history)).toEqual(["ana", "bo"]);
  });
  test("a join behind another act says nothing", () => {
    const { history, door } = street();
    history.join("cy", door, "door", { seq: 1 });
    expect(membersOf(history)).toEqual(["ana", "bo"]);
  });
  test("a join whose certificate is for another device says nothing", () => {
    const { history, door } = street();
    history.join("cy", door, "door", { member: "bo", device: "bo" });
    expect(fold(history).memberByFeed.has(feedNamed("cy"))).toBe(false);
  });
  test("a member may come in with two devices, under one name", () => {
    const { history, door } = street();
    history.join("bo's laptop", door, "door", { member: "bo" });
    const bo = fold(history).members.get(memberNamed("bo"));
    expect(bo?.feeds).toEqual([feedNamed("bo"), feedNamed("bo's laptop")].sort());
    expect(membersOf(history)).toEqual(["ana", "bo"]);
  });
});

describe("A3: the founder's join", () => {
  test("forged by another member of the founder's feed says nothing", () => {
    const history = createHistory();
    const first = history.add("ana", genesis);
    history.join("ana", first, "", { member: "eve" });
    expect(membersOf(history)).toEqual([]);
  });
  test("needs to name the genesis", () => {
    const history = createHistory();
    history.add("ana", genesis);
    history.join("ana", "00".repeat(32) as EnvelopeId, "", {});
    expect(membersOf(history)).toEqual([]);
  });
  test("does not serve another feed", () => {
    const history = createHistory();
    const founded = history.found();
    history.join("eve", history.records[0]!.id, "", { deps: [founded] });
    expect(membersOf(history)).toEqual(["ana"]);
  });
});

describe("A4: any other join", () => {
  const refusedWhen = (details: Parameters<History["join"]>[3], door = "door") => {
    const { history, door: invite } = street();
    history.join("cy", invite, door, details);
    expect(membersOf(history)).toEqual(["ana", "bo"]);
  };
  test("without the invitation among its deps says nothing", () => refusedWhen({ deps: [] }));
  test("under another key says nothing", () => refusedWhen({}, "another door"));
  test("without a proof says nothing", () => refusedWhen({ proof: null }));
  test("without a key says nothing", () => refusedWhen({ key: null }));
  test("that agrees to another community says nothing", () => refusedWhen({ agreed: TAG }));
  test("that knows its invitation only through others says nothing", () => {
    const { history, bo, door } = street();
    history.join("cy", door, "door", { deps: [bo] });
    expect(membersOf(history)).toEqual(["ana", "bo"]);
  });
  test("that names an invitation nobody holds waits", () => {
    const { history } = street();
    history.join("cy", communityId as unknown as EnvelopeId, "door");
    expect(membersOf(history)).toEqual(["ana", "bo"]);
  });
});

describe("A9: an invitation for one", () => {
  const apart = () => {
    const { history } = street();
    const single = history.invite("bo", "for one", [], "single");
    const joins = ["cy", "di"].map((who) => history.join(who, single, "for one"));
    return { history, single, joins };
  };
  const waitingAt = (history: History, invite: EnvelopeId) =>
    fold(history)
      .invites.get(invite)!
      .waiting.map(({ act }) => act.name);
  test("lets nobody in before its maker accepts; until then they wait", () => {
    const { history, single } = apart();
    expect(membersOf(history)).toEqual(["ana", "bo"]);
    expect([...waitingAt(history, single)].sort()).toEqual(["cy", "di"]);
  });
  test("lets in the one whom its maker's feed names first, and never the other", () => {
    const { history, single, joins } = apart();
    history.accept("bo", single, joins[1]!);
    history.accept("bo", single, joins[0]!);
    expect(membersOf(history)).toEqual(["ana", "bo", "di"]);
    expect(waitingAt(history, single)).toEqual([]);
  });
  test("is not opened by another member's acceptance, nor by the steward's", () => {
    const { history, single, joins } = apart();
    history.accept("ana", single, joins[0]!);
    history.accept("cy", single, joins[0]!);
    expect(membersOf(history)).toEqual(["ana", "bo"]);
  });
  test("that names a join which cannot stand lets nobody in", () => {
    const { history, single, joins } = apart();
    history.accept("bo", single, history.join("eve", single, "another door"));
    history.accept("bo", single, joins[0]!);
    expect(membersOf(history)).toEqual(["ana", "bo"]);
  });
  test("once closed, lets in whom the closing names, if they were accepted", () => {
    const { history, single, joins } = apart();
    history.accept("bo", single, joins[0]!);
    history.close("ana", single, ["di"]);
    expect(membersOf(history)).toEqual(["ana", "bo"]);
    history.close("ana", single, ["cy"]);
    expect(membersOf(history)).toEqual(["ana", "bo", "cy"]);
  });
  test("an open door asks for no acceptance, and an acceptance there says nothing", () => {
    const { history, door } = street();
    const joins = ["cy", "di"].map((who) => history.join(who, door, "door"));
    history.accept("ana", door, joins[0]!);
    expect(membersOf(history)).toEqual(["ana", "bo", "cy", "di"]);
  });
});

describe("A5: an invitation counts by its author's own past", () => {
  test("a stranger's opens no door", () => {
    const { history } = street();
    const door = history.invite("eve", "eve's door");
    history.join("mallory", door, "eve's door");
    expect(membersOf(history)).toEqual(["ana", "bo"]);
    expect(fold(history).invites.has(door)).toBe(false);
  });
  test("written before one's own join opens no door", () => {
    const history = createHistory();
    const founded = history.found();
    const door = history.invite("ana", "door", [founded]);
    const early = history.invite("eve", "eve's door", [door]);
    history.join("eve", door, "door");
    history.join("mallory", early, "eve's door");
    expect(membersOf(history)).toEqual(["ana"]);
  });
  test("a member's opens one, and who came in by it is listed", () => {
    const { history, bo } = street();
    const door = history.invite("bo", "bo's door", [bo]);
    history.join("cy", door, "bo's door");
    expect(membersOf(history)).toEqual(["ana", "bo", "cy"]);
    expect(fold(history).invites.get(door)).toMatchObject({ by: memberNamed("bo"), closed: false, joined: [memberNamed("cy")] });
  });
});

describe("A6: a closed invitation", () => {
  test("lets stand whom it names, and nobody else", () => {
    const { history, door } = street();
    history.join("cy", door, "door");
    history.close("ana", door, ["bo"]);
    expect(membersOf(history)).toEqual(["ana", "bo"]);
    expect(fold(history).invites.get(door)?.closed).toBe(true);
  });
  test("a join dated back behind the closing does not come in", () => {
    const { history, door } = street();
    history.close("ana", door, ["bo"]);
    history.join("cy", door, "door", { deps: [door] }); // its past holds no closing, whatever the clock says
    expect(membersOf(history)).toEqual(["ana", "bo"]);
  });
  test("a race: a join written apart from the closing stands only if it is named", () => {
    const { history, door, bo } = street();
    history.join("cy", door, "door", { deps: [door, bo] });
    history.close("ana", door, ["cy"]);
    expect(membersOf(history)).toEqual(["ana", "cy"]);
  });
  test("the inviter's closing counts until a steward's says otherwise; two by the steward name together", () => {
    const history = createHistory();
    const founded = history.found();
    const first = history.invite("ana", "door", [founded]);
    history.join("bo", first, "door");
    const door = history.invite("bo", "bo's door");
    for (const who of ["cy", "di", "ed"]) history.join(who, door, "bo's door");
    history.close("bo", door, ["cy"]);
    expect(membersOf(history)).toEqual(["ana", "bo", "cy"]);
    history.close("ana", door, ["di"]); // the steward
    expect(membersOf(history)).toEqual(["ana", "bo", "di"]);
    history.close("ana", door, ["ed"]);
    expect(membersOf(history)).toEqual(["ana", "bo", "di", "ed"]);
  });
  test("only the feed that made it or the steward's may close it", () => {
    const { history, door, bo } = street();
    history.join("cy", door, "door", { deps: [door, bo] });
    history.close("bo", door, []);
    history.close("eve", door, []);
    expect(membersOf(history)).toEqual(["ana", "bo", "cy"]);
  });
  test("a closing that names someone who never joined brings nobody in", () => {
    const { history, door } = street();
    history.close("ana", door, ["bo", "zoe"]);
    expect(membersOf(history)).toEqual(["ana", "bo"]);
  });
});

describe("A7: what a void join let in falls with it", () => {
  test("a whole branch falls by one closing, and a closing that names its root holds it", () => {
    const { history, door, bo } = street();
    const second = history.invite("bo", "bo's door", [bo]);
    const cy = history.join("cy", second, "bo's door");
    const third = history.invite("cy", "cy's door", [cy]);
    history.join("di", third, "cy's door");
    expect(membersOf(history)).toEqual(["ana", "bo", "cy", "di"]);
    history.close("ana", door, []);
    expect(membersOf(history)).toEqual(["ana"]);
    expect(fold(history).invites.size).toBe(1);
    history.close("ana", door, ["bo"]);
    expect(membersOf(history)).toEqual(["ana", "bo", "cy", "di"]);
  });
});

test("A8: an invitation long expired still stands until it is closed, whatever claims of time say", () => {
  const { history, door } = street();
  history.join("cy", door, "door");
  expect(history.records.at(-1)!.at).toBeLessThan(9);
  const late = history.records.map((record) => ({ ...record, at: (1e12 + record.at) as typeof record.at }));
  expect([...foldAuthority(TAG, late).members.keys()].sort()).toEqual([...fold(history).members.keys()].sort());
});

test("heads are the last records of each feed that no other names", () => {
  const { history, bo } = street();
  expect(fold(history).heads).toEqual([bo, history.records[2]!.id].filter((id) => id !== history.records[2]!.id));
  const next = history.invite("ana", "next", [bo]);
  expect(fold(history).heads).toEqual([next]);
});
