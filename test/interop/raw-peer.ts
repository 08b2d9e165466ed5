/** A neighbour that keeps to no rule of ours: a bare libp2p node that writes what it likes on gossip's streams. */
import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import { identify } from "@libp2p/identify";
import type { Stream } from "@libp2p/interface";
import { webSockets } from "@libp2p/websockets";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";

export interface RawPeer {
  readonly self: string;
  /** One length-prefixed gossip message with this topic and these bytes. */
  readonly gossip: (topic: string, bytes: Uint8Array) => Promise<void>;
  /** Bytes as they are, on a new stream of a protocol; resolves when the other side has ended or reset it. */
  readonly write: (protocol: string, bytes: Uint8Array) => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function rawPeer(address: string): Promise<RawPeer> {
  const node = await createLibp2p({
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  });
  const connection = await node.dial(multiaddr(address));
  let gossipStream: Stream | undefined;
  return {
    self: node.peerId.toString(),
    gossip: async (topic, bytes) => {
      gossipStream ??= await connection.newStream("/meshsub/1.2.0");
      const message = Buffer.concat([field(2, bytes), field(4, Buffer.from(topic))]);
      const rpc = field(2, message);
      gossipStream.send(Buffer.concat([varint(rpc.length), rpc]));
    },
    write: async (protocol, bytes) => {
      const stream = await connection.newStream(protocol);
      stream.send(bytes);
      const ended = Promise.withResolvers<void>();
      for (const event of ["close", "end"] as const) stream.addEventListener(event, () => ended.resolve());
      await ended.promise;
    },
    close: async () => node.stop(),
  };
}

/** Protobuf, wire type 2. */
const field = (number: number, bytes: Uint8Array) => Buffer.concat([Buffer.of((number << 3) | 2), varint(bytes.length), bytes]);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value]);
}
