/**
 * Virtual time: what is to happen, in order of its time, one thing after the other.
 *
 *   V1  Between two events everything that waits for nothing but promises has run (a turn of Node's loop empties
 *       the microtasks), so a run is a function of its seed.
 *   V2  Every event goes into the trace, whose hash tells two runs apart.
 */
import { createHash } from "node:crypto";

export interface Scheduler {
  /** Milliseconds since the run began. */
  readonly now: () => number;
  readonly after: (ms: number, label: string, run: () => void) => () => void;
  /** Into the trace, without an event. */
  readonly note: (label: string, bytes?: Uint8Array) => void;
  /** Works until `ms` have passed, or `isDone` says so (asked after every event). */
  readonly run: (ms: number, isDone?: () => boolean) => Promise<void>;
  readonly events: () => number;
  readonly trace: () => string;
}

interface Event {
  readonly at: number;
  readonly order: number;
  readonly label: string;
  run: (() => void) | null;
}

export function createScheduler(print: ((line: string) => void) | null = null): Scheduler {
  const heap: Event[] = [];
  const hash = createHash("sha256");
  let now = 0;
  let order = 0;
  let events = 0;

  const note = (label: string, bytes?: Uint8Array): void => {
    hash.update(`${now} ${label}\n`);
    if (bytes !== undefined) hash.update(bytes);
    print?.(`${(now / 1000).toFixed(3)} ${label}`);
  };

  return {
    now: () => now,
    note,
    after: (ms, label, run) => {
      const event: Event = { at: now + Math.max(0, Math.round(ms)), order: (order += 1), label, run };
      push(heap, event);
      return () => void (event.run = null);
    },
    run: async (ms, isDone = () => false) => {
      const until = now + Math.round(ms);
      await drained();
      for (let next = heap[0]; next !== undefined && next.at <= until; next = heap[0]) {
        pop(heap);
        if (next.run === null) continue;
        now = next.at;
        events += 1;
        note(next.label);
        next.run();
        await drained();
        if (isDone()) return;
      }
      now = until;
    },
    events: () => events,
    trace: () => hash.copy().digest("hex").slice(0, 16),
  };
}

/** V1: microtasks run out before the loop turns. */
export const drained = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const isBefore = (left: Event, right: Event): boolean => left.at < right.at || (left.at === right.at && left.order < right.order);

function push(heap: Event[], event: Event): void {
  let at = heap.push(event) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above]!; // above < at
    if (!isBefore(event, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = event;
}

function pop(heap: Event[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below += 1; // both are inside
    if (!isBefore(heap[below]!, last)) break;
    heap[at] = heap[below]!;
    at = below;
  }
  heap[at] = last;
}
