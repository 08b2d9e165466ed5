/**
 * The certificate of a hearth's WebRTC-Direct port. Its hash stands in every address and invitation, so a hearth makes it
 * once and keeps it with its key; the library's own is new at every start and every two weeks. Node only. Owns nothing.
 *
 * X.509 v3 (RFC 5280), self-signed ECDSA P-256 with SHA-256, without extensions: browsers compare its hash and nothing else.
 */
import { Buffer } from "node:buffer";
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { TransportCertificate } from "@libp2p/webrtc";
import type { Millis } from "../../protocol/index.ts";

/** As long as a hearth may live; 2049 is the last year that UTCTime can say. */
const LAST_YEAR = 2049;
const MULTIHASH_SHA256 = Uint8Array.of(0x12, 0x20);

const OID_ECDSA_SHA256 = "06082a8648ce3d040302";
const OID_COMMON_NAME = "0603550403";

/** A new key and certificate, as JSON that can be kept; the key in it is a secret of the hearth. */
export function createHearthCertificate(now: Millis): TransportCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = sequence(Buffer.from(OID_ECDSA_SHA256, "hex"));
  const name = sequence(tagged(0x31, sequence(Buffer.from(OID_COMMON_NAME, "hex"), tagged(0x0c, Buffer.from("kith")))));
  const validity = sequence(utcTime(new Date(now)), utcTime(new Date(Date.UTC(LAST_YEAR, 0, 1))));
  const version3 = tagged(0xa0, integer(Buffer.of(2)));
  const body = sequence(
    version3,
    integer(randomBytes(12)),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = sign("sha256", body, privateKey);
  const der = sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.of(0), signature])));
  const hash = createHash("sha256").update(der).digest();
  return {
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    pem: toPem(der),
    certhash: `u${Buffer.concat([MULTIHASH_SHA256, hash]).toString("base64url")}`,
  };
}

/** DER: tag, length, content; lengths here stay under 64 KiB. */
function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  if (length < 0x100) return Buffer.concat([Buffer.of(tag, 0x81, length), content]);
  return Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 0xff), content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts));

/** Positive and shortest: the first byte neither has its high bit set nor is a needless zero. */
function integer(bytes: Buffer): Buffer {
  const positive = Buffer.from(bytes);
  positive[0] = (positive[0] ?? 0) & 0x7f || 1;
  return tagged(0x02, positive);
}

/** YYMMDDhhmmssZ. */
function utcTime(date: Date): Buffer {
  return tagged(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replace(/[-T:]/g, "")}Z`));
}

function toPem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
