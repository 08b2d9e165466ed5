/** A 5 by 5 weave from an id: two dyed threads, and which lies on top at each crossing; mirrored, so it is remembered. */
export interface Weave {
  readonly warp: Dye;
  readonly weft: Dye;
  /** Row by row; true where the warp lies on top. */
  readonly warpOver: readonly (readonly boolean[])[];
}

const DYES = ["moss", "clay", "dusk", "ochre", "plum"] as const;
export type Dye = (typeof DYES)[number];

const SIZE = 5;

export function weaveOf(id: string): Weave {
  const bits = mixed(id);
  const first = bits % DYES.length;
  const second = (first + 1 + (Math.floor(bits / 5) % (DYES.length - 1))) % DYES.length;
  const pattern = mixed(`${id}/pattern`);
  const row = (y: number) =>
    Array.from({ length: SIZE }, (_, x) => ((pattern >>> (y * 3 + Math.min(x, SIZE - 1 - x))) & 1) === 1);
  return { warp: DYES[first] ?? "moss", weft: DYES[second] ?? "clay", warpOver: Array.from({ length: SIZE }, (_, y) => row(y)) };
}

/** FNV-1a, 32 bits, and a last stir: for looks only, nothing is decided by it. */
function mixed(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
