/**
 * Domain strings: what a hash, signature or derived key is for, so that none can be used as another.
 *
 *   D1  Each is followed by one zero byte wherever it is used, so none is a prefix of another.
 *   D2  A string is never given a second meaning; a changed format takes a new number.
 */
export const DOMAINS = {
  community: "kith/1/community",
  tag: "kith/1/tag",
  feed: "kith/1/feed",
  envelope: "kith/1/envelope",
  body: "kith/1/body",
  signEnvelope: "kith/1/sign-envelope",
  signAdmission: "kith/1/sign-admission",
  signDevice: "kith/1/sign-device",
  signJoin: "kith/1/sign-join",
  signCard: "kith/1/sign-card",
  signHello: "kith/1/sign-hello",
  signWhisper: "kith/1/sign-whisper",
  keyId: "kith/1/key-id",
  keyCommitment: "kith/1/key-commitment",
  keyBox: "kith/1/key-box",
  keyHint: "kith/1/key-hint",
  relayKey: "kith/1/relay-key",
  helloKey: "kith/1/hello-key",
  helloTag: "kith/1/hello-tag",
  helloPeer: "kith/1/hello-peer",
  helloProof: "kith/1/hello-proof",
  memberRoot: "kith/1/member-root",
  inviteSign: "kith/1/invite-sign",
  inviteExchange: "kith/1/invite-exchange",
  frontier: "kith/1/frontier",
  bucket: "kith/1/bucket",
  syncSalt: "kith/1/sync-salt",
  syncBucket: "kith/1/sync-bucket",
  syncEntry: "kith/1/sync-entry",
  syncHead: "kith/1/sync-head",
  fingerprint: "kith/1/fingerprint",
  document: "kith/1/document",
  bundle: "kith/1/bundle",
  topic: "kith/1/topic",
  gossipKey: "kith/1/gossip-key",
  whisperKey: "kith/1/whisper-key",
  circle: "kith/1/circle",
  aside: "kith/1/aside",
  inPerson: "kith/1/in-person",
} as const;

export type Domain = (typeof DOMAINS)[keyof typeof DOMAINS];
