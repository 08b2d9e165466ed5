/** Giving and asking in all its states: amounts, several helpers, parts, changes, disputes, talk, closing. */
import type { Page } from "playwright-core";
import type { Look } from "./look.ts";

const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).first().click();
const open = (page: Page, words: string) => page.getByText(words, { exact: true }).first().click();
const at = (post: string) => `?scenario=exchange&post=${post}#/c/MILL/post/POST`;
const expectFocus = async (page: Page, name: string, wanted: string) => {
  await page.waitForTimeout(150);
  const found = await page.evaluate(() => document.activeElement?.id ?? "");
  if (!found.includes(wanted)) throw new Error(`${name}: the focus is at “${found}”`);
};

export const exchangeLooks: readonly Look[] = [
  { name: "x-share", at: "?scenario=exchange#/c/MILL", act: (page) => page.getByText(/\d closed/).click() },
  ...[
    "helpers",
    "shared",
    "enough",
    "late",
    "silent",
    "unconfirmed",
    "dispute",
    "public",
    "closed",
    "expired",
    "split",
    "talk",
  ].map((post) => ({ name: `x-${post}`, at: at(post) })),
  {
    name: "x-compose",
    at: "?scenario=exchange#/c/MILL/new",
    act: async (page) => {
      await page.getByText("Say more").click();
      await page.getByLabel("What would help you?").fill("Three hours in the garden");
      await page.getByRole("radio", { name: "Time and hands" }).check();
      await page.getByLabel("How many hours").fill("three");
      await page.getByLabel("Until which day").fill("2026-05-01");
      await press(page, "Send");
      await page.getByText("Please give a whole number").waitFor();
      await expectFocus(page, "a wrong amount", "quantity");
    },
  },
  {
    name: "x-revise",
    at: at("helpers"),
    act: async (page) => {
      await press(page, "Change it");
      await page.getByRole("heading", { level: 1, name: "Change your ask" }).waitFor();
      const amount = await page.getByLabel("How many hours").inputValue();
      if (amount !== "3") throw new Error(`the amount reads “${amount}”`);
    },
  },
  {
    name: "x-revised",
    at: at("helpers"),
    act: async (page) => {
      await press(page, "Change it");
      await page.getByLabel("What would help you?").fill("Four hours in the garden");
      await page.getByLabel("How many hours").fill("٤");
      await press(page, "Change it");
      await page.getByRole("heading", { level: 1, name: "Four hours in the garden" }).waitFor();
    },
  },
  {
    name: "x-close",
    at: at("helpers"),
    act: async (page) => {
      await press(page, "Close it");
      await expectFocus(page, "closing", "close-sure");
    },
  },
  {
    name: "x-closed-now",
    at: at("helpers"),
    act: async (page) => {
      await press(page, "Close it");
      await page.getByLabel("A few words").fill("Thank you both.");
      await press(page, "Close it");
      await page.getByText("Closed: it is met.").waitFor();
      await expectFocus(page, "closed", "own-reopen");
    },
  },
  {
    name: "x-answer",
    at: at("shared"),
    act: async (page) => {
      await page.getByRole("radio", { name: "A part" }).check();
      await page.getByLabel("How many pieces").fill("3");
      await page.getByText("Say until when, or add a few words").click();
      await page.getByLabel("Until when").fill("2026-05-16T18:00");
      await page.getByLabel("A few words").fill("I bring them by six.");
    },
  },
  {
    name: "x-answer-wrong",
    at: at("shared"),
    act: async (page) => {
      await page.getByRole("radio", { name: "A part" }).check();
      await page.getByLabel("How many pieces").fill("0");
      await press(page, "I can help");
      await page.getByText("Please give a whole number").waitFor();
      await expectFocus(page, "a wrong part", "share");
    },
  },
  {
    // Words for one survive a reload, and everyone is a choice.
    name: "x-answer-all",
    at: at("shared"),
    act: async (page) => {
      await page.getByText("Say until when, or add a few words").click();
      await page.getByLabel("A few words").fill("I bring them by six.");
      await page.getByRole("radio", { name: "Everyone here" }).check();
      await page.reload();
      const kept = await page.getByLabel("A few words").inputValue();
      if (kept !== "I bring them by six.") throw new Error(`the note reads “${kept}”`);
      await page.getByText("All 6 people in Mill Street can read this").waitFor();
      await press(page, "I can help");
      await page.getByText("Waiting for Ben").waitFor();
    },
  },
  { name: "x-more", at: at("late"), act: (page) => open(page, "Something has changed") },
  { name: "x-part", at: at("late"), act: (page) => press(page, "A part is done") },
  {
    name: "x-part-said",
    at: at("late"),
    act: async (page) => {
      await press(page, "A part is done");
      await page.getByLabel("How many hours").fill("1");
      await page.getByLabel("A few words").fill("The first letter is written.");
      await press(page, "A part is done");
      await page.getByText("You say a part is done").nth(1).waitFor();
      await expectFocus(page, "a part", "promise-");
    },
  },
  {
    name: "x-amend",
    at: at("late"),
    act: async (page) => {
      await open(page, "Something has changed");
      await press(page, "Another day or amount");
      await press(page, "Propose it");
      await page.getByText("Change the day or the amount").waitFor();
    },
  },
  {
    name: "x-amended",
    at: at("late"),
    act: async (page) => {
      await open(page, "Something has changed");
      await press(page, "Another day or amount");
      await page.getByLabel("Until when").fill("2026-05-20T10:00");
      await press(page, "Propose it");
      await page.getByText("You propose a change").waitFor();
    },
  },
  {
    name: "x-differently",
    at: at("late"),
    act: async (page) => {
      await open(page, "Something has changed");
      await press(page, "We see it differently");
      await press(page, "Say it");
      await page.getByText("Please write something here.").waitFor();
      await expectFocus(page, "no words", "-words");
    },
  },
  { name: "x-answer-no", at: at("helpers"), act: (page) => press(page, "Decline") },
  { name: "x-correct", at: at("late"), act: (page) => press(page, "It was another amount") },
  {
    name: "x-write",
    at: at("shared"),
    act: async (page) => {
      await press(page, "Write to Ben");
      await expectFocus(page, "writing", "talk-");
      await page.keyboard.type("I live at number 9, ring twice.");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.getByRole("listitem").filter({ hasText: "number 9" }).waitFor();
      await expectFocus(page, "sent", "talk-");
    },
  },
  {
    name: "x-nobody",
    at: at("shared"),
    act: async (page) => {
      await press(page, "Write to Ben");
      await page.getByLabel("Write to Ben").fill("is nobody there?");
      await press(page, "Send to Ben");
      await page.getByText("No device of theirs").waitFor();
    },
  },
];
