import { expect, test } from "vitest";
import { weaveOf } from "../../src/ui/parts/weave.ts";

const ids = Array.from({ length: 200 }, (_, index) => (index * 7919 + 11).toString(16).padStart(64, "0"));

test("one id, one weave: five by five, mirrored, of two different threads", () => {
  for (const id of ids) {
    const weave = weaveOf(id);
    expect(weaveOf(id)).toEqual(weave);
    expect(weave.warp).not.toBe(weave.weft);
    expect(weave.warpOver.map((row) => row.length)).toEqual([5, 5, 5, 5, 5]);
    for (const row of weave.warpOver) expect([...row].reverse()).toEqual(row);
  }
});

test("people in one community seldom look alike", () => {
  expect(new Set(ids.map((id) => JSON.stringify(weaveOf(id)))).size).toBeGreaterThan(195);
});
