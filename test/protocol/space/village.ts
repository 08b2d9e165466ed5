/**
 * A village for tests of a whole community:
 *   1. Ana founds it and opens a door. Bo and Cy come in; Eve comes in by Bo's door with a forged proof.
 *   2. Bo asks, Ana promises, Bo accepts, Ana fulfils, Bo acknowledges. Cy offers; Bo commits and withdraws.
 *   3. Cy writes two stories from seq 2 on: one offers, the other promises Bo something, and Bo, who saw only the
 *      other, accepts: this promise stands, whatever becomes of Cy's feed.
 *   4. Bo says his request anew, and from another device he closes it; Ana and Bo agree to another day, and correct how
 *      much it was. They say something between them.
 *   5. Ana's feed also holds nonsense, an act of an unknown kind, and a body under a key nobody has.
 */
import type { Envelope } from "../../../protocol/envelope/envelope.ts";
import { encodeValue } from "../../../protocol/codec/value.ts";
import { encodeEvidence } from "../../../protocol/acts/evidence.ts";
import { epochKeyFrom, type EpochKey } from "../../../protocol/crypto/seal.ts";
import { encodeStatement } from "../../../protocol/envelope/body.ts";
import { chunkOf, cutChunk, encodeChunk, linksOf } from "../../../protocol/feed/chunk.ts";
import { createForkProof, type ForkProof } from "../../../protocol/feed/fork.ts";
import type { Millis } from "../../../protocol/lang/brand.ts";
import {
  createChance,
  chunkOfAll,
  found,
  invite,
  join,
  openPair,
  say,
  sayRaw,
  talk,
  twinOf,
  type Group,
  type Person,
} from "../../people.ts";

export interface Village {
  readonly group: Group;
  readonly people: Readonly<Record<"ana" | "bo" | "cy" | "eve", Person>>;
  /** Every feed, in order; Cy's is his first story. */
  readonly feeds: readonly (readonly Envelope[])[];
  readonly otherStory: readonly Envelope[];
  readonly proof: ForkProof;
  /** A proof of the same feed, one envelope later: it tells less. */
  readonly laterProof: ForkProof;
  readonly lostKey: EpochKey;
}

