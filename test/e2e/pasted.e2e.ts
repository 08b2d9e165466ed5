/**
 * Nobody but the two of them: two pages opened from a file, no hearth, no relay, no address of anybody.
 *   1. Ana founds a community and sends Bo her link; Bo waits on the porch.
 *   2. Bo reads Ana's line, Ana reads Bo's: they are connected, with noise, and Bo comes in.
 *   3. Both show one community; what Ana asks shows at Bo's, and his promise at hers.
 *   4. Lines that are old, broken or their own say so.
 * And on a LAN without a gateway: that one of the two may say where it is, is enough; neither is said at once.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseLine } from "../../protocol/index.ts";
import {
  CROSSING_MS,
  ask,
  foundCommunity,
  goTo,
  joinByLink,
  makeInvitation,
  makeLine,
  openPost,
  readFingerprint,
  readLine,
  sees,
  tap as tapOn,
} from "./journeys.ts";
import { layLan, whyNoLan } from "./lan.ts";
import { buildOneFile } from "./one-file.ts";
import { createStage } from "./stage.ts";
import { tap, tappedBy } from "./tap.ts";

const lack = whyNoLan();
const stage = createStage();
const file = join(stage.folder, "kith.html");
const address = `file://${file}`;
beforeAll(() => buildOneFile(file));
afterAll(() => stage.close());

test("two pages from a file, two pasted lines, one community", async () => {
  expect(readFileSync(file, "utf8")).not.toMatch(/<(script|link)[^>]+(src|href)="(?!data:)/); // alone, it has all it needs
  const ana = await stage.invitePerson("ana");
  const bo = await stage.invitePerson("bo");
  const requests: string[] = [];
  for (const { context } of [ana, bo]) {
    await tap(context);
    context.on("request", (request) => requests.push(request.url()));
  }

  // 1
  await foundCommunity(ana.page, address, "Rose Lane", "We look out for each other.", "Ana");
  const link = await makeInvitation(ana.page);
  await bo.page.goto(address);
  await joinByLink(bo.page, link, "Rose Lane", "Bo");
  await sees(bo.page, /Rose Lane/);

  // 2
  await goTo(ana.page, "Network");
  await goTo(bo.page, "Network");
  const offer = await makeLine(ana.page);
  await readLine(bo.page, offer);
  const answer = await bo.page.getByLabel("Line to hand back").inputValue();
  expect(Math.max(offer.length, answer.length)).toBeLessThanOrEqual(1_000);
  const begun = performance.now();
  await readLine(ana.page, answer);
  for (const { page } of [ana, bo]) await sees(page, "Straight to each other, by lines you two exchanged.");
  const connected = performance.now() - begun;
  for (const { page } of [ana, bo]) {
    await goTo(page, "People");
    await sees(page, "2 people here");
  }
  console.log(
    `lines of ${offer.length} and ${answer.length} letters; connected in ${Math.round(connected)} ms, Bo is in after ${Math.round(performance.now() - begun)} ms`,
  );

  // 3
  const fingerprints = async () => [await readFingerprint(ana.page, "Rose Lane"), await readFingerprint(bo.page, "Rose Lane")];
  await expect.poll(async () => new Set(await fingerprints()).size, { timeout: CROSSING_MS }).toBe(1);
  expect((await fingerprints())[0]).toMatch(/^([0-9A-F]{4} ){15}[0-9A-F]{4}$/);
  await goTo(ana.page, "Share");
  await ask(ana.page, "A lift to the clinic on Thursday");
  await goTo(bo.page, "Share");
  await openPost(bo.page, "A lift to the clinic on Thursday");
  await tapOn(bo.page, "I can help");
  await sees(ana.page, "Bo");
  await tapOn(ana.page, "Accept");
  await sees(bo.page, "Agreed");

  // No server, and nothing in clear but the words with which noise begins.
  expect(requests.filter((url) => !url.startsWith(address) && !/^(data|blob):/.test(url))).toEqual([]);
  for (const { page } of [ana, bo]) {
    const { sockets, iceServers, sent } = await tappedBy(page);
    expect(sockets).toEqual([]);
    expect(new Set(iceServers)).toEqual(new Set([0]));
    expect(sent.length).toBeGreaterThan(10);
    const opening = sent.slice(0, 3).join("");
    expect(opening).toContain("/noise\n");
    const rest = sent.slice(3).join("");
    for (const inClear of ["/yamux/", "/kith/", "/multistream/", "lift to the clinic", "Rose Lane"])
      expect(rest).not.toContain(inClear);
  }

  // 4
  await goTo(ana.page, "Network");
  await readLine(ana.page, answer);
  await sees(ana.page, "This answers a line of yours that is over.");
  await goTo(bo.page, "Network");
  await readLine(bo.page, answer);
  await sees(bo.page, "This is your own line.");
  await readLine(bo.page, offer.slice(0, 90));
  await sees(bo.page, "This line cannot be read.");
  expect([...ana.complaints, ...bo.complaints]).toEqual([]);
});

test.skipIf(lack !== null)(
  `on a LAN without a gateway one who says where it is is enough${lack === null ? "" : ` (${lack})`}`,
  async () => {
    const lan = await layLan(stage.folder, 2);
    try {
      const [one, other] = lan.hosts;
      const cy = await stage.invitePerson("cy", { on: one! }); // two were laid
      const di = await stage.invitePerson("di", { on: other!, saysWhereItIs: false });
      for (const { page } of [cy, di]) await page.goto(`${address}#/network`);
      const offer = await makeLine(cy.page);
      await readLine(di.page, offer);
      const answer = await di.page.getByLabel("Line to hand back").inputValue();
      expect([waysIn(offer), waysIn(answer)]).toEqual([[one!.ip], []]);
      await readLine(cy.page, answer);
      for (const { page } of [cy, di]) await sees(page, "Straight to each other, by lines you two exchanged.");

      await cy.context.clearPermissions();
      await cy.page.getByRole("button", { name: "Make another line" }).click();
      await expect.poll(() => cy.page.getByLabel("Line to hand over").inputValue()).not.toBe(offer);
      const silent = await cy.page.getByLabel("Line to hand over").inputValue();
      expect(waysIn(silent)).toEqual([]);
      await readLine(di.page, silent);
      await sees(di.page, "Neither browser may say where it is on this network.");
      await Promise.all([cy, di].map(({ context }) => context.close()));
    } finally {
      lan.close();
    }
  },
);

const waysIn = (text: string): readonly string[] => {
  const line = parseLine(text);
  if (!line.ok) throw new Error(line.error.kind);
  return line.value.ways.map(({ kind, host }) => (kind === "ip4" ? host.join(".") : kind));
};
