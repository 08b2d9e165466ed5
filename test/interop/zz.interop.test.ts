import { test } from "vitest";
import { chromiumHere, startBench, startHearth } from "./browser-bench.ts";
test("many", async () => {
  const bench = await startBench(chromiumHere ?? "");
  const hearth = await startHearth({ listen: ["/ip4/127.0.0.1/tcp/4801/ws"], seed: 5, topics: ["t"] });
  const order = { hearths: [hearth.addresses], topic: "t" };
  const all: number[] = [];
  for (let r = 0; r < 8; r++) {
    const pages = await Promise.all([1,2,3,4].map(() => bench.openPage(order)));
    const st = async () => Promise.all(pages.map((p) => p.evaluate(() => JSON.stringify([Math.round(performance.now()), window.kith?.connections().map((c) => c.path[0] + c.direction[0])])))); const iv = setInterval(() => void st().then((x) => console.log("STATE", r, x.join(" ")), () => {}), 8000); const t = await Promise.all(pages.map(async (p) => { await p.waitForFunction(() => window.kith?.connections().filter((c) => c.path === "browser-direct").length === 3, undefined, { polling: 20, timeout: 40000 }); return p.evaluate(() => performance.now()); }));
    clearInterval(iv); all.push(...t.map(Math.round));
    await Promise.all(pages.map(async (p) => { await p.evaluate(() => window.kith.close()); await p.context().close(); }));
  }
  console.log("FULL MESH OF 4, ms", all.sort((a, b) => a - b).join(" "));
  await hearth.kill(); await bench.close();
}, 200_000);
