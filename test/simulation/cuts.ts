/**
 * Guards that can be taken away only where they stand: a line of the code is replaced while it is loaded, in a process of its own
 * (`--break`). With one of them gone, the simulator must fail (broken-guards.test.ts).
 */
import { register } from "node:module";
import type { SeedKind } from "./guards.ts";

export interface Cut {
  readonly says: string;
  /** The kind of seeds in which it is needed. */
  readonly kind: SeedKind;
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

export const cuts = {
  gate: {
    says: "an edit changes only what its author may change",
    kind: "hostile",
    file: "protocol/documents/replay.ts",
    find: "const judged = gate(ground, subject, claim, past, update);\n    if (!judged.ok) return {",
    put: "const judged = gate(ground, subject, claim, past, update);\n    if (!judged.ok && judged.error === 'not-next') return {",
  },
  adjacency: {
    says: "neighbours stood side by side in what the author had seen",
    kind: "hostile",
    file: "protocol/documents/gate.ts",
    find: 'return "not-adjacent";',
    put: "{}",
  },
  "own-client": {
    says: "after what came from the log, one writes under one's own client again",
    kind: "plain",
    file: "src/peer/typing.ts",
    find: "doc.clientID = client;",
    put: "",
  },
  "cache-unchecked": {
    says: "a cache is taken up only when it was made from what the log says now",
    kind: "fork",
    file: "protocol/documents/library.ts",
    find: "if (!isWhole || !read.ground.every((line) => ground.has(line))) return false;",
    put: "",
  },
  views: {
    says: "one edit says one past for all that is typed in it",
    kind: "plain",
    file: "protocol/documents/compose.ts",
    find: "if (view !== null && brought.past.own > view.upTo(client)) return null;",
    put: "",
  },
  "lost-ground": {
    says: "what names a lost branch has lost its ground, and breaks no rule",
    kind: "fork",
    file: "protocol/documents/replay.ts",
    find: "if (edit.seen.some((seen) => seen.seq >= source.forkOf(seen.feed)) || namesLost(update, past)) {",
    put: "if (false) {",
  },
  "lost-words": {
    says: "words under keys that lost their ground are handed back, as letters are",
    kind: "hostile",
    file: "protocol/documents/changes.ts",
    find: ": wordsAmong(content.values)",
    put: ": []",
  },
  "own-gate": {
    says: "what does not pass our own gate is never written",
    kind: "plain",
    file: "src/peer/sheet.ts",
    find: "on.check(self.feed, ...composed.edits) !== null",
    put: "false",
  },
} as const satisfies Record<string, Cut>;

export type CutName = keyof typeof cuts;

/** To be called before any of our code is loaded. */
export function cut(name: CutName): void {
  register(new URL("./cut-loader.mjs", import.meta.url), { data: cuts[name] });
}
