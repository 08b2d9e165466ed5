/**
 * Documents of one membership: those that are open, and what they need of the house. Owns bindings, whispers and open sheets; `close`
 * ends them.
 */
import { encodeStateAsUpdate } from "yjs";
import {
  areasOf,
  clientOf,
  subjectOf,
  type Composed,
  type DocumentName,
  type FeedId,
  type Result,
  type Whisper,
} from "../../protocol/index.ts";
import type { World } from "../platform/world.ts";
import type { DocumentCache } from "../storage/document-cache.ts";
import { createBinding, type Binding } from "./binding.ts";
import type { Membership } from "./membership.ts";
import type { DocumentCopy, OpenDocument } from "./open-document.ts";
import { createSheet } from "./sheet.ts";
import { createTimers } from "./timers.ts";
import { peopleOf } from "./view.ts";
import { createWhispers } from "./whispers.ts";

export interface DocumentsDeps {
  readonly membership: Membership;
  readonly world: World;
  readonly cache: DocumentCache | null;
  readonly publish: (whisper: Whisper) => void;
}

export interface Documents {
  readonly open: (name: DocumentName) => OpenDocument;
  /** For a window: begins to put it together if need be; null until that is done. */
  readonly copy: (name: DocumentName) => DocumentCopy | null;
  /** The holding has changed. */
  readonly refresh: () => void;
  readonly hear: (feed: FeedId, whisper: Whisper) => void;
  /** Puts all that is typed into the feed: the app is about to be left. */
  readonly settle: (signal: AbortSignal) => Promise<void>;
  /** Closing twice is harmless. */
  readonly close: () => void;
}

export function createDocuments({ membership, world, cache, publish }: DocumentsDeps): Documents {
  const { tag, holding } = membership;
  const timers = createTimers(world);
  const whispers = createWhispers({ world, publish });
  const bindings = new Map<DocumentName, Binding>();
  const sheets = new Set<OpenDocument>();
  /** Kept for windows, which read and say nothing. */
  const shown = new Map<DocumentName, OpenDocument>();
  const library = () => holding.replica.community.documents;
  const authority = () => holding.replica.community.authority();

  function bindingOf(name: DocumentName): Binding {
    const known = bindings.get(name);
    if (known !== undefined) return known;
    const made = createBinding({ name, cacheName: `${tag}/${name}`, library, cache, timers });
    bindings.set(name, made);
    return made;
  }

  const self = () => {
    const { feed } = membership.helloSelf();
    return feed === null || membership.standing() !== "member" ? null : { feed, client: clientOf(feed) };
  };

  function mayWrite(name: DocumentName): readonly string[] {
    const me = membership.root.id;
    const subject = subjectOf(name);
    if (subject === null || self() === null) return [];
    const isSteward = authority().members.get(me)?.isSteward === true;
    const areas = areasOf(subject.kind).filter(
      ({ writers }) =>
        writers === "members" ||
        writers === "key-holder" ||
        (writers === "owner" && subject.owner === me) ||
        (writers === "stewards" && isSteward),
    );
    return areas.map((area) => area.name);
  }

  async function write(
    doc: DocumentName,
    edits: readonly Composed[],
    signal: AbortSignal,
  ): Promise<Result<void, { readonly kind: string }>> {
    const said = await membership.speak(
      edits.map((edit) => ({ kind: "edit", doc, edit })),
      signal,
    );
    return said.ok ? { ok: true, value: undefined } : said;
  }

  function sheetOf(name: DocumentName, isSilent: boolean): OpenDocument {
    return createSheet({
      tag,
      name,
      binding: bindingOf(name),
      world,
      whispers: isSilent ? null : whispers,
      self,
      mayWrite: () => mayWrite(name),
      memberOf: (feed) => authority().memberByFeed.get(feed) ?? null,
      person: (member) => peopleOf(membership)(member),
      isIncomplete: () => holding.replica.community.tally().absent > 0,
      write,
    });
  }

  function open(name: DocumentName): OpenDocument {
    const sheet = sheetOf(name, false);
    const opened: OpenDocument = {
      ...sheet,
      close: () => {
        sheets.delete(opened);
        sheet.close();
        if (![...sheets].some((other) => other.name === name)) whispers.letGo(name);
      },
    };
    sheets.add(opened);
    return opened;
  }

  return {
    open,
    copy: (name) => {
      const sheet = shown.get(name) ?? sheetOf(name, true);
      shown.set(name, sheet);
      const state = sheet.state();
      return state.phase === "open" ? { update: encodeStateAsUpdate(sheet.live()), state } : null;
    },
    refresh: () => {
      for (const binding of bindings.values()) binding.refresh();
    },
    hear: whispers.hear,
    settle: async (signal) => {
      await Promise.allSettled([...sheets].map((sheet) => sheet.settle(signal)));
    },
    close: () => {
      for (const sheet of [...sheets, ...shown.values()]) sheet.close();
      whispers.close();
      timers.close();
    },
  };
}
