/** The app over a village that does not exist, for demo.html: the same screens, a clock that goes on where its story ends, no network. */
import { mount } from "svelte";
import { err, type Millis } from "../protocol/index.ts";
import App from "./ui/App.svelte";
import { loadWords } from "./ui/locales/load-words.ts";
import { createDrafts } from "./ui/read-model/drafts.ts";
import "./ui/styles/tokens.css";
import "./ui/styles/base.css";

const target = document.querySelector("#app");
if (target === null) throw new Error("demo.html has #app");

const loading = import("./peer/open-demo.ts"); // as the app does: heavy, and not needed for the first words
const chosen = kept()?.getItem("kith.locale");
const [words, keys] = await Promise.all([
  loadWords([...(chosen ? [chosen] : []), ...navigator.languages]),
  loading.then(({ loadDemoKeys }) => loadDemoKeys()),
]);
document.documentElement.lang = words.locale;
document.documentElement.dir = words.dir;

/** When this village was first opened here: its clock runs from there, also over a reload. */
const OPENED = `kith.demo.${keys?.tag ?? "none"}`;
const opened = Number(kept()?.getItem(OPENED) ?? "") || Date.now();
kept()?.setItem(OPENED, String(opened));
// `Millis` is minted where the clock is read.
const now = (): Millis => ((keys?.ends ?? opened) + Date.now() - opened) as Millis;

mount(App, {
  target,
  props: {
    words,
    drafts: createDrafts(null), // half-written things of a demo are not kept beside real ones
    now,
    open: async () =>
      keys === null
        ? err({ kind: "no-village" })
        : (await loading).openDemo({ keys, now, appAddress: location.href.replace(/#.*$/s, "") }),
    demo: { startOver: () => void startOver() },
  },
});

async function startOver(): Promise<void> {
  if (keys !== null) await (await loading).forgetDemo(keys);
  kept()?.removeItem(OPENED);
  location.reload();
}

/** Reading the property itself throws where storage is forbidden. */
function kept(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
