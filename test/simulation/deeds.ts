/** What people do on their screens, at random, and whether the house may answer as it did. */
import type { EnvelopeId, Result, Tag } from "../../protocol/index.ts";
import { readLink } from "../../src/peer/house.ts";
import type { CommunityView, Kith, NextStep, PostDraft, PostView, StepDraft, WordsDraft } from "../../src/peer/kith.ts";
import { between, drawn, type Chance } from "./chance.ts";
import type { Device } from "./person.ts";

export interface Deed {
  readonly what: string;
  /** Ids that it wrote, when it was done. */
  readonly run: () => Promise<Result<readonly EnvelopeId[], { readonly kind: string }>>;
  /** Must be refused. */
  readonly isOutOfTurn: boolean;
}

const STEPS: readonly NextStep[] = ["accept", "decline", "withdraw", "fulfil", "acknowledge", "amend", "dispute"];
const NOTES = ["", "With pleasure", "Tuesday after six", "Ü — ünïcode ☕"];

/** Null when this person can do nothing there now. `links` gets the invitations that were made. */
export function drawDeed(device: Device, tag: Tag, chance: Chance, links: string[], signal: AbortSignal): Deed | null {
  const kith = device.kith();
  const community = kith?.view().communities.find((one) => one.tag === tag);
  if (kith === null || community?.standing !== "member") return null;
  const luck = chance.next();
  const promises = community.posts.flatMap((post) => post.promises);
  if (community.posts.length === 0 || luck < 0.35) return aPost(kith, tag, chance, signal);
  if (luck < 0.5) return aPromise(kith, tag, community, chance, signal);
  if (luck < 0.58) return aChange(kith, tag, community, chance, signal);
  if (luck < 0.66) return aResponse(kith, tag, community, chance, signal);
  if (luck < 0.72 && promises.some(({ proposals, disputes, parts }) => proposals.length + disputes.length + parts.length > 0))
    return aReply(kith, tag, community, chance, signal);
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
  quantity: chance.next() < 0.3 ? between(chance, 1, 9) : null,
  when: drawn(chance, NOTES),
  where: "",
  expires: null,
});

/** What is said to one person alone begins with BETWEEN, so that the checks find it wherever it leaked to. */
export const BETWEEN = "between us: ";
function wordsOf(chance: Chance): WordsDraft {
  const words = drawn(chance, NOTES);
  const isPrivate = chance.next() < 0.4;
  return { words: isPrivate ? `${BETWEEN}${words}` : words, readers: isPrivate ? "parties" : "all" };
}
const stepOf = (chance: Chance): StepDraft => ({
  ...wordsOf(chance),
  quantity: chance.next() < 0.5 ? between(chance, 1, 9) : null,
  due: null,
  isPart: chance.next() < 0.4,
});

/** A post is said anew, closed or opened again, by its author or by somebody who may not. */
function aChange(kith: Kith, tag: Tag, { posts }: CommunityView, chance: Chance, signal: AbortSignal): Deed {
  const mine = posts.filter(({ canChange }) => canChange);
  const post = drawn(chance, mine.length > 0 && chance.next() < 0.9 ? mine : posts);
  const draft = draftOf(chance);
  const what = drawn(chance, ["revise", "closePost", "reopenPost"] as const);
  return {
    what,
    isOutOfTurn: !post.canChange || (what === "reopenPost" && post.closed === null),
    run: async () =>
      single(
        what === "revise"
          ? await kith.revise(tag, post.id, draft, signal)
          : what === "closePost"
            ? await kith.closePost(tag, post.id, "met", "", signal)
            : await kith.reopenPost(tag, post.id, signal),
      ),
  };
}

function aResponse(kith: Kith, tag: Tag, { posts, members }: CommunityView, chance: Chance, signal: AbortSignal): Deed {
  const post = drawn(chance, posts);
  const to = post.author.isMe ? drawn(chance, members) : post.author;
  const words = `${BETWEEN}${between(chance, 1, 1_000)}`;
  return {
    what: "respond",
    isOutOfTurn: to.isMe,
    run: async () => single(await kith.respond(tag, post.id, to.id, words, signal)),
  };
}

