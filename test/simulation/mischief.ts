/**
 * Mischief: what an admitted member writes by hand, with the key in it, while their house is off. Signed and sealed as it should be;
 * what is inside breaks one rule each, or names what never comes. The house then tells it to all, like anything of its own.
 */
import * as Y from "yjs";
import {
  birthFromBytes,
  bytesToHex,
  clientOf,
  depsFor,
  epochKeyFrom,
  writeEdit,
  type DocumentName,
  type EnvelopeId,
  type FeedId,
  type ItemId,
  type Millis,
  type Replay,
  type Rule,
  type Tag,
} from "../../protocol/index.ts";
import type { Seen } from "../../protocol/envelope/body.ts";
import { createHolding } from "../../src/peer/holding.ts";
import { createRegistry } from "../../src/peer/registry.ts";
import type { MemoryShelf } from "../../src/storage/memory-shelf.ts";
import {
  any,
  block,
  deletions,
  holding as container,
  leb,
  letters,
  raw,
  struct,
  update,
  value,
} from "../protocol/documents/hostile.ts";
import { between, drawn, type Chance } from "./chance.ts";
import type { Judging } from "./judging.ts";

interface Crafted {
  readonly update: Uint8Array;
  readonly seen: readonly Seen[];
}

/** What must become of it wherever it comes. `any`: that depends on what else there is. */
export type Fate = "counts" | "never" | "waits" | "any";

export interface Deed {
  readonly id: EnvelopeId;
  readonly name: DocumentName;
  readonly what: string;
  readonly fate: Fate;
}

/** How far the one who writes has come, and what stands there. */
interface Ground {
  readonly name: DocumentName;
  readonly replay: Replay;
  readonly feed: FeedId;
  readonly client: number;
  readonly own: number;
  readonly chance: Chance;
  /** All that is there. */
  readonly seen: readonly Seen[];
  /** Letters of one text, side by side, deleted ones too. */
  readonly row: readonly ItemId[];
  readonly lastBlock: ItemId | null;
  readonly foreign: ItemId | null;
  readonly anotherFeed: FeedId | null;
}

type Craft = (ground: Ground) => Crafted | null;
const after = ({ client, own }: Ground, structs: readonly (readonly number[])[], deletes?: readonly number[]): Uint8Array =>
  update(structs.length === 0 ? [] : [block(client, own, structs)], deletes);
const saying =
  (make: (ground: Ground) => Uint8Array | null): Craft =>
  (ground) => {
    const bytes = make(ground);
    return bytes === null ? null : { update: bytes, seen: ground.seen };
  };
const inRow =
  (make: (ground: Ground, row: readonly ItemId[], at: number) => Uint8Array): Craft =>
  (ground) =>
    ground.row.length < 5 ? null : saying((on) => make(on, on.row, between(on.chance, 0, on.row.length - 4)))(ground);

const aBlock = (ground: Ground, text: string): Uint8Array => {
  const { client, own, lastBlock } = ground;
  const map = { client, clock: own };
  const texts = { client, clock: own + 2 };
  return after(ground, [
    struct(lastBlock === null ? { area: "blocks" } : { left: lastBlock }, container("map")),
    struct({ parent: map, key: "kind" }, value("paragraph")),
    struct({ parent: map, key: "text" }, container("text")),
    struct({ parent: texts }, letters(text)),
  ]);
};

