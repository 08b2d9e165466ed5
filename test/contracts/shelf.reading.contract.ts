/** What every shelf keeps to when it is read: order, batches, ranges, and the lists. Called by shelf.contract.ts. */
import { describe, expect, test } from "vitest";
import { allOf, ANA, BO, calm, CY, idOf, OTHER_TAG, segmentOf, TAG, valueOf, type OpenShelf } from "./shelf.fixtures.ts";

export function shelfReadingContract(name: string, open: OpenShelf): void {
  describe(`${name}: reading`, () => {
    test("segments come feed by feed, each in order, in batches of at most 32", async () => {
      const { shelf } = await open();
      const of = (feed: typeof ANA) => Array.from({ length: 40 }, (_, at) => segmentOf(feed, at * 250, 250));
      valueOf(await shelf.putForeign(TAG, [...of(BO), ...of(ANA), ...of(CY)], calm));
      valueOf(await shelf.putForeign(OTHER_TAG, [segmentOf(ANA, 0, 1, "elsewhere")], calm));
      const sizes: number[] = [];
      for await (const batch of shelf.segments(TAG, calm)) sizes.push(batch.length);
      expect(sizes).toEqual([32, 32, 32, 24]);
      expect(await allOf(shelf, TAG)).toEqual([...of(ANA), ...of(BO), ...of(CY)]);
    });

    test("a merge while segments are read hides no envelope", async () => {
      const { shelf } = await open();
      const parts = Array.from({ length: 50 }, (_, seq) => segmentOf(ANA, seq, 1));
      valueOf(await shelf.putForeign(TAG, [...parts, segmentOf(BO, 0, 1)], calm));
      const seen = new Set<string>();
      for await (const batch of shelf.segments(TAG, calm)) {
        for (const { feed, from, count } of batch) {
          for (let seq = from; seq < from + count; seq++) seen.add(idOf(feed, seq));
        }
        await shelf.merge(TAG, segmentOf(ANA, 20, 20), calm);
      }
      expect(seen).toEqual(new Set([...parts.map(({ head }) => head), idOf(BO, 0)]));
    });

    test.each([
      [0, 1, [0]],
      [1, 3, [0, 2]],
      [2, 3, [2]],
      [255, 256, [2]],
      [257, 260, [257]],
      [256, 400, [2, 257]],
      [300, 300, []],
      [-5, 1, [0]],
      [900, 999, []],
    ])("a range [%i, %i) brings the segments that hold any of it", async (from, to, expected) => {
      const { shelf } = await open();
      const parts = [segmentOf(ANA, 0, 2), segmentOf(ANA, 2, 255), segmentOf(ANA, 257, 10), segmentOf(BO, 0, 9)];
      valueOf(await shelf.putForeign(TAG, parts, calm));
      const found = await shelf.range(TAG, ANA, from, to, calm);
      expect(found).toEqual(parts.filter((part) => part.feed === ANA && expected.includes(part.from)));
    });

    test("tags name each community that has segments, a pen or a proof, once", async () => {
      const { shelf } = await open();
      expect(await shelf.tags(calm)).toEqual([]);
      valueOf(await shelf.keep("identity", new Uint8Array(1), calm));
      valueOf(await shelf.takePen(OTHER_TAG, ANA, "t1", calm));
      expect(await shelf.tags(calm)).toEqual([OTHER_TAG]);
      valueOf(await shelf.putProof(TAG, BO, new Uint8Array(1), calm));
      expect(await shelf.tags(calm)).toEqual([TAG, OTHER_TAG]);
      valueOf(await shelf.putForeign(TAG, [segmentOf(ANA, 0, 1), segmentOf(BO, 0, 1)], calm));
      expect(await shelf.tags(calm)).toEqual([TAG, OTHER_TAG]);
    });

    test("segments alone make a community known", async () => {
      const { shelf } = await open();
      valueOf(await shelf.putForeign(TAG, [segmentOf(ANA, 0, 1)], calm));
      expect(await shelf.tags(calm)).toEqual([TAG]);
    });

    test("proofs are listed by feed, the last one of each, of that community", async () => {
      const { shelf, reopen } = await open();
      for (const [tag, feed, byte] of [
        [TAG, BO, 1],
        [TAG, ANA, 2],
        [TAG, BO, 3],
        [OTHER_TAG, CY, 4],
      ] as const) {
        valueOf(await shelf.putProof(tag, feed, Uint8Array.of(byte), calm));
      }
      expect(await (await reopen()).proofs(TAG, calm)).toEqual([
        { feed: ANA, proof: Uint8Array.of(2) },
        { feed: BO, proof: Uint8Array.of(3) },
      ]);
    });

    test("what is kept under a name is recalled, replaced, and listed by prefix in order", async () => {
      const { shelf, reopen } = await open();
      for (const name of ["community/b", "identity", "community/a~", "community", "identity"]) {
        valueOf(await shelf.keep(name, new TextEncoder().encode(`of ${name}`), calm));
      }
      valueOf(await shelf.keep("identity", Uint8Array.of(2), calm));
      const again = await reopen();
      expect(await again.recall("identity", calm)).toEqual(Uint8Array.of(2));
      expect(await again.recall("nothing", calm)).toBeNull();
      const names = async (prefix: string) => (await again.kept(prefix, calm)).map(({ name }) => name);
      expect(await names("community/")).toEqual(["community/a~", "community/b"]);
      expect(await names("")).toEqual(["community", "community/a~", "community/b", "identity"]);
      expect((await again.kept("identity", calm))[0]?.bytes).toEqual(Uint8Array.of(2));
    });

    test("a name that is not printable ASCII is a bug", async () => {
      const { shelf } = await open();
      for (const name of ["", "ana's key", "clé"]) {
        await expect(shelf.keep(name, new Uint8Array(1), calm)).rejects.toThrow("name");
      }
    });
  });
}
