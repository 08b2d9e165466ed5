/** The door: everything the world may use of the rules, by name. */
export { ok, err, type Result } from "./lang/result.ts";
export type { Brand, Millis } from "./lang/brand.ts";
export { assertNever } from "./lang/assert-never.ts";

export { bytesToHex, concatBytes, hexToBytes, utf8ToBytes, equalBytes } from "./codec/bytes.ts";
export { decodeValue, encodeValue, type Value, type ValueError, type ValueMap } from "./codec/value.ts";
export { bytes, list, optional, record, text, uint, type Read, type ShapeError } from "./codec/shape.ts";

export {
  feedIdFromBytes,
  nameToBytes,
  parseEnvelopeId,
  parseTag,
  tagOf,
  topicOf,
  deviceKeyFromBytes,
  tagShape,
  feedId,
  envelopeId,
  type CommunityId,
  type DeviceKey,
  type EnvelopeId,
  type FeedId,
  circleIdOf,
  type CircleId,
  type MemberId,
  type Tag,
} from "./crypto/hash.ts";
export { byNoble, primitiveEdgeCases, type PrimitiveEdgeCase, type Primitives } from "./crypto/primitives.ts";
export {
  checkSignature,
  isAdmissibleKey,
  publicKeyOf,
  signatureEdgeCases,
  type EdgeCase,
  type SignatureCheck,
} from "./crypto/signature.ts";
export {
  KEY_BYTES,
  NONCE_BYTES,
  circleKeyFrom,
  createBoxReader,
  epochKeyFrom,
  exchangePairFrom,
  isSealable,
  openGossip,
  openKeyBox,
  sealGossip,
  sealKeyBox,
  type BoxPlace,
  type BoxReader,
  type CircleKey,
  type EpochKey,
  type ExchangePair,
  type SpaceKey,
} from "./crypto/seal.ts";

export { createBirth, admissionCheck, birthFromBytes, birthToBytes, type Birth } from "./envelope/header.ts";
export {
  MAX_ENVELOPE_BYTES,
  encodeEnvelope,
  parseEnvelope,
  signatureOf,
  type Envelope,
  type EnvelopeError,
} from "./envelope/envelope.ts";
export type { KeyBoxes, Seen } from "./envelope/body.ts";

export {
  MAX_CHUNK_BYTES,
  MAX_CHUNK_ENVELOPES,
  chunkOf,
  cutChunk,
  encodeChunk,
  joinChunks,
  linksOf,
  parseChunk,
  reread,
  type Chunk,
  type ChunkError,
  type ChunkHead,
  type Link,
} from "./feed/chunk.ts";
export type { Feed } from "./feed/feed.ts";
export {
  createForkProof,
  encodeForkProof,
  parseForkProof,
  proofChecks,
  type ForkProof,
  type ForkProofError,
} from "./feed/fork.ts";
export { MAX_FRONTIER_FEEDS, type FrontierEntry } from "./feed/frontier.ts";
export { frontierDigest, treeOf, withEntry, type FrontierTree } from "./feed/frontier-tree.ts";

export {
  MAX_COMMUNITY_UNITS,
  MAX_NAME_UNITS,
  MAX_PURPOSE_UNITS,
  RULES_VERSION,
  communityOf,
  proveInvitation,
  MAX_CLOSING_JOINS,
  type AuthorityAct,
  type Door,
  type Genesis,
} from "./authority/acts.ts";
export type { Authority, InviteRecord, MemberRecord } from "./authority/authority.ts";
export { certifyDevice, memberRootFrom, type DeviceCertificate, type MemberRoot } from "./authority/certificate.ts";
export {
  MAX_ADDRESSES,
  MAX_LINK_UNITS,
  cardCheck,
  encodeInvitation,
  inviteKeysFrom,
  parseInvitation,
  type Card,
  type Invitation,
  type InvitationError,
} from "./authority/invitation.ts";

