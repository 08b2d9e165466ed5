/**
 * A whole exchange, among three:
 *   1. Ana asks for three hours. Bo writes to her, between the two, where he lives.
 *   2. Bo promises two of them, with a note for her alone; Cy promises one.
 *   3. Ana agrees to Bo, changes her words, agrees to Cy. Bo's promise says on what words it was made.
 *   4. Bo proposes another day; Ana accepts. He does a part, then the rest; she thanks him once before all, once between the two.
 *   5. Cy can't after all. Bo's part is corrected; Ana sees something differently, and settles it. She closes her ask.
 *   6. Nothing that was said between Ana and Bo is on Cy's screen or in Cy's device. All hold one community, offline too.
 */
import type { Page } from "playwright-core";
import { afterAll, expect, test } from "vitest";
import type { KithView } from "../../src/peer/kith.ts";
import {
  CROSSING_MS,
  foundCommunity,
  goTo,
  joinByLink,
  makeInvitation,
  openPost,
  readFingerprint,
  sees,
  tap,
} from "./journeys.ts";
import { openDevice } from "./opened-device.ts";
import { createStage, type Person } from "./stage.ts";

const stage = createStage();
afterAll(() => stage.close());

const ASK = "Three hours in the garden";
const CHANGED = "Three hours in the garden, and tea";
const SECRETS = {
  address: "Lindenweg 4, behind the green door",
  note: "My back only does two hours",
  reason: "My daughter has her recital",
  thanks: "You saved my whole autumn",
  matter: "The roses were cut too short",
};

const card = (page: Page, name: string) => page.getByRole("article", { name, exact: true });
const inCard = (page: Page, name: string, button: string) =>
  card(page, name).getByRole("button", { name: button, exact: true }).click({ timeout: CROSSING_MS });
const something = (page: Page, name: string) => card(page, name).getByText("Something has changed").click();
const cardSees = (page: Page, name: string, words: string) =>
  card(page, name).getByText(words).first().waitFor({ timeout: CROSSING_MS });

/** Screens that Cy has seen, as text. */
const seenByCy: string[] = [];
const look = async (page: Page) => seenByCy.push(await page.locator("body").innerText());

