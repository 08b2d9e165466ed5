/** Laws of the framing: chunking does not matter, hostile lengths reserve nothing, broken stays broken. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { createFrameReader, encodeCredit, encodeEnd, encodeFrame, type FrameItem } from "../../src/net/framed-codec.ts";
import { MAX_FRAME_BYTES } from "../../src/net/wires.ts";

const items = fc.array(
  fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 40_000 }).map((bytes): FrameItem => ({ kind: "frame", bytes })),
    fc.integer({ min: 1, max: 0x7fff_fffe }).map((cost): FrameItem => ({ kind: "credit", cost })),
    fc.constant<FrameItem>({ kind: "end" }),
  ),
  { maxLength: 12 },
);

test("however the bytes are cut, the same items come out", () => {
  fc.assert(
    fc.property(items, fc.array(fc.nat(60_000), { maxLength: 40 }), (sent, cuts) => {
      const bytes = joined(sent.map(encode));
      const places = [...new Set(cuts.map((cut) => Math.min(cut, bytes.length)))].sort((a, b) => a - b);
      const reader = createFrameReader();
      const read: FrameItem[] = [];
      let from = 0;
      for (const to of [...places, bytes.length]) {
        const chunk = bytes.slice(from, to);
        const result = reader.push(chunk);
        chunk.fill(0xee); // the reader keeps no reference
        if (!result.ok) throw new Error(result.error.kind);
        read.push(...result.value);
        from = to;
      }
      expect(read).toEqual(sent);
      expect(reader.isMidway()).toBe(false);
    }),
  );
});

test("byte by byte gives the same as at once", () => {
  const sent: FrameItem[] = [
    { kind: "frame", bytes: new Uint8Array(300).fill(9) },
    { kind: "credit", cost: 70_000 },
    { kind: "end" },
  ];
  const reader = createFrameReader();
  const read = [...joined(sent.map(encode))].flatMap((byte) => {
    const result = reader.push(Uint8Array.of(byte));
    return result.ok ? result.value : [];
  });
  expect(read).toEqual(sent);
});

test("arbitrary bytes never throw, and no frame is ever over the limit", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 64 }),
      (chunks, limit) => {
        const reader = createFrameReader(limit);
        let isBroken = false;
        for (const chunk of chunks) {
          const result = reader.push(chunk);
          if (isBroken) expect(result.ok).toBe(false);
          isBroken ||= !result.ok;
          if (result.ok)
            for (const item of result.value) if (item.kind === "frame") expect(item.bytes.length).toBeLessThanOrEqual(limit);
        }
      },
    ),
  );
});

test("a length over the limit is refused by its four bytes alone, and nothing comes after it", () => {
  for (const length of [MAX_FRAME_BYTES + 1, 0x7fff_ffff]) {
    const reader = createFrameReader();
    expect(reader.push(word(length))).toEqual({ ok: false, error: { kind: "frame-too-large", length } });
    expect(reader.push(encodeFrame(Uint8Array.of(1)))).toMatchObject({ ok: false });
  }
});

test("an empty frame and an empty credit are no words", () => {
  for (const value of [0, 0x8000_0000])
    expect(createFrameReader().push(word(value))).toMatchObject({ error: { kind: "unknown-word" } });
});

test("items before a broken word in the same chunk are lost with it", () => {
  const chunk = joined([encodeFrame(Uint8Array.of(1)), word(0)]);
  expect(createFrameReader().push(chunk)).toMatchObject({ ok: false });
});

test("an announced frame of which little has come keeps little", () => {
  const readers = Array.from({ length: 200 }, () => createFrameReader());
  const before = process.memoryUsage().arrayBuffers;
  for (const reader of readers) reader.push(joined([word(MAX_FRAME_BYTES), new Uint8Array(100)]));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200 * 40_000);
  expect(readers.every((reader) => reader.isMidway())).toBe(true);
});

function encode(item: FrameItem): Uint8Array {
  switch (item.kind) {
    case "frame":
      return encodeFrame(item.bytes);
    case "credit":
      return encodeCredit(item.cost);
    case "end":
      return encodeEnd();
  }
}
function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
function word(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
