/** Asks and offers further on: amounts, several helpers, parts, changes, disputes, talk, closed ones. As in street.ts, written down. */
import type { Millis } from "../../protocol/index.ts";
import type { KithView, MessageView, PartView, PersonView, PostView, PromiseView } from "../../src/peer/kith.ts";
import { ana, before, ben, calm, chi, dalia, eef, HOUR, hereOnly, id, mill, NOW, posted, promised, say } from "./street.ts";

const after = (hours: number) => (NOW + hours * HOUR) as Millis;
const aside = (words: string | null) => ({ aside: words, hasAside: true });
const part = (quantity: number | null, isLast: boolean, isAcknowledged: boolean, canCorrect = true): PartView => ({
  id: id("part"),
  quantity,
  isLast,
  isAcknowledged,
  canCorrect,
});
const message = (by: PersonView, hours: number, words: string): MessageView => ({
  id: id("message"),
  by,
  at: before(hours),
  words,
  copies: by.isMe ? hereOnly : mill.copies,
});
const between = (giver: PersonView, receiver: PersonView, more: Partial<PromiseView> & Pick<PromiseView, "state" | "steps">) =>
  promised({ giver, receiver, ...more });
const agreedOn = (giver: PersonView, receiver: PersonView, quantity: number, note: string | null, due: Millis | null = null) => [
  say("commit", giver, 30, "", undefined, { quantity, due, ...(note === "" ? {} : aside(note)) }),
  say("accept", receiver, 28),
];

const garden = { title: "Three hours in the garden before the frost", form: "hours", quantity: 3 } as const;

