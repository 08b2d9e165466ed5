/**
 * How gossip is set: `SECURITY.md` 2.11 for 3–50 peers, as one value per rule. No state, no libp2p node.
 * Where a number differs from that table, the line says why.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { StrictNoSign, type GossipsubOpts } from "@chainsafe/libp2p-gossipsub";
import { defaultTopicScoreParams, type TopicScoreParams } from "@chainsafe/libp2p-gossipsub/score";

/** Topics one node may be in, and what it keeps of each neighbour's: all of them are announced in one message. */
export const MAX_TOPICS = 64;

/** What one topic adds to the score of a neighbour. */
export const topicScore: TopicScoreParams = {
  ...defaultTopicScoreParams,
  topicWeight: 1,
  // P1: 0.02 a minute in the mesh, 3 at most.
  timeInMeshWeight: 0.02,
  timeInMeshQuantum: 60_000,
  timeInMeshCap: 150,
  // P2: 1 for each message it brought first, 10 at most.
  firstMessageDeliveriesWeight: 1,
  firstMessageDeliveriesCap: 10,
  firstMessageDeliveriesDecay: 0.99,
  // P3, P3b: off. A quiet community says little, and that is no fault.
  meshMessageDeliveriesWeight: 0,
  meshFailurePenaltyWeight: 0,
  // P4: −20 × (refused messages)²; two put a peer at −80, out of hearing.
  invalidMessageDeliveriesWeight: -20,
  invalidMessageDeliveriesDecay: 0.998,
};

/** Messages are known by their bytes: the same envelope published by two people is one message. */
export const messageId = (bytes: Uint8Array): Uint8Array => sha256(bytes).subarray(0, 20);

/** Everything that does not depend on the node; `gossip.ts` adds what does. */
export const gossipSettings: Partial<GossipsubOpts> = {
  // Envelopes are signed by their authors; a second signature would name the sender to everyone.
  globalSignaturePolicy: StrictNoSign,
  msgIdFn: (message) => messageId(message.data),
  allowPublishToZeroTopicPeers: true,
  ignoreDuplicatePublishError: true,
  fallbackToFloodsub: false,
  emitSelf: false,
  floodPublish: true,
  doPX: false,
  D: 6,
  Dlo: 4,
  Dhi: 12,
  Dout: 2,
  Dscore: 4,
  Dlazy: 6,
  // Relayed connections are for finding each other; data takes a direct way or goes through a hearth.
  runOnLimitedConnection: false,
  decodeRpcLimits: {
    maxSubscriptions: MAX_TOPICS,
    // 256 and not 32: gossipsub answers one request (up to 256 ids) in one message, and what passes the limit is lost whole.
    maxMessages: 256,
    maxControlMessages: 32,
    maxIhaveMessageIDs: 256,
    maxIwantMessageIDs: 256,
    maxIdontwantMessageIDs: 128,
    maxPeerInfos: 0,
  },
  // 1 MiB and not 256 KiB: the same answer may hold several envelopes of 64 KiB, and a frame over the limit ends gossip with that peer.
  maxInboundDataLength: 1_048_576,
  // A neighbour that does not read is dropped before it fills our memory.
  maxOutboundBufferSize: 4 * 1_048_576,
  // A topic costs its name and 1 KiB of bookkeeping; names are 64 letters.
  maxTopicBytesPerPeer: MAX_TOPICS * 1_152,
  maxInboundStreams: 2,
  maxOutboundStreams: 2,
  scoreParams: {
    topics: {},
    topicScoreCap: 15,
    // P5 is given in points (`Wires.regard`).
    appSpecificWeight: 1,
    // P6: homes, centres and relays share an address.
    IPColocationFactorWeight: 0,
    // P7: −10 × (faults − 2)²: two are forgiven, since a reconnecting browser can graft too early without meaning harm.
    behaviourPenaltyWeight: -10,
    behaviourPenaltyThreshold: 2,
    behaviourPenaltyDecay: 0.99,
    decayInterval: 1_000,
    decayToZero: 0.01,
    retainScore: 3_600_000,
  },
  scoreThresholds: {
    gossipThreshold: -10,
    publishThreshold: -50,
    graylistThreshold: -80,
    acceptPXThreshold: 50,
    opportunisticGraftThreshold: 1,
  },
};
