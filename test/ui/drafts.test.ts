import { expect, test } from "vitest";
import { createDrafts, type DraftRecord } from "../../src/ui/read-model/drafts.ts";

const draft: DraftRecord = {
  kind: "offer",
  title: "A ladder",
  details: "Long",
  needs: ["creation"],
  form: "loan",
  whenChoice: "own",
  whenOwn: "Mondays",
  where: "Canal side",
  quantity: "2",
  until: "2026-05-20",
};

function shelf(): Pick<Storage, "getItem" | "setItem" | "removeItem"> & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

test("a draft survives closing, in its own community only", () => {
  const on = shelf();
  createDrafts(on).write("mill", draft);
  expect(createDrafts(on).read("mill")).toEqual(draft);
  expect(createDrafts(on).read("river")).toBeNull();
});

test("a forgotten draft leaves nothing behind", () => {
  const on = shelf();
  const drafts = createDrafts(on);
  drafts.write("mill", draft);
  drafts.forget("mill");
  expect(drafts.read("mill")).toBeNull();
  expect(on.kept.size).toBe(0);
});

test("where storage is forbidden, a draft lasts as long as the page", () => {
  const refuse = () => {
    throw new Error("SecurityError");
  };
  for (const broken of [null, { getItem: refuse, setItem: refuse, removeItem: refuse }]) {
    const drafts = createDrafts(broken);
    drafts.write("mill", draft);
    expect(drafts.read("mill")).toEqual(draft);
  }
});

test("what is on the shelf is read as a stranger's: only what fits is taken", () => {
  const on = shelf();
  on.kept.set(
    "kith.draft.mill",
    JSON.stringify({ kind: "loot", title: 7, needs: ["rest", "gold", "rest"], form: "gift", whenChoice: "never" }),
  );
  on.kept.set("kith.draft.river", "{");
  expect(createDrafts(on).read("mill")).toEqual({
    kind: "request",
    title: "",
    details: "",
    needs: ["rest"],
    form: null,
    whenChoice: "week",
    whenOwn: "",
    where: "",
    quantity: "",
    until: "",
  });
  expect(createDrafts(on).read("river")).toBeNull();
});

test("words for two that cannot be read rightly stay for two", () => {
  const on = shelf();
  on.kept.set("kith.box.talk", JSON.stringify({ words: 3, readers: "everybody", due: "soon" }));
  expect(createDrafts(on).boxes.read("talk")).toEqual({ words: "", readers: "parties", quantity: "", due: "soon" });
});
