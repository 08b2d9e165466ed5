/**
 * Hostile updates for the gate: real ones with a few things changed, flipped or spliced, and ones that a member makes up. Most keep
 * to the grammar and to their author's place, so that they come far.
 */
import type { FeedId } from "../../protocol/crypto/hash.ts";
import { clientOf } from "../../protocol/documents/client.ts";
import { areasOf } from "../../protocol/documents/kinds.ts";
import { clockIn, type Past } from "../../protocol/documents/past.ts";
import type { ItemId } from "../../protocol/documents/update.ts";
import type { Seen } from "../../protocol/envelope/body.ts";
import { any, holding, leb, letters, raw, said, value, type Content } from "../protocol/documents/hostile.ts";
import { memberBy } from "../protocol/documents/scribes.ts";
import type { Dice } from "./chance.ts";
import { mutateBytes } from "./mutate.ts";
import { FEEDS, pastFrom, type Scene, type Written } from "./scene.ts";
import { bytesOf, movedTo, wildOf, type WildStruct, type WildUpdate } from "./wild.ts";

/** One update at the gate, behind the first `index` edits of a feed. */
export interface Case {
  readonly origin: "unchanged" | "flipped" | "spliced" | "bent" | "made up";
  readonly feed: FeedId;
  readonly index: number;
  readonly seen: readonly Seen[];
  readonly past: Past;
  readonly bytes: Uint8Array;
}

export function caseFrom(scene: Scene, dice: Dice): Case {
  const base = dice.pick(scene.written);
  const turn = dice.below(50);
  const at = { feed: base.edit.feed, index: base.index, seen: base.edit.seen, past: base.past };
  if (turn === 0) return { origin: "unchanged", ...at, bytes: base.edit.update };
  if (turn < 8)
    return { origin: "flipped", ...at, bytes: mutateBytes(dice, base.edit.update, [dice.pick(scene.written).edit.update]) };
  if (turn < 12) return { origin: "spliced", ...at, bytes: spliced(scene, dice, base) };
  if (turn < 34) return { origin: "bent", ...at, bytes: bent(scene, dice, base.past, wildOf(base.update)) };
  const { feed, index, seen, past } = anyone(scene, dice);
  return { origin: "made up", feed, index, seen, past, bytes: madeUp(scene, dice, past) };
}

/** A member behind all that they wrote, who says that they saw some of what others did. */
function anyone(scene: Scene, dice: Dice): Omit<Case, "origin" | "bytes"> {
  const feed = dice.pick(FEEDS);
  const index = scene.byFeed.get(feed)?.length ?? 0;
  const seen = [...scene.byFeed].flatMap(([other, list]): readonly Seen[] => {
    const place =
      other === feed || list.length === 0 || dice.once(5) ? null : dice.once(3) ? dice.pick(list) : (list.at(-1) ?? null);
    return place === null ? [] : [{ feed: other, seq: place.edit.seq, id: place.edit.id }];
  });
  return { feed, index, seen, past: pastFrom(scene.byFeed, { feed, seen }, index) };
}

function spliced(scene: Scene, dice: Dice, { update, past }: Written): Uint8Array {
  const own = wildOf(update);
  const other = movedTo(wildOf(dice.pick(scene.written).update), past.client, past.own);
  const cut = dice.below(own.structs.length + 1);
  const structs = dice.once(2)
    ? [...own.structs.slice(0, cut), ...other.structs.slice(dice.below(other.structs.length + 1))]
    : other.structs;
  return bytesOf({
    ...own,
    ...(structs.length > 0 ? { blocks: 1, client: past.client, clock: past.own } : {}),
    structs,
    deletes: dice.once(2) ? own.deletes : other.deletes,
  });
}

function bent(scene: Scene, dice: Dice, past: Past, update: WildUpdate): Uint8Array {
  const wild: WildUpdate = {
    ...update,
    structs: update.structs.map((struct) => ({ ...struct })),
    deletes: update.deletes.map(({ client, ranges }) => ({ client, ranges: ranges.map((range) => ({ ...range })) })),
  };
  for (let times = dice.once(3) ? 2 + dice.below(2) : 1; times > 0; times -= 1) bendOnce(scene, dice, past, wild);
  return bytesOf(wild);
}

