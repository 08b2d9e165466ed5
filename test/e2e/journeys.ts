/** The steps of a journey, through the screens alone: what a person reads, types and taps. */
import type { Page } from "playwright-core";

const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name, exact: typeof name === "string" });
const heading = (page: Page, name: string) => page.getByRole("heading", { name });

/** Waits at most this long for something that crosses from one browser to another. */
export const CROSSING_MS = 20_000;

export async function foundCommunity(
  page: Page,
  address: string,
  community: string,
  purpose: string,
  myName: string,
): Promise<void> {
  await page.goto(`${address}#/found`);
  await page.getByLabel("Name of the community").fill(community);
  await page.getByLabel("What it is for").fill(purpose);
  await page.getByLabel("Your name").fill(myName);
  await button(page, "Found a community").click();
  await heading(page, "People").waitFor();
}

/** Answers the link. The page must show People. */
export async function makeInvitation(page: Page): Promise<string> {
  await button(page, "Invite").click();
  const field = page.getByLabel("Link to send");
  await field.waitFor();
  return field.inputValue();
}

export async function joinByLink(page: Page, link: string, community: string, myName: string): Promise<void> {
  await page.goto(link);
  await heading(page, `Join ${community}`).waitFor();
  await page.getByLabel("Your name").fill(myName);
  await button(page, "Come in").click();
}

export async function goTo(page: Page, place: "Share" | "People" | "Network"): Promise<void> {
  await page.getByRole("navigation").getByRole("link", { name: place, exact: true }).click();
}

export async function ask(page: Page, title: string): Promise<void> {
  await button(page, "Ask or offer").click();
  await button(page, "Ask").click();
  await page.getByLabel("What would help you?").fill(title);
  await button(page, "Send").click();
  await heading(page, title).waitFor();
}

export async function openPost(page: Page, title: string): Promise<void> {
  await page.getByRole("link", { name: title }).first().click({ timeout: CROSSING_MS });
  await heading(page, title).waitFor();
}

export const tap = (page: Page, name: string) => button(page, name).first().click({ timeout: CROSSING_MS });
export const sees = (page: Page, words: string | RegExp, timeout = CROSSING_MS) =>
  page.getByText(words).first().waitFor({ timeout });

/** Answers the line. The page must show Network. */
export async function makeLine(page: Page): Promise<string> {
  await openInPerson(page);
  await button(page, "Make a line").click();
  const field = page.getByLabel("Line to hand over");
  await field.waitFor();
  return field.inputValue();
}

/** Either of the two lines. The page must show Network. */
export async function readLine(page: Page, line: string): Promise<void> {
  await openInPerson(page);
  await page.getByLabel("A line you were given").fill(line);
  await button(page, "Read it").click();
}

async function openInPerson(page: Page): Promise<void> {
  if (!(await page.getByLabel("A line you were given").isVisible()))
    await page.getByText("Connect with someone beside you").click();
}

/** Sixteen groups, from the network page. */
export async function readFingerprint(page: Page, community: string): Promise<string> {
  await goTo(page, "Network");
  const group = page.getByRole("group", { name: `Fingerprint of ${community}` });
  await group.waitFor();
  return (await group.innerText()).replace(/\s+/g, " ").trim();
}
