/**
 * Frames in a stream of bytes: what `Wire` puts on a libp2p stream, both ways. Pure: no stream, no clock.
 *
 * Every item opens with one big-endian u32, the word:
 *   1 … MAX_FRAME_BYTES        a frame: that many bytes follow
 *   0x8000_0000 + n, n ≥ 1     credit: the reader has taken frames that cost n (see `frameCost`)
 *   0xFFFF_FFFF                end: no more frames from this side (credit may still follow)
 *   anything else              broken: the stream is reset
 *
 * Why credit: WebRTC data channels in js-libp2p do not slow a sender down when the reader is slow; they
 * reset the stream at 4 MiB. So each side may have at most WINDOW_COST unread at the other.
 *
 *   F1  A length is judged before anything is reserved, and memory grows with what has arrived, not with what was announced.
 *   F2  However the bytes are cut into chunks, the same items come out.
 *   F3  After the first broken word nothing more comes out.
 */
import { err, ok, type Result } from "../../protocol/index.ts";
import { MAX_FRAME_BYTES } from "./wires.ts";

export type FrameItem =
  | { readonly kind: "frame"; readonly bytes: Uint8Array }
  | { readonly kind: "credit"; readonly cost: number }
  | { readonly kind: "end" };

export type BrokenFraming = { readonly kind: "frame-too-large"; readonly length: number } | { readonly kind: "unknown-word" };

/** What a frame counts for, so that very many small frames are bounded too. */
export const frameCost = (bytes: number): number => bytes + 1_024;

/** Two of the largest frames: one being read, one on its way. */
export const WINDOW_COST = 2 * frameCost(MAX_FRAME_BYTES);

const WORD_BYTES = 4;
const END_WORD = 0xffff_ffff;
const CREDIT_BIT = 0x8000_0000;
/** First reservation for a frame; doubles as bytes arrive (F1). */
const FIRST_RESERVATION = 16_384;

export function encodeFrame(frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(WORD_BYTES + frame.length);
  new DataView(bytes.buffer).setUint32(0, frame.length);
  bytes.set(frame, WORD_BYTES);
  return bytes;
}

export const encodeCredit = (cost: number): Uint8Array => word(CREDIT_BIT + cost);
export const encodeEnd = (): Uint8Array => word(END_WORD);

/** Reads items out of chunks. One reader for one direction of one stream. */
export interface FrameReader {
  /** The items that this chunk completed, in order; `broken` is final (F3). Keeps no reference to the chunk. */
  readonly push: (chunk: Uint8Array) => Result<readonly FrameItem[], BrokenFraming>;
  /** True in the middle of a word or a frame: a stream that ends here was cut. */
  readonly isMidway: () => boolean;
}

export function createFrameReader(maxFrameBytes: number = MAX_FRAME_BYTES): FrameReader {
  const head = new Uint8Array(WORD_BYTES);
  const headView = new DataView(head.buffer);
  let headFilled = 0;
  let body: { buffer: Uint8Array; filled: number; readonly length: number } | null = null;
  let broken: BrokenFraming | null = null;

  /** Acts on a whole word; returns the item it makes by itself, or null when a frame's bytes follow. */
  const readWord = (): Result<FrameItem | null, BrokenFraming> => {
    const value = headView.getUint32(0);
    if (value === END_WORD) return ok({ kind: "end" });
    if (value > CREDIT_BIT) return ok({ kind: "credit", cost: value - CREDIT_BIT });
    if (value === 0 || value === CREDIT_BIT) return err({ kind: "unknown-word" });
    if (value > maxFrameBytes) return err({ kind: "frame-too-large", length: value });
    body = { buffer: new Uint8Array(Math.min(value, FIRST_RESERVATION)), filled: 0, length: value };
    return ok(null);
  };

  const push = (chunk: Uint8Array): Result<readonly FrameItem[], BrokenFraming> => {
    if (broken !== null) return err(broken);
    const items: FrameItem[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (body === null) {
        const taken = Math.min(WORD_BYTES - headFilled, chunk.length - at);
        head.set(chunk.subarray(at, at + taken), headFilled);
        headFilled += taken;
        at += taken;
        if (headFilled < WORD_BYTES) break;
        headFilled = 0;
        const read = readWord();
        if (!read.ok) {
          broken = read.error;
          return read;
        }
        if (read.value !== null) items.push(read.value);
        continue;
      }
      const taken = Math.min(body.length - body.filled, chunk.length - at);
      body.buffer = grown(body.buffer, body.filled, body.filled + taken, body.length);
      body.buffer.set(chunk.subarray(at, at + taken), body.filled);
      body.filled += taken;
      at += taken;
      if (body.filled === body.length) {
        items.push({ kind: "frame", bytes: body.buffer });
        body = null;
      }
    }
    return ok(items);
  };

  return { push, isMidway: () => headFilled > 0 || body !== null };
}

/** `buffer`, or a copy of its first `filled` bytes with room for `wanted`: doubled, never past `limit`. */
function grown(buffer: Uint8Array, filled: number, wanted: number, limit: number): Uint8Array {
  if (wanted <= buffer.length) return buffer;
  const larger = new Uint8Array(Math.min(limit, Math.max(wanted, buffer.length * 2)));
  larger.set(buffer.subarray(0, filled));
  return larger;
}

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(WORD_BYTES);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
