/** The one calm line: where copies of the person's newest words are. Worst news first. */
import type { CommunityView, Copies, KithView } from "../../peer/kith.ts";

export type Status =
  | { readonly kind: "storage-failed" | "storage-full" | "porch" | "saving" | "here-only" | "carried" | "quiet" }
  | { readonly kind: "copied"; readonly neighbours: number };

/** `community`: the one on the screen, or undefined on pages about all of them. */
export function statusOf(view: KithView, community: CommunityView | undefined): Status {
  if (view.storage.state === "failed") return { kind: "storage-failed" };
  if (view.storage.state === "full") return { kind: "storage-full" };
  const concerned = community ? [community] : view.communities;
  if (concerned.length === 0) return { kind: "quiet" };
  const worst = concerned.map(ofCommunity).sort((left, right) => gravity(left) - gravity(right))[0];
  return worst ?? { kind: "quiet" };
}

/** `isAlone`: nobody else is in the community, so whoever has a copy is a hearth, which holds it sealed. */
export function ofCopies(copies: Copies, isAlone = false): Status {
  if (!copies.savedHere) return { kind: "saving" };
  if (isAlone && copies.neighbours > 0) return { kind: "carried" };
  return copies.neighbours === 0 ? { kind: "here-only" } : { kind: "copied", neighbours: copies.neighbours };
}

function ofCommunity(community: CommunityView): Status {
  return community.standing === "porch" ? { kind: "porch" } : ofCopies(community.copies, isAlone(community));
}

export const isAlone = (community: CommunityView): boolean => community.members.length <= 1;

const ORDER: readonly Status["kind"][] = [
  "storage-failed",
  "storage-full",
  "saving",
  "here-only",
  "porch",
  "carried",
  "copied",
  "quiet",
];

function gravity(status: Status): number {
  return ORDER.indexOf(status.kind) * 10_000 + (status.kind === "copied" ? status.neighbours : 0);
}