/** By the rule that each breaks. */
const broken: Readonly<Partial<Record<Rule, Craft>>> = {
  "foreign-author": saying(
    ({ foreign }) => foreign && update([block(foreign.client, 0, [struct({ area: "blocks" }, container("map"))])]),
  ),
  "not-next": saying(({ client, own }) => update([block(client, own + 3, [struct({ area: "blocks" }, container("map"))])])),
  "unknown-neighbour": inRow((ground, row, at) =>
    after(ground, [struct({ left: { client: row[at]!.client, clock: 1_000_000 } }, letters("x"))]),
  ),
  "not-adjacent": inRow((ground, row, at) =>
    after(ground, [struct({ left: row[at]!, right: row[at + 2]! }, letters("between"))]),
  ),
  "two-parents": (ground) =>
    ground.lastBlock === null
      ? null
      : inRow((on, row, at) => after(on, [struct({ left: row[at]!, right: on.lastBlock! }, letters("x"))]))(ground),
  "key-mark": inRow((ground, row, at) =>
    after(ground, [struct({ left: row[at]!, right: row[at + 1]!, isKeyed: true }, letters("x"))]),
  ),
  "unknown-area": saying((ground) => after(ground, [struct({ area: "elsewhere" }, letters("x"))])),
  "not-a-container": inRow((ground, row, at) => after(ground, [struct({ parent: row[at]! }, letters("x"))])),
  "wrong-slot": saying((ground) =>
    after(ground, [struct(ground.lastBlock === null ? { area: "blocks" } : { left: ground.lastBlock }, value("x"))]),
  ),
  "unknown-delete": saying(({ foreign }) => foreign && update([], deletions([foreign.client, [2_000_000, 3]]))),
  "not-yours": saying((ground) => {
    if (ground.name.startsWith("entry/")) return after(ground, [struct({ area: "care", key: "keeper" }, value("me"))]);
    if (ground.name.startsWith("notes/"))
      return after(ground, [struct({ area: "lines", key: "ab".repeat(32) }, value("I gave"))]);
    return ground.name.startsWith("profile/")
      ? after(ground, [struct({ area: "facts", key: "languages" }, value("none"))])
      : null;
  }),
  "wrong-key": saying((ground) =>
    ground.name.startsWith("entry/") ? after(ground, [struct({ area: "facts", key: "__proto__" }, value("x"))]) : null,
  ),
  "delete-not-yours": saying(({ name, foreign }) =>
    name.startsWith("profile/") && foreign !== null ? update([], deletions([foreign.client, [0, 1]])) : null,
  ),
  "cut-short": saying((ground) => aBlock(ground, "short").slice(0, -3)),
  trailing: saying((ground) => new Uint8Array([...aBlock(ground, "more"), 0])),
  "long-number": saying(
    ({ client, own }) =>
      new Uint8Array([1, 1, ...leb(client), ...leb(own, 1), ...struct({ area: "blocks" }, container("map")), 0]),
  ),
  "second-author": saying(({ client, own }) =>
    update([
      block(client, own, [struct({ area: "blocks" }, container("map"))]),
      block(client + 1, 0, [struct({ area: "blocks" }, container("map"))]),
    ]),
  ),
  "says-nothing": saying(() => update([])),
  "unknown-content": saying((ground) => after(ground, [struct({ area: "blocks" }, { ref: 0, bytes: leb(5) })])),
  "bad-text": saying((ground) => after(ground, [struct({ area: "blocks" }, { ref: 4, bytes: [2, 0xff, 0xfe] })])),
  "bad-value": saying((ground) => after(ground, [struct({ area: "blocks" }, any([118, 0]))])),
  "deletes-unordered": saying(({ foreign }) => foreign && update([], deletions([foreign.client, [5, 1], [1, 1]]))),
};

/** What anybody may do, if they mean it. */
const allowed: Readonly<Record<string, Craft>> = {
  block: saying((ground) => aBlock(ground, "by hand")),
  letters: inRow((ground, row, at) => after(ground, [struct({ left: row[at]!, right: row[at + 1]! }, letters("hand"))])),
  vandal: inRow((_ground, row, at) => {
    const { client, clock } = row[at]!;
    return update([], deletions([client, [clock, 1]]));
  }),
};

/** Names what nobody has, or will. */
const endless: Craft = (ground) => {
  const { chance, anotherFeed } = ground;
  const name = (): string => bytesToHex(chance(32));
  const lie: Seen =
    chance.next() < 0.4 || anotherFeed === null
      ? { feed: name() as FeedId, seq: between(chance, 0, 9), id: name() as EnvelopeId } // of nobody
      : { feed: anotherFeed, seq: chance.next() < 0.5 ? between(chance, 0, 3) : 100_000, id: name() as EnvelopeId };
  return { update: aBlock(ground, "never"), seen: [lie] };
};

/** Any bytes, or an allowed edit with some of its bytes changed. */
const noise: Craft = saying((ground) => {
  const { chance } = ground;
  if (chance.next() < 0.2) return new Uint8Array([...raw("noise"), ...chance(between(chance, 1, 60))]);
  const bent = aBlock(ground, "bent");
  for (let left = between(chance, 1, 3); left > 0; left -= 1) bent[between(chance, 0, bent.length - 1)] = chance(1)[0] ?? 0;
  return bent;
});

export type Mood = "any" | "allowed";

