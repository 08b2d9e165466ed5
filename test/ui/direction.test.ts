import { expect, test } from "vitest";
import { directionOf } from "../../src/ui/editor/direction.ts";

test.each([
  ["We share", "ltr"],
  ["أعد ما استعرته", "rtl"],
  ["1. «שלום» world", "rtl"],
  ["Rose Lane كل يوم", "ltr"],
  ["🌻 قرب", "rtl"],
  ["12 – 🌻", null],
  ["", null],
])("%s runs %s", (text, direction) => expect(directionOf(text)).toBe(direction));
