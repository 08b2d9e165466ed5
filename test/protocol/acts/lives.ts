/** Promises for tests: Ana (two devices) promises Bo (two devices) something; every small set of acts under it, and its orders. */
import { placeOf, type Parties, type Place, type Step } from "../../../protocol/acts/promise.ts";
import type { EnvelopeId, FeedId, MemberId } from "../../../protocol/crypto/hash.ts";

export const [ana, bo, cy] = ["a", "b", "c"].map((who) => who.repeat(64) as MemberId) as [MemberId, MemberId, MemberId];
export const COMMIT = "commit" as EnvelopeId;
export const giving: Parties = { giver: ana, receiver: bo, promiser: ana };
export const taking: Parties = { giver: bo, receiver: ana, promiser: ana };
export const KINDS = ["accept", "decline", "withdraw", "fulfil", "acknowledge", "amend", "dispute"] as const;
export type Device = readonly [string, MemberId];
export const DEVICES: readonly Device[] = [
  ["ana 1", ana],
  ["ana 2", ana],
  ["bo 1", bo],
  ["bo 2", bo],
];

export const step = (
  id: string,
  kind: Step["kind"],
  feed: string,
  parent: string,
  more: Partial<Pick<Step, "seq" | "quantity" | "due" | "rest">> = {},
): Step => ({
  id: id as EnvelopeId,
  feed: feed as FeedId,
  seq: 0,
  by: feed.startsWith("ana") ? ana : feed.startsWith("bo") ? bo : cy,
  kind,
  parent: parent as EnvelopeId,
  ...more,
});

/** Every set of `size` acts whose parents are the commit or an act of the set. */
export function* setsOf(size: number, devices: readonly Device[], from: readonly Step[] = []): Generator<readonly Step[]> {
  if (from.length === size) return yield from;
  const parents = [COMMIT, ...from.map(({ id }) => id)];
  for (const parent of parents) {
    for (const kind of KINDS)
      for (const [feed] of devices) {
        // Of equal sets, one: later acts do not hang on earlier parents than the act before them.
        const last = from.at(-1);
        const order = (p: string, k: string, f: string) =>
          `${String(parents.indexOf(p as EnvelopeId))}${String(KINDS.indexOf(k as "accept"))}${f}`;
        if (last !== undefined && order(parent, kind, feed) < order(last.parent, last.kind, last.feed)) continue;
        const seq = from.filter((s) => s.feed === feed).length;
        yield* setsOf(size, devices, [...from, step(`s${String(from.length)}`, kind, feed, parent, { seq })]);
      }
  }
}

/** The sets in which every act counts, grown one act at a time: much deeper than all sets. */
export function* storiesOf(
  size: number,
  parties: Parties,
  from: readonly (Step & { readonly place: Place })[] = [],
): Generator<readonly Step[]> {
  if (from.length === size) return yield from;
  const above = [{ id: COMMIT, by: parties.promiser, place: "commit" as Place }, ...from];
  for (const parent of above)
    for (const kind of KINDS)
      for (const [feed, by] of [DEVICES[0]!, DEVICES[2]!]) {
        const place = placeOf(parent.place, parent.by, kind, by, parties);
        if (place === null) continue;
        const seq = from.filter((s) => s.feed === feed).length;
        yield* storiesOf(size, parties, [...from, { ...step(`s${String(from.length)}`, kind, feed, parent.id, { seq }), place }]);
      }
}

export const orders = <T>(items: readonly T[]): readonly (readonly T[])[] =>
  items.length < 2 ? [items] : items.flatMap((item, i) => orders(items.filter((_, j) => j !== i)).map((rest) => [item, ...rest]));
