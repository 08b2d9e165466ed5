/** Attacks on letters: UTF-16 writes some as two units, and Yjs lets anybody stand between them. */
import * as Y from "yjs";
import { describe, expect, test } from "vitest";
import { clientOf } from "../../../protocol/documents/client.ts";
import { block, deletions, letters, struct, update } from "./hostile.ts";
import { feedBy } from "./scribes.ts";
import { MAL, NOTES, stageOf, type Stage } from "./stage.ts";

const ANA = clientOf(feedBy(0));
const of = (client: number, clock: number) => ({ client, clock });
const one = (head: Parameters<typeof struct>[0], content: Parameters<typeof struct>[1]): Uint8Array =>
  update([block(MAL, 0, [struct(head, content)])]);
const many = (structs: Parameters<typeof block>[2], deletes?: Parameters<typeof update>[1]): Uint8Array =>
  update([block(MAL, 0, structs)], deletes);

describe("half-letter: a letter that UTF-16 writes as two units is not cut", () => {
  /** Ana: title "a🌱b": a (0), the halves (1, 2), b (3). */
  function seedling(): Stage {
    const stage = stageOf(NOTES);
    stage.honest(stage.ana, (doc) => doc.getText("title").insert(0, "a🌱b"));
    return stage;
  }
  const between = { left: of(ANA, 1), right: of(ANA, 2) };
  test("plain Yjs breaks it, for good", () => {
    const { ana } = seedling();
    const doc = new Y.Doc({ gc: false });
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(ana.live));
    Y.applyUpdate(doc, update([block(MAL, 0, [struct(between, letters("x"))])], deletions([MAL, [0, 1]])));
    expect(doc.getText("title").toString()).toBe("a\uFFFD\uFFFDb");
  });
  test.each<readonly [string, Uint8Array]>([
    ["a letter put within it", one(between, letters("x"))],
    ["its second half deleted", update([], deletions([ANA, [2, 2]]))],
    ["its first half deleted", update([], deletions([ANA, [0, 2]]))],
    [
      "one of the update's own cut",
      many([struct({ left: of(ANA, 3) }, letters("🌱")), struct({ left: of(MAL, 0), right: of(MAL, 1) }, letters("x"))]),
    ],
    ["one of the update's own deleted by half", many([struct({ left: of(ANA, 3) }, letters("🌱"))], deletions([MAL, [1, 1]]))],
  ])("%s", (_, bytes) => {
    const stage = seedling();
    expect(stage.refuse(bytes)).toBe("half-letter");
    expect(stage.ana.live.getText("title").toString()).toBe("a🌱b");
  });
  test("beside it, and the whole of it, are let in", () => {
    const stage = seedling();
    expect(stage.send(many([struct({ left: of(ANA, 2), right: of(ANA, 3) }, letters("x"))], deletions([ANA, [1, 2]])))).toBe(
      "counts",
    );
    expect(stage.ana.live.getText("title").toString()).toBe("axb");
  });
});
