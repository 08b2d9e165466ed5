/** Lines that two people paste to each other: from their fields, and refused ones with a check that fits. */
import { encodeLine, nameOfOffer, type Line, type Offer } from "../../protocol/sync/in-person.ts";
import { hash, hex, join, unhex } from "./second-path.ts";
import type { Accepted, Refused, VectorFile } from "./vector.ts";

const fill = (byte: number, length: number): Uint8Array => new Uint8Array(length).fill(byte);
const text = (line: string): Uint8Array => new TextEncoder().encode(line);

const offer: Offer = {
  kind: "offer",
  peer: fill(2, 32),
  fingerprint: fill(3, 32),
  ufrag: "aB3+",
  password: "0123456789abcdefghijkl/+",
  ways: [
    { kind: "ip4", host: new Uint8Array([192, 168, 1, 7]), port: 40_001 },
    { kind: "ip6", host: join(unhex("fd00"), fill(0, 13), fill(9, 1)), port: 40_002 },
    { kind: "mdns", host: fill(5, 16), port: 65_535 },
  ],
};
const lines: readonly (readonly [string, Line])[] = [
  ["an offer", offer],
  ["an answer from where nothing is known", { ...offer, kind: "answer", to: nameOfOffer(offer), peer: fill(4, 32), ways: [] }],
  [
    "the longest",
    { ...offer, ufrag: "u".repeat(32), password: "p".repeat(64), ways: Array.from({ length: 8 }, () => offer.ways[2]!) },
  ],
];

/** Any bytes with the check that belongs to them. */
const checked = (bytes: Uint8Array): string => Buffer.from(join(bytes, hash("in-person", bytes).subarray(0, 4))).toString("base64url");
const bare = (line: Line): Uint8Array => new Uint8Array(Buffer.from(encodeLine(line), "base64url")).slice(0, -4);
const changed = (at: number, byte: number): Uint8Array => {
  const bytes = bare(offer);
  bytes[at] = byte;
  return bytes;
};
const UFRAG_AT = 66;
const PASSWORD_AT = UFRAG_AT + 5;
const COUNT_AT = PASSWORD_AT + 25;

function inPerson(): VectorFile {
  const refuse = (name: string, line: string, error: string): Refused => ({ name, parser: "line", bytes: hex(text(line)), error });
  return {
    about: "Lines that connect two people side by side. `bytes` are the letters of the line",
    accepted: lines.map(([name, { ways, peer, fingerprint, ...line }]): Accepted => {
      const written = encodeLine({ ways, peer, fingerprint, ...line });
      const told = ways.map(({ kind, host, port }) => `${kind} ${hex(host)} ${port}`);
      return { name, parser: "line", bytes: hex(text(written)), line: written, ...line, peer: hex(peer), fingerprint: hex(fingerprint), ways: told };
    }),
    refused: [
      refuse("nothing", "", "damaged"),
      refuse("a line past its size", "A".repeat(1_001), "too-large"),
      refuse("a letter of another alphabet", `+${encodeLine(offer).slice(1)}`, "not-base64url"),
      refuse("a letter that is another one", encodeLine(offer).replace("A", "B"), "damaged"),
      refuse("cut", encodeLine(offer).slice(0, 100), "damaged"),
      refuse("only a check", checked(new Uint8Array(0)), "malformed head"),
      refuse("version 2", checked(changed(0, 2)), "newer-version"),
      refuse("version 0", checked(changed(0, 0)), "newer-version"),
      refuse("a third kind", checked(changed(1, 2)), "malformed head"),
      refuse("an offer called an answer", checked(changed(1, 1)), "malformed ice"),
      refuse("a head that stops", checked(bare(offer).slice(0, 60)), "malformed head"),
      refuse("a user fragment of three", checked(changed(UFRAG_AT, 3)), "malformed ice"),
      refuse("a user fragment of 33", checked(changed(UFRAG_AT, 33)), "malformed ice"),
      refuse("a line break in it", checked(changed(UFRAG_AT + 1, 10)), "malformed ice"),
      refuse("a password of 21", checked(changed(PASSWORD_AT, 21)), "malformed ice"),
      refuse("nine ways", checked(changed(COUNT_AT, 9)), "malformed way"),
      refuse("fewer ways than were counted", checked(changed(COUNT_AT, 4)), "malformed way"),
      refuse("a fourth kind of way", checked(changed(COUNT_AT + 1, 4)), "malformed way"),
      refuse("port 0", checked(changed(COUNT_AT + 6, 0).map((byte, at) => (at === COUNT_AT + 7 ? 0 : byte))), "malformed way"),
      refuse("a byte behind", checked(join(bare(offer), fill(0, 1))), "malformed trailing"),
    ],
  };
}

export const linesOfPeople = (): Readonly<Record<string, VectorFile>> => ({ "in-person": inPerson() });