function bendOnce(scene: Scene, dice: Dice, past: Past, wild: WildUpdate): void {
  const turn = dice.below(20);
  const struct = wild.structs.length === 0 ? null : dice.pick(wild.structs);
  if (struct !== null && turn < 13) return bendStruct(scene, dice, past, struct);
  switch (turn) {
    case 13:
      wild.client = dice.once(2) ? clientOf(dice.pick(FEEDS)) : dice.pick([0, 1, 2 ** 53 - 1, wild.client + 1]);
      return;
    case 14:
      wild.clock = dice.pick([0, wild.clock + 1, Math.max(0, wild.clock - 1), 2 ** 50, past.own]);
      return;
    case 15:
      if (dice.once(2)) wild.count = dice.pick([0, 1, wild.structs.length + 1, 1_025, 2 ** 28]);
      else wild.blocks = dice.pick([0, 1, 2, 3, 2 ** 30]);
      return;
    case 16:
      if (struct !== null) wild.structs.splice(dice.below(wild.structs.length + 1), dice.below(2), { ...struct });
      return;
    case 17:
      wild.structs.push(madeUpStruct(scene, dice, past, past.own + lengthOf(wild)));
      wild.blocks = Math.max(1, wild.blocks);
      if (wild.structs.length === 1) [wild.client, wild.clock] = [past.client, past.own];
      return;
    default:
      bendDeletes(dice, past, wild);
  }
}

function bendStruct(scene: Scene, dice: Dice, past: Past, struct: WildStruct): void {
  const near = (id: ItemId): ItemId => ({ client: id.client, clock: Math.max(0, id.clock + dice.pick([-2, -1, 1, 2])) });
  const other = (id: ItemId | null): ItemId | null =>
    id === null || dice.once(4) ? anyId(dice, past) : dice.once(4) ? null : near(id);
  switch (dice.below(9)) {
    case 0:
    case 1:
      struct.left = other(struct.left);
      return;
    case 2:
    case 3:
      struct.right = other(struct.right);
      return;
    case 4:
      [struct.left, struct.right] = [struct.right, struct.left];
      return;
    case 5:
      struct.isKeyed = !struct.isKeyed;
      if (struct.isKeyed) struct.key = anyKey(dice);
      return;
    case 6:
      struct.key = anyKey(dice);
      if (dice.once(2)) struct.area = anyArea(scene, dice);
      return;
    case 7:
      [struct.area, struct.parent] = dice.once(2) ? [anyArea(scene, dice), null] : [null, anyId(dice, past)];
      if (dice.once(2)) [struct.left, struct.right] = [null, null];
      return;
    default: {
      const { ref, bytes } = anyContent(dice);
      [struct.ref, struct.content] = [ref, bytes];
    }
  }
}

function bendDeletes(dice: Dice, past: Past, wild: WildUpdate): void {
  const range = () => ({ clock: dice.below(30), length: dice.once(20) ? 0 : 1 + dice.below(dice.once(4) ? 40 : 3) });
  const entry = wild.deletes.length === 0 ? null : dice.pick(wild.deletes);
  const turn = dice.below(8);
  if (turn === 0 && entry !== null) entry.ranges.reverse();
  else if (turn === 1 && entry !== null) entry.ranges.push(range());
  else if (turn === 2 && entry !== null) entry.client = anyId(dice, past).client;
  else if (turn === 3) wild.deletes.reverse();
  else if (turn === 4 && dice.once(4))
    wild.deletes.push({ client: past.client, ranges: Array.from({ length: 1_025 }, (_, n) => ({ clock: 2 * n, length: 1 })) });
  else {
    wild.deletes = [
      ...wild.deletes.filter(({ client }) => client !== anyId(dice, past).client),
      { client: anyId(dice, past).client, ranges: [range()] },
    ];
    if (!dice.once(4)) wild.deletes.sort((left, right) => right.client - left.client);
  }
}

/** Up to four structs and two ranges by somebody who knows the format and what stands there. */
function madeUp(scene: Scene, dice: Dice, past: Past): Uint8Array {
  const wild: WildUpdate = { client: past.client, clock: past.own, structs: [], count: null, deletes: [], blocks: 1 };
  if (dice.once(5)) wild.blocks = 0;
  else
    for (let times = 1 + (dice.once(2) ? 0 : dice.below(4)); times > 0; times -= 1)
      wild.structs.push(madeUpStruct(scene, dice, past, past.own + lengthOf(wild)));
  if (wild.blocks === 0 || dice.once(4)) for (let times = 1 + dice.below(2); times > 0; times -= 1) bendDeletes(dice, past, wild);
  if (dice.once(10)) bendOnce(scene, dice, past, wild);
  return bytesOf(wild);
}

