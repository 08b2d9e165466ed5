/**
 * The demo:
 *   1. `npm start -- --demo` opens a village whole, as one of its people, and says that it does not exist: as many people, asks
 *      and offers as its generator counted, and the same fingerprint.
 *   2. The visitor agrees to what waits for her, and asks; after a reload it is all there. Nobody can be invited.
 *   3. In all this, nothing was asked of any other origin; no socket, no connection and no libp2p; nothing was kept beside real things.
 *   4. Start over: the village is as it was told.
 */
import { afterAll, expect, test } from "vitest";
import type { BrowserContext, Page } from "playwright-core";
import { WHOLE, readVillageOf, villageOf } from "../villages.ts";
import { ask, goTo, readFingerprint, sees, tap } from "./journeys.ts";
import { createStage } from "./stage.ts";

const stage = createStage();
afterAll(() => stage.close());

const VILLAGE = "Old Mill Quarter";
const OPENING_MS = 60_000;

/** Counts what a page could speak to others with, before any of its own code runs. */
async function listenIn(context: BrowserContext): Promise<readonly string[]> {
  const asked: string[] = [];
  context.on("request", (request) => asked.push(request.url()));
  await context.addInitScript(() => {
    const names = ["RTCPeerConnection", "WebSocket", "EventSource", "WebTransport"] as const;
    const world = window as unknown as Record<string, unknown>;
    for (const name of names)
      Object.defineProperty(world, name, {
        value: function () {
          localStorage.setItem("test.spoke", `${localStorage.getItem("test.spoke") ?? ""} ${name}`);
          throw new Error(`the demo wants a ${name}`);
        },
      });
  });
  return asked;
}

async function count(page: Page, filter: "All" | "Asks" | "Offers"): Promise<number> {
  await page.getByText(filter, { exact: true }).click();
  await page.locator("main article h3").first().waitFor();
  return page.locator("main article h3").count();
}

test("a village opens, is acted in, and nothing of it leaves the page", async () => {
  const { summary } = await readVillageOf(WHOLE);
  const address = await stage.showDemo(8_600, "--seed", String(WHOLE.seed));
  const visitor = await stage.invitePerson("visitor");
  const { page, context } = visitor;
  const asked = await listenIn(context);

  // 1
  await page.goto(address);
  await sees(page, "A village that does not exist. Nothing here leaves this page.", OPENING_MS);
  await page.getByRole("heading", { name: "Asks and offers" }).waitFor({ timeout: OPENING_MS });
  expect(await count(page, "Asks")).toBe(summary.requests);
  expect(await count(page, "Offers")).toBe(summary.offers);
  expect(await count(page, "All")).toBe(summary.requests + summary.offers);
  await goTo(page, "People");
  await sees(page, `${summary.members} people here`);
  const { keys } = villageOf(WHOLE);
  await sees(page, keys.people[keys.visitor]?.name ?? "nobody");
  const told = await readFingerprint(page, VILLAGE);
  expect(told.replace(/ /g, "").toLowerCase()).toBe(summary.fingerprint);
  await sees(page, "The network is off. What you write is kept here.");
  expect(await page.getByText("Add a neighbour").count()).toBe(0);

  // 2
  await goTo(page, "Share");
  await page.getByText("Yours to answer").first().waitFor();
  await page.locator("article", { hasText: "Yours to answer" }).first().getByRole("link").first().click();
  await tap(page, "Accept");
  await sees(page, "Agreed");
  await goTo(page, "Share");
  await ask(page, "Who lends me a kite for Sunday?");
  const acted = await readFingerprint(page, VILLAGE);
  expect(acted).not.toBe(told);
  await page.reload();
  await page.getByRole("heading", { name: "Network" }).waitFor({ timeout: OPENING_MS });
  expect(await readFingerprint(page, VILLAGE)).toBe(acted);
  await goTo(page, "Share");
  await sees(page, "Who lends me a kite for Sunday?");
  await goTo(page, "People");
  await tap(page, "Invite");
  await sees(page, /its doors are shut/);

  // 3
  const { origin } = new URL(address);
  expect(asked.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith(`blob:${origin}/`))).toEqual([]);
  expect(asked.filter((url) => /start-network|hearth\.json|sw\.js/.test(url))).toEqual([]);
  expect(asked.filter((url) => url.endsWith("/demo.kith"))).toHaveLength(1);
  const kept = await page.evaluate(async () => ({
    spoke: localStorage.getItem("test.spoke"),
    stores: (await indexedDB.databases()).map(({ name }) => name),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  }));
  expect(kept).toEqual({ spoke: null, stores: [`kith-demo-${keys.tag.slice(0, 16)}`], workers: 0 });
  // The app itself is not to be had at this address.
  await page.goto(new URL("/", address).href);
  await sees(page, "A village that does not exist.", OPENING_MS);

  // 4
  await tap(page, "Start over");
  await page.getByRole("heading", { name: "Asks and offers" }).waitFor({ timeout: OPENING_MS });
  await expect.poll(() => readFingerprint(page, VILLAGE), { timeout: OPENING_MS }).toBe(told);
  expect(visitor.complaints).toEqual([]);
});
