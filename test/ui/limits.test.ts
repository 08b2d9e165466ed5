import { expect, test } from "vitest";
import {
  MAX_DETAILS_UNITS,
  MAX_NEEDS,
  MAX_TITLE_UNITS,
  MAX_WHEN_UNITS,
  MAX_WHERE_UNITS,
  NEEDS,
  POST_FORMS,
} from "../../protocol/acts/aid.ts";
import { MAX_COMMUNITY_UNITS, MAX_NAME_UNITS, MAX_PURPOSE_UNITS } from "../../protocol/authority/acts.ts";
import { MOST } from "../../src/ui/mending.ts";
import { FORM_WORDS, NEED_WORDS } from "../../src/ui/vocabulary.ts";

test("the forms allow exactly what the protocol does", () => {
  expect(MOST).toEqual({
    name: MAX_NAME_UNITS,
    community: MAX_COMMUNITY_UNITS,
    purpose: MAX_PURPOSE_UNITS,
    title: MAX_TITLE_UNITS,
    details: MAX_DETAILS_UNITS,
    when: MAX_WHEN_UNITS,
    where: MAX_WHERE_UNITS,
    needs: MAX_NEEDS,
  });
});

test("the screens know the protocol's words, in its order", () => {
  expect(NEED_WORDS).toEqual([...NEEDS]);
  expect(FORM_WORDS).toEqual([...POST_FORMS]);
});
