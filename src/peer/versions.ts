/** Versions: moments of a document worth looking back to. A person's edits that follow each other closely are one. */
import type { Decided, FeedId } from "../../protocol/index.ts";
import type { VersionView } from "./open-document.ts";
import type { PersonView } from "./person-view.ts";

/** A pause of this length begins another moment. */
const PAUSE_MS = 10 * 60_000;

/** Newest first. `ordered` as `inOrder` gives it; of somebody who is no member any more, nothing is listed. */
export function versionsOf(ordered: readonly Decided[], personOf: (feed: FeedId) => PersonView | null): readonly VersionView[] {
  const versions: VersionView[] = [];
  ordered.forEach(({ edit, verdict }, index) => {
    const by = verdict === "counts" ? personOf(edit.feed) : null;
    if (by === null) return;
    const last = versions.at(-1);
    const upTo = index + 1;
    if (last?.by.id === by.id && edit.at - last.to < PAUSE_MS)
      versions[versions.length - 1] = { ...last, upTo, to: edit.at, edits: last.edits + 1 };
    else versions.push({ upTo, by, from: edit.at, to: edit.at, edits: 1 });
  });
  return versions.reverse();
}
