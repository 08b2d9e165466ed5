/**
 * 1. Ana (opener) and Bo (answerer) meet over a connection whose ends are named.
 * 2. Both may hold the community's key, or be a blind hearth, or lie.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { epochKeyFrom } from "../../../protocol/crypto/seal.ts";
import { checkSignature, publicKeyOf } from "../../../protocol/crypto/signature.ts";
import type { FeedId, Tag } from "../../../protocol/crypto/hash.ts";
import {
  answerHello,
  closeHello,
  encodeHelloMessage,
  finishHello,
  openHello,
  parseHelloMessage,
  proveHello,
  recognises,
  type HelloEnds,
  type HelloMessage,
  type HelloSelf,
} from "../../../protocol/sync/hello.ts";

const tag = "0a".repeat(32) as Tag;
const epoch = epochKeyFrom(new Uint8Array(32).fill(1));
const older = epochKeyFrom(new Uint8Array(32).fill(2));
const ends: HelloEnds = { opener: "peer ana", answerer: "peer bo" };
const seedOf = (n: number) => new Uint8Array(32).fill(n);
const nonce = (n: number) => new Uint8Array(32).fill(n);
const ana: HelloSelf = {
  role: "member",
  epoch,
  feed: "0b".repeat(32) as FeedId,
  deviceSeed: seedOf(3),
  trustsHearth: true,
  nonce: nonce(7),
};
const bo: HelloSelf = {
  role: "member",
  epoch,
  feed: "0c".repeat(32) as FeedId,
  deviceSeed: seedOf(4),
  trustsHearth: true,
  nonce: nonce(8),
};
const hearth: HelloSelf = { role: "hearth", epoch: null, feed: null, deviceSeed: null, trustsHearth: false, nonce: nonce(9) };

const as = <K extends HelloMessage["kind"]>(kind: K, message: HelloMessage): Extract<HelloMessage, { kind: K }> => {
  const parsed = parseHelloMessage(encodeHelloMessage(message)); // always over the wire
  if (!parsed.ok || parsed.value.kind !== kind) throw new Error(`expected ${kind}`);
  return parsed.value as Extract<HelloMessage, { kind: K }>; // its kind was compared just above
};
function hello(opener: HelloSelf, answerer: HelloSelf, at: HelloEnds = ends, atAnswerer = at, known: Tag | null = tag) {
  const open = as("open", openHello(tag, opener, at));
  const { reply: answer, answering } = answerHello(open, known, answerer, atAnswerer);
  const { reply: prove, proving } = proveHello(tag, as("answer", answer), opener, at);
  const { reply: close, met: byAnswerer } = closeHello(as("prove", prove), answerer, answering);
  return {
    answer: as("answer", answer),
    prove: as("prove", prove),
    close: as("close", close),
    byAnswerer,
    byOpener: finishHello(as("close", close), proving),
  };
}

describe("W1: a proof shows the key, to this peer, now", () => {
  test("two members know each other", () => {
    const { byOpener, byAnswerer } = hello(ana, bo);
    expect([byOpener.proved, byAnswerer.proved, byOpener.role]).toEqual([true, true, "member"]);
    expect([byOpener.device?.feed, byAnswerer.device?.feed]).toEqual([bo.feed, ana.feed]);
  });
  test("another epoch proves nothing, on either side", () => {
    const { byOpener, byAnswerer } = hello(ana, { ...bo, epoch: older });
    expect([byOpener.proved, byAnswerer.proved, byOpener.device, byAnswerer.device]).toEqual([false, false, null, null]);
  });
  test("a proof made for other ends, another nonce or another community does not hold", () => {
    const { byOpener } = hello(ana, bo, ends, { ...ends, answerer: "peer mallory" });
    expect(byOpener.proved).toBe(false);
    const { answer } = hello(ana, bo);
    const replayed = proveHello(tag, answer, { ...ana, nonce: nonce(1) }, ends);
    expect(replayed.proving.theyProved).toBe(false);
    expect(proveHello("0d".repeat(32) as Tag, answer, ana, ends).proving.theyProved).toBe(false);
  });
  test("a proof flipped in one bit does not hold", () => {
    const { answer } = hello(ana, bo);
    for (const at of [0, 31]) {
      const proof = answer.proof!.slice();
      proof[at]! ^= 1;
      expect(proveHello(tag, { ...answer, proof }, ana, ends).proving.theyProved).toBe(false);
    }
  });
  test("one's own proof sent back proves nothing, nor does one's own nonce", () => {
    // Mallory holds no key. She answers Ana's open with Ana's nonce, hoping that Ana's proof serves for both sides.
    const { reply } = proveHello(
      tag,
      { kind: "answer", role: "member", nonce: ana.nonce, recognition: null, proof: null },
      ana,
      ends,
    );
    const own = as("prove", reply).proof;
    const { proving } = proveHello(
      tag,
      { kind: "answer", role: "member", nonce: ana.nonce, recognition: null, proof: own },
      ana,
      ends,
    );
    expect(proving.theyProved).toBe(false);
    // Even if she had made Ana say what an answerer says, over the same ends and nonces.
    const asAnswerer = answerHello(as("open", openHello(tag, ana, ends)), tag, ana, ends);
    const mirrored = proveHello(tag, as("answer", asAnswerer.reply), ana, ends);
    expect(mirrored.proving.theyProved).toBe(false);
    expect(as("answer", asAnswerer.reply).proof).not.toEqual(own);
    // Nor does the answerer take its own proof back.
    const { answer } = hello(ana, bo);
    const { answering } = answerHello(as("open", openHello(tag, ana, ends)), tag, bo, ends);
    expect(closeHello({ kind: "prove", proof: answer.proof, who: { kind: "nobody" } }, bo, answering).met.proved).toBe(false);
  });
});

describe("W2: nobody says who they are before the other has proved the key", () => {
  test("to one who proves nothing, both stay nobody", () => {
    const stranger: HelloSelf = { ...bo, epoch: null };
    expect(hello(ana, stranger).prove.who).toEqual({ kind: "nobody" });
    expect(hello(stranger, bo).close.who).toEqual({ kind: "nobody" });
    expect(hello(ana, bo, ends, ends, null).prove.who).toEqual({ kind: "nobody" });
  });
  test("a name given by one who proved nothing is not taken", () => {
    const { answering } = answerHello(as("open", openHello(tag, ana, ends)), tag, bo, ends);
    const who = { kind: "device", feed: ana.feed!, signature: new Uint8Array(64) } as const;
    expect(closeHello({ kind: "prove", proof: null, who }, bo, answering).met).toMatchObject({ proved: false, device: null });
  });
  test("the device signs the transcript of its own side", () => {
    const { byOpener, byAnswerer } = hello(ana, bo);
    const bos = byOpener.device!.check(publicKeyOf(seedOf(4)));
    const anas = byAnswerer.device!.check(publicKeyOf(seedOf(3)));
    expect([bos, anas].map(checkSignature)).toEqual([true, true]);
    expect(checkSignature(byOpener.device!.check(publicKeyOf(seedOf(3))))).toBe(false);
    expect(checkSignature({ ...bos, message: anas.message })).toBe(false);
    expect(checkSignature(hello(ana, { ...bo, nonce: nonce(5) }).byOpener.device!.check(publicKeyOf(seedOf(4))))).toBe(true);
    expect(
      checkSignature({ ...bos, message: hello(ana, { ...bo, nonce: nonce(5) }).byOpener.device!.check(bos.key).message }),
    ).toBe(false);
  });
});

describe("W0: who does not know the tag", () => {
  const open = as("open", openHello(tag, ana, ends));
  const answered = as("answer", answerHello(open, tag, bo, ends).reply);
  test("is not taken for one who does, whatever role it claims and whatever it sends in its place", () => {
    for (const recognition of [null, open.recognition, new Uint8Array(32).fill(7)])
      for (const role of ["member", "hearth"] as const) {
        const { reply, proving } = proveHello(tag, { ...answered, role, recognition }, { ...ana, trustsHearth: false }, ends);
        expect(finishHello({ kind: "close", who: { kind: "nobody" } }, proving)).toMatchObject({ knows: false, proved: false });
        expect(as("prove", reply)).toMatchObject({ proof: null, who: { kind: "nobody" } });
      }
  });
  test("cannot repeat what one who does has said before", () => {
    const again: HelloSelf = { ...ana, nonce: nonce(9) };
    expect(proveHello(tag, answered, again, ends).proving.theyKnow).toBe(false);
  });
  test("both who do, show it", () => {
    const { byOpener, byAnswerer } = hello(ana, bo);
    expect([byOpener.knows, byAnswerer.knows]).toEqual([true, true]);
  });
});

test("W3: a hearth proves nothing and is blind", () => {
  expect(hello(ana, hearth).byOpener).toEqual({ role: "hearth", knows: true, proved: false, device: null, entrusted: null });
  expect(hello(hearth, bo).byAnswerer).toMatchObject({ role: "hearth", proved: false, device: null });
});

describe("W4: a blind hearth that one chose", () => {
  const entrusted = { tag, relayKey: epoch.relayPublic };
  test("is handed tag and public relay key, from either side, recognised or not", () => {
    expect(hello(ana, hearth).byAnswerer.entrusted).toMatchObject(entrusted);
    expect(hello(ana, hearth, ends, ends, null).byAnswerer.entrusted).toMatchObject(entrusted);
    expect(hello(hearth, bo).byOpener.entrusted).toMatchObject(entrusted);
  });
  test("is told apart from one that only says it is a hearth, and from a member", () => {
    expect(hello({ ...ana, trustsHearth: false }, hearth).prove.who).toEqual({ kind: "nobody" });
    expect(hello(hearth, { ...bo, trustsHearth: false }).close.who).toEqual({ kind: "nobody" });
    expect(hello(ana, { ...bo, epoch: null }).byAnswerer.entrusted).toBeNull();
    expect(hello({ ...ana, epoch: null }, hearth).byAnswerer.entrusted).toBeNull();
  });
  test("that does not recognise a community proves nothing and says nothing", () => {
    const { answer, close, byAnswerer } = hello(ana, { ...bo, role: "hearth" }, ends, ends, null);
    expect([answer.proof, close.who, byAnswerer.proved, byAnswerer.device]).toEqual([null, { kind: "nobody" }, false, null]);
  });
});

describe("W0: who does not know the tag", () => {
  const open = as("open", openHello(tag, ana, ends));
  test("does not learn it from an opening, nor sees two openings of one community", () => {
    const again = encodeHelloMessage(openHello(tag, { ...ana, nonce: nonce(1) }, ends));
    for (const bytes of [encodeHelloMessage(open), again])
      expect(Buffer.from(bytes).includes(Buffer.from(tag, "hex"))).toBe(false);
    expect(Buffer.from(again).includes(Buffer.from(open.recognition))).toBe(false);
  });
  test("who knows it recognises the opening, over these ends and this nonce only", () => {
    expect(recognises(open, tag, ends)).toBe(true);
    expect(recognises(open, "0d".repeat(32) as Tag, ends)).toBe(false);
    expect(recognises(open, tag, { ...ends, opener: "peer mallory" })).toBe(false);
    expect(recognises({ ...open, nonce: nonce(1) }, tag, ends)).toBe(false);
  });
});

describe("W5 and the wire", () => {
  const messagesOf = (): readonly HelloMessage[] => {
    const { answer, prove, close } = hello(ana, bo);
    return [
      openHello(tag, ana, ends),
      answer,
      prove,
      close,
      hello(ana, hearth).prove,
      hello(ana, hearth).answer,
      hello(ana, { ...bo, epoch: null }).close,
    ];
  };
  test("every message comes back as it was written", () => {
    for (const message of messagesOf())
      expect(parseHelloMessage(encodeHelloMessage(message))).toEqual({ ok: true, value: message });
  });
  test("a cut, a byte more, and every unknown kind, role and who are refused", () => {
    for (const message of messagesOf()) {
      const bytes = encodeHelloMessage(message);
      for (let length = 0; length < bytes.length; length += 1)
        expect(parseHelloMessage(bytes.subarray(0, length)).ok).toBe(false);
      expect(parseHelloMessage(new Uint8Array([...bytes, 0]))).toMatchObject({ error: { at: "trailing" } });
    }
    expect(parseHelloMessage(new Uint8Array([5]))).toMatchObject({ error: { at: "kind" } });
    expect(parseHelloMessage(new Uint8Array([4, 3]))).toMatchObject({ error: { at: "fields" } });
    const open = encodeHelloMessage(openHello(tag, ana, ends));
    open[33] = 2;
    expect(parseHelloMessage(open)).toMatchObject({ error: { at: "fields" } });
  });
  test("what is accepted is what would be written, whatever the bytes", () => {
    const mutants = fc.tuple(fc.constantFrom(...messagesOf().map(encodeHelloMessage)), fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(mutants, ([bytes, at, byte]) => {
        const bent = bytes.slice();
        bent[at % bent.length] = byte;
        const parsed = parseHelloMessage(bent);
        if (parsed.ok) expect(encodeHelloMessage(parsed.value)).toEqual(bent);
      }),
      { numRuns: 500 },
    );
  });
});
