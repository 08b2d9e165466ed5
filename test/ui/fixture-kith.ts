/** A Kith without protocol, disk or network, to look at the screens: it shows a scenario, and plays along. */
import { CHARTER, profileOf, type EnvelopeId, type Millis, type PromiseState, type Tag } from "../../protocol/index.ts";
import type { CommunityView, Kith, KithView, NextStep, PostView, PromiseView, WordsDraft } from "../../src/peer/kith.ts";
import { fixtureDocument, type Sketch } from "./fixture-document.ts";
import { charters, profileWritten } from "./shelf.ts";
import { ana, ben, hereOnly, hex, HOUR, id, invite, longLink, mill, NOW, posted, promised, say } from "./street.ts";

/** Answers at once, durable nowhere. A name with "full" in it is refused, to see refusals. `charter`: which of shelf.ts. */
export function fixtureKith(start: KithView, charter = "written"): Kith {
  let view = start;
  const listeners = new Set<() => void>();
  const show = (next: KithView) => {
    view = next;
    for (const changed of listeners) changed();
  };
  const change = (tag: Tag, turn: (community: CommunityView) => CommunityView) =>
    show({ ...view, communities: view.communities.map((each) => (each.tag === tag ? turn(each) : each)) });
  const good = <T>(value: T) => Promise.resolve({ ok: true, value } as const);
  const refused = <K extends string>(kind: K) => Promise.resolve({ ok: false, error: { kind } } as const);
  const enter = (name: string, myName: string, standing: "member" | "porch", purpose = "") => {
    const tag = hex(name) as Tag;
    const me = { ...ana, name: myName };
    const fresh: CommunityView = {
      ...mill,
      tag,
      name,
      purpose,
      standing,
      me,
      members: standing === "porch" ? [] : [me],
      posts: [],
      invites: [],
      copies: hereOnly,
    };
    show({ ...view, communities: [...view.communities, fresh] });
    return good(tag);
  };
  const after: Readonly<Record<NextStep, PromiseState>> = {
    accept: "agreed",
    decline: "declined",
    withdraw: "withdrawn",
    fulfil: "done",
    acknowledge: "kept",
    amend: "agreed",
    dispute: "done",
  };
  const changePost = (tag: Tag, which: EnvelopeId, turn: (post: PostView) => PostView) => {
    change(tag, (each) => ({ ...each, posts: each.posts.map((post) => (post.id === which ? turn(post) : post)) }));
    return good(which);
  };
  const changePromise = (tag: Tag, which: EnvelopeId, turn: (promise: PromiseView) => PromiseView) => {
    const turned = (each: PromiseView) => (each.id === which ? turn(each) : each);
    change(tag, (each) => ({ ...each, posts: each.posts.map((post) => ({ ...post, promises: post.promises.map(turned) })) }));
    return good(which);
  };
  const saidBy = ({ words, readers }: WordsDraft) =>
    readers === "all" ? { words } : { words: "", aside: words || null, hasAside: words !== "" };

  return {
    view: () => view,
    subscribe: (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    found: (form) =>
      form.community.includes("full") ? refused("disk-full") : enter(form.community, form.myName, "member", form.purpose),
    readLink: (link) =>
      link.includes("forged")
        ? { ok: false, error: { kind: "forged-card" } }
        : {
            ok: true,
            value: {
              tag: hex("river") as Tag,
              community: "Riverside",
              purpose: "Tools, rides and company along the river.",
              inviter: "Ibrahim",
              members: 14,
              expires: (NOW + (link.includes("old") ? -50 : 200) * HOUR) as Millis,
              alreadyMember: link.includes("already"),
            },
          },
    join: (_link, myName) => enter("Riverside", myName, "porch", "Tools, rides and company along the river."),
    invite: (tag, door) => {
      change(tag, (each) => ({ ...each, invites: [{ ...invite("open", ana, 0, longLink, door), at: NOW }, ...each.invites] }));
      return good(longLink);
    },
    closeInvite: (tag, which) => {
      change(tag, (each) => ({
        ...each,
        invites: each.invites.map((one) => (one.id === which ? { ...one, state: "closed" } : one)),
      }));
      return good(undefined);
    },
    post: (tag, form) => {
      if (form.title.includes("full")) return refused("disk-full");
      const fresh = posted({ ...form, author: ana, copies: hereOnly, canPromise: false }, 0);
      change(tag, (each) => ({ ...each, posts: [fresh, ...each.posts] }));
      return good(fresh.id);
    },
    revise: (tag, which, form) => changePost(tag, which, (post) => ({ ...post, ...form, revisedAt: NOW, isSplit: false })),
    closePost: (tag, which, why, words) => changePost(tag, which, (post) => ({ ...post, closed: { why, words, at: NOW } })),
    reopenPost: (tag, which) => changePost(tag, which, (post) => ({ ...post, closed: null })),
    respond: (tag, which, to, words) => {
      if (words.includes("nobody")) return refused("nobody-to-read");
      const person = mill.members.find((member) => member.id === to) ?? ben;
      const message = { id: id("message"), by: ana, at: NOW, words, copies: hereOnly };
      return changePost(tag, which, (post) => {
        const known = post.talks.find((talk) => talk.with.id === to) ?? { with: person, messages: [] };
        const talk = { ...known, messages: [...known.messages, message] };
        return { ...post, talks: [...post.talks.filter((each) => each.with.id !== to), talk] };
      });
    },
    promise: (tag, which, draft) => {
      change(tag, (each) => ({
        ...each,
        posts: each.posts.map((post) => {
          if (post.id !== which) return post;
          const [giver, receiver] = post.kind === "request" ? [ana, post.author] : [post.author, ana];
          return {
            ...post,
            canPromise: false,
            promises: [
              ...post.promises,
              promised({
                giver,
                receiver,
                state: "proposed",
                quantity: draft.quantity,
                due: draft.due,
                steps: [say("commit", ana, 0, "", hereOnly, { ...draft, ...saidBy(draft) })],
              }),
            ],
          };
        }),
      }));
      return good(which);
    },
    step: (tag, which, kind, draft) => {
      if (draft.words.includes("late")) return refused("out-of-turn");
      const { quantity, due, isPart } = draft;
      const said = say(kind, ana, 0, "", hereOnly, { quantity, due, isPart, ...saidBy(draft) });
      return changePromise(tag, which, (promise) => {
        const state = kind === "dispute" ? promise.state : isPart ? "underway" : after[kind];
        const next = promised({ ...promise, state, steps: [...promise.steps, said] }, promise.id);
        const part = { id: said.id, quantity, isLast: !isPart, isAcknowledged: false, canCorrect: true };
        if (kind === "fulfil") return { ...next, parts: [...next.parts, part] };
        if (kind === "dispute") return { ...next, disputes: [...next.disputes, { ...said, canSettle: true }] };
        if (kind !== "amend") return next;
        return { ...next, proposals: [...next.proposals, { ...said, place: "amendment", part: null, answers: ["withdraw"] }] };
      });
    },
    answer: (tag, which, to, kind, draft) =>
      changePromise(tag, which, (promise) => ({
        ...promise,
        proposals: promise.proposals.filter((each) => each.id !== to),
        disputes: promise.disputes.filter((each) => each.id !== to),
        steps: [...promise.steps, say(kind, ana, 0, "", hereOnly, saidBy(draft))],
      })),
    correct: (tag, which, corrected, quantity, draft) => {
      const said = say("amend", ana, 0, "", hereOnly, { quantity, place: "correction", ...saidBy(draft) });
      return changePromise(tag, which, (promise) => {
        const part = promise.parts.find(({ id }) => id === corrected) ?? null;
        return {
          ...promise,
          steps: [...promise.steps, said],
          proposals: [...promise.proposals, { ...said, place: "correction", part, answers: ["withdraw"] }],
        };
      });
    },
    openDocument: (_tag, name) => {
      if (name === CHARTER) return fixtureDocument(name, charters[charter] ?? {});
      const readOnly: Sketch["state"] = name === profileOf(ana.id) ? {} : { mayWrite: [] };
      return fixtureDocument(name, {
        ...(name === profileOf(ana.id) && charter !== "written" ? {} : profileWritten),
        state: readOnly,
      });
    },
    copyDocument: () => Promise.resolve(null),
    settle: () => Promise.resolve(),
    offerLine: () => good("AQDa1b2c3"),
    answerLine: () => refused("unreadable-line"),
    finishLine: () => refused("unreadable-line"),
    connect: (address) => (address.startsWith("/") ? refused("unreachable") : refused("unreadable-address")),
    close: () => Promise.resolve(),
  };
}
