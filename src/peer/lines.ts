/** The lines of two people side by side, as the screens know them: one deed for each, and refusals that a person can act on. */
import { err, ok, type Result } from "../../protocol/index.ts";
import type { InPerson, InPersonError } from "../net/in-person-lines.ts";
import type { Kith, LineProblem } from "./kith.ts";

type LineDeeds = Pick<Kith, "offerLine" | "answerLine" | "finishLine">;

/** `inPerson` answers null while there is no network, and where none can be reached in person. */
export function createLineDeeds(inPerson: () => InPerson | null): LineDeeds {
  const told = async <T>(deed: (present: InPerson) => Promise<Result<T, InPersonError>>): Promise<Result<T, LineProblem>> => {
    const present = inPerson();
    if (present === null) return err({ kind: "no-network" });
    const done = await deed(present);
    return done.ok ? done : err({ kind: problemOf(done.error) });
  };
  return {
    offerLine: (signal) => told((present) => present.offer(signal)),
    answerLine: (offer, signal) => told((present) => present.answer(offer, signal)),
    finishLine: async (answer, signal) => {
      const met = await told((present) => present.finish(answer, signal));
      return met.ok ? ok(undefined) : met;
    },
  };
}

function problemOf({ kind }: InPersonError): LineProblem["kind"] {
  switch (kind) {
    case "too-large":
    case "not-base64url":
    case "damaged":
    case "malformed":
      return "unreadable-line";
    case "expired":
      return "expired-line";
    case "foreign":
      return "foreign-line";
    case "timed-out":
    case "unreachable":
    case "wrong-peer":
      return "not-connected";
    case "unavailable":
    case "closed":
      return "no-network";
    case "newer-version":
    case "not-an-offer":
    case "not-an-answer":
    case "own-line":
    case "no-way":
      return kind;
    default:
      return kind satisfies never;
  }
}