export {
  CLOSING_REASONS,
  MAX_DETAILS_UNITS,
  MAX_EVIDENCE_BYTES,
  MAX_NEEDS,
  MAX_QUANTITY,
  MAX_REPLACED,
  MAX_TITLE_UNITS,
  MAX_WHEN_UNITS,
  MAX_WHERE_UNITS,
  MAX_WORDS_UNITS,
  NEEDS,
  POST_FORMS,
  type AidAct,
  type Answer,
  type Change,
  type ClosingReason,
  type Commit,
  type Need,
  type Post,
  type PostForm,
  type Revise,
  type Terms,
} from "./acts/aid.ts";
export {
  PROMISE_STATES,
  askedOf,
  type CountedStep,
  type Parties,
  type Part,
  type Place,
  type PromiseLife,
  type PromiseState,
} from "./acts/promise.ts";
export { answersIn, answersTo, nextSteps, turnOf, type NextAct } from "./acts/promise-turns.ts";
export { timeOf, type PromiseTime } from "./acts/promise-time.ts";
export { MAX_TALK_UNITS, SALT_BYTES, asideHash, type Aside, type Response, type TalkAct } from "./acts/talk.ts";
export type { Version, Versions } from "./acts/versions.ts";
export { encodeEvidence, parseEvidence, type Evidence, type EvidenceError } from "./acts/evidence.ts";

export {
  BLOCK_KINDS,
  CHARTER,
  MAX_FACT_UNITS,
  PROFILE_FACTS,
  areasOf,
  parseDocumentName,
  profileOf,
  subjectOf,
  type BlockKind,
  type DocumentKind,
  type DocumentName,
  type ProfileFact,
} from "./documents/kinds.ts";
export { clientOf } from "./documents/client.ts";
export { composeEdits, type Composed, type View } from "./documents/compose.ts";
export { blocksOf, contentOf, documentFingerprint, type BlockContent, type DocumentContent } from "./documents/content.ts";
export { changesSince, inOrder, lostTexts, wordsAmong, type BlockChange } from "./documents/changes.ts";
export { mayWrite, type Claim } from "./documents/gate.ts";
export { createDoc } from "./documents/ground.ts";
export type { DocumentEntry, Library } from "./documents/library.ts";
export { clockIn, type Past } from "./documents/past.ts";
export { FROM_LOG, type Decided, type Edit, type Replay } from "./documents/replay.ts";
export { RULES, type Rule } from "./documents/rules.ts";
export type { DeleteRange, ItemId } from "./documents/update.ts";
export {
  MAX_WHISPERED_UNITS,
  MAX_WHISPER_BYTES,
  NEW_PACE,
  hasRest,
  parseWhisper,
  readWhisper,
  takeWhisper,
  whisperCheck,
  writeWhisper,
  type SealedWhisper,
  type Whisper,
  type WhisperItem,
  type WhisperPace,
  type WhisperSpot,
  type WhisperVoice,
} from "./documents/whisper.ts";

export {
  actChecks,
  judge,
  openLinks,
  prepareChunk,
  withVerdict,
  type ActChecks,
  type Content,
  type IngestContext,
  type IngestError,
  type Opened,
  type Prepared,
} from "./space/ingest.ts";
export type { Community, Tally } from "./space/community.ts";
export type { CircleRecord } from "./space/circles.ts";
export type { Said } from "./space/entry.ts";
export { termsByVersion, type PostRecord, type PromiseRecord } from "./space/exchanges.ts";
export { chunkFrom, createReplica, reopen, type Judged, type Replica, type Weighed } from "./space/replica.ts";
export { depsFor, unfitIn, writeAct, writeEdit, writeKeys, writeTalk, type Writer, type Written } from "./space/writer.ts";

export {
  addToBundle,
  createBundleReader,
  encodeBundle,
  endBundle,
  parseBundle,
  startBundle,
  type Bundle,
  type BundleError,
  type BundleItem,
  type BundleReader,
  type BundleWriter,
} from "./sync/bundle.ts";
export { encodeSyncMessage, parseSyncMessage, type SyncMessage, type SyncMessageError } from "./sync/message.ts";
export { SESSION_NONCE_BYTES } from "./sync/narrowing.ts";
export { startSession, step, type Session } from "./sync/session.ts";
export type { CloseReason, Input, Outcome, Output, Step } from "./sync/turn.ts";
export {
  answerHello,
  closeHello,
  encodeHelloMessage,
  finishHello,
  openHello,
  parseHelloMessage,
  proveHello,
  recognises,
  type Acquaintance,
  type Answering,
  type HelloEnds,
  type HelloMessage,
  type HelloSelf,
  type PeerRole,
  type Proving,
} from "./sync/hello.ts";
export {
  MAX_LINE_UNITS,
  MAX_WAYS,
  encodeLine,
  nameOfOffer,
  parseLine,
  type Answer as AnswerLine,
  type Line,
  type LineError,
  type Offer as OfferLine,
  type Way,
} from "./sync/in-person.ts";
