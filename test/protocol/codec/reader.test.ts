import fc from "fast-check";
import { expect, test } from "vitest";
import { createReader, varintToBytes } from "../../../protocol/codec/reader.ts";

test("R1: a read beyond the end is null and moves nothing", () => {
  const reader = createReader(new Uint8Array([1, 2, 3]));
  expect([reader.u32(), reader.take(4), reader.u16(), reader.u16(), reader.u8(), reader.u8(), reader.varint()]).toEqual([
    null,
    null,
    258,
    null,
    3,
    null,
    null,
  ]);
});

test("R2: a varint is minimal and ends at 2^32 - 1", () => {
  const read = (...bytes: number[]) => createReader(new Uint8Array(bytes)).varint();
  expect([read(0), read(127), read(128, 1), read(255, 255, 255, 255, 15)]).toEqual([0, 127, 128, 0xffff_ffff]);
  expect([read(128, 0), read(255, 255, 255, 255, 16), read(128, 128, 128, 128, 128, 1), read(128)]).toEqual([
    null,
    null,
    null,
    null,
  ]);
});

test("R2: every length written is read back", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (value) => {
      const reader = createReader(varintToBytes(value));
      expect([reader.varint(), reader.left()]).toEqual([value, 0]);
    }),
  );
});

test.each([new Uint8Array([7, 7]), Buffer.from([7, 7])])(
  "R3: what is taken does not change with the buffer it came from",
  (buffer) => {
    const taken = createReader(buffer).take(2);
    buffer.fill(0);
    expect(taken).toEqual(new Uint8Array([7, 7]));
  },
);
