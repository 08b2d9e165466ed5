import { describe, expect, test } from "vitest";
import type { EnvelopeId, FeedId } from "../../../protocol/crypto/hash.ts";
import type { FrontierEntry } from "../../../protocol/feed/frontier.ts";
import { treeOf } from "../../../protocol/feed/frontier-tree.ts";
import type { Millis } from "../../../protocol/lang/brand.ts";
import { MAX_SERVED, WINDOW, wantsOf } from "../../../protocol/sync/fetching.ts";
import { FRONTIER_PAGE, type SyncMessage } from "../../../protocol/sync/message.ts";
import { greetingOf, saltOf, tell } from "../../../protocol/sync/narrowing.ts";
import { startSession, step, type Session } from "../../../protocol/sync/session.ts";
import { TURN_MS, type Input, type Output } from "../../../protocol/sync/turn.ts";

const name = (n: number) => n.toString(16).padStart(64, "0");
const entry = (n: number, length: number, forkedAt: number | null = null, head = 0): FrontierEntry => ({
  feed: name(n) as FeedId,
  length,
  head: length === 0 ? null : (name(1_000 * n + length + head) as EnvelopeId),
  forkedAt,
});
const feed = (n: number) => name(n) as FeedId;
const say = (message: SyncMessage): Input => ({ kind: "message", message });
const OURS = new Uint8Array(8).fill(1);
const greetingBy = (...entries: readonly FrontierEntry[]) => greetingOf(treeOf(entries), new Uint8Array(8).fill(2));
const digestOf = (...entries: readonly FrontierEntry[]): Input => say({ kind: "digest", ...greetingBy(...entries) });
/** What the other says of its heads depends on the salt of the session. */
type Line = Input | ((salt: Uint8Array) => Input);
const page =
  (more: boolean, ...entries: readonly FrontierEntry[]): Line =>
  (salt) =>
    say({ kind: "frontier", more, entries: entries.map((each) => tell(each, salt)) });
const frontier = (...entries: readonly FrontierEntry[]): Line => page(false, ...entries);
const closed = (session: Session) => (session.phase === "closed" ? session.reason : session.phase);

function run(ours: readonly FrontierEntry[], lines: readonly Line[], now = 0) {
  let session = startSession(treeOf(ours), OURS);
  let salt: Uint8Array = new Uint8Array(32);
  const outputs: Output[] = [];
  for (const line of lines) {
    const input = typeof line === "function" ? line(salt) : line;
    if (input.kind === "message" && input.message.kind === "digest") salt = saltOf(greetingOf(treeOf(ours), OURS), input.message);
    const next = step(session, input, now as Millis);
    session = next.session;
    outputs.push(...next.outputs);
  }
  const sent = outputs.flatMap((output) => (output.kind === "send" ? [output.message] : []));
  return { session, outputs, sent };
}
const start: Input = { kind: "start" };
/** We hold nothing, they hold feed 1 up to 9: we have asked for it. */
const asking = [start, digestOf(entry(1, 9)), frontier(entry(1, 9))];

test("equal frontiers part after one message each", () => {
  const { session, sent } = run([entry(1, 2)], [start, digestOf(entry(1, 2))]);
  expect([closed(session), sent.length]).toEqual(["equal", 1]);
});

test("S1: the same session, input and time give the same step", () => {
  const { session } = run([], asking);
  const input = say({ kind: "chunk", bytes: new Uint8Array([1]) });
  const copy = structuredClone(session);
  expect(step(session, input, 5 as Millis)).toEqual(step(copy, input, 5 as Millis));
  expect(session).toEqual(copy);
});

describe("S2: nothing follows close", () => {
  test("whatever comes after, in every reason", () => {
    const { session } = run([], [start, start]);
    const empty = say({ kind: "frontier", more: false, entries: [] });
    for (const input of [start, digestOf(), empty, say({ kind: "done" }), { kind: "tick" } as const])
      expect(step(session, input, 99 as Millis)).toEqual({ session, outputs: [] });
  });
  test("close is the last output, and the only one of its kind", () => {
    const { outputs } = run([], [...asking, say({ kind: "done" }), say({ kind: "none", feed: feed(1) })]);
    expect(outputs.filter(({ kind }) => kind === "close")).toEqual([{ kind: "close", reason: "complete" }]);
    expect(outputs.at(-1)?.kind).toBe("close");
  });
});

