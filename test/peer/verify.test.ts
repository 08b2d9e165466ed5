import { webcrypto } from "node:crypto";
import { expect, test } from "vitest";
import { signatureEdgeCases } from "../../protocol/index.ts";
import { chooseVerifier, verifyByReference } from "../../src/peer/verify.ts";

const edges = signatureEdgeCases();
const checks = edges.map(({ check }) => check);
const truth = edges.map(({ holds }) => holds);
const sameMessage = (left: ArrayLike<number>, right: ArrayLike<number>): boolean =>
  Array.from(left).join() === Array.from(right).join();

/** WebCrypto that answers by `answers`, one for each edge case. */
function subtleSaying(answers: readonly boolean[]): SubtleCrypto & { readonly asked: () => number } {
  let asked = 0;
  const subtle = {
    importKey: async (_format: string, raw: Uint8Array) => raw,
    verify: async (_name: string, key: Uint8Array, signature: Uint8Array, message: Uint8Array) => {
      asked += 1;
      const at = checks.findIndex(
        (check) => sameMessage(check.key, key) && sameMessage(check.signature, signature) && sameMessage(check.message, message),
      );
      return answers[at] ?? false;
    },
    asked: () => asked,
  };
  return subtle as unknown as SubtleCrypto & { readonly asked: () => number }; // the two functions that are used
}

test("the edge cases hold both ways, else the self-test could not tell", () => {
  expect(truth).toContain(true);
  expect(truth).toContain(false);
});

test("the reference is right about every edge case", async () => {
  expect(await verifyByReference(checks)).toEqual(truth);
});

test("without WebCrypto (plain http) the reference is used", async () => {
  expect(await chooseVerifier(undefined)).toBe(verifyByReference);
});

test("a WebCrypto that agrees on every edge case is used", async () => {
  const subtle = subtleSaying(truth);
  const verify = await chooseVerifier(subtle);
  const before = subtle.asked();
  expect(await verify(checks)).toEqual(truth);
  expect(subtle.asked()).toBe(before + checks.length);
});

test.each(edges.map(({ name }, at) => [name, at] as const))(
  "a WebCrypto that is wrong about %s is not used",
  async (_name, at) => {
    const lying = subtleSaying(truth.map((holds, index) => (index === at ? !holds : holds)));
    expect(await chooseVerifier(lying)).toBe(verifyByReference);
  },
);

test("a platform whose WebCrypto knows no Ed25519 falls back", async () => {
  const refusing = {
    importKey: async () => Promise.reject(new Error("NotSupportedError")),
    verify: async () => true,
  } as unknown as SubtleCrypto; // the two functions that are used
  expect(await chooseVerifier(refusing)).toBe(verifyByReference);
});

test("whichever Node's own WebCrypto leads to, the answers are the reference's", async () => {
  const verify = await chooseVerifier(webcrypto.subtle as SubtleCrypto);
  expect(await verify(checks)).toEqual(truth);
});
