/** What happens to a person when a tab dies, a second one opens, the disk is full, or a promise is called off. */
import { afterAll, expect, test } from "vitest";
import {
  ask,
  foundCommunity,
  goTo,
  joinByLink,
  makeInvitation,
  openPost,
  readFingerprint,
  sees,
  tap,
  CROSSING_MS,
} from "./journeys.ts";
import { createStage } from "./stage.ts";

/** Chromium asks how much room there is at most this often (kBucketSpaceCacheTimeLimit). */
const CHROMIUM_REMEMBERS_ROOM_MS = 31_000;

const stage = createStage();
afterAll(() => stage.close());

test("what the screen called saved is there after the power went, and the feed goes on without a fork", async () => {
  const hearth = await stage.lightHearth();
  let ana = await stage.invitePerson("plug");
  await foundCommunity(ana.page, hearth.address, "Mill Street", "", "Ana");
  await goTo(ana.page, "Share");
  for (const round of [1, 2, 3]) {
    await ask(ana.page, `Soup, the ${round}. time`); // the thread is shown only after the act was durable
    await stage.pullThePlug(ana);
    ana = await stage.invitePerson("plug");
    await ana.page.goto(hearth.address);
    // With one community, Home may lead straight into it or list it.
    await ana.page.getByRole("heading", { name: /Your communities|Asks and offers/ }).waitFor();
    const into = ana.page.getByRole("link", { name: /Mill Street/ });
    if ((await ana.page.getByRole("heading", { name: "Asks and offers" }).count()) === 0) await into.first().click();
    for (let written = 1; written <= round; written += 1) await sees(ana.page, `Soup, the ${written}. time`);
  }
  await goTo(ana.page, "Network");
  await ana.page.getByRole("group", { name: "Fingerprint of Mill Street" }).waitFor();
  expect(await ana.page.getByText(/two different stories/).count()).toBe(0);
  await hearth.stop();
});

test("a second tab is a window: it passes on what is said, and takes over when the first one goes", async () => {
  const hearth = await stage.lightHearth();
  const ana = await stage.invitePerson("tabs");
  await foundCommunity(ana.page, hearth.address, "Two Tabs", "", "Ana");
  await goTo(ana.page, "Share");
  const second = await ana.context.newPage();
  await second.goto(ana.page.url());
  await sees(second, "Kith is open in another tab. What you write here is passed on to it.");
  await ask(second, "Said in the window");
  await sees(ana.page, "Said in the window");

  await ana.page.close();
  await expect.poll(() => second.getByText("Kith is open in another tab").count(), { timeout: 15_000 }).toBe(0);
  await goTo(second, "Share");
  await ask(second, "Said after taking over");
  await goTo(second, "Share");
  await sees(second, "Said in the window");

  const third = await ana.context.newPage();
  await third.goto(second.url());
  await sees(third, "Said after taking over");
  expect(await readFingerprint(third, "Two Tabs")).toBe(await readFingerprint(second, "Two Tabs"));
  expect(await second.getByText(/two different stories/).count()).toBe(0);
  await hearth.stop();
});

test("a full disk says so, keeps what is there, and still lets one write", async () => {
  const hearth = await stage.lightHearth();
  const ana = await stage.invitePerson("full");
  await foundCommunity(ana.page, hearth.address, "Full House", "", "Ana");
  const link = await makeInvitation(ana.page);
  const bo = await stage.invitePerson("bo-full");
  await joinByLink(bo.page, link, "Full House", "Bo");
  await goTo(bo.page, "People");
  await sees(bo.page, "2 people here");

  // From here on Bo has less room than is used: what others write is refused, Bo's own still fits, into the reserve of 5 MiB.
  const devtools = await bo.context.newCDPSession(bo.page);
  const { usage } = (await devtools.send("Storage.getUsageAndQuota", { origin: new URL(hearth.address).origin })) as {
    usage: number;
  };
  await devtools.send("Storage.overrideQuotaForOrigin", { origin: new URL(hearth.address).origin, quotaSize: usage - 1_000_000 });
  await bo.page.waitForTimeout(CHROMIUM_REMEMBERS_ROOM_MS);
  await goTo(ana.page, "Share");
  await ask(ana.page, "Can anybody hear me");
  await sees(bo.page, "This device is nearly full. New things from neighbours are not kept for now; your own still are.");
  await goTo(bo.page, "Share");
  await ask(bo.page, "I still can write");
  await goTo(ana.page, "Share");
  await sees(ana.page, "I still can write");

  // Room again: what was refused comes.
  await devtools.send("Storage.overrideQuotaForOrigin", { origin: new URL(hearth.address).origin });
  await goTo(bo.page, "Share");
  await sees(bo.page, "Can anybody hear me", 60_000);
  await hearth.stop();
});

test("a promise can be called off, and both read the same", async () => {
  const hearth = await stage.lightHearth();
  const ana = await stage.invitePerson("ana-off");
  const bo = await stage.invitePerson("bo-off");
  await foundCommunity(ana.page, hearth.address, "Oak Lane", "", "Ana");
  await joinByLink(bo.page, await makeInvitation(ana.page), "Oak Lane", "Bo");
  await sees(ana.page, "2 people here");
  await goTo(ana.page, "Share");
  await ask(ana.page, "A ladder");
  await goTo(bo.page, "Share");
  await openPost(bo.page, "A ladder");
  await tap(bo.page, "I can help");
  await tap(ana.page, "Accept");
  // Once it is agreed, what changes it lies apart from what keeps it.
  await bo.page.getByText("Something has changed", { exact: true }).click({ timeout: CROSSING_MS });
  await tap(bo.page, "Can’t after all");
  await sees(bo.page, "Good that you say so.");
  await tap(bo.page, "Can’t after all");
  for (const { page } of [ana, bo]) await sees(page, "Untied again");
  await hearth.stop();
});
