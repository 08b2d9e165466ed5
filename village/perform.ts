/** Perform: writes what a plan says, step by step in the order of time, as signed and sealed envelopes of its people. */
import {
  NONCE_BYTES,
  RULES_VERSION,
  SALT_BYTES,
  asideHash,
  assertNever,
  communityOf,
  epochKeyFrom,
  inviteKeysFrom,
  memberRootFrom,
  nameToBytes,
  proveInvitation,
  sealKeyBox,
  tagOf,
  unfitIn,
  type AidAct,
  type EnvelopeId,
  type Genesis,
  type PostRecord,
} from "../protocol/index.ts";
import type { Chance } from "./chance.ts";
import { writePage } from "./desk.ts";
import { createLog, drawSecrets, type Log } from "./log.ts";
import type { Label, Plan, Said, Step } from "./story.ts";

export function perform(plan: Plan, chance: Chance): Log {
  const steps = inOrder(plan);
  const genesis = steps[0]?.deed;
  if (genesis?.kind !== "found") throw new Error("a story begins with its founding");
  const epochSecret = chance.bytes(32);
  const founder = drawSecrets(chance);
  const act: Genesis = {
    kind: "genesis",
    random: chance.bytes(32),
    name: genesis.name,
    purpose: genesis.purpose,
    founder: memberRootFrom(founder.entropy).id,
    commitment: epochKeyFrom(epochSecret).commitment,
    rules: RULES_VERSION,
  };
  const log = createLog(tagOf(communityOf(act)), epochSecret, chance, founder);
  const stage = createStage(log, plan, chance, act);
  for (const step of steps) stage(step);
  return log;
}

/** By time; at one time, as they were planned. */
const inOrder = ({ stories }: Plan): readonly Step[] => stories.flat().sort((left, right) => left.at - right.at);

function createStage(log: Log, plan: Plan, chance: Chance, genesis: Genesis): (step: Step) => void {
  const idBy = new Map<Label, EnvelopeId>();
  const secretBy = new Map<Label, Uint8Array>();
  const agreed = nameToBytes(communityOf(genesis));
  const get = <T>(map: ReadonlyMap<Label, T>, label: Label): T => {
    const found = map.get(label);
    if (found === undefined) throw new Error(`"${label}" has not happened yet`);
    return found;
  };
  const nameOf = (by: number): string => {
    const person = plan.people[by];
    if (person === undefined) throw new Error(`there is no person ${by}`);
    return person.name;
  };

  function act({ at, by, as, deed }: Step): EnvelopeId | null {
    switch (deed.kind) {
      case "found": {
        const first = log.say(by, at, genesis);
        const { certificate } = log.villager(by);
        log.say(by, at, { kind: "join", certificate, invite: first, agreed, name: nameOf(by) }, [first]);
        return first;
      }
      case "invite": {
        const secret = chance.bytes(32);
        secretBy.set(as ?? "", secret);
        return invite(by, at, deed.expires, secret);
      }
      case "join": {
        const invite = get(idBy, deed.door);
        const { signPublic, signSeed } = inviteKeysFrom(get(secretBy, deed.door));
        const { certificate, feed, root } = log.villager(by);
        const proof = proveInvitation(signSeed, log.tag, invite, feed, root.id);
        return log.say(by, at, { kind: "join", certificate, invite, key: signPublic, proof, agreed, name: nameOf(by) }, [invite]);
      }
      case "close-invite": {
        const invite = get(idBy, deed.door);
        const joins = log.replica.community.authority().invites.get(invite)?.joined ?? [];
        return log.say(by, at, { kind: "close-invite", invite, joins }, [invite]);
      }
      case "post":
        return say(by, at, deed.post);
      case "revise": {
        const { post, versions } = postBy(deed.on);
        const { kind: _, ...terms } = post.act;
        const replaces = versions.standing.map(({ id }) => id);
        return say(by, at, { kind: "revise", post: post.id, replaces, ...terms, details: deed.details });
      }
      case "close": {
        const { post, versions } = postBy(deed.on);
        return say(by, at, { kind: "close", post: post.id, replaces: versions.standing.map(({ id }) => id), why: deed.why });
      }
      case "respond":
        return log.talk(by, deed.to, at, (circle) => ({ kind: "response", circle, on: get(idBy, deed.on), words: deed.words }));
      case "commit": {
        const { post, versions } = postBy(deed.on);
        const me = log.villager(by).root.id;
        const [giver, receiver] = post.act.kind === "request" ? [me, post.by] : [post.by, me];
        const quantity = deed.quantity === undefined ? {} : { quantity: deed.quantity };
        const said = wordsOf(by, at, deed);
        return say(by, at, { kind: "commit", on: versions.terms.id, giver, receiver, ...quantity, ...said });
      }
      case "accept":
      case "acknowledge": {
        const parent = get(idBy, deed.to);
        return say(by, at, { kind: deed.kind, parent, evidence: log.evidenceOf(parent), ...wordsOf(by, at, deed) });
      }
      case "decline":
      case "withdraw":
        return say(by, at, { kind: deed.kind, parent: get(idBy, deed.to), ...wordsOf(by, at, deed) });
      case "dispute": {
        const parent = get(idBy, deed.to);
        return say(by, at, { kind: "dispute", parent, ...wordsOf(by, at, deed) });
      }
      case "fulfil":
      case "amend": {
        const { kind: _kind, to, words: _words, aside: _aside, ...amount } = deed;
        return say(by, at, { kind: deed.kind, parent: get(idBy, to), ...amount, ...wordsOf(by, at, deed) });
      }
      case "write": {
        const { page, changes, beside } = deed;
        writePage(log, at, page, [{ by, changes }, ...(beside === undefined ? [] : [beside])]);
        return null;
      }
      default:
        return assertNever(deed);
    }
  }

  function invite(by: number, at: Step["at"], expires: Step["at"], secret: Uint8Array): EnvelopeId {
    const { signPublic, exchange } = inviteKeysFrom(secret);
    const id = log.say(by, at, { kind: "invite", door: "open", key: signPublic, exchange: exchange.public, expires });
    log.boxKeys(by, (place) => {
      const own = log.villager(by).exchange.secret;
      const boxes = sealKeyBox(own, exchange.public, place, chance.bytes(NONCE_BYTES), log.epoch.secret);
      if (boxes === null) throw new Error("an honest key shares a secret");
      return { commitment: log.epoch.commitment, boxes };
    });
    return id;
  }

  function postBy(label: Label): PostRecord {
    const found = log.replica.community.post(get(idBy, label));
    if (found === null) throw new Error(`"${label}" does not count`);
    return found;
  }

  /** What is said to one alone is said in their circle first, and its hash goes into the act. */
  function wordsOf(by: number, at: Step["at"], { words, aside }: Said): { readonly words?: string; readonly aside?: Uint8Array } {
    if (aside === undefined) return words === undefined ? {} : { words };
    const said = { salt: chance.bytes(SALT_BYTES), words: aside.words };
    log.talk(by, aside.to, at, (circle) => ({ kind: "aside", circle, ...said }));
    return { ...(words === undefined ? {} : { words }), aside: asideHash(said) };
  }

  function say(by: number, at: Step["at"], aid: AidAct): EnvelopeId {
    const unfit = unfitIn(aid);
    if (unfit !== null) throw new Error(`a villager says what is no act: ${unfit}`);
    return log.say(by, at, aid);
  }

  return (step) => {
    const id = act(step);
    if (id !== null && step.as !== undefined) idBy.set(step.as, id);
  };
}
