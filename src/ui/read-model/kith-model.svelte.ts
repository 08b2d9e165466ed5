/** What Kith shows, kept current while any component reads it. */
import { createSubscriber } from "svelte/reactivity";
import type { CommunityView, Kith, KithView, PostView } from "../../peer/kith.ts";

export class KithModel {
  readonly kith: Kith;
  readonly #track: () => void;

  constructor(kith: Kith) {
    this.kith = kith;
    this.#track = createSubscriber((changed) => kith.subscribe(changed));
  }

  get view(): KithView {
    this.#track();
    return this.kith.view();
  }

  community(tag: string | null | undefined): CommunityView | undefined {
    return this.view.communities.find((community) => community.tag === tag);
  }

  post(tag: string, id: string): PostView | undefined {
    return this.community(tag)?.posts.find((post) => post.id === id);
  }
}
