/** What a reception means to a session, and to gossip. Blame only for what is provably bad at this hop. */
import type { Outcome } from "../../protocol/index.ts";
import type { Verdict } from "../net/wires.ts";
import type { Reception } from "./holding.ts";

/** An envelope this near to the end of its feed is passed on even when a session brought it first. */
const RECENT = 64;

export function outcomeOf(reception: Reception): Outcome {
  switch (reception.kind) {
    case "grown":
      return { kind: "grown", length: reception.length };
    case "ask-earlier":
      return { kind: "ask-earlier", from: reception.from };
    case "refused":
      return { kind: isBlame(reception) ? "refused" : "settled" };
    case "known":
      return { kind: "grown", length: reception.end }; // a search for a fork goes on behind what both have
    case "gap":
    case "forked":
    case "closed":
    case "not-stored":
      return { kind: "settled" };
    default:
      return reception satisfies never;
  }
}

export function verdictOf(reception: Reception): Verdict {
  switch (reception.kind) {
    case "grown":
      return "accept";
    case "known":
      return reception.behind <= RECENT ? "accept" : "ignore";
    case "refused":
      return isBlame(reception) ? "reject" : "ignore";
    case "gap":
    case "ask-earlier":
    case "forked":
    case "closed":
    case "not-stored":
      return "ignore";
    default:
      return reception satisfies never;
  }
}

/** Provably bad at this hop, rather than new to us. */
function isBlame({ error }: Extract<Reception, { kind: "refused" }>): boolean {
  switch (error.kind) {
    case "newer-version":
    case "unknown-feed":
    case "not-admitted":
    case "bodies-missing":
    case "judge-gone":
      return false;
    case "too-large":
    case "malformed":
    case "foreign-feed-name":
    case "bad-signature":
    case "inadmissible-key":
      return true;
    default:
      return error satisfies never;
  }
}
