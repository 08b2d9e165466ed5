/**
 * What one typed last, when the page goes before it is in the feed: an update of Yjs, put aside at once and taken up when the
 * document is next opened. The page cannot wait for a signature and a disk while it goes.
 *
 *   K1  Taken up after the feed had it all, or twice, it changes nothing.
 *   K2  It comes back through commands, as new edits of one's own: an old update never touches the live document.
 *   K3  Where more was written since under our number, it is let go: its clocks mean something else by now.
 */
import { applyUpdate, decodeStateVector, Doc, encodeStateAsUpdate, encodeStateVector } from "yjs";
import { PROFILE_FACTS } from "../../../protocol/index.ts";
import { factsOf, listBlocks, type Block } from "./blocks.ts";
import { insertBlock, insertText, MAX_UNITS, removeBlock, replaceText, setFact, setKind } from "./commands.ts";
import { inPieces } from "./text-change.ts";

export interface Keepsake {
  readonly client: number;
  readonly upTo: number;
  readonly update: Uint8Array;
}

type Step = (doc: Doc) => void;

const ownClock = (doc: Doc, client: number): number => decodeStateVector(encodeStateVector(doc)).get(client) ?? 0;

/** Everything of our own in a document, and everything that was taken away in it. */
export function keepsakeOf(doc: Doc): Keepsake {
  const { clientID: client } = doc;
  const vector = decodeStateVector(encodeStateVector(doc));
  return { client, upTo: vector.get(client) ?? 0, update: encodeStateAsUpdate(doc, encodeStateVector(vector.set(client, 0))) };
}

/** The edits that bring back what the document lacks of it, each to run by itself, in order. */
export function stepsToTakeUp(live: Doc, { client, upTo, update }: Keepsake): readonly Step[] {
  if (client !== live.clientID || ownClock(live, client) > upTo) return []; // K3
  const then = new Doc({ gc: false });
  try {
    applyUpdate(then, encodeStateAsUpdate(live));
    const [blocks, facts] = [listBlocks(then), factsOf(then)];
    applyUpdate(then, update);
    const said = factsOf(then);
    const changed = PROFILE_FACTS.filter((fact) => said[fact] !== facts[fact]);
    return [
      ...stepsBetween(blocks, listBlocks(then)),
      ...changed.map(
        (fact): Step =>
          (doc) =>
            setFact(doc, fact, said[fact]),
      ),
    ];
  } catch {
    return []; // what was put aside is no update, or not of this document
  } finally {
    then.destroy();
  }
}

function stepsBetween(before: readonly Block[], after: readonly Block[]): readonly Step[] {
  const old = new Map(before.map((block) => [block.id, block]));
  const here = new Set(after.map(({ id }) => id));
  const steps: Step[] = [];
  let above: string | null = null; // moves on while the steps run
  for (const block of after) {
    const was = old.get(block.id);
    if (was === undefined) {
      const [start = "", ...rest] = inPieces(block.text, MAX_UNITS);
      steps.push((doc) => (above = insertBlock(doc, above, block.kind, start)?.block ?? above));
      for (const more of rest) steps.push((doc) => above !== null && insertText(doc, above, Infinity, more));
    } else {
      steps.push((doc) => {
        above = block.id;
        if (was.kind !== block.kind) setKind(doc, block.id, block.kind);
        if (was.text !== block.text) replaceText(doc, block.id, block.text, block.text.length);
      });
    }
  }
  for (const { id } of before) if (!here.has(id)) steps.push((doc) => removeBlock(doc, id));
  return steps;
}
