/** Steps in documents, through the screens alone. */
import type { Page } from "playwright-core";
import { CROSSING_MS, goTo, sees, tap } from "./journeys.ts";

export async function openCharter(page: Page): Promise<void> {
  await goTo(page, "People");
  await page.getByRole("link", { name: "Our charter" }).first().click();
  await page.getByRole("heading", { name: "Charter" }).waitFor();
}

export async function openProfile(page: Page, name: string): Promise<void> {
  await goTo(page, "People");
  await page
    .getByRole("main")
    .getByRole("link", { name: new RegExp(`^${name}`) })
    .first()
    .click();
  await page.getByRole("heading", { name }).first().waitFor();
}

/** Begins an empty document, and types one paragraph after the other. */
export async function beginDocument(page: Page, button: string, paragraphs: readonly string[]): Promise<void> {
  await tap(page, button);
  for (const [index, text] of paragraphs.entries()) {
    if (index > 0) await page.keyboard.press("Enter");
    await page.keyboard.type(text);
  }
  await sees(page, "Saved here");
}

export async function writeDocument(page: Page): Promise<void> {
  await tap(page, "Write");
  await page.locator("textarea").first().waitFor();
}

export async function doneWriting(page: Page): Promise<void> {
  await tap(page, "Done");
  await page.locator(".prose").waitFor();
}

/** What is read, paragraph by paragraph. */
export const readText = async (page: Page): Promise<string> =>
  (await page.locator(".prose").innerText({ timeout: CROSSING_MS })).replace(/\n+/g, "\n").trim();

async function openAbout(page: Page): Promise<void> {
  const about = page.getByText("About this document");
  await about.waitFor({ timeout: CROSSING_MS });
  if ((await page.locator("details[open]", { has: about }).count()) === 0) await about.click();
}

/** Sixteen groups; empty while it is not known. */
export async function readDocumentFingerprint(page: Page, title: string): Promise<string> {
  await openAbout(page);
  const group = page.getByRole("group", { name: `Fingerprint of ${title}` });
  return (await group.count()) === 0 ? "" : (await group.innerText()).replace(/\s+/g, " ").trim();
}

/** As the page lists them, rule by rule. */
export async function readRefused(page: Page): Promise<Readonly<Record<string, number>>> {
  await openAbout(page);
  const rows = await page.locator("[data-rule]").all();
  const entries = await Promise.all(
    rows.map(async (row) => [await row.getAttribute("data-rule"), Number(await row.getAttribute("data-times"))] as const),
  );
  return Object.fromEntries(entries);
}
