/**
 * A liar: knows the tag (a link leaked), not the key. Sends noise, bent frames, replays and forgeries in hello, sync
 * and gossip, and asks out of turn. Nothing that it does may change what honest people hold.
 */
import {
  bytesToHex,
  closeHello,
  createBirth,
  encodeChunk,
  encodeEnvelope,
  encodeHelloMessage,
  encodeSyncMessage,
  answerHello,
  epochKeyFrom,
  chunkOf,
  feedIdFromBytes,
  finishHello,
  openGossip,
  openHello,
  parseEnvelope,
  parseHelloMessage,
  parseSyncMessage,
  proveHello,
  publicKeyOf,
  recognises,
  sealGossip,
  topicOf,
  writeAct,
  type Envelope,
  type HelloSelf,
  type Millis,
  type Tag,
} from "../../protocol/index.ts";
import { HELLO_PROTOCOL } from "../../src/net/hello-driver.ts";
import type { Wire, Wires } from "../../src/net/wires.ts";
import { SYNC_PROTOCOL } from "../../src/peer/company.ts";
import { between, branch, drawn } from "./chance.ts";
import type { SimNode } from "./net.ts";
import { EPOCH_MS, type Street } from "./person.ts";

export interface Liar {
  readonly begin: (tag: Tag) => void;
  readonly end: () => void;
  readonly counts: { lies: number; provable: number };
}

const MAX_OVERHEARD = 200;

