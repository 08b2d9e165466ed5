/** Some of many, drawn by chance. No wire is in here. */

/** `count` of them, each as likely as any other. */
export function someOf<T>(all: readonly T[], count: number, chance: () => number): readonly T[] {
  const drawn = [...all];
  for (let at = drawn.length - 1; at > 0; at -= 1) {
    const other = Math.floor(chance() * (at + 1));
    // Both indices lie inside the array.
    [drawn[at], drawn[other]] = [drawn[other]!, drawn[at]!];
  }
  return drawn.slice(0, count);
}
