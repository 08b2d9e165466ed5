/** Two people in real Chromium and a hearth, in a namespace of their own: what a person waits for. Medians of several. */
import { spawnSync } from "node:child_process";
import type { Page } from "playwright-core";
import { ask, foundCommunity, goTo, joinByLink, makeInvitation, sees } from "../test/e2e/journeys.ts";
import { createStage } from "../test/e2e/stage.ts";
import type { Figures, Progress } from "./core.ts";

const LOADS = 7;
const ASKS = 40;

export async function benchLive(progress: Progress): Promise<Figures> {
  if (process.env["KITH_IN_NAMESPACE"] === undefined) return inNamespace();
  const stage = createStage();
  try {
    const hearth = await stage.lightHearth();
    const ana = await stage.invitePerson("ana");
    const bo = await stage.invitePerson("bo");
    await foundCommunity(ana.page, hearth.address, "Bench", "", "Ana");
    await joinByLink(bo.page, await makeInvitation(ana.page), "Bench", "Bo");
    await sees(ana.page, "2 people here");

    const toHearth: number[] = [];
    const toBrowser: number[] = [];
    for (let load = 0; load < LOADS; load += 1) {
      progress(`page load ${load + 1} of ${LOADS}`);
      await goTo(bo.page, "Network");
      await bo.page.reload();
      toHearth.push(await since(bo.page, "A hearth"));
      toBrowser.push(await since(bo.page, "Straight from browser to browser"));
    }

    await goTo(ana.page, "Share");
    await goTo(bo.page, "Share");
    await bo.page.evaluate(WATCH_FOR_TITLES);
    await ana.page.evaluate(REMEMBER_TAPS);
    const waits: number[] = [];
    const tapToDurable: number[] = [];
    const publishToScreen: number[] = [];
    for (let turn = 0; turn < ASKS; turn += 1) {
      if (turn % 5 === 0) progress(`ask ${turn + 1} of ${ASKS}`);
      const title = `Ask number ${turn}.`;
      await ask(ana.page, title);
      await bo.page.getByText(title).first().waitFor();
      const seen = Number(await bo.page.evaluate(`globalThis.seenAt[${JSON.stringify(title)}]`));
      const sent = Number(await ana.page.evaluate("globalThis.sentAt"));
      const durable = Number(await ana.page.evaluate("globalThis.durableAt"));
      if (![seen, sent, durable].every(Number.isFinite)) throw new Error(`ask ${turn} was not seen from tap to screen`);
      waits.push(seen - sent);
      tapToDurable.push(durable - sent);
      publishToScreen.push(seen - durable);
      await goTo(ana.page, "Share");
    }
    return {
      loads: LOADS,
      loadToHearthMsP50: quantile(toHearth, 0.5),
      loadToHearthMsMax: quantile(toHearth, 1),
      loadToBrowserMsP50: quantile(toBrowser, 0.5),
      loadToBrowserMsMax: quantile(toBrowser, 1),
      asks: waits.length,
      sendTapToVisibleMsP50: quantile(waits, 0.5),
      sendTapToVisibleMsP99: quantile(waits, 0.99),
      tapToDurableMsP50: quantile(tapToDurable, 0.5),
      tapToDurableMsP99: quantile(tapToDurable, 0.99),
      publishToScreenMsP50: quantile(publishToScreen, 0.5),
      publishToScreenMsP99: quantile(publishToScreen, 0.99),
    };
  } finally {
    await stage.close();
  }
}

// As text: the transpiler marks functions with a helper that the page does not have.
/** In the page: notes when each title first stands in it. */
const WATCH_FOR_TITLES = `{
  globalThis.seenAt = {};
  const look = () => { for (const found of document.body.innerText.match(/Ask number \\d+\\./g) ?? []) globalThis.seenAt[found] ??= performance.timeOrigin + performance.now(); };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
}`;
/**
 * In the page: notes the moment of each tap, and of the first strict write of envelopes to the disk behind it. What is said is
 * published right then (src/peer/holding.ts H1), so publish-to-screen is counted from there.
 */
const REMEMBER_TAPS = `{
  const now = () => performance.timeOrigin + performance.now();
  addEventListener("click", () => { globalThis.sentAt = now(); globalThis.durableAt = undefined; }, { capture: true });
  const begin = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (names, mode, options) {
    const tx = begin.call(this, names, mode, options);
    if (mode === "readwrite" && options?.durability === "strict" && [names].flat().includes("segments"))
      tx.addEventListener("complete", () => { globalThis.durableAt ??= now(); });
    return tx;
  };
}`;

/** Milliseconds from the page's own start until the words stand in it. */
const since = (page: Page, words: string): Promise<number> =>
  page
    .waitForFunction((wanted) => (document.body.innerText.includes(wanted) ? performance.now() : 0), words, { polling: "raf" })
    .then(async (handle) => Number(await handle.jsonValue()));

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN);
}

/** The same bench again, where nothing leaves the machine. */
function inNamespace(): Figures {
  const unshare = process.getuid?.() === 0 ? ["-n"] : ["-rn"];
  const command = `ip link set lo up && exec "${process.execPath}" --import tsx bench/main.ts live --json`;
  const run = spawnSync("unshare", [...unshare, "sh", "-c", command], {
    env: { ...process.env, KITH_IN_NAMESPACE: "1" },
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
    timeout: 300_000,
  });
  if (run.status !== 0) throw new Error(`the bench in the namespace ended with ${run.status ?? run.signal ?? "no code"}`);
  const { name: _name, ...figures } = JSON.parse(run.stdout) as Record<string, number>;
  return figures;
}
