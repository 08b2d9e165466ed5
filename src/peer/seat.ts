/**
 * Seat: which tab of a profile holds the pen. One does; the others are windows that show its view and pass on
 * what is said. When the pen's tab goes, a window takes over.
 *
 *   T1  The lock only chooses who tries: the shelf's append decides (storage/shelf.ts S1).
 *   T2  Where there are no Web Locks (plain http), the tab that answers on the channel holds the pen; if none
 *       answers within ANSWER_MS, this one does.
 *   T3  A window never hangs: what the pen does not answer in CALL_MS is an error that says so.
 */
import { err, ok, type Result } from "../../protocol/index.ts";
import type { World } from "../platform/world.ts";
import { readLink, cardOf } from "./house.ts";
import type { Kith, KithView, SayError } from "./kith.ts";
import { openInWindow } from "./window-document.ts";

export interface SeatDeps {
  /** Of the store: each has a pen of its own. */
  readonly name: string;
  readonly locks: LockManager | null;
  readonly channel: () => BroadcastChannel;
  readonly world: World;
  readonly openPen: () => Promise<Result<Kith, { readonly kind: string }>>;
}

const DEEDS = [
  "found",
  "join",
  "invite",
  "closeInvite",
  "post",
  "revise",
  "closePost",
  "reopenPost",
  "respond",
  "promise",
  "step",
  "answer",
  "correct",
  "connect",
  "copyDocument",
  "offerLine",
  "answerLine",
  "finishLine",
] as const;
type Deed = (typeof DEEDS)[number];

type Message =
  | { readonly kind: "who-has-the-pen" }
  /** Said by a pen that has opened: windows that asked in vain, or showed the one before it, ask again. */
  | { readonly kind: "pen-opened" }
  | { readonly kind: "view"; readonly view: KithView }
  | { readonly kind: "call"; readonly id: string; readonly deed: Deed; readonly args: readonly unknown[] }
  | { readonly kind: "answer"; readonly id: string; readonly answer: unknown };

const lockOf = (name: string): string => `${name}-pen`;
const ANSWER_MS = 400;
const CALL_MS = 15_000;
const WATCH_MS = 3_000;
/** Windows are shown what is new this often at most. */
const SHOW_MS = 120;

/** Resolves with a Kith at once, whichever seat it is; a window becomes the pen by itself later. */
export async function takeSeat(deps: SeatDeps): Promise<Result<Kith, { readonly kind: string }>> {
  const channel = deps.channel();
  const penSeat = async (release: () => void): Promise<Result<Kith, { readonly kind: string }>> => {
    // Whoever cannot open leaves the pen to the next tab.
    const opened = await deps.openPen().catch((error: unknown) => {
      release();
      throw error;
    });
    if (!opened.ok) {
      release();
      return opened;
    }
    return ok(showTo(channel, opened.value, deps.world, release));
  };
  if (deps.locks === null) {
    const first = await askForView(channel, deps.world);
    if (first === null) return penSeat(() => undefined);
    return ok(windowOn(channel, first, deps.world, (become) => watchForSilence(channel, deps.world, penSeat, become)));
  }
  const release = await tryLock(deps.locks, lockOf(deps.name));
  if (release !== null) return penSeat(release);
  const first = (await askForView(channel, deps.world)) ?? NOTHING_YET;
  const leaving = new AbortController();
  const next = waitForLock(deps.locks, lockOf(deps.name), leaving.signal);
  return ok(
    windowOn(channel, first, deps.world, (become) => {
      next
        .then(async (granted) => {
          const seat = await penSeat(granted);
          if (seat.ok) become(seat.value);
        })
        .catch(() => undefined); // it stays a window, of whichever tab opens the store instead; or it was closed
      return () => leaving.abort();
    }),
  );
}

const NOTHING_YET: KithView = {
  seat: "window",
  communities: [],
  network: { state: "off", reason: "window-tab", neighbours: [], lastHeard: null },
  storage: { state: "ok", usedBytes: null, quotaBytes: null, persistent: null },
};

/** Null when another tab has it. The lock is held until the returned function is called, or the tab goes. */
const tryLock = (locks: LockManager, name: string): Promise<(() => void) | null> =>
  new Promise((resolve, reject) => {
    locks
      .request(name, { ifAvailable: true }, (lock) =>
        lock === null ? resolve(null) : new Promise<void>((release) => resolve(() => release())),
      )
      .catch(reject);
  });

/** Rejects when the signal fires before it was granted. */
const waitForLock = (locks: LockManager, name: string, signal: AbortSignal): Promise<() => void> =>
  new Promise((resolve, reject) => {
    locks.request(name, { signal }, () => new Promise<void>((release) => resolve(() => release()))).catch(reject);
  });

/** T2: asks now and then, and takes over when nobody answers. Returns how to stop. */
function watchForSilence(
  channel: BroadcastChannel,
  world: World,
  penSeat: (release: () => void) => Promise<Result<Kith, unknown>>,
  become: (kith: Kith) => void,
): () => void {
  let isOver = false;
  const ask = async (): Promise<void> => {
    if (isOver) return;
    if ((await askForView(channel, world)) === null && !isOver) {
      const seat = await penSeat(() => undefined).catch(() => null); // another tab was quicker, or the store is closed to us
      if (seat?.ok === true) return become(seat.value);
    }
    world.later(WATCH_MS, () => void ask());
  };
  world.later(WATCH_MS, () => void ask());
  return () => {
    isOver = true;
  };
}

