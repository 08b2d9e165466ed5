/** Three neighbours for tests: Ana founds, Bo and Cy come in. Whatever one says is carried to the others before they look. */
import type { ExchangeDeeds, PromiseDraft, StepDraft } from "../../src/peer/exchange.ts";
import type { PostView, PromiseView } from "../../src/peer/kith.ts";
import { communityView } from "../../src/peer/view.ts";
import { carry, deedsOf, foundHome, inviteFrom, joinHome, never, type Home } from "./home.ts";

export interface Person {
  readonly home: Home;
  readonly deeds: ExchangeDeeds;
  readonly post: () => PostView;
  readonly promise: () => PromiseView;
}

export async function threesome() {
  const ana = await foundHome({ seed: 1 });
  const link = await inviteFrom(ana);
  const homes = [ana, await joinHome(link, "Bo", { seed: 2 }), await joinHome(link, "Cy", { seed: 3 })];
  const spread = async (): Promise<void> => {
    for (const { world } of homes) world.wait(1_000);
    for (let round = 0; round < 2; round += 1)
      for (const from of homes)
        for (const to of homes) {
          if (from !== to) await carry(from.holding, to.holding);
          await to.membership.advance(never);
        }
  };
  await spread();
  const people = homes.map((home): Person => {
    const view = () => communityView({ membership: home.membership, fellows: [], now: home.world.now() });
    const post = (): PostView => view().posts[0]!;
    return { home, deeds: deedsOf(home.membership, home.world), post, promise: () => post().promises[0]! };
  });
  return { people: people as [Person, Person, Person], spread, tag: ana.membership.tag };
}

export const said = (words: string, readers: "all" | "parties" = "all"): PromiseDraft => ({
  words,
  readers,
  quantity: null,
  due: null,
});
export const step = (change: Partial<StepDraft> = {}): StepDraft => ({ ...said(""), isPart: false, ...change });
