/**
 * Membership: one person in one community on this device. Holds the pen of their feed there, and speaks.
 *
 *   S1  One act at a time; an act is durable before it is told (holding.ts H1).
 *   S2  Who came by a link waits on the porch until a neighbour brings the key box, then joins by themselves.
 *   S3  A pen that another tab took is noticed at the next act, which is not written (`stale-writer`).
 *   S4  A key is kept only when the genesis that it opens commits to it: a false box leaves one on the porch, not astray.
 */
import {
  NONCE_BYTES,
  birthFromBytes,
  birthToBytes,
  bytesToHex,
  certifyDevice,
  communityOf,
  concatBytes,
  createBirth,
  deviceKeyFromBytes,
  encodeInvitation,
  epochKeyFrom,
  equalBytes,
  err,
  exchangePairFrom,
  inviteKeysFrom,
  isSealable,
  nameToBytes,
  ok,
  openKeyBox,
  parseInvitation,
  proveInvitation,
  publicKeyOf,
  sealKeyBox,
  type BoxPlace,
  type DeviceCertificate,
  type Envelope,
  type EnvelopeId,
  type EpochKey,
  type FeedId,
  type HelloSelf,
  type Invitation,
  type MemberRoot,
  type Millis,
  type Result,
  type Tag,
} from "../../protocol/index.ts";
import type { World } from "../platform/world.ts";
import type { AppendError, Pen, Shelf, WriteError } from "../storage/shelf.ts";
import { createCircleKeys, type CircleKeys } from "./circle-keys.ts";
import { createHolding, type Holding } from "./holding.ts";
import type { Judge } from "./judge.ts";
import { composeLines, runsOf, type Line, type TooLarge } from "./own-lines.ts";
import type { Standing } from "./kith.ts";
import type { CommunityRecord, Registry } from "./registry.ts";

/** While the disk is in trouble, a join is tried again this often at most. */
const RETRY_MS = 5_000;

export type SpeakError = AppendError | TooLarge | { readonly kind: "no-key" };

export interface MembershipDeps {
  readonly shelf: Shelf;
  readonly registry: Registry;
  readonly judge: Judge;
  readonly world: World;
  readonly root: MemberRoot;
  readonly changed: () => void;
  /** Envelopes that are stored and want to be told. */
  readonly tell: (tag: Tag, envelopes: readonly Envelope[]) => void;
  /** A key came: neighbours are to be greeted anew, as one who holds it. */
  readonly keyed: () => void;
}

export interface Membership {
  readonly tag: Tag;
  readonly holding: Holding;
  readonly record: () => CommunityRecord;
  readonly invitation: Invitation | null;
  readonly epoch: () => EpochKey | null;
  readonly root: MemberRoot;
  readonly certificate: () => DeviceCertificate;
  readonly circles: CircleKeys;
  /** Seals a key for a reader, bound to a place in our feed; null when the reader's key is unusable. */
  readonly sealBox: (place: BoxPlace, readerPublic: Uint8Array, secret: Uint8Array) => Uint8Array | null;
  /** Whether this key of a reader is usable. */
  readonly canSealTo: (readerPublic: Uint8Array) => boolean;
  /** The same for several readers, each once; who cannot be sealed to is left out. */
  readonly sealBoxes: (place: BoxPlace, readers: readonly Uint8Array[], secret: Uint8Array) => Uint8Array;
  /** Puts our signature under an invitation's card. */
  readonly signLink: (link: Omit<Invitation, "signature" | "device" | "exchange">) => string;
  readonly standing: () => Standing;
  /** Reads the shelf. */
  readonly open: (signal: AbortSignal) => Promise<Result<void, WriteError>>;
  /** Writes all lines as one durable step; beyond a chunk in several, of which those before a failure stand (W2 of own-lines.ts). */
  readonly speak: (lines: readonly Line[], signal: AbortSignal) => Promise<Result<readonly Envelope[], SpeakError>>;
  readonly keepRecord: (record: CommunityRecord, signal: AbortSignal) => Promise<Result<void, WriteError>>;
  readonly helloSelf: () => Omit<HelloSelf, "nonce" | "trustsHearth">;
  /** Version of the holding at which an own act of this start came in; 0 for all others. */
  readonly saidAt: (id: EnvelopeId) => number;
  /** Looks whether the key or one's own join has become possible, or a circle's key came; called after every change. Aborting rejects. */
  readonly advance: (signal: AbortSignal) => Promise<void>;
}

