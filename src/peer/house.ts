/**
 * House: everything a person has on this device, behind the one facade the screens know (kith.ts).
 * Holds the pen of every own feed, opens the network behind the first view, and passes on what is said.
 * Owns memberships, company and network; `close` ends them and the shelf.
 */
import {
  cardCheck,
  checkSignature,
  epochKeyFrom,
  err,
  isAdmissibleKey,
  memberRootFrom,
  ok,
  parseInvitation,
  topicOf,
  type EnvelopeId,
  type Invitation,
  type MemberRoot,
  type Result,
  type Tag,
  type Whisper,
} from "../../protocol/index.ts";
import type { World } from "../platform/world.ts";
import type { DocumentCache } from "../storage/document-cache.ts";
import type { Shelf } from "../storage/shelf.ts";
import { createCompany, type Company } from "./company.ts";
import * as deeds from "./deeds.ts";
import { createDocuments, type Documents } from "./documents.ts";
import { createExchangeDeeds } from "./exchange-deeds.ts";
import type { Judge } from "./judge.ts";
import type { InviteCard, Kith, KithView, LinkError, NeighbourView, NetworkView, SayError, StorageView } from "./kith.ts";
import { createHearths, type Hearths } from "./hearths.ts";
import { createLineDeeds } from "./lines.ts";
import { createMembership, type Membership } from "./membership.ts";
import type { Network, StartNetwork } from "./network.ts";
import { createRegistry, type CommunityRecord, type RegistryError } from "./registry.ts";
import { communityView, shortFingerprint } from "./view.ts";

export interface HouseDeps {
  readonly shelf: Shelf;
  /** Null: documents are put together from the log at every start. */
  readonly cache: DocumentCache | null;
  readonly judge: Judge;
  readonly world: World;
  /** Where the app is served from: links to join begin with it. */
  readonly appAddress: string;
  /** Null: this house stays alone (a file with a demo, a test). */
  readonly startNetwork: StartNetwork | null;
  /** Addresses of the hearth that served the app, if one did. */
  readonly servedBy: (signal: AbortSignal) => Promise<readonly string[]>;
  /** Asks the browser to keep our data; null when it cannot say. */
  readonly persist: () => Promise<boolean | null>;
}

export type HouseError = RegistryError;

/** Views change at most this often: a frame. */
const FRAME_MS = 16;
const JOIN = "#/join/";
/** Whoever came in time may reach us late, by a hearth or a friend; a closing names only those we have seen. */
const GRACE_MS = 7 * 24 * 3_600_000;
const REMEMBER_MS = 1_000;
const LOOK_AGAIN_MS = [0, 300, 1_200, 4_000];

export async function openHouse(deps: HouseDeps, signal: AbortSignal): Promise<Result<Kith, HouseError>> {
  const { shelf, world } = deps;
  const registry = createRegistry(shelf);
  const known = await registry.identity(signal);
  if (!known.ok) return known;
  const identity = known.value ?? { entropy: world.bytes(16) };
  if (known.value === null) {
    const kept = await registry.keepIdentity(identity, signal);
    if (!kept.ok) return kept;
  }
  const { records } = await registry.communities(signal);
  const house = createHouse(deps, memberRootFrom(identity.entropy));
  for (const record of records) await house.enter(record, signal);
  house.startNetwork();
  if (records.length > 0) house.settleStorage();
  return ok(house.kith);
}