/** An answer to an amendment, correction or dispute, or a correction. */
function aReply(kith: Kith, tag: Tag, { posts }: CommunityView, chance: Chance, signal: AbortSignal): Deed {
  const promises = posts.flatMap((post: PostView) => post.promises);
  const open = promises.flatMap((promise) => [
    ...promise.proposals.flatMap(({ id, answers }) => answers.map((kind) => ({ promise, id, kind }))),
    ...promise.disputes.flatMap(({ id, canSettle }) => (canSettle ? [{ promise, id, kind: "withdraw" as const }] : [])),
  ]);
  const words = wordsOf(chance);
  if (open.length > 0 && chance.next() < 0.7) {
    const { promise, id, kind } = drawn(chance, open);
    return {
      what: `answer by ${kind}`,
      isOutOfTurn: false,
      run: async () => single(await kith.answer(tag, promise.id, id, kind, words, signal)),
    };
  }
  const withParts = promises.filter(({ parts, proposals, disputes }) => parts.length + proposals.length + disputes.length > 0);
  const promise = drawn(chance, withParts);
  const part = promise.parts[0];
  if (part === undefined) return aPost(kith, tag, chance, signal);
  const isMine = promise.giver.isMe || promise.receiver.isMe;
  const quantity = between(chance, 0, 9);
  return {
    what: "correct",
    isOutOfTurn: !isMine,
    run: async () => single(await kith.correct(tag, promise.id, part.id, quantity, words, signal)),
  };
}

const aPost = (kith: Kith, tag: Tag, chance: Chance, signal: AbortSignal): Deed => {
  const draft = draftOf(chance);
  return { what: "post", isOutOfTurn: false, run: async () => single(await kith.post(tag, draft, signal)) };
};

function aPromise(kith: Kith, tag: Tag, { posts }: CommunityView, chance: Chance, signal: AbortSignal): Deed {
  const open = posts.filter(({ canPromise }) => canPromise);
  const post = drawn(chance, open.length > 0 && chance.next() < 0.9 ? open : posts);
  const draft = { ...stepOf(chance), due: null };
  return {
    what: "promise",
    isOutOfTurn: post.author.isMe || post.closed !== null,
    run: async () => single(await kith.promise(tag, post.id, draft, signal)),
  };
}

function aStep(kith: Kith, tag: Tag, { posts }: CommunityView, chance: Chance, signal: AbortSignal): Deed {
  const all = posts.flatMap(({ promises }) => promises);
  const mine = all.filter(({ next }) => next.length > 0);
  const promise = drawn(chance, mine.length > 0 && chance.next() < 0.85 ? mine : all);
  const step = drawn(chance, promise.next.length > 0 && chance.next() < 0.85 ? promise.next : STEPS);
  const draft = { ...stepOf(chance), ...(step === "amend" ? { quantity: between(chance, 1, 9) } : {}) };
  return {
    what: step,
    isOutOfTurn: !promise.next.includes(step),
    run: async () => single(await kith.step(tag, promise.id, step, draft, signal)),
  };
}

const anInvite = (kith: Kith, tag: Tag, links: string[], signal: AbortSignal): Deed => ({
  what: "invite",
  isOutOfTurn: false,
  run: async () => {
    const made = await kith.invite(tag, "open", signal);
    if (!made.ok) return made;
    links.push(made.value);
    const read = readLink(made.value);
    if (!read.ok) throw new Error(`a link that was just made cannot be read: ${read.error.kind}`);
    return { ok: true, value: [read.value.invitation.invite] };
  },
});

const single = <E>(result: Result<EnvelopeId, E>): Result<readonly EnvelopeId[], E> =>
  result.ok ? { ok: true, value: [result.value] } : result;
