/** From what is held to what the screens may know: one community's view. Pure; it reads no clock and keeps nothing. */
import { communityOf, type EnvelopeId, type InviteRecord, type MemberId, type Millis } from "../../protocol/index.ts";
import type { Fellow } from "./company.ts";
import { plainText, skeleton } from "./plain-text.ts";
import type { CommunityView, Copies, InviteView, PersonView, PostView } from "./kith.ts";
import type { Membership } from "./membership.ts";
import type { DocumentView } from "./open-document.ts";
import { postView, talksOf, type PostViewDeps } from "./post-view.ts";

export interface ViewDeps {
  readonly membership: Membership;
  readonly fellows: readonly Fellow[];
  readonly now: Millis;
}

/** "7F3A 91C2 0B4D 55E1 A9C0": 80 bits, which nobody grinds a second key for. */
export const shortFingerprint = (id: MemberId): string => groupedFingerprint(id.slice(0, 20));

/** Sixteen groups of four. */
export const groupedFingerprint = (hex: string): string => (hex.match(/.{4}/g) ?? []).join(" ").toUpperCase();

/** How each member is shown, as of now. */
export function peopleOf({
  holding,
  root,
  record,
}: Pick<Membership, "holding" | "root" | "record">): (id: MemberId) => PersonView {
  const { members } = holding.replica.community.authority();
  const nameOf = (id: MemberId): string => {
    const known = plainText(members.get(id)?.name ?? (id === root.id ? record().name : ""));
    return known === "" ? shortFingerprint(id) : known;
  };
  const bearers = new Map<string, number>();
  for (const id of members.keys()) bearers.set(skeleton(nameOf(id)), (bearers.get(skeleton(nameOf(id))) ?? 0) + 1);
  return (id) => ({
    id,
    // Two who look alike are told apart wherever they are named.
    name: (bearers.get(skeleton(nameOf(id))) ?? 0) > 1 ? `${nameOf(id)} (${shortFingerprint(id).slice(0, 9)})` : nameOf(id),
    isMe: id === root.id,
    fingerprint: shortFingerprint(id),
  });
}

function documentViews(membership: Membership, person: (id: MemberId) => PersonView): readonly DocumentView[] {
  const { community } = membership.holding.replica;
  const { memberByFeed } = community.authority();
  const entries = [...community.documents.entries()].sort(
    (left, right) => right.lastAt - left.lastAt || (left.name < right.name ? -1 : 1),
  );
  return entries.map(({ name, kind, edits, lastAt, writers }) => ({
    name,
    kind,
    edits,
    changedAt: lastAt,
    writers: [...new Set(writers.flatMap((feed) => memberByFeed.get(feed) ?? []))].map(person),
  }));
}

export function communityView({ membership, fellows, now }: ViewDeps): CommunityView {
  const { holding, invitation, root } = membership;
  const { replica } = holding;
  const authority = replica.community.authority();
  const card = invitation?.card;
  const person = peopleOf(membership);
  const standing = membership.standing();
  const copiesSince = (version: number): Copies => ({
    savedHere: true,
    // Anybody who knows the tag can say "equal": only those who hold the key, and hearths we chose, are counted.
    neighbours: fellows.filter((fellow) => fellow.proved && hasSince(fellow, version)).length,
    hearths: fellows.filter((fellow) => fellow.isOurHearth && hasSince(fellow, version)).length,
  });
  const copiesOf = (id: EnvelopeId): Copies => copiesSince(membership.saidAt(id));
  const tally = replica.community.tally();
  const ownFeed = membership.helloSelf().feed;
  const deps: PostViewDeps = {
    person,
    copiesOf,
    me: root.id,
    isMember: standing === "member",
    now,
    asideOf: replica.community.circles.aside,
    talks: talksOf(replica.community.circles.all(), root.id),
  };
  const lastOwn = ownFeed === null ? undefined : replica.feed(ownFeed)?.ids.at(-1);
  const members = [...authority.members.keys()].map(person);
  return {
    tag: membership.tag,
    id: authority.genesis === null ? null : communityOf(authority.genesis.act),
    name: plainText(authority.genesis?.act.name ?? card?.community ?? ""),
    purpose: plainText(authority.genesis?.act.purpose ?? card?.purpose ?? ""),
    standing,
    inviter: plainText(card?.inviter ?? ""),
    me: authority.members.has(root.id) ? person(root.id) : null,
    members: members.sort((left, right) => left.name.localeCompare(right.name) || (left.id < right.id ? -1 : 1)),
    posts: believable(
      replica.community.posts().map((post) => postView(post, deps)),
      now,
    ),
    invites: [...authority.invites.values()].map((invite): InviteView => ({
      id: invite.id,
      by: person(invite.by),
      at: invite.at,
      expires: invite.act.expires,
      door: invite.act.door,
      joined: invite.joined.length,
      state: stateOf(invite, now),
      link: membership.record().invites.find(({ id }) => id === invite.id)?.link ?? null,
    })),
    documents: documentViews(membership, person),
    // Read only where it is shown: it hashes the whole community.
    get fingerprint() {
      const whole = replica.fingerprint();
      return whole === null ? null : groupedFingerprint(whole);
    },
    held: tally.held,
    waiting: tally.waiting,
    copies: lastOwn === undefined ? copiesSince(0) : copiesOf(lastOwn),
    forkedFeeds: [...replica.forks().keys()],
  };
}

function stateOf({ act, joined, closed }: InviteRecord, now: Millis): InviteView["state"] {
  if (act.door === "single" && joined.length > 0) return "used";
  return closed ? "closed" : act.expires <= now ? "expired" : "open";
}

const hasSince = ({ equal }: Fellow, version: number): boolean => equal !== null && equal.version >= version;

/** A clock that is wrong, or a liar, does not hold the top of the list: claims ahead of ours come last (DESIGN 4.5). */
const CLOCK_AHEAD_MS = 600_000;
function believable(posts: readonly PostView[], now: Millis): readonly PostView[] {
  const isAhead = ({ at }: PostView): boolean => at > now + CLOCK_AHEAD_MS;
  return posts.some(isAhead) ? [...posts.filter((post) => !isAhead(post)), ...posts.filter(isAhead)] : posts;
}
