/** What one says and what one hears of others, by a clock that is moved by hand. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { profileOf, type DocumentName, type FeedId, type MemberId, type Millis, type Whisper } from "../../protocol/index.ts";
import { decodeWhisper, encodeWhisper } from "../../protocol/documents/whisper.ts";
import { createWhispers, type OwnPlace } from "../../src/peer/whispers.ts";

const CHARTER = "charter" as DocumentName;
const nameOf = (n: number): DocumentName => profileOf(n.toString(16).padStart(64, "0") as MemberId);
const feedOf = (n: number): FeedId => n.toString(16).padStart(64, "0") as FeedId;
const TITLE = { area: "title", text: null, after: null };
const typed = (words: string, doc = CHARTER): OwnPlace => ({ doc, spot: TITLE, words });
const by = (n: number, words = "", doc: string = CHARTER): Whisper => ({ kind: "here", doc, n, spot: TITLE, words });

function stand() {
  let now = 1_000;
  const queue = new Set<{ readonly at: number; readonly run: () => void }>();
  const said: { readonly at: number; readonly whisper: Whisper }[] = [];
  const whispers = createWhispers({
    world: {
      now: () => now as Millis,
      later: (ms, run) => {
        const entry = { at: now + ms, run };
        queue.add(entry);
        return () => void queue.delete(entry);
      },
    },
    publish: (whisper) => said.push({ at: now, whisper }),
  });
  const changes: string[] = [];
  whispers.subscribe((doc) => changes.push(doc));
  /** Runs what is due, in order. */
  const pass = (ms: number): void => {
    const end = now + ms;
    for (;;) {
      const [next] = [...queue].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      queue.delete(next);
      now = Math.max(now, next.at);
      next.run();
    }
    now = end;
  };
  return { whispers, said, changes, pass, waiting: () => queue.size, setClock: (to: number) => (now = to) };
}
const wordsOf = ({ said }: ReturnType<typeof stand>): readonly string[] =>
  said.map(({ whisper }) => (whisper.kind === "here" ? whisper.words : "(gone)"));

test("Y1: of fast typing eight a second are said, and the last word always", () => {
  const one = stand();
  for (let i = 1; i <= 100; i += 1) {
    one.whispers.say(typed("x".repeat(i)));
    one.pass(10);
  }
  expect(one.said.filter(({ at }) => at < 2_000)).toHaveLength(8);
  one.pass(200);
  expect(wordsOf(one).at(-1)).toBe("x".repeat(100));
  expect(one.said).toHaveLength(9);
});

test("Y1: the eight are for all documents together, and each gets its turn", () => {
  const one = stand();
  for (let i = 1; i <= 100; i += 1) {
    for (const doc of [0, 1, 2]) one.whispers.say(typed(`${doc} ${i}`, nameOf(doc)));
    one.pass(10);
  }
  expect(one.said.filter(({ at }) => at < 2_000)).toHaveLength(8);
  one.pass(1_000);
  for (const doc of [0, 1, 2])
    expect(one.said.filter(({ whisper }) => whisper.doc === nameOf(doc)).at(-1)?.whisper).toMatchObject({ words: `${doc} 100` });
});

