/** What a person does on a screen to found a community and to let others in, as acts. Giving and asking is exchange-deeds.ts. */
import {
  MAX_ADDRESSES,
  MAX_CLOSING_JOINS,
  MAX_COMMUNITY_UNITS,
  MAX_NAME_UNITS,
  MAX_PURPOSE_UNITS,
  RULES_VERSION,
  communityOf,
  err,
  inviteKeysFrom,
  nameToBytes,
  ok,
  tagOf,
  type AidAct,
  type AuthorityAct,
  type Door,
  type EnvelopeId,
  type Genesis,
  type MemberRoot,
  type Millis,
  type Result,
  type Tag,
} from "../../protocol/index.ts";
import type { World } from "../platform/world.ts";
import type { FoundForm, SayError } from "./kith.ts";
import type { Membership, SpeakError } from "./membership.ts";
import type { Line } from "./own-lines.ts";
import type { CommunityRecord } from "./registry.ts";
import { readText, readTexts, type TextProblem } from "./texts.ts";

/** An open link is good for a week (SECURITY 2.9). */
const INVITE_MS = 7 * 24 * 3_600_000;

export const readName = (raw: string): Result<string, TextProblem> => readText("myName", raw, 1, MAX_NAME_UNITS);

/** A community that is not written yet: its record, and the lines that found it. */
export function foundCommunity(
  form: FoundForm,
  root: MemberRoot,
  world: World,
  epochFrom: (secret: Uint8Array) => { readonly commitment: Uint8Array },
): Result<{ readonly record: CommunityRecord; readonly lines: (membership: Membership) => readonly Line[] }, TextProblem> {
  const texts = readTexts({
    community: [form.community, 1, MAX_COMMUNITY_UNITS],
    purpose: [form.purpose, 0, MAX_PURPOSE_UNITS],
    myName: [form.myName, 1, MAX_NAME_UNITS],
  });
  if (!texts.ok) return texts;
  const { community, purpose, myName } = texts.value;
  const secret = world.bytes(32);
  const genesis: Genesis = {
    kind: "genesis",
    random: world.bytes(32),
    name: community,
    purpose,
    founder: root.id,
    commitment: epochFrom(secret).commitment,
    rules: RULES_VERSION,
  };
  const record = newRecord(tagOf(communityOf(genesis)), myName, world, { keys: [secret] });
  const lines = (membership: Membership): readonly Line[] => [
    { kind: "act", make: () => ({ act: genesis, needs: [] }) },
    {
      kind: "act",
      make: (before) => {
        if (before === null) throw new Error("the founder joins behind the genesis");
        return {
          needs: [before],
          act: {
            kind: "join",
            certificate: membership.certificate(),
            invite: before,
            agreed: nameToBytes(communityOf(genesis)),
            name: myName,
          },
        };
      },
    },
  ];
  return ok({ record, lines });
}

export const newRecord = (
  tag: Tag,
  name: string,
  world: World,
  more: Pick<CommunityRecord, "keys"> & Partial<Pick<CommunityRecord, "invitation">>,
): CommunityRecord => ({
  tag,
  name,
  deviceSeed: world.bytes(32),
  exchangeSecret: world.bytes(32),
  feedRandom: world.bytes(32),
  invites: [],
  ...more,
});

/** Writes an invitation with its key box and answers the payload of its link. */
export async function invite(
  membership: Membership,
  world: World,
  door: Door,
  addresses: readonly string[],
  linkOf: (payload: string) => string,
  signal: AbortSignal,
): Promise<Result<string, SayError>> {
  const key = membership.epoch();
  const authority = membership.holding.replica.community.authority();
  if (key === null || authority.genesis === null || membership.standing() !== "member") return err({ kind: "not-a-member" });
  const secret = world.bytes(32);
  const publics = inviteKeysFrom(secret);
  // A time from our own clock.
  const expires = (world.now() + INVITE_MS) as Millis;
  const { name, purpose } = authority.genesis.act;
  const said = await membership.speak(
    [
      {
        kind: "act",
        make: () => ({
          needs: [],
          act: { kind: "invite", door, key: publics.signPublic, exchange: publics.exchange.public, expires },
        }),
      },
      {
        kind: "keys",
        make: (place) => {
          const box = membership.sealBox(place, publics.exchange.public, key.secret);
          if (box === null) throw new Error("a key pair of our own shares a secret");
          return { commitment: key.commitment, boxes: box };
        },
      },
    ],
    signal,
  );
  if (!said.ok) return err(sayErrorOf(said.error));
  const id = said.value[0]?.id;
  if (id === undefined) throw new Error("two lines make two envelopes");
  const record = membership.record();
  const link = linkOf(
    membership.signLink({
      secret,
      tag: membership.tag,
      invite: id,
      card: { community: name, purpose, inviter: record.name, members: authority.members.size, expires },
      addresses: addresses.slice(0, MAX_ADDRESSES),
    }),
  );
  const kept = await membership.keepRecord({ ...record, invites: [...record.invites, { id, secret, link }].slice(-256) }, signal);
  return kept.ok ? ok(link) : err(sayErrorOf(kept.error));
}

/** Lets in whoever was heard of first by an invitation for one that was made here; null when nobody waits at it. */
export async function acceptJoin(
  membership: Membership,
  id: EnvelopeId,
  now: Millis,
  signal: AbortSignal,
): Promise<Result<EnvelopeId, SayError> | null> {
  const found = membership.holding.replica.community.authority().invites.get(id);
  const [first] = found?.waiting ?? [];
  if (found === undefined || first === undefined || found.closed || found.act.expires <= now) return null;
  return speakLines(membership, [lineOf({ kind: "accept-join", invite: id, join: first.id }, [first.id])], signal);
}

export async function closeInvite(membership: Membership, id: EnvelopeId, signal: AbortSignal): Promise<Result<void, SayError>> {
  const found = membership.holding.replica.community.authority().invites.get(id);
  if (found === undefined) return err({ kind: "not-found" });
  // Whoever has the link can make up more people than one closing names.
  const parts = Array.from({ length: Math.max(1, Math.ceil(found.joined.length / MAX_CLOSING_JOINS)) }, (_, at) =>
    found.joined.slice(at * MAX_CLOSING_JOINS, (at + 1) * MAX_CLOSING_JOINS),
  );
  const lines = parts.map((joins) => lineOf({ kind: "close-invite", invite: id, joins }, [id]));
  const said = await speakLines(membership, lines, signal);
  return said.ok ? ok(undefined) : said;
}

/** Writes all lines in one durable step, and answers the id of the last. */
export async function speakLines(
  membership: Membership,
  lines: readonly Line[],
  signal: AbortSignal,
): Promise<Result<EnvelopeId, SayError>> {
  if (membership.standing() !== "member") return err({ kind: "not-a-member" });
  const said = await membership.speak(lines, signal);
  if (!said.ok) return err(sayErrorOf(said.error));
  const id = said.value.at(-1)?.id;
  if (id === undefined) throw new Error("every line makes an envelope");
  return ok(id);
}

export const lineOf = (act: AidAct | AuthorityAct, needs: readonly EnvelopeId[]): Line => ({
  kind: "act",
  make: () => ({ act, needs }),
});

export function sayErrorOf(error: SpeakError): SayError {
  switch (error.kind) {
    case "no-key":
      return { kind: "not-a-member" };
    case "disk-full":
    case "storage-failed":
      return { kind: error.kind };
    case "stale-writer":
    case "too-large":
      return { kind: error.kind };
    default:
      return error satisfies never;
  }
}