describe("S3: every open phase has a deadline", () => {
  test.each([
    ["comparing", [start]],
    ["listing", [start, digestOf(entry(1, 1))]],
    ["fetching", asking],
  ] as const)("%s ends when it passes, and not before", (phase, inputs) => {
    const { session, outputs } = run([], inputs);
    expect([session.phase, outputs.at(-1)]).toEqual([phase, { kind: "wake", at: TURN_MS }]);
    expect(closed(step(session, { kind: "tick" }, (TURN_MS - 1) as Millis).session)).toBe(phase);
    expect(closed(step(session, { kind: "tick" }, TURN_MS as Millis).session)).toBe("timed-out");
  });
  test("own work in hand puts it off", () => {
    const { session } = run([], [...asking, say({ kind: "want", feed: feed(2), from: 0 })]);
    const next = step(session, { kind: "tick" }, TURN_MS as Millis);
    expect([next.session.phase, next.outputs]).toEqual(["fetching", [{ kind: "wake", at: 2 * TURN_MS }]]);
  });
  test("a listing cannot go on for ever: pages that announce another are full, and feeds are bounded", () => {
    const begun = [start, digestOf(entry(1, 1))];
    const entries = (from: number, length: number) =>
      Array.from({ length }, (_, n) => ({ feed: feed(from + n), length: 0, forkedAt: null, mark: "00".repeat(8) }));
    const more = (from: number, length: number) => say({ kind: "frontier", more: true, entries: entries(from, length) });
    for (const short of [0, 1, FRONTIER_PAGE - 1])
      expect(closed(run([], [...begun, more(1, short)]).session)).toBe("out-of-turn");
    const many = Array.from({ length: 257 }, (_, n) => more(n * FRONTIER_PAGE, FRONTIER_PAGE));
    expect(closed(run([], [...begun, ...many.slice(0, 256)]).session)).toBe("listing");
    expect(closed(run([], [...begun, ...many]).session)).toBe("too-many-feeds");
  });
  test("more feeds than a session compares are not begun with", () => {
    const claim = (feeds: number): Input => say({ kind: "digest", ...greetingBy(entry(1, 1)), feeds });
    expect(closed(run([entry(1, 2)], [start, claim(131_072)]).session)).toBe("narrowing");
    expect(closed(run([entry(1, 2)], [start, claim(131_073)]).session)).toBe("too-many-feeds");
  });
  test("a listing names each feed once, in order, over all its pages", () => {
    const begun = [start, digestOf(entry(1, 1))];
    expect(closed(run([], [...begun, frontier(entry(2, 1), entry(1, 1))]).session)).toBe("out-of-turn");
    expect(closed(run([], [...begun, frontier(entry(2, 1), entry(2, 3))]).session)).toBe("out-of-turn");
    const full = page(true, ...Array.from({ length: FRONTIER_PAGE }, (_, n) => entry(n + 1, 1)));
    expect(closed(run([], [...begun, full, frontier(entry(1, 1))]).session)).toBe("out-of-turn");
  });
});

