/**
 * Two real libp2p nodes and two lines, over channels by hand (`fake-air.ts`; real WebRTC is in `test/e2e/pasted.e2e.ts`):
 * what comes up, and what a wrong, late, foreign or dishonest line comes to.
 */
import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import type { Stream } from "@libp2p/interface";
import { createLibp2p } from "libp2p";
import { afterEach, expect, test } from "vitest";
import { encodeLine, parseLine, type Line } from "../../protocol/index.ts";
import { isDialable, pathOf } from "../../src/net/connection-path.ts";
import { MAX_MESSAGE_BYTES } from "../../src/net/in-person-connection.ts";
import { ANSWER_MS, createInPerson, OFFER_MS } from "../../src/net/in-person.ts";
import type { InPerson } from "../../src/net/in-person-lines.ts";
import { createAir } from "./fake-air.ts";
import { fakeTime } from "./fake-time.ts";

const forever = new AbortController().signal;
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function person(air = createAir(), createLink: (() => RTCPeerConnection) | null = air.create) {
  const time = fakeTime();
  const node = await createLibp2p<{ readonly inPerson: InPerson }>({
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      inPerson: ({ peerId, upgrader, logger }) =>
        createInPerson({ self: peerId, upgrader, logger, createLink, later: time.later }),
    },
  });
  const { inPerson } = node.services;
  closers.push(() => (inPerson.close(), node.stop()));
  return { air, time, node, inPerson, self: node.peerId.toString() };
}

const made = (result: { readonly ok: boolean; readonly value?: string; readonly error?: unknown }): string => {
  if (!result.ok || result.value === undefined) throw new Error(JSON.stringify(result));
  return result.value;
};
const changed = (text: string, change: (line: Line) => Line): string => {
  const line = parseLine(text);
  if (!line.ok) throw new Error(line.error.kind);
  return encodeLine(change(line.value));
};

async function couple() {
  const air = createAir();
  return { air, ana: await person(air), bo: await person(air) };
}

async function connected() {
  const pair = await couple();
  const { ana, bo } = pair;
  const answer = made(await bo.inPerson.answer(made(await ana.inPerson.offer(forever)), forever));
  expect(await ana.inPerson.finish(answer, forever)).toEqual({ ok: true, value: bo.self });
  await expect.poll(() => bo.node.getConnections().length).toBe(1);
  return { ...pair, answer };
}

test("two lines make one ordinary connection: noise, yamux, no limits, each known by the key of its line", async () => {
  const { ana, bo, air } = await connected();
  const [outward] = ana.node.getConnections();
  const [inward] = bo.node.getConnections();
  expect([outward?.encryption, outward?.multiplexer, outward?.direction, outward?.limits]).toEqual([
    "/noise",
    "/yamux/1.0.0",
    "outbound",
    undefined,
  ]);
  expect([inward?.encryption, inward?.direction, inward?.remotePeer.toString()]).toEqual(["/noise", "inbound", ana.self]);
  expect(outward === undefined ? null : pathOf(outward)).toBe("in-person");
  expect(new TextDecoder().decode(air.state.said[0])).toContain("/multistream/1.0.0");
});

test("I4: its address cannot be dialled, nor is it told or remembered", async () => {
  const { ana, bo } = await connected();
  const [outward] = ana.node.getConnections();
  expect(outward === undefined ? null : isDialable(outward.remoteAddr)).toBe(false);
  expect(ana.node.getMultiaddrs()).toEqual([]);
  expect(await ana.node.peerStore.all().then((all) => all.flatMap(({ addresses }) => addresses))).toEqual([]);
  expect(bo.node.getMultiaddrs()).toEqual([]);
});

