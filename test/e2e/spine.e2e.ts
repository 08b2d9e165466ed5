/**
 * The spine:
 *   1. Ana founds a community on a hearth's page; Bo, in another browser, joins by her link.
 *   2. Ana asks; Bo promises; Ana accepts.
 *   3. The hearth is killed. Nobody notices: Bo says it is done, Ana acknowledges.
 *   4. Both reload with no network at all, and see one community: equal fingerprints.
 */
import { afterAll, expect, test } from "vitest";
import {
  CROSSING_MS,
  ask,
  foundCommunity,
  goTo,
  joinByLink,
  makeInvitation,
  openPost,
  readFingerprint,
  sees,
  tap,
} from "./journeys.ts";
import { createStage } from "./stage.ts";

const stage = createStage();
afterAll(() => stage.close());

test("two browsers, one promise kept, and no server in between", async () => {
  const hearth = await stage.lightHearth();
  const ana = await stage.invitePerson("ana");
  const bo = await stage.invitePerson("bo");

  // 1
  await foundCommunity(ana.page, hearth.address, "Rose Lane", "We look out for each other.", "Ana");
  const link = await makeInvitation(ana.page);
  await joinByLink(bo.page, link, "Rose Lane", "Bo");
  await sees(ana.page, "2 people here");
  await goTo(bo.page, "People");
  await sees(bo.page, "2 people here");

  // 2
  await goTo(ana.page, "Share");
  await ask(ana.page, "A lift to the clinic on Thursday");
  await goTo(bo.page, "Share");
  await openPost(bo.page, "A lift to the clinic on Thursday");
  await tap(bo.page, "I can help");
  await tap(ana.page, "Accept");
  await sees(bo.page, "Agreed");

  // 3
  await goTo(ana.page, "Network");
  await sees(ana.page, "Straight from browser to browser, nobody between.");
  await hearth.kill();
  await tap(bo.page, "Done");
  await goTo(ana.page, "Share");
  await openPost(ana.page, "A lift to the clinic on Thursday");
  await tap(ana.page, "Received, thank you");
  await sees(bo.page, "Kept");
  await sees(bo.page, "Saved here · 1 neighbour has it");

  const before = await readFingerprint(ana.page, "Rose Lane");
  expect(before).toMatch(/^([0-9A-F]{4} ){15}[0-9A-F]{4}$/);
  await expect.poll(() => readFingerprint(bo.page, "Rose Lane"), { timeout: CROSSING_MS }).toBe(before);

  // 4: the hearth is gone, so the page itself comes from the browser's own keeping.
  for (const { page, context } of [ana, bo]) {
    await context.setOffline(true);
    await page.reload();
    expect(await readFingerprint(page, "Rose Lane")).toBe(before);
    await goTo(page, "Share");
    await openPost(page, "A lift to the clinic on Thursday");
    await sees(page, "Kept");
  }
  expect([...ana.complaints, ...bo.complaints]).toEqual([]);
});
