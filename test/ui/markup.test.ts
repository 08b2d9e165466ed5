import fc from "fast-check";
import { expect, test } from "vitest";
import { linkTo, segmentsOf } from "../../src/ui/editor/markup.ts";
import { bestOf } from "../best-of.ts";

const marks = fc
  .array(
    fc.constantFrom("*", "**", "[", "]", "](", ")", "(", "a", " ", "\n", "https://x.org/", "javascript:alert(1)", "😀", "م"),
    {
      maxLength: 24,
    },
  )
  .map((all) => all.join(""));

test("segments joined are the text, whatever it is", () => {
  fc.assert(
    fc.property(fc.oneof(marks, fc.string({ unit: "binary" })), (text) => {
      expect(
        segmentsOf(text)
          .map(({ raw }) => raw)
          .join(""),
      ).toBe(text);
    }),
  );
});

test("a link leads by a scheme we know, and nowhere else", () => {
  const scheme = fc.constantFrom(
    "javascript:",
    "JaVaScRiPt:",
    "data:",
    "vbscript:",
    "file:",
    "blob:",
    "https:",
    "http:",
    "mailto:",
    "tel:",
    "geo:",
    "//",
    "",
  );
  const address = fc.tuple(scheme, fc.webUrl(), fc.string()).map(([start, url, rest]) => `${start}${url.slice(6)}${rest}`);
  fc.assert(
    fc.property(fc.oneof(address, marks), (target) => {
      for (const segment of segmentsOf(`see [this](${target}) now`)) {
        if (segment.look !== "link") continue;
        expect(new URL(segment.link.href).protocol).toMatch(/^(https?|mailto|tel|geo):$/);
        expect(segment.link.place).not.toBe("");
      }
    }),
  );
});

test.each([
  "javascript:alert(1)",
  " javascript:alert(1)",
  "java\tscript:alert(1)",
  "data:text/html,x",
  "//x.org",
  "x.org",
  "https://me@x.org/",
  "mailto:",
])("%j is not a link", (address) => expect(linkTo(address)).toBeNull());

test.each([
  ["https://x.org/shed", "x.org"],
  ["mailto:ana@x.org?subject=hi", "ana@x.org"],
  ["tel:+3112345", "+3112345"],
  ["geo:52.1,4.3", "52.1,4.3"],
  ["https://xn--e1afmkfd.org/", "xn--e1afmkfd.org"],
  ["https://пример.org/", "xn--e1afmkfd.org"],
])("%s says that it leads to %s", (address, place) => expect(linkTo(address)?.place).toBe(place));

test.each([
  ["a *b* c", ["plain:a ", "emphasis:b", "plain: c"]],
  ["**b** and *c*!", ["strong:b", "plain: and ", "emphasis:c", "plain:!"]],
  ["[w](https://x.org)", ["link:w"]],
  ["2*3*4 and a * b * c", ["plain:2*3*4 and a * b * c"]],
  ["*open\nline*", ["plain:*open\nline*"]],
  ["[w](javascript:x)", ["plain:[w](javascript:x)"]],
  ["[[w](https://x.org)", ["plain:[", "link:w"]],
  ["很*好*的", ["plain:很", "emphasis:好", "plain:的"]],
])("%j reads as marked", (text, expected) => {
  expect(segmentsOf(text).map(({ look, shown }) => `${look}:${shown}`)).toEqual(expected);
});

test.each(["*a ", "**a", "[a", "[a](b", "*", "[", "](", "*a\n", "[a](https://x.org "])("many of %j take linear time", (part) => {
  const many = part.repeat(200_000 / part.length);
  expect(bestOf(3, 1_500, () => void segmentsOf(many))).toBeLessThan(1_500); // squared, it would be minutes
});
