/** One street and its people, in every state a screen must be able to show. No protocol: the states are written down. */
import type { EnvelopeId, FeedId, MemberId, Millis, Place, Tag } from "../../protocol/index.ts";
import type {
  CommunityView,
  Copies,
  InviteView,
  KithView,
  NeighbourView,
  NextStep,
  PersonView,
  PostView,
  PromiseView,
  StepView,
} from "../../src/peer/kith.ts";

/** Every scenario is seen at this moment. */
export const NOW = Date.UTC(2026, 4, 14, 17, 30) as Millis;
export const HOUR = 3_600_000;
export const before = (hours: number) => (NOW - hours * HOUR) as Millis;

const twice: Copies = { savedHere: true, neighbours: 2, hearths: 0 };
export const hereOnly: Copies = { savedHere: true, neighbours: 0, hearths: 0 };

let counter = 0;
// Ids here only have to differ from each other.
export const hex = (name: string) =>
  [...`${name}${(counter += 1)}`]
    .map((char) => char.charCodeAt(0).toString(16))
    .join("")
    .padEnd(64, "7");
export const id = (name: string) => hex(name) as EnvelopeId;

const person = (name: string, fingerprint: string, isMe = false): PersonView => ({
  id: hex(name) as MemberId,
  name,
  isMe,
  fingerprint,
});
export const ana = person("Ana", "7F3A 91C2", true);
export const ben = person("Ben", "0B1D 44E7");
export const chi = person("Chí Nguyễn", "A9C0 13FE");
export const dalia = person("داليا", "55D2 08B1");
export const eef = person("Eefje van den Heuvel-Oosterhoff", "E120 77AC");
const ravi = person("रवि", "31BE F00D");

const places: Readonly<Record<StepView["kind"], Place>> = {
  commit: "commit",
  accept: "agreement",
  decline: "refusal",
  withdraw: "called-off",
  fulfil: "fulfilment",
  acknowledge: "receipt",
  amend: "amendment",
  dispute: "dispute",
};
export const say = (
  kind: StepView["kind"],
  by: PersonView,
  hours: number,
  words = "",
  copies = twice,
  more: Partial<StepView> = {},
): StepView => ({
  id: id(kind),
  kind,
  place: places[kind],
  by,
  at: before(hours),
  words,
  aside: null,
  hasAside: false,
  quantity: null,
  due: null,
  isPart: false,
  copies,
  ...more,
});

type PromiseSketch = Pick<PromiseView, "giver" | "receiver" | "state" | "steps"> & Partial<PromiseView>;
const LATER = ["amend", "withdraw", "dispute"] as const;

/** Whose turn it is and what they may say, told again in small so that the fixture plays along. */
export function promised(sketch: PromiseSketch, name = id("promise")): PromiseView {
  const { giver, receiver, state, steps } = sketch;
  const isOurs = giver.isMe || receiver.isMe;
  const promiser = steps[0]?.by ?? giver;
  const asked = promiser === giver ? receiver : giver;
  const isUnthanked = state === "done" || (state === "underway" && (sketch.parts ?? []).some((part) => !part.isAcknowledged));
  const goesOn = state === "agreed" || state === "underway";
  const turn = state === "proposed" ? asked : isUnthanked ? receiver : goesOn ? giver : null;
  const next: NextStep[] = [];
  if (state === "proposed")
    next.push(...(asked.isMe ? (["accept", "decline"] as const) : promiser.isMe ? (["withdraw"] as const) : []));
  if (isUnthanked && receiver.isMe) next.push("acknowledge");
  if (goesOn) next.push(...(giver.isMe ? (["fulfil"] as const) : []), ...(isOurs ? LATER : []));
  if (isOurs && (state === "done" || state === "kept" || state === "withdrawn")) next.push("dispute");
  return {
    time: "in-time",
    quantity: null,
    due: null,
    parts: [],
    proposals: [],
    disputes: [],
    pinned: null,
    ...sketch,
    id: name,
    next,
    waitingFor: turn === null || turn.isMe ? null : turn,
  };
}

