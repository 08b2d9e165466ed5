/**
 * Log: the feeds of all villagers, written by the app's own rules, and one replica of them all: everybody has heard of everything
 * as soon as it is said. Owns the keys of people who do not exist.
 */
import {
  KEY_BYTES,
  MAX_CHUNK_BYTES,
  MAX_CHUNK_ENVELOPES,
  NONCE_BYTES,
  certifyDevice,
  chunkOf,
  circleIdOf,
  circleKeyFrom,
  concatBytes,
  createBirth,
  createReplica,
  depsFor,
  encodeChunk,
  encodeEvidence,
  epochKeyFrom,
  exchangePairFrom,
  joinChunks,
  linksOf,
  memberRootFrom,
  openLinks,
  publicKeyOf,
  sealKeyBox,
  writeAct,
  writeEdit,
  writeKeys,
  writeTalk,
  type AidAct,
  type AuthorityAct,
  type BundleItem,
  type CircleId,
  type CircleKey,
  type Composed,
  type DeviceCertificate,
  type DocumentName,
  type Envelope,
  type EnvelopeId,
  type EpochKey,
  type ExchangePair,
  type FeedId,
  type KeyBoxes,
  type MemberRoot,
  type Millis,
  type Replica,
  type Tag,
  type TalkAct,
  type Writer,
  type Written,
} from "../protocol/index.ts";
import type { DemoPerson } from "../src/peer/demo-keys.ts";
import type { Chance } from "./chance.ts";

/** What a person would keep on their device. */
export type Secrets = Omit<DemoPerson, "name">;

export interface Villager {
  readonly secrets: Secrets;
  readonly root: MemberRoot;
  readonly feed: FeedId;
  readonly certificate: DeviceCertificate;
  readonly exchange: ExchangePair;
}

export interface Log {
  readonly tag: Tag;
  readonly epoch: EpochKey;
  readonly replica: Replica;
  readonly villager: (number: number) => Villager;
  readonly say: (by: number, at: Millis, act: AuthorityAct | AidAct, needs?: readonly EnvelopeId[]) => EnvelopeId;
  /** In the circle of these two, which is opened first if there is none. */
  readonly talk: (by: number, other: number, at: Millis, make: (circle: CircleId) => TalkAct) => EnvelopeId;
  /** Secrets of all circles. */
  readonly circles: () => readonly Uint8Array[];
  readonly edit: (by: number, at: Millis, doc: DocumentName, edit: Composed) => EnvelopeId;
  readonly boxKeys: (by: number, make: (place: { readonly feed: FeedId; readonly seq: number }) => KeyBoxes) => void;
  /** The original signed bytes of what somebody said, for whoever takes it up. */
  readonly evidenceOf: (id: EnvelopeId) => Uint8Array;
  /** All feeds in as few chunks as they fit in, feed by feed in the order of their names. */
  readonly items: () => readonly BundleItem[];
}

