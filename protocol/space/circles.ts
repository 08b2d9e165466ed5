/**
 * Circles: who talks with whom, and what they said, as far as this device holds the keys (acts/talk.ts).
 *
 *   L1  A circle counts if a `circle` act of one of its members does (M2 of community.ts). Words in it fall with that act: its
 *       key lies in boxes beside it, behind the same fork point, and who has no key yet could never read them.
 *   L2  Nothing in here is in the community's fingerprint: others carry it sealed.
 */
import { asideHash, type Aside, type Circle, type Response, type TalkAct } from "../acts/talk.ts";
import { bytesToHex, hexToBytes } from "../codec/bytes.ts";
import { circleIdOf, type CircleId, type MemberId } from "../crypto/hash.ts";
import { push } from "../lang/push.ts";
import { byTime, type Entry, type Said } from "./entry.ts";

export interface CircleRecord {
  readonly id: CircleId;
  /** The commitment of its key, in hex. */
  readonly key: string;
  readonly members: readonly MemberId[];
  /** By claimed time, then id. */
  readonly responses: readonly Said<Response>[];
}

export interface Circles {
  /** By id. */
  readonly all: () => readonly CircleRecord[];
  /** The words behind a hash in an act of `by`, said to `other`; null when they are not here. */
  readonly aside: (hash: Uint8Array, by: MemberId, other: MemberId) => string | null;
}

export interface CircleTables extends Circles {
  readonly place: (entry: Entry, key: string, act: TalkAct | null) => void;
  readonly forget: () => void;
}

/** What was said under a key. */
interface Spoken<T extends TalkAct> {
  readonly entry: Entry;
  readonly key: string;
  readonly act: T;
}

export function createCircles(said: <T extends TalkAct>(entry: Entry, act: T) => Said<T> | null): CircleTables {
  const openings = new Map<CircleId, Spoken<Circle>[]>();
  const responsesIn = new Map<CircleId, Spoken<Response>[]>();
  const asidesByHash = new Map<string, Spoken<Aside>[]>();
  /** By hash, author and reader: a liar can hang thousands of asides on one hash, and the hash on thousands of acts. */
  let found = new Map<string, string | null>();
  let view: ReadonlyMap<CircleId, CircleRecord> | null = new Map();
  let list: readonly CircleRecord[] | null = [];

  const build = (): ReadonlyMap<CircleId, CircleRecord> =>
    new Map([...openings].flatMap(([id, acts]) => circleFrom(id, acts).map((circle) => [id, circle] as const)));

  function circleFrom(id: CircleId, acts: readonly Spoken<Circle>[]): readonly CircleRecord[] {
    const [first] = acts; // any: the id names both key and members
    if (first === undefined) return [];
    const {
      key,
      act: { members },
    } = first;
    const isOpen = acts.some(({ entry, act }) => act.members.includes(said(entry, act)?.by ?? NOBODY)); // L1
    if (!isOpen) return [];
    const responses = (responsesIn.get(id) ?? []).flatMap((each) => {
      const response = each.key === key ? said(each.entry, each.act) : null;
      return response !== null && members.includes(response.by) ? [response] : []; // K2
    });
    return [{ id, key, members, responses: responses.sort(byTime) }];
  }

  const circles = (): ReadonlyMap<CircleId, CircleRecord> => (view ??= build());
  const forget = (): void => {
    view = null;
    list = null;
    found = new Map();
  };
  function findAside(hash: string, by: MemberId, other: MemberId): string | null {
    const fitting = (asidesByHash.get(hash) ?? []).find(({ entry, key, act }) => {
      const circle = circles().get(act.circle);
      return circle?.key === key && [by, other].every((each) => circle.members.includes(each)) && said(entry, act)?.by === by;
    });
    return fitting?.act.words ?? null;
  }

  return {
    place: (entry, key, act) => {
      forget();
      if (act === null) return;
      if (act.kind === "circle") push(openings, circleIdOf(hexToBytes(key), act.members), { entry, key, act });
      else if (act.kind === "response") push(responsesIn, act.circle, { entry, key, act });
      else push(asidesByHash, bytesToHex(asideHash(act)), { entry, key, act });
    },
    forget,
    all: () => (list ??= [...circles().values()].sort((left, right) => (left.id < right.id ? -1 : 1))),
    aside: (hash, by, other) => {
      const hex = bytesToHex(hash);
      const name = `${hex} ${by} ${other}`;
      const known = found.get(name);
      if (known !== undefined) return known;
      const words = findAside(hex, by, other);
      found.set(name, words);
      return words;
    },
  };
}

/** No member's name: those are hex. */
const NOBODY = "" as MemberId;
