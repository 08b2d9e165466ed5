/** What is wrong with a form, field by field: first what can be seen here, then what Kith answered. */
import type { Words } from "./words.ts";

/** UTF-16 units, as the protocol counts; test/ui/limits.test.ts holds them to its constants. */
export const MOST = {
  name: 60,
  community: 80,
  purpose: 500,
  title: 140,
  details: 2_000,
  when: 120,
  where: 120,
  needs: 3,
  words: 500,
  talk: 2_000,
  quantity: 1_000_000,
} as const;

interface Rule {
  readonly text: string;
  readonly most: number;
  readonly mayBeEmpty?: boolean;
}

interface Answer {
  readonly kind: string;
  readonly field?: string;
  readonly problem?: "empty" | "too-long" | "unreadable" | "out-of-range";
}

export interface Mending<Name extends string> {
  readonly of: Readonly<Record<Name, string | null>>;
  /** A refusal that belongs to none of the fields is not in here: show it by itself. */
  readonly any: boolean;
}

/** Nothing is complained about before the first try. */
export function mendable<Name extends string>(
  t: Words["t"],
  answer: Answer | null,
  tried: boolean,
  rules: Readonly<Record<Name, Rule>>,
): Mending<Name> {
  const problem = (name: string, rule: Rule): string | null => {
    const length = rule.text.trim().length;
    if (tried && length === 0 && !rule.mayBeEmpty) return t("failure.invalid.empty");
    if (length > rule.most) return t("failure.tooLongBy", { count: length - rule.most });
    if (answer?.kind === "invalid" && answer.field === name && answer.problem) return t(`failure.invalid.${answer.problem}`);
    return null;
  };
  const found = Object.entries<Rule>(rules).map(([name, rule]) => [name, problem(name, rule)] as const);
  return {
    // Exactly the names of `rules`.
    of: Object.fromEntries(found) as Record<Name, string | null>,
    any: found.some(([, sentence]) => sentence !== null),
  };
}

/** After the screen has drawn the errors, the first wrong field has the focus. */
export function focusFirstError(form: HTMLElement | undefined): void {
  requestAnimationFrame(() => form?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
}
