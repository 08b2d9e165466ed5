/** An ask or offer while it is being written. */
import type { Need, PostForm } from "../../../protocol/index.ts";
import type { PostDraft } from "../../peer/kith.ts";
import type { Words } from "../words.ts";
import type { DraftRecord, WhenChoice } from "./drafts.ts";

export class Draft {
  kind = $state<"offer" | "request">("request");
  title = $state("");
  details = $state("");
  needs = $state.raw<readonly Need[]>([]);
  form = $state<PostForm | "unsaid">("unsaid");
  whenChoice = $state<WhenChoice>("any"); // nothing is said for somebody who did not say it
  whenOwn = $state("");
  where = $state("");

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
  }

  get record(): DraftRecord {
    const { kind, title, details, needs, form, whenChoice, whenOwn, where } = this;
    return { kind, title, details, needs, form: form === "unsaid" ? null : form, whenChoice, whenOwn, where };
  }

  get isBlank(): boolean {
    return [this.title, this.details, this.whenOwn, this.where].every((text) => text.trim() === "") && this.needs.length === 0;
  }

  /** Whether there is more than the first lines, so that "say more" opens by itself. */
  get saysMore(): boolean {
    return this.details !== "" || this.where !== "" || this.needs.length > 0 || this.form !== "unsaid";
  }

  /** When is a phrase in the writer's own language. */
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
    };
  }
}
