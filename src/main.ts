/** The browser app put together: the shell at once, then the peer, which loads its network part by itself. */
import { mount } from "svelte";
import type { Millis } from "../protocol/index.ts";
import App from "./ui/App.svelte";
import { loadWords } from "./ui/locales/load-words.ts";
import { createDrafts } from "./ui/read-model/drafts.ts";
import "./ui/styles/tokens.css";
import "./ui/styles/base.css";

const target = document.querySelector("#app");
if (target === null) throw new Error("index.html has #app");

const chosen = kept()?.getItem("kith.locale");
const words = await loadWords([...(chosen ? [chosen] : []), ...navigator.languages]);
document.documentElement.lang = words.locale;
document.documentElement.dir = words.dir;

mount(App, {
  target,
  props: {
    words,
    drafts: createDrafts(kept()),
    // `Millis` is minted where the clock is read.
    now: () => Date.now() as Millis,
    open: async () => {
      const { openKith } = await import("./peer/open-kith.ts");
      return openKith({ appAddress: location.href.replace(/#.*$/s, "") });
    },
  },
});

// Missing on plain-http origins and from a file; a worker that cannot be kept only costs opening offline.
const serviceWorker = navigator.serviceWorker as ServiceWorkerContainer | undefined;
if (import.meta.env.PROD && location.protocol.startsWith("http")) void serviceWorker?.register("./sw.js").catch(() => undefined);

/** Reading the property itself throws where storage is forbidden. */
function kept(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
