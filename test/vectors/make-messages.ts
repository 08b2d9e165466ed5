/** What peers say to each other and what a link says to a person. */
import { encodeInvitation } from "../../protocol/authority/invitation.ts";
import { deviceKeyFromBytes, type EnvelopeId, type FeedId, type Tag } from "../../protocol/crypto/hash.ts";
import { epochKeyFrom, exchangePairFrom } from "../../protocol/crypto/seal.ts";
import { publicKeyOf } from "../../protocol/crypto/signature.ts";
import type { Millis } from "../../protocol/lang/brand.ts";
import { answerHello, closeHello, encodeHelloMessage, openHello, proveHello, type HelloMessage, type HelloSelf } from "../../protocol/sync/hello.ts";
import { encodeSyncMessage, type SyncMessage } from "../../protocol/sync/message.ts";
import { hex } from "./second-path.ts";
import type { Accepted, Refused, VectorFile } from "./vector.ts";

const fill = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte);
const name = (byte: number): string => hex(fill(byte));
const tag = name(1) as Tag;

function sync(): VectorFile {
  const feed = name(2) as FeedId;
  const entries = [{ feed, length: 5, forkedAt: null, mark: hex(fill(3, 8)) }, { feed: name(4) as FeedId, length: 0, forkedAt: 0, mark: hex(fill(0, 8)) }];
  const messages: readonly (readonly [string, SyncMessage])[] = [
    ["digest", { kind: "digest", digest: name(5), feeds: 258, nonce: hex(fill(8, 8)) }], ["frontier", { kind: "frontier", more: false, entries }], ["frontier, more follow", { kind: "frontier", more: true, entries: entries.slice(0, 1) }],
    ["want", { kind: "want", feed, from: 258 }], ["chunk", { kind: "chunk", bytes: fill(6, 5) }], ["none", { kind: "none", feed }],
    ["want-proof", { kind: "want-proof", feed }], ["proof", { kind: "proof", bytes: fill(7, 5) }], ["done", { kind: "done" }],
    ["buckets", { kind: "buckets", shorts: fill(9, 6) }], ["outline", { kind: "outline", rows: [fill(10, 4), fill(0, 0), fill(11, 2)] }],
  ];
  const refuse = (about: string, bytes: Uint8Array): Refused => ({ name: about, parser: "sync", bytes: hex(bytes), error: "malformed-sync-message" });
  const listed = encodeSyncMessage({ kind: "frontier", more: false, entries: entries.slice(0, 1) });
  const noLength = listed.slice();
  noLength.fill(0, 34, 38);
  return {
    about: "Sync messages: kind u8, then its fields",
    accepted: messages.map(([about, message]): Accepted => ({ name: about, parser: "sync", bytes: hex(encodeSyncMessage(message)) })),
    refused: [
      refuse("nothing", new Uint8Array(0)), refuse("kind 11", new Uint8Array([11])), refuse("done with a byte", new Uint8Array([8, 0])),
      refuse("a flag of 2", new Uint8Array([2, 2])), refuse("half an entry", listed.subarray(0, 40)), refuse("a mark without a length", noLength),
      refuse("half a short", new Uint8Array([9, 1])), refuse("an outline cut short", new Uint8Array([10, 2, 1, 1, 1])), refuse("a count longer than needed", new Uint8Array([10, 0x81, 0, 1, 1])),
    ],
  };
}

