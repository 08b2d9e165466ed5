/** Guards that stand in the code of documents: with any one line gone, the simulator must fail. Each in a process of its own. */
import { execFile } from "node:child_process";
import { expect, test } from "vitest";
import type { CutName } from "./cuts.ts";

/**
 * A seed in which it is needed, and what must be among the complaints. Whatever draws more or less from chance moves the stories:
 * `npm run sim -- --break GUARD --seeds 40` finds another.
 */
const needed: Readonly<Record<CutName, readonly [seed: number, complaint: RegExp]>> = {
  gate: [2, /what breaks [a-z-]+ in \S+ was let in/],
  adjacency: [6, /what breaks not-adjacent in \S+ was let in/],
  "own-client": [1, /T1: a change in another's name/],
  "cache-unchecked": [7, /after a power cut \S+ of \S+ says something else/],
  views: [1, /words were handed back, and no ground was lost/],
  "lost-ground": [8, /who is honest, was refused/],
  "lost-words": [6, /settled words are nowhere/],
  "own-gate": [21, /who is honest, was refused: not-yours/],
};

interface Told {
  readonly failed: readonly { readonly failures: readonly string[] }[];
}
const told = (name: CutName, seed: number): Promise<Told> =>
  new Promise((resolve, reject) => {
    const args = ["--import", "tsx", "test/simulation/main.ts", "--json", "--once", "--break", name, "--seed", String(seed)];
    execFile(process.execPath, args, { maxBuffer: 2 ** 26 }, (_failed, out, errors) => {
      const line = out.split("\n").find((each) => each.startsWith("{"));
      if (line === undefined) reject(new Error(errors));
      else resolve(JSON.parse(line) as Told); // main.ts wrote it
    });
  });

test.concurrent.each(Object.keys(needed) as CutName[])(
  "without the guard %s people write in vain, and the simulator says so",
  async (name) => {
    const [seed, complaint] = needed[name];
    const { failed } = await told(name, seed);
    expect(failed.flatMap(({ failures }) => failures).join("\n")).toMatch(complaint);
  },
);
