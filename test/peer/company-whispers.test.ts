/**
 * Whispers between real companies, in a row:   Ana ── hearth ── Bo
 *   1  Ana founds and invites, Bo joins; each greets the hearth, entrusts it with the community and syncs with it.
 *   2  Ana whispers: the hearth, which has no key, passes it on, and Bo hears it. Ana hears nothing of herself.
 *   3  What is unsigned, repeated, too fast, by a stranger or of a forked feed comes to nobody, and lies nowhere.
 */
import { afterEach, describe, expect, test } from "vitest";
import {
  chunkOf,
  concatBytes,
  createForkProof,
  encodeForkProof,
  epochKeyFrom,
  nameToBytes,
  ok,
  sealGossip,
  topicOf,
  writeAct,
  writeWhisper,
  type AidAct,
  type FeedId,
  type Millis,
  type Tag,
  type Whisper,
} from "../../protocol/index.ts";
import { openBlindHouse } from "../../src/hearth/blind-house.ts";
import type { Verdict, Wire, Wires } from "../../src/net/wires.ts";
import { createCompany, type Company } from "../../src/peer/company.ts";
import { openMemoryShelf } from "../../src/storage/memory-shelf.ts";
import { createChance } from "../people.ts";
import { verifyWithNode } from "../verify-with-node.ts";
import { carry, carryFeed, feedOf, foundHome, inviteFrom, joinHome, never, NOON, testJudge, worldBy, type Home } from "./home.ts";
import { pipe, wiresBeside } from "./wires.ts";

interface Node {
  readonly served: Map<string, (wire: Wire) => Promise<void>>;
  readonly topics: Map<string, Parameters<Wires["listen"]>[1]>;
  readonly verdicts: string[];
}

/** Wires that lead to each other along `links`; gossip goes on where it was accepted, each message once. */
function createNet(links: readonly (readonly [string, string])[]) {
  const nodes = new Map<string, Node>();
  const seen = new Set<string>();
  const neighboursOf = (name: string) => links.flatMap(([a, b]) => (a === name ? [b] : b === name ? [a] : []));
  const counts = { gossip: 0 };

  async function spread(from: string, topic: string, bytes: Uint8Array): Promise<void> {
    for (const to of neighboursOf(from)) {
      const node = nodes.get(to);
      const validate = node?.topics.get(topic);
      const key = `${to} ${Buffer.from(bytes).toString("hex")}`;
      if (node === undefined || validate === undefined || seen.has(key)) continue;
      seen.add(key);
      counts.gossip += 1;
      const verdict: Verdict = await validate(bytes, from);
      node.verdicts.push(`${to} ${verdict}`);
      if (verdict === "accept") await spread(to, topic, bytes);
    }
  }

  function wiresOf(name: string): Wires {
    const { wires, served } = wiresBeside("nobody", "browser-direct");
    const topics: Node["topics"] = new Map();
    nodes.set(name, { served, topics, verdicts: [] });
    return {
      ...wires,
      self: name,
      connections: () =>
        neighboursOf(name).map((peer) => ({
          peer,
          path: "hearth-websocket",
          since: NOON as Millis,
          direction: name === "hearth" ? "inbound" : "outbound",
        })),
      open: async (peer, protocol) => {
        const [ours, theirs] = pipe(name, peer);
        const served = nodes.get(peer)?.served.get(protocol);
        void served?.(theirs).finally(() => void theirs.close());
        return ok(ours);
      },
      listen: (topic, validate) => {
        topics.set(topic, validate);
        return () => void topics.delete(topic);
      },
      publish: async (topic, bytes) => {
        void Promise.resolve().then(() => spread(name, topic, bytes));
        return ok({ reached: 1 });
      },
    };
  }
  return { wiresOf, counts, spread, verdictsOf: (name: string) => nodes.get(name)?.verdicts ?? [] };
}

type Net = ReturnType<typeof createNet>;
interface Heard {
  readonly feed: FeedId;
  readonly whisper: Whisper;
}

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function companyOf(net: Net, name: string, home: Home) {
  const heard: Heard[] = [];
  const company: Company = createCompany({
    wires: net.wiresOf(name),
    world: home.world,
    verify: async (checks) => checks.map(verifyWithNode),
    holdings: () => [home.holding],
    selfFor: (tag) => (tag === home.holding.tag ? home.membership.helloSelf() : null),
    onEntrusted: () => false,
    trusts: (_tag, peer) => peer === "hearth",
    greets: () => true,
    onWhisper: (_tag, feed, whisper) => heard.push({ feed, whisper }),
    changed: () => undefined,
    met: () => undefined,
  });
  closing.push(company.close);
  return { company, heard };
}