test(
  "three people, one ask: parts, changes, thanks and doubts, and what is said between two stays there",
  { timeout: 420_000 },
  async () => {
    const hearth = await stage.lightHearth();
    const ana = await stage.invitePerson("ana");
    const bo = await stage.invitePerson("bo");
    const cy = await stage.invitePerson("cy");
    const everyone: readonly Person[] = [ana, bo, cy];
    await foundCommunity(ana.page, hearth.address, "Rose Lane", "We look out for each other.", "Ana");
    const link = await makeInvitation(ana.page);
    for (const [{ page }, name] of [
      [bo, "Bo"],
      [cy, "Cy"],
    ] as const)
      await joinByLink(page, link, "Rose Lane", name);
    for (const { page } of everyone) {
      await goTo(page, "People");
      await sees(page, "3 people here");
      await goTo(page, "Share");
    }

    // 1
    await tap(ana.page, "Ask or offer");
    await tap(ana.page, "Ask");
    await ana.page.getByLabel("What would help you?").fill(ASK);
    await ana.page.getByText("Say more").click();
    await ana.page.getByRole("radio", { name: "Time and hands" }).check();
    await ana.page.getByLabel("How many hours").fill("3");
    await tap(ana.page, "Send");
    for (const { page } of [bo, cy]) await openPost(page, ASK);
    await sees(bo.page, "0 of 3 hours promised");
    await tap(bo.page, "Write to Ana");
    await bo.page.getByLabel("Write to Ana").fill(SECRETS.address);
    await tap(bo.page, "Send to Ana");
    await sees(ana.page, SECRETS.address);
    await sees(ana.page, "Only Bo and you can read this.");

    // 2
    await bo.page.getByRole("radio", { name: "A part" }).check();
    await bo.page.getByLabel("How many hours").fill("2");
    await bo.page.getByText("Say until when, or add a few words").click();
    await bo.page.getByLabel("Until when").fill("2099-05-16T18:00");
    await bo.page.getByLabel("A few words").fill(SECRETS.note);
    await tap(bo.page, "I can help");
    await cardSees(ana.page, "Bo would help you", SECRETS.note);
    await cardSees(cy.page, "Bo would help Ana", "Something was said between the two.");
    await cy.page.getByRole("radio", { name: "A part" }).check();
    await cy.page.getByLabel("How many hours").fill("1");
    await tap(cy.page, "I can help");

    // 3
    await inCard(ana.page, "Bo would help you", "Accept");
    await sees(bo.page, "2 of 3 hours promised");
    await tap(ana.page, "Change it");
    await ana.page.getByLabel("What would help you?").fill(CHANGED);
    await tap(ana.page, "Change it");
    await inCard(ana.page, "Cy would help you", "Accept");
    for (const { page } of everyone) await sees(page, "3 of 3 hours promised");
    await bo.page.getByRole("heading", { level: 1, name: CHANGED }).waitFor({ timeout: CROSSING_MS });
    await cardSees(bo.page, "You help Ana", "Promised when it said:");

    // 4
    await something(bo.page, "You help Ana");
    await inCard(bo.page, "You help Ana", "Another day or amount");
    await card(bo.page, "You help Ana").getByLabel("Until when").fill("2099-05-17T10:00");
    await card(bo.page, "You help Ana").getByLabel("A few words").fill(SECRETS.reason);
    await inCard(bo.page, "You help Ana", "Propose it");
    await cardSees(ana.page, "Bo helps you", SECRETS.reason);
    await cardSees(cy.page, "Bo helps Ana", "Bo proposes a change");
    await look(cy.page);
    await inCard(ana.page, "Bo helps you", "Accept");
    await cardSees(bo.page, "You help Ana", "2 hours · until Sunday, May 17");

    await inCard(bo.page, "You help Ana", "A part is done");
    await card(bo.page, "You help Ana").getByLabel("How many hours").fill("1");
    await inCard(bo.page, "You help Ana", "A part is done");
    await cardSees(ana.page, "Bo helps you", "Under way");
    await card(ana.page, "Bo helps you").getByLabel("A line of thanks").fill("The leaves are gone, how good!");
    await inCard(ana.page, "Bo helps you", "Received, thank you");
    await cardSees(cy.page, "Bo helps Ana", "The leaves are gone, how good!");

    await inCard(bo.page, "You help Ana", "Done");
    await cardSees(ana.page, "Bo helps you", "Done, not yet confirmed");
    await card(ana.page, "Bo helps you").getByLabel("A line of thanks").fill(SECRETS.thanks);
    await card(ana.page, "Bo helps you").getByRole("radio", { name: "Only the two of you" }).check();
    await inCard(ana.page, "Bo helps you", "Received, thank you");
    await cardSees(bo.page, "You help Ana", SECRETS.thanks);
    await cardSees(cy.page, "Bo helps Ana", "Kept");

    // 5
    await something(cy.page, "You help Ana");
    await inCard(cy.page, "You help Ana", "Can’t after all");
    await inCard(cy.page, "You help Ana", "Can’t after all");
    await cardSees(ana.page, "Cy would have helped you", "Untied again");
    await sees(ana.page, "2 of 3 hours promised");

    await card(bo.page, "You help Ana").getByRole("button", { name: "It was another amount" }).first().click();
    await card(bo.page, "You help Ana").getByLabel("How many hours").fill("2");
    await inCard(bo.page, "You help Ana", "Propose it");
    await cardSees(ana.page, "Bo helps you", "Bo says it was another amount");
    await inCard(ana.page, "Bo helps you", "Accept");
    await cardSees(bo.page, "You help Ana", "Ana agreed that it was so");

    await something(ana.page, "Bo helps you");
    await inCard(ana.page, "Bo helps you", "We see it differently");
    await card(ana.page, "Bo helps you").getByLabel("How you see it").fill(SECRETS.matter);
    await inCard(ana.page, "Bo helps you", "Say it");
    await cardSees(bo.page, "You help Ana", SECRETS.matter);
    await cardSees(cy.page, "Bo helps Ana", "Ana sees it differently");
    await look(cy.page);
    await inCard(ana.page, "Bo helps you", "It is settled");
    await cardSees(bo.page, "You help Ana", "Ana says it is settled");

    await tap(ana.page, "Close it");
    await tap(ana.page, "Close it");
    for (const { page } of everyone) await sees(page, "Closed: it is met.");
    await look(cy.page);

    // 6
    const before = await readFingerprint(ana.page, "Rose Lane");
    for (const { page } of [bo, cy])
      await expect.poll(() => readFingerprint(page, "Rose Lane"), { timeout: CROSSING_MS }).toBe(before);
    const isWhole = (view: KithView) => (view.communities[0]?.posts[0]?.closed ?? null) !== null;
    const [hers, his] = [JSON.stringify(await openDevice(cy.page, isWhole)), JSON.stringify(await openDevice(bo.page, isWhole))];
    for (const secret of Object.values(SECRETS)) {
      expect(his, "the copy of a device can be read where its keys are").toContain(secret);
      expect(hers).not.toContain(secret);
      expect(seenByCy.join("\n")).not.toContain(secret);
    }
    expect(hers).toContain("The leaves are gone, how good!");

    for (const { page, context } of everyone) {
      await context.setOffline(true);
      await page.reload();
      expect(await readFingerprint(page, "Rose Lane")).toBe(before);
      await goTo(page, "Share");
      await page.getByText("1 closed").click();
      await openPost(page, CHANGED);
      await sees(page, "Kept");
      await sees(page, "3 of 3 hours promised"); // Cy's came back; Bo's part was two, and the rest one
    }
    await sees(bo.page, SECRETS.address);
    expect(await cy.page.locator("body").innerText()).not.toContain(SECRETS.address);
    expect(everyone.flatMap(({ complaints }) => complaints)).toEqual([]);
  },
);
