/** Skeleton: all that stands in a document, deleted or not, in order, by id; and what it reads. Two replicas with one skeleton will never differ. */
import * as Y from "yjs";
import { areasOf, type DocumentKind } from "../../protocol/documents/kinds.ts";
import { rootOf } from "../../protocol/documents/ground.ts";

export const skeletonOf = (doc: Y.Doc, kind: DocumentKind): string =>
  areasOf(kind)
    .map((area) => {
      const root = rootOf(doc, area);
      return `${area.name}${holding(root as unknown as Y.AbstractType<unknown>)} ${JSON.stringify(sorted(root.toJSON()))}`;
    })
    .join("\n");

/** Keys in order: which came first is not said. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, item]) => [key, sorted(item)]);
}

function holding(type: Y.AbstractType<unknown>): string {
  const keys = [...type._map.keys()].sort().map((key) => {
    let first = type._map.get(key) ?? null;
    while (first !== null && first.left !== null) first = first.left;
    return `${key}=${chain(first)}`;
  });
  return `[${chain(type._start)}]{${keys.join(";")}}`;
}

/** How Yjs has cut or joined items does not show. */
function chain(first: Y.Item | null): string {
  const parts: string[] = [];
  let [client, from, to, deleted] = [-1, 0, 0, false];
  const close = (): void => {
    if (to > from) parts.push(`${client}:${from}-${to}${deleted ? "x" : ""}`);
  };
  for (let item = first; item !== null; item = item.right) {
    const isSame = item.id.client === client && item.id.clock === to && item.deleted === deleted;
    if (!isSame) {
      close();
      [client, from, deleted] = [item.id.client, item.id.clock, item.deleted];
    }
    to = item.id.clock + item.length;
    if (item.content instanceof Y.ContentType)
      parts.push(`(${item.id.clock})${holding(item.content.type as Y.AbstractType<unknown>)}`);
  }
  close();
  return parts.join(",");
}
