/** Random histories of doors, joins and closings, folded in any order, against a naive oracle that reads the rules aloud. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { foldAuthority, type AuthorityRecord } from "../../../protocol/authority/authority.ts";
import type { EnvelopeId, FeedId } from "../../../protocol/crypto/hash.ts";
import { bestOf } from "../../best-of.ts";
import { runs } from "../../runs.ts";
import { TAG, createHistory, feedNamed, genesis } from "./records.ts";

const FEEDS = ["ana", "bo", "cy", "di", "eve"];
const move = fc.record({
  kind: fc.constantFrom("invite", "single", "join", "join", "join", "accept", "accept", "close", "genesis"),
  feed: fc.constantFrom(...FEEDS),
  target: fc.nat(30),
  past: fc.array(fc.nat(30), { maxLength: 3 }),
  honest: fc.integer({ min: 0, max: 9 }),
  named: fc.subarray(FEEDS),
  member: fc.constantFrom(...FEEDS),
});
type Move = typeof move extends fc.Arbitrary<infer T> ? T : never;

function play(moves: readonly Move[]): readonly AuthorityRecord[] {
  const history = createHistory();
  const founded = history.found();
  const open = history.invite("ana", "door 0", [founded]);
  const doors: EnvelopeId[] = [open, history.invite("ana", "door 1", [open], "single")];
  for (const { kind, feed, target, past, honest, named, member } of moves) {
    const at = target % doors.length;
    const door = doors[at]!;
    const deps = [...new Set(past.map((n) => history.records[n % history.records.length]!.id))];
    switch (kind) {
      case "invite":
        doors.push(history.invite(feed, `door ${doors.length}`, deps));
        break;
      case "single":
        doors.push(history.invite(honest > 4 ? "ana" : feed, `door ${doors.length}`, deps, "single"));
        break;
      case "accept": {
        const made = new Map(
          history.records.flatMap(({ id, act, feed: by }) => (act.kind === "invite" ? [[id, { act, by }]] : [])),
        );
        const joins = history.records.flatMap(({ id, act }) =>
          act.kind === "join" && (honest < 2 || made.get(act.invite)?.act.door === "single") ? [{ id, invite: act.invite }] : [],
        );
        const join = joins[target % joins.length];
        const maker = FEEDS.find((name) => feedNamed(name) === made.get(join?.invite ?? door)?.by);
        if (join !== undefined) history.accept(honest < 2 ? feed : (maker ?? feed), honest < 1 ? door : join.invite, join.id);
        break;
      }
      case "join":
        if (honest > 1)
          history.join(feed, door, `door ${at}`, { member: honest > 3 ? feed : member, deps: [...new Set([door, ...deps])] });
        else history.join(feed, door, honest === 0 ? "no door" : `door ${at}`, { deps, member });
        break;
      case "close":
        history.close(feed, door, named, deps);
        break;
      case "genesis":
        history.add(feed, genesis, deps);
    }
  }
  return history.records;
}

/** The rules, one sentence each, without a thought for cost. */
function oracle(records: readonly AuthorityRecord[]): readonly (readonly [FeedId, string])[] {
  const by = new Map(records.map((record) => [record.id, record]));
  const founders = records.find((record) => record.feed === feedNamed("ana") && record.seq === 0)!.feed; // only Ana's device can
  const speaks = (feed: FeedId): string | null => {
    const join = records.find((record) => record.feed === feed && record.seq === (feed === founders ? 1 : 0));
    if (join?.act.kind !== "join" || join.act.certificate.device !== Buffer.from(join.deviceKey).toString("hex")) return null;
    const { act } = join;
    if (feed === founders)
      return act.certificate.member === genesis.founder && by.get(act.invite)?.act.kind === "genesis"
        ? act.certificate.member
        : null;
    const invite = by.get(act.invite);
    if (invite?.act.kind !== "invite" || !join.deps.includes(invite.id) || speaks(invite.feed) === null) return null;
    if (act.key === undefined || act.proof === undefined || Buffer.compare(act.key, invite.act.key) !== 0) return null;
    const closingsBy = (author: FeedId) =>
      records.flatMap((record) =>
        record.act.kind === "close-invite" && record.act.invite === invite.id && record.feed === author ? [record.act] : [],
      );
    const stewards = closingsBy(founders);
    const closings = stewards.length > 0 ? stewards : closingsBy(invite.feed);
    if (closings.length > 0 && !closings.some(({ joins }) => joins.includes(act.certificate.member))) return null;
    if (invite.act.door === "open") return act.certificate.member;
    const acceptances = records.filter(
      (record) => record.act.kind === "accept-join" && record.act.invite === invite.id && record.feed === invite.feed,
    );
    const [first] = acceptances.sort((left, right) => left.seq - right.seq);
    return first?.act.kind === "accept-join" && first.act.join === join.id ? act.certificate.member : null;
  };
  return [...new Set(records.map(({ feed }) => feed))].sort().flatMap((feed) => {
    const member = speaks(feed);
    return member === null ? [] : [[feed, member] as const];
  });
}

const shuffled = (records: readonly AuthorityRecord[], keys: readonly number[]) =>
  records
    .map((record, i) => ({ record, key: (keys[i % keys.length]! * (i + 1)) % 1_009 }))
    .sort((a, b) => a.key - b.key)
    .map(({ record }) => record);
const picture = (records: readonly AuthorityRecord[]) => {
  const { members, memberByFeed, invites, heads, genesis: first } = foldAuthority(TAG, records);
  const inOrder = <T>(map: ReadonlyMap<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return { members: inOrder(members), feeds: inOrder(memberByFeed), invites: inOrder(invites), heads, genesis: first?.id };
};

test("any history folds as the rules read, whatever the order of arrival", () => {
  let joined = 0;
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(move, { maxLength: 14 }), fc.array(fc.nat(1_000), { minLength: 3, maxLength: 9 }), (moves, keys) => {
      const records = play(moves);
      const expected = oracle(records);
      const given = picture(records);
      expect(given.feeds).toEqual(expected);
      expect(picture(shuffled(records, keys))).toEqual(given);
      joined += expected.length - 1;
      accepted += given.invites.filter(([, { act, joined: by }]) => act.door === "single" && by.length > 0).length;
    }),
    { numRuns: runs(400, 800) },
  );
  expect(joined).toBeGreaterThan(100); // the histories are not all of strangers
  expect(accepted).toBeGreaterThan(10);
});

test("a part of a history folds as the rules read too: what is missing is simply not in the past", () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 12 }), fc.array(fc.boolean(), { minLength: 5, maxLength: 20 }), (moves, keep) => {
      const records = play(moves).filter((_, i) => i < 2 || keep[i % keep.length]);
      expect(picture(records).feeds).toEqual(oracle(records));
    }),
    { numRuns: 200 },
  );
});

test("ten thousand invitations in one chain are folded in a second", () => {
  const history = createHistory((n) => n % 65_536);
  let last = history.found();
  for (let i = 0; i < 10_000; i += 1) last = history.invite("ana", "door", [last]);
  expect(bestOf(3, 1_000, () => void foldAuthority(TAG, history.records))).toBeLessThan(1_000);
});

test("two thousand acts in one chain are folded without a long stack", () => {
  const history = createHistory((n) => n % 65_536);
  let last = history.found();
  for (let i = 0; i < 2_000; i += 1) last = history.close("ana", last, [], [last]);
  expect(foldAuthority(TAG, history.records.reverse()).members.size).toBe(1);
});
