/** What is served, and to whom: a hearth answers to addresses, localhost and its own name, and to no name that a foreign page points at it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isOurs, serveApp } from "../src/hearth/serve-app.ts";

test.each(["127.0.0.1:8080", "localhost:8080", "localhost", "[::1]:8080", "192.168.1.5", "hearth.lan:80"])(
  "%s is ours",
  (header) => {
    expect(isOurs(header, "hearth.lan")).toBe(true);
  },
);

test.each(["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "", undefined])("%s is not", (header) => {
  expect(isOurs(header, "hearth.lan")).toBe(false);
});

test("what is told beside the app has its own names; another page may be the first, and then the app's own is not to be had", async () => {
  const app = mkdtempSync(join(tmpdir(), "kith-app-"));
  for (const name of ["index.html", "demo.html"]) writeFileSync(join(app, name), `<p>${name}</p>`);
  const told = new Map([["told.json", { type: "application/json", body: () => "[1]" }]]);
  const serve = async (page?: string) => {
    const served = await serveApp({
      app,
      host: "127.0.0.1",
      port: 18_640,
      told,
      onTaken: () => undefined,
      ...(page ? { page } : {}),
    });
    if (!served.ok) throw new Error(served.error.reason);
    return { server: served.value, at: `http://127.0.0.1:${served.value.port}` };
  };
  const [plain, demo] = [await serve(), await serve("demo.html")];
  try {
    const answer = await fetch(`${plain.at}/told.json?again`);
    expect([answer.headers.get("content-type"), await answer.text()]).toEqual(["application/json", "[1]"]);
    expect(answer.headers.get("content-security-policy")).toMatch(/^default-src 'none'/);
    expect((await fetch(`${plain.at}/hearth.json`)).status).toBe(404);
    expect(await (await fetch(`${plain.at}/`)).text()).toBe("<p>index.html</p>");
    for (const path of ["/", "/index.html"]) expect(await (await fetch(demo.at + path)).text(), path).toBe("<p>demo.html</p>");
  } finally {
    await plain.server.close();
    await demo.server.close();
    rmSync(app, { recursive: true, force: true });
  }
});