describe("S4: nothing is taken that was not asked for", () => {
  test.each<readonly [string, readonly Line[]]>([
    ["anything before the start", [digestOf()]],
    ["a frontier before a digest", [start, frontier()]],
    ["buckets where there are few feeds", [start, digestOf(entry(1, 1)), say({ kind: "buckets", shorts: new Uint8Array(512) })]],
    ["an outline where there are few feeds", [start, digestOf(entry(1, 1)), say({ kind: "outline", rows: [] })]],
    ["a digest twice", [start, digestOf(entry(1, 1)), digestOf()]],
    ["a chunk nobody asked for", [start, digestOf(entry(1, 1)), frontier(), say({ kind: "chunk", bytes: new Uint8Array() })]],
    ["a proof for a chunk", [...asking, say({ kind: "proof", bytes: new Uint8Array() })]],
    ["none of another feed", [...asking, say({ kind: "none", feed: feed(2) })]],
    [
      "a second answer",
      [...asking, say({ kind: "chunk", bytes: new Uint8Array() }), say({ kind: "chunk", bytes: new Uint8Array() })],
    ],
    ["done twice", [...asking, say({ kind: "done" }), say({ kind: "done" })]],
    ["a want after done", [...asking, say({ kind: "done" }), say({ kind: "want", feed: feed(1), from: 0 })]],
    ["more wants than the window", [...asking, ...Array<Input>(WINDOW + 1).fill(say({ kind: "want", feed: feed(1), from: 0 }))]],
    ["a delivery of nothing", [...asking, { kind: "delivered", outcome: { kind: "settled" } }]],
    ["a start in the middle", [...asking, start]],
    ["a digest in the middle", [...asking, digestOf()]],
  ])("%s is out of turn", (_, inputs) => expect(closed(run([], inputs).session)).toBe("out-of-turn"));
  test("no more is given in one session than its measure", () => {
    let { session } = run([], asking);
    const want = say({ kind: "want", feed: feed(2), from: 0 });
    for (let i = 0; i < MAX_SERVED; i += 1) {
      session = step(session, want, 0 as Millis).session;
      session = step(session, { kind: "loaded", feed: feed(2), what: "chunk", bytes: null }, 0 as Millis).session;
    }
    expect(closed(session)).toBe("fetching");
    expect(closed(step(session, want, 0 as Millis).session)).toBe("out-of-turn");
  });
  const chunk = say({ kind: "chunk", bytes: new Uint8Array([1]) });
  const delivered = (outcome: Extract<Input, { kind: "delivered" }>["outcome"]): Input => ({ kind: "delivered", outcome });
  const wantsAfter = (...outcomes: readonly Parameters<typeof delivered>[0][]) =>
    run([], [...asking, ...outcomes.flatMap((outcome) => [chunk, delivered(outcome)])]).sent.flatMap((m) =>
      m.kind === "want" ? [m.from] : [],
    );
  test("asked on only with progress: forward after growth, backward in search of a fork", () => {
    expect(wantsAfter({ kind: "grown", length: 4 })).toEqual([0, 4]);
    expect(wantsAfter({ kind: "grown", length: 9 })).toEqual([0]);
    expect(wantsAfter({ kind: "grown", length: 0 })).toEqual([0]);
    expect(wantsAfter({ kind: "grown", length: 4 }, { kind: "ask-earlier", from: 2 }, { kind: "ask-earlier", from: 2 })).toEqual([
      0, 4, 2,
    ]);
    expect(wantsAfter({ kind: "settled" })).toEqual([0]);
  });
  test("a lie ends the session", () =>
    expect(closed(run([], [...asking, chunk, delivered({ kind: "refused" })]).session)).toBe("refused"));
  test("at most a window is under way, and the next is asked when one was taken in", () => {
    const theirs = Array.from({ length: WINDOW + 2 }, (_, n) => entry(n + 1, 1));
    const begun = run([], [start, digestOf(entry(9, 9)), frontier(...theirs)]);
    expect(begun.sent.filter(({ kind }) => kind === "want")).toHaveLength(WINDOW);
    const landed = run([], [start, digestOf(entry(9, 9)), frontier(...theirs), chunk, chunk]);
    expect(landed.sent.filter(({ kind }) => kind === "want")).toHaveLength(WINDOW);
    const on = run([], [start, digestOf(entry(9, 9)), frontier(...theirs), chunk, delivered({ kind: "grown", length: 1 })]);
    expect(on.sent.filter(({ kind }) => kind === "want")).toHaveLength(WINDOW + 1);
  });
});

