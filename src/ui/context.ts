/** What any component may ask for without being handed it. Set once: words, clock and voice in App, the rest in Rooms. */
import { createContext } from "svelte";
import type { Clock } from "./read-model/clock.svelte.ts";
import type { Drafts } from "./read-model/drafts.ts";
import type { KithModel } from "./read-model/kith-model.svelte.ts";
import type { Voice } from "./read-model/voice.svelte.ts";
import type { Words } from "./words.ts";

export const [getWords, setWords] = createContext<Words>();
export const [getClock, setClock] = createContext<Clock>();
export const [getVoice, setVoice] = createContext<Voice>();
export const [getModel, setModel] = createContext<KithModel>();
/** What a page over a village that does not exist can do beside the rest. */
export interface Demo {
  readonly startOver: () => void;
}
/** Null in the app itself. */
export const [getDemo, setDemo] = createContext<Demo | null>();
export const [getDrafts, setDrafts] = createContext<Drafts>();