export function createLiar(street: Street): Liar {
  const { scheduler, net } = street;
  const chance = branch(street.chance);
  const counts = { lies: 0, provable: 0 };
  const overheard: Uint8Array[] = [];
  const frames: Uint8Array[] = [];
  let node: SimNode | null = null;
  let isOver = false;

  const self = (): HelloSelf => ({
    role: chance.next() < 0.8 ? "member" : "hearth",
    epoch: null,
    feed: null,
    deviceSeed: null,
    trustsHearth: false,
    nonce: chance(32),
  });
  const noise = (): Uint8Array => chance(between(chance, 1, 400));
  /** One to three bytes are others, or the end is missing, or more follows. */
  function bent(bytes: Uint8Array): Uint8Array {
    const luck = chance.next();
    if (luck < 0.15) return bytes.slice(0, between(chance, 1, Math.max(1, bytes.length - 1)));
    if (luck < 0.25) return new Uint8Array([...bytes, ...noise()]);
    const copy = bytes.slice();
    for (let left = between(chance, 1, 3); left > 0; left -= 1) {
      const at = between(chance, 0, copy.length - 1);
      copy[at] = (copy[at] ?? 0) ^ between(chance, 1, 255);
    }
    return copy;
  }
  const overheardEnvelope = (): Envelope | null => {
    const known = overheard.filter((bytes) => bytes[0] === 1);
    if (known.length === 0) return null;
    const parsed = parseEnvelope(drawn(chance, known).subarray(1));
    return parsed.ok ? parsed.value : null;
  };

  /** A statement in a feed of the liar's own, under a key of its own. */
  function forged(tag: Tag): Envelope {
    const epoch = epochKeyFrom(chance(32));
    const deviceSeed = chance(32);
    const { feed, birth } = createBirth(tag, epoch, publicKeyOf(deviceSeed), chance(32));
    const writer = { tag, feed, birth, deviceSeed, length: 0, head: null, lastAt: 0 as Millis };
    return writeAct(writer, epoch, chance(24), (EPOCH_MS + scheduler.now()) as Millis, [], { kind: "offer", title: "A lie" })
      .envelope;
  }
  /** The next word in somebody else's feed. */
  function inAnothersName(): Envelope | null {
    const model = overheardEnvelope();
    return model === null ? null : { ...model, seq: model.seq + 1, prev: model.id, signature: chance(64) };
  }

  // ---- gossip

  /** Now and then it is not even sealed to those who know the tag. */
  function gossipLie(tag: Tag): Uint8Array {
    const lie = chance.next() < 0.1 ? provable(noise()) : sealGossip(tag, chance(24), plainLie(tag));
    return chance.next() < 0.1 ? provable(bent(lie)) : lie;
  }
  function plainLie(tag: Tag): Uint8Array {
    const luck = chance.next();
    const another = inAnothersName();
    if (luck < 0.2 && another !== null) return provable(marked(1, encodeEnvelope(another)));
    if (luck < 0.4 && overheard.length > 0) return provable(bent(drawn(chance, overheard)));
    if (luck < 0.55 && overheard.length > 0) return drawn(chance, overheard);
    if (luck < 0.85) return marked(1, encodeEnvelope(forged(tag)));
    return provable(marked(chance.next() < 0.5 ? 1 : 2, noise()));
  }
  const marked = (kind: number, body: Uint8Array): Uint8Array => new Uint8Array([kind, ...body]);
  const provable = (bytes: Uint8Array): Uint8Array => {
    counts.provable += 1;
    return bytes;
  };

  // ---- hello and sync

  /** Honestly nobody, or a frame that is not one. */
  async function greet(wires: Wires, peer: string, tag: Tag): Promise<void> {
    const { signal } = new AbortController();
    const opened = await wires.open(peer, HELLO_PROTOCOL, signal);
    if (!opened.ok) return;
    const wire = opened.value;
    const ends = { opener: wires.self, answerer: peer };
    const me = self();
    const mine = encodeHelloMessage(openHello(tag, me, ends));
    const luck = chance.next();
    if (luck < 0.3) return lieOver(wire, luck < 0.15 ? noise() : bent(mine));
    await wire.send(mine, signal);
    const answer = await next(wire);
    const read = answer === null ? null : parseHelloMessage(answer);
    if (read?.ok !== true || read.value.kind !== "answer") return wire.close();
    const { reply, proving } = proveHello(tag, read.value, me, ends);
    const prove = encodeHelloMessage(reply);
    if (luck < 0.45) return lieOver(wire, bent(prove));
    await wire.send(prove, signal);
    const close = await next(wire);
    const last = close === null ? null : parseHelloMessage(close);
    if (last?.ok === true && last.value.kind === "close") finishHello(last.value, proving);
    await wire.close();
    await converse(wires, peer, tag);
  }

  async function lieOver(wire: Wire, bytes: Uint8Array): Promise<void> {
    counts.lies += 1;
    await wire.send(bytes, new AbortController().signal);
    await wire.close();
  }

  async function converse(wires: Wires, peer: string, tag: Tag): Promise<void> {
    const opened = await wires.open(peer, SYNC_PROTOCOL, new AbortController().signal);
    if (!opened.ok) return;
    await opened.value.send(chance.next() < 0.9 ? tagBytes(tag) : noise(), new AbortController().signal);
    await lieInSync(opened.value, tag);
  }

  /** Promises more than there is, and answers every question with something else. */
  async function lieInSync(wire: Wire, tag: Tag): Promise<void> {
    const { signal } = new AbortController();
    const say = async (bytes: Uint8Array): Promise<void> => {
      counts.lies += 1;
      await wire.send(bytes, signal);
    };
    const feeds = chance.next() < 0.8 ? between(chance, 0, 9) : between(chance, 513, 140_000);
    await say(encodeSyncMessage({ kind: "digest", digest: bytesToHex(chance(32)), feeds, nonce: bytesToHex(chance(8)) }));
    for (let frame = await next(wire), times = 0; frame !== null && times < 40; frame = await next(wire), times += 1) {
      if (frames.length < MAX_OVERHEARD) frames.push(frame);
      const read = parseSyncMessage(frame);
      if (!read.ok) continue;
      const luck = chance.next();
      if (luck < 0.08) await say(noise());
      else if (luck < 0.16) await say(bent(frame));
      else if (luck < 0.2 && frames.length > 0) await say(drawn(chance, frames));
      else if (read.value.kind === "frontier") {
        const longer = read.value.entries.map((entry) => ({
          ...entry,
          length: entry.length + between(chance, 0, 3),
        }));
        const more = Array.from({ length: between(chance, 0, 3) }, () => ({
          feed: feedIdFromBytes(chance(32)),
          length: 2,
          forkedAt: null,
          mark: bytesToHex(chance(8)),
        }));
        await say(
          encodeSyncMessage({ kind: "frontier", more: false, entries: [...longer.filter(({ length }) => length > 0), ...more] }),
        );
      } else if (read.value.kind === "buckets")
        await say(encodeSyncMessage({ kind: "buckets", shorts: chance(read.value.shorts.length) }));
      else if (read.value.kind === "outline")
        await say(encodeSyncMessage({ kind: "outline", rows: read.value.rows.map(() => chance(2 * between(chance, 0, 9))) }));
      else if (read.value.kind === "want") await say(wantedLie(tag, read.value.feed));
      else if (read.value.kind === "want-proof") await say(encodeSyncMessage({ kind: "proof", bytes: noise() }));
    }
    await wire.close();
  }

  function wantedLie(tag: Tag, feed: ReturnType<typeof feedIdFromBytes>): Uint8Array {
    const model = chance.next() < 0.5 ? overheardEnvelope() : forged(tag);
    const luck = chance.next();
    if (model === null || luck < 0.25) return encodeSyncMessage({ kind: "none", feed });
    const chunk = chunkOf(luck < 0.5 ? { ...model, feed } : model);
    const bytes = encodeChunk(chunk);
    return encodeSyncMessage({ kind: "chunk", bytes: luck < 0.75 ? bent(bytes) : bytes });
  }

  async function answer(wire: Wire, wires: Wires, tag: Tag): Promise<void> {
    const { signal } = new AbortController();
    const opened = await next(wire);
    const read = opened === null ? null : parseHelloMessage(opened);
    const ends = { opener: wire.peer, answerer: wires.self };
    if (read?.ok !== true || read.value.kind !== "open" || chance.next() < 0.2) return lieOver(wire, noise());
    const me = self();
    const { reply, answering } = answerHello(read.value, recognises(read.value, tag, ends) ? tag : null, me, ends);
    await wire.send(encodeHelloMessage(reply), signal);
    const prove = await next(wire);
    const last = prove === null ? null : parseHelloMessage(prove);
    if (last?.ok !== true || last.value.kind !== "prove") return wire.close();
    await wire.send(encodeHelloMessage(closeHello(last.value, me, answering).reply), signal);
    await wire.close();
  }

  const next = async (wire: Wire): Promise<Uint8Array | null> => {
    for await (const frame of wire.frames) return frame;
    return null;
  };

  function come(tag: Tag, times: number): void {
    if (isOver) return;
    const own = net.join({
      name: `liar.${times}`,
      isHearth: false,
      isLiar: true,
      wanted: 12,
      now: () => (EPOCH_MS + scheduler.now()) as Millis,
    });
    node = own;
    const { wires, network } = own;
    const topic = topicOf(tag);
    network.mark([[street.hearths()]]);
    network.seek([topic]);
    wires.listen(topic, async (bytes) => {
      const opened = openGossip(tag, bytes);
      if (opened !== null && overheard.length < MAX_OVERHEARD) overheard.push(opened.slice());
      return "accept";
    });
    void wires.serve(HELLO_PROTOCOL, (wire) => answer(wire, wires, tag).catch(() => undefined));
    void wires.serve(SYNC_PROTOCOL, async (wire) => {
      await next(wire);
      await lieInSync(wire, tag).catch(() => undefined);
    });
    const lie = (left: number): void => {
      if (isOver || left === 0) {
        own.kill();
        scheduler.after(500, "the liar comes back", () => come(tag, times + 1));
        return;
      }
      scheduler.after(between(chance, 300, 4_000), "the liar lies", () => {
        const near = wires.connections();
        if (chance.next() < 0.5) {
          counts.lies += 1;
          void wires.publish(topic, gossipLie(tag));
        } else if (near.length > 0) void greet(wires, drawn(chance, near).peer, tag).catch(() => undefined);
        lie(left - 1);
      });
    };
    lie(between(chance, 5, 30));
  }

  return {
    begin: (tag) => void scheduler.after(15_000, "a liar comes", () => come(tag, 1)),
    end: () => {
      isOver = true;
      node?.kill();
    },
    counts,
  };
}

const tagBytes = (tag: Tag): Uint8Array => Uint8Array.from(tag.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
