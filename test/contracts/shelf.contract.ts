/**
 * What every shelf keeps to (src/storage/shelf.ts): one suite, called once per implementation.
 * Here the writing (S1, S3); reading, limits and closing in the files beside it. Random sequences of calls against the memory shelf: shelf.model.contract.ts.
 */
import { describe, expect, test } from "vitest";
import type { Pen } from "../../src/storage/shelf.ts";
import {
  allOf,
  ANA,
  BO,
  calm,
  CY,
  expectContinuous,
  idOf,
  OTHER_TAG,
  penWith,
  placesOf,
  segmentOf,
  TAG,
  valueOf,
  type OpenShelf,
} from "./shelf.fixtures.ts";
import { shelfLimitsContract } from "./shelf.limits.contract.ts";
import { shelfReadingContract } from "./shelf.reading.contract.ts";

export function shelfContract(name: string, open: OpenShelf): void {
  describe(`${name}: the pen (S1)`, () => {
    test("a new pen stands at 0 and nobody's head", async () => {
      const { shelf } = await open();
      expect(valueOf(await shelf.takePen(TAG, ANA, "t1", calm))).toEqual({ feed: ANA, length: 0, head: null, token: "t1" });
    });

    test("an append moves the pen and is there after opening again", async () => {
      const { shelf, reopen } = await open();
      const pen = await penWith(shelf, 3);
      expect(pen).toEqual({ feed: ANA, length: 3, head: idOf(ANA, 2), token: "t1" });
      const again = await reopen();
      expect(await allOf(again, TAG)).toEqual([segmentOf(ANA, 0, 3)]);
      expect(valueOf(await again.takePen(TAG, ANA, "t2", calm))).toEqual({ ...pen, token: "t2" });
    });

    test("of two writers that race with one pen exactly one wins, the other gets the stored pen", async () => {
      const { shelf, twin } = await open();
      const other = await twin();
      const held = await penWith(shelf, 1);
      const results = await Promise.all([
        shelf.append(TAG, held, segmentOf(ANA, 1, 1, "left"), calm),
        other.append(TAG, held, segmentOf(ANA, 1, 2, "right"), calm),
      ]);
      const won = results.filter((result) => result.ok);
      expect(won).toHaveLength(1);
      expect(results.filter((result) => !result.ok)).toEqual([
        { ok: false, error: { kind: "stale-writer", stored: won[0]?.value } },
      ]);
      expectContinuous(await allOf(shelf, TAG));
      expect(await allOf(shelf, TAG)).toHaveLength(2);
    });

    test("whoever takes the pen takes it from its holder, who writes nothing more", async () => {
      const { shelf, twin } = await open();
      const held = await penWith(shelf, 1);
      const taken = valueOf(await (await twin()).takePen(TAG, ANA, "t2", calm));
      expect(await shelf.append(TAG, held, segmentOf(ANA, 1, 1), calm)).toEqual({
        ok: false,
        error: { kind: "stale-writer", stored: taken },
      });
      expect(await allOf(shelf, TAG)).toEqual([segmentOf(ANA, 0, 1)]);
    });

    test.each([
      ["token", { token: "t0" }],
      ["head", { head: idOf(BO, 0) }],
    ])("a writer with another %s is stale", async (_, difference) => {
      const { shelf } = await open();
      const held = await penWith(shelf, 1);
      const result = await shelf.append(TAG, { ...held, ...difference }, segmentOf(ANA, 1, 1), calm);
      expect(result).toEqual({ ok: false, error: { kind: "stale-writer", stored: held } });
    });

    test("a writer with another length is stale", async () => {
      const { shelf } = await open();
      const held = await penWith(shelf, 2);
      const result = await shelf.append(TAG, { ...held, length: 3 }, segmentOf(ANA, 3, 1), calm);
      expect(result).toEqual({ ok: false, error: { kind: "stale-writer", stored: held } });
    });

    test("without a pen nothing is appended", async () => {
      const { shelf } = await open();
      const held: Pen = { feed: ANA, length: 0, head: null, token: "t1" };
      expect(await shelf.append(TAG, held, segmentOf(ANA, 0, 1), calm)).toEqual({
        ok: false,
        error: { kind: "stale-writer", stored: null },
      });
    });

    test("a pen belongs to one feed of one community", async () => {
      const { shelf } = await open();
      await penWith(shelf, 2);
      expect(valueOf(await shelf.takePen(OTHER_TAG, ANA, "t1", calm)).length).toBe(0);
      expect(valueOf(await shelf.takePen(TAG, BO, "t1", calm)).length).toBe(0);
    });

    test("envelopes of an own feed that come from outside move the pen out of its holder's hand", async () => {
      const { shelf } = await open();
      const held = await penWith(shelf, 2);
      valueOf(await shelf.putForeign(TAG, [segmentOf(ANA, 0, 2), segmentOf(ANA, 2, 3)], calm));
      const stored = { feed: ANA, length: 5, head: idOf(ANA, 4), token: "" };
      const stale = { ok: false, error: { kind: "stale-writer", stored } };
      expect(await shelf.append(TAG, held, segmentOf(ANA, 2, 1), calm)).toEqual(stale);
      expect(valueOf(await shelf.takePen(TAG, ANA, "t2", calm))).toEqual({ ...stored, token: "t2" });
    });

    test("own envelopes that come back from a peer leave the pen where it is", async () => {
      const { shelf } = await open();
      const held = await penWith(shelf, 2);
      valueOf(await shelf.putForeign(TAG, [segmentOf(ANA, 0, 2)], calm));
      expect((await shelf.append(TAG, held, segmentOf(ANA, 2, 1), calm)).ok).toBe(true);
    });

    test("the first pen of a feed that came from outside stands at its end", async () => {
      const { shelf } = await open();
      valueOf(await shelf.putForeign(TAG, [segmentOf(ANA, 0, 4)], calm));
      expect(valueOf(await shelf.takePen(TAG, ANA, "t1", calm))).toMatchObject({ length: 4, head: idOf(ANA, 3) });
    });

    test("an append that is not right behind its pen, or of another feed, is a bug", async () => {
      const { shelf } = await open();
      const held = await penWith(shelf, 2);
      await expect(shelf.append(TAG, held, segmentOf(ANA, 1, 1), calm)).rejects.toThrow("S3");
      await expect(shelf.append(TAG, held, segmentOf(ANA, 3, 1), calm)).rejects.toThrow("S3");
      await expect(shelf.append(TAG, held, segmentOf(BO, 2, 1), calm)).rejects.toThrow("S3");
      await expect(shelf.takePen(TAG, ANA, "", calm)).rejects.toThrow("token");
    });
  });

  describe(`${name}: others' envelopes and merges (S3)`, () => {
    test("a hole and an overlap are refused with the seq that would fit, and the whole call with them", async () => {
      const { shelf } = await open();
      valueOf(await shelf.putForeign(TAG, [segmentOf(ANA, 0, 3)], calm));
      const refused = { ok: false, error: { kind: "not-contiguous", feed: ANA, from: 3 } };
      for (const from of [1, 2, 4]) {
        expect(await shelf.putForeign(TAG, [segmentOf(BO, 0, 2), segmentOf(ANA, from, 5)], calm)).toEqual(refused);
      }
      expect(await allOf(shelf, TAG)).toEqual([segmentOf(ANA, 0, 3)]);
    });

    test("putting the same twice changes nothing, also what lies within it", async () => {
      const { shelf } = await open();
      const put = [segmentOf(ANA, 0, 3), segmentOf(ANA, 3, 3), segmentOf(BO, 0, 1)];
      valueOf(await shelf.putForeign(TAG, put, calm));
      valueOf(await shelf.putForeign(TAG, put, calm));
      valueOf(await shelf.putForeign(TAG, [segmentOf(ANA, 1, 4), segmentOf(ANA, 6, 1)], calm));
      expect(placesOf(await allOf(shelf, TAG))).toEqual(["a0a 0+3", "a0a 3+3", "a0a 6+1", "b00 0+1"]);
    });

    test("a segment holds 1 to 256 envelopes from a seq on; anything else is a bug", async () => {
      const { shelf } = await open();
      valueOf(await shelf.putForeign(TAG, [segmentOf(ANA, 0, 256)], calm));
      for (const wrong of [{ count: 0 }, { count: 257 }, { count: 1.5 }, { from: -1 }, { from: 0.5 }]) {
        const segment = { ...segmentOf(ANA, 256, 1), ...wrong };
        await expect(shelf.putForeign(TAG, [segment], calm)).rejects.toThrow("a segment");
        await expect(shelf.merge(TAG, segment, calm)).rejects.toThrow("a segment");
      }
    });

    test("a merge replaces exactly the segments it covers, byte for byte what was handed in", async () => {
      const { shelf, reopen } = await open();
      const parts = [segmentOf(ANA, 0, 2), segmentOf(ANA, 2, 1), segmentOf(ANA, 3, 4), segmentOf(ANA, 7, 1)];
      valueOf(await shelf.putForeign(TAG, parts, calm));
      const whole = segmentOf(ANA, 2, 5, "merged");
      valueOf(await shelf.merge(TAG, whole, calm));
      expect(await allOf(await reopen(), TAG)).toEqual([parts[0], whole, parts[3]]);
    });

    test.each([
      ["starts within a segment", segmentOf(ANA, 1, 4), 1],
      ["ends within a segment", segmentOf(ANA, 0, 4), 3],
      ["ends within a segment, naming its last envelope", { ...segmentOf(ANA, 0, 4), head: idOf(ANA, 4) }, 3],
      ["reaches past the end", segmentOf(ANA, 2, 6), 7],
      ["lies behind the end", segmentOf(ANA, 7, 2), 7],
      ["is of a feed not held", segmentOf(BO, 0, 2), 0],
      ["ends with another envelope", { ...segmentOf(ANA, 0, 5), head: idOf(BO, 4) }, 4],
    ])("a merge that %s is refused and changes nothing", async (_, whole, from) => {
      const { shelf } = await open();
      const parts = [segmentOf(ANA, 0, 2), segmentOf(ANA, 2, 3), segmentOf(ANA, 5, 2)];
      valueOf(await shelf.putForeign(TAG, parts, calm));
      expect(await shelf.merge(TAG, whole, calm)).toEqual({
        ok: false,
        error: { kind: "not-contiguous", feed: whole.feed, from },
      });
      expect(await allOf(shelf, TAG)).toEqual(parts);
    });

    test("a feed that is dropped begins anew with whatever comes; one's own, and others', stay", async () => {
      const { shelf, reopen } = await open();
      valueOf(await shelf.putForeign(TAG, [segmentOf(BO, 0, 2), segmentOf(BO, 2, 3), segmentOf(CY, 0, 1)], calm));
      await penWith(shelf, 2); // Ana's
      expect(valueOf(await shelf.drop(TAG, BO, calm))).toBe(true);
      expect(valueOf(await shelf.drop(TAG, BO, calm))).toBe(true);
      expect(valueOf(await shelf.drop(TAG, ANA, calm))).toBe(false);
      expect((await allOf(shelf, TAG)).map(({ feed }) => feed)).toEqual([ANA, CY]);
      const other = segmentOf(BO, 0, 4, "another story");
      valueOf(await shelf.putForeign(TAG, [other], calm));
      expect((await allOf(await reopen(), TAG)).filter(({ feed }) => feed === BO)).toEqual([other]);
    });

    test("a merge leaves the pen where it is", async () => {
      const { shelf } = await open();
      const pen = valueOf(await shelf.append(TAG, await penWith(shelf, 2), segmentOf(ANA, 2, 2), calm));
      valueOf(await shelf.merge(TAG, segmentOf(ANA, 0, 4, "merged"), calm));
      expect((await shelf.append(TAG, pen, segmentOf(ANA, 4, 1), calm)).ok).toBe(true);
    });

    test("bytes handed in are copied: a view, and what its owner writes over it later", async () => {
      const { shelf } = await open();
      const backing = new Uint8Array(64).fill(7);
      const view = { ...segmentOf(ANA, 0, 1), bytes: backing.subarray(8, 16) };
      valueOf(await shelf.putForeign(TAG, [view], calm));
      valueOf(await shelf.keep("secret", Buffer.from(backing.buffer, 8, 8), calm));
      valueOf(await shelf.putProof(TAG, ANA, view.bytes, calm));
      backing.fill(9);
      const stored = [
        (await allOf(shelf, TAG))[0]?.bytes,
        (await shelf.range(TAG, ANA, 0, 1, calm))[0]?.bytes,
        await shelf.recall("secret", calm),
        (await shelf.kept("secret", calm))[0]?.bytes,
        (await shelf.proofs(TAG, calm))[0]?.proof,
      ];
      for (const bytes of stored) {
        expect(bytes).toEqual(new Uint8Array(8).fill(7));
        expect(bytes?.buffer.byteLength, "a buffer of its own").toBe(8);
        bytes?.fill(1);
      }
      expect((await allOf(shelf, TAG))[0]?.bytes).toEqual(new Uint8Array(8).fill(7));
    });
  });

  shelfReadingContract(name, open);
  shelfLimitsContract(name, open);
}
