/**
 * Verify: carries out signature checks the fastest way this platform allows, under the one rule
 * (protocol/crypto/signature.ts). WebCrypto is used only where it agrees with the reference on every edge case.
 */
import { bytesToHex, checkSignature, signatureEdgeCases, type SignatureCheck } from "../../protocol/index.ts";

/** Answers in the order of the checks. Never rejects. */
export type Verify = (checks: readonly SignatureCheck[]) => Promise<readonly boolean[]>;

/** About 1 ms a check. Works on every origin. */
export const verifyByReference: Verify = async (checks) => checks.map(checkSignature);

/** `subtle` is missing on plain-http origins. */
export async function chooseVerifier(subtle: SubtleCrypto | undefined): Promise<Verify> {
  if (subtle === undefined) return verifyByReference;
  const fast = verifyBySubtle(subtle);
  const cases = signatureEdgeCases();
  const answers = await fast(cases.map(({ check }) => check));
  return cases.every(({ holds }, index) => answers[index] === holds) ? fast : verifyByReference;
}

/** Feeds come back chunk after chunk; their imported keys are worth keeping. */
const MAX_KEYS = 1_024;

function verifyBySubtle(subtle: SubtleCrypto): Verify {
  const keys = new Map<string, Promise<CryptoKey>>();
  const keyOf = (raw: Uint8Array): Promise<CryptoKey> => {
    const name = bytesToHex(raw);
    const known = keys.get(name);
    if (known !== undefined) return known;
    if (keys.size >= MAX_KEYS) keys.clear();
    const key = subtle.importKey("raw", plain(raw), "Ed25519", false, ["verify"]);
    keys.set(name, key);
    return key;
  };
  const one = async ({ key, message, signature }: SignatureCheck): Promise<boolean> => {
    try {
      return await subtle.verify("Ed25519", await keyOf(key), plain(signature), plain(message));
    } catch {
      return false; // a platform without Ed25519, or a key it refuses: the self-test decides whether we stay here
    }
  };
  return (checks) => Promise.all(checks.map(one));
}

/** WebCrypto's types ask for a view over a plain buffer, which all of ours are. */
const plain = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => bytes as Uint8Array<ArrayBuffer>;
