/**
 * Where each address leads. Hash routes, so that any static host, sub-path or single file serves them.
 * What needs Yjs comes when it is asked for, so that nobody waits for it who only wants to ask or offer.
 */
import type { RouteDefinition } from "svelte-spa-router";
import { wrap, type AsyncSvelteComponent } from "svelte-spa-router/wrap";
import ComposeView from "./views/ComposeView.svelte";
import FoundView from "./views/FoundView.svelte";
import HomeView from "./views/HomeView.svelte";
import JoinView from "./views/JoinView.svelte";
import LostView from "./views/LostView.svelte";
import NetworkView from "./views/NetworkView.svelte";
import PartMissingView from "./views/PartMissingView.svelte";
import PeopleView from "./views/PeopleView.svelte";
import ReviseView from "./views/ReviseView.svelte";
import ShareView from "./views/ShareView.svelte";
import ThreadView from "./views/ThreadView.svelte";

export const routes: RouteDefinition = {
  "/": HomeView,
  "/found": FoundView,
  "/join/:payload?": JoinView,
  "/c/:tag": ShareView,
  "/c/:tag/new/:kind?": ComposeView,
  "/c/:tag/post/:id": ThreadView,
  "/c/:tag/post/:id/change": ReviseView,
  "/c/:tag/people": PeopleView,
  "/c/:tag/people/:member": later(() => import("./views/ProfileView.svelte")),
  "/c/:tag/charter": later(() => import("./views/CharterView.svelte")),
  "/c/:tag/versions/*": later(() => import("./views/VersionsView.svelte")),
  "/network": NetworkView,
  "*": LostView,
};

function later(load: AsyncSvelteComponent) {
  return wrap({ asyncComponent: () => load().catch(() => ({ default: PartMissingView })) });
}

/** The community an address is about, or null. */
export const tagIn = (location: string): string | null => /^\/c\/([^/]+)/.exec(location)?.[1] ?? null;
