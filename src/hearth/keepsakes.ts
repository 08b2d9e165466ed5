/** What a hearth keeps of itself between starts: the seed of its name, its certificate and its node's ports. */
import { randomBytes } from "node:crypto";
import type { Millis } from "../../protocol/index.ts";
import { createHearthCertificate } from "../net/hearth-certificate.ts";
import type { Shelf } from "../storage/shelf.ts";

export interface Keepsakes {
  readonly seed: Uint8Array;
  readonly certificate: ReturnType<typeof createHearthCertificate>;
}

const NAME = "hearth-name";
const CERTIFICATE = "hearth-certificate";

/** Made at the first start. A hearth that cannot keep them still runs, under a name of its own for this time. */
export async function openKeepsakes(shelf: Shelf, now: Millis, signal: AbortSignal): Promise<Keepsakes> {
  const keptSeed = await shelf.recall(NAME, signal);
  const seed = keptSeed ?? new Uint8Array(randomBytes(32));
  if (keptSeed === null) await shelf.keep(NAME, seed, signal);
  const kept = await shelf.recall(CERTIFICATE, signal);
  const certificate = kept === null ? createHearthCertificate(now) : readCertificate(kept);
  if (kept === null) await shelf.keep(CERTIFICATE, new TextEncoder().encode(JSON.stringify(certificate)), signal);
  return { seed, certificate };
}

// Written by this very function, on this machine, and nothing but a broken disk changes it; then the node says so.
const readCertificate = (bytes: Uint8Array): Keepsakes["certificate"] =>
  JSON.parse(new TextDecoder().decode(bytes)) as Keepsakes["certificate"];
