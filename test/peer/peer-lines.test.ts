import { expect, test } from "vitest";
import { createLines } from "../../src/peer/peer-lines.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Jobs that begin when it is their turn, and end when told. */
function jobs() {
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const job = (name: string) => () =>
    new Promise<void>((resolve, reject) => {
      begun.push(name);
      ends.set(name, (error) => (error === undefined ? resolve() : reject(error)));
    });
  return { begun, job, end: (name: string, error?: Error) => ends.get(name)!(error) };
}

test("one at a time for a peer, in order, whatever becomes of those before; other peers do not wait", async () => {
  const { begun, job, end } = jobs();
  const lines = createLines();
  const first = lines.add("ana", "1", job("ana 1")).catch((error: Error) => error.message);
  const second = lines.add("ana", "2", job("ana 2"));
  void lines.add("bo", "1", job("bo 1"));
  await turn();
  expect(begun).toEqual(["ana 1", "bo 1"]);
  end("ana 1", new Error("no"));
  expect(await first).toBe("no");
  await turn();
  expect(begun).toEqual(["ana 1", "bo 1", "ana 2"]);
  end("ana 2");
  await second;
});

test("what waits or runs is not added twice, and may come again afterwards", async () => {
  const { begun, job, end } = jobs();
  const lines = createLines();
  const first = lines.add("ana", "1", job("first"));
  await lines.add("ana", "1", job("twice"));
  await turn();
  end("first");
  await first;
  void lines.add("ana", "1", job("again"));
  await turn();
  expect(begun).toEqual(["first", "again"]);
});