test("Y1: however it is used, no second holds more than eight, and the end is what was meant", () => {
  const steps = fc.array(fc.record({ doc: fc.nat(2), words: fc.option(fc.string({ maxLength: 3 })), wait: fc.nat(300) }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(steps, (all) => {
      const one = stand();
      const meant = new Map<string, string>();
      for (const { doc, words, wait } of all) {
        if (words === null) one.whispers.letGo(nameOf(doc));
        else one.whispers.say(typed(words, nameOf(doc)));
        if (words !== null) meant.set(nameOf(doc), words);
        else if (meant.has(nameOf(doc))) meant.set(nameOf(doc), "(gone)");
        one.pass(wait);
      }
      one.pass(1_000);
      for (const [index, { at }] of one.said.entries())
        expect((one.said[index + 8]?.at ?? Infinity) - at).toBeGreaterThanOrEqual(1_000);
      const last = new Map(one.said.map(({ whisper }) => [whisper.doc, whisper.kind === "gone" ? "(gone)" : whisper.words]));
      expect(last).toEqual(meant);
      expect(one.said.every(({ whisper: { n } }, i) => n > (one.said[i - 1]?.whisper.n ?? -1))).toBe(true); // Y5
    }),
    { numRuns: 60 },
  );
});

test("what has not changed is not said again before its time", () => {
  const one = stand();
  for (let i = 0; i < 20; i += 1) {
    one.whispers.say(typed("so"));
    one.pass(100);
  }
  expect(one.said).toHaveLength(1);
});

test("Y2: while one looks it is said every four seconds; once let go, that one is gone, and nothing more", () => {
  const one = stand();
  one.whispers.say({ doc: CHARTER, spot: null, words: "" });
  one.pass(12_500);
  expect(one.said.map(({ at }) => at)).toEqual([1_000, 5_000, 9_000, 13_000]);
  one.whispers.letGo(CHARTER);
  one.whispers.letGo(CHARTER);
  one.pass(20_000);
  expect(one.said.slice(4).map(({ whisper }) => whisper.kind)).toEqual(["gone"]);
  expect(one.waiting()).toBe(0);
});

test("Y2: closing says gone at once, for all that was looked at; then nothing is said, heard or waited for", () => {
  const one = stand();
  one.whispers.say(typed("a"));
  one.whispers.say(typed("b", nameOf(1)));
  one.whispers.hear(feedOf(1), by(1));
  one.whispers.close();
  one.whispers.close();
  expect(one.said.slice(1).map(({ whisper }) => [whisper.kind, whisper.doc])).toEqual([
    ["gone", CHARTER],
    ["gone", nameOf(1)],
  ]);
  one.whispers.say(typed("c"));
  one.whispers.letGo(CHARTER);
  one.whispers.hear(feedOf(2), by(1));
  expect([one.said.length, one.waiting()]).toEqual([3, 0]);
});

test("Y3: who falls silent is gone after ten seconds; who is heard again stays", () => {
  const one = stand();
  one.whispers.hear(feedOf(1), by(1, "soup"));
  one.whispers.hear(feedOf(2), by(1));
  expect(one.whispers.heard(CHARTER)).toEqual([
    { feed: feedOf(1), spot: TITLE, words: "soup", at: 1_000 },
    { feed: feedOf(2), spot: TITLE, words: "", at: 1_000 },
  ]);
  one.pass(9_000);
  one.whispers.hear(feedOf(2), by(2));
  one.pass(1_000);
  expect(one.whispers.heard(CHARTER).map(({ feed }) => feed)).toEqual([feedOf(2)]);
  one.pass(9_000);
  expect(one.whispers.heard(CHARTER)).toEqual([]);
  expect(one.waiting()).toBe(0);
});

test("Y3: whatever the speaker's clock says, and also where our timers come late", () => {
  const one = stand();
  one.whispers.hear(feedOf(1), by(Number.MAX_SAFE_INTEGER));
  one.setClock(11_000); // a page that was asleep: no timer ran
  expect(one.whispers.heard(CHARTER)).toEqual([]);
});

test("who says that they are gone, is; and others hear of every change once", () => {
  const one = stand();
  one.whispers.hear(feedOf(1), by(1, "a"));
  one.whispers.hear(feedOf(1), by(2, "a")); // said again: nothing new to draw
  one.whispers.hear(feedOf(1), by(3, "ab"));
  one.whispers.hear(feedOf(1), { kind: "gone", doc: CHARTER, n: 4 });
  one.whispers.hear(feedOf(1), { kind: "gone", doc: CHARTER, n: 5 });
  expect(one.whispers.heard(CHARTER)).toEqual([]);
  expect(one.changes).toEqual([CHARTER, CHARTER, CHARTER]);
});

test("Y4: 64 feeds in a document; who is shown stays", () => {
  const one = stand();
  for (let n = 1; n <= 70; n += 1) one.whispers.hear(feedOf(n), by(1));
  expect(one.whispers.heard(CHARTER).map(({ feed }) => feed)).toEqual(Array.from({ length: 64 }, (_, n) => feedOf(n + 1)));
});

test("Y4: one feed is in four documents at most; the one it was heard in longest ago gives way", () => {
  const one = stand();
  for (const [n, doc] of [1, 2, 3, 4, 1, 5, 6].entries()) {
    one.whispers.hear(feedOf(1), by(n, "", nameOf(doc)));
    one.pass(10);
  }
  expect([1, 2, 3, 4, 5, 6].map((n) => one.whispers.heard(nameOf(n)).length)).toEqual([1, 0, 0, 1, 1, 1]);
});

test("Y4: 32 documents are remembered; those that we look at stay", () => {
  const one = stand();
  one.whispers.say(typed("", nameOf(0)));
  for (let n = 0; n < 40; n += 1) one.whispers.hear(feedOf(n), by(1, "", nameOf(n)));
  const remembered = Array.from({ length: 40 }, (_, n) => n).filter((n) => one.whispers.heard(nameOf(n)).length > 0);
  expect(remembered).toEqual([0, ...Array.from({ length: 31 }, (_, n) => n + 9)]);
});

test("Y4: a document of a kind that we do not know is not remembered", () => {
  const one = stand();
  for (const doc of ["", "charter/", "__proto__", "picture/1"]) one.whispers.hear(feedOf(1), by(1, "", doc));
  expect(one.waiting()).toBe(0);
  expect(one.changes).toEqual([]);
});

test("Y5: `n` rises when the clock stands still or goes back", () => {
  const one = stand();
  for (const words of ["a", "b", "c"]) {
    one.whispers.say(typed(words));
    one.pass(125);
    one.setClock(500);
  }
  expect(one.said.map(({ whisper }) => whisper.n)).toEqual([1_000, 1_001, 1_002]);
});

test("Y6: whatever is typed, what is said is a whisper that others read; of long words the end", () => {
  const spot = fc.option(fc.constant(TITLE));
  fc.assert(
    fc.property(
      fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)), maxLength: 1_500 }),
      spot,
      (words, where) => {
        const one = stand();
        one.whispers.say({ doc: CHARTER, spot: where, words });
        const whisper = one.said[0]!.whisper;
        expect(decodeWhisper(encodeWhisper(whisper))).toEqual({ ok: true, value: whisper });
      },
    ),
  );
  const one = stand();
  one.whispers.say(typed(`🌱${"x".repeat(999)}`));
  expect(wordsOf(one)).toEqual([`\uFFFD${"x".repeat(999)}`]);
});

