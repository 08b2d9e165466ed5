/** A Kith without protocol, disk or network, to look at the screens: it shows a scenario, and plays along. */
import { CHARTER, profileOf, type Millis, type PromiseState, type Tag } from "../../protocol/index.ts";
import type { CommunityView, Kith, KithView, NextStep, PromiseView } from "../../src/peer/kith.ts";
import { fixtureDocument, type Sketch } from "./fixture-document.ts";
import { charters, profileWritten } from "./shelf.ts";
import { ana, hereOnly, hex, HOUR, invite, longLink, mill, NOW, posted, promised, say } from "./street.ts";

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
  };

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
    invite: (tag) => {
      change(tag, (each) => ({ ...each, invites: [{ ...invite("open", ana, 0, longLink), at: NOW }, ...each.invites] }));
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
    promise: (tag, which, note) => {
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
              promised({ giver, receiver, state: "proposed", steps: [say("commit", ana, 0, note, hereOnly)] }),
            ],
          };
        }),
      }));
      return good(which);
    },
    step: (tag, which, kind, words) => {
      if (words.includes("late")) return refused("out-of-turn");
      const turn = (promise: PromiseView) =>
        promise.id === which
          ? promised(
              { ...promise, state: after[kind], steps: [...promise.steps, say(kind, ana, 0, words, hereOnly)] },
              promise.id,
            )
          : promise;
      change(tag, (each) => ({ ...each, posts: each.posts.map((post) => ({ ...post, promises: post.promises.map(turn) })) }));
      return good(which);
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
