/** Laws of the line (L1, L2, L5), and its layout against one put together by hand. */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  MAX_LINE_UNITS,
  encodeLine,
  nameOfOffer,
  parseLine,
  type Answer,
  type Line,
  type Offer,
  type Way,
} from "../../../protocol/sync/in-person.ts";
import { hash, join, unhex } from "../../vectors/second-path.ts";
import { readVectors } from "../../vectors/vector.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const hexOf = (raw: Uint8Array) => Buffer.from(raw).toString("hex");
const letters = (minLength: number, maxLength: number) =>
  fc.string({
    unit: fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
    minLength,
    maxLength,
  });
const ways = fc.oneof(
  fc.record<Way>({ kind: fc.constant("ip4"), host: bytes(4), port: fc.integer({ min: 1, max: 65_535 }) }),
  fc.record<Way>({ kind: fc.constantFrom("ip6", "mdns"), host: bytes(16), port: fc.integer({ min: 1, max: 65_535 }) }),
);
const ends = {
  peer: bytes(32),
  fingerprint: bytes(32),
  ufrag: letters(4, 32),
  password: letters(22, 64),
  ways: fc.array(ways, { maxLength: 8 }),
};
const offers = fc.record<Offer>({ kind: fc.constant("offer"), ...ends });
const answers = fc.record<Answer>({ kind: fc.constant("answer"), to: bytes(8).map(hexOf), ...ends });
const lines: fc.Arbitrary<Line> = fc.oneof(offers, answers);

const typed = (kind: number, { host, port }: Way) => join(new Uint8Array([kind]), host, new Uint8Array([port >> 8, port & 255]));
function bytesByHand(line: Line): Uint8Array {
  const field = (text: string) => new Uint8Array(Buffer.from(`${String.fromCharCode(text.length)}${text}`, "latin1"));
  return join(
    new Uint8Array([1, line.kind === "offer" ? 0 : 1]),
    line.kind === "offer" ? new Uint8Array(0) : unhex(line.to),
    line.peer,
    line.fingerprint,
    field(line.ufrag),
    field(line.password),
    new Uint8Array([line.ways.length]),
    ...line.ways.map((way) => typed({ ip4: 1, ip6: 2, mdns: 3 }[way.kind], way)),
  );
}
function lineByHand(line: Line): string {
  const body = bytesByHand(line);
  return Buffer.from(join(body, hash("in-person", body).subarray(0, 4))).toString("base64url");
}

test("every line has the letters that the specification gives it, and comes back as it was", () => {
  fc.assert(
    fc.property(lines, (line) => {
      const text = encodeLine(line);
      expect(text).toBe(lineByHand(line));
      expect(parseLine(text)).toEqual({ ok: true, value: line });
    }),
  );
});

test("L2: an offer is named by the hash of its bytes", () => {
  fc.assert(
    fc.property(offers, (offer) => {
      expect(nameOfOffer(offer)).toBe(hexOf(hash("in-person", bytesByHand(offer)).slice(0, 8)));
    }),
  );
});

test("L1: no line has more than 1,000 letters", () => {
  fc.assert(fc.property(lines, (line) => void expect(encodeLine(line).length).toBeLessThanOrEqual(MAX_LINE_UNITS)));
  const longest = readVectors("in-person").accepted.find(({ name }) => name === "the longest");
  expect(String(longest?.["line"]).length).toBeLessThan(500);
});

test("L5: a line with one letter changed, or cut anywhere, is damaged", () => {
  fc.assert(
    fc.property(lines, fc.nat(), fc.nat(), letters(1, 1), (line, place, end, letter) => {
      const text = encodeLine(line);
      const at = place % text.length;
      const other = letter.replace("+", "-").replace("/", "_");
      for (const wrong of [text.slice(0, at) + other + text.slice(at + 1), text.slice(0, end % text.length)]) {
        if (wrong === text) continue;
        const parsed = parseLine(wrong);
        expect(parsed.ok ? "read" : parsed.error.kind).toMatch(/^(damaged|not-base64url)$/);
      }
    }),
  );
});

test("any text at all is a line or a refusal, never a throw", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 1_100 }), (text) => void expect(parseLine(text).ok).toBe(false)));
});
