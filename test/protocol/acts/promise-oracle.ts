/** The sentences of promise.ts, read aloud and slowly: what an act is, what state there is, and which change is in force. */
import type { Parties, PromiseState, Step } from "../../../protocol/acts/promise.ts";
import type { EnvelopeId } from "../../../protocol/crypto/hash.ts";
import { COMMIT } from "./lives.ts";

export function oracle(parties: Parties, steps: readonly Step[], depth = 64) {
  const asked = parties.promiser === parties.giver ? parties.receiver : parties.giver;
  const above = (s: Step): Step | undefined => steps.find(({ id }) => id === s.parent);
  const isParty = (s: Step): boolean => s.by === parties.giver || s.by === parties.receiver;
  /** An act counts if the act above it does, and these two may follow one another. */
  const what = (s: Step, left = depth): string | null => {
    if (left === 0) return null;
    const up = above(s);
    const under = s.parent === COMMIT ? "commit" : up === undefined ? null : what(up, left - 1);
    if (under === null) return null;
    const mine = up === undefined ? s.by === parties.promiser : s.by === up.by;
    const others = up === undefined ? s.by === asked : isParty(s) && s.by !== up.by;
    const isFirst = !steps.some(
      (o) => o.parent === s.parent && o.feed === s.feed && o.seq < s.seq && ["accept", "decline"].includes(o.kind),
    );
    const isProposal = ["commit", "amendment", "correction"].includes(under);
    switch (s.kind) {
      case "accept":
        if (!isProposal || !others || !isFirst) return null;
        return under === "correction" ? "corrected" : "agreement";
      case "decline":
        return isProposal && others && isFirst ? "refusal" : null;
      case "withdraw":
        if (isProposal) return mine ? "taken-back" : null;
        if (under === "dispute") return mine ? "settled" : null;
        return under === "agreement" && isParty(s) ? "called-off" : null;
      case "fulfil":
        return under === "agreement" && s.by === parties.giver ? "fulfilment" : null;
      case "acknowledge":
        return under === "fulfilment" && s.by === parties.receiver ? "receipt" : null;
      case "amend":
        if (!isParty(s)) return null;
        if (under === "agreement") return "amendment";
        return under === "fulfilment" || under === "corrected" ? "correction" : null;
      case "dispute":
        return isParty(s) && ["agreement", "fulfilment", "corrected", "receipt", "called-off"].includes(under) ? "dispute" : null;
    }
  };
  const places = new Map(steps.map((s) => [s.id, what(s)]));
  const all = (place: string): readonly Step[] => steps.filter(({ id }) => places.get(id) === place);
  const under = (id: EnvelopeId, place: string): readonly Step[] => all(place).filter(({ parent }) => parent === id);
  const holds = (s: Step): boolean => under(s.id, "agreement").length + under(s.id, "corrected").length > 0;
  /** Every row of changes that hold, each under the answer to the one before. */
  const rows = (from: readonly Step[], place: string): readonly (readonly Step[])[] => {
    const next = from.flatMap(({ id }) => under(id, place).filter(holds));
    if (next.length === 0) return [[]];
    return next.flatMap((s) => rows([...under(s.id, "agreement"), ...under(s.id, "corrected")], place).map((row) => [s, ...row]));
  };
  const inForce = (from: readonly Step[], place: string): readonly Step[] =>
    [...rows(from, place)].sort(
      (l, r) => r.length - l.length || (l.map(({ id }) => id).join() < r.map(({ id }) => id).join() ? -1 : 1),
    )[0] ?? [];
  const isKept = all("fulfilment").some((s) => s.rest === undefined && under(s.id, "receipt").length > 0);
  const state: PromiseState = isKept
    ? "kept"
    : all("called-off").length + under(COMMIT, "taken-back").length > 0
      ? "withdrawn"
      : under(COMMIT, "refusal").length > 0
        ? "declined"
        : all("fulfilment").some((s) => s.rest === undefined)
          ? "done"
          : all("fulfilment").length > 0
            ? "underway"
            : all("agreement").length > 0
              ? "agreed"
              : "proposed";
  return {
    state,
    places,
    changes: inForce(under(COMMIT, "agreement"), "amendment").map(({ id }) => id),
    quantities: Object.fromEntries(
      all("fulfilment").map((f) => [
        f.id,
        inForce([f], "correction").findLast((s) => s.quantity !== undefined)?.quantity ?? f.quantity ?? null,
      ]),
    ),
    open: [...all("amendment"), ...all("correction")]
      .filter(({ id }) => !steps.some((s) => s.parent === id && places.get(s.id) !== null))
      .map(({ id }) => id)
      .sort(),
    disputes: all("dispute")
      .filter(({ id }) => under(id, "settled").length === 0)
      .map(({ id }) => id)
      .sort(),
  };
}
