/** The screens and states that are looked at: where, over which fixture, and what is done first. */
import type { Page } from "playwright-core";
import { exchangeLooks } from "./exchange-looks.ts";
import type { Look } from "./look.ts";
import { compose, moveByTools, tabThrough, writeByKeys } from "./writing-acts.ts";

const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).first().click();

export const looks: readonly Look[] = [
  { name: "opening", at: "?scenario=opening#/" },
  { name: "crash", at: "?scenario=crash#/" },
  { name: "demo", at: "?demo=1&scenario=calm#/c/MILL" },
  { name: "demo-network", at: "?demo=1&scenario=calm#/network" },
  { name: "demo-none", at: "?demo=1&scenario=no-village#/" },
  { name: "welcome", at: "?scenario=none#/" },
  { name: "found", at: "?scenario=none#/found" },
  { name: "found-errors", at: "?scenario=none#/found", act: (page) => press(page, "Found a community") },
  {
    name: "found-refused",
    at: "?scenario=none#/found",
    act: async (page) => {
      await page.getByLabel("Name of the community").fill("A full street");
      await page.getByLabel("Your name").fill("Ana");
      await press(page, "Found a community");
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "founded",
    at: "?scenario=none#/found",
    act: async (page) => {
      await page.getByLabel("Name of the community").fill("Mill Street");
      await page.getByLabel("Your name").fill("Ana");
      await press(page, "Found a community");
      await press(page, "Invite");
      await page.getByRole("img", { name: /QR code/ }).waitFor();
    },
  },
  { name: "join", at: "?scenario=none#/join/abc" },
  { name: "join-already", at: "?scenario=calm#/join/already" },
  { name: "join-old", at: "?scenario=none#/join/old" },
  { name: "join-forged", at: "?scenario=none#/join/forged" },
  { name: "join-paste", at: "?scenario=none#/join" },
  {
    name: "joined",
    at: "?scenario=none#/join/abc",
    act: async (page) => {
      await page.getByLabel("Your name").fill("Ana");
      await press(page, "Come in");
      await page.getByText("You are on the porch").waitFor();
    },
  },
  { name: "home-several", at: "?scenario=calm#/" },
  { name: "share", at: "?scenario=calm#/c/MILL" },
  { name: "share-empty", at: "?scenario=empty#/c/MILL" },
  { name: "share-porch", at: "?scenario=porch#/c/MILL" },
  { name: "share-waiting", at: "?scenario=waiting#/c/MILL" },
  { name: "share-tooLate", at: "?scenario=tooLate#/c/MILL" },
  { name: "compose-waiting", at: "?scenario=waiting#/c/MILL/new" },
  { name: "share-arriving", at: "?scenario=arriving#/c/MILL" },
  { name: "share-here-only", at: "?scenario=hereOnly#/c/MILL" },
  { name: "share-window", at: "?scenario=window#/c/MILL" },
  { name: "share-full", at: "?scenario=full#/c/MILL" },
  { name: "share-storage-failed", at: "?scenario=storageFailed#/c/MILL" },
  { name: "share-network-failed", at: "?scenario=networkFailed#/c/MILL" },
  {
    name: "switcher",
    at: "?scenario=calm#/c/MILL",
    act: (page) => page.getByRole("button", { name: /switch community/ }).click(),
  },
  { name: "compose", at: "?scenario=calm#/c/MILL/new" },
  {
    name: "compose-more",
    at: "?scenario=calm#/c/MILL/new/offer",
    act: async (page) => {
      await page.getByText("Say more").click();
      for (const need of ["Rest", "Creation", "Freedom"]) await page.getByRole("checkbox", { name: need }).check();
      await page.getByRole("radio", { name: "Other" }).check();
    },
  },
  { name: "compose-errors", at: "?scenario=calm#/c/MILL/new", act: (page) => press(page, "Send") },
  {
    name: "compose-draft",
    at: "?scenario=calm#/c/MILL/new",
    act: async (page) => {
      await page.getByLabel("What would help you?").fill("Seeds");
      await page.reload();
      await page.getByLabel("What would help you?").waitFor();
      const kept = await page.getByLabel("What would help you?").inputValue();
      if (kept !== "Seeds") throw new Error(`the draft reads “${kept}”`);
    },
  },
  {
    // An ask in four keys and its words.
    name: "compose-by-keyboard",
    at: "?scenario=calm#/c/MILL",
    act: async (page) => {
      await page.getByRole("button", { name: "Ask or offer", exact: true }).focus();
      await page.keyboard.press("Enter");
      await page.getByLabel("What would help you?").waitFor();
      await page.keyboard.type("A ladder");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: "A ladder" }).waitFor();
    },
  },
  { name: "compose-porch", at: "?scenario=porch#/c/MILL/new" },
  ...["proposed", "agreed", "done", "open", "offer", "mine", "kept", "withdrawn"].map((post) => ({
    name: `thread-${post}`,
    at: `?scenario=calm&post=${post}#/c/MILL/post/POST`,
  })),
  ...exchangeLooks,
  {
    name: "thread-parting",
    at: "?scenario=calm&post=agreed#/c/MILL/post/POST",
    act: async (page) => {
      await page.getByText("Something has changed").click();
      await press(page, "Can’t after all");
    },
  },
  {
    name: "thread-promised",
    at: "?scenario=calm&post=open#/c/MILL/post/POST",
    act: async (page) => {
      await page.getByText("Say until when, or add a few words").click();
      await page.getByLabel("A few words").fill("Saturday morning suits me.");
      await press(page, "I can help");
      await page.getByText("Waiting for Ben").waitFor();
    },
  },
  { name: "thread-lost", at: "?scenario=calm#/c/MILL/post/none" },
  {
    name: "people",
    at: "?scenario=calm#/c/MILL/people",
    act: async (page) => page.getByRole("img", { name: /QR code/ }).waitFor(),
  },
  { name: "charter", at: "?scenario=calm#/c/MILL/charter" },
  { name: "charter-empty", at: "?scenario=calm&charter=empty#/c/MILL/charter" },
  { name: "charter-elsewhere", at: "?scenario=calm&charter=elsewhere#/c/MILL/charter" },
  { name: "charter-reading", at: "?scenario=calm&charter=reading#/c/MILL/charter" },
  {
    name: "charter-troubled",
    at: "?scenario=calm&charter=troubled#/c/MILL/charter",
    act: (page) => page.getByText("About this document").click(),
  },
  {
    name: "charter-first",
    at: "?scenario=calm&charter=empty#/c/MILL/charter",
    act: async (page) => {
      await press(page, "Write the first line");
      await page.keyboard.type("# How we live");
      await page.keyboard.press("Enter");
      await page.keyboard.type("مرحبا بالجميع في شارعنا");
      await page.keyboard.press("Enter");
      await page.keyboard.type("- Ask early");
      const written = await page.locator("textarea").evaluateAll((all) => all.map((each) => (each as HTMLTextAreaElement).value));
      if (written.join("|") !== "How we live|مرحبا بالجميع في شارعنا|Ask early") throw new Error(`written: ${written.join("|")}`);
    },
  },
  { name: "charter-writing", at: "?scenario=calm&charter=together#/c/MILL/charter", act: (page) => press(page, "Write") },
  {
    name: "charter-writing-mirrored",
    at: "?scenario=calm&charter=together&words=qps-plocm#/c/MILL/charter",
    act: (page) => page.locator("#write button").click(),
  },
  {
    name: "charter-tools",
    at: "?scenario=calm&charter=together#/c/MILL/charter",
    act: async (page) => {
      await press(page, "Write");
      await page.getByRole("button", { name: "Paragraph 2: change, move or remove" }).click();
    },
  },
  { name: "writing-by-keys", at: "?scenario=calm&charter=empty#/c/MILL/charter", act: writeByKeys },
  { name: "writing-tabs", at: "?scenario=calm#/c/MILL/charter", act: tabThrough },
  { name: "writing-tools", at: "?scenario=calm#/c/MILL/charter", act: moveByTools },
  { name: "writing-composed", at: "?scenario=calm&charter=empty#/c/MILL/charter", act: compose },
  { name: "profile", at: "?scenario=calm#/c/MILL/people/EEF" },
  { name: "profile-own-empty", at: "?scenario=calm&charter=empty#/c/MILL/people/ANA" },
  { name: "profile-own-writing", at: "?scenario=calm#/c/MILL/people/ANA", act: (page) => press(page, "Write") },
  {
    name: "profile-facts",
    at: "?scenario=calm&charter=empty#/c/MILL/people/ANA",
    act: async (page) => {
      await press(page, "Write a first line");
      await page.getByLabel("Languages").fill("Kiswahili, English ");
      await press(page, "Done");
      await page.locator("dd", { hasText: "Kiswahili, English" }).waitFor();
    },
  },
  { name: "profile-lost", at: "?scenario=calm#/c/MILL/people/none" },
  { name: "versions", at: "?scenario=calm#/c/MILL/versions/charter" },
  { name: "versions-empty", at: "?scenario=calm&charter=empty#/c/MILL/versions/charter" },
  {
    name: "people-invite-one",
    at: "?scenario=calm#/c/MILL/people",
    act: async (page) => {
      await page.getByRole("radio", { name: "One person" }).check();
      await press(page, "Invite");
      await page.getByText("For one person").first().waitFor();
    },
  },
  { name: "people-porch", at: "?scenario=porch#/c/MILL/people" },
  { name: "network", at: "?scenario=calm#/network" },
  { name: "network-alone", at: "?scenario=empty#/network" },
  { name: "network-window", at: "?scenario=window#/network" },
  { name: "network-forked", at: "?scenario=forked#/network" },
  {
    name: "network-connect",
    at: "?scenario=empty#/network",
    act: async (page) => {
      await page.getByText("Add a neighbour’s address").click();
      await page.getByLabel("Address", { exact: true }).fill("nonsense");
      await press(page, "Connect");
      await page.getByRole("alert").waitFor();
    },
  },
];