/** `epochSecret` and the secrets of person 0 come from whoever made the genesis, which the tag is a name of. */
export function createLog(tag: Tag, epochSecret: Uint8Array, chance: Chance, founder: Secrets): Log {
  const epoch = epochKeyFrom(epochSecret);
  const replica = createReplica(tag);
  const people: { readonly villager: Villager; writer: Writer; readonly said: Envelope[] }[] = [];
  const saidById = new Map<EnvelopeId, { readonly by: number; readonly envelope: Envelope }>();

  function personBy(number: number) {
    for (let next = people.length; next <= number; next += 1)
      people.push(moveIn(tag, epoch, next === 0 ? founder : drawSecrets(chance)));
    const person = people[number];
    if (person === undefined) throw new Error("people are numbered from 0");
    return person;
  }

  function write(by: number, step: (writer: Writer) => Written): EnvelopeId {
    const person = personBy(by);
    const { envelope, writer } = step(person.writer);
    person.writer = writer;
    person.said.push(envelope);
    const chunk = chunkOf(envelope);
    const links = linksOf(tag, chunk);
    replica.admit({ chunk, links, opened: openLinks(tag, envelope.feed, links, [epoch]) });
    saidById.set(envelope.id, { by, envelope });
    return envelope.id;
  }

  function boxKeys(by: number, make: (place: { readonly feed: FeedId; readonly seq: number }) => KeyBoxes): void {
    write(by, (writer) => writeKeys(writer, make({ feed: writer.feed, seq: writer.length })));
  }

  const circles = new Map<string, { readonly id: CircleId; readonly key: CircleKey }>();
  function circleOf(by: number, other: number, at: Millis): { readonly id: CircleId; readonly key: CircleKey } {
    const name = [by, other].sort((left, right) => left - right).join();
    const known = circles.get(name);
    if (known !== undefined) return known;
    const key = circleKeyFrom(chance.bytes(KEY_BYTES));
    const pair = [personBy(by).villager, personBy(other).villager];
    const members = pair.map(({ root }) => root.id).sort();
    const circle = { id: circleIdOf(key.commitment, members), key };
    circles.set(name, circle);
    boxKeys(by, (place) => {
      const own = personBy(by).villager.exchange.secret;
      const boxes = pair.map(({ exchange }) => sealKeyBox(own, exchange.public, place, chance.bytes(NONCE_BYTES), key.secret));
      if (boxes.includes(null)) throw new Error("honest keys share a secret");
      return { commitment: key.commitment, boxes: concatBytes(...boxes.flatMap((box) => box ?? [])) };
    });
    talkIn(key, by, at, { kind: "circle", form: "pair", members });
    return circle;
  }
  const talkIn = (key: CircleKey, by: number, at: Millis, act: TalkAct): EnvelopeId =>
    write(by, (writer) => writeTalk(writer, key, chance.bytes(NONCE_BYTES), at, depsNow([]), act));

  const depsNow = (needs: readonly EnvelopeId[]): readonly EnvelopeId[] => depsFor(replica.community.authority(), needs);
  return {
    tag,
    epoch,
    replica,
    villager: (number) => personBy(number).villager,
    say: (by, at, act, needs = []) =>
      write(by, (writer) => writeAct(writer, epoch, chance.bytes(NONCE_BYTES), at, depsNow(needs), act)),
    edit: (by, at, doc, edit) =>
      write(by, (writer) => writeEdit(writer, epoch, chance.bytes(NONCE_BYTES), at, depsNow([]), { doc, ...edit })),
    talk: (by, other, at, make) => {
      const { id, key } = circleOf(by, other, at);
      return talkIn(key, by, at, make(id));
    },
    circles: () => [...circles.values()].map(({ key: { secret } }) => secret),
    boxKeys,
    evidenceOf: (id) => {
      const found = saidById.get(id);
      if (found === undefined) throw new Error("only what was said can be taken up");
      const { birth } = personBy(found.by).writer;
      return encodeEvidence(birth.deviceKey, birth.random, chunkOf(found.envelope));
    },
    items: () =>
      people
        .filter(({ said }) => said.length > 0)
        .sort((left, right) => (left.villager.feed < right.villager.feed ? -1 : 1))
        .flatMap(({ said }) => chunksOf(said)),
  };
}

export const drawSecrets = (chance: Chance): Secrets => ({
  entropy: chance.bytes(16),
  deviceSeed: chance.bytes(32),
  exchangeSecret: chance.bytes(32),
  feedRandom: chance.bytes(32),
});

function moveIn(tag: Tag, epoch: EpochKey, secrets: Secrets) {
  const root = memberRootFrom(secrets.entropy);
  const devicePublic = publicKeyOf(secrets.deviceSeed);
  const exchange = exchangePairFrom(secrets.exchangeSecret);
  const { feed, birth } = createBirth(tag, epoch, devicePublic, secrets.feedRandom);
  const certificate = certifyDevice(root, devicePublic, exchange.public);
  const nothingYet = 0 as Millis; // before any claim
  return {
    villager: { secrets, root, feed, certificate, exchange },
    writer: { tag, feed, birth, deviceSeed: secrets.deviceSeed, length: 0, head: null, lastAt: nothingYet } as Writer,
    said: [] as Envelope[],
  };
}

/** What a chunk adds to the bodies in it, at most: its head, a key id and the numbers before each body. */
const ROOM = 1_024 + 5 * MAX_CHUNK_ENVELOPES;

function chunksOf(said: readonly Envelope[]): readonly BundleItem[] {
  const items: BundleItem[] = [];
  let at = 0;
  while (at < said.length) {
    let bytes = ROOM;
    let end = at;
    for (; end < said.length && end - at < MAX_CHUNK_ENVELOPES; end += 1) {
      bytes += said[end]?.body.length ?? 0;
      if (bytes > MAX_CHUNK_BYTES) break;
    }
    items.push({ kind: "chunk", bytes: encodeChunk(joinChunks(said.slice(at, end).map(chunkOf))) });
    at = end;
  }
  return items;
}
