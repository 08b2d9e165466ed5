/** What people do on their screens, at random, and whether the house may answer as it did. */
import type { EnvelopeId, Result, Tag } from "../../protocol/index.ts";
import { readLink } from "../../src/peer/house.ts";
import type { CommunityView, Kith, NextStep, PostDraft } from "../../src/peer/kith.ts";
import { between, drawn, type Chance } from "./chance.ts";
import type { Device } from "./person.ts";

export interface Deed {
  readonly what: string;
  /** Ids that it wrote, when it was done. */
  readonly run: () => Promise<Result<readonly EnvelopeId[], { readonly kind: string }>>;
  /** Must be refused. */
  readonly isOutOfTurn: boolean;
}

const STEPS: readonly NextStep[] = ["accept", "decline", "withdraw", "fulfil", "acknowledge"];
const NOTES = ["", "With pleasure", "Tuesday after six", "Ü — ünïcode ☕"];

/** Null when this person can do nothing there now. `links` gets the invitations that were made. */
export function drawDeed(device: Device, tag: Tag, chance: Chance, links: string[], signal: AbortSignal): Deed | null {
  const kith = device.kith();
  const community = kith?.view().communities.find((one) => one.tag === tag);
  if (kith === null || community?.standing !== "member") return null;
  const luck = chance.next();
  const promises = community.posts.flatMap((post) => post.promises);
  if (community.posts.length === 0 || luck < 0.35) return aPost(kith, tag, chance, signal);
  if (luck < 0.55) return aPromise(kith, tag, community, chance, signal);
  if (luck < 0.92) return promises.length === 0 ? aPost(kith, tag, chance, signal) : aStep(kith, tag, community, chance, signal);
  if (luck < 0.97 || community.invites.length === 0) return anInvite(kith, tag, links, signal);
  const { id } = drawn(chance, community.invites);
  return {
    what: "close-invite",
    isOutOfTurn: false,
    run: async () => {
      const closed = await kith.closeInvite(tag, id, signal);
      return closed.ok ? { ok: true, value: [] } : closed;
    },
  };
}

export const draftOf = (chance: Chance): PostDraft => ({
  kind: chance.next() < 0.5 ? "offer" : "request",
  title: `Thing ${between(chance, 1, 1_000)}`,
  details: "x".repeat(chance.next() < 0.1 ? 1_500 : between(chance, 0, 80)),
  needs: [],
  form: null,
  when: drawn(chance, NOTES),
  where: "",
});

const aPost = (kith: Kith, tag: Tag, chance: Chance, signal: AbortSignal): Deed => {
  const draft = draftOf(chance);
  return { what: "post", isOutOfTurn: false, run: async () => single(await kith.post(tag, draft, signal)) };
};

function aPromise(kith: Kith, tag: Tag, { posts }: CommunityView, chance: Chance, signal: AbortSignal): Deed {
  const open = posts.filter(({ canPromise }) => canPromise);
  const post = drawn(chance, open.length > 0 && chance.next() < 0.9 ? open : posts);
  const note = drawn(chance, NOTES);
  return {
    what: "promise",
    isOutOfTurn: post.author.isMe,
    run: async () => single(await kith.promise(tag, post.id, note, signal)),
  };
}

function aStep(kith: Kith, tag: Tag, { posts }: CommunityView, chance: Chance, signal: AbortSignal): Deed {
  const all = posts.flatMap(({ promises }) => promises);
  const mine = all.filter(({ next }) => next.length > 0);
  const promise = drawn(chance, mine.length > 0 && chance.next() < 0.85 ? mine : all);
  const step = drawn(chance, promise.next.length > 0 && chance.next() < 0.85 ? promise.next : STEPS);
  const words = drawn(chance, NOTES);
  return {
    what: step,
    isOutOfTurn: !promise.next.includes(step),
    run: async () => single(await kith.step(tag, promise.id, step, words, signal)),
  };
}

const anInvite = (kith: Kith, tag: Tag, links: string[], signal: AbortSignal): Deed => ({
  what: "invite",
  isOutOfTurn: false,
  run: async () => {
    const made = await kith.invite(tag, signal);
    if (!made.ok) return made;
    links.push(made.value);
    const read = readLink(made.value);
    if (!read.ok) throw new Error(`a link that was just made cannot be read: ${read.error.kind}`);
    return { ok: true, value: [read.value.invitation.invite] };
  },
});

const single = <E>(result: Result<EnvelopeId, E>): Result<readonly EnvelopeId[], E> =>
  result.ok ? { ok: true, value: [result.value] } : result;
