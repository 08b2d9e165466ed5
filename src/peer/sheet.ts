/**
 * Sheet: one open document that a person writes in. Owns its typing and timers; `close` settles what is left and ends them.
 *
 *   L1  What is typed is put into the feed after REST_MS without a key, and LATEST_MS after the first at the latest; durable before it
 *       is told (holding.ts H1).
 *   L2  Own edits pass our own gate before they are written. What does not pass is our mistake: nobody is told, the text is handed back.
 *   L3  A disk that does not take it loses nothing: it stays on the sheet, says so, and is tried again.
 *   L4  When the ground changes, the sheet goes on over the new one; what was not settled, or lost its ground with others', is handed
 *       back as text.
 */
import * as Y from "yjs";
import {
  changesSince,
  contentOf,
  documentFingerprint,
  inOrder,
  lostTexts,
  ok,
  type Composed,
  type DocumentName,
  type FeedId,
  type MemberId,
  type Replay,
  type Result,
  type Tag,
} from "../../protocol/index.ts";
import type { World } from "../platform/world.ts";
import type { Binding } from "./binding.ts";
import type { ChangedBlock, DocumentState, OpenDocument, OtherCaret, Spot, VersionView } from "./open-document.ts";
import type { PersonView } from "./person-view.ts";
import { plainText, visibleText } from "./plain-text.ts";
import { createTimers } from "./timers.ts";
import { createTyping, type Carried, type Typing } from "./typing.ts";
import { groupedFingerprint } from "./view.ts";
import { versionsOf } from "./versions.ts";
import type { Whispers } from "./whispers.ts";

export interface SheetDeps {
  readonly tag: Tag;
  readonly name: DocumentName;
  readonly binding: Binding;
  readonly world: World;
  /** Null: nobody is told that we look, and nobody is shown. */
  readonly whispers: Whispers | null;
  /** Our feed and its client; null while we are not a member. */
  readonly self: () => { readonly feed: FeedId; readonly client: number } | null;
  /** Areas that we may write. */
  readonly mayWrite: () => readonly string[];
  readonly memberOf: (feed: FeedId) => MemberId | null;
  readonly person: (member: MemberId) => PersonView;
  /** Something of the community is held without its body, so nobody can say what the document says. */
  readonly isIncomplete: () => boolean;
  readonly write: (
    name: DocumentName,
    edits: readonly Composed[],
    signal: AbortSignal,
  ) => Promise<Result<void, { readonly kind: string }>>;
}

export const REST_MS = 1_000;
export const LATEST_MS = 5_000;
const RETRY_MS = 3_000;
const FRAME_MS = 16;

