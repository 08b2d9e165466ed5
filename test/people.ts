/** People for tests: communities founded, joined and spoken in through the protocol alone, with keys by seed. */
import {
  certifyDevice,
  checkSignature,
  circleIdOf,
  circleKeyFrom,
  concatBytes,
  chunkOf,
  communityOf,
  createBirth,
  createReplica,
  depsFor,
  encodeChunk,
  epochKeyFrom,
  exchangePairFrom,
  inviteKeysFrom,
  joinChunks,
  isAdmissibleKey,
  actChecks,
  judge,
  memberRootFrom,
  nameToBytes,
  openLinks,
  prepareChunk,
  proveInvitation,
  publicKeyOf,
  sealKeyBox,
  tagOf,
  withVerdict,
  writeAct,
  writeKeys,
  writeTalk,
  type AidAct,
  type AuthorityAct,
  type Chunk,
  type CircleKey,
  type CommunityId,
  type DeviceCertificate,
  type Envelope,
  type EnvelopeId,
  type EpochKey,
  type ExchangePair,
  type FeedId,
  type Genesis,
  type Judged,
  type MemberRoot,
  type Millis,
  type Replica,
  type SignatureCheck,
  type SpaceKey,
  type Tag,
  type TalkAct,
  type Weighed,
  type Writer,
} from "../protocol/index.ts";
import { sealEnvelope } from "../protocol/envelope/envelope.ts";

/** Bytes that look like chance and come from a name: the same in every run. */
export type Chance = (length: number) => Uint8Array;

/** A 64-bit-state generator (splitmix64), seeded by a number. */
export function createChance(seed: number): Chance & { readonly next: () => number } {
  let state = BigInt(seed) * 0x9e3779b97f4a7c15n + 0x1234567n;
  const word = (): bigint => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let z = state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  };
  const chance = (length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i += 8) {
      let value = word();
      for (let j = i; j < Math.min(i + 8, length); j += 1, value >>= 8n) bytes[j] = Number(value & 255n);
    }
    return bytes;
  };
  /** In [0, 1). */
  const next = (): number => Number(word() >> 11n) / 2 ** 53;
  return Object.assign(chance, { next });
}

export interface Person {
  readonly name: string;
  readonly root: MemberRoot;
  readonly certificate: DeviceCertificate;
  readonly exchange: ExchangePair;
  writer: Writer;
}

export interface Group {
  readonly tag: Tag;
  readonly id: CommunityId;
  readonly epoch: EpochKey;
}

const NO_TIME = 0 as Millis;

function createPerson(name: string, chance: Chance, tag: Tag, epoch: EpochKey, root = memberRootFrom(chance(16))): Person {
  const deviceSeed = chance(32);
  const exchange = exchangePairFrom(chance(32));
  const devicePublic = publicKeyOf(deviceSeed);
  const { feed, birth } = createBirth(tag, epoch, devicePublic, chance(32));
  return {
    name,
    root,
    exchange,
    certificate: certifyDevice(root, devicePublic, exchange.public),
    writer: { tag, feed, birth, deviceSeed, length: 0, head: null, lastAt: NO_TIME },
  };
}

/** Writes one act into a person's feed and returns its envelope. */
export function say(
  person: Person,
  group: Group,
  chance: Chance,
  at: number,
  deps: readonly EnvelopeId[],
  act: AuthorityAct | AidAct,
): Envelope {
  const written = writeAct(person.writer, group.epoch, chance(24), at as Millis, deps, act);
  person.writer = written.writer;
  return written.envelope;
}

/** Says something in a circle. */
export function talk(person: Person, key: CircleKey, chance: Chance, at: number, act: TalkAct): Envelope {
  const written = writeTalk(person.writer, key, chance(24), at as Millis, [], act);
  person.writer = written.writer;
  return written.envelope;
}

/** Opens a circle of two: its key in boxes for both, and the act that opens it. */
export function openPair(person: Person, other: Person, chance: Chance, at: number) {
  const key = circleKeyFrom(chance(32));
  const place = { feed: person.writer.feed, seq: person.writer.length };
  const boxes = [person, other].map((reader) => {
    const box = sealKeyBox(person.exchange.secret, reader.exchange.public, place, chance(24), key.secret);
    if (box === null) throw new Error("an honest key shares a secret");
    return box;
  });
  const written = writeKeys(person.writer, { commitment: key.commitment, boxes: concatBytes(...boxes) });
  person.writer = written.writer;
  const members = [person.root.id, other.root.id].sort();
  return {
    key,
    id: circleIdOf(key.commitment, members),
    keys: written.envelope,
    act: talk(person, key, chance, at, { kind: "circle", form: "pair", members }),
  };
}

export function found(
  name: string,
  chance: Chance,
  at = 1,
): { readonly group: Group; readonly founder: Person; readonly envelopes: readonly Envelope[] } {
  const epoch = epochKeyFrom(chance(32));
  const root = memberRootFrom(chance(16));
  const genesis: Genesis = {
    kind: "genesis",
    random: chance(32),
    name: "Rose Lane",
    purpose: "Neighbours who look out for each other.",
    founder: root.id,
    commitment: epoch.commitment,
    rules: 1,
  };
  const id = communityOf(genesis);
  const tag = tagOf(id);
  const group: Group = { tag, id, epoch };
  const made = createPerson(name, chance, tag, epoch);
  const founder: Person = {
    ...made,
    root,
    certificate: certifyDevice(root, made.writer.birth.deviceKey, made.exchange.public),
  };
  const first = say(founder, group, chance, at, [], genesis);
  const second = say(founder, group, chance, at, [first.id], {
    kind: "join",
    certificate: founder.certificate,
    invite: first.id,
    agreed: nameToBytes(id),
    name,
  });
  return { group, founder, envelopes: [first, second] };
}