test("whatever is heard, nothing throws and what is remembered is bounded", () => {
  const heard = fc.record({
    feed: fc.nat(200),
    doc: fc.oneof(fc.nat(60).map(nameOf), fc.constant(CHARTER), fc.string()),
    isGone: fc.boolean(),
    n: fc.nat(),
    wait: fc.nat(400),
  });
  fc.assert(
    fc.property(fc.array(heard, { maxLength: 300 }), (all) => {
      const one = stand();
      for (const { feed, doc, isGone, n, wait } of all) {
        one.whispers.hear(feedOf(feed), isGone ? { kind: "gone", doc, n } : by(n, "", doc));
        one.pass(wait);
      }
      const shown = [CHARTER, ...Array.from({ length: 61 }, (_, n) => nameOf(n))].map((doc) => one.whispers.heard(doc).length);
      expect(shown.filter((count) => count > 0).length).toBeLessThanOrEqual(32);
      expect(one.waiting()).toBe(shown.reduce((sum, count) => sum + count, 0));
      one.pass(10_000);
      expect(one.waiting()).toBe(0);
    }),
    { numRuns: 40 },
  );
});

test("who stops listening hears no more, and a listener may be there twice", () => {
  const one = stand();
  let calls = 0;
  const listener = (): void => void (calls += 1);
  const stops = [one.whispers.subscribe(listener), one.whispers.subscribe(listener)];
  one.whispers.hear(feedOf(1), by(1, "a"));
  stops[0]!();
  one.whispers.hear(feedOf(1), by(2, "b"));
  expect(calls).toBe(3);
});
