/**
 * Quota: whether there is room for others' envelopes, and what is kept aside for one's own (S4, S5).
 *
 * Others' bytes are refused over 80 % of what the platform grants. Asking the platform costs
 * milliseconds, so the answer is kept for five seconds or eight MiB and what was written since is
 * added to it. Where the platform cannot say, only a failed write shows that the disk is full.
 * Own acts never ask: they have the ballast.
 */
import { RESERVE_BYTES } from "./shelf.ts";

export interface Estimate {
  readonly usage: number;
  readonly quota: number;
}

export interface ForeignGate {
  /** Is there room for so many more bytes of others? */
  readonly admits: (bytes: number) => Promise<boolean>;
  readonly wrote: (bytes: number) => void;
  /** The disk said that it is full: refuses for five seconds without trying, then asks anew. */
  readonly failed: () => void;
}

export const FOREIGN_SHARE = 0.8;
const FRESH_MS = 5_000;
const FRESH_BYTES = 8 * 1024 * 1024;

export function createForeignGate(deps: {
  /** Null where the platform cannot say; never rejects. */
  readonly estimate: () => Promise<Estimate | null>;
  /** Milliseconds that only go forward. */
  readonly now: () => number;
}): ForeignGate {
  let answer: Estimate | null = null;
  let askedAt = -Infinity;
  let written = 0;
  let refusedUntil = -Infinity;

  return {
    admits: async (bytes) => {
      const now = deps.now();
      if (now < refusedUntil) return false;
      if (now - askedAt >= FRESH_MS || written >= FRESH_BYTES) {
        askedAt = now;
        written = 0;
        answer = await deps.estimate();
      }
      return answer === null || answer.usage + written + bytes <= answer.quota * FOREIGN_SHARE;
    },
    wrote: (bytes) => {
      written += bytes;
    },
    failed: () => {
      refusedUntil = deps.now() + FRESH_MS; // by then the last answer is too old as well
    },
  };
}

/** RESERVE_BYTES that no store can compress away (Chromium packs what it stores): a xorshift stream, no chance in it. */
export function ballastBytes(): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(RESERVE_BYTES / 4);
  let state = 0x9e3779b9;
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return new Uint8Array(words.buffer);
}
