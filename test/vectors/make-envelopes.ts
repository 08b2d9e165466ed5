/** Envelopes, chunks, fork proofs, evidence, and the fingerprint of a small community: three people, one kept promise, one fork. */
import { encodeEvidence } from "../../protocol/acts/evidence.ts";
import { PROMISE_STATES } from "../../protocol/acts/promise.ts";
import { encodeEnvelope, type Envelope } from "../../protocol/envelope/envelope.ts";
import { openBody } from "../../protocol/crypto/seal.ts";
import { bindingOf } from "../../protocol/envelope/header.ts";
import { chunkOf, cutChunk, encodeChunk, linksOf, stripChunk } from "../../protocol/feed/chunk.ts";
import { encodeForkProof } from "../../protocol/feed/fork.ts";
import { frontierDigest } from "../../protocol/feed/frontier-tree.ts";
import { chunkOfAll, replicaOf, type Person } from "../people.ts";
import { buildVillage } from "../protocol/space/village.ts";
import { hex } from "./second-path.ts";
import type { Accepted, Refused, VectorFile } from "./vector.ts";

const edited = (bytes: Uint8Array, at: number, ...values: readonly number[]): Uint8Array => {
  const copy = bytes.slice();
  copy.set(values, at);
  return copy;
};
const fill = (byte: number, length: number): readonly number[] => Array<number>(length).fill(byte);
const plus = (bytes: Uint8Array): Uint8Array => new Uint8Array([...bytes, 0]);

