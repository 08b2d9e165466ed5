/**
 * Circle keys: which circles this device can read, found in the log and nowhere kept: the boxes stand there.
 *
 *   C1  A box is tried once a start. Another's boxes are opened up to MAX_OF_WRITER keys a member: a pair needs one, and
 *       every key costs a MAC for each feed that is read.
 *   C2  What came sealed before its key was found is read again from the shelf: the feed that brought the key, and all that
 *       members of its circle may have said, once for each key. So is a feed that boxes a key found elsewhere: the circle may
 *       have been opened there. What could not be read is tried again at the next look.
 *   C3  The key of a circle that is being opened is held before its first envelope is written, so that what is written can
 *       be read here.
 */
import {
  bytesToHex,
  circleKeyFrom,
  createBoxReader,
  type CircleId,
  type CircleKey,
  type CircleRecord,
  type FeedId,
  type MemberId,
} from "../../protocol/index.ts";
import type { Holding } from "./holding.ts";

const MAX_OF_WRITER = 8;

export interface CircleKeys {
  readonly held: () => readonly CircleKey[];
  /** Looks through boxes that came since the last time. Aborting rejects, and leaves them for the next time. */
  readonly look: (holding: Holding, signal: AbortSignal) => Promise<void>;
  /** C3. */
  readonly create: (secret: Uint8Array) => CircleKey;
  /** The circle of exactly these two that everybody would choose: of several the one with the lowest id. */
  readonly pair: (holding: Holding, one: MemberId, other: MemberId) => { readonly id: CircleId; readonly key: CircleKey } | null;
}

export function createCircleKeys(exchangeSecret: Uint8Array, me: MemberId): CircleKeys {
  const reader = createBoxReader(exchangeSecret);
  const keys = new Map<string, CircleKey>();
  const tried = new Set<string>();
  const foundBy = new Map<MemberId | FeedId, number>();
  /** C2: from where, until it was read. */
  const unread = new Map<FeedId, number>();
  /** C2: key and feed. */
  const read = new Set<string>();
  /** Of keys that were made here: nothing was said under them before. */
  const made = new Set<string>();
  let lookedAt = -1;
  let isLooking = false;

  const keep = (secret: Uint8Array): CircleKey => {
    const key = circleKeyFrom(secret);
    keys.set(bytesToHex(key.commitment), key);
    return key;
  };

  /** Boxes that came since the last time; where they lie is to be read again. */
  function openBoxes(holding: Holding, isEpoch: (commitment: string) => boolean): void {
    const { community } = holding.replica;
    const { exchangeByFeed, memberByFeed } = community.authority();
    for (const { feed, seq, keys: boxes } of community.keyBoxes()) {
      const name = `${feed} ${seq}`;
      const writer = exchangeByFeed.get(feed);
      if (writer === undefined || tried.has(name)) continue; // its join may still come
      tried.add(name);
      const commitment = bytesToHex(boxes.commitment);
      if (isEpoch(commitment)) continue;
      if (!keys.has(commitment)) {
        const by = memberByFeed.get(feed) ?? feed;
        const count = foundBy.get(by) ?? 0;
        if (count >= MAX_OF_WRITER && by !== me) continue; // C1
        const secret = reader(writer, { feed, seq }, boxes.commitment, boxes.boxes);
        if (secret === null) continue;
        keep(secret);
        foundBy.set(by, count + 1);
      }
      if (!made.has(commitment)) unread.set(feed, Math.min(seq, unread.get(feed) ?? seq)); // C2
    }
  }

  /**
   * All that members of these circles may have said before the keys came here. From the start of their feeds, also of those in
   * which a box was found: they may have spoken in one circle long before they opened another.
   */
  function unreadOf(holding: Holding, circles: readonly CircleRecord[]): ReadonlyMap<string, FeedId> {
    const { members } = holding.replica.community.authority();
    // Each member once a key: a liar may open many circles under one, and have many feeds.
    const speakers = new Map<string, Set<MemberId>>();
    for (const { key, members: pair } of circles) {
      if (made.has(key) || !pair.includes(me)) continue;
      const known = speakers.get(key) ?? new Set();
      speakers.set(
        key,
        pair.reduce((all, member) => all.add(member), known),
      );
    }
    const found = new Map<string, FeedId>();
    for (const [key, all] of speakers)
      for (const feed of [...all].flatMap((member) => members.get(member)?.feeds ?? []))
        if (!read.has(`${key} ${feed}`)) found.set(`${key} ${feed}`, feed);
    return found;
  }

  async function look(holding: Holding, signal: AbortSignal): Promise<void> {
    if (isLooking || holding.version() === lookedAt) return;
    isLooking = true;
    try {
      lookedAt = holding.version();
      const epochs = new Set(holding.keysHeld().map(({ commitment }) => bytesToHex(commitment)));
      openBoxes(holding, (commitment) => epochs.has(commitment));
      await holding.reread(unread, signal); // C2
      unread.clear();
      const toRead = unreadOf(holding, holding.replica.community.circles.all());
      await holding.reread(new Map([...toRead.values()].map((feed) => [feed, 0])), signal);
      for (const name of toRead.keys()) read.add(name);
    } catch (error) {
      lookedAt = -1;
      throw error;
    } finally {
      isLooking = false;
    }
  }

  return {
    held: () => [...keys.values()],
    look,
    create: (secret) => {
      const key = keep(secret);
      made.add(bytesToHex(key.commitment));
      return key;
    },
    pair: (holding, one, other) => {
      const isPair = ({ members }: CircleRecord): boolean => members.includes(one) && members.includes(other);
      const found = holding.replica.community.circles.all().find((circle) => isPair(circle) && keys.has(circle.key));
      const key = keys.get(found?.key ?? "");
      return found === undefined || key === undefined ? null : { id: found.id, key };
    },
  };
}
