/** The judge's work at once: signatures by OpenSSL, answers remembered, so that ten houses cost little more than one. */
import { createHash, createPublicKey, verify } from "node:crypto";
import { bytesToHex, checkSignature, signatureEdgeCases, type SignatureCheck } from "../../protocol/index.ts";
import { createJudge, type Judge } from "../../src/peer/judge.ts";
import type { Verify } from "../../src/peer/verify.ts";

/** DER of an Ed25519 public key, up to the key itself (RFC 8410). */
const SPKI_HEAD = Buffer.from("302a300506032b6570032100", "hex");

function byOpenSsl({ key, message, signature }: SignatureCheck): boolean {
  try {
    const read = createPublicKey({ key: Buffer.concat([SPKI_HEAD, key]), format: "der", type: "spki" });
    return verify(null, message, read, signature);
  } catch {
    return false; // not a key at all
  }
}

/** By OpenSSL only where it follows our one rule (protocol/crypto/signature.ts G4). */
const isOurRule = signatureEdgeCases().every(({ check, holds }) => byOpenSsl(check) === holds);
const check = isOurRule ? byOpenSsl : checkSignature;

/** One for a run. `ask` decides how long an answer takes; pure answers are shared by all who ask. */
export function createJudging(verdictOf: (check: SignatureCheck) => boolean = check) {
  const verdicts = new Map<string, boolean>();
  const judged = new Map<string, ReturnType<Judge["judge"]>>();
  const one = (asked: SignatureCheck): boolean => {
    const name = hashOf(asked.key, asked.message, asked.signature);
    const known = verdicts.get(name) ?? verdictOf(asked);
    verdicts.set(name, known);
    return known;
  };
  const verifyAll: Verify = async (checks) => checks.map(one);
  const real = createJudge(verifyAll);
  const judge: Judge["judge"] = (context, bytes) => {
    const name = [
      context.tag,
      hashOf(context.deviceKey ?? new Uint8Array(), bytes),
      context.relayKeys?.map(bytesToHex).join() ?? "any",
      context.keys.map((key) => bytesToHex(key.commitment)).join(),
    ].join(" ");
    const known = judged.get(name) ?? real.judge(context, bytes);
    judged.set(name, known);
    return known;
  };
  return {
    verify: verifyAll,
    /** A judge of one house: it answers when `pause` is over. */
    judgeFor: (pause: () => Promise<void>): Judge => ({
      verify: async (checks) => {
        const answers = await verifyAll(checks);
        await pause();
        return answers;
      },
      judge: async (context, bytes) => {
        const answer = judge(context, bytes);
        await pause();
        return answer;
      },
      close: () => undefined,
    }),
  };
}
export type Judging = ReturnType<typeof createJudging>;

function hashOf(...parts: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length} `).update(part);
  return hash.digest("base64");
}
