/**
 * Who belongs:
 *   1. Ana founds a community, makes an invitation for one person, and closes her browser: nobody can ask her now.
 *   2. Bo and Cy both come by it, with a hearth between them. Both have the key, and both wait at the door.
 *   3. Ana opens her browser again: one of them is in, the other reads that the invitation is used up.
 *   4. The other comes in by an open invitation.
 */
import { afterAll, expect, test } from "vitest";
import { ask, CROSSING_MS, foundCommunity, goTo, joinByLink, makeInvitation, readFingerprint, sees } from "./journeys.ts";
import { createStage, type Person } from "./stage.ts";

const stage = createStage();
afterAll(() => stage.close());

test("an invitation for one, used by two while its maker is away, lets in exactly one", async () => {
  const hearth = await stage.lightHearth();

  // 1
  let ana = await stage.invitePerson("ana");
  await foundCommunity(ana.page, hearth.address, "Rose Lane", "We look out for each other.", "Ana");
  await ana.page.getByRole("radio", { name: "One person" }).check();
  const link = await makeInvitation(ana.page);
  await sees(ana.page, "For one person");
  await goTo(ana.page, "Share");
  await ask(ana.page, "Soup on Friday");
  await sees(ana.page, "Saved here · sealed copy on the hearth");
  await ana.context.close();

  // 2
  const guests = await Promise.all(["Bo", "Cy"].map((name) => stage.invitePerson(name.toLowerCase())));
  for (const [at, guest] of guests.entries()) await joinByLink(guest.page, link, "Rose Lane", at === 0 ? "Bo" : "Cy");
  for (const { page } of guests) await sees(page, "You are at the door");
  for (const { page } of guests) expect(await page.getByText("Soup on Friday").count()).toBe(0);

  // 3
  ana = await stage.invitePerson("ana");
  await ana.page.goto(`${hearth.address}#/`);
  await goTo(ana.page, "People");
  await sees(ana.page, "2 people here");
  for (const { page } of guests)
    await expect.poll(() => page.getByText("You are at the door").count(), { timeout: CROSSING_MS }).toBe(0);
  const isLate = ({ page }: Person) => page.getByText("This invitation is used up").count();
  expect((await Promise.all(guests.map(isLate))).sort()).toEqual([0, 1]);
  const [first, second] = guests as [Person, Person];
  const [member, late] = (await isLate(second)) === 1 ? [first, second] : [second, first];
  await goTo(member.page, "Share");
  await ask(member.page, "A lift to the clinic");
  await goTo(ana.page, "Share");
  await sees(ana.page, "A lift to the clinic");
  expect(await late.page.getByText("A lift to the clinic").count()).toBe(0);

  // 4
  await goTo(ana.page, "People");
  await ana.page.getByText(/earlier invitation/).click();
  await sees(ana.page, "Used");
  await joinByLink(late.page, await makeInvitation(ana.page), "Rose Lane", "Late");
  await sees(ana.page, "3 people here");
  await goTo(late.page, "Share");
  await sees(late.page, "A lift to the clinic");
  const fingerprint = await readFingerprint(ana.page, "Rose Lane");
  for (const { page } of [member, late])
    await expect.poll(() => readFingerprint(page, "Rose Lane"), { timeout: CROSSING_MS }).toBe(fingerprint);
  expect([...ana.complaints, ...member.complaints, ...late.complaints]).toEqual([]);
});
