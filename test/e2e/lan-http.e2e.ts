/**
 * A community centre without internet: one hearth and two phones on a local network, private addresses, no gateway, the
 * app over plain http, and no media permission to ask for.
 *   1. The phones have no way to each other: their browsers gather no address, and know no default route.
 *   2. Ana founds, Bo joins, they ask, promise and keep it, all through the hearth, which cannot read it.
 *   3. The network page says which way it goes.
 * Once over WebRTC-Direct alone, as for a page that may not open plain WebSockets; once as the hearth offers it.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
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
  tap as tapOn,
} from "./journeys.ts";
import { layLan, whyNoLan, type Host, type Lan } from "./lan.ts";
import { createStage, type Hearth, type Person } from "./stage.ts";
import { tap, tappedBy } from "./tap.ts";

/** One dial of a browser that has no way is given up after 7 s. */
const TRYING_MS = 10_000;

const lack = whyNoLan();
const told = lack === null ? "" : ` (${lack})`;
const stage = createStage();
let lan: Lan;
let hearth: Hearth;
let phones: readonly Host[];

beforeAll(async () => {
  if (lack !== null) return;
  lan = await layLan(stage.folder, 3);
  const [centre, ...rest] = lan.hosts;
  hearth = await stage.lightHearth(undefined, 8080, centre);
  phones = rest;
});
afterAll(async () => {
  await stage.close();
  lan?.close();
});

/** Two people on their phones, listened to. */
async function twoPeople(...names: readonly [string, string]): Promise<readonly [Person, Person]> {
  const start = async (at: 0 | 1): Promise<Person> => {
    const person = await stage.invitePerson(names[at], { saysWhereItIs: false, on: phones[at]! }); // as many as names
    await tap(person.context);
    return person;
  };
  return Promise.all([start(0), start(1)]);
}

test.skipIf(lack !== null)(`WebRTC-Direct alone carries a community on a LAN without gateway or https${told}`, async () => {
  expect(hearth.address).toBe("http://10.77.0.1:8080/");
  const [ana, bo] = await twoPeople("ana", "bo");
  // What a page from https sees of it: plain WebSockets are closed to such a page.
  const direct = hearth.addresses.filter((address) => address.includes("/webrtc-direct/"));
  expect(direct.length).toBe(1);
  for (const { context } of [ana, bo])
    await context.route("**/hearth.json", (route) => route.fulfill({ json: { addresses: direct } }));
  const begun = performance.now();
  await foundCommunity(ana.page, hearth.address, "Mill Hall", "We look out for each other.", "Ana");

  // 1
  for (const phone of phones) expect(phone.ask("ip", "route").trim()).toMatch(/^10\.77\.0\.0\/24 dev eth0 [^\n]*$/);
  expect(await whatIsThere(ana.page)).toEqual({
    secure: false,
    media: false,
    locks: false,
    subtle: false,
    serviceWorker: false,
    gathered: 0,
  });

  // 2
  const link = await makeInvitation(ana.page);
  await joinByLink(bo.page, link, "Mill Hall", "Bo");
  for (const { page } of [ana, bo]) {
    await goTo(page, "People");
    await sees(page, "2 people here");
  }
  const joined = performance.now();
  await goTo(ana.page, "Share");
  await ask(ana.page, "A lift to the clinic on Thursday");
  await goTo(bo.page, "Share");
  const asked = performance.now();
  await openPost(bo.page, "A lift to the clinic on Thursday");
  const seen = performance.now();
  await tapOn(bo.page, "I can help");
  await tapOn(ana.page, "Accept");
  await sees(bo.page, "Agreed");
  await tapOn(bo.page, "Done");
  await tapOn(ana.page, "Received, thank you");
  await sees(bo.page, "Kept");
  console.log(
    `founded and joined in ${Math.round(joined - begun)} ms; the ask at the other phone ${Math.round(seen - asked)} ms after it was said`,
  );
  const both = async () => [await readFingerprint(ana.page, "Mill Hall"), await readFingerprint(bo.page, "Mill Hall")];
  await expect.poll(async () => new Set(await both()).size, { timeout: CROSSING_MS }).toBe(1);
  expect((await both())[0]).toMatch(/^([0-9A-F]{4} ){15}[0-9A-F]{4}$/);

  // 3
  for (const { page } of [ana, bo]) {
    await goTo(page, "Network");
    await sees(page, "A hearth");
    await sees(page, "Straight to it, nobody between."); // `hearth-webrtc`
    await sees(page, "Has all that you have");
    expect(await page.getByText("Connected over the web.").count()).toBe(0);
    const { sockets, iceServers } = await tappedBy(page);
    expect(sockets).toEqual([]);
    expect(new Set(iceServers)).toEqual(new Set([0]));
  }
  // They try to reach each other all the while. None may take a try for a connection: nothing would arrive over it.
  await Promise.all(
    [ana, bo].map(({ page }) =>
      expect(page.getByText("Straight from browser to browser").waitFor({ timeout: TRYING_MS })).rejects.toThrow("Timeout"),
    ),
  );
  expect([...ana.complaints, ...bo.complaints]).toEqual([]);
  await Promise.all([ana, bo].map(({ context }) => context.close()));
});

test.skipIf(lack !== null)(`where the hearth offers a WebSocket too, that is taken, and carries as much${told}`, async () => {
  const [ana, bo] = await twoPeople("ana-ws", "bo-ws");
  await foundCommunity(ana.page, hearth.address, "Mill Lane", "", "Ana");
  await joinByLink(bo.page, await makeInvitation(ana.page), "Mill Lane", "Bo");
  await sees(ana.page, "2 people here");
  await goTo(ana.page, "Share");
  await ask(ana.page, "A ladder");
  await goTo(bo.page, "Share");
  await openPost(bo.page, "A ladder");
  await goTo(bo.page, "Network");
  await sees(bo.page, "Connected over the web."); // `hearth-websocket`
  expect((await tappedBy(bo.page)).sockets.length).toBeGreaterThan(0);
});

/** What a page of this origin is given, and how many addresses its WebRTC gathers. */
const whatIsThere = (page: Page) =>
  page.evaluate(async () => {
    const link = new RTCPeerConnection();
    let gathered = 0;
    link.addEventListener(
      "icecandidate",
      ({ candidate }) => void (candidate !== null && candidate.candidate !== "" && gathered++),
    );
    link.createDataChannel("");
    await link.setLocalDescription();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    link.close();
    return {
      secure: isSecureContext,
      media: "mediaDevices" in navigator,
      locks: "locks" in navigator,
      subtle: "subtle" in crypto,
      serviceWorker: "serviceWorker" in navigator,
      gathered,
    };
  });