export function buildVillage(seed: number): Village {
  const chance = createChance(seed);
  const made = found("Ana", chance);
  const { group, founder: ana } = made;
  const anas: Envelope[] = [...made.envelopes];
  const door = invite(ana, group, chance, 2, [anas[1]!.id]);
  anas.push(door.act, door.keys);
  const bo = join("Bo", group, chance, 3, door.secret, door.act.id);
  const cy = join("Cy", group, chance, 4, door.secret, door.act.id);
  const bos: Envelope[] = [bo.envelope];
  const known = [bo.envelope.id, cy.envelope.id].sort();
  const bosDoor = invite(bo.person, group, chance, 5, known);
  bos.push(bosDoor.act, bosDoor.keys);
  const eve = join("Eve", group, chance, 6, chance(32), bosDoor.act.id); // she does not know the secret

  const evidence = (one: Envelope, of: Person): Uint8Array =>
    encodeEvidence(of.writer.birth.deviceKey, of.writer.birth.random, chunkOf(one));
  const request = say(bo.person, group, chance, 10, known, {
    kind: "request",
    title: "Chairs for Sunday",
    needs: ["participation"],
  });
  const commit = say(ana, group, chance, 11, known, {
    kind: "commit",
    on: request.id,
    giver: ana.root.id,
    receiver: bo.person.root.id,
    words: "six of them",
  });
  const accept = say(bo.person, group, chance, 12, known, { kind: "accept", parent: commit.id, evidence: evidence(commit, ana) });
  const fulfil = say(ana, group, chance, 13, known, { kind: "fulfil", parent: accept.id });
  const thanks = say(bo.person, group, chance, 14, known, {
    kind: "acknowledge",
    parent: fulfil.id,
    evidence: evidence(fulfil, ana),
  });
  const offer = say(cy.person, group, chance, 7, [], { kind: "offer", title: "Pears" });
  const taken = say(bo.person, group, chance, 15, known, {
    kind: "commit",
    on: offer.id,
    giver: cy.person.root.id,
    receiver: bo.person.root.id,
  });
  const withdrawn = say(bo.person, group, chance, 16, known, { kind: "withdraw", parent: taken.id });
  const revised = say(bo.person, group, chance, 16, known, {
    kind: "revise",
    post: request.id,
    replaces: [request.id],
    title: "Chairs for Sunday at ten",
  });
  const amend = say(bo.person, group, chance, 16, known, { kind: "amend", parent: accept.id, due: 99 as Millis });
  const correct = say(bo.person, group, chance, 17, known, { kind: "amend", parent: fulfil.id, quantity: 5 });
  const closed = say(bo.person, group, chance, 17, known, {
    kind: "close",
    post: request.id,
    replaces: [request.id],
    why: "met",
  });
  bos.push(request, accept, thanks, taken, withdrawn, revised, amend, correct, closed);

  const twin = twinOf(cy.person);
  const more = [1, 2, 3].map((n) => say(cy.person, group, chance, 20 + n, [], { kind: "offer", title: `Plums ${n}` }));
  const otherStory = [
    say(twin, group, chance, 21, [], { kind: "commit", on: request.id, giver: cy.person.root.id, receiver: bo.person.root.id }),
    say(twin, group, chance, 22, [], { kind: "offer", title: "Quinces" }),
  ];
  bos.push(
    say(bo.person, group, chance, 23, known, {
      kind: "accept",
      parent: otherStory[0]!.id,
      evidence: evidence(otherStory[0]!, cy.person),
    }),
  );
  const agreed = [amend, correct].map((parent) =>
    say(ana, group, chance, 24, known, { kind: "accept", parent: parent.id, evidence: evidence(parent, bo.person) }),
  );
  const pair = openPair(ana, bo.person, chance, 24);
  const hidden = talk(ana, pair.key, chance, 24, {
    kind: "response",
    circle: pair.id,
    on: request.id,
    words: "The side door is open",
  });
  const lostKey = epochKeyFrom(chance(32));
  const unknown = encodeStatement({ form: "act", at: 30 as Millis, deps: [], act: new Map([["kind", "song"]]) });
  anas.push(commit, fulfil, ...agreed, pair.keys, pair.act, hidden);
  anas.push(sayRaw(ana, group, chance, new Uint8Array([1, 2])), sayRaw(ana, group, chance, unknown));
  anas.push(sayRaw(ana, { ...group, epoch: lostKey }, chance, encodeValue(1)));

  const { deviceKey, random } = cy.person.writer.birth;
  const first = chunkOfAll(more);
  const second = chunkOfAll(otherStory);
  const proof = createForkProof(group.tag, deviceKey, random, first, second);
  const later = twinOf(cy.person);
  later.writer = { ...later.writer, length: 3, head: more[0]!.id };
  const third = say(later, group, chance, 25, [], { kind: "offer", title: "Apples" });
  const laterProof = createForkProof(group.tag, deviceKey, random, cutChunk(first, linksOf(group.tag, first), 3), chunkOf(third));
  if (!proof.ok || !laterProof.ok) throw new Error("two stories make a proof");
  return {
    group,
    otherStory,
    lostKey,
    proof: proof.value,
    laterProof: laterProof.value,
    people: { ana, bo: bo.person, cy: cy.person, eve: eve.person },
    feeds: [anas, bos, [cy.envelope, offer, ...more], [eve.envelope]],
  };
}

/** Envelopes of one feed as chunks that end where `cuts` say. */
export function chunksOf(envelopes: readonly Envelope[], cuts: readonly number[]): readonly Uint8Array[] {
  const ends = [...new Set([...cuts.map((cut) => 1 + (cut % envelopes.length)), envelopes.length])].sort((a, b) => a - b);
  return ends.map((end, i) => encodeChunk(chunkOfAll(envelopes.slice(ends[i - 1] ?? 0, end))));
}