/** Writes some edits onto the shelf of a device that is off. Empty when it is in nothing. */
export async function writeByHand(
  shelf: MemoryShelf,
  tag: Tag,
  judging: Judging,
  now: Millis,
  chance: Chance,
  mood: Mood,
  names: readonly DocumentName[],
): Promise<readonly Deed[]> {
  const { signal } = new AbortController();
  const { records } = await createRegistry(shelf).communities(signal);
  const record = records.find((each) => each.tag === tag);
  const birth = record?.birth === undefined ? null : birthFromBytes(record.birth);
  const key = record?.keys.map(epochKeyFrom).at(-1);
  if (record === undefined || key === undefined || birth === null) return [];
  const holding = createHolding({
    tag,
    shelf,
    judge: judging.judgeFor(async () => undefined),
    keys: () => [key],
    relayKeys: () => [key.relayPublic],
    ownFeed: () => null,
    changed: () => undefined,
  });
  await holding.load(signal);
  const feed = [...holding.replica.feeds()].find(({ birth: { random } }) => bytesToHex(random) === bytesToHex(birth.random))?.id;
  if (feed === undefined || holding.replica.proof(feed) !== null) return [];
  const taken = await shelf.takePen(tag, feed, bytesToHex(chance(16)), signal);
  if (!taken.ok) return [];
  let pen = taken.value;
  const deeds: Deed[] = [];
  for (let left = between(chance, 3, 8); left > 0; left -= 1) {
    const name = drawn(chance, names);
    const ground = groundOf(holding.replica.community.documents.replay(name), name, feed, chance);
    const { what, fate, crafted } = drawEdit(ground, mood, !deeds.some((deed) => deed.fate === "waits"));
    if (crafted === null) continue;
    const { community } = holding.replica;
    const { envelope } = writeEdit(
      { tag, feed, birth, deviceSeed: record.deviceSeed, length: pen.length, head: pen.head, lastAt: community.lastAtOf(feed) },
      key,
      chance(24),
      now,
      depsFor(community.authority(), []),
      { doc: name, ...crafted },
    );
    const appended = await holding.append(pen, [envelope], signal);
    if (!appended.ok) break;
    pen = appended.value;
    deeds.push({ id: envelope.id, name, what, fate });
  }
  return deeds;
}

function drawEdit(ground: Ground, mood: Mood, mayWait: boolean) {
  const { chance } = ground;
  const luck = chance.next();
  const waits = ground.replay.waiting() > 0;
  const pick = (what: string, fate: Fate, craft: Craft | undefined) => ({
    what,
    fate: waits && fate === "counts" ? ("any" as const) : fate,
    crafted: craft?.(ground) ?? null,
  });
  const isTheirs = !ground.name.startsWith("profile/");
  const good = drawn(chance, Object.keys(allowed));
  if (mood === "allowed" || luck < 0.2) return pick(good, isTheirs ? "any" : "never", allowed[good]);
  if (luck < 0.215 && mayWait) return pick("endless", "waits", endless);
  if (luck < 0.28) return pick("noise", "any", noise);
  const rule = drawn(chance, Object.keys(broken) as Rule[]);
  return pick(rule, "never", broken[rule]);
}

function groundOf(replay: Replay, name: DocumentName, feed: FeedId, chance: Chance): Ground {
  replay.advance();
  const past = replay.pastOf(feed);
  const last = new Map<FeedId, Seen>();
  for (const { edit } of replay.decided())
    if (edit.feed !== feed) last.set(edit.feed, { feed: edit.feed, seq: edit.seq, id: edit.id });
  const texts: Y.AbstractType<unknown>[] = [];
  const blocks = replay.doc.getArray("blocks");
  for (let item = blocks._start; item !== null; item = item.right)
    if (item.content instanceof Y.ContentType) {
      const text = item.content.type._map.get("text")?.content;
      if (text instanceof Y.ContentType) texts.push(text.type);
    }
  const rows = texts.map(idsIn).filter((ids) => ids.length >= 5);
  const clients = [...replay.doc.store.clients.keys()]
    .filter((client) => client !== past.client)
    .sort((left, right) => left - right);
  return {
    name,
    replay,
    feed,
    client: clientOf(feed),
    own: past.own,
    chance,
    seen: [...last.values()].sort((left, right) => (left.feed < right.feed ? -1 : 1)),
    row: rows.length === 0 ? [] : drawn(chance, rows),
    lastBlock: idsIn(blocks as unknown as Y.AbstractType<unknown>).at(-1) ?? null, // a root is whatever it was made as
    foreign: clients.length === 0 ? null : { client: drawn(chance, clients), clock: 0 },
    anotherFeed: [...last.keys()].sort()[0] ?? null,
  };
}

function idsIn(type: Y.AbstractType<unknown>): readonly ItemId[] {
  const ids: ItemId[] = [];
  for (let item = type._start; item !== null; item = item.right)
    for (let unit = 0; unit < item.length; unit += 1) ids.push({ client: item.id.client, clock: item.id.clock + unit });
  return ids;
}
