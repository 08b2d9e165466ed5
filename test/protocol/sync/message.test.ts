import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, u32ToBytes } from "../../../protocol/codec/bytes.ts";
import { FRONTIER_PAGE, encodeSyncMessage, parseSyncMessage } from "../../../protocol/sync/message.ts";
import { messages } from "./messages.ts";

const refused = (input: Uint8Array) => !parseSyncMessage(input).ok;

describe("G1: one encoding", () => {
  test("every message comes back as it was written", () => {
    fc.assert(
      fc.property(
        messages,
        (message) => void expect(parseSyncMessage(encodeSyncMessage(message))).toEqual({ ok: true, value: message }),
      ),
    );
  });
  test("a byte too many or too few is malformed", () => {
    fc.assert(
      fc.property(
        messages.filter(({ kind }) => kind !== "chunk" && kind !== "proof"),
        (message) => {
          const whole = encodeSyncMessage(message);
          // An outline with a zero behind it is another outline: one with an empty row more.
          if (message.kind !== "outline") expect(refused(concatBytes(whole, new Uint8Array(1)))).toBe(true);
          else expect(refused(concatBytes(whole, new Uint8Array([1, 7])))).toBe(true);
          const isShorter = message.kind === "outline" && message.rows.at(-1)?.length === 0;
          if (!isShorter) expect(refused(whole.subarray(0, -1))).toBe(true);
        },
      ),
    );
  });
  test("nothing, an unknown kind, and a flag that is neither 0 nor 1 are malformed", () => {
    expect([new Uint8Array(0), new Uint8Array([0]), new Uint8Array([11]), new Uint8Array([2, 2])].map(refused)).toEqual(
      Array(4).fill(true),
    );
    expect(parseSyncMessage(new Uint8Array([11]))).toEqual({
      ok: false,
      error: { kind: "malformed-sync-message", at: "kind 11" },
    });
  });
  const entry = (length: number, mark: number, forkedAt: number) =>
    concatBytes(
      new Uint8Array([2, 0]),
      new Uint8Array(32).fill(1),
      u32ToBytes(length),
      u32ToBytes(forkedAt),
      new Uint8Array(8).fill(mark),
    );
  test.each<readonly [string, Uint8Array]>([
    ["a mark without length", entry(0, 1, 0xffff_ffff)],
    ["a length past the fork point", entry(3, 1, 2)],
  ])("an entry with %s is malformed", (_, input) => expect(refused(input)).toBe(true));
  test("a page past its size, a chunk past 1 MiB and a proof past 32 KiB are malformed", () => {
    expect(refused(new Uint8Array([2, 0, ...new Uint8Array((FRONTIER_PAGE + 1) * 48)]))).toBe(true);
    expect([
      refused(kinded(4, 1_048_577)),
      refused(kinded(4, 1_048_576)),
      refused(kinded(7, 32_769)),
      refused(kinded(7, 32_768)),
    ]).toEqual([true, false, true, false]);
  });
});
test("half a short, more buckets than there are, and a row cut short are malformed", () => {
  expect([9, 10].map((kind) => refused(new Uint8Array([kind])))).toEqual([false, false]);
  expect([refused(kinded(9, 3)), refused(kinded(9, 8_192)), refused(kinded(9, 8_194))]).toEqual([true, false, true]);
  expect(refused(new Uint8Array([10, 2, 1, 1, 1]))).toBe(true);
  expect([refused(kinded(10, 4_096)), refused(kinded(10, 4_097))]).toEqual([false, true]); // empty rows
});
function kinded(kind: number, length: number): Uint8Array {
  const frame = new Uint8Array(length + 1);
  frame[0] = kind;
  return frame;
}
