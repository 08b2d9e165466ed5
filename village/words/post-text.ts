/** What one post says. `{day}`, `{evening}` and `{place}` are filled in when somebody says it. */
import type { Need, PostForm } from "../../protocol/index.ts";

export interface PostText {
  readonly title: string;
  readonly details?: string;
  readonly needs: readonly Need[];
  readonly form: PostForm;
  readonly when?: string;
  readonly where?: string;
}

export const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;
export const PLACES = [
  "the old mill",
  "Lime Square",
  "Orchard Row",
  "the station",
  "the river path",
  "the allotments",
  "the market hall",
  "Chapel Hill",
] as const;
