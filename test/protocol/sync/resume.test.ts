/**
 * 1. Ana and Bo hold parts of one community of 560 feeds, some of several chunks: enough to compare buckets.
 * 2. Their wire is cut after the first frame, after the second, and so on up to the last.
 * 3. Each time they meet again, and again until they are equal.
 * 4. What had come before the cut does not come twice.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { runs } from "../../runs.ts";
import { chunkOf, encodeChunk, joinChunks, linksOf } from "../../../protocol/feed/chunk.ts";
import type { Envelope } from "../../../protocol/envelope/envelope.ts";
import { createBirth } from "../../../protocol/envelope/header.ts";
import { openLinks } from "../../../protocol/space/ingest.ts";
import type { Millis } from "../../../protocol/lang/brand.ts";
import { createReplica } from "../../../protocol/space/replica.ts";
import { writeAct } from "../../../protocol/space/writer.ts";
import { createChance, found, type Group } from "../../people.ts";
import { meet, type Meeting, type Peer } from "./meeting.ts";

const FEEDS = 560;
/** Feeds of which one side holds more, by turns; each of up to three chunks. */
const DIFFER = 9;
const CHUNK = 3;
let group: Group;
let feeds: readonly (readonly Envelope[])[];

beforeAll(() => {
  const chance = createChance(5);
  const made = found("Ana", chance);
  group = made.group;
  const { deviceKey } = made.founder.writer.birth;
  feeds = Array.from({ length: FEEDS }, (_, n) => {
    const { feed, birth } = createBirth(group.tag, group.epoch, deviceKey, chance(32));
    let writer = { ...made.founder.writer, feed, birth, length: 0, head: null as Envelope["id"] | null };
    return Array.from({ length: n < DIFFER ? 2 + (n % 8) : 1 }, (_each, seq) => {
      const offer = { kind: "offer", title: `Bread ${seq}` } as const;
      const written = writeAct(writer, group.epoch, chance(24), 9 as Millis, [], offer);
      writer = written.writer;
      return written.envelope;
    });
  });
}, 60_000);

/** Holds these lengths, as chunks of CHUNK. */
function peerWith(lengthOf: (n: number) => number): Peer {
  const peer: Peer = { group, replica: createReplica(group.tag), shelf: new Map() };
  feeds.forEach((all, n) => {
    for (let at = 0; at < lengthOf(n); at += CHUNK) {
      const chunk = joinChunks(all.slice(at, Math.min(at + CHUNK, lengthOf(n))).map(chunkOf));
      const links = linksOf(group.tag, chunk);
      peer.replica.admit({ chunk, links, opened: openLinks(group.tag, chunk.feed, links, [group.epoch]) });
      peer.shelf.set(chunk.feed, [...(peer.shelf.get(chunk.feed) ?? []), encodeChunk(chunk)]);
    }
  });
  return peer;
}
const pair = (): readonly [Peer, Peer] => [
  peerWith((n) => (n < DIFFER && n % 2 === 0 ? n % 4 : feeds[n]!.length)),
  peerWith((n) => (n < DIFFER && n % 2 === 1 ? n % 3 : feeds[n]!.length)),
];
const total = (frames: readonly Uint8Array[]) => frames.reduce((sum, { length }) => sum + length, 0);
const bytesOf = (meetings: readonly Meeting[]) => total(meetings.flatMap(({ arrived }) => arrived));
const areEqual = ([ana, bo]: readonly [Peer, Peer]) => ana.replica.digest() === bo.replica.digest();
const inTurn = () => {
  let turn = 0;
  return () => (turn += 1);
};

describe("resume", () => {
  test("cut after every frame, they converge, and nothing that arrived comes twice", () => {
    const whole = pair();
    const uncut = meet(whole, inTurn());
    expect([areEqual(whole), uncut.ends.map(({ phase }) => phase)]).toEqual([true, ["closed", "closed"]]);
    expect(uncut.frames.length).toBeGreaterThan(25);
    expect(new Set(uncut.frames.map(([kind]) => kind))).toEqual(new Set([1, 2, 3, 4, 8, 9, 10]));
    const last = uncut.frames.length;
    const cuts = runs(12, last + 1);
    for (const cut of Array.from({ length: cuts }, (_, at) => Math.round((at * last) / (cuts - 1)))) {
      const peers = pair();
      const meetings = [meet(peers, inTurn(), cut)];
      while (!areEqual(peers)) {
        expect(meetings.length).toBeLessThan(4); // one, or one more where chance hid something
        meetings.push(meet(peers, inTurn()));
      }
      expect(peers[0].replica.digest()).toBe(whole[0].replica.digest());
      expect([cut, bytesOf(meetings)]).toEqual([cut, bytesOf([uncut])]);
    }
  }, 60_000);
  test("cut again and again after a few frames, they still get there", () => {
    const peers = pair();
    const meetings: Meeting[] = [];
    for (; !areEqual(peers); meetings.push(meet(peers, inTurn(), 18))) expect(meetings.length).toBeLessThan(20);
    expect(meetings.length).toBeGreaterThan(2);
    const whole = pair();
    expect(bytesOf(meetings)).toBe(bytesOf([meet(whole, inTurn())]));
  });
});
