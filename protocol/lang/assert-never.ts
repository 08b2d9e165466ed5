/** Last arm of every switch over a union: a new variant turns into a compile error here. */
export function assertNever(value: never): never {
  throw new Error(`unreachable variant: ${JSON.stringify(value)}`);
}
