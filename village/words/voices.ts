/** What people say with the steps of a promise. Half of the time they say nothing, and that is fine. */
export const PROMISING = [
  "I can do that. Shall I bring gloves?",
  "Gladly. I pass by there anyway.",
  "Yes. I know that clinic, the café is truly good.",
  "I have not done it before, but two heads are better.",
  "Count on me.",
  "My brother-in-law has one, I will bring it over.",
  "I owe the world exactly this favour.",
  "Happy to, if a quarter of an hour later is all right.",
  "With pleasure, and my daughter would like to come along.",
  "Sí, con mucho gusto.",
  "Das mache ich gern.",
  "بكل سرور.",
] as const;

export const TAKING = [
  "I would be very glad of it.",
  "Oh yes, please. May I come on foot, or is it heavy?",
  "That is just what we are missing.",
  "For my mother, if that is all right with you.",
  "I have wanted to ask for weeks.",
  "Two of us would come.",
] as const;

export const ACCEPTING = [
  "Thank you, that is a weight off me.",
  "Wonderful. I will be at the gate.",
  "Agreed, and soup afterwards.",
  "You are kind. See you then.",
  "Yes! I will put the kettle on.",
  "Gracias, de verdad.",
  "Danke dir, ich freue mich.",
  "شكرًا جزيلًا لك.",
] as const;

export const DECLINING = [
  "Thank you so much. My neighbour was quicker by an hour.",
  "That is kind, but it has sorted itself out.",
  "I should not have asked for that day at all. Next month?",
  "I am sorry, it is spoken for since this morning.",
] as const;

export const WITHDRAWING = [
  "I have caught the children's cold. I am sorry, please ask somebody else.",
  "They changed my shift. I hate to let you down.",
  "I promised too much this week. Thank you for your patience with me.",
] as const;

export const FULFILLING = [
  "Done, and it was nicer than expected.",
  "It stands, it holds, it no longer drips.",
  "We were back before the rain.",
  "All carried. The piano has opinions, but it is in.",
  "He told me the story of the night train. I want to hear it again.",
  "Finished. I left the key where you said.",
  "We laughed a good deal.",
] as const;

export const THANKING = [
  "I did not know how much I needed that.",
  "She has talked of nothing else since.",
  "You stayed until the end. That was the whole of it.",
  "Everything works. I learned something too.",
  "It was an hour for you and a week for us.",
  "The first warm evening in a long time.",
  "I will pass it on.",
  "You came. That was enough.",
  "Gracias por todo, de corazón.",
  "Tausend Dank, auch von den Kindern.",
  "الله يعطيك العافية.",
  "The bread was eaten before I had shut the door.",
] as const;
