/** What every shelf keeps to at its limits: a full disk (S4, S5), an aborted call, a closed shelf. Called by shelf.contract.ts. */
import { describe, expect, test } from "vitest";
import { RESERVE_BYTES, type Pen, type Shelf } from "../../src/storage/shelf.ts";
import { allOf, ANA, BO, calm, heavy, penWith, segmentOf, TAG, valueOf, type OpenShelf } from "./shelf.fixtures.ts";

const MIB = 1024 * 1024;

export function shelfLimitsContract(name: string, open: OpenShelf): void {
  describe(`${name}: a full disk (S4, S5)`, () => {
    test("foreign envelopes are refused at the quota, what is there stays, and 5 MiB of own acts still fit", async () => {
      const { shelf, reopen } = await open({ capacityBytes: 16 * MIB });
      let pen = valueOf(await shelf.takePen(TAG, ANA, "t1", calm));
      let foreign = 0;
      let refused = null;
      while (refused === null && foreign < 16) {
        const put = await shelf.putForeign(TAG, [heavy(BO, foreign, MIB)], calm);
        if (put.ok) foreign++;
        else refused = put.error;
      }
      expect(refused).toEqual({ kind: "disk-full" });
      expect(foreign).toBeGreaterThan(2);
      expect(foreign).toBeLessThan(13); // 80 %
      const usage = await shelf.usage(calm);
      expect(usage?.quotaBytes).toBe(16 * MIB);
      expect(usage?.usedBytes).toBeGreaterThan(foreign * MIB);

      for (let seq = 0; seq < 5; seq++) pen = valueOf(await shelf.append(TAG, pen, heavy(ANA, seq, MIB - 2048), calm));
      valueOf(await shelf.keep("identity", new Uint8Array(1024), calm));
      valueOf(await shelf.putForeign(TAG, [heavy(BO, 0, MIB)], calm)); // passed over, so not refused
      const all = await allOf(await reopen(), TAG);
      expect(all.map(({ bytes }) => bytes.length)).toEqual([
        ...Array<number>(5).fill(MIB - 2048),
        ...Array<number>(foreign).fill(MIB),
      ]);
    });
  });

  test(`${name}: taking the pen lays the reserve aside, unless that alone would pass 80 %`, async () => {
    for (const [capacityBytes, reserved] of [
      [16 * MIB, true],
      [6 * MIB, false],
    ] as const) {
      const { shelf } = await open({ capacityBytes });
      valueOf(await shelf.takePen(TAG, ANA, "t1", calm));
      const usage = await shelf.usage(calm);
      expect((usage?.usedBytes ?? 0) >= RESERVE_BYTES).toBe(reserved);
    }
  });

  describe(`${name}: abort and close`, () => {
    test("an aborted signal rejects every call with its reason, and nothing was written", async () => {
      const { shelf } = await open();
      const held = await penWith(shelf, 1);
      const reason = new Error("the person went away");
      const signal = AbortSignal.abort(reason);
      const calls = callsWith(shelf, held, signal);
      for (const [call, run] of Object.entries(calls)) {
        await expect(run(), call).rejects.toBe(reason);
      }
      expect(await allOf(shelf, TAG)).toEqual([segmentOf(ANA, 0, 1)]);
      expect([await shelf.kept("", calm), await shelf.proofs(TAG, calm)]).toEqual([[], []]);
      expect((await shelf.append(TAG, held, segmentOf(ANA, 1, 1), calm)).ok, "the pen was not taken").toBe(true);
    });

    test("a call aborted under way either rejects with the reason and wrote nothing, or resolves and wrote", async () => {
      const { shelf } = await open();
      let pen = await penWith(shelf, 1);
      for (let turns = 0; turns < 12; turns++) {
        const person = new AbortController();
        const appending = shelf
          .append(TAG, pen, segmentOf(ANA, pen.length, 1), person.signal)
          .then(valueOf, (thrown: unknown) => {
            expect(thrown).toBe("gone");
            return pen;
          });
        for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
        person.abort("gone");
        pen = await appending;
        const all = await allOf(shelf, TAG);
        expect(all.reduce((sum, { count }) => sum + count, 0)).toBe(pen.length);
      }
    });

    test("a reading aborted under way resolves or rejects with the reason", async () => {
      const { shelf } = await open();
      valueOf(await shelf.putForeign(TAG, [segmentOf(ANA, 0, 1)], calm));
      for (let turns = 0; turns < 12; turns++) {
        const person = new AbortController();
        const reading = shelf.range(TAG, ANA, 0, 1, person.signal).catch((thrown: unknown) => thrown);
        for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
        person.abort("gone");
        expect(["gone", [segmentOf(ANA, 0, 1)]]).toContainEqual(await reading);
      }
    });

    test("aborting between batches ends the reading with the reason", async () => {
      const { shelf } = await open();
      valueOf(
        await shelf.putForeign(
          TAG,
          Array.from({ length: 40 }, (_, seq) => segmentOf(ANA, seq, 1)),
          calm,
        ),
      );
      const person = new AbortController();
      const reading = async () => {
        for await (const batch of shelf.segments(TAG, person.signal)) person.abort(`after ${batch.length}`);
      };
      await expect(reading()).rejects.toBe("after 32");
      valueOf(await shelf.putForeign(TAG, [segmentOf(ANA, 40, 1)], calm));
    });

    test("closing twice is harmless; then writes say so and reads reject", async () => {
      const { shelf } = await open();
      const held = await penWith(shelf, 1);
      await shelf.close();
      await shelf.close();
      const { usage: _, ...calls } = callsWith(shelf, held, calm);
      for (const [call, run] of Object.entries(calls)) {
        const said = await run().catch((thrown: unknown) => String(thrown));
        if (typeof said === "string") expect(said, call).toBe("Error: storage-failed: closed");
        else expect(said, call).toEqual({ ok: false, error: { kind: "storage-failed", reason: "closed" } });
      }
    });
  });
}

const callsWith = (shelf: Shelf, held: Pen, signal: AbortSignal): Record<string, () => Promise<unknown>> => ({
  tags: () => shelf.tags(signal),
  segments: async () => {
    for await (const _ of shelf.segments(TAG, signal)) expect.fail("a batch was read");
  },
  range: () => shelf.range(TAG, ANA, 0, 1, signal),
  takePen: () => shelf.takePen(TAG, ANA, "t9", signal),
  append: () => shelf.append(TAG, held, segmentOf(ANA, 1, 1), signal),
  putForeign: () => shelf.putForeign(TAG, [segmentOf(BO, 0, 1)], signal),
  merge: () => shelf.merge(TAG, segmentOf(ANA, 0, 1, "merged"), signal),
  drop: () => shelf.drop(TAG, BO, signal),
  putProof: () => shelf.putProof(TAG, ANA, new Uint8Array(1), signal),
  proofs: () => shelf.proofs(TAG, signal),
  keep: () => shelf.keep("identity", new Uint8Array(1), signal),
  recall: () => shelf.recall("identity", signal),
  kept: () => shelf.kept("", signal),
  usage: () => shelf.usage(signal),
});
