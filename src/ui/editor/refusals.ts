/** Why changes were kept out, as people ask: three reasons for the gate's many rules. */
export type Reason = "notTheirs" | "otherName" | "unsound";

const REASONS: ReadonlyMap<string, Reason> = new Map([
  ["not-yours", "notTheirs"],
  ["delete-not-yours", "notTheirs"],
  ["foreign-author", "otherName"],
  ["second-author", "otherName"],
]);

/** All other rules say that a change does not fit what it claims to change. */
export function reasonsOf(
  refused: readonly { readonly rule: string; readonly times: number }[],
): readonly { readonly reason: Reason; readonly times: number }[] {
  const times = new Map<Reason, number>();
  for (const each of refused) {
    const reason = REASONS.get(each.rule) ?? "unsound";
    times.set(reason, (times.get(reason) ?? 0) + each.times);
  }
  return [...times].map(([reason, count]) => ({ reason, times: count }));
}
