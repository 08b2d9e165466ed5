/** Where each address leads. Hash routes, so that any static host, sub-path or single file serves them. */
import type { RouteDefinition } from "svelte-spa-router";
import ComposeView from "./views/ComposeView.svelte";
import FoundView from "./views/FoundView.svelte";
import HomeView from "./views/HomeView.svelte";
import JoinView from "./views/JoinView.svelte";
import LostView from "./views/LostView.svelte";
import NetworkView from "./views/NetworkView.svelte";
import PeopleView from "./views/PeopleView.svelte";
import ShareView from "./views/ShareView.svelte";
import ThreadView from "./views/ThreadView.svelte";

export const routes: RouteDefinition = {
  "/": HomeView,
  "/found": FoundView,
  "/join/:payload?": JoinView,
  "/c/:tag": ShareView,
  "/c/:tag/new/:kind?": ComposeView,
  "/c/:tag/post/:id": ThreadView,
  "/c/:tag/people": PeopleView,
  "/network": NetworkView,
  "*": LostView,
};

/** The community an address is about, or null. */
export const tagIn = (location: string): string | null => /^\/c\/([^/]+)/.exec(location)?.[1] ?? null;
