import { base64urlnopad } from "@scure/base";
import { beforeAll, describe, expect, test } from "vitest";
import {
  MAX_ADDRESSES,
  MAX_LINK_UNITS,
  cardCheck,
  encodeInvitation,
  inviteKeysFrom,
  parseInvitation,
  type Invitation,
} from "../../../protocol/authority/invitation.ts";
import { parseKeyBoxes } from "../../../protocol/envelope/body.ts";
import { decodeValue, encodeValue, type Value } from "../../../protocol/codec/value.ts";
import { deviceKeyFromBytes } from "../../../protocol/crypto/hash.ts";
import { exchangePairFrom, openKeyBox } from "../../../protocol/crypto/seal.ts";
import { checkSignature } from "../../../protocol/crypto/signature.ts";
import type { Millis } from "../../../protocol/lang/brand.ts";
import { createChance, found, invite } from "../../people.ts";
import { derive } from "../../vectors/second-path.ts";

const chance = createChance(3);
const { group, founder, envelopes } = found("Ana", chance);
const door = invite(founder, group, chance, 2, [envelopes[1]!.id]);
let payload: string;
let link: Invitation;
beforeAll(() => {
  payload = encodeInvitation(
    {
      secret: door.secret,
      tag: group.tag,
      invite: door.act.id,
      device: deviceKeyFromBytes(founder.writer.birth.deviceKey),
      exchange: founder.exchange.public,
      card: { community: "Rose Lane", purpose: "", inviter: "Ana", members: 1, expires: 9 as Millis },
      addresses: ["/dns4/hearth.example/tcp/443/wss"],
    },
    founder.writer.deviceSeed,
  );
  const parsed = parseInvitation(payload);
  if (!parsed.ok) throw new Error(parsed.error.kind);
  link = parsed.value;
});
const bytesOfLink = () => base64urlnopad.decode(payload);
const refusal = (text: string) => {
  const result = parseInvitation(text);
  return result.ok
    ? "accepted"
    : result.error.kind === "malformed"
      ? `${result.error.at}: ${result.error.problem}`
      : result.error.kind;
};
const edited = (change: (map: Map<string, Value>) => void) => {
  const map = decodeValue(bytesOfLink());
  if (!map.ok) throw new Error("a link is a value");
  change(map.value as Map<string, Value>);
  return refusal(base64urlnopad.encode(encodeValue(map.value)));
};

describe("J1: the secret stays in the link", () => {
  test("the act holds only public halves derived from it", () => {
    const keys = inviteKeysFrom(door.secret);
    expect(keys.signSeed).toEqual(derive(door.secret, "invite-sign"));
    expect(keys.exchange).toEqual(exchangePairFrom(derive(door.secret, "invite-exchange")));
    expect(link.secret).toEqual(door.secret);
    for (const envelope of [...envelopes, door.act, door.keys])
      expect(Buffer.from(envelope.body).includes(Buffer.from(door.secret))).toBe(false);
  });
});

describe("J2: the card is signed by the inviting device", () => {
  test("and its check holds", () => expect(checkSignature(cardCheck(link))).toBe(true));
  test.each<readonly [string, (link: Invitation) => Invitation]>([
    ["community", (l) => ({ ...l, card: { ...l.card, community: "Nose Lane" } })],
    ["members", (l) => ({ ...l, card: { ...l.card, members: 900 } })],
    ["invitation", (l) => ({ ...l, invite: l.tag as unknown as typeof l.invite })],
    ["tag", (l) => ({ ...l, tag: l.invite as unknown as typeof l.tag })],
    ["address", (l) => ({ ...l, addresses: ["/dns4/evil.example/tcp/443/wss"] })],
    ["exchange key", (l) => ({ ...l, exchange: l.secret })],
  ])("a changed %s is seen", (_, change) => expect(checkSignature(cardCheck(change(link)))).toBe(false));
});

test("J3: the key waits in the device's keys envelope, boxed for the link", () => {
  const boxes = parseKeyBoxes(door.keys.body);
  if (!boxes.ok) throw new Error("the keys envelope is open");
  const place = { feed: door.keys.feed, seq: door.keys.seq };
  const { exchange } = inviteKeysFrom(link.secret);
  expect(openKeyBox(exchange.secret, link.exchange, place, boxes.value.commitment, boxes.value.boxes)).toEqual(group.epoch);
  expect(
    openKeyBox(exchangePairFrom(chance(32)).secret, link.exchange, place, boxes.value.commitment, boxes.value.boxes),
  ).toBeNull();
});

describe("a link is one text", () => {
  test("it comes back as it was written", () => expect(base64urlnopad.encode(bytesOfLink())).toBe(payload));
  test.each<readonly [string, () => string, string]>([
    ["a letter of another alphabet", () => `${payload.slice(0, -1)}+`, "not-base64url"],
    ["padding", () => `${payload}==`, "not-base64url"],
    ["a space", () => ` ${payload}`, "not-base64url"],
    ["nothing", () => "", "cut-short"],
    ["a letter outside ASCII", () => "ü", "not-base64url"],
    ["a link past its size", () => "A".repeat(MAX_LINK_UNITS + 1), "too-large"],
    ["a cut link", () => payload.slice(0, 40), "cut-short"],
  ])("%s is refused", (_, make, kind) => expect(refusal(make())).toBe(kind));
  test("bits hidden behind the last letter are refused", () => {
    const odd = base64urlnopad.encode(new Uint8Array([0xa0])); // an empty map, four free bits
    expect([refusal(odd), refusal(`${odd[0]!}B`)]).toEqual(["secret: missing", "not-base64url"]);
  });
  test("each field has its bounds", () => {
    expect(edited((map) => map.set("extra", 1))).toBe(": unexpected");
    expect(edited((map) => map.delete("secret"))).toBe("secret: missing");
    expect(edited((map) => map.set("addresses", Array<string>(MAX_ADDRESSES + 1).fill("/x")))).toBe("addresses: too-long");
    expect(edited((map) => map.set("signature", new Uint8Array(63)))).toBe("signature: too-short");
    expect(edited((map) => map.set("card", 5))).toBe("card: wrong-type");
  });
});
