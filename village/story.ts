/**
 * Story: what happens in a village, as scripts of steps by people at times. Data alone: whoever makes stories decides everything,
 * perform.ts writes it. A new kind of act is a new deed here, one arm there, and a script that uses it (exchanges.ts).
 */
import type { BlockKind, ClosingReason, Millis, Post, ProfileFact } from "../protocol/index.ts";

/** How later steps name what an earlier one wrote: unlike any other of the village. */
export type Label = string;

/** Beside an act: for all, or for the other of the two alone. */
export interface Said {
  readonly words?: string;
  readonly aside?: { readonly to: number; readonly words: string };
}

export type Deed =
  | { readonly kind: "found"; readonly name: string; readonly purpose: string }
  | { readonly kind: "invite"; readonly expires: Millis }
  | { readonly kind: "close-invite"; readonly door: Label }
  | { readonly kind: "join"; readonly door: Label }
  | { readonly kind: "post"; readonly post: Post }
  /** Said anew, with a line more. */
  | { readonly kind: "revise"; readonly on: Label; readonly details: string }
  | { readonly kind: "close"; readonly on: Label; readonly why: ClosingReason }
  /** Between the two. */
  | { readonly kind: "respond"; readonly on: Label; readonly to: number; readonly words: string }
  | ({ readonly kind: "commit"; readonly on: Label; readonly quantity?: number } & Said)
  | ({ readonly kind: "accept" | "decline" | "withdraw" | "acknowledge" | "dispute"; readonly to: Label } & Said)
  | ({ readonly kind: "fulfil"; readonly to: Label; readonly quantity?: number; readonly rest?: "open" } & Said)
  | ({ readonly kind: "amend"; readonly to: Label; readonly quantity?: number; readonly due?: Millis } & Said)
  | { readonly kind: "write"; readonly page: Page; readonly changes: readonly Change[]; readonly beside?: Beside };

/** The charter, or one's own profile. */
export type Page = "charter" | "profile";

/** Another hand in the same page at the same time: both type before either has settled. */
export interface Beside {
  readonly by: number;
  readonly changes: readonly Change[];
}

export type Change =
  | { readonly put: BlockKind; readonly text: string }
  /** Behind the text of the block at this place, or of the last one. */
  | { readonly behind: number; readonly text: string }
  | { readonly fact: ProfileFact; readonly words: string };

export interface Step {
  readonly at: Millis;
  /** Who, by number; 0 founds. */
  readonly by: number;
  readonly as?: Label;
  readonly deed: Deed;
}

export type Story = readonly Step[];

export interface Villager {
  readonly name: string;
  readonly joins: Millis;
}

export interface Plan {
  readonly starts: Millis;
  readonly ends: Millis;
  readonly people: readonly Villager[];
  /** Whose eyes the demo opens with: things wait for her. */
  readonly visitor: number;
  readonly stories: readonly Story[];
}
