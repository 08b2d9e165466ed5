/** An ask or offer while it is being written. */
import type { Need, PostForm } from "../../../protocol/index.ts";
import type { PostDraft, TermsView } from "../../peer/kith.ts";
import type { Words } from "../words.ts";
import { amountIn } from "./amount.ts";
import { WHEN_CHOICES, type DraftRecord, type WhenChoice } from "./drafts.ts";
import { dayEnd, dayField } from "./moments.ts";

export class Draft {
  kind = $state<"offer" | "request">("request");
  title = $state("");
  details = $state("");
  needs = $state.raw<readonly Need[]>([]);
  form = $state<PostForm | "unsaid">("unsaid");
  whenChoice = $state<WhenChoice>("any"); // nothing is said for somebody who did not say it
  whenOwn = $state("");
  where = $state("");
  quantity = $state("");
  until = $state("");
  /** The day is half typed. It is not kept. */
  isUntilPartial = $state(false);

  constructor(kept: DraftRecord | null, kind: "offer" | "request" | null) {
    this.kind = kind ?? kept?.kind ?? "request";
    if (kept === null) return;
    this.title = kept.title;
    this.details = kept.details;
    this.needs = kept.needs;
    this.form = kept.form ?? "unsaid";
    this.whenChoice = kept.whenChoice;
    this.whenOwn = kept.whenOwn;
    this.where = kept.where;
    this.quantity = kept.quantity;
    this.until = kept.until;
  }

  get record(): DraftRecord {
    const { kind, title, details, needs, form, whenChoice, whenOwn, where, quantity, until } = this;
    return { kind, title, details, needs, form: form === "unsaid" ? null : form, whenChoice, whenOwn, where, quantity, until };
  }

  get isBlank(): boolean {
    const texts = [this.title, this.details, this.whenOwn, this.where, this.quantity, this.until];
    return texts.every((text) => text.trim() === "") && this.needs.length === 0;
  }

  /** Whether there is more than the first lines, so that "say more" opens by itself. */
  get saysMore(): boolean {
    const texts = [this.details, this.where, this.quantity, this.until];
    return texts.some((text) => text !== "") || this.needs.length > 0 || this.form !== "unsaid";
  }

  /** When is a phrase in the writer's own language. A quantity that cannot be read counts as none: ask before. */
  toPost(t: Words["t"]): PostDraft {
    const { record, whenChoice } = this;
    return {
      kind: record.kind,
      title: record.title.trim(),
      details: record.details.trim(),
      needs: record.needs,
      form: record.form,
      when: whenChoice === "own" ? record.whenOwn.trim() : whenChoice === "any" ? "" : t(`when.${whenChoice}`),
      where: record.where.trim(),
      quantity: amountIn(record.quantity) ?? null,
      expires: dayEnd(record.until),
    };
  }
}

/** What stands in a post, to be written anew. */
export function recordOf(post: TermsView & Pick<PostDraft, "kind">, t: Words["t"]): DraftRecord {
  const { kind, title, details, needs, form, when, where, quantity, expires } = post;
  const phrase = WHEN_CHOICES.find((choice) => choice !== "own" && choice !== "any" && t(`when.${choice}`) === when);
  const whenChoice = when === "" ? "any" : (phrase ?? "own");
  return {
    kind,
    title,
    details,
    needs,
    form,
    whenChoice,
    whenOwn: whenChoice === "own" ? when : "",
    where,
    quantity: quantity === null ? "" : String(quantity),
    until: expires === null ? "" : dayField(expires),
  };
}
