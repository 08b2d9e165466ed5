/**
 * The charter:
 *   1. Ana and Bo, in two browsers, type into one charter at once for 20 s. Each sees the other's name beside their caret.
 *   2. Both read one text, and one document fingerprint.
 *   3. A third, admitted member sends 1,000 malicious updates, sealed and signed as they should be. They are refused, rule by rule,
 *      and change nothing; Ana and Bo go on.
 *   4. Both reload with no network at all, and read the same.
 */
import { afterAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { CHARTER, RULES, profileOf } from "../../protocol/index.ts";
import {
  beginDocument,
  doneWriting,
  openCharter,
  openProfile,
  readDocumentFingerprint,
  readRefused,
  readText,
  writeDocument,
} from "./document-steps.ts";
import { joinAsHostile } from "./hostile-member.ts";
import { CROSSING_MS, foundCommunity, joinByLink, makeInvitation, sees } from "./journeys.ts";
import { maliciousUpdates } from "./malice.ts";
import { createStage } from "./stage.ts";

const stage = createStage();
afterAll(() => stage.close());

const TYPING_MS = 20_000;
const ATTACKS = 1_000;
const ANA_SAYS = "I moved here in spring and I fix bicycles.";

/** At the end of a block, behind all its lines. */
async function appendTo(page: Page, block: number, words: string): Promise<void> {
  await page.locator("textarea").nth(block).click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(words);
}

/** As a person types: a letter at a time, now and then one taken back. Answers how many keys. */
async function typeFor(page: Page, block: number, words: string, ms: number): Promise<number> {
  const field = page.locator("textarea").nth(block);
  await field.click();
  await page.keyboard.press("Control+End");
  const end = Date.now() + ms;
  let typed = 0;
  for (; Date.now() < end; typed += 1) {
    await page.keyboard.type(words[typed % words.length] ?? " ", { delay: 30 });
    if (typed % words.length === words.length - 1) await page.keyboard.press("Backspace");
  }
  return typed;
}

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((all, each) => all + each, 0);
async function refusedOnce(page: Page, atLeast: number): Promise<Readonly<Record<string, number>>> {
  await expect.poll(async () => sum(await readRefused(page)), { timeout: 60_000 }).toBeGreaterThanOrEqual(atLeast);
  return readRefused(page);
}

test("two write one charter at once, and a liar changes nothing that is not his", async () => {
  const hearth = await stage.lightHearth();
  const ana = await stage.invitePerson("ana");
  const bo = await stage.invitePerson("bo");
  await foundCommunity(ana.page, hearth.address, "Rose Lane", "We look out for each other.", "Ana");
  const link = await makeInvitation(ana.page);
  await joinByLink(bo.page, link, "Rose Lane", "Bo");
  await sees(ana.page, "2 people here");
  await openProfile(ana.page, "Ana");
  await beginDocument(ana.page, "Write a first line", [ANA_SAYS]);
  await doneWriting(ana.page);

  // 1
  await openCharter(ana.page);
  await beginDocument(ana.page, "Write the first line", ["How we live here 🌱", "We ask before we are desperate."]);
  await openCharter(bo.page);
  await sees(bo.page, "We ask before we are desperate.");
  await writeDocument(bo.page);
  const caretOf = (page: Page, name: string): Promise<void> =>
    page.locator(`.caret[data-flag="${name}"]`).first().waitFor({ state: "attached", timeout: TYPING_MS });
  const [byAna, byBo] = await Promise.all([
    typeFor(ana.page, 0, " and we say no when we mean no,", TYPING_MS),
    typeFor(bo.page, 1, " we thank whoever asks,", TYPING_MS),
    caretOf(ana.page, "Bo"),
    caretOf(bo.page, "Ana"),
  ]);
  const typed = [byAna, byBo];
  console.log(`keys typed at once: ${typed.join(" and ")}`);
  expect(Math.min(...typed)).toBeGreaterThan(100);

  // 2
  await doneWriting(ana.page);
  await doneWriting(bo.page);
  const fingerprintOf = (page: Page): Promise<string> => readDocumentFingerprint(page, "Charter");
  const agreed = (): Promise<void> =>
    expect
      .poll(async () => [await fingerprintOf(ana.page), await fingerprintOf(bo.page)], { timeout: CROSSING_MS })
      .toSatisfy(([left, right]: readonly string[]) => left !== "" && left === right);
  await agreed();
  const text = await readText(ana.page);
  expect(await readText(bo.page)).toBe(text);
  expect(text).toContain("and we say no when we mean no");
  expect(text).toContain("we thank whoever asks");
  const fingerprint = await fingerprintOf(ana.page);
  expect(fingerprint).toMatch(/^([0-9A-F]{4} ){15}[0-9A-F]{4}$/);
  expect([await readRefused(ana.page), await readRefused(bo.page)]).toEqual([{}, {}]);

  // 3
  const mal = await joinAsHostile(link, "Mal");
  const anas = profileOf(mal.memberNamed("Ana"));
  await mal.hasText(CHARTER, "we thank whoever asks");
  await mal.hasText(anas, ANA_SAYS);
  const attacks = maliciousUpdates(mal, CHARTER, anas, ATTACKS);
  const onProfile = attacks.filter(({ doc }) => doc === anas).length;
  await mal.write(attacks);
  const inCharter = await refusedOnce(ana.page, ATTACKS - onProfile);
  expect(await readText(ana.page)).toBe(text);
  expect(await fingerprintOf(ana.page)).toBe(fingerprint);
  await expect.poll(() => readRefused(bo.page), { timeout: 60_000 }).toEqual(inCharter);
  expect(await readText(bo.page)).toBe(text);
  await openProfile(ana.page, "Ana");
  const inProfile = await refusedOnce(ana.page, onProfile);
  expect(await readText(ana.page)).toBe(ANA_SAYS);
  const refused = { ...inCharter, ...inProfile };
  console.log(`refused by rule: ${JSON.stringify(refused)}`);
  expect(sum(refused)).toBe(ATTACKS);
  expect(RULES.filter((rule) => (refused[rule] ?? 0) < 20)).toEqual([]);
  await mal.close();
  await openCharter(ana.page);
  await writeDocument(ana.page);
  await appendTo(ana.page, 0, " And we are still here.");
  await doneWriting(ana.page);
  const after = await readText(ana.page);
  expect(after).toContain("And we are still here.");
  await expect.poll(() => readText(bo.page), { timeout: CROSSING_MS }).toBe(after);

  // 4
  await agreed();
  const last = await fingerprintOf(ana.page);
  await hearth.kill();
  for (const { page, context } of [ana, bo]) {
    await context.setOffline(true);
    await page.reload();
    await sees(page, "we thank whoever asks");
    expect(await readText(page)).toBe(after);
    expect(await fingerprintOf(page)).toBe(last);
  }
  expect([...ana.complaints, ...bo.complaints]).toEqual([]);
});

/** In a page of the app's origin that is not the app: copies a database, all stores and keys. */
const copyDatabase = (page: Page, from: string, to: string): Promise<void> =>
  page.evaluate(`(async () => {
    const done = (request) => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const source = await done(indexedDB.open(${JSON.stringify(from)}));
    const stores = [...source.objectStoreNames].map((name) => {
      const store = source.transaction(name).objectStore(name);
      return { name, keyPath: store.keyPath, autoIncrement: store.autoIncrement };
    });
    const opening = indexedDB.open(${JSON.stringify(to)}, source.version);
    opening.onupgradeneeded = () => {
      for (const { name, keyPath, autoIncrement } of stores) opening.result.createObjectStore(name, { keyPath, autoIncrement });
    };
    const target = await done(opening);
    for (const { name, keyPath } of stores) {
      const [keys, values] = await Promise.all(["getAllKeys", "getAll"].map((all) => done(source.transaction(name).objectStore(name)[all]())));
      const store = target.transaction(name, "readwrite").objectStore(name);
      store.clear();
      await Promise.all(values.map((value, index) => done(keyPath === null ? store.put(value, keys[index]) : store.put(value))));
    }
    source.close();
    target.close();
  })()`);

test("a power cut between log and cache, in either order: nothing is lost, and the next edit counts on the other side", async () => {
  const hearth = await stage.lightHearth();
  const ana = await stage.invitePerson("ana-2");
  let bo = await stage.invitePerson("bo-2");
  await foundCommunity(ana.page, hearth.address, "Rose Lane", "", "Ana");
  await joinByLink(bo.page, await makeInvitation(ana.page), "Rose Lane", "Bo");
  await sees(ana.page, "2 people here");
  await openCharter(bo.page);
  await beginDocument(bo.page, "Write the first line", ["We share."]);
  const charter = bo.page.url();
  await openCharter(ana.page);
  await sees(ana.page, "We share.");
  await bo.page.waitForTimeout(1_500); // the cache has it by now

  // The log has it, the cache does not yet.
  await appendTo(bo.page, 0, " We mend.");
  await bo.page.getByRole("main").getByText("Saving…").waitFor();
  await bo.page.getByRole("main").getByText("Saving…").waitFor({ state: "detached" });
  await stage.pullThePlug(bo);
  bo = await stage.invitePerson("bo-2");
  await bo.page.goto(charter);
  await sees(bo.page, "We share. We mend.");
  await writeDocument(bo.page);
  await appendTo(bo.page, 0, " We ask.");
  await sees(ana.page, "We share. We mend. We ask.");

  // The cache has what the log lost: what others said is on the disk a little later.
  await doneWriting(bo.page);
  await bo.page.waitForTimeout(1_500);
  await bo.page.goto(`${hearth.address}hearth.json`);
  await copyDatabase(bo.page, "kith", "kith-then");
  await bo.page.goto(charter);
  await writeDocument(ana.page);
  await appendTo(ana.page, 0, " We rest.");
  await sees(bo.page, "We share. We mend. We ask. We rest.");
  await bo.page.waitForTimeout(1_500);
  await bo.context.setOffline(false);
  await bo.page.goto(`${hearth.address}hearth.json`);
  await copyDatabase(bo.page, "kith-then", "kith");
  await hearth.kill(); // so that nobody tells him again
  await ana.context.close();
  await bo.context.setOffline(true);
  await bo.page.goto(charter);
  await sees(bo.page, "We share. We mend. We ask.");
  expect(await readText(bo.page)).toBe("We share. We mend. We ask.");
  await writeDocument(bo.page);
  await appendTo(bo.page, 0, " We sing.");
  await doneWriting(bo.page);

  const lit = await stage.lightHearth(hearth.home, Number(new URL(hearth.address).port));
  const again = await stage.invitePerson("ana-2");
  await again.page.goto(charter);
  await bo.context.setOffline(false);
  await bo.page.reload();
  expect(lit.address).toBe(hearth.address);
  for (const words of ["We rest.", "We sing."]) {
    await sees(again.page, new RegExp(words));
    await sees(bo.page, new RegExp(words));
  }
  const prints = async (): Promise<readonly string[]> =>
    Promise.all([again.page, bo.page].map((page) => readDocumentFingerprint(page, "Charter")));
  await expect
    .poll(prints, { timeout: CROSSING_MS })
    .toSatisfy(([left, right]: readonly string[]) => left !== "" && left === right);
  expect([await readRefused(again.page), await readRefused(bo.page)]).toEqual([{}, {}]);
  expect([...again.complaints, ...bo.complaints]).toEqual([]);
});
