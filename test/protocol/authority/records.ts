/** Authority acts as records, without signatures: ids are numbers, each feed counts its own seq. */
import { hexToBytes } from "../../../protocol/codec/bytes.ts";
import { communityOf, type AuthorityAct, type Genesis, type Invite } from "../../../protocol/authority/acts.ts";
import type { AuthorityRecord } from "../../../protocol/authority/authority.ts";
import { tagOf, type DeviceKey, type EnvelopeId, type FeedId, type MemberId } from "../../../protocol/crypto/hash.ts";
import type { Millis } from "../../../protocol/lang/brand.ts";

const name = (text: string): string => Buffer.from(text.padEnd(32, ".")).toString("hex");
export const memberNamed = (who: string): MemberId => name(who) as MemberId;
export const feedNamed = (who: string): FeedId => name(`feed of ${who}`) as FeedId;
const deviceNamed = (feed: string): DeviceKey => name(`device of ${feed}`) as DeviceKey;

export const genesis: Genesis = {
  kind: "genesis",
  random: new Uint8Array(32).fill(1),
  name: "Rose Lane",
  purpose: "",
  founder: memberNamed("ana"),
  commitment: new Uint8Array(32),
  rules: 1,
};
export const communityId = communityOf(genesis);
export const TAG = tagOf(communityId);
export const keyOf = (door: string): Uint8Array => Buffer.from(`key of ${door}`.padEnd(32, "."));

export interface History {
  readonly records: AuthorityRecord[];
  readonly add: (feed: string, act: AuthorityAct, deps?: readonly EnvelopeId[], seq?: number) => EnvelopeId;
  /** Genesis and the founder's join; returns the join's id. */
  readonly found: (feed?: string) => EnvelopeId;
  readonly invite: (feed: string, door: string, deps?: readonly EnvelopeId[], kind?: Invite["door"]) => EnvelopeId;
  readonly accept: (feed: string, invite: EnvelopeId, join: EnvelopeId) => EnvelopeId;
  readonly join: (feed: string, invite: EnvelopeId, door: string, more?: JoinDetails) => EnvelopeId;
  readonly close: (feed: string, invite: EnvelopeId, joins: readonly string[], deps?: readonly EnvelopeId[]) => EnvelopeId;
}
export interface JoinDetails {
  readonly member?: string;
  readonly deps?: readonly EnvelopeId[];
  readonly device?: string;
  readonly agreed?: string;
  readonly proof?: null;
  readonly key?: null;
  readonly seq?: number;
}

/** `scramble` turns the number of an act into the one its id begins with: the order of ids says nothing. */
export function createHistory(scramble: (n: number) => number = (n) => (n * 7_919 + 17) % 65_521): History {
  const records: AuthorityRecord[] = [];
  const lengths = new Map<string, number>();
  const add: History["add"] = (feed, act, deps = [], seq) => {
    const at = seq ?? lengths.get(feed) ?? 0;
    lengths.set(feed, at + 1);
    const id = (scramble(records.length).toString(16).padStart(4, "0") +
      records.length.toString(16).padStart(60, "0")) as EnvelopeId;
    const sorted = [...deps].sort();
    records.push({
      id,
      feed: feedNamed(feed),
      seq: at,
      at: records.length as Millis,
      deps: sorted,
      deviceKey: hexToBytes(deviceNamed(feed)),
      act,
    });
    return id;
  };
  const join: History["join"] = (
    feed,
    invite,
    door,
    { member = feed, deps = [invite], device = feed, agreed = communityId, proof, key, seq } = {},
  ) =>
    add(
      feed,
      {
        kind: "join",
        invite,
        agreed: hexToBytes(agreed),
        name: member,
        certificate: {
          member: memberNamed(member),
          device: deviceNamed(device),
          exchange: new Uint8Array(32).fill(5),
          signature: new Uint8Array(64),
        },
        ...(door === "" || key === null ? {} : { key: keyOf(door) }),
        ...(door === "" || proof === null ? {} : { proof: new Uint8Array(64) }),
      },
      deps,
      seq,
    );
  return {
    records,
    add,
    join,
    found: (feed = "ana") => {
      const first = add(feed, genesis);
      return join(feed, first, "", { member: "ana" });
    },
    invite: (feed, name, deps = [], door = "open") =>
      add(feed, { kind: "invite", door, key: keyOf(name), exchange: new Uint8Array(32), expires: 9 as Millis }, deps),
    accept: (feed, invite, join) => add(feed, { kind: "accept-join", invite, join }, [join]),
    close: (feed, invite, joins, deps = [invite]) =>
      add(feed, { kind: "close-invite", invite, joins: joins.map(memberNamed).sort() }, deps),
  };
}
