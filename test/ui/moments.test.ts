import fc from "fast-check";
import { expect, test } from "vitest";
import type { Millis } from "../../protocol/index.ts";
import { dayEnd, dayField, momentField, momentIn } from "../../src/ui/read-model/moments.ts";

const MINUTE = 60_000;

test("a moment comes back from its field, to the minute", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (at) => {
      const there = momentIn(momentField(at as Millis));
      // Where a clock is put back, one wall time stands for two moments.
      expect([0, 60 * MINUTE, 30 * MINUTE]).toContain(Math.abs((there ?? NaN) - Math.floor(at / MINUTE) * MINUTE));
    }),
  );
});

test("a day ends where the next begins", () => {
  const end = dayEnd("2026-05-14");
  if (end === null) throw new Error("no day");
  expect(dayField(end)).toBe("2026-05-14");
  expect(dayField((end + 1) as Millis)).toBe("2026-05-15");
});

test.each(["", "2026-05", "2026-5-4", "2026-13-40", "tomorrow", "2026-05-14T17:30"])("“%s” is no day", (field) => {
  expect(dayEnd(field)).toBeNull();
});

test.each(["", "2026-05-14", "2026-05-14T", "2026-05-14T25:00", "1969-12-30T10:00", "soon"])("“%s” is no moment", (field) => {
  expect(momentIn(field)).toBeNull();
});
