/** What people write together: the charter, and what each says of themselves. */
import type { BlockKind } from "../../protocol/index.ts";

export const COMMUNITY = {
  name: "Old Mill Quarter",
  purpose: "Neighbours around the old mill who share what they have, ask early, and keep what they promise.",
} as const;

/** Who begins a page writes the first part; the others come in their order, each by another hand. */
export const CHARTER_PARTS: readonly (readonly { readonly put: BlockKind; readonly text: string }[])[] = [
  [
    { put: "heading", text: "How we live here" },
    {
      put: "paragraph",
      text: "We began with one borrowed ladder. We go on because it is easier to ask than to buy, and because nobody should carry a sofa alone.",
    },
    { put: "subheading", text: "What we hold to" },
    { put: "bullet", text: "We ask before we are desperate." },
    { put: "bullet", text: "We promise little and keep it." },
  ],
  [
    { put: "bullet", text: "A no is a good answer. Nobody needs to explain it." },
    { put: "bullet", text: "What is told on the bench stays on the bench." },
  ],
  [
    { put: "subheading", text: "Things that are lent" },
    { put: "number", text: "They come back clean, and a day earlier than promised." },
    { put: "number", text: "What breaks is said at once. It breaks for everybody." },
  ],
  [
    {
      put: "quote",
      text: "“Giving is easy. Let people give to you: that is the harder half.” (Edith, at the first long table)",
    },
  ],
  [
    { put: "subheading", text: "When we hurt each other" },
    { put: "paragraph", text: "First we talk, the two of us. Then with a third whom both trust. Only then with all." },
  ],
  [
    { put: "subheading", text: "Languages" },
    { put: "paragraph", text: "Everyone writes in the language they dream in. Someone will translate; ask." },
  ],
  [{ put: "paragraph", text: "The long table is on the last Saturday of the month, whatever the weather." }],
];

/** Added behind a block's text, later on. */
export const CHARTER_ADDITIONS = [
  " (Yes, also when it rains.)",
  " We said this again in May, and meant it.",
  " Children count as people here.",
  " If in doubt, knock.",
] as const;

export const LANGUAGES = {
  en: ["English", "English, a little French", "English, Polish", "English, some Spanish", "English and hand signs"],
  de: ["Deutsch, English", "Deutsch", "Deutsch, Türkçe, English"],
  es: ["Español, English", "Español, Català", "Español, un poco de alemán"],
  ar: ["العربية، English", "العربية، Français", "العربية"],
} as const;

export const SHARES = [
  "bread, and the time to knead it",
  "a van on Sundays",
  "thirty years of nursing",
  "bicycles, welding, patience",
  "an ear",
  "tools, nearly all of them",
  "stories about the railway",
  "Arabic and forms",
  "a garden that is too big for us",
  "songs with a low part",
  "sums and fractions",
  "early mornings",
] as const;

export const LEARNS = [
  "to swim",
  "to ask sooner",
  "how to prune",
  "Spanish, for my daughter-in-law",
  "three chords",
  "to sit still",
  "how the letters from the office are meant",
  "everything about bees",
  "to say no kindly",
] as const;

export const ABOUT = [
  "I moved here in spring and still get lost behind the station, which is how I met most of you.",
  "Four children, one bathroom, a good door that is mostly open.",
  "I was a train driver. Now I am driven, mostly by my grandchildren.",
  "I work nights. If the blind is down, ring twice and wait.",
  "I came with one suitcase and a recipe. Both are in use.",
  "My hands shake a little, so I tell and you pour.",
  "New to everything here, including the language. Please go on correcting me.",
  "I like people best when we carry something together.",
  "I have lived in the mill's shadow for fifty-one years and would not trade it.",
  "Most evenings I am in the workshop. The light means come in.",
] as const;

export const ABOUT_LATER = [
  "The knee is better. I can carry again!",
  "Resting until the end of the month; ask me in July.",
  "My sister has moved in, so there are now two of us to ask.",
] as const;
