/**
 * Reads a village as a stranger's app would: from the bytes alone, through the judge, the shelf and the fold; and says what is in it
 * and what is wrong with it. Tests and benchmarks read with it too.
 */
import { PROMISE_STATES, circleKeyFrom, epochKeyFrom, inOrder, type PromiseState, type Replica } from "../protocol/index.ts";
import { importBundle, type Brought } from "../src/peer/bundle.ts";
import type { DemoKeys } from "../src/peer/demo-keys.ts";
import { createHolding, type Holding } from "../src/peer/holding.ts";
import { createJudge, type Judge } from "../src/peer/judge.ts";
import { chooseVerifier } from "../src/peer/verify.ts";
import { openMemoryShelf } from "../src/storage/memory-shelf.ts";
import type { Shelf } from "../src/storage/shelf.ts";

export interface Summary {
  readonly members: number;
  readonly envelopes: number;
  readonly offers: number;
  readonly requests: number;
  /** Requests that no goods, hours or loans could answer. */
  readonly notMaterial: number;
  readonly promises: Readonly<Record<PromiseState, number>>;
  readonly disputes: number;
  readonly closed: number;
  /** Circles of two, and all that was said in them. */
  readonly circles: number;
  readonly betweenTwo: number;
  readonly invitations: number;
  readonly pages: number;
  readonly edits: number;
  readonly fingerprint: string | null;
}

export interface ReadVillage {
  readonly holding: Holding;
  readonly brought: Brought;
  readonly summary: Summary;
  /** Sentences; none when everything counts. */
  readonly faults: readonly string[];
}

const never = new AbortController().signal;

const villageJudge = async (): Promise<Judge> =>
  // Missing on some platforms, whatever the types say.
  createJudge(await chooseVerifier((globalThis.crypto as Crypto | undefined)?.subtle));

/** `as`: another shelf than one in memory, another judge than this platform's best. */
export async function readVillage(
  bundle: Uint8Array,
  keys: Pick<DemoKeys, "tag" | "epoch" | "circles">,
  as: { readonly shelf?: Shelf; readonly judge?: Judge } = {},
): Promise<ReadVillage> {
  const epoch = epochKeyFrom(keys.epoch);
  const all = [epoch, ...keys.circles.map(circleKeyFrom)];
  const judge = as.judge ?? (await villageJudge());
  const holding = createHolding({
    tag: keys.tag,
    shelf: as.shelf ?? openMemoryShelf(),
    judge,
    keys: () => all,
    relayKeys: () => [epoch.relayPublic],
    ownFeed: () => null,
    changed: () => undefined,
  });
  const { brought, problem } = await importBundle(holding, bundle, never);
  const { replica } = holding;
  const faults = [
    ...(problem === null ? [] : [`the file is not whole: ${problem.kind}`]),
    ...(brought.refused === 0 ? [] : [`${brought.refused} items were refused`]),
    ...faultsOf(replica),
  ];
  return { holding, brought, summary: summaryOf(replica), faults };
}

/** What should be nowhere in a village where everybody is honest and nothing is lost. */
function faultsOf({ community }: Replica): readonly string[] {
  const tally = community.tally();
  const wrong = (["sealed", "opaque", "void", "absent", "waiting"] as const)
    .filter((kind) => tally[kind] > 0)
    .map((kind) => `${tally[kind]} ${kind}`);
  const uncounted = tally.held - tally.private - [...community.countedIds()].length - community.keyBoxes().length;
  const pages = community.documents.entries().flatMap(({ name }) => {
    const replay = community.documents.replay(name);
    while (replay.advance());
    const refused = inOrder(replay).filter(({ verdict }) => verdict !== "counts").length;
    return replay.waiting() + refused === 0 ? [] : [`${name}: ${replay.waiting()} edits wait, ${refused} do not count`];
  });
  return [...wrong, ...(uncounted === 0 ? [] : [`${uncounted} envelopes do not count`]), ...pages];
}

function summaryOf(replica: Replica): Summary {
  const { community } = replica;
  const authority = community.authority();
  const posts = community.posts();
  const lives = posts.flatMap((post) => post.promises.map(({ life }) => life));
  // One figure for each state there is.
  const promises = Object.fromEntries(
    PROMISE_STATES.map((state) => [state, lives.filter((life) => life.state === state).length]),
  ) as unknown as Summary["promises"];
  const requests = posts.filter(({ post }) => post.act.kind === "request");
  const pages = community.documents.entries();
  return {
    members: authority.members.size,
    envelopes: community.tally().held,
    offers: posts.length - requests.length,
    requests: requests.length,
    notMaterial: requests.filter(({ post }) => post.act.form === "presence").length,
    promises,
    disputes: lives.reduce((sum, { counted }) => sum + counted.filter(({ place }) => place === "dispute").length, 0),
    closed: posts.filter(({ versions }) => versions.closed !== null).length,
    circles: community.circles.all().length,
    betweenTwo: community.tally().private,
    invitations: authority.invites.size,
    pages: pages.length,
    edits: pages.reduce((sum, { edits }) => sum + edits, 0),
    fingerprint: replica.fingerprint(),
  };
}
