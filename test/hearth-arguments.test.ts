/** What a hearth understands on its command line, and what it says it does not. */
import { expect, test } from "vitest";
import { readArguments } from "../src/hearth/arguments.ts";

const NAME = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";
const address = (host: number, name = NAME) => `/ip4/10.0.0.${host}/tcp/8081/ws/p2p/${name}`;
const told = (...addresses: readonly string[]) => readArguments(addresses.flatMap((each) => ["--neighbour", each]));

test("neighbours are addresses that name a peer, each once", () => {
  expect(told()).toMatchObject({ ok: true, value: { neighbours: [] } });
  expect(told(address(1), address(2), address(1))).toMatchObject({ ok: true, value: { neighbours: [address(1), address(2)] } });
});

test.each(["", "hearth.example", "/ip4/10.0.0.1/tcp/8081/ws", "/ip4/10.0.0.1/tcp/22/p2p/12D3KooW"])(
  "%j is no neighbour",
  (word) => {
    const read = told(word);
    expect(read.ok ? null : read.error.reason).toContain("--neighbour");
  },
);

test("eight neighbours are enough", () => {
  const many = Array.from({ length: 9 }, (_, host) => address(host));
  expect([told(...many.slice(1)).ok, told(...many).ok]).toEqual([true, false]);
});
