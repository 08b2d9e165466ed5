import { expect, test } from "vitest";
import type { Millis } from "../../protocol/index.ts";
import en from "../../src/ui/locales/en.json" with { type: "json" };
import { loadWords } from "../../src/ui/locales/load-words.ts";
import { createWords } from "../../src/ui/words.ts";

const words = createWords("en", "ltr", en);
const now = 1_700_000_000_000 as Millis; // any moment
const ago = (span: number) => words.ago((now - span) as Millis, now);

test("times are said as people say them", () => {
  expect([30_000, 61_000, 7_200_000, 90_000_000, 40 * 86_400_000, 800 * 86_400_000].map(ago)).toEqual([
    "just now",
    "1 minute ago",
    "2 hours ago",
    "yesterday",
    "last month",
    "2 years ago",
  ]);
  expect(ago(-172_800_000)).toBe("in 2 days");
});

test("counts follow the rules of the language", () => {
  expect(words.t("status.copied", { neighbours: 1 })).toBe("Saved here · 1 neighbour has it");
  expect(words.t("audience", { community: "Mill Street", people: 6 })).toBe("Everyone in Mill Street can read this: 6 people.");
});

test("a name written the other way is fenced in, any other name is left as it is", () => {
  expect(words.t("promise.waitingFor", { who: "Ben" })).toBe("Waiting for Ben");
  expect(words.t("promise.waitingFor", { who: "داليا" })).toBe("Waiting for \u2068داليا\u2069");
});

test("an unknown language falls back to English; the mirrored pseudo-locale runs from right to left", async () => {
  expect((await loadWords(["tlh"])).t("copy.button")).toBe("Copy");
  expect((await loadWords(["en-GB"])).locale).toBe("en-GB");
  const mirrored = await loadWords(["qps-plocm"]);
  expect([mirrored.dir, mirrored.t("copy.button")]).toEqual(["rtl", "[Cöþý ~]"]);
});