export function envelopes(): Readonly<Record<string, VectorFile>> {
  const village = buildVillage(2026);
  const { group, people, feeds, proof, otherStory } = village;
  const [anas = [], bos = [], cys = []] = feeds;
  const [genesis, join, , keys] = anas as [Envelope, Envelope, Envelope, Envelope];
  const fields = (name: string, envelope: Envelope, person: Person): Accepted => {
    const { birth } = envelope;
    const binding = bindingOf(envelope);
    const plaintext = openBody(group.epoch, binding, envelope.body);
    return {
      name, parser: "envelope", bytes: hex(encodeEnvelope(envelope)), epoch: hex(group.epoch.secret), seed: hex(person.writer.deviceSeed), tag: envelope.tag,
      random: hex(person.writer.birth.random), seq: envelope.seq, prev: envelope.prev, hasBirth: birth !== null,
      ...(plaintext.ok ? { nonce: hex(envelope.body.subarray(0, 24)), plaintext: hex(plaintext.value) } : { body: hex(envelope.body) }),
      id: envelope.id, feed: envelope.feed, signature: hex(envelope.signature),
    };
  };
  const first = encodeEnvelope(genesis);
  const second = encodeEnvelope(join);
  const refuse = (parser: string) => (name: string, bytes: Uint8Array, error: string): Refused => ({ name, parser, bytes: hex(bytes), error });
  const noEnvelope = refuse("envelope");
  const envelope: VectorFile = {
    about: "version ‖ tag ‖ feed ‖ seq ‖ prev ‖ key id ‖ birth at seq 0 ‖ body hash ‖ signature ‖ body; made anew from seeds by the second path",
    accepted: [
      fields("genesis, with a birth", genesis, people.ana), fields("the founder's join", join, people.ana), fields("keys, open", keys, people.ana),
      fields("a guest's join, with a birth", bos[0] as Envelope, people.bo), fields("a request", bos[3] as Envelope, people.bo),
    ],
    refused: [
      noEnvelope("nothing", new Uint8Array(0), "malformed header"), noEnvelope("another version", edited(first, 0, 2), "newer-version"),
      noEnvelope("cut in the birth", first.subarray(0, 200), "malformed birth"), noEnvelope("no body", second.subarray(0, 213), "malformed body"),
      noEnvelope("a prev at seq 0", edited(first, 69, ...fill(1, 32)), "prev-seq-mismatch"), noEnvelope("no prev at seq 1", edited(second, 69, ...fill(0, 32)), "prev-seq-mismatch"),
      noEnvelope("a birth of another feed", edited(first, 149, ...fill(1, 32)), "foreign-feed-name"), noEnvelope("another body", plus(second), "body-hash-mismatch"),
    ],
  };

  const whole = chunkOfAll(anas);
  const middle = cutChunk(whole, linksOf(group.tag, whole), 2);
  const chunkBytes = encodeChunk(middle);
  const noChunk = refuse("chunk");
  const chunkVector = (name: string, bytes: Uint8Array, of: readonly Envelope[], absent: boolean): Accepted => ({
    name, parser: "chunk", bytes: hex(bytes), absent, envelopes: of.map((each) => hex(encodeEnvelope(each))),
  });
  const chunk: VectorFile = {
    about: "up to 256 envelopes in a row, carrying only what cannot be recomputed; put together from its envelopes by the second path",
    accepted: [
      chunkVector("a whole feed, from its birth", encodeChunk(whole), anas, false), chunkVector("the middle of a feed", chunkBytes, anas.slice(2), false),
      chunkVector("one envelope", encodeChunk(chunkOf(join)), [join], false), chunkVector("without bodies", encodeChunk(stripChunk(whole, false)), anas, true),
    ],
    refused: [
      noChunk("another version", edited(chunkBytes, 0, 9), "newer-version"), noChunk("no entries", edited(chunkBytes, 37, 0, 0), "malformed head"),
      noChunk("257 entries", edited(chunkBytes, 37, 1, 1), "malformed head"), noChunk("no key ids", edited(chunkBytes, 71, 0, 0), "malformed key-ids"),
      noChunk("more key ids than entries", edited(chunkBytes, 71, 1, 0), "malformed key-ids"), noChunk("a second key id first", edited(chunkBytes, 73 + 3 * 16, 1), "malformed entry"),
      noChunk("past the last seq", edited(chunkBytes, 33, ...fill(255, 4)), "malformed head"), noChunk("a byte behind", plus(chunkBytes), "malformed trailing"),
      noChunk("no signature", chunkBytes.subarray(0, -64), "malformed signature"),
    ],
  };

  const proofBytes = encodeForkProof(proof);
  const evidence = encodeEvidence(people.bo.writer.birth.deviceKey, people.bo.writer.birth.random, chunkOfAll(bos.slice(3, 6)));
  const [noProof, noEvidence] = [refuse(`proof ${group.tag}`), refuse(`evidence ${group.tag}`)];
  const forks: VectorFile = {
    about: "Fork proofs and evidence",
    accepted: [
      {
        name: "two stories of one feed", parser: `proof ${group.tag}`, bytes: hex(proofBytes), feed: proof.feed, seq: proof.seq, deviceKey: hex(proof.deviceKey), random: hex(proof.random),
        one: cys.slice(2).map((each) => hex(encodeEnvelope(each))), other: otherStory.map((each) => hex(encodeEnvelope(each))),
      },
      {
        name: "a request and two more", parser: `evidence ${group.tag}`, bytes: hex(evidence), deviceKey: hex(people.bo.writer.birth.deviceKey), random: hex(people.bo.writer.birth.random),
        id: (bos[3] as Envelope).id, envelopes: bos.slice(3, 6).map((each) => hex(encodeEnvelope(each))),
      },
    ],
    refused: [
      noProof("another version", edited(proofBytes, 0, 2), "newer-proof"), noProof("another device", edited(proofBytes, 1, ...fill(3, 32)), "not-a-fork feed"),
      noProof("cut", proofBytes.subarray(0, 60), "not-a-fork cut-short"), noProof("a length past the end", edited(proofBytes, 65, 255), "not-a-fork cut-short"),
      noProof("the stories in the other order", encodeForkProof({ ...proof, left: proof.right, right: proof.left }), "not-a-fork order"),
      noProof("one story twice", encodeForkProof({ ...proof, right: proof.left }), "not-a-fork same"),
      noEvidence("less than a name", evidence.subarray(0, 63), "not-evidence cut-short"), noEvidence("another device", edited(evidence, 0, ...fill(3, 32)), "not-evidence feed"),
      noEvidence("no body", Buffer.concat([evidence.subarray(0, 64), encodeChunk(stripChunk(chunkOf(bos[3] as Envelope), false))]), "not-evidence bodies"),
    ],
  };

  const replica = replicaOf(group, feeds.flat());
  replica.takeProof(proof);
  const authority = replica.community.authority();
  const frontier = replica.frontier();
  const byId = <T extends { readonly id: string }>(items: Iterable<T>): readonly T[] => [...items].sort((a, b) => (a.id < b.id ? -1 : 1));
  const community: VectorFile = {
    about: "The frontier digest and the fingerprint of a village (test/protocol/space/village.ts, seed 2026), and what went into them",
    accepted: [
      {
        name: "village", tag: group.tag, epoch: hex(group.epoch.secret), chunks: feeds.map((feed) => hex(encodeChunk(chunkOfAll(feed)))), proof: hex(proofBytes),
        frontier: frontier.map(({ feed, length, head, forkedAt }) => [feed, length, head, forkedAt]), digest: frontierDigest(frontier),
        members: byId(authority.members.values()).map((each) => [each.id, each.isSteward, each.feeds]), invites: byId(authority.invites.values()).map((each) => [each.id, each.closed]),
        promises: byId(replica.community.posts().flatMap((post) => post.promises.map(({ commit, life }) => ({ id: commit.id, state: life.state })))).map(({ id, state }) => [id, PROMISE_STATES.indexOf(state)]),
        counted: [...replica.community.countedIds()].sort(), forks: [...replica.forks()].map(([feed, seq]) => [feed, seq]), fingerprint: replica.fingerprint() ?? "",
      },
      { name: "nothing held", frontier: [], digest: frontierDigest([]) },
    ],
    refused: [],
  };
  return { envelope, chunk, fork: forks, community };
}
