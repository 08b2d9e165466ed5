/** The certificate is what other implementations say a certificate is, and its hash is the one in the address. */
import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { createHearthCertificate } from "../../src/net/hearth-certificate.ts";
import type { Millis } from "../../protocol/index.ts";

test("OpenSSL reads it, finds it signed by its own key, and valid for decades", () => {
  for (let round = 0; round < 30; round += 1) {
    const { pem, privateKey } = createHearthCertificate(Date.UTC(2026, 6, 1) as Millis);
    const read = new X509Certificate(pem);
    expect(read.verify(read.publicKey)).toBe(true);
    expect(read.checkPrivateKey(createPrivateKey(privateKey))).toBe(true);
    expect(read.subject).toBe("CN=kith");
    expect([read.validFrom, read.validTo].map((text) => new Date(text).getUTCFullYear())).toEqual([2026, 2049]);
  }
});

test("its hash is the multihash of its bytes", () => {
  const { pem, certhash } = createHearthCertificate(Date.UTC(2026, 6, 1) as Millis);
  const hash = createHash("sha256").update(new X509Certificate(pem).raw).digest();
  expect(certhash).toBe(`u${Buffer.concat([Buffer.of(0x12, 0x20), hash]).toString("base64url")}`);
});
