/** Malice: updates that break each rule of the gate in turn, made of what stands in a real document. */
import * as Y from "yjs";
import { nameToBytes, type DocumentName, type FeedId, type ItemId, type Rule, type Seen } from "../../protocol/index.ts";
import {
  any,
  block,
  deletions,
  holding,
  leb,
  letters,
  struct,
  update,
  value,
  words,
  type Bytes,
} from "../protocol/documents/hostile.ts";
import type { HostileMember } from "./hostile-member.ts";

export interface Malicious {
  readonly rule: Rule;
  readonly doc: DocumentName;
  readonly update: Uint8Array;
  readonly seen: readonly Seen[];
}

/** What stands where, for whoever wants to break it. */
interface Ground {
  readonly seen: readonly Seen[];
  /** Two texts of at least three letters, each in a block. */
  /** The first half of a letter that is two units long. */
  readonly half: ItemId | null;
  readonly texts: readonly { readonly block: ItemId; readonly first: ItemId; readonly last: ItemId }[];
}

/** `shared` is written by all members; `others` is somebody else's own. In turn, so that every rule is broken as often. */
export function maliciousUpdates(
  mal: HostileMember,
  shared: DocumentName,
  others: DocumentName,
  count: number,
): readonly Malicious[] {
  const client = mal.client();
  const makers = makersFor(client, groundOf(mal, shared), groundOf(mal, others));
  const rules = Object.keys(makers) as Rule[]; // the keys of that very record
  return Array.from({ length: count }, (_, index) => {
    const rule = rules[index % rules.length];
    if (rule === undefined) throw new Error("there are rules");
    const made = makers[rule](index);
    const isOthers = rule === "not-yours" || rule === "delete-not-yours";
    return { rule, doc: isOthers ? others : shared, ...made };
  });
}

type Made = Pick<Malicious, "update" | "seen">;

function makersFor(client: number, shared: Ground, others: Ground): Readonly<Record<Rule, (index: number) => Made>> {
  const [one, two] = shared.texts;
  const [theirs] = others.texts;
  if (one === undefined || two === undefined || theirs === undefined) throw new Error("there is nothing to break yet");
  const { seen, half } = shared;
  if (half === null) throw new Error("there is no letter of two halves");
  const fine = (index: number): Bytes => struct({ left: one.last }, letters(`m${index}`));
  const by = (structs: readonly Bytes[], more: Partial<Made> = {}): Made => ({
    update: update([block(client, 0, structs)]),
    seen,
    ...more,
  });
  const raw = (bytes: Bytes): Made => ({ update: new Uint8Array(bytes), seen });
  const plain = (index: number): Uint8Array => update([block(client, 0, [fine(index)])]);
  const refs = [0, 1, 2, 3, 5, 6, 9, 10];
  return {
    "cut-short": (index) => raw([...plain(index)].slice(0, -2)),
    "long-number": (index) => raw([...leb(1, 1), ...block(client, 0, [fine(index)]), 0]),
    trailing: (index) => raw([...plain(index), index % 256]),
    "second-author": (index) => ({
      update: update([block(client, 0, [fine(index)]), block(one.last.client, index, [fine(index)])]),
      seen,
    }),
    "says-nothing": () => raw([0, 0]),
    "too-many-structs": (index) => raw([1, ...leb(1_025 + index * 2 ** 20), ...leb(client), 0, ...fine(index), 0]),
    "unknown-content": (index) => by([struct({ left: one.last }, { ref: refs[index % refs.length] ?? 0, bytes: [1, 1, 97] })]),
    "bad-text": (index) => by([struct({ left: one.last }, { ref: 4, bytes: [2, 0xc0, 0x80 + (index % 64)] })]),
    "bad-value": (index) => by([struct({ parent: one.block, key: "kind" }, any(words("heading"), words(`x${index}`)))]),
    "too-many-deletes": () => ({
      update: update([], deletions([one.last.client, ...Array.from({ length: 1_025 }, (_, at) => [at * 2, 1] as const)])),
      seen,
    }),
    "deletes-unordered": (index) => ({ update: update([], deletions([one.last.client, [3, 1], [index % 3, 1]])), seen }),
    "foreign-author": (index) => ({ update: update([block(one.last.client, index, [fine(index)])]), seen }),
    "not-next": (index) => ({ update: update([block(client, 1 + index * 2 ** 40, [fine(index)])]), seen }),
    "unknown-neighbour": (index) => by([fine(index)], { seen: [] }),
    "two-parents": (index) => by([struct({ left: one.first, right: two.first }, letters(`x${index}`))]),
    "not-adjacent": (index) => by([struct({ left: one.first, right: one.last }, letters(`x${index}`))]),
    "half-letter": (index) => by([struct({ left: half, right: { ...half, clock: half.clock + 1 } }, letters(`x${index}`))]),
    "key-mark": (index) => by([struct({ left: one.last, isKeyed: true }, letters(`x${index}`))]),
    "unknown-area": (index) => by([struct({ area: `roles${index}`, key: "admin" }, value("mal"))]),
    "not-a-container": (index) => by([struct({ parent: one.first }, letters(`x${index}`))]),
    "wrong-slot": (index) => by([struct({ area: "blocks" }, index % 2 === 0 ? letters("x") : holding("text"))]),
    "wrong-key": (index) =>
      by([struct({ parent: one.block, key: ["__proto__", "constructor", "colour"][index % 3] ?? "" }, value("x"))]),
    "not-yours": (index) => by([struct({ left: theirs.last }, letters(`x${index}`))], { seen: others.seen }),
    "unknown-delete": (index) => ({ update: update([], deletions([one.last.client, [index % 3, 1]])), seen: [] }),
    "delete-not-yours": () => ({
      update: update([], deletions([theirs.first.client, [theirs.first.clock, 1]])),
      seen: others.seen,
    }),
  };
}

function groundOf(mal: HostileMember, name: DocumentName): Ground {
  const replay = mal.replay(name);
  const last = new Map<FeedId, Seen>();
  for (const { edit } of replay.decided()) if (edit.feed !== mal.feed()) last.set(edit.feed, edit);
  const texts = replay.doc
    .getArray<Y.Map<unknown>>("blocks")
    .toArray()
    .flatMap((each) => {
      const text = each.get("text");
      const letterIds = text instanceof Y.Text ? lettersOf(text) : [];
      const [first, end] = [letterIds[0], letterIds.at(-1)];
      const id = each._item?.id;
      return first === undefined || end === undefined || id === undefined || letterIds.length < 3
        ? []
        : [{ block: id, first, last: end }];
    });
  const seen = [...last.values()].map(({ feed, seq, id }) => ({ feed, seq, id }));
  return {
    seen: seen.sort((left, right) => Buffer.compare(nameToBytes(left.feed), nameToBytes(right.feed))),
    texts,
    half: halfIn(replay.doc),
  };
}

function halfIn(doc: Y.Doc): ItemId | null {
  for (const [client, structs] of doc.store.clients)
    for (const struct of structs) {
      const unit =
        struct instanceof Y.Item && struct.content instanceof Y.ContentString ? struct.content.str.search(/[\uD800-\uDBFF]/) : -1;
      if (unit >= 0) return { client, clock: struct.id.clock + unit };
    }
  return null;
}

/** Ids of all letters of a text, deleted ones too, in order. */
function lettersOf(text: Y.Text): readonly ItemId[] {
  const ids: ItemId[] = [];
  for (let item = text._start; item !== null; item = item.right)
    for (let unit = 0; unit < item.length; unit += 1) ids.push({ client: item.id.client, clock: item.id.clock + unit });
  return ids;
}
