/**
 * Circles: who talks with whom, and what they said, as far as this device holds the keys (acts/talk.ts).
 *
 *   L1  A circle counts if its `circle` act does (M2 of community.ts) and names its own author (K1).
 *   L2  Nothing in here is in the community's fingerprint: others carry it sealed.
 */
import { asideHash, type Aside, type Circle, type Response, type TalkAct } from "../acts/talk.ts";
import { bytesToHex } from "../codec/bytes.ts";
import type { EnvelopeId, MemberId } from "../crypto/hash.ts";
import { byTime, push, type Entry, type Said } from "./entry.ts";

export interface CircleRecord {
  /** Of the `circle` act. */
  readonly id: EnvelopeId;
  /** The commitment of its key, in hex. */
  readonly key: string;
  readonly members: readonly MemberId[];
  /** By claimed time, then id. */
  readonly responses: readonly Said<Response>[];
}

export interface Circles {
  /** By id. */
  readonly all: () => readonly CircleRecord[];
  /** The words behind a hash in an act of `by`; null when they are not here. */
  readonly aside: (hash: Uint8Array, by: MemberId) => string | null;
}

export interface CircleTables extends Circles {
  readonly place: (entry: Entry, key: string, act: TalkAct | null) => void;
  readonly forget: () => void;
}

export function createCircles(said: <T extends TalkAct>(entry: Entry, act: T) => Said<T> | null): CircleTables {
  const opened = new Map<string, Entry[]>();
  const responsesUnder = new Map<string, { readonly entry: Entry; readonly act: Response }[]>();
  const asidesByHash = new Map<string, { readonly entry: Entry; readonly key: string; readonly act: Aside }[]>();
  const actOf = new Map<Entry, Circle>();
  let view: readonly CircleRecord[] | null = [];

  function build(): readonly CircleRecord[] {
    const circles = [...opened].flatMap(([key, entries]) =>
      entries.flatMap((entry): readonly CircleRecord[] => {
        const act = actOf.get(entry);
        const circle = act === undefined ? null : said(entry, act);
        if (circle === null || !circle.act.members.includes(circle.by)) return []; // L1
        const { members } = circle.act;
        const responses = (responsesUnder.get(key) ?? [])
          .flatMap((each) => said(each.entry, each.act) ?? [])
          .filter(({ by }) => members.includes(by)); // K2
        return [{ id: entry.id, key, members, responses: responses.sort(byTime) }];
      }),
    );
    return circles.sort((left, right) => (left.id < right.id ? -1 : 1));
  }

  const all = (): readonly CircleRecord[] => (view ??= build());

  return {
    place: (entry, key, act) => {
      view = null;
      if (act === null) return;
      if (act.kind === "circle") {
        actOf.set(entry, act);
        push(opened, key, entry);
      } else if (act.kind === "response") push(responsesUnder, key, { entry, act });
      else push(asidesByHash, bytesToHex(asideHash(act)), { entry, key, act });
    },
    forget: () => {
      view = null;
    },
    all,
    aside: (hash, by) => {
      const found = (asidesByHash.get(bytesToHex(hash)) ?? []).find(({ entry, key, act }) => {
        const isMember = all().some((circle) => circle.key === key && circle.members.includes(by));
        return isMember && said(entry, act)?.by === by;
      });
      return found?.act.words ?? null;
    },
  };
}