/** An open invitation with its key box, as two envelopes. */
export function invite(person: Person, group: Group, chance: Chance, at: number, deps: readonly EnvelopeId[]) {
  const secret = chance(32);
  const keys = inviteKeysFrom(secret);
  const act = say(person, group, chance, at, deps, {
    kind: "invite",
    door: "open",
    key: keys.signPublic,
    exchange: keys.exchange.public,
    expires: (at + 1_000_000) as Millis,
  });
  const place = { feed: person.writer.feed, seq: person.writer.length };
  const box = sealKeyBox(person.exchange.secret, keys.exchange.public, place, chance(24), group.epoch.secret);
  if (box === null) throw new Error("an honest key shares a secret");
  const written = writeKeys(person.writer, { commitment: group.epoch.commitment, boxes: box });
  person.writer = written.writer;
  return { secret, act, keys: written.envelope };
}

/** `root`: a person who is somebody already comes in with another device. `exchange`: a key to be written to that is not theirs. */
export function join(
  name: string,
  group: Group,
  chance: Chance,
  at: number,
  secret: Uint8Array,
  inviteId: EnvelopeId,
  root?: MemberRoot,
  exchange?: Uint8Array,
) {
  const made = createPerson(name, chance, group.tag, group.epoch, root);
  const { deviceKey } = made.writer.birth;
  const person = exchange === undefined ? made : { ...made, certificate: certifyDevice(made.root, deviceKey, exchange) };
  const keys = inviteKeysFrom(secret);
  const envelope = say(person, group, chance, at, [inviteId], {
    kind: "join",
    certificate: person.certificate,
    invite: inviteId,
    key: keys.signPublic,
    proof: proveInvitation(keys.signSeed, group.tag, inviteId, person.writer.feed, person.root.id),
    agreed: nameToBytes(group.id),
    name,
  });
  return { person, envelope };
}

const admitted = new Map<string, boolean>();
/** A pure answer, remembered: keys recur in tests. */
export function isAdmissible(key: Uint8Array): boolean {
  const name = key.join();
  const known = admitted.get(name) ?? isAdmissibleKey(key);
  admitted.set(name, known);
  return known;
}

/** Carries a chunk through all steps of the ingest, in place. Null when it was refused. */
export function ingest(
  replica: Replica,
  bytes: Uint8Array,
  keys: readonly SpaceKey[],
  verify: (check: SignatureCheck) => boolean = checkSignature,
): Judged | null {
  const parsedFeed = prepareChunk({ tag: replica.tag, deviceKey: null, relayKeys: null }, bytes);
  const feed = parsedFeed.ok
    ? parsedFeed.value.chunk.feed
    : parsedFeed.error.kind === "unknown-feed"
      ? parsedFeed.error.feed
      : null;
  if (feed === null) return null;
  const deviceKey = replica.feed(feed)?.birth.deviceKey ?? null;
  const relayKeys = keys.length === 0 ? null : keys.flatMap((key) => (key.space === "community" ? [key.relayPublic] : []));
  const prepared = prepareChunk({ tag: replica.tag, deviceKey, relayKeys }, bytes);
  if (!prepared.ok) return null;
  const judged = judge({ ...prepared.value, newKeys: [] }, prepared.value.checks.map(verify));
  if (!judged.ok || !prepared.value.newKeys.every(isAdmissible)) return null;
  const opened = openLinks(replica.tag, feed, prepared.value.links, keys).map((entry) => {
    const needed = actChecks(replica.tag, feed, entry);
    return needed === null ? entry : withVerdict(entry, needed.checks.every(verify) && needed.newKeys.every(isAdmissible));
  });
  return { chunk: prepared.value.chunk, links: prepared.value.links, opened };
}

/** Seals any plaintext as the next envelope: what an honest writer would never say. */
export function sayRaw(person: Person, group: Group, chance: Chance, plaintext: Uint8Array): Envelope {
  const { tag, feed, birth, deviceSeed, length, head } = person.writer;
  const place = { tag, feed, seq: length, prev: head, birth: length === 0 ? birth : null };
  const envelope = sealEnvelope(deviceSeed, place, group.epoch, chance(24), plaintext);
  person.writer = { ...person.writer, length: length + 1, head: envelope.id };
  return envelope;
}

/** The same device again, for two stories of one feed. */
export const twinOf = (person: Person): Person => ({ ...person });

/** Envelopes of one feed in a row, as one chunk. */
export const chunkOfAll = (envelopes: readonly Envelope[]): Chunk => joinChunks(envelopes.map(chunkOf));

export const bytesOf = (envelope: Envelope): Uint8Array => encodeChunk(chunkOf(envelope));

/** A replica that has taken in these envelopes in this order. */
export function replicaOf(group: Group, envelopes: readonly Envelope[], circles: readonly CircleKey[] = []): Replica {
  const replica = createReplica(group.tag);
  for (const envelope of envelopes) takeIn(replica, group, bytesOf(envelope), checkSignature, circles);
  return replica;
}

/** Takes in what grows the replica, and says what the chunk meant to it. */
export function takeIn(
  replica: Replica,
  group: Group,
  bytes: Uint8Array,
  verify: (check: SignatureCheck) => boolean = checkSignature,
  circles: readonly CircleKey[] = [],
): Weighed | null {
  const judged = ingest(replica, bytes, [group.epoch, ...circles], verify);
  if (judged === null) return null;
  const weighed = replica.weigh(judged);
  if (weighed.kind === "grows" || weighed.kind === "known") replica.admit(judged);
  return weighed;
}

export const heads = (replica: Replica, needed: readonly EnvelopeId[] = []): readonly EnvelopeId[] =>
  depsFor(replica.community.authority(), needed);

export type { Chunk, FeedId };