/** Steps 1: all three hold the same. */
async function street() {
  const ana = await foundHome({ seed: 1 });
  const bo = await joinHome(await inviteFrom(ana), "Bo", { seed: 2 });
  await carry(ana.holding, bo.holding);
  await bo.membership.advance(never);
  await carry(bo.holding, ana.holding);
  const net = createNet([
    ["ana", "hearth"],
    ["hearth", "bo"],
  ]);
  const shelf = openMemoryShelf();
  const hearthWorld = worldBy(3);
  const hearth = await openBlindHouse(
    { shelf, judge: testJudge(), world: hearthWorld, wires: net.wiresOf("hearth"), log: () => undefined },
    never,
  );
  closing.push(hearth.close);
  const atAna = companyOf(net, "ana", ana);
  const atBo = companyOf(net, "bo", bo);
  const { tag } = ana.holding;
  await expect.poll(() => hearth.tally().envelopes).toBe(ana.holding.replica.tally().envelopes);
  await expect.poll(() => hearth.company.fellows(tag).length).toBe(2);
  const wait = (ms: number): void => [ana, bo].forEach(({ world }) => world.wait(ms)) ?? hearthWorld.wait(ms);
  return { ana, bo, net, hearth, shelf, atAna, atBo, tag, wait };
}
type Street = Awaited<ReturnType<typeof street>>;

const CURSOR = { area: "title", text: null, after: { client: 2 ** 53 - 1, clock: 4 } };
const at = (n: number, words = "so"): Whisper => ({ kind: "here", doc: "charter", n, spot: CURSOR, words });
const quiet = () => new Promise((resolve) => setTimeout(resolve, 30));

/** What somebody with the tag can put into the topic: any bytes behind the kind byte. */
const chance = createChance(99);
const put = (net: Net, from: string, tag: Tag, whisper: Uint8Array): Promise<void> =>
  net.spread(from, topicOf(tag), sealGossip(tag, chance(24), concatBytes(new Uint8Array([3]), whisper)));
/** A whisper of Ana's device, as her own app would make it. */
function byAna({ ana, tag }: Street, whisper: Whisper): Uint8Array {
  const { epoch, feed, deviceSeed } = ana.membership.helloSelf();
  if (epoch === null || feed === null || deviceSeed === null) throw new Error("Ana is a member");
  return writeWhisper({ tag, feed, deviceSeed, epoch }, chance(24), whisper);
}

