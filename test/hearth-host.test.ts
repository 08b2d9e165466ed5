/** A hearth answers to addresses, localhost and its own name, and to no name that a foreign page points at it. */
import { expect, test } from "vitest";
import { isOurs } from "../src/hearth/serve-app.ts";

test.each(["127.0.0.1:8080", "localhost:8080", "localhost", "[::1]:8080", "192.168.1.5", "hearth.lan:80"])(
  "%s is ours",
  (header) => {
    expect(isOurs(header, "hearth.lan")).toBe(true);
  },
);

test.each(["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "", undefined])("%s is not", (header) => {
  expect(isOurs(header, "hearth.lan")).toBe(false);
});
