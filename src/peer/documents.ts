/**
 * Documents of one membership: those that are open, and what they need of the house. Owns bindings, whispers and open sheets; `close`
 * ends them.
 *
 *   P1  A document has one sheet, however often it is opened: two would give the same clocks to different letters. It is closed once
 *       nobody has it open and all that was typed has settled.
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

/** One sheet for all who have the document open. */
interface Desk {
  readonly sheet: OpenDocument;
  users: number;
}

export function createDocuments({ membership, world, cache, publish }: DocumentsDeps): Documents {
  const { tag, holding } = membership;
  const timers = createTimers(world);
  const whispers = createWhispers({ world, publish });
  const bindings = new Map<DocumentName, Binding>();
  const desks = new Map<DocumentName, Desk>();
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
    const desk = desks.get(name) ?? { sheet: sheetOf(name, false), users: 0 };
    desks.set(name, desk);
    desk.users += 1;
    const { sheet } = desk;
    const stops = new Set<() => void>();
    let isOpen = true;
    sheet.point(null);
    return {
      ...sheet,
      subscribe: (changed) => {
        const stop = sheet.subscribe(changed);
        stops.add(stop);
        return stop;
      },
      close: () => {
        if (!isOpen) return;
        isOpen = false;
        for (const stop of stops) stop();
        desk.users -= 1;
        if (desk.users === 0) void leave(name, desk).catch(() => undefined); // closed with the membership
      },
    };
  }

  /** What did not settle keeps its sheet, which tries again. */
  async function leave(name: DocumentName, desk: Desk): Promise<void> {
    await desk.sheet.settle(timers.closed);
    if (desk.users > 0) return;
    whispers.letGo(name);
    if (desk.sheet.state().saving !== "settled" || desks.get(name) !== desk) return;
    desks.delete(name);
    desk.sheet.close();
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
      await Promise.allSettled([...desks.values()].map(({ sheet }) => sheet.settle(signal)));
    },
    close: () => {
      for (const sheet of [...[...desks.values()].map((desk) => desk.sheet), ...shown.values()]) sheet.close();
      whispers.close();
      timers.close();
    },
  };
}