export function createMembership(first: CommunityRecord, deps: MembershipDeps): Membership {
  const { shelf, registry, judge, world, root } = deps;
  const { tag } = first;
  const devicePublic = publicKeyOf(first.deviceSeed);
  const exchange = exchangePairFrom(first.exchangeSecret);
  const parsed = first.invitation === undefined ? null : parseInvitation(first.invitation);
  const invitation = parsed?.ok === true ? parsed.value : null;
  const versionById = new Map<EnvelopeId, number>();
  let record = first;
  let keys = record.keys.map(epochKeyFrom);
  let pen: Pen | null = null;
  let lastAt = 0 as Millis;
  let queue: Promise<unknown> = Promise.resolve();
  let isAdvancing = false;
  let triedWith = -1;
  let triedToJoinAt = 0;

  const sealBox = (place: BoxPlace, readerPublic: Uint8Array, secret: Uint8Array): Uint8Array | null =>
    sealKeyBox(first.exchangeSecret, readerPublic, place, world.bytes(NONCE_BYTES), secret);
  const certificate = (): DeviceCertificate => certifyDevice(root, devicePublic, exchange.public);
  const epoch = (): EpochKey | null => keys.at(-1) ?? null;
  const birth = () => (record.birth === undefined ? null : birthFromBytes(record.birth));
  const ownFeed = (): FeedId | null => {
    const epochNow = epoch();
    return epochNow === null ? null : createFeed(epochNow).feed;
  };
  const feedMemo = new Map<string, ReturnType<typeof createBirth>>();
  /** The feed's name needs no key; its birth, once made, stays as it was. */
  function createFeed(key: EpochKey): ReturnType<typeof createBirth> {
    const name = bytesToHex(key.relayPublic);
    const made = feedMemo.get(name) ?? createBirth(tag, key, devicePublic, first.feedRandom);
    feedMemo.set(name, made);
    return { feed: made.feed, birth: birth() ?? made.birth };
  }

  const circles = createCircleKeys(first.exchangeSecret, root.id);
  const holding = createHolding({
    tag,
    shelf,
    judge,
    keys: () => [...keys, ...circles.held()],
    relayKeys: () => (keys.length === 0 ? null : keys.map((key) => key.relayPublic)),
    ownFeed,
    changed: deps.changed,
  });

  async function keepRecord(next: CommunityRecord, signal: AbortSignal): Promise<Result<void, WriteError>> {
    const kept = await registry.keepCommunity(next, signal);
    if (!kept.ok) return kept;
    record = next;
    deps.changed(); // the view shows some of it: the link of an invitation
    return kept;
  }

  function speak(lines: readonly Line[], signal: AbortSignal): Promise<Result<readonly Envelope[], SpeakError>> {
    const run = queue.then(() => write(lines, signal)); // S1
    queue = run.catch(() => undefined);
    return run;
  }

  async function write(lines: readonly Line[], signal: AbortSignal): Promise<Result<readonly Envelope[], SpeakError>> {
    const key = epoch();
    if (key === null) return err({ kind: "no-key" });
    if (holding.isOwnElsewhere()) return err({ kind: "stale-writer", stored: null });
    const made = createFeed(key);
    if (record.birth === undefined) {
      const kept = await keepRecord({ ...record, birth: birthToBytes(made.birth) }, signal);
      if (!kept.ok) return kept;
    }
    if (pen === null) {
      const taken = await shelf.takePen(tag, made.feed, bytesToHex(world.bytes(16)), signal);
      if (!taken.ok) return taken;
      // Another tab wrote since we read the shelf: without its envelopes, what neighbours tell of them looks like a clone's (H5).
      if (taken.value.length > (holding.replica.feed(made.feed)?.ids.length ?? 0)) {
        await holding.load(signal);
        lastAt = holding.replica.community.lastAtOf(made.feed);
      }
      // What lies there and cannot be read would be built upon, and never told to anybody.
      if (taken.value.length > (holding.replica.feed(made.feed)?.ids.length ?? 0))
        return err({ kind: "storage-failed", reason: `own envelopes up to ${taken.value.length} cannot be read` });
      pen = taken.value;
    }
    const held = pen;
    const composed = composeLines(lines, {
      key,
      from: {
        tag,
        feed: made.feed,
        birth: made.birth,
        deviceSeed: first.deviceSeed,
        length: held.length,
        head: held.head,
        lastAt,
      },
      authority: holding.replica.community.authority(),
      world,
    });
    if (!composed.ok) return composed;
    const { envelopes, at } = composed.value;
    for (const run of runsOf(envelopes)) {
      const appended = await holding.append(pen, run, signal);
      if (!appended.ok) return appended; // S3
      pen = appended.value;
      lastAt = at; // also when a later run fails
      for (const { id } of run) versionById.set(id, holding.version());
      deps.tell(tag, run);
    }
    deps.changed();
    return ok(envelopes);
  }

  /** S2: our boxes among those of the device that invited us. */
  function findKeys(): readonly EpochKey[] {
    if (invitation === null) return [];
    const keysFound: EpochKey[] = [];
    const mine = inviteKeysFrom(invitation.secret);
    for (const { feed, seq, keys: boxes } of holding.replica.community.keyBoxes()) {
      const device = holding.replica.feed(feed)?.birth.deviceKey;
      if (device === undefined || bytesToHex(device) !== invitation.device) continue;
      const found = openKeyBox(mine.exchange.secret, invitation.exchange, { feed, seq }, boxes.commitment, boxes.boxes);
      if (found !== null) keysFound.push(found);
    }
    return keysFound;
  }

  /** S4: tries a key in memory; it is kept once the genesis, opened by it, commits to it. */
  async function tryKey(candidate: EpochKey, signal: AbortSignal): Promise<boolean> {
    keys = [candidate];
    await holding.load(signal);
    const { genesis } = holding.replica.community.authority();
    const isIts = genesis !== null && equalBytes(genesis.act.commitment, candidate.commitment);
    if (isIts && (await keepRecord({ ...record, keys: [candidate.secret] }, signal)).ok) {
      await holding.dropLeftOut(signal).catch(() => undefined); // else at the next start
      return true;
    }
    if (isIts) triedWith = -1; // the disk did not keep it; it may the next time
    keys = [];
    await holding.load(signal);
    return false;
  }

  /** S2: the join is one's first act, once the invitation it names is here. */
  async function comeIn(from: Invitation, signal: AbortSignal): Promise<void> {
    const { community } = holding.replica;
    const { genesis } = community.authority();
    const key = epoch();
    if (key === null || genesis === null || !community.authority().invites.has(from.invite)) return;
    const { feed } = createFeed(key);
    const proofKeys = inviteKeysFrom(from.secret);
    await speak(
      [
        {
          kind: "act",
          make: () => ({
            needs: [from.invite],
            act: {
              kind: "join",
              certificate: certificate(),
              invite: from.invite,
              key: proofKeys.signPublic,
              proof: proveInvitation(proofKeys.signSeed, tag, from.invite, feed, root.id),
              agreed: nameToBytes(communityOf(genesis.act)),
              name: record.name,
            },
          }),
        },
      ],
      signal,
    );
  }

  const standing = (): Standing => {
    const own = ownFeed();
    if (own === null) return "porch";
    const { memberByFeed, invites } = holding.replica.community.authority();
    if (memberByFeed.has(own)) return "member";
    const invite = invitation === null ? undefined : invites.get(invitation.invite);
    if (invite === undefined || holding.replica.feed(own) === null) return "arriving";
    if (invite.closed || invite.accepted !== null) return "too-late";
    return invite.waiting.some(({ feed }) => feed === own) ? "waiting" : "arriving";
  };

  async function advance(signal: AbortSignal): Promise<void> {
    if (standing() === "member") return circles.look(holding, signal);
    if (isAdvancing || invitation === null) return;
    isAdvancing = true;
    try {
      if (keys.length === 0) {
        const { envelopes } = holding.replica.tally();
        if (envelopes === triedWith) return; // nothing has come since the last try, and each reads the shelf
        triedWith = envelopes;
        for (const candidate of findKeys()) if (await tryKey(candidate, signal)) break;
        if (keys.length === 0) return;
        deps.keyed();
        deps.changed();
      }
      const own = ownFeed();
      const isOutside = own !== null && holding.replica.feed(own) === null;
      if (isOutside && (holding.trouble() === null || world.now() >= triedToJoinAt + RETRY_MS)) {
        triedToJoinAt = world.now();
        await comeIn(invitation, signal);
      }
    } finally {
      isAdvancing = false;
    }
  }

  return {
    tag,
    holding,
    record: () => record,
    invitation,
    epoch,
    root,
    circles,
    certificate,
    sealBox,
    canSealTo: (reader) => isSealable(first.exchangeSecret, reader),
    sealBoxes: (place, readers, secret) => {
      const each = new Map(readers.map((reader) => [bytesToHex(reader), reader]));
      return concatBytes(...[...each.values()].flatMap((reader) => sealBox(place, reader, secret) ?? []));
    },
    signLink: (link) =>
      encodeInvitation({ ...link, device: deviceKeyFromBytes(devicePublic), exchange: exchange.public }, first.deviceSeed),
    standing,
    open: async (signal) => {
      await holding.load(signal);
      if (keys.length > 0) await holding.dropLeftOut(signal);
      const own = ownFeed();
      if (standing() === "member") await circles.look(holding, signal);
      if (own !== null) lastAt = holding.replica.community.lastAtOf(own);
      return ok(undefined);
    },
    speak,
    keepRecord,
    helloSelf: () => {
      const own = ownFeed();
      const isBorn = own !== null && holding.replica.feed(own) !== null;
      return { role: "member", epoch: epoch(), feed: isBorn ? own : null, deviceSeed: isBorn ? first.deviceSeed : null };
    },
    saidAt: (id) => versionById.get(id) ?? 0,
    advance,
  };
}
