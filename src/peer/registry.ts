/**
 * Registry: what this device must remember beside envelopes: who it is, and how it stands in each community.
 * Each record is one canonical CBOR value on the shelf, written strictly. Secrets lie here as they are:
 * whoever can read this browser profile can read them (said to people on the page about privacy).
 */
import {
  bytes,
  decodeValue,
  encodeValue,
  envelopeId,
  err,
  list,
  ok,
  optional,
  record,
  tagShape,
  text,
  uint,
  type Read,
  type Result,
  type Tag,
} from "../../protocol/index.ts";
import type { Shelf, WriteError } from "../storage/shelf.ts";

const identityShape = record({
  /** 16 bytes: the member's root key, and the recovery phrase, come from it. */
  entropy: bytes(16),
});
export type Identity = Read<typeof identityShape>;

const madeInviteShape = record({ id: envelopeId, secret: bytes(32), link: text(1, 9_000) });
export type MadeInvite = Read<typeof madeInviteShape>;

const communityShape = record({
  tag: tagShape,
  /** What one is called there. */
  name: text(1, 60),
  /** Signing and exchange secrets of this device, for this community alone: hearths cannot link two communities by them. */
  deviceSeed: bytes(32),
  exchangeSecret: bytes(32),
  /** 32 bytes that name the feed, beside tag and device key. */
  feedRandom: bytes(32),
  /** BIRTH_BYTES once the feed is born. */
  birth: optional(bytes(160)),
  /** Epoch keys, oldest first. */
  keys: list(bytes(32), 64),
  /** The link one came by. */
  invitation: optional(text(1, 8_192)),
  invites: list(madeInviteShape, 256),
});
export type CommunityRecord = Read<typeof communityShape>;

const addressesShape = list(text(1, 200), 8);
const metHearthShape = record({
  /** The community it was met in; for no other is it remembered. */
  tag: tagShape,
  addresses: addressesShape,
  /** When it was last met, by our clock. */
  at: uint(Number.MAX_SAFE_INTEGER),
});
export type MetHearth = Read<typeof metHearthShape>;

export const MAX_ADDED_HEARTHS = 32;
export const MAX_MET_HEARTHS = 64;
const hearthsShape = record({
  /** Added by hand, each the addresses of one. */
  hearths: list(addressesShape, MAX_ADDED_HEARTHS),
  met: optional(list(metHearthShape, MAX_MET_HEARTHS)),
});
export interface KnownHearths {
  readonly added: readonly (readonly string[])[];
  readonly met: readonly MetHearth[];
}

export type RegistryError = WriteError | { readonly kind: "unreadable-record"; readonly name: string };

export interface Registry {
  readonly identity: (signal: AbortSignal) => Promise<Result<Identity | null, RegistryError>>;
  readonly keepIdentity: (identity: Identity, signal: AbortSignal) => Promise<Result<void, WriteError>>;
  /** Records that cannot be read are left where they are and named. */
  readonly communities: (
    signal: AbortSignal,
  ) => Promise<{ readonly records: readonly CommunityRecord[]; readonly unreadable: readonly string[] }>;
  readonly keepCommunity: (community: CommunityRecord, signal: AbortSignal) => Promise<Result<void, WriteError>>;
  readonly hearths: (signal: AbortSignal) => Promise<KnownHearths>;
  readonly keepHearths: (hearths: KnownHearths, signal: AbortSignal) => Promise<Result<void, WriteError>>;
}

const IDENTITY = "identity";
const HEARTHS = "hearths";
const COMMUNITY = "community/";
const nameOf = (tag: Tag): string => `${COMMUNITY}${tag}`;

interface Reader<T> {
  readonly read: (value: never, at: string) => Result<T, unknown>;
}

export function createRegistry(shelf: Pick<Shelf, "keep" | "recall" | "kept">): Registry {
  const parse = <T>(shape: Reader<T>, raw: Uint8Array): T | null => {
    const value = decodeValue(raw);
    if (!value.ok) return null;
    // Every shape reads any value; `never` only says that it is not ours to make one here.
    const read = shape.read(value.value as never, "");
    return read.ok ? read.value : null;
  };
  return {
    identity: async (signal) => {
      const raw = await shelf.recall(IDENTITY, signal);
      if (raw === null) return ok(null);
      const identity = parse(identityShape, raw);
      return identity === null ? err({ kind: "unreadable-record", name: IDENTITY }) : ok(identity);
    },
    keepIdentity: (identity, signal) => shelf.keep(IDENTITY, encodeValue(identityShape.write(identity)), signal),
    communities: async (signal) => {
      const records: CommunityRecord[] = [];
      const unreadable: string[] = [];
      for (const { name, bytes: raw } of await shelf.kept(COMMUNITY, signal)) {
        const community = parse(communityShape, raw);
        if (community === null) unreadable.push(name);
        else records.push(community);
      }
      return { records, unreadable };
    },
    keepCommunity: (community, signal) => shelf.keep(nameOf(community.tag), encodeValue(communityShape.write(community)), signal),
    hearths: async (signal) => {
      const raw = await shelf.recall(HEARTHS, signal);
      const known = raw === null ? null : parse(hearthsShape, raw);
      return { added: known?.hearths ?? [], met: known?.met ?? [] };
    },
    keepHearths: ({ added, met }, signal) =>
      shelf.keep(HEARTHS, encodeValue(hearthsShape.write({ hearths: added, met })), signal),
  };
}