describe("S4: what is heard while narrowing is what was compared, no more and no less", () => {
  const most = { ...greetingBy(entry(1, 1)), feeds: 9_000 };
  const begun = [start, say({ kind: "digest", ...most })];
  const shorts = (count: number): Input => say({ kind: "buckets", shorts: new Uint8Array(2 * count) });
  const rows = (count: number, each = 0): Input =>
    say({ kind: "outline", rows: Array<Uint8Array>(count).fill(new Uint8Array(2 * each)) });
  const end = (...lines: readonly Line[]) => closed(run([entry(1, 2)], [...begun, ...lines]).session);
  test("shorts of just the buckets that were said", () => {
    expect([end(shorts(255)), end(shorts(257)), end(shorts(0)), end(shorts(256))]).toEqual([
      ...Array<string>(3).fill("out-of-turn"),
      "outlining",
    ]);
  });
  test("in the second depth too", () => {
    const deep = [start, say({ kind: "digest", ...most, feeds: 90_000 }), shorts(256)];
    const { session, sent } = run([entry(1, 2)], deep);
    const asked = sent.at(-1);
    expect([session.phase, asked?.kind === "buckets" && asked.shorts.length]).toEqual(["narrowing", 2 * 256 * 16]);
    expect(closed(run([entry(1, 2)], [...deep, shorts(256)]).session)).toBe("out-of-turn");
    expect(closed(run([entry(1, 2)], [...deep, shorts(4_096)]).session)).toBe("outlining");
  });
  test("an outline for each bucket that differed, and not of more feeds than there may be", () => {
    expect([end(shorts(256), rows(255)), end(shorts(256), rows(257)), end(shorts(256), rows(256))]).toEqual([
      "out-of-turn",
      "out-of-turn",
      "listing",
    ]);
    expect([end(shorts(256), rows(256, 512)), end(shorts(256), rows(256, 513))]).toEqual(["listing", "too-many-feeds"]);
  });
  test.each<readonly [string, Line]>([
    ["a frontier", frontier()],
    ["an outline", rows(256)],
    ["a want", say({ kind: "want", feed: feed(1), from: 0 })],
    ["a digest again", begun[1]!],
  ])("%s instead of buckets is out of turn", (_, line) => expect(end(line)).toBe("out-of-turn"));
  test("and each of these phases has its deadline", () => {
    for (const lines of [begun, [...begun, shorts(256)]]) {
      const { session, outputs } = run([entry(1, 2)], lines);
      expect(outputs.at(-1)).toEqual({ kind: "wake", at: TURN_MS });
      expect(closed(step(session, { kind: "tick" }, TURN_MS as Millis).session)).toBe("timed-out");
    }
  });
});

describe("what is wanted", () => {
  const wants = (ours: readonly FrontierEntry[], theirs: readonly FrontierEntry[]) =>
    wantsOf(
      treeOf(ours),
      theirs.map((each) => tell(each, OURS)),
      OURS,
    ).map(({ what, from, goal }) => [what, from, goal]);
  test("what they have more of, from where ours ends", () => {
    expect(wants([entry(1, 4)], [entry(1, 9), entry(2, 3)])).toEqual([
      ["chunk", 4, 9],
      ["chunk", 0, 3],
    ]);
    expect(wants([entry(1, 9)], [entry(1, 4)])).toEqual([]);
    expect(wants([entry(1, 4)], [entry(1, 4)])).toEqual([]);
  });
  test("proofs first, when theirs is lower than ours or ours is none", () => {
    expect(wants([entry(2, 1)], [entry(1, 3), entry(2, 4, 5)])).toEqual([
      ["proof", 0, 0],
      ["chunk", 0, 3],
      ["chunk", 1, 4],
    ]);
    expect(wants([entry(2, 4, 5)], [entry(2, 4, 5)])).toEqual([]);
    expect(wants([entry(2, 5, 5)], [entry(2, 3, 3)])).toEqual([["proof", 0, 0]]);
    expect(wants([entry(2, 3, 3)], [entry(2, 5, 5)])).toEqual([]);
    expect(wants([entry(2, 0, 3)], [entry(2, 9)])).toEqual([["chunk", 0, 3]]);
  });
  test("of a feed not held the envelopes come first, one of them when it forked at its birth, and the proof next time", () => {
    expect(wants([], [entry(2, 4, 5)])).toEqual([["chunk", 0, 4]]);
    expect(wants([], [entry(2, 0, 0)])).toEqual([["chunk", 0, 1]]);
  });
  test("two heads at one length tell of a fork: the last 256 are asked for", () => {
    expect(wants([entry(1, 4)], [entry(1, 4, null, 7)])).toEqual([["chunk", 0, 4]]);
    expect(wants([entry(1, 400)], [entry(1, 400, null, 7)])).toEqual([["chunk", 144, 400]]);
  });
});

test("a load answers what was wanted, or says none; a proof likewise", () => {
  const { outputs, sent } = run(
    [],
    [
      ...asking,
      say({ kind: "want", feed: feed(5), from: 3 }),
      say({ kind: "want-proof", feed: feed(6) }),
      { kind: "loaded", feed: feed(5), what: "chunk", bytes: null },
      { kind: "loaded", feed: feed(6), what: "proof", bytes: new Uint8Array([9]) },
    ],
  );
  expect(outputs.filter(({ kind }) => kind.startsWith("load"))).toEqual([
    { kind: "load", feed: feed(5), from: 3 },
    { kind: "load-proof", feed: feed(6) },
  ]);
  expect(sent.slice(-2)).toEqual([
    { kind: "none", feed: feed(5) },
    { kind: "proof", bytes: new Uint8Array([9]) },
  ]);
});