function createHouse(deps: HouseDeps, root: MemberRoot) {
  const { shelf, judge, world, appAddress } = deps;
  const registry = createRegistry(shelf);
  const closing = new AbortController();
  const memberships = new Map<Tag, Membership>();
  const documents = new Map<Tag, Documents>();
  const listeners = new Set<() => void>();
  let network: Network | null = null;
  let company: Company | null = null;
  let state: NetworkView["state"] = deps.startNetwork === null ? "off" : "starting";
  let usage: { readonly usedBytes: number; readonly quotaBytes: number } | null = null;
  let persistent: boolean | null = null;
  let cached: KithView | null = null;
  let isTelling = false;

  /** Many changes in one frame make one call. */
  function changed(): void {
    cached = null;
    if (isTelling || closing.signal.aborted) return;
    isTelling = true;
    world.later(FRAME_MS, () => {
      isTelling = false;
      if (closing.signal.aborted) return;
      for (const membership of memberships.values()) {
        void membership.advance(closing.signal).catch(() => undefined);
        if (membership.standing() === "member") tendInvites(membership);
      }
      for (const each of documents.values()) each.refresh();
      for (const listener of [...listeners]) listener();
    });
  }

  /**
   * Of the invitations that were made here. Expiry is a view; what shuts the door for everybody is the closing that its maker writes
   * (authority A8), and what lets somebody in by a door for one is the acceptance (A9).
   */
  const shutting = new Set<EnvelopeId>();
  const accepting = new Set<EnvelopeId>();
  function tendInvites(membership: Membership): void {
    const { invites } = membership.holding.replica.community.authority();
    for (const { id } of membership.record().invites) {
      const found = invites.get(id);
      if (found === undefined || found.closed) continue;
      if (found.waiting.length > 0 && !accepting.has(id)) {
        accepting.add(id); // one at a time: two would both be written, though only the first counts
        void deeds
          .acceptJoin(membership, id, world.now(), closing.signal)
          .catch(() => null)
          .finally(() => accepting.delete(id));
      }
      if (found.act.expires + GRACE_MS > world.now() || shutting.has(id)) continue;
      shutting.add(id); // once a start: what failed is tried again at the next
      void deeds.closeInvite(membership, id, closing.signal).catch(() => undefined);
    }
  }

  async function enter(record: CommunityRecord, signal: AbortSignal): Promise<Membership> {
    const membership = createMembership(record, {
      shelf,
      registry,
      judge,
      world,
      root,
      changed,
      tell: (tag, envelopes) => void company?.tell(tag, envelopes).catch(() => undefined),
      keyed: () => company?.refresh(),
    });
    await membership.open(signal);
    memberships.set(record.tag, membership);
    documents.get(record.tag)?.close(); // who joins anew has a new membership under the same tag
    const publish = (whisper: Whisper): void => company?.whisper(record.tag, whisper);
    documents.set(record.tag, createDocuments({ membership, world, cache: deps.cache, publish }));
    if (network !== null) {
      network.seek([...memberships.keys()].map(topicOf));
      markHearths();
      company?.refresh();
    }
    changed();
    return membership;
  }

  // ---- network

  const mayAsk = (peer: string, topic: string): boolean =>
    [...memberships.keys()].some((tag) => topicOf(tag) === topic && (company?.isFellow(peer, tag) ?? false));

  function startNetwork(): void {
    const start = deps.startNetwork;
    if (start === null) return;
    void openNetwork(start).catch(() => {
      state = "failed"; // a chunk of the app that did not load, or an abort
      changed();
    });
  }

  async function openNetwork(start: StartNetwork): Promise<void> {
    const [started, from] = await Promise.all([start({ mayAsk }, closing.signal), deps.servedBy(closing.signal)]);
    hearths.servedBy(from);
    if (!started.ok) {
      state = "failed";
      return changed();
    }
    if (closing.signal.aborted) return started.value.close(); // closed while it started: nobody else knows of it
    network = started.value;
    company = createCompany({
      wires: network.wires,
      world,
      verify: judge.verify,
      holdings: () => [...memberships.values()].map(({ holding }) => holding),
      selfFor: (tag) => (tag === null ? null : (memberships.get(tag)?.helloSelf() ?? null)),
      onEntrusted: () => false,
      trusts: hearths.trusts,
      greets: () => true,
      onWhisper: (tag, feed, whisper) => documents.get(tag)?.hear(feed, whisper),
      changed,
      met: lookAround,
    });
    network.seek([...memberships.keys()].map(topicOf));
    markHearths();
    state = "on";
    changed();
  }

  /** Now, and again when the other side has heard which topics we are in. */
  function lookAround(): void {
    // Identify, which tells what a hearth says of itself, may come after the hello.
    world.later(REMEMBER_MS, () => void rememberHearths().catch(() => undefined)); // at the next meeting, then
    for (const ms of LOOK_AGAIN_MS) world.later(ms, () => network?.refresh());
  }

  const hearths: Hearths = createHearths({
    registry,
    now: world.now,
    communities: () => [...memberships.values()].map(({ tag, invitation }) => ({ tag, invited: invitation?.addresses ?? [] })),
    changed: () => markHearths(),
    signal: closing.signal,
  });
  const markHearths = (): void => network?.mark(hearths.byCommunity());

  /** The hearths we chose, among those that have shown to know a community, are remembered for it. */
  async function rememberHearths(): Promise<void> {
    for (const tag of memberships.keys())
      for (const { peer, isOurHearth } of company?.fellows(tag) ?? [])
        if (isOurHearth && network !== null) await hearths.met(tag, peer, await network.statedBy(peer));
  }

  // ---- views

  function networkView(): NetworkView {
    const fellows = [...memberships.values()].flatMap(({ tag, holding }) =>
      (company?.fellows(tag) ?? []).map((fellow) => ({ fellow, authority: holding.replica.community.authority() })),
    );
    const neighbours = (network?.wires.connections() ?? []).map(({ peer, path, since }): NeighbourView => {
      const met = fellows.filter(({ fellow }) => fellow.peer === peer);
      const known = met.flatMap(({ fellow, authority }) => {
        const member = fellow.feed === null ? undefined : authority.memberByFeed.get(fellow.feed);
        const record = member === undefined ? undefined : authority.members.get(member);
        return record === undefined ? [] : [record];
      })[0];
      const equalAt = met.map(({ fellow }) => fellow.equal?.at ?? null).filter((at) => at !== null);
      return {
        peer,
        path,
        since,
        role: met[0]?.fellow.role ?? "unknown",
        person:
          known === undefined
            ? null
            : { id: known.id, name: known.name, isMe: known.id === root.id, fingerprint: shortFingerprint(known.id) },
        equalAt: equalAt.length === 0 ? null : equalAt.reduce((left, right) => (left > right ? left : right)),
      };
    });
    return { state, reason: state === "failed" ? "start-failed" : null, neighbours, lastHeard: company?.lastHeard() ?? null };
  }

  function storageView(): StorageView {
    const troubles = [...memberships.values()].map(({ holding }) => holding.trouble()?.kind);
    return {
      state: troubles.includes("storage-failed") ? "failed" : troubles.includes("disk-full") ? "full" : "ok",
      usedBytes: usage?.usedBytes ?? null,
      quotaBytes: usage?.quotaBytes ?? null,
      persistent,
    };
  }

  const view = (): KithView => {
    cached ??= {
      seat: "pen",
      communities: [...memberships.values()]
        .filter(({ holding, invitation }) => invitation !== null || holding.replica.tally().envelopes > 0)
        .map((membership) => communityView({ membership, fellows: company?.fellows(membership.tag) ?? [], now: world.now() })),
      network: networkView(),
      storage: storageView(),
    };
    return cached;
  };

  async function settleStorage(): Promise<void> {
    persistent = await deps.persist();
    usage = await shelf.usage(closing.signal);
    changed();
  }

  // ---- deeds

  /** There, or on the porch by this very link: it has nothing more to give. */
  const isIn = ({ tag, invite }: Invitation): boolean => {
    const known = memberships.get(tag);
    return known !== undefined && (known.standing() === "member" || known.invitation?.invite === invite);
  };
  const within = async <T>(
    tag: Tag,
    deed: (membership: Membership) => Promise<Result<T, SayError>>,
  ): Promise<Result<T, SayError>> => {
    const membership = memberships.get(tag);
    return membership === undefined ? err({ kind: "not-found" }) : deed(membership);
  };

  const kith: Kith = {
    view,
    subscribe: (listener) => {
      const own = (): void => listener();
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    found: async (form, signal) => {
      const made = deeds.foundCommunity(form, root, world, epochKeyFrom);
      if (!made.ok) return made;
      const kept = await registry.keepCommunity(made.value.record, signal);
      if (!kept.ok) return err(deeds.sayErrorOf(kept.error));
      const membership = await enter(made.value.record, signal);
      const said = await membership.speak(made.value.lines(membership), signal);
      if (!said.ok) return err(deeds.sayErrorOf(said.error));
      company?.refresh();
      void settleStorage().catch(() => undefined);
      return ok(membership.tag);
    },
    readLink: (link) => {
      const read = readLink(link);
      return read.ok ? ok(cardOf(read.value.invitation, isIn(read.value.invitation))) : read;
    },
    join: async (link, myName, signal) => {
      const read = readLink(link);
      if (!read.ok) return read;
      const name = deeds.readName(myName);
      if (!name.ok) return name;
      const { invitation, payload } = read.value;
      // A new link is a new beginning for whoever is not in yet: a closed door may have left them outside.
      if (isIn(invitation)) return ok(invitation.tag);
      const record = deeds.newRecord(invitation.tag, name.value, world, { keys: [], invitation: payload });
      const kept = await registry.keepCommunity(record, signal);
      if (!kept.ok) return err(deeds.sayErrorOf(kept.error));
      await enter(record, signal);
      void settleStorage().catch(() => undefined);
      return ok(invitation.tag);
    },
    invite: (tag, door, signal) =>
      within(tag, (membership) =>
        deeds.invite(membership, world, door, hearths.addressesOf(tag), (payload) => `${appAddress}${JOIN}${payload}`, signal),
      ),
    closeInvite: (tag, id, signal) => within(tag, (membership) => deeds.closeInvite(membership, id, signal)),
    ...createExchangeDeeds(within, world),
    openDocument: (tag, name) => documents.get(tag)?.open(name) ?? null,
    copyDocument: async (tag, name) => documents.get(tag)?.copy(name) ?? null,
    settle: async (signal) => {
      await Promise.all([...documents.values()].map((each) => each.settle(signal)));
    },
    connect: async (address, signal) => {
      if (network === null) return err({ kind: "unreachable" });
      const dialled = await network.wires.dial([address], signal);
      if (!dialled.ok) return err({ kind: dialled.error.kind === "unreadable-address" ? "unreadable-address" : "unreachable" });
      await hearths.add(address, signal);
      return ok(undefined);
    },
    ...createLineDeeds(() => network?.inPerson ?? null),
    close: async () => {
      if (closing.signal.aborted) return;
      await kith.settle(closing.signal);
      closing.abort();
      for (const each of documents.values()) each.close();
      company?.close();
      await network?.close();
      judge.close();
      await shelf.close();
    },
  };
  return { kith, enter, startNetwork, settleStorage: () => void settleStorage().catch(() => undefined) };
}

/** The payload of a link: what follows `#/join/`, or the text itself when somebody pasted only that. */
export function readLink(link: string): Result<{ readonly invitation: Invitation; readonly payload: string }, LinkError> {
  const trimmed = link.trim();
  const at = trimmed.lastIndexOf(JOIN);
  const payload = at < 0 ? trimmed : trimmed.slice(at + JOIN.length);
  const invitation = parseInvitation(payload);
  if (!invitation.ok) return err({ kind: "unreadable-link" });
  const check = cardCheck(invitation.value);
  return isAdmissibleKey(check.key) && checkSignature(check)
    ? ok({ invitation: invitation.value, payload })
    : err({ kind: "forged-card" });
}

export const cardOf = ({ tag, card }: Invitation, alreadyMember: boolean): InviteCard => ({
  tag,
  community: card.community,
  purpose: card.purpose,
  inviter: card.inviter,
  members: card.members,
  expires: card.expires,
  alreadyMember,
});