test("O1: what is sent goes in small messages, and a channel that is full holds the senders back", async () => {
  const { ana, bo, air } = await connected();
  const bytes = Uint8Array.from({ length: 400_000 }, (_, n) => n % 251);
  const got: number[] = [];
  let isRight = true;
  await bo.node.handle("/test/1", async (stream: Stream) => {
    const mine = got.push(0) - 1;
    for await (const part of stream) for (const byte of part.subarray()) isRight &&= byte === got[mine]!++ % 251;
  });
  const way = ana.node.getConnections()[0]!; // it was just opened
  const streams = await Promise.all(Array.from({ length: 8 }, () => way.newStream("/test/1")));
  air.state.isHeld = true;
  for (const stream of streams) stream.send(bytes);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const waiting = Math.max(...air.links().map(({ channel }) => channel.bufferedAmount));
  expect(waiting).toBeGreaterThan(1_000_000);
  expect(waiting).toBeLessThan(1_048_576 + MAX_MESSAGE_BYTES);
  air.letGo();
  await expect.poll(() => got, { timeout: 10_000 }).toEqual(streams.map(() => bytes.length));
  expect(isRight).toBe(true);
  expect(air.state.largest).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
});

test("when one side ends it, the other sees it at once", async () => {
  const { ana, bo } = await connected();
  await ana.node.getConnections()[0]?.close();
  await expect.poll(() => bo.node.getConnections().length).toBe(0);
});

test("O2: a link that failed while it waited is not over; one that fails once it was up is", async () => {
  const { ana, bo, air } = await couple();
  const fail = (link: ReturnType<typeof air.links>[number]): void => {
    link.connectionState = "failed";
    link.dispatchEvent(new Event("connectionstatechange"));
  };
  const offer = made(await ana.inPerson.offer(forever));
  const answer = made(await bo.inPerson.answer(offer, forever));
  fail(air.links()[1]!); // Bo's browser has knocked for half a minute, and Ana has not read his line yet
  expect(await ana.inPerson.finish(answer, forever)).toEqual({ ok: true, value: bo.self });
  await expect.poll(() => bo.node.getConnections().length).toBe(1);
  fail(air.links()[1]!);
  await expect.poll(() => [ana.node.getConnections().length, bo.node.getConnections().length]).toEqual([0, 0]);
});

test("a connection outlives the deadlines of its lines, and closing the lines", async () => {
  const { ana, bo } = await connected();
  expect([ana.time.waiting(), bo.time.waiting()]).toEqual([0, 0]);
  ana.inPerson.close();
  ana.inPerson.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(ana.node.getConnections().length).toBe(1);
});

test("I2: the other line, one's own, a broken one, and one that answers nothing of ours are told apart", async () => {
  const { ana, bo, answer } = await connected();
  const cy = await person(ana.air);
  const offer = made(await ana.inPerson.offer(forever));
  const kindOf = async (asked: Promise<{ readonly ok: boolean; readonly error?: { readonly kind: string } }>) =>
    (await asked).error?.kind;
  expect(await kindOf(ana.inPerson.finish(answer, forever))).toBe("expired"); // used already
  expect(await kindOf(cy.inPerson.finish(answer, forever))).toBe("foreign");
  expect(await kindOf(bo.inPerson.finish(offer, forever))).toBe("not-an-answer");
  expect(await kindOf(cy.inPerson.answer(answer, forever))).toBe("not-an-offer");
  expect(await kindOf(ana.inPerson.answer(offer, forever))).toBe("own-line");
  expect(await kindOf(bo.inPerson.answer(offer.slice(0, -9), forever))).toBe("damaged");
  const second = made(await ana.inPerson.offer(forever));
  const late = made(await bo.inPerson.answer(offer, forever));
  expect(await kindOf(ana.inPerson.finish(late, forever))).toBe("expired"); // another offer took its place (I1)
  const changedOffer = changed(second, (line) => ({ ...line, ways: [] }));
  expect(await kindOf(ana.inPerson.finish(made(await bo.inPerson.answer(changedOffer, forever)), forever))).toBe("foreign");
});

test("white space that a messenger put into a line is no part of it", async () => {
  const { ana, bo } = await couple();
  const offer = made(await ana.inPerson.offer(forever));
  expect((await bo.inPerson.answer(` ${offer.slice(0, 40)}\r\n ${offer.slice(40)}\n`, forever)).ok).toBe(true);
});