type PostSketch = Pick<PostView, "kind" | "author" | "title"> & Partial<PostView>;
export const posted = (sketch: PostSketch, hours: number): PostView => ({
  id: id("post"),
  at: before(hours),
  details: "",
  needs: [],
  form: null,
  when: "",
  where: "",
  promises: [],
  canPromise: !sketch.author.isMe,
  canRespond: !sketch.author.isMe,
  canChange: sketch.author.isMe,
  quantity: null,
  expires: null,
  revisedAt: null,
  isSplit: false,
  closed: null,
  isExpired: false,
  remaining: sketch.quantity ?? null,
  talks: [],
  copies: twice,
  ...sketch,
});

export const posts: Readonly<Record<string, PostView>> = {
  proposed: posted(
    {
      kind: "request",
      author: ana,
      title: "A lift to the clinic on Thursday",
      when: "This week",
      where: "Mill Bridge",
      form: "hours",
      needs: ["subsistence", "protection"],
      details: "The appointment is at 10. Twenty minutes each way.\nThere is room for a folding wheelchair in most cars.",
      promises: [
        promised({
          giver: ben,
          receiver: ana,
          state: "proposed",
          steps: [say("commit", ben, 2, "I have the car that day. Shall I come at half past nine?")],
        }),
        promised({ giver: chi, receiver: ana, state: "proposed", steps: [say("commit", chi, 1)] }),
      ],
    },
    5,
  ),
  agreed: posted(
    {
      kind: "offer",
      author: ana,
      title: "I can mend clothes",
      when: "Sundays",
      form: "hours",
      needs: ["creation"],
      promises: [
        promised({
          giver: ana,
          receiver: dalia,
          state: "agreed",
          steps: [say("commit", dalia, 30, "معطف أخي"), say("accept", ana, 28, "", hereOnly)],
        }),
      ],
    },
    40,
  ),
  done: posted(
    {
      kind: "request",
      author: ana,
      title: "Someone to sit with me on Friday evening",
      when: "This week",
      form: "presence",
      needs: ["affection", "transcendence"],
      promises: [
        promised({
          giver: eef,
          receiver: ana,
          state: "done",
          steps: [say("commit", eef, 80), say("accept", ana, 76), say("fulfil", eef, 3, "It was a good evening.")],
        }),
      ],
    },
    90,
  ),
  open: posted(
    {
      kind: "request",
      author: ben,
      title: "Two hands to carry a wardrobe up one floor",
      when: "This month",
      where: "Behind the school",
      needs: ["participation"],
      form: "hours",
    },
    9,
  ),
  offer: posted(
    {
      kind: "offer",
      author: eef,
      title: "My long ladder, for as long as you need it",
      form: "loan",
      where: "Canal side",
      when: "Any time",
    },
    26,
  ),
  mine: posted({ kind: "request", author: ana, title: "Seeds for the front garden", when: "This month", copies: hereOnly }, 0),
  kept: posted(
    {
      kind: "offer",
      author: chi,
      title: "Vietnamese cooking, an evening for six",
      needs: ["understanding", "identity"],
      canPromise: false,
      promises: [
        promised({
          giver: chi,
          receiver: ben,
          state: "kept",
          steps: [
            say("commit", ben, 300),
            say("accept", chi, 299),
            say("fulfil", chi, 200),
            say("acknowledge", ben, 198, "Thank you, we still talk about the soup."),
          ],
        }),
      ],
    },
    400,
  ),
  withdrawn: posted(
    {
      kind: "request",
      author: ravi,
      title: "بحاجة إلى مترجم",
      when: "غدًا",
      promises: [
        promised({
          giver: ana,
          receiver: ravi,
          state: "withdrawn",
          steps: [say("commit", ana, 60), say("accept", ravi, 58), say("withdraw", ana, 50, "My shift was moved. I am sorry.")],
        }),
      ],
    },
    70,
  ),
};

export const invite = (
  state: InviteView["state"],
  by: PersonView,
  joined: number,
  link: string | null,
  door: InviteView["door"] = "open",
): InviteView => ({
  id: id("invite"),
  door,
  by,
  at: before(48),
  expires: (NOW + (state === "expired" ? -24 : 24 * 12) * HOUR) as Millis,
  joined,
  state,
  link,
});
export const longLink = `https://kith.example/app/#/join/${"k7Qf_2xWb9LmPzR4-tVh".repeat(36)}`;

