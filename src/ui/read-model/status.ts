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

/** People who have it come before hearths, which hold it sealed. */
export function ofCopies({ savedHere, neighbours, hearths }: Copies): Status {
  if (!savedHere) return { kind: "saving" };
  if (neighbours > 0) return { kind: "copied", neighbours };
  return hearths > 0 ? { kind: "carried" } : { kind: "here-only" };
}

function ofCommunity(community: CommunityView): Status {
  return community.standing === "porch" ? { kind: "porch" } : ofCopies(community.copies);
}

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