describe("Ana, a hearth, Bo", () => {
  test("Bo hears what Ana whispers, through a hearth that cannot read it; nobody hears oneself", async () => {
    const { ana, atAna, atBo, net, tag, bo } = await street();
    atAna.company.whisper(tag, at(1));
    await expect.poll(() => atBo.heard).toEqual([{ feed: feedOf(ana), whisper: at(1) }]);
    atBo.company.whisper(tag, { kind: "gone", doc: "charter", n: 1 });
    await expect.poll(() => atAna.heard).toEqual([{ feed: feedOf(bo), whisper: { kind: "gone", doc: "charter", n: 1 } }]);
    expect(net.verdictsOf("hearth")).toEqual(["hearth accept", "hearth accept"]);
  });

  test("E4: it lies on nobody's shelf and changes nobody's community", async () => {
    const { ana, bo, atAna, atBo, hearth, shelf, tag } = await street();
    await quiet();
    const bytesOf = async (one: typeof shelf) => {
      const found: string[] = [];
      for await (const batch of one.segments(tag, never))
        found.push(...batch.map(({ bytes }) => Buffer.from(bytes).toString("hex")));
      const kept = (await one.kept("", never)).map(({ name, bytes }) => `${name} ${Buffer.from(bytes).toString("hex")}`);
      return [...found, ...kept, (await one.proofs(tag, never)).length];
    };
    const state = async () => [
      ...(await Promise.all([ana.shelf, bo.shelf, shelf].map(bytesOf))),
      [ana, bo].map(({ holding }) => [holding.version(), holding.replica.digest(), holding.replica.fingerprint()]),
      hearth.tally(),
    ];
    const before = await state();
    for (let n = 1; n <= 8; n += 1) atAna.company.whisper(tag, at(n, "x".repeat(n * 100)));
    await expect.poll(() => atBo.heard.length).toBe(8);
    expect(await state()).toEqual(before);
  });

  test("E1: a broken layout and a signature that does not hold are refused at the first hop; nobody hears them", async () => {
    const all = await street();
    const whole = byAna(all, at(1));
    const bent = whole.slice();
    bent[bent.length - 1]! ^= 1;
    const swapped = concatBytes(nameToBytes(feedOf(all.bo)), whole.subarray(32)); // Ana's words in Bo's name
    for (const [index, bytes] of [bent, swapped, whole.subarray(1), new Uint8Array(5_000), new Uint8Array(0)].entries()) {
      await put(all.net, "ana", all.tag, bytes);
      expect(all.net.verdictsOf("hearth")).toHaveLength(index + 1);
    }
    expect(all.net.verdictsOf("hearth")).toEqual(Array(5).fill("hearth reject"));
    expect(all.net.verdictsOf("bo")).toEqual([]);
    expect(all.atBo.heard).toEqual([]);
  });

  test("E1: what is inside a seal is not held against a hearth that could not see it", async () => {
    const all = await street();
    await put(all.net, "ana", all.tag, byAna(all, at(1, "x".repeat(1_001)))); // no whisper: its words are too long
    const { feed, deviceSeed } = all.ana.membership.helloSelf();
    const other = { tag: all.tag, feed: feed!, deviceSeed: deviceSeed!, epoch: epochKeyFrom(new Uint8Array(32).fill(9)) };
    await put(all.net, "ana", all.tag, writeWhisper(other, chance(24), at(2)));
    expect(all.net.verdictsOf("hearth")).toEqual(["hearth accept", "hearth accept"]);
    expect(all.net.verdictsOf("bo")).toEqual(["bo ignore", "bo ignore"]);
    expect(all.atBo.heard).toEqual([]);
  });

  test("E2: a feed that nobody holds is passed over, without blame", async () => {
    const all = await street();
    const { epoch } = all.ana.membership.helloSelf();
    const voice = { tag: all.tag, feed: "0e".repeat(32) as FeedId, deviceSeed: new Uint8Array(32).fill(6), epoch: epoch! };
    await put(all.net, "ana", all.tag, writeWhisper(voice, chance(24), at(1)));
    expect(all.net.verdictsOf("hearth")).toEqual(["hearth ignore"]);
  });

  test("E2: a feed that is admitted and speaks for no member is not heard", async () => {
    const all = await street();
    const cy = await joinHome(await inviteFrom(all.ana), "Cy", { seed: 4 });
    await carry(all.ana.holding, cy.holding);
    await cy.membership.advance(never);
    const cyFeed = feedOf(cy);
    await carryFeed(cy.holding, all.bo.holding, cyFeed);
    expect(all.bo.holding.replica.feed(cyFeed)).not.toBeNull();
    const authority = all.bo.holding.replica.community.authority();
    expect(authority.memberByFeed.has(cyFeed)).toBe(false); // its invitation has not come to Bo
    const self = cy.membership.helloSelf();
    const voice = { tag: all.tag, feed: cyFeed, deviceSeed: self.deviceSeed!, epoch: self.epoch! };
    await put(all.net, "hearth", all.tag, writeWhisper(voice, chance(24), at(1)));
    expect(all.net.verdictsOf("bo")).toEqual(["bo ignore"]);
    expect(all.atBo.heard).toEqual([]);
    await carry(all.ana.holding, all.bo.holding);
    await put(all.net, "hearth", all.tag, writeWhisper(voice, chance(24), at(2)));
    expect(all.atBo.heard.map(({ feed }) => feed)).toEqual([cyFeed]);
  });

  test("E2: one's own whisper that comes back is not somebody else's", async () => {
    const all = await street();
    await put(all.net, "hearth", all.tag, byAna(all, at(1)));
    expect(all.net.verdictsOf("ana")).toEqual(["ana ignore"]);
    expect(all.atAna.heard).toEqual([]);
  });

  test("E2: a feed that told two stories is silent from then on, at a hearth too", async () => {
    const all = await street();
    const { feed, deviceSeed, epoch } = all.ana.membership.helloSelf();
    const held = all.bo.holding.replica.feed(feed!)!;
    const writer = {
      tag: all.tag,
      feed: feed!,
      birth: held.birth,
      deviceSeed: deviceSeed!,
      length: held.ids.length,
      head: held.ids.at(-1)!,
      lastAt: NOON as Millis,
    };
    const act = (title: string): AidAct =>
      ({ kind: "offer", title, details: "", needs: [], form: null, when: "", where: "" }) as unknown as AidAct;
    const [one, other] = ["soup", "bread"].map((title) =>
      chunkOf(writeAct(writer, epoch!, chance(24), NOON as Millis, [], act(title)).envelope),
    );
    const proof = createForkProof(all.tag, held.birth.deviceKey, held.birth.random, one!, other!);
    if (!proof.ok) throw new Error(proof.error.kind);
    const message = sealGossip(all.tag, chance(24), concatBytes(new Uint8Array([2]), encodeForkProof(proof.value)));
    await all.net.spread("ana", topicOf(all.tag), message);
    expect(all.bo.holding.replica.proof(feed!)).not.toBeNull();
    expect(all.bo.holding.replica.community.authority().memberByFeed.has(feed!)).toBe(true); // she still belongs
    await put(all.net, "ana", all.tag, byAna(all, at(1)));
    await put(all.net, "hearth", all.tag, byAna(all, at(2)));
    expect(all.net.verdictsOf("hearth").at(-1)).toBe("hearth ignore");
    expect(all.net.verdictsOf("bo").at(-1)).toBe("bo ignore");
    expect(all.atBo.heard).toEqual([]);
  });

  test("E3: of one feed ten are passed on at once, and the others not; a second later there is room again", async () => {
    const all = await street();
    for (let n = 1; n <= 30; n += 1) await put(all.net, "ana", all.tag, byAna(all, at(n)));
    expect(all.atBo.heard.map(({ whisper }) => whisper.n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(all.net.verdictsOf("hearth").filter((verdict) => verdict === "hearth ignore")).toHaveLength(20);
    all.wait(1_000);
    await put(all.net, "ana", all.tag, byAna(all, at(31)));
    expect(all.atBo.heard.at(-1)?.whisper.n).toBe(31);
  });

  test("E3: a neighbour that lets all through is not heard faster either, also where many are verified at once", async () => {
    const all = await street();
    await Promise.all(Array.from({ length: 30 }, (_, n) => put(all.net, "hearth", all.tag, byAna(all, at(n)))));
    expect(all.atBo.heard).toHaveLength(10);
  });

  test("E3: who has no rest left costs no signature, and a false one takes nobody's rest", async () => {
    const all = await street();
    const bent = byAna(all, at(1));
    bent[100]! ^= 1;
    for (let n = 0; n < 12; n += 1) await put(all.net, "hearth", all.tag, bent);
    await put(all.net, "hearth", all.tag, byAna(all, at(1)));
    expect(all.net.verdictsOf("bo")).toEqual([...Array<string>(12).fill("bo reject"), "bo accept"]);
    for (let n = 2; n <= 10; n += 1) await put(all.net, "hearth", all.tag, byAna(all, at(n)));
    await put(all.net, "hearth", all.tag, bent);
    expect(all.net.verdictsOf("bo").at(-1)).toBe("bo ignore"); // not looked at
  });

  test("E3: what is repeated in a new gossip seal, or comes late, is not heard again", async () => {
    const all = await street();
    const first = byAna(all, at(5));
    for (const bytes of [first, first, byAna(all, at(4)), byAna(all, at(6))]) await put(all.net, "hearth", all.tag, bytes);
    expect(all.net.verdictsOf("bo")).toEqual(["bo accept", "bo ignore", "bo ignore", "bo accept"]);
    expect(all.atBo.heard.map(({ whisper }) => whisper.n)).toEqual([5, 6]);
  });

  test("who has no feed there yet says nothing", async () => {
    const ana = await foundHome({ seed: 1 });
    const bo = await joinHome(await inviteFrom(ana), "Bo", { seed: 2 });
    const net = createNet([["ana", "bo"]]);
    companyOf(net, "ana", ana);
    const { company } = companyOf(net, "bo", bo);
    company.whisper(ana.holding.tag, at(1));
    company.whisper("0c".repeat(32) as Tag, at(1));
    await quiet();
    expect(net.counts.gossip).toBe(0);
  });
});