const PRINT = "7f3a 91c2 0b1d 44e7 a9c0 13fe 55d2 08b1 e120 77ac 31be f00d 9d41 6c2e b837 25aa";

export const mill: CommunityView = {
  tag: hex("mill") as Tag,
  id: null,
  name: "Mill Street",
  purpose: "We look after each other, and the street after us.",
  standing: "member",
  inviter: "",
  me: ana,
  members: [ana, ben, chi, dalia, eef, ravi],
  posts: ["mine", "proposed", "open", "offer", "agreed", "withdrawn", "done", "kept"].flatMap((name) => posts[name] ?? []),
  invites: [
    invite("open", ana, 3, longLink),
    invite("open", ben, 0, null),
    { ...invite("used", ana, 1, null, "single"), id: id("invite used") },
    invite("expired", ana, 1, null),
    invite("closed", eef, 2, null),
  ],
  documents: [],
  fingerprint: PRINT,
  held: 412,
  waiting: 0,
  copies: twice,
  forkedFeeds: [],
};
const circle: CommunityView = {
  ...mill,
  tag: hex("circle") as Tag,
  name: "Thursday Circle",
  purpose: "Sitting together, listening.",
  posts: [],
  invites: [],
  members: [ana, ben],
  held: 9,
};

const neighbours: readonly NeighbourView[] = [
  {
    peer: "12D3KooWQx8zP1vYb6mXn2Lr7d",
    path: "browser-direct",
    role: "member",
    person: ben,
    since: before(0.4),
    equalAt: before(0.02),
  },
  {
    peer: "12D3KooWL9s0JtFf3HyVw5Kc1e",
    path: "hearth-webrtc",
    role: "hearth",
    person: null,
    since: before(3),
    equalAt: before(0.1),
  },
  {
    peer: "12D3KooWA2b3C4d5E6f7G8h9Ja",
    path: "through-relay",
    role: "unknown",
    person: null,
    since: before(0.01),
    equalAt: null,
  },
];

export const calm: KithView = {
  seat: "pen",
  communities: [mill, circle],
  network: { state: "on", reason: null, neighbours, lastHeard: before(0.02) },
  storage: { state: "ok", usedBytes: 4_300_000, quotaBytes: 2_100_000_000, persistent: true },
};
const alone: KithView["network"] = { state: "on", reason: null, neighbours: [], lastHeard: null };
const withMill = (change: Partial<CommunityView>): KithView => ({ ...calm, communities: [{ ...mill, ...change }] });

export const scenarios: Readonly<Record<string, KithView>> = {
  calm,
  none: { ...calm, communities: [], network: alone },
  empty: { ...withMill({ posts: [], invites: [], members: [ana], copies: hereOnly }), network: alone },
  hereOnly: { ...withMill({ copies: hereOnly }), network: alone },
  porch: {
    ...withMill({
      standing: "porch",
      posts: [],
      members: [],
      invites: [],
      fingerprint: null,
      held: 1,
      copies: hereOnly,
      me: null,
    }),
    network: alone,
  },
  waiting: { ...withMill({ standing: "waiting", inviter: "Ibrahim", posts: [], me: null }), network: alone },
  tooLate: { ...withMill({ standing: "too-late", inviter: "Ibrahim", posts: [], me: null }), network: alone },
  arriving: withMill({ standing: "arriving", posts: [], fingerprint: null, held: 210, waiting: 14 }),
  window: { ...calm, seat: "window", network: { state: "off", reason: "window-tab", neighbours: [], lastHeard: null } },
  full: { ...calm, storage: { state: "full", usedBytes: 80_000_000, quotaBytes: 100_000_000, persistent: false } },
  storageFailed: { ...calm, storage: { state: "failed", usedBytes: null, quotaBytes: null, persistent: null } },
  networkFailed: { ...calm, network: { state: "failed", reason: "start-failed", neighbours: [], lastHeard: before(30) } },
  forked: withMill({ forkedFeeds: [hex("feed") as FeedId], fingerprint: null, waiting: 3 }),
};
