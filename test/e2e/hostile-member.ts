/**
 * A member who means harm, in Node: real keys, real wires, admitted by a real invitation; and a membership whose gate is not asked
 * before it writes. Owns its node; `close` ends it.
 */
import {
  blocksOf,
  clientOf,
  contentOf,
  memberRootFrom,
  type DocumentName,
  type FeedId,
  type MemberId,
  type Replay,
  type Seen,
} from "../../protocol/index.ts";
import { createHearthWires } from "../../src/net/hearth-node.ts";
import { keepNear } from "../../src/net/keep-near.ts";
import { createCompany, type Company } from "../../src/peer/company.ts";
import { newRecord } from "../../src/peer/deeds.ts";
import { readLink } from "../../src/peer/house.ts";
import { createJudge } from "../../src/peer/judge.ts";
import { createMembership, type Membership } from "../../src/peer/membership.ts";
import { byHearth } from "../../src/peer/network.ts";
import { createRegistry } from "../../src/peer/registry.ts";
import { chooseVerifier } from "../../src/peer/verify.ts";
import { realWorld } from "../../src/platform/world.ts";
import { openMemoryShelf } from "../../src/storage/memory-shelf.ts";

export interface HostileEdit {
  readonly doc: DocumentName;
  readonly update: Uint8Array;
  readonly seen: readonly Seen[];
}

export interface HostileMember {
  readonly membership: Membership;
  readonly client: () => number;
  readonly memberNamed: (name: string) => MemberId;
  /** Waits until a document says this here. */
  readonly hasText: (name: DocumentName, text: string) => Promise<void>;
  readonly feed: () => FeedId;
  readonly replay: (name: DocumentName) => Replay;
  /** Writes edits as they are given, one envelope each, signed and sealed. */
  readonly write: (edits: readonly HostileEdit[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

const never = new AbortController().signal;

export async function joinAsHostile(link: string, name: string): Promise<HostileMember> {
  const world = realWorld;
  const shelf = openMemoryShelf();
  const registry = createRegistry(shelf);
  const judge = createJudge(await chooseVerifier(globalThis.crypto.subtle));
  const read = readLink(link);
  if (!read.ok) throw new Error(`no link: ${read.error.kind}`);
  const { invitation, payload } = read.value;
  const record = newRecord(invitation.tag, name, world, { keys: [], invitation: payload });
  const kept = await registry.keepCommunity(record, never);
  if (!kept.ok) throw new Error(kept.error.kind);
  let company: Company | null = null;
  const membership = createMembership(record, {
    shelf,
    registry,
    judge,
    world,
    root: memberRootFrom(world.bytes(16)),
    changed: () => void membership.advance(never).catch(() => undefined),
    tell: (tag, envelopes) => void company?.tell(tag, envelopes).catch(() => undefined),
    keyed: () => company?.refresh(),
  });
  await membership.open(never);
  const started = await createHearthWires({ listen: [], now: world.now, chance: world.jitter }, never);
  if (!started.ok) throw new Error(started.error.reason);
  const wires = started.value;
  company = createCompany({
    wires,
    world,
    verify: judge.verify,
    holdings: () => [membership.holding],
    selfFor: (tag) => (tag === null ? null : membership.helloSelf()),
    onEntrusted: () => false,
    trusts: () => true,
    greets: () => true,
    changed: () => undefined,
    met: () => undefined,
  });
  const near = keepNear({ wires, chance: world.jitter });
  near.mark([byHearth(invitation.addresses)]);
  await until(() => membership.standing() === "member", `${name} is a member`);
  const library = () => membership.holding.replica.community.documents;
  const replay = (name: DocumentName): Replay => {
    const found = library().replay(name);
    found.advance();
    return found;
  };
  const feed = (): FeedId => {
    const own = membership.helloSelf().feed;
    if (own === null) throw new Error("a member has a feed");
    return own;
  };
  return {
    membership,
    feed,
    client: () => clientOf(feed()),
    memberNamed: (wanted) => {
      const members = membership.holding.replica.community.authority().members.values();
      const found = [...members].find((member) => member.name === wanted);
      if (found === undefined) throw new Error(`nobody here is called ${wanted}`);
      return found.id;
    },
    hasText: (document, text) =>
      until(() => blocksOf(contentOf(replay(document).doc, document)).some((each) => each.text.includes(text)), text),
    replay,
    write: async (edits) => {
      for (let from = 0; from < edits.length; from += 25) {
        const lines = edits
          .slice(from, from + 25)
          .map(({ doc, update, seen }) => ({ kind: "edit", doc, edit: { update, seen } }) as const);
        const said = await membership.speak(lines, never);
        if (!said.ok) throw new Error(said.error.kind);
      }
    },
    close: async () => {
      near.close();
      company?.close();
      await wires.close();
      judge.close();
      await shelf.close();
    },
  };
}

/** Asks every 50 ms, for 20 s. */
export async function until(holds: () => boolean, what: string, ms = 20_000): Promise<void> {
  const end = Date.now() + ms;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`not within ${ms / 1_000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
