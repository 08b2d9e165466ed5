/**
 * Past: what an author had seen of a document when writing an edit, as clocks: a client's structs below its clock.
 *
 *   A past only grows along a feed. Edits that bring nothing new of others share one table, so that a long solo costs nothing.
 */
export interface Past {
  /** The feed's own client, and how far it had written. */
  readonly client: number;
  readonly own: number;
  readonly others: ReadonlyMap<number, number>;
  /** Something was seen that has fallen (replay.ts R5), so what was seen by way of it is not known here. */
  readonly hasHoles: boolean;
}

export const createPast = (client: number): Past => ({ client, own: 0, others: new Map(), hasHoles: false });

/** How far `client` was seen; 0 for those who were not. */
export const clockIn = (past: Past, client: number): number =>
  client === past.client ? past.own : (past.others.get(client) ?? 0);

export const withHoles = (past: Past): Past => (past.hasHoles ? past : { ...past, hasHoles: true });

export const withOwn = (past: Past, own: number): Past => (own === past.own ? past : { ...past, own });

/** All that either had seen. `other` is the past of another feed. */
export function joinPasts(past: Past, other: Past): Past {
  let others: Map<number, number> | null = null;
  const raise = (client: number, clock: number): void => {
    if (client === past.client || clock <= ((others ?? past.others).get(client) ?? 0)) return;
    others ??= new Map(past.others);
    others.set(client, clock);
  };
  raise(other.client, other.own);
  for (const [client, clock] of other.others) raise(client, clock);
  const joined = others === null ? past : { ...past, others };
  return other.hasHoles ? withHoles(joined) : joined;
}
