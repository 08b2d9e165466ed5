/** The real screens over a fixture: `?scenario=porch&words=qps-ploc#/c/…`. `MILL` in the hash is Mill Street, `ANA` and `EEF` live there. */
import { mount } from "svelte";
import App from "../../../src/ui/App.svelte";
import { loadWords } from "../../../src/ui/locales/load-words.ts";
import { createDrafts } from "../../../src/ui/read-model/drafts.ts";
import "../../../src/ui/styles/tokens.css";
import "../../../src/ui/styles/base.css";
import { exchange, exchanges } from "../exchanges.ts";
import { fixtureKith } from "../fixture-kith.ts";
import { ana, eef, mill, NOW, posts, scenarios } from "../street.ts";

const asked = new URLSearchParams(location.search);
const post = asked.get("post");
location.hash = location.hash
  .replace("MILL", mill.tag)
  .replace("ANA", ana.id)
  .replace("EEF", eef.id)
  .replace("POST", (post && (posts[post] ?? exchanges[post])?.id) ?? "none");

const words = await loadWords([asked.get("words") ?? "en"]);
document.documentElement.lang = words.locale;
document.documentElement.dir = words.dir;

const scenario = asked.get("scenario") ?? "calm";
mount(App, {
  target: document.querySelector("#app") ?? document.body,
  props: {
    words,
    drafts: createDrafts(localStorage),
    now: () => NOW,
    ...(asked.has("demo") ? { demo: { startOver: () => location.reload() } } : {}),
    open: () => {
      if (scenario === "opening") return new Promise(() => undefined);
      if (scenario === "no-village") return Promise.resolve({ ok: false, error: { kind: scenario } });
      if (scenario === "crash") return Promise.resolve({ ok: false, error: { kind: "storage-closed" } });
      const view = scenario === "exchange" ? exchange : scenarios[scenario];
      if (view === undefined) throw new Error(`no scenario ${scenario}`);
      const kith = fixtureKith(view, asked.get("charter") ?? "written");
      const openDocument: typeof kith.openDocument = (...which) => {
        const open = kith.openDocument(...which);
        if (open !== null) window.opened = open; // for others who write: see writing-acts.ts
        return open;
      };
      return Promise.resolve({ ok: true, value: { ...kith, openDocument } });
    },
  },
});
