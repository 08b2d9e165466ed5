/**
 * How a cached document lies on the disk, the same in every cache: sealed updates, and one sealed record that vouches for them.
 *
 *   row     update ‖ seal
 *   record  SHA-256 of the state (32) ‖ manifest ‖ seal
 *   seal    the first 16 bytes of SHA-256("row" or "record" ‖ newline ‖ name ‖ newline ‖ bytes)
 *
 * A seal finds torn and mixed-up bytes. It is no signature: whoever can write our disk can seal as well.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { createDeleteSetFromStructStore, getState, type Doc } from "yjs";
import { concatBytes, equalBytes, utf8ToBytes } from "../../protocol/index.ts";
import type { StoredBytes } from "./indexeddb-store.ts";

const HASH_BYTES = 32;
const SEAL_BYTES = 16;

export interface Vouched {
  readonly stateHash: Uint8Array;
  readonly manifest: Uint8Array;
  readonly updates: readonly Uint8Array[];
}

/** What is stored under a name, as far as it may be shown to Yjs; null when nothing vouches for it or any of it is damaged. */
export function readCache(name: string, record: unknown, rows: readonly unknown[]): Vouched | null {
  const vouched = unseal("record", name, record);
  if (vouched === null) return null;
  const updates: Uint8Array[] = [];
  for (const row of rows) {
    const update = unseal("row", name, row);
    if (update === null) return null;
    updates.push(update);
  }
  return { stateHash: vouched.slice(0, HASH_BYTES), manifest: vouched.slice(HASH_BYTES), updates };
}

export const rowOf = (name: string, update: Uint8Array): StoredBytes => sealed("row", name, update);

/** Of the document as it is now. */
export const recordOf = (name: string, doc: Doc, manifest: Uint8Array): StoredBytes =>
  sealed("record", name, concatBytes(stateHashOf(doc), manifest));

/** Whether a document that was just loaded is the one that was marked, and waits for nothing more. */
export function fits(doc: Doc, stateHash: Uint8Array): boolean {
  const { pendingStructs, pendingDs } = doc.store;
  return pendingStructs === null && pendingDs === null && equalBytes(stateHashOf(doc), stateHash);
}

/**
 * SHA-256 over how far each client got and what of it is deleted. It is read from the items, not from an encoded update, so it
 * does not depend on how Yjs split or merged them. The numbers are those of this machine (its byte order): never sent.
 */
export function stateHashOf(doc: Doc): Uint8Array {
  const deleted = createDeleteSetFromStructStore(doc.store).clients;
  const numbers: number[] = [];
  for (const client of [...doc.store.clients.keys()].sort((left, right) => left - right)) {
    const ranges = deleted.get(client) ?? []; // ascending, and neighbours are one range
    numbers.push(client, getState(doc.store, client), ranges.length);
    for (const { clock, len } of ranges) numbers.push(clock, len);
  }
  return sha256(new Uint8Array(Float64Array.from(numbers).buffer)); // clocks and client ids have up to 53 bits
}

function sealed(kind: "row" | "record", name: string, bytes: Uint8Array): StoredBytes {
  const whole = new Uint8Array(bytes.length + SEAL_BYTES);
  whole.set(bytes);
  whole.set(sealOf(kind, name, bytes), bytes.length);
  return whole;
}

function unseal(kind: "row" | "record", name: string, stored: unknown): Uint8Array | null {
  if (!(stored instanceof Uint8Array)) return null;
  const bytes = stored.subarray(0, -SEAL_BYTES);
  return equalBytes(sealOf(kind, name, bytes), stored.subarray(-SEAL_BYTES)) ? bytes : null;
}

const sealOf = (kind: "row" | "record", name: string, bytes: Uint8Array): Uint8Array =>
  sha256
    .create()
    .update(utf8ToBytes(`${kind}\n${name}\n`))
    .update(bytes)
    .digest()
    .subarray(0, SEAL_BYTES);