/** A place that is right more often than not, and something there that fits more often than not. */
function madeUpStruct(scene: Scene, dice: Dice, past: Past, clock: number): WildStruct {
  const models = wildOf(dice.pick(scene.written).update).structs;
  const empty = { left: null, right: null, area: "blocks", parent: null, key: null, isKeyed: false, ...parts(holding("map")) };
  const base = models.length > 0 ? dice.pick(models) : empty;
  const own = clock > past.own && dice.once(2) ? { client: past.client, clock: clock - 1 } : null;
  switch (dice.below(6)) {
    case 0: // as somebody put it, behind one's own
      return own === null ? base : { ...base, left: own };
    case 1: // right behind another, or its own
      return { ...base, left: own ?? anyId(dice, past), right: null, area: null, parent: null };
    case 2: {
      const left = own ?? anyId(dice, past);
      const right = dice.once(2) ? anyId(dice, past) : { client: left.client, clock: left.clock + 1 };
      return {
        ...base,
        left: dice.once(6) ? null : left,
        right,
        ...(dice.once(2) ? { ...parts(anyContent(dice)), isKeyed: false } : {}),
      };
    }
    case 3: // under a key
      return {
        ...base,
        left: null,
        right: null,
        area: anyArea(scene, dice),
        parent: null,
        isKeyed: true,
        key: anyKey(dice),
        ...parts(dice.once(3) ? anyContent(dice) : value("soup")),
      };
    case 4: // inside something
      return {
        ...base,
        left: null,
        right: null,
        area: null,
        parent: own ?? anyId(dice, past),
        isKeyed: dice.once(2),
        key: anyKey(dice),
        ...parts(anyContent(dice)),
      };
    default: // what a new value replaces
      return {
        ...base,
        left: anyId(dice, past),
        right: null,
        isKeyed: true,
        ...parts(dice.once(3) ? anyContent(dice) : value("quote")),
      };
  }
}

const parts = ({ ref, bytes }: Content) => ({ ref, content: bytes, length: lengthFrom({ ref, bytes }) });
const lengthFrom = ({ ref, bytes }: Content): number =>
  ref === 4 ? Math.max(1, new TextDecoder().decode(new Uint8Array(bytes.slice(1))).length) : 1;
const lengthOf = ({ structs }: WildUpdate): number => structs.reduce((sum, { length }) => sum + length, 0);

/** Most often one that its author saw. */
function anyId(dice: Dice, past: Past): ItemId {
  const client = dice.once(40) ? dice.below(9) : clientOf(dice.pick(FEEDS));
  const upTo = clockIn(past, client);
  return { client, clock: dice.once(20) ? upTo + dice.below(3) : dice.below(Math.max(1, upTo)) };
}
const anyArea = ({ subject }: Scene, dice: Dice): string =>
  dice.once(12) ? dice.pick(["care", "lines", "facts", "title", "x", "__proto__", ""]) : dice.pick(areasOf(subject.kind)).name;
const anyKey = (dice: Dice): string =>
  dice.once(3)
    ? memberBy(dice.below(4))
    : dice.pick([
        "kind",
        "text",
        "seats",
        "keeper",
        "policy",
        "languages",
        "gladToShare",
        "__proto__",
        "constructor",
        "u\u0308",
        "k".repeat(65),
        "\0".repeat(65),
        "",
      ]);

function anyContent(dice: Dice): Content {
  const words = dice.pick(["x", "quote", "heading", "soup", "🌱", "\0", "x".repeat(dice.once(9) ? 281 : 9)]);
  return dice.pick<() => Content>([
    () => letters(words),
    () => letters(words),
    () => letters(dice.once(9) ? "" : words),
    () => value(words),
    () => value(dice.pick(["paragraph", "quote", "", "__proto__"])),
    () => holding("map"),
    () => holding("text"),
    () => holding("list"),
    () => any([dice.pick([120, 121])]),
    () => any([125, dice.below(64)]),
    () => (dice.once(3) ? any([125, 64]) : any([dice.pick([116, 117, 118, 122, 123, 124, 126, 127]), ...leb(1), 0])),
    () => ({ ref: 4, bytes: dice.pick([said([0xed, 0xa0, 0x80]), said([0xc0, 0xaf]), [...leb(2 ** 30), 65]]) }),
    () => ({ ref: dice.pick([0, 1, 2, 3, 5, 6, 9, 10, 11]), bytes: dice.pick([leb(1), said(raw("x")), leb(2 ** 50)]) }),
    () => ({ ref: 7, bytes: leb(3 + dice.below(4)) }),
  ])();
}
