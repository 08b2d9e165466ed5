/** The memory shelf keeps the contract, and loses in a crash exactly what a disk may lose (S2). */
import fc from "fast-check";
import { expect, test } from "vitest";
import { openMemoryShelf } from "../../src/storage/memory-shelf.ts";
import type { Pen } from "../../src/storage/shelf.ts";
import { shelfContract } from "../contracts/shelf.contract.ts";
import { allOf, ANA, BO, calm, CY, idOf, segmentOf, TAG, valueOf, type OpenShelf } from "../contracts/shelf.fixtures.ts";
import { call, learn, picture, prepare } from "../contracts/shelf.model.contract.ts";

const open: OpenShelf = async (options) => {
  const shelf = openMemoryShelf(options);
  const tabs = [shelf];
  const twin = async () => {
    const tab = shelf.twin();
    tabs.push(tab);
    return tab;
  };
  return {
    shelf,
    twin,
    reopen: async () => {
      await Promise.all(tabs.map((tab) => tab.close()));
      return twin();
    },
  };
};

shelfContract("memory shelf", open);

test("a crash loses the relaxed writes since the last strict one, and no other", async () => {
  const shelf = openMemoryShelf();
  const pen = valueOf(await shelf.takePen(TAG, ANA, "t1", calm));
  valueOf(await shelf.putForeign(TAG, [segmentOf(BO, 0, 1), segmentOf(BO, 1, 1)], calm));
  valueOf(await shelf.append(TAG, pen, segmentOf(ANA, 0, 1), calm));
  valueOf(await shelf.merge(TAG, segmentOf(BO, 0, 2, "merged"), calm));
  valueOf(await shelf.putForeign(TAG, [segmentOf(BO, 2, 1), segmentOf(CY, 0, 1), segmentOf(ANA, 1, 4)], calm));
  expect((await shelf.append(TAG, pen, segmentOf(ANA, 0, 1), calm)).ok, "a refused write settles nothing").toBe(false);
  const after = shelf.crash();
  expect(await allOf(after, TAG)).toEqual([segmentOf(ANA, 0, 1), segmentOf(BO, 0, 1), segmentOf(BO, 1, 1)]);
  expect(valueOf(await after.takePen(TAG, ANA, "t2", calm))).toMatchObject({ length: 1, head: idOf(ANA, 0) });
});

test("a community that a crash lost whole is not named any more", async () => {
  const shelf = openMemoryShelf();
  valueOf(await shelf.putForeign(TAG, [segmentOf(BO, 0, 1)], calm));
  expect(await shelf.crash().tags(calm)).toEqual([]);
});

test("what is kept and proven is strict, and what settled before a crash is not lost", async () => {
  const shelf = openMemoryShelf();
  valueOf(await shelf.putForeign(TAG, [segmentOf(BO, 0, 1)], calm));
  shelf.settle();
  valueOf(await shelf.putForeign(TAG, [segmentOf(BO, 1, 1)], calm));
  const settled = shelf.crash();
  expect(await allOf(settled, TAG)).toEqual([segmentOf(BO, 0, 1)]);
  valueOf(await settled.keep("identity", Uint8Array.of(1), calm));
  const kept = settled.crash();
  expect(await kept.recall("identity", calm)).toEqual(Uint8Array.of(1));
  valueOf(await kept.putProof(TAG, BO, Uint8Array.of(2), calm));
  expect(await kept.crash().proofs(TAG, calm)).toHaveLength(1);
});

test("a crash gives back the room of what it lost", async () => {
  const shelf = openMemoryShelf({ capacityBytes: 1_000_000_000 });
  valueOf(await shelf.keep("identity", new Uint8Array(10), calm));
  valueOf(await shelf.takePen(TAG, ANA, "t1", calm)); // makes the ballast
  const before = await shelf.usage(calm);
  valueOf(await shelf.putForeign(TAG, [segmentOf(BO, 0, 1)], calm));
  valueOf(await shelf.merge(TAG, segmentOf(BO, 0, 1, "a longer text"), calm));
  expect(await shelf.usage(calm)).not.toEqual(before);
  expect(await shelf.crash().usage(calm)).toEqual(before);
});

test("a shelf from before the crash is dead, in every tab", async () => {
  const shelf = openMemoryShelf();
  const tab = shelf.twin();
  shelf.crash();
  for (const dead of [shelf, tab]) {
    await expect(dead.tags(calm)).rejects.toThrow("storage-failed: crashed");
    expect(await dead.keep("identity", Uint8Array.of(1), calm)).toEqual({
      ok: false,
      error: { kind: "storage-failed", reason: "crashed" },
    });
  }
});

test("the next write, and only the next, fails as told and writes nothing", async () => {
  const shelf = openMemoryShelf();
  const pen = valueOf(await shelf.takePen(TAG, ANA, "t1", calm));
  for (const error of [{ kind: "disk-full" }, { kind: "storage-failed", reason: "worn out" }] as const) {
    shelf.failNextWrite(error);
    expect(await shelf.append(TAG, pen, segmentOf(ANA, 0, 1), calm)).toEqual({ ok: false, error });
    expect(await allOf(shelf, TAG)).toEqual([]);
  }
  valueOf(await shelf.append(TAG, pen, segmentOf(ANA, 0, 1), calm));
});

test("a disk that is really full refuses own acts, proofs and merges, and keeps what is there", async () => {
  const shelf = openMemoryShelf({ capacityBytes: 100 });
  const pen = valueOf(await shelf.takePen(TAG, ANA, "t1", calm));
  const held = valueOf(await shelf.append(TAG, pen, segmentOf(ANA, 0, 1), calm));
  const full = { ok: false, error: { kind: "disk-full" } };
  const large = new Uint8Array(200);
  expect(await shelf.append(TAG, held, { ...segmentOf(ANA, 1, 1), bytes: large }, calm)).toEqual(full);
  expect(await shelf.merge(TAG, { ...segmentOf(ANA, 0, 1), bytes: large }, calm)).toEqual(full);
  expect(await shelf.putProof(TAG, ANA, large, calm)).toEqual(full);
  expect(await shelf.keep("identity", large, calm)).toEqual(full);
  expect(await shelf.putForeign(TAG, [segmentOf(BO, 0, 1)], calm), "no room for the ballast").toEqual(full);
  expect(await allOf(shelf, TAG)).toEqual([segmentOf(ANA, 0, 1)]);
  expect(await openMemoryShelf().usage(calm), "a disk without end").toBeNull();
});

test("whatever is written, and whenever the power fails, feeds have no hole and pens stand at their end", async () => {
  const fault = fc.constantFrom("crash" as const, "settle" as const);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof({ weight: 6, arbitrary: call }, fault), { maxLength: 60 }), async (steps) => {
      let shelf = openMemoryShelf();
      const pens = new Map<string, Pen>();
      for (const step of steps) {
        if (step === "crash") shelf = shelf.crash();
        else if (step === "settle") shelf.settle();
        else if (step.kind !== "reopen") learn(pens, step, await (await prepare(shelf, pens, step))(shelf));
      }
      await picture(shelf);
      await picture(shelf.crash());
    }),
    { numRuns: 200 },
  );
});