test("an offer ends after its time, an answer after its own, and their links with them", async () => {
  const { ana, bo, air } = await couple();
  const offer = made(await ana.inPerson.offer(forever));
  const answer = made(await bo.inPerson.answer(offer, forever));
  await bo.time.toNext();
  expect(bo.time.now()).toBe(ANSWER_MS);
  await ana.time.toNext();
  expect(ana.time.now()).toBe(OFFER_MS);
  expect(air.links().map(({ connectionState }) => connectionState)).toEqual(["closed", "closed"]);
  expect(await ana.inPerson.finish(answer, forever)).toEqual({ ok: false, error: { kind: "expired" } });
});

test("I1: of many answers the oldest gives way", async () => {
  const air = createAir();
  const bo = await person(air);
  for (let number = 0; number < 5; number += 1) {
    const offer = made(await (await person(air)).inPerson.offer(forever));
    made(await bo.inPerson.answer(offer, forever));
  }
  const states = air.links().filter((_, at) => at % 2 === 1);
  expect(states.map(({ connectionState }) => connectionState)).toEqual(["closed", "new", "new", "new", "new"]);
});

test.each(["offer", "answer"] as const)("I3: whoever does not hold the key that the %s named is not let in", async (which) => {
  const { ana, bo } = await couple();
  const liar = (line: Line): Line => ({ ...line, peer: new Uint8Array(32).fill(9) });
  const offer = made(await ana.inPerson.offer(forever));
  const answer = made(await bo.inPerson.answer(which === "offer" ? changed(offer, liar) : offer, forever));
  // Who changes the offer changes the answer too, else its name does not fit.
  const { to } = parsedAnswer(made(await (await person()).inPerson.answer(offer, forever)));
  const back = which === "offer" ? changed(answer, (line) => ({ ...line, to }) as Line) : changed(answer, liar);
  const finished = await ana.inPerson.finish(back, forever);
  if (which === "answer") expect(finished).toEqual({ ok: false, error: { kind: "wrong-peer" } });
  await expect.poll(() => [ana.node.getConnections().length, bo.node.getConnections().length]).toEqual([0, 0]);
});

const parsedAnswer = (text: string) => {
  const line = parseLine(text);
  if (!line.ok || line.value.kind !== "answer") throw new Error("an answer");
  return line.value;
};

test("where neither side knows a way, it is said before anybody waits", async () => {
  const { ana, bo, air } = await couple();
  air.state.hasWays = false;
  const offer = made(await ana.inPerson.offer(forever));
  expect(await bo.inPerson.answer(offer, forever)).toEqual({ ok: false, error: { kind: "no-way" } });
  air.state.hasWays = true;
  const answer = made(await bo.inPerson.answer(offer, forever)); // one side is enough
  expect(await ana.inPerson.finish(answer, forever)).toEqual({ ok: true, value: bo.self });
});

test("a browser without WebRTC says so", async () => {
  const { inPerson } = await person(createAir(), null);
  const other = made(await (await person()).inPerson.offer(forever));
  expect(await inPerson.offer(forever)).toEqual({ ok: false, error: { kind: "unavailable" } });
  expect(await inPerson.answer(other, forever)).toEqual({ ok: false, error: { kind: "unavailable" } });
});

test("aborting takes a line back with the signal's reason; closing ends what waits and refuses the rest", async () => {
  const { ana, bo, air } = await couple();
  const offer = made(await ana.inPerson.offer(forever));
  const gone = AbortSignal.abort(new Error("left the page"));
  await expect(ana.inPerson.offer(gone)).rejects.toThrow("left the page");
  await expect(bo.inPerson.answer(offer, gone)).rejects.toThrow("left the page");
  const answer = made(await bo.inPerson.answer(offer, forever));
  air.links()[1]!.close(); // Bo's browser is gone before Ana reads it
  const leaving = new AbortController();
  const finishing = ana.inPerson.finish(answer, leaving.signal);
  leaving.abort(new Error("gave up"));
  await expect(finishing).rejects.toThrow("gave up");
  const again = made(await ana.inPerson.offer(forever));
  ana.inPerson.close();
  expect(air.links().every(({ connectionState }) => connectionState === "closed")).toBe(true);
  expect(await ana.inPerson.offer(forever)).toEqual({ ok: false, error: { kind: "closed" } });
  expect(await ana.inPerson.finish(again, forever)).toEqual({ ok: false, error: { kind: "closed" } });
});
