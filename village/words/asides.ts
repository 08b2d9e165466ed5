/** What two villagers say between them, and with the turns that an exchange takes on its way. Nobody else reads the former. */
export const ASKING = [
  "Where do I find you? I only know the street.",
  "Is there a bell, or shall I knock?",
  "May I ring you the evening before?",
  "What floor is it, and is there a lift?",
  "¿A qué hora te viene bien?",
  "Wo soll ich klingeln?",
] as const;

export const TELLING = [
  "Mill Lane 7, the blue door. The bell is broken, please knock.",
  "Second courtyard, third floor left. My number is 0000 1234.",
  "The key is with Mrs. Aoki downstairs. She knows you are coming.",
  "Ring twice, then I know that it is you.",
  "Calle del Molino 3, bajo. Mi teléfono es el 0000 5678.",
  "Hinterhaus, ganz oben. Es ist offen.",
] as const;

export const BESIDE = [
  "My number is 0000 4321, in case I am late.",
  "I may bring my son, he is shy. Please do not mind him.",
  "I cannot carry heavy things this month. I did not want to write that where all read it.",
  "It would be best while he is at the clinic.",
] as const;

export const MOVING = [
  "Could we make it a day later?",
  "One hour less would suit me better.",
  "I can do more than I said.",
] as const;

export const MISCOUNTED = ["It was less than I wrote, I had counted the way home.", "I miscounted. Please look."] as const;

export const DIFFERENTLY = [
  "I was there at nine, as we said, and waited until ten. I would like to hear how it was for you.",
  "I remember it as three hours. Can we talk about it on Sunday?",
] as const;

export const SETTLED = ["We talked, and all is well.", "It was a misunderstanding about the day."] as const;

export const REVISED = [
  "Also in the morning, if that helps.",
  "I have moved it to the weekend.",
  "Two would be enough, too.",
] as const;