function askForView(channel: BroadcastChannel, world: World): Promise<KithView | null> {
  return new Promise((resolve) => {
    const stop = hear(channel, (message) => {
      if (message.kind === "view") finish(message.view);
    });
    const cancel = world.later(ANSWER_MS, () => finish(null));
    const finish = (view: KithView | null): void => {
      stop();
      cancel();
      resolve(view);
    };
    post(channel, { kind: "who-has-the-pen" });
  });
}

const post = (channel: BroadcastChannel, message: Message): void => channel.postMessage(message);
function hear(channel: BroadcastChannel, listener: (message: Message) => void): () => void {
  // Only tabs of this origin speak here, and of this build: an update replaces all of them.
  const onMessage = ({ data }: MessageEvent): void => listener(data as Message);
  channel.addEventListener("message", onMessage);
  return () => channel.removeEventListener("message", onMessage);
}

/** The pen's side: shows its view to windows once there are any, and does what they ask. */
function showTo(channel: BroadcastChannel, kith: Kith, world: World, release: () => void): Kith {
  let hasWindows = false;
  let isPlanned = false;
  let cancelShow = (): void => undefined;
  const show = (): void => {
    // A copy without getters: what a window shows must be cloneable.
    const view = kith.view();
    const communities = view.communities.map((community) => ({ ...community, fingerprint: community.fingerprint }));
    post(channel, {
      kind: "view",
      view: { ...view, seat: "window", communities, network: { ...view.network, reason: "window-tab" } },
    });
  };
  const stopHearing = hear(channel, (message) => {
    if (message.kind === "who-has-the-pen") {
      hasWindows = true;
      show();
    }
    // A deed that is cut short is not answered; the window says so by itself (T3).
    if (message.kind === "call") void answer(message).catch(() => undefined);
  });
  const answer = async ({ id, deed, args }: Extract<Message, { kind: "call" }>): Promise<void> => {
    // A window of this build passes on the arguments of the same function.
    const run = kith[deed] as (...given: readonly unknown[]) => Promise<unknown>;
    post(channel, { kind: "answer", id, answer: await run(...args, AbortSignal.timeout(CALL_MS)) });
  };
  const stopWatching = kith.subscribe(() => {
    if (!hasWindows || isPlanned) return;
    isPlanned = true;
    cancelShow = world.later(SHOW_MS, () => {
      isPlanned = false;
      show();
    });
  });
  post(channel, { kind: "pen-opened" });
  return {
    ...kith,
    close: async () => {
      stopHearing();
      stopWatching();
      cancelShow();
      await kith.close();
      channel.close();
      release();
    },
  };
}

/** A window's side, until it becomes the pen. */
function windowOn(
  channel: BroadcastChannel,
  first: KithView,
  world: World,
  /** Answers how to wait no longer. */
  whenFree: (become: (kith: Kith) => void) => () => void,
): Kith {
  const listeners = new Set<() => void>();
  let view = first;
  let pen: Kith | null = null;
  let lastCall = 0;
  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };
  const stop = hear(channel, (message) => {
    if (message.kind === "pen-opened") post(channel, { kind: "who-has-the-pen" });
    if (message.kind !== "view" || pen !== null) return;
    view = message.view;
    tell();
  });
  let isClosed = false;
  const stopWaiting = whenFree((kith) => {
    if (isClosed) return void kith.close(); // granted while this tab was leaving
    pen = kith;
    stop();
    kith.subscribe(tell);
    tell();
  });

  const call =
    (deed: Deed) =>
    (...args: readonly unknown[]): Promise<unknown> => {
      const given = args.slice(0, -1); // the signal stays here; the pen bounds its own work
      if (pen !== null) return (pen[deed] as (...all: readonly unknown[]) => Promise<unknown>)(...args);
      lastCall += 1;
      const id = `${world.jitter()} ${lastCall}`;
      return new Promise((resolve) => {
        const stopHearing = hear(channel, (message) => {
          if (message.kind === "answer" && message.id === id) finish(message.answer);
        });
        const cancel = world.later(CALL_MS, () => finish(err<SayError>({ kind: "pen-holder-silent" }))); // T3
        const finish = (answer: unknown): void => {
          stopHearing();
          cancel();
          resolve(answer);
        };
        post(channel, { kind: "call", id, deed, args: given });
      });
    };
  // The pen answers a deed with what the deed's own type says.
  const passOn = Object.fromEntries(DEEDS.map((deed) => [deed, call(deed)])) as unknown as Pick<Kith, Deed>;

  const subscribe = (listener: () => void): (() => void) => {
    const own = (): void => listener();
    listeners.add(own);
    return () => void listeners.delete(own);
  };
  return {
    ...passOn,
    view: () => pen?.view() ?? view,
    subscribe,
    openDocument: (tag, name) =>
      openInWindow({
        name,
        copy: () => passOn.copyDocument(tag, name, AbortSignal.timeout(CALL_MS)),
        subscribe,
        own: () => pen?.openDocument(tag, name) ?? null,
      }),
    settle: async (signal) => pen?.settle(signal),
    readLink: (link, now) => {
      if (pen !== null) return pen.readLink(link, now);
      const read = readLink(link);
      if (!read.ok) return read;
      const { invitation } = read.value;
      return ok(
        cardOf(
          invitation,
          view.communities.some(({ tag, standing }) => tag === invitation.tag && standing === "member"),
        ),
      );
    },
    close: async () => {
      isClosed = true;
      stop();
      stopWaiting();
      if (pen !== null) await pen.close();
      else channel.close();
    },
  };
}
