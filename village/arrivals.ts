/** Who comes when, and by whose door: the founding, invitations, joins and closings. */
import type { Millis } from "../protocol/index.ts";
import { DAY_MS, HOUR_MS, STARTS, later, plus, timeOn } from "./calendar.ts";
import { createDeck, itemAt, type Chance } from "./chance.ts";
import type { Step, Story, Villager } from "./story.ts";
import { NAMES } from "./words/names.ts";
import { COMMUNITY } from "./words/pages.ts";
import type { Tongue } from "./words/tongues.ts";

export interface Arrivals {
  readonly people: readonly (Villager & { readonly tongue: Tongue })[];
  readonly stories: readonly Story[];
}

/** As an app's own invitations: open for a week, and closed for good a week behind that (src/peer/house.ts). */
const INVITE_MS = 7 * DAY_MS;
const GRACE_MS = 7 * DAY_MS;
const SEATS_AT_A_DOOR = 3;
/** Of twenty people, so many speak this at home. */
const TONGUES: readonly Tongue[] = [
  ...["en", "en", "en", "en", "en", "en", "en", "en", "de", "de", "de", "de", "de", "es", "es", "es", "es", "ar", "ar", "ar"],
] as Tongue[]; // a spread of literals forgets what they are

export function planArrivals(chance: Chance, members: number, weeks: number, ends: Millis): Arrivals {
  const people = namePeople(chance, members).map(({ name, tongue }, index) => ({
    name,
    tongue,
    joins: index === 0 ? plus(STARTS, 7 * HOUR_MS) : joinTime(chance, index, members, weeks),
  }));
  people.sort((left, right) => left.joins - right.joins);
  const doors: Story[] = [];
  for (let first = 1; first < members;) {
    const guests = people.slice(first, first + chance.between(1, SEATS_AT_A_DOOR));
    doors.push(door(chance, people, first, guests.length, doors.length, ends));
    first += guests.length;
  }
  const founding: Story = [{ at: itemAt(people, 0).joins, by: 0, as: "genesis", deed: { kind: "found", ...COMMUNITY } }];
  return { people, stories: [founding, ...doors] };
}

/** Half come in the first quarter of the time, the others one by one. */
function joinTime(chance: Chance, index: number, members: number, weeks: number): Millis {
  const days = Math.max(2, weeks * 7 - 4);
  const day = index * 2 < members ? chance.between(1, Math.ceil(days / 4)) : chance.between(Math.ceil(days / 4), days);
  return timeOn(chance, day);
}

/** One invitation, those who come by it, and, when there is time for it, its closing. */
function door(chance: Chance, people: readonly Villager[], first: number, guests: number, number: number, ends: Millis): Story {
  const label = `door ${number}`;
  const opens = plus(itemAt(people, first).joins, -chance.between(1, 20) * 60_000);
  const hosts = people.slice(0, first).filter(({ joins }) => joins < plus(opens, -HOUR_MS));
  const by = hosts.length === 0 ? 0 : chance.below(hosts.length);
  const at = Math.max(opens, itemAt(people, by).joins + 1_000) as Millis; // both are times
  const expires = plus(at, INVITE_MS);
  const inTime = people.slice(first, first + guests).filter(({ joins }) => joins < expires).length;
  const steps: Step[] = [{ at, by, as: label, deed: { kind: "invite", expires } }];
  for (let i = 0; i < guests; i += 1) {
    const guest = first + i;
    const own = i < inTime ? label : `${label}, again for ${guest}`;
    const joins = itemAt(people, guest).joins;
    // Who did not come within the week was asked anew.
    if (i >= inTime)
      steps.push({ at: plus(joins, -60_000), by, as: own, deed: { kind: "invite", expires: plus(joins, INVITE_MS) } });
    steps.push({ at: plus(joins, 1_000), by: guest, as: `join ${guest}`, deed: { kind: "join", door: own } });
  }
  const closes = later(chance, plus(expires, GRACE_MS), 1, 40);
  if (closes < ends) steps.push({ at: closes, by, deed: { kind: "close-invite", door: label } });
  return steps;
}

function namePeople(chance: Chance, members: number): readonly { readonly name: string; readonly tongue: Tongue }[] {
  const taken = new Set<string>();
  const tongues = createDeck(chance, TONGUES);
  const firsts = new Map<string, () => string>();
  return Array.from({ length: members }, () => {
    const tongue = tongues();
    const groups = NAMES[tongue];
    const group = chance.below(groups.length);
    const names = itemAt(groups, group);
    const first = firsts.get(`${tongue} ${group}`) ?? createDeck(chance, names.first);
    firsts.set(`${tongue} ${group}`, first);
    const name = freeName(chance, first(), names.last, taken);
    taken.add(name);
    return { name, tongue };
  });
}

function freeName(chance: Chance, first: string, lasts: readonly string[], taken: ReadonlySet<string>): string {
  const free = chance.shuffled(lasts).find((last) => !taken.has(`${first} ${last}`));
  if (free !== undefined) return `${first} ${free}`;
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].flatMap((letter) => lasts.map((last) => `${first} ${letter}. ${last}`));
  const spelled = chance.shuffled(letters).find((name) => !taken.has(name));
  if (spelled === undefined) throw new Error("a village of so many needs more names");
  return spelled;
}