export const exchanges: Readonly<Record<string, PostView>> = {
  /** Two helpers; one proposes another day, one has done a part. */
  helpers: posted(
    {
      ...garden,
      kind: "request",
      author: ana,
      details: "Digging up the dahlias, and the leaves.",
      when: "This week",
      expires: after(200),
      remaining: 0,
      revisedAt: before(20),
      promises: [
        between(ben, ana, {
          state: "agreed",
          quantity: 2,
          due: after(40),
          pinned: {
            ...garden,
            title: "Three hours in the garden",
            details: "",
            needs: [],
            when: "This week",
            where: "",
            expires: null,
          },
          steps: agreedOn(ben, ana, 2, "I can bring my own spade. My back only does two hours.", after(40)),
          proposals: [
            {
              id: id("proposal"),
              place: "amendment",
              part: null,
              by: ben,
              at: before(1),
              words: "",
              ...aside("My shift was moved. Would Saturday do?"),
              quantity: null,
              due: after(64),
              answers: ["accept", "decline"],
            },
          ],
        }),
        between(chi, ana, {
          state: "underway",
          quantity: 1,
          steps: [
            ...agreedOn(chi, ana, 1, ""),
            say("fulfil", chi, 3, "The leaves are done.", undefined, { quantity: 1, isPart: true }),
          ],
          parts: [part(1, false, false)],
        }),
      ],
      talks: [
        {
          with: ben,
          messages: [
            message(ben, 26, "Where do I find you?"),
            message(ana, 25, "Lindenweg 4, the green door.\nRing twice: 0170 555 0101"),
          ],
        },
        { with: dalia, messages: [message(dalia, 4, "هل تحتاجين إلى أدوات؟")] },
      ],
    },
    40,
  ),
  /** Nothing promised yet; an amount that can be shared. */
  shared: posted(
    {
      kind: "request",
      author: ben,
      title: "Chairs for the street dinner",
      form: "loan",
      quantity: 12,
      remaining: 8,
      when: "Saturday evening",
      where: "Mill Bridge",
      expires: after(70),
      promises: [
        between(eef, ben, {
          state: "agreed",
          quantity: 4,
          steps: agreedOn(eef, ben, 4, null),
        }),
      ],
    },
    12,
  ),
  enough: posted({ ...garden, kind: "request", author: dalia, title: "Painting the fence", remaining: 0 }, 60),
  /** One's own help, half done and late. */
  late: posted(
    {
      ...garden,
      kind: "request",
      author: dalia,
      title: "Help with the papers from the office",
      remaining: 0,
      canPromise: false,
      promises: [
        between(ana, dalia, {
          state: "underway",
          time: "ask",
          quantity: 3,
          due: before(30),
          steps: [
            ...agreedOn(ana, dalia, 3, "Better at yours, I do not hear well on the phone.", before(30)),
            say("fulfil", ana, 50, "", undefined, { quantity: 1, isPart: true }),
            say("acknowledge", dalia, 49, "شكرا جزيلا"),
          ],
          parts: [part(1, false, true)],
        }),
      ],
      talks: [{ with: dalia, messages: [message(ana, 52, "Tomorrow at four?"), message(dalia, 51, "نعم، بكل سرور")] }],
    },
    90,
  ),
  silent: posted(
    {
      kind: "request",
      author: ana,
      title: "A bicycle pump for a day",
      promises: [between(ben, ana, { state: "agreed", time: "silent", due: before(24 * 9), steps: agreedOn(ben, ana, 1, "") })],
    },
    400,
  ),
  unconfirmed: posted(
    {
      kind: "offer",
      author: ana,
      title: "I can read letters aloud",
      promises: [
        between(ana, eef, {
          state: "done",
          time: "unconfirmed",
          quantity: 2,
          steps: [
            say("commit", eef, 500, "", undefined, { quantity: 2 }),
            say("accept", ana, 499),
            say("fulfil", ana, 400, "", undefined, { quantity: 2 }),
          ],
          parts: [part(2, true, false)],
        }),
      ],
    },
    600,
  ),
  /** Seen differently, and corrected. */
  dispute: posted(
    {
      ...garden,
      kind: "request",
      author: ana,
      title: "Two hours of carrying boxes",
      quantity: 2,
      remaining: 0,
      promises: [
        between(ben, ana, {
          state: "kept",
          quantity: 2,
          steps: [
            ...agreedOn(ben, ana, 2, ""),
            say("fulfil", ben, 20, "", undefined, { quantity: 2 }),
            say("acknowledge", ana, 18, "", undefined, aside("You saved my week.")),
          ],
          parts: [part(2, true, true, false)],
          proposals: [
            {
              id: id("proposal"),
              place: "correction",
              part: { quantity: 2 },
              by: ana,
              at: before(2),
              words: "It was rather one, I looked it up.",
              aside: null,
              hasAside: false,
              quantity: 1,
              due: null,
              answers: ["withdraw"],
            },
          ],
          disputes: [
            {
              id: id("dispute"),
              by: ana,
              at: before(3),
              canSettle: true,
              words: "",
              ...aside("We had said the cellar too, and it was left. I would like to talk about it before the next time."),
            },
            { id: id("dispute"), by: ben, at: before(1), canSettle: false, words: "", ...aside("I understood only the flat.") },
          ],
        }),
      ],
    },
    60,
  ),
  /** Of others: the public half alone. */
  public: posted(
    {
      ...garden,
      kind: "request",
      author: ben,
      title: "Repairing the shed roof",
      remaining: 0,
      canPromise: false,
      promises: [
        between(chi, ben, {
          state: "agreed",
          time: "late",
          quantity: 3,
          due: before(3),
          steps: agreedOn(chi, ben, 3, null, before(3)),
          disputes: [{ id: id("dispute"), by: ben, at: before(2), canSettle: false, words: "", ...aside(null) }],
        }),
      ],
    },
    80,
  ),
  closed: posted(
    {
      kind: "offer",
      author: ana,
      title: "Apples, as many as you can carry",
      closed: { why: "met", words: "All gone, thank you for coming.", at: before(5) },
    },
    200,
  ),
  expired: posted(
    {
      kind: "request",
      author: eef,
      title: "A seat in a car to the sea",
      expires: before(20),
      isExpired: true,
      canPromise: false,
    },
    100,
  ),
  split: posted({ kind: "offer", author: ana, title: "German lessons on Mondays", isSplit: true, revisedAt: before(2) }, 50),
  /** More was said than fits on a page. */
  talk: posted(
    {
      kind: "request",
      author: eef,
      title: "Someone to talk Dutch with",
      talks: [
        {
          with: eef,
          messages: Array.from({ length: 26 }, (_, index) =>
            message(index % 2 === 0 ? ana : eef, 60 - index, index % 2 === 0 ? "Hoe gaat het vandaag?" : "Goed, en met jou?"),
          ),
        },
      ],
    },
    61,
  ),
};

export const exchange: KithView = { ...calm, communities: [{ ...mill, posts: Object.values(exchanges) }] };