function hello(): VectorFile {
  const epoch = epochKeyFrom(fill(8));
  const ends = { opener: "12D3KooWOpener", answerer: "12D3KooWAnswerer" };
  const self = (feed: number, seed: number, nonce: number): HelloSelf => ({ role: "member", epoch, feed: name(feed) as FeedId, deviceSeed: fill(seed), trustsHearth: true, nonce: fill(nonce) });
  const [ana, bo] = [self(2, 3, 4), self(5, 6, 7)];
  const hearth: HelloSelf = { role: "hearth", epoch: null, feed: null, deviceSeed: null, trustsHearth: false, nonce: fill(9) };
  const talk = (answerer: HelloSelf): readonly HelloMessage[] => {
    const open = openHello(tag, ana, ends) as Extract<HelloMessage, { kind: "open" }>;
    const { reply: answer, answering } = answerHello(open, tag, answerer, ends);
    const { reply: prove } = proveHello(tag, answer as Extract<HelloMessage, { kind: "answer" }>, ana, ends);
    const { reply: close } = closeHello(prove as Extract<HelloMessage, { kind: "prove" }>, answerer, answering);
    return [open, answer, prove, close];
  };
  const inputs = { epoch: hex(fill(8)), tag, ...ends, openerNonce: name(4), openerSeed: name(3), openerFeed: name(2) };
  const vectors = (about: string, answerer: HelloSelf, more: Readonly<Record<string, string>>): readonly Accepted[] =>
    talk(answerer).map((message): Accepted => ({ name: `${about}: ${message.kind}`, parser: "hello", bytes: hex(encodeHelloMessage(message)), ...inputs, ...more }));
  const open = encodeHelloMessage(openHello(tag, ana, ends));
  const role = open.slice();
  role[33] = 2;
  const refuse = (about: string, bytes: Uint8Array, at: string): Refused => ({ name: about, parser: "hello", bytes: hex(bytes), error: `malformed-hello ${at}` });
  return {
    about: "Hello messages of two members, and of a member with a blind hearth",
    accepted: [
      ...vectors("members", bo, { answererNonce: name(7), answererSeed: name(6), answererFeed: name(5), answererRole: "member" }),
      ...vectors("hearth", hearth, { answererNonce: name(9), answererRole: "hearth" }),
    ],
    refused: [
      refuse("nothing", new Uint8Array(0), "kind"), refuse("kind 5", new Uint8Array([5]), "kind"), refuse("an unknown role", role, "fields"),
      refuse("cut", open.subarray(0, 60), "fields"), refuse("a byte behind", new Uint8Array([...open, 0]), "trailing"), refuse("an unknown who", new Uint8Array([4, 3]), "fields"),
    ],
  };
}

function invitation(): VectorFile {
  const seed = fill(1);
  const card = { community: "Rose Lane", purpose: "Neighbours who look out for each other.", inviter: "Ana", members: 12, expires: 1_800_000_000_000 as Millis };
  const link = { secret: fill(2), tag, invite: name(3) as EnvelopeId, device: deviceKeyFromBytes(publicKeyOf(seed)), exchange: exchangePairFrom(fill(4)).public, card, addresses: ["/dns4/hearth.example/tcp/443/wss"] };
  const payload = encodeInvitation(link, seed);
  const text = (about: string, payloadText: string, error: string): Refused => ({ name: about, parser: "invitation", bytes: hex(new TextEncoder().encode(payloadText)), error });
  return {
    about: "The payload of a link: canonical CBOR as base64url. Here `bytes` of refusals are the letters of the payload",
    accepted: [{
      name: "an open link", parser: "invitation", bytes: hex(new TextEncoder().encode(payload)), payload, seed: hex(seed), secret: hex(link.secret), tag, invite: link.invite, device: link.device, exchange: hex(link.exchange),
      community: card.community, purpose: card.purpose, inviter: card.inviter, members: card.members, expires: card.expires, addresses: link.addresses,
    }],
    refused: [
      text("a letter of another alphabet", `+${payload.slice(1)}`, "not-base64url"), text("padding", `${payload}=`, "not-base64url"),
      text("nothing", "", "cut-short"), text("an empty map", "oA", "malformed secret missing"), text("cut", payload.slice(0, 100), "cut-short"), text("a link past its size", "A".repeat(8_193), "too-large"),
    ],
  };
}

export const messages = (): Readonly<Record<string, VectorFile>> => ({ sync: sync(), hello: hello(), invitation: invitation() });
