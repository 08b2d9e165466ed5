/** One founder's feed of some length, honest, and a second story that parts from it. */
import { chunkOf, cutChunk, joinChunks, linksOf, type Chunk, type Link } from "../../../protocol/feed/chunk.ts";
import type { Envelope } from "../../../protocol/envelope/envelope.ts";
import { createChance, found, say, twinOf, type Group, type Person } from "../../people.ts";

export interface Story {
  readonly group: Group;
  readonly founder: Person;
  readonly envelopes: readonly Envelope[];
}

export function storyOf(seed: number, length: number): Story {
  const chance = createChance(seed);
  const { group, founder, envelopes } = found("Ana", chance);
  const more = Array.from({ length: length - 2 }, (_, n) => offer(founder, group, seed * 1_000 + n));
  return { group, founder, envelopes: [...envelopes, ...more] };
}

export const offer = (person: Person, group: Group, n: number): Envelope =>
  say(person, group, createChance(n), n, [], { kind: "offer", title: `Bread ${n}` });

/** Another story of the same device from `seq` on. */
export function forkedAt(story: Story, seq: number, length: number): readonly Envelope[] {
  const twin = twinOf(story.founder);
  const before = story.envelopes[seq - 1];
  twin.writer = { ...twin.writer, length: seq, head: before?.id ?? null };
  return Array.from({ length }, (_, n) => offer(twin, story.group, 900_000 + n));
}

export const whole = (envelopes: readonly Envelope[]): Chunk => joinChunks(envelopes.map(chunkOf));
export const linked = (story: Story, chunk: Chunk): readonly Link[] => linksOf(story.group.tag, chunk);
export const cut = (story: Story, chunk: Chunk, seq: number): Chunk => cutChunk(chunk, linked(story, chunk), seq);
