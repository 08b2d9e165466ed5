/** In person, as its users see it: lines in and out, and what may be wrong with one. No wire is in here. */
import type { LineError, Result } from "../../protocol/index.ts";
import type { PeerName } from "./wires.ts";

export type InPersonError =
  | LineError
  /** The other one of the two lines was given. */
  | { readonly kind: "not-an-offer" | "not-an-answer" }
  | { readonly kind: "own-line" }
  /** It answers an offer of ours that is over: too late, replaced, or answered already. */
  | { readonly kind: "expired" }
  /** It answers an offer that this node never made, or that was changed on its way. */
  | { readonly kind: "foreign" }
  /** Neither side knows a way: on a LAN without a gateway one of the two has to give the media permission. */
  | { readonly kind: "no-way" }
  | { readonly kind: "timed-out" | "unreachable" }
  /** Who came was not who the line named. */
  | { readonly kind: "wrong-peer" }
  /** This browser cannot make a line at all. */
  | { readonly kind: "unavailable" }
  | { readonly kind: "closed" };

export interface InPerson {
  /** A line to hand over. Aborting takes it back. */
  readonly offer: (signal: AbortSignal) => Promise<Result<string, InPersonError>>;
  /** Reads an offer; the line to hand back. The connection comes up by itself once the other side has read it. */
  readonly answer: (offer: string, signal: AbortSignal) => Promise<Result<string, InPersonError>>;
  /** Reads the answer to our offer and connects. Aborting gives up; the offer is spent either way. */
  readonly finish: (answer: string, signal: AbortSignal) => Promise<Result<PeerName, InPersonError>>;
  /** Closing twice is harmless. */
  readonly close: () => void;
}
