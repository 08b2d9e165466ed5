import { expect, test } from "vitest";
import {
  MAX_DETAILS_UNITS,
  MAX_NEEDS,
  MAX_QUANTITY,
  MAX_TITLE_UNITS,
  MAX_WHEN_UNITS,
  MAX_WHERE_UNITS,
  MAX_WORDS_UNITS,
  CLOSING_REASONS,
  NEEDS,
  POST_FORMS,
} from "../../protocol/acts/aid.ts";
import { MAX_COMMUNITY_UNITS, MAX_NAME_UNITS, MAX_PURPOSE_UNITS } from "../../protocol/authority/acts.ts";
import { MAX_TALK_UNITS } from "../../protocol/acts/talk.ts";
import { MOST } from "../../src/ui/mending.ts";
import { CLOSING_WORDS, FORM_WORDS, NEED_WORDS } from "../../src/ui/vocabulary.ts";

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
    words: MAX_WORDS_UNITS,
    talk: MAX_TALK_UNITS,
    quantity: MAX_QUANTITY,
  });
});

test("the screens know the protocol's words, in its order", () => {
  expect(NEED_WORDS).toEqual([...NEEDS]);
  expect(FORM_WORDS).toEqual([...POST_FORMS]);
  expect(CLOSING_WORDS).toEqual([...CLOSING_REASONS]);
});