export function createSheet(deps: SheetDeps): OpenDocument {
  const { tag, name, binding, world, whispers } = deps;
  const timers = createTimers(world);
  const listeners = new Set<() => void>();
  const empty = new Y.Doc({ gc: false });
  const emptyUndo = new Y.UndoManager([], { doc: empty });
  let replay: Replay | null = null;
  let typing: Typing | null = null;
  let typingAs: number | null = null;
  let typedSince: number | null = null;
  let cancelSettle = (): void => undefined;
  let settling: Promise<Result<void, { readonly kind: string }>> | null = null;
  let hasFailed = false;
  let returned: readonly string[] = [];
  let lostBefore: readonly string[] = [];
  let spot: Spot | null = null;
  let isTelling = false;
  let compared: {
    readonly replay: Replay;
    readonly edits: number;
    readonly upTo: number;
    readonly blocks: readonly ChangedBlock[];
  } | null = null;
  let memo: { readonly replay: Replay; readonly edits: number; readonly fingerprint: string } | null = null;

  /** Many changes in one frame make one call. */
  function changed(): void {
    if (isTelling || timers.closed.aborted) return;
    isTelling = true;
    timers.soon(FRAME_MS, () => {
      isTelling = false;
      for (const listener of [...listeners]) listener();
    });
  }

  /** Over what the binding has now (L4). */
  function look(): void {
    const now = binding.replay();
    const client = deps.self()?.client ?? null;
    if (now !== null && (now !== replay || client !== typingAs)) moveTo(now, client);
    changed();
  }
  function moveTo(now: Replay, client: number | null): void {
    const feed = deps.self()?.feed;
    const carried = client === typingAs && feed !== undefined && replay !== null ? typing?.handOver(replay.pastOf(feed)) : null;
    const unsettled = typing?.unsettledTexts() ?? [];
    typing?.close();
    replay = now;
    typingAs = client;
    const begin = (from: Carried | null): Typing => {
      const made = createTyping(now.kind, client ?? 0, now, from, onTyped, () => timers.soon(0, () => startAnew(made)));
      return made;
    };
    typing = begin(carried ?? null);
    if (!typing.hasGround() || !isSameText(typing.unsettledTexts(), unsettled)) {
      // It has no place here: its neighbours are gone.
      typing.close();
      typing = begin(null);
      giveBack(unsettled);
    } else if (typing.isUnsettled()) onTyped();
    const lost = lostNow(now);
    giveBack(without(lost, lostBefore));
    lostBefore = lost;
  }
  const lostNow = (of: Replay): readonly string[] => {
    const feed = deps.self()?.feed;
    return feed === undefined ? [] : lostTexts(of, feed);
  };
  function giveBack(texts: readonly string[]): void {
    const kept = texts.map((text) => plainText(text)).filter((text) => text.trim() !== "");
    if (kept.length > 0) returned = [...returned, ...kept];
  }

  // ---- writing

  /** L1. */
  function onTyped(): void {
    const now = world.now();
    typedSince ??= now;
    cancelSettle();
    cancelSettle = timers.soon(Math.max(0, Math.min(REST_MS, typedSince + LATEST_MS - now)), () => void settle(timers.closed));
    whisper();
    changed();
  }

  function settle(signal: AbortSignal): Promise<Result<void, { readonly kind: string }>> {
    const run = async (): Promise<Result<void, { readonly kind: string }>> => {
      await settling?.catch(() => undefined);
      return settleNow(signal);
    };
    const mine = run().finally(() => {
      if (settling === mine) settling = null;
    });
    settling = mine;
    return mine;
  }

  async function settleNow(signal: AbortSignal): Promise<Result<void, { readonly kind: string }>> {
    cancelSettle();
    const self = deps.self();
    const [from, on] = [typing, replay];
    if (from === null || on === null || self === null || !from.isUnsettled()) return ok(undefined);
    typedSince = null;
    const composed = from.compose(on.pastOf(self.feed));
    if (composed === null || on.check(self.feed, ...composed.edits) !== null) {
      startAnew(from); // L2
      return ok(undefined);
    }
    const written = composed.edits.length === 0 ? ok(undefined) : await deps.write(name, composed.edits, signal);
    hasFailed = !written.ok;
    if (written.ok) composed.taken();
    else cancelSettle = timers.soon(RETRY_MS, () => void settle(timers.closed)); // L3
    if (written.ok && from.isUnsettled() && from === typing) onTyped(); // typed meanwhile
    binding.refresh();
    whisper();
    changed();
    return written;
  }

  /** What was typed is handed back, and the sheet shows what all have. */
  function startAnew(from: Typing): void {
    giveBack(from.unsettledTexts());
    from.close();
    if (typing === from) {
      typing = null;
      replay = null;
      look();
    }
  }

  // ---- where we and others are

  function whisper(): void {
    if (whispers === null || deps.self() === null || timers.closed.aborted) return;
    const where = spot === null ? null : (typing?.whereFor(spot) ?? null);
    whispers.say({ doc: name, spot: where?.spot ?? null, words: where?.words ?? "" });
  }

  const others = (): readonly OtherCaret[] =>
    (whispers?.heard(name) ?? []).flatMap(({ feed, spot: there, words }): readonly OtherCaret[] => {
      const member = deps.memberOf(feed);
      return member === null ? [] : [{ person: deps.person(member), key: feed, spot: there, words: visibleText(words) }];
    });

  // ---- what it says

  function fingerprint(on: Replay): string | null {
    if (on.waiting() > 0 || deps.isIncomplete()) return null;
    const edits = on.decided().length;
    if (memo?.replay !== on || memo.edits !== edits)
      memo = { replay: on, edits, fingerprint: groupedFingerprint(documentFingerprint(tag, name, contentOf(on.doc, name))) };
    return memo.fingerprint;
  }

  const state = (): DocumentState => ({
    phase: replay === null ? "reading" : "open",
    mayWrite: replay === null ? [] : deps.mayWrite(),
    saving: hasFailed ? "failed" : typing?.isUnsettled() === true ? "unsettled" : "settled",
    fingerprint: replay === null ? null : fingerprint(replay),
    waiting: replay?.waiting() ?? 0,
    refused: replay === null ? [] : refusedBy(replay),
    returned,
    others: others(),
  });

  const person = (feed: FeedId | null): PersonView | null => {
    const member = feed === null ? null : deps.memberOf(feed);
    return member === null ? null : deps.person(member);
  };

  /** Asked again at every change of anything; it costs as much as reading the document twice. */
  function changesFrom(upTo: number): readonly ChangedBlock[] {
    if (replay === null) return [];
    const edits = replay.decided().length;
    if (compared?.replay !== replay || compared.edits !== edits || compared.upTo !== upTo) {
      const blocks = changesSince(replay, name, upTo).map(({ runs, ...block }) => ({
        ...block,
        runs: runs.map(({ kind, text, by }) => ({ kind, text: visibleText(text), by: person(by) })),
      }));
      compared = { replay, edits, upTo, blocks };
    }
    return compared.blocks;
  }

  const stopBinding = binding.subscribe(look);
  const stopWhispers = whispers?.subscribe((doc) => doc === name && changed());
  look();
  whisper();
  return {
    name,
    live: () => typing?.doc ?? empty,
    undo: () => typing?.undo ?? emptyUndo,
    state,
    subscribe: (listener) => {
      const own = (): void => listener();
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    edit: (change) => {
      if (typing === null || timers.closed.aborted || deps.mayWrite().length === 0) return false;
      typing.edit(change);
      changed();
      return true;
    },
    point: (to) => {
      spot = to;
      whisper();
    },
    settle,
    versions: (): readonly VersionView[] => (replay === null ? [] : versionsOf(inOrder(replay), (feed) => person(feed))),
    changesSince: changesFrom,
    dismissReturned: () => {
      returned = [];
      changed();
    },
    close: () => {
      if (timers.closed.aborted) return;
      void settle(new AbortController().signal)
        .catch(() => undefined)
        .finally(() => typing?.close());
      timers.close();
      stopBinding();
      stopWhispers?.();
      listeners.clear();
    },
  };
}

/** Once for each that is there more often. */
function without(texts: readonly string[], known: readonly string[]): readonly string[] {
  const left = [...known];
  return texts.filter((text) => {
    const at = left.indexOf(text);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
const isSameText = (left: readonly string[], right: readonly string[]): boolean => left.join("\n") === right.join("\n");

function refusedBy(replay: Replay): DocumentState["refused"] {
  const times = new Map<string, number>();
  for (const { verdict } of replay.decided())
    if (typeof verdict !== "string") times.set(verdict.refused, (times.get(verdict.refused) ?? 0) + 1);
  return [...times].map(([rule, count]) => ({ rule, times: count })).sort((left, right) => (left.rule < right.rule ? -1 : 1));
}
