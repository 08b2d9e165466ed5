import { expect, test } from "vitest";
import { Box } from "../../src/ui/read-model/box.svelte.ts";
import { createDrafts } from "../../src/ui/read-model/drafts.ts";

const shelf = () => createDrafts(null).boxes;

test("what is half written is there again, as it was typed", () => {
  const boxes = shelf();
  const box = new Box(boxes, "p.part");
  box.words = "Half a sen";
  box.quantity = "tw";
  box.readers = "all";
  box.keep();
  const again = new Box(boxes, "p.part");
  expect([again.words, again.quantity, again.readers, again.isBegun]).toEqual(["Half a sen", "tw", "all", true]);
  expect(new Box(boxes, "q.part").isBegun).toBe(false);
});

test("only what somebody wrote is kept: what stood in it before is not", () => {
  const boxes = shelf();
  const box = new Box(boxes, "p.amend", { quantity: "2" });
  box.keep();
  expect(boxes.read("p.amend")).toBeNull();
  box.quantity = "3";
  box.keep();
  box.quantity = "2";
  box.keep();
  expect(boxes.read("p.amend")).toBeNull();
});

test("a change says only what is otherwise than before", () => {
  const box = new Box(shelf(), "p.amend", { quantity: "2", due: "2026-05-14T17:30" });
  expect(box.changes).toMatchObject({ quantity: null, due: null });
  box.quantity = " 3 ";
  expect(box.changes).toMatchObject({ quantity: 3, due: null });
  box.quantity = "2";
  box.due = "2026-05-15T17:30";
  expect(box.changes).toMatchObject({ quantity: null, due: box.moment });
});

test("what is being sent is off the shelf, so that it is not found half written; it comes back when it is refused", async () => {
  const boxes = shelf();
  const box = new Box(boxes, "p.dispute");
  box.words = "I see it so";
  box.keep();
  const refused = await box.sent(async () => {
    box.keep(); // an effect runs meanwhile
    expect(boxes.read("p.dispute")).toBeNull();
    return false;
  });
  expect([refused, boxes.read("p.dispute")?.words]).toEqual([false, "I see it so"]);
  expect(await box.sent(() => Promise.resolve(true))).toBe(true);
  expect([boxes.read("p.dispute"), box.words]).toEqual([null, ""]);
});
