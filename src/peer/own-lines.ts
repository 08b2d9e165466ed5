/**
 * Own lines: what a person says in one step, as the next envelopes of their feed. Reads a clock and draws nonces; storing is membership.ts.
 *
 *   W1  Nothing is signed that others would read as void: an act that does not fit its shape is an error.
 *   W2  One durable step is one chunk. Nearly all steps are; edits of a long paste are several, and each stands by itself.
 */
import {
  MAX_CHUNK_BYTES,
  MAX_CHUNK_ENVELOPES,
  depsFor,
  err,
  ok,
  unfitIn,
  writeAct,
  writeEdit,
  writeKeys,
  writeTalk,
  type AidAct,
  type Authority,
  type AuthorityAct,
  type CircleKey,
  type Composed,
  type DocumentName,
  type Envelope,
  type EnvelopeId,
  type EpochKey,
  type FeedId,
  type KeyBoxes,
  type Millis,
  type Result,
  type TalkAct,
  type Writer,
  type Written,
} from "../../protocol/index.ts";
import type { World } from "../platform/world.ts";

export type Line =
  /** `before` is the envelope just written in the same step. `needs`: what the act cannot count without. */
  | {
      readonly kind: "act";
      readonly make: (before: EnvelopeId | null) => {
        readonly act: AuthorityAct | AidAct;
        readonly needs: readonly EnvelopeId[];
      };
    }
  /** Said in a circle, under its key. */
  | { readonly kind: "talk"; readonly key: CircleKey; readonly act: TalkAct }
  /** What came out of `composeEdits`. */
  | { readonly kind: "edit"; readonly doc: DocumentName; readonly edit: Composed }
  | { readonly kind: "keys"; readonly make: (place: { readonly feed: FeedId; readonly seq: number }) => KeyBoxes };

/** W1. `at`: the field. */
export interface TooLarge {
  readonly kind: "too-large";
  readonly at: string;
}

export interface Composing {
  readonly key: EpochKey;
  readonly from: Writer;
  readonly authority: Authority;
  readonly world: Pick<World, "now" | "bytes">;
}

export function composeLines(
  lines: readonly Line[],
  { key, from, authority, world }: Composing,
): Result<{ readonly envelopes: readonly Envelope[]; readonly at: Millis }, TooLarge> {
  const envelopes: Envelope[] = [];
  let writer = from;
  const depsNow = (needs: readonly EnvelopeId[]) => depsFor(authority, needs);
  const write = (line: Line, before: EnvelopeId | null): Result<Written, TooLarge> => {
    if (line.kind === "keys") return ok(writeKeys(writer, line.make({ feed: writer.feed, seq: writer.length })));
    const nonce = world.bytes(24);
    if (line.kind === "edit") return ok(writeEdit(writer, key, nonce, world.now(), depsNow([]), { doc: line.doc, ...line.edit }));
    if (line.kind === "talk") {
      const at = unfitIn(line.act);
      return at !== null
        ? err({ kind: "too-large", at })
        : ok(writeTalk(writer, line.key, nonce, world.now(), depsNow([]), line.act));
    }
    const { act, needs } = line.make(before);
    const at = unfitIn(act);
    return at !== null ? err({ kind: "too-large", at }) : ok(writeAct(writer, key, nonce, world.now(), depsNow(needs), act));
  };
  for (const line of lines) {
    const written = write(line, envelopes.at(-1)?.id ?? null);
    if (!written.ok) return written;
    envelopes.push(written.value.envelope);
    writer = written.value.writer;
  }
  return ok({ envelopes, at: writer.lastAt });
}

/** Half of a chunk's bytes, so that what is around the bodies fits too. */
const MAX_RUN_BYTES = MAX_CHUNK_BYTES / 2;

/** W2. */
export function runsOf(envelopes: readonly Envelope[]): readonly (readonly Envelope[])[] {
  const runs: Envelope[][] = [];
  let bytes = 0;
  for (const envelope of envelopes) {
    const run = runs.at(-1);
    bytes += envelope.body.length;
    if (run !== undefined && bytes <= MAX_RUN_BYTES && run.length < MAX_CHUNK_ENVELOPES) run.push(envelope);
    else {
      runs.push([envelope]);
      bytes = envelope.body.length;
    }
  }
  return runs;
}
