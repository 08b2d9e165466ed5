/** Pages: the charter that grows under several hands, and what each person says of themselves. */
import type { Millis } from "../protocol/index.ts";
import type { Arrivals } from "./arrivals.ts";
import { DAY_MS, HOUR_MS, later, plus, timeOn } from "./calendar.ts";
import { createDeck, itemAt, type Chance } from "./chance.ts";
import type { Change, Story } from "./story.ts";
import { ABOUT, ABOUT_LATER, CHARTER_ADDITIONS, CHARTER_PARTS, LANGUAGES, LEARNS, SHARES } from "./words/pages.ts";

type People = Arrivals["people"];

export function planPages(chance: Chance, people: People, weeks: number, ends: Millis): readonly Story[] {
  return [...planCharter(chance, people, weeks, ends), ...people.flatMap((_, index) => planProfile(chance, people, index, ends))];
}

/** The founder begins; the other parts come in turn over the weeks, every second one with somebody else at the same page. */
function planCharter(chance: Chance, people: People, weeks: number, ends: Millis): readonly Story[] {
  const [first = [], ...others] = CHARTER_PARTS;
  const additions = createDeck(chance, CHARTER_ADDITIONS);
  const begun = plus(itemAt(people, 0).joins, HOUR_MS);
  const hereAt = (at: Millis): readonly number[] => people.flatMap(({ joins }, index) => (joins < at - HOUR_MS ? [index] : []));
  const grown = others.map((part, index): Story => {
    const days = Math.floor(((index + 1) * (weeks * 7 - 2)) / (others.length + 1));
    const at = timeOn(chance, Math.max(1, days));
    const here = chance.shuffled(hereAt(at));
    const [by = 0, second] = here;
    const other: readonly Change[] = [{ behind: 1, text: additions() }];
    const beside = second === undefined || index % 2 === 0 ? {} : { beside: { by: second, changes: other } };
    return [{ at, by, deed: { kind: "write", page: "charter", changes: part, ...beside } }];
  });
  const beginning: Story = [{ at: begun, by: 0, deed: { kind: "write", page: "charter", changes: first } }];
  return [beginning, ...grown.filter((story) => story.every(({ at }) => at < ends))];
}

/** Four of five write something; one in four of these comes back to it. */
function planProfile(chance: Chance, people: People, index: number, ends: Millis): readonly Story[] {
  const { joins, tongue } = itemAt(people, index);
  const at = later(chance, plus(joins, HOUR_MS), 1, 60);
  if (at >= ends || (index > 0 && chance.once(5))) return [];
  const changes: Change[] = [
    { fact: "languages", words: chance.pick(LANGUAGES[tongue]) },
    { fact: "gladToShare", words: chance.pick(SHARES) },
    ...(chance.once(3) ? [] : [{ fact: "gladToLearn", words: chance.pick(LEARNS) } as const]),
    { put: "paragraph", text: chance.pick(ABOUT) },
  ];
  const again = plus(at, chance.between(7, 40) * DAY_MS);
  const first: Story = [{ at, by: index, deed: { kind: "write", page: "profile", changes } }];
  if (again >= ends || !chance.once(4)) return [first];
  const more: readonly Change[] = [{ put: "paragraph", text: chance.pick(ABOUT_LATER) }];
  return [[...first, { at: again, by: index, deed: { kind: "write", page: "profile", changes: more } }]];
}
