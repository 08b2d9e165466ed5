/**
 * Demo keys: the secrets of people who do not exist, in a file beside their bundle (`FILE.keys.json`). They are public: whoever has
 * them reads everything there and can speak as anybody, so no real word belongs into that community (demo-house.ts).
 */
import { bytesToHex, err, hexToBytes, ok, parseTag, type Millis, type Result, type Tag } from "../../protocol/index.ts";

export interface DemoPerson {
  readonly name: string;
  /** As in registry.ts. */
  readonly entropy: Uint8Array;
  readonly deviceSeed: Uint8Array;
  readonly exchangeSecret: Uint8Array;
  readonly feedRandom: Uint8Array;
}

export interface DemoKeys {
  readonly tag: Tag;
  /** Secret of epoch 0. */
  readonly epoch: Uint8Array;
  /** When the story ends; for whoever opens it, it is then. */
  readonly ends: Millis;
  /** In `people`: whose eyes a demo opens with. */
  readonly visitor: number;
  readonly people: readonly DemoPerson[];
  /** Secrets of what people say between them, for whoever checks the whole; a person's own app finds its own. */
  readonly circles: readonly Uint8Array[];
}

const VERSION = 1;
const ABOUT = "The keys of people who do not exist. They are public: whoever has them reads and writes all of it.";
const LENGTHS = { entropy: 16, deviceSeed: 32, exchangeSecret: 32, feedRandom: 32 } as const;

export function encodeDemoKeys({ tag, epoch, ends, visitor, people, circles }: DemoKeys): string {
  const lines = people.map(({ name, entropy, deviceSeed, exchangeSecret, feedRandom }) => ({
    name,
    entropy: bytesToHex(entropy),
    deviceSeed: bytesToHex(deviceSeed),
    exchangeSecret: bytesToHex(exchangeSecret),
    feedRandom: bytesToHex(feedRandom),
  }));
  const file = {
    about: ABOUT,
    version: VERSION,
    tag,
    epoch: bytesToHex(epoch),
    ends,
    visitor,
    people: lines,
    circles: circles.map(bytesToHex),
  };
  return `${JSON.stringify(file, null, 1)}\n`;
}

export function parseDemoKeys(text: string): Result<DemoKeys, { readonly kind: "no-demo-keys" }> {
  const file = recordOf(parseJson(text));
  const tag = typeof file["tag"] === "string" ? parseTag(file["tag"]) : null;
  const epoch = bytesIn(file["epoch"], 32);
  const { ends, visitor } = file;
  const people = (Array.isArray(file["people"]) ? file["people"] : []).map(personIn);
  const whole = people.filter((person) => person !== null);
  const circles = (Array.isArray(file["circles"]) ? file["circles"] : []).map((secret: unknown) => bytesIn(secret, 32));
  const isWhole = file["version"] === VERSION && whole.length === people.length && !circles.includes(null);
  if (!isWhole || tag === null || epoch === null || !isCount(ends) || !isCount(visitor) || whole[visitor] === undefined)
    return err({ kind: "no-demo-keys" });
  return ok({ tag, epoch, ends: ends as Millis, visitor, people: whole, circles: circles.flatMap((each) => each ?? []) }); // a time of the story's own
}

function personIn(value: unknown): DemoPerson | null {
  const { name, ...rest } = recordOf(value);
  const entropy = bytesIn(rest["entropy"], LENGTHS.entropy);
  const deviceSeed = bytesIn(rest["deviceSeed"], LENGTHS.deviceSeed);
  const exchangeSecret = bytesIn(rest["exchangeSecret"], LENGTHS.exchangeSecret);
  const feedRandom = bytesIn(rest["feedRandom"], LENGTHS.feedRandom);
  if (typeof name !== "string" || name === "" || name.length > 60) return null;
  if (entropy === null || deviceSeed === null || exchangeSecret === null || feedRandom === null) return null;
  return { name, entropy, deviceSeed, exchangeSecret, feedRandom };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const bytesIn = (value: unknown, length: number): Uint8Array | null =>
  typeof value === "string" && value.length === length * 2 && /^[0-9a-f]+$/.test(value) ? hexToBytes(value) : null;

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
