/** The places one can go to from anywhere. */
import type { IconName } from "./icon-name.ts";
import type { Key } from "./words.ts";

export interface Place {
  readonly to: string;
  readonly icon: IconName;
  readonly key: Key;
  readonly here: boolean;
}

export const isComposing = (location: string): boolean => /^\/c\/[^/]+\/(new(\/|$)|post\/[^/]+\/change$)/.test(location);

/** `tag` is null on pages that belong to no community. */
export function placesFor(tag: string | null, location: string): readonly Place[] {
  const network: Place = { to: "/network", icon: "network", key: "nav.network", here: location === "/network" };
  if (tag === null) return [network];
  const people = `/c/${tag}/people`;
  const isAboutUs = ["people", "charter", "versions"].some((part) => location.startsWith(`/c/${tag}/${part}`));
  const inList = location === `/c/${tag}` || location.startsWith(`/c/${tag}/post/`);
  return [
    { to: `/c/${tag}`, icon: "share", key: "nav.share", here: inList },
    { to: people, icon: "people", key: "nav.people", here: isAboutUs },
    network,
  ];
}
