/** What a person does on a screen, as acts: founding, inviting, asking, promising, and the steps of a promise. */
import {
  MAX_ADDRESSES,
  MAX_COMMUNITY_UNITS,
  MAX_DETAILS_UNITS,
  MAX_NAME_UNITS,
  MAX_PURPOSE_UNITS,
  MAX_TITLE_UNITS,
  MAX_WHEN_UNITS,
  MAX_WHERE_UNITS,
  MAX_WORDS_UNITS,
  RULES_VERSION,
  communityOf,
  encodeEvidence,
  err,
  inviteKeysFrom,
  nameToBytes,
  nextSteps,
  ok,
  tagOf,
  type AidAct,
  type Answer,
  type Commit,
  type EnvelopeId,
  type FeedId,
  type Genesis,
  type MemberRoot,
  type Millis,
  type Post,
  type Result,
  type Tag,
} from "../../protocol/index.ts";
import type { World } from "../platform/world.ts";
import type { FoundForm, NextStep, PostDraft, SayError } from "./kith.ts";
import type { Line, Membership, SpeakError } from "./membership.ts";
import type { CommunityRecord } from "./registry.ts";

/** An open link is good for a week (SECURITY 2.9). */
const INVITE_MS = 7 * 24 * 3_600_000;

type TextProblem = Extract<SayError, { kind: "invalid" }>;

/** Trimmed and composed, so that what looks the same is the same. */
function readText(field: string, raw: string, min: number, max: number): Result<string, TextProblem> {
  const text = raw.normalize("NFC").trim();
  if (text.length < min) return err({ kind: "invalid", field, problem: "empty" });
  if (text.length > max) return err({ kind: "invalid", field, problem: "too-long" });
  return /\p{Surrogate}/u.test(text) ? err({ kind: "invalid", field, problem: "unreadable" }) : ok(text);
}

/** All or the first problem. */
function readTexts<K extends string>(
  fields: Readonly<Record<K, readonly [raw: string, min: number, max: number]>>,
): Result<Readonly<Record<K, string>>, TextProblem> {
  const read: Partial<Record<K, string>> = {};
  // The keys of a record literal are its own K.
  for (const field of Object.keys(fields) as K[]) {
    const [raw, min, max] = fields[field];
    const result = readText(field, raw, min, max);
    if (!result.ok) return result;
    read[field] = result.value;
  }
  return ok(read as Record<K, string>); // every key was read just above
}

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
          act: { kind: "invite", door: "open", key: publics.signPublic, exchange: publics.exchange.public, expires },
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

export async function closeInvite(membership: Membership, id: EnvelopeId, signal: AbortSignal): Promise<Result<void, SayError>> {
  const found = membership.holding.replica.community.authority().invites.get(id);
  if (found === undefined) return err({ kind: "not-found" });
  const said = await speakOne(membership, { kind: "close-invite", invite: id, joins: found.joined }, [id], signal);
  return said.ok ? ok(undefined) : said;
}

export async function post(membership: Membership, draft: PostDraft, signal: AbortSignal): Promise<Result<EnvelopeId, SayError>> {
  const texts = readTexts({
    title: [draft.title, 1, MAX_TITLE_UNITS],
    details: [draft.details, 0, MAX_DETAILS_UNITS],
    when: [draft.when, 0, MAX_WHEN_UNITS],
    where: [draft.where, 0, MAX_WHERE_UNITS],
  });
  if (!texts.ok) return texts;
  const { title, details, when, where } = texts.value;
  const act: Post = {
    kind: draft.kind,
    title,
    ...(details === "" ? {} : { details }),
    ...(draft.needs.length === 0 ? {} : { needs: draft.needs }),
    ...(draft.form === null ? {} : { form: draft.form }),
    ...(when === "" ? {} : { when }),
    ...(where === "" ? {} : { where }),
  };
  return speakOne(membership, act, [], signal);
}

export async function promise(
  membership: Membership,
  on: EnvelopeId,
  note: string,
  signal: AbortSignal,
): Promise<Result<EnvelopeId, SayError>> {
  const words = readText("note", note, 0, MAX_WORDS_UNITS);
  if (!words.ok) return words;
  const found = membership.holding.replica.community.post(on);
  if (found === null) return err({ kind: "not-found" });
  const me = membership.root.id;
  if (found.post.by === me) return err({ kind: "out-of-turn" });
  const [giver, receiver] = found.post.act.kind === "request" ? [me, found.post.by] : [found.post.by, me];
  const act: Commit = { kind: "commit", on, giver, receiver, ...(words.value === "" ? {} : { words: words.value }) };
  return speakOne(membership, act, [], signal);
}

export async function step(
  membership: Membership,
  commit: EnvelopeId,
  kind: NextStep,
  said: string,
  signal: AbortSignal,
): Promise<Result<EnvelopeId, SayError>> {
  const read = readText("words", said, 0, MAX_WORDS_UNITS);
  if (!read.ok) return read;
  const found = membership.holding.replica.community.promise(commit);
  if (found === null) return err({ kind: "not-found" });
  const next = nextSteps(commit, found.parties, found.life, membership.root.id).find((one) => one.kind === kind);
  if (next === undefined) return err({ kind: "out-of-turn" });
  const words = read.value === "" ? {} : { words: read.value };
  const answer = await answerOf(membership, kind, next.parent, words, signal);
  return answer === null ? err({ kind: "not-found" }) : speakOne(membership, answer, [], signal);
}

/** `accept` and `acknowledge` carry what they take up in its original bytes (acts/aid.ts X4). */
async function answerOf(
  membership: Membership,
  kind: NextStep,
  parent: EnvelopeId,
  words: { readonly words?: string },
  signal: AbortSignal,
): Promise<Answer | null> {
  if (kind !== "accept" && kind !== "acknowledge") return { kind, parent, ...words };
  const place = placeOf(membership, parent);
  if (place === null) return null;
  const chunk = await membership.holding.chunkAt(place.feed, place.seq, signal);
  const birth = membership.holding.replica.feed(place.feed)?.birth;
  if (chunk === null || birth === undefined) return null;
  return { kind, parent, evidence: encodeEvidence(birth.deviceKey, birth.random, chunk), ...words };
}

function placeOf(membership: Membership, id: EnvelopeId): { readonly feed: FeedId; readonly seq: number } | null {
  for (const { id: feed, ids } of membership.holding.replica.feeds()) {
    const seq = ids.indexOf(id);
    if (seq >= 0) return { feed, seq };
  }
  return null;
}

async function speakOne(
  membership: Membership,
  act: AidAct | Parameters<typeof lineOf>[0],
  needs: readonly EnvelopeId[],
  signal: AbortSignal,
): Promise<Result<EnvelopeId, SayError>> {
  if (membership.standing() !== "member") return err({ kind: "not-a-member" });
  const said = await membership.speak([lineOf(act, needs)], signal);
  if (!said.ok) return err(sayErrorOf(said.error));
  const id = said.value[0]?.id;
  if (id === undefined) throw new Error("one line makes one envelope");
  return ok(id);
}

const lineOf = (act: ReturnType<Extract<Line, { kind: "act" }>["make"]>["act"], needs: readonly EnvelopeId[]): Line => ({
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
      return { kind: "stale-writer" };
    default:
      return error satisfies never;
  }
}
