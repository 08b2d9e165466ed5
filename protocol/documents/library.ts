/**
 * Library: all documents of one space. Keeps their edits, and puts a document together when somebody asks for it.
 *
 *   I1  An edit of a document that this version does not know is not here; it is kept as it is (space/).
 *   I2  A replay is given out until a fork point, or the standing of somebody who wrote in it, changes; then another takes its place.
 *   I3  What a cache kept of a replay is taken up only where it rests on the same ground, and every edit it had put together is here:
 *       whatever differs, the document is put together anew. That its `Y.Doc` is the one of its manifest, the cache has checked.
 */
import type { FeedId } from "../crypto/hash.ts";
import type { Millis } from "../lang/brand.ts";
import type * as Y from "yjs";
import { subjectOf, type DocumentKind, type DocumentName, type DocumentSubject } from "./kinds.ts";
import { readManifest, writeManifest } from "./manifest.ts";
import { createReplay, type Edit, type Replay, type ReplaySource } from "./replay.ts";

export interface DocumentEntry {
  readonly name: DocumentName;
  readonly kind: DocumentKind;
  /** Edits by feeds that stand, as far as they are here; what the gate says of them is not asked. */
  readonly edits: number;
  /** The latest claim of a time among them. */
  readonly lastAt: Millis;
  /** Feeds, the one with the latest edit first. */
  readonly writers: readonly FeedId[];
}

export interface Library {
  /** Edits of one feed come in any order; one is added once. */
  readonly add: (name: string, edit: Edit) => void;
  /** An envelope opened that was counted closed: what was put together without it is put together anew. */
  readonly forget: () => void;
  readonly entries: () => readonly DocumentEntry[];
  readonly replay: (name: DocumentName) => Replay;
  /** I3: from a `Y.Doc` and the manifest that was written of it. False: neither is of use; `replay` puts it together anew. */
  readonly resume: (name: DocumentName, doc: Y.Doc, manifest: Uint8Array) => boolean;
  /** For a cache, beside the `Y.Doc` of the present replay; null while that one is being put together. */
  readonly manifest: (name: DocumentName) => Uint8Array | null;
}

export type LibrarySource = Omit<ReplaySource, "edits">;

interface Shelved {
  readonly edits: Map<FeedId, Edit[]>;
  replay: Replay | null;
}

export function createLibrary(source: LibrarySource): Library {
  const shelves = new Map<string, Shelved>();

  function shelfOf(name: string): Shelved {
    const known = shelves.get(name);
    if (known !== undefined) return known;
    const made: Shelved = { edits: new Map(), replay: null };
    shelves.set(name, made);
    return made;
  }

  return {
    add: (name, edit) => {
      const { edits } = shelfOf(name);
      const list = edits.get(edit.feed) ?? [];
      edits.set(edit.feed, list);
      let place = list.length;
      while (place > 0 && (list[place - 1]?.seq ?? 0) > edit.seq) place -= 1;
      if (list[place - 1]?.seq !== edit.seq) list.splice(place, 0, edit);
    },
    forget: () => {
      for (const shelf of shelves.values()) shelf.replay = null;
    },
    entries: () =>
      [...shelves].flatMap(([name, { edits }]): readonly DocumentEntry[] => {
        const subject = subjectOf(name);
        const standing = [...edits].filter(([feed]) => source.stands(feed));
        const last = standing.map(([feed, list]) => ({ feed, at: Math.max(...list.slice(-1).map(({ at }) => at)) }));
        const newest = last.sort((left, right) => right.at - left.at || (left.feed < right.feed ? -1 : 1));
        const lastAt = newest[0]?.at;
        if (subject === null || lastAt === undefined) return [];
        return [
          {
            name: name as DocumentName, // it has a subject
            kind: subject.kind,
            edits: standing.reduce((sum, [, list]) => sum + list.length, 0),
            lastAt: lastAt as Millis,
            writers: newest.map(({ feed }) => feed),
          },
        ];
      }),
    resume: (name, doc, manifest) => {
      const shelf = shelfOf(name);
      const read = readManifest(manifest);
      if (read === null) return false;
      const made = createReplay(subjectBy(name), { ...source, edits: () => shelf.edits }, { doc, verdicts: read.verdicts });
      made.advance(read.verdicts.size); // these come first
      const met = new Set(made.decided().map(({ edit }) => edit.id));
      const ground = new Set(made.ground());
      const isWhole = met.size === read.verdicts.size && [...read.verdicts.keys()].every((id) => met.has(id));
      if (!isWhole || !read.ground.every((line) => ground.has(line))) return false;
      shelf.replay = made;
      return true;
    },
    manifest: (name) => {
      const { replay } = shelfOf(name);
      return replay === null ? null : writeManifest(replay.ground(), replay.decided());
    },
    replay: (name) => {
      const shelf = shelfOf(name);
      if (shelf.replay?.isCurrent() !== true)
        shelf.replay = createReplay(subjectBy(name), { ...source, edits: () => shelf.edits });
      return shelf.replay;
    },
  };
}

function subjectBy(name: DocumentName): DocumentSubject {
  const subject = subjectOf(name);
  if (subject === null) throw new Error("a document's name is parsed before it is opened");
  return subject;
}
